"""Our receiver of the exercise, registered for every data set in both formats, for wallets that are not ours to present to."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.database import one_transaction, open_database, upgrade
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.session_cookies import session_cookie
from blauweknop.adapters.verifier_answers import VerifierAnswers
from blauweknop.adapters.verifier_households import HouseholdStore
from blauweknop.adapters.verifier_requests import RequestStore, TransactionStore
from blauweknop.adapters.verifier_sharings import VerifierSharings
from blauweknop.checking.trust import Trust
from blauweknop.demo.checking import demo_trust
from blauweknop.demo.status import published_lists
from blauweknop.document.type_metadata import vct_of
from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.register.exercise_receiver_keys import ExerciseReceivers, open_receivers
from blauweknop.register.receivers import register_receiver
from blauweknop.standards.dcql import ClaimQuery, CredentialQuery, DcqlQuery
from blauweknop.standards.dcql import Path as ClaimPath
from blauweknop.standards.registration import RegisteredCredential, read_own_registration
from blauweknop.verifier.asking.answers import CheckedItem
from blauweknop.verifier.asking.ports import AskingServices, Receiver, Use
from blauweknop.verifier.asking.questions import AskedItem, Question
from blauweknop.verifier.asking.requesting import make_request
from blauweknop.verifier.asking.routes import asking_routes
from blauweknop.verifier.asking.transactions import begin, wallet_link
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.interop.wallet_scheme import WalletScheme
from tests.serving import address_of, any_port, serving

__all__ = ["OurReceiver", "our_receiver", "receivers_authority", "said_by"]

_USE = "interop"
_ID = "schuldhulp"


@dataclass(frozen=True)
class OurReceiver:
    """What it asks, and what came of it."""

    services: AskingServices = field(repr=False)

    def ask(self, dataset_id: str, form: CredentialFormat, claims: Sequence[str]) -> tuple[str, str]:
        """The link for a wallet on this device, and the session of the browser that began."""
        dataset = self.services.catalogue.dataset(dataset_id)
        types, paths = _asked(self.services, dataset_id, form, claims)
        query = DcqlQuery((CredentialQuery("gevraagd", form, types, tuple(map(ClaimQuery, paths))),))
        question = Question(_USE, (AskedItem("gevraagd", dataset.title, dataset.title, (dataset_id,)),), query)
        _, request = make_request(question, self.services)
        session = secrets.token_urlsafe(32)
        state, _ = begin(request, session, self.services, elsewhere=False)
        return wallet_link(state, self.services, "haip-vp://"), session

    def come_back(self, address: str, session: str) -> None:
        """What the browser does that began."""
        httpx.get(address, cookies={self.services.session_cookie.name: session}, timeout=30)

    def last(self) -> CheckedItem | None:
        """What the last request brought."""
        (request,) = self.services.requests.newest(most=1)
        kept = self.services.answers.of_request(request.id)
        return kept.answer.items[0] if kept is not None else None


@contextmanager
def our_receiver(scheme: WalletScheme, folder: Path) -> Iterator[OurReceiver]:
    """The receiver at an address of its own."""
    engine = open_database(f"sqlite:///{folder / 'ontvanger.db'}")
    upgrade(engine)
    key = RowKey.from_secret(secrets.token_bytes(32))
    sources = open_database(scheme.scheme.settings.storage.url)
    lists, trusted = published_lists(scheme.scheme.settings, sources), demo_trust(scheme.scheme)

    def trust(at: datetime) -> Trust:
        return replace(trusted, status_lists=lists(at))

    listener = any_port()
    services = AskingServices(
        receiver=_receiver(scheme, address_of(listener)),
        catalogue=scheme.scheme.catalogue,
        requests=RequestStore(engine, key, _ID),
        transactions=TransactionStore(engine, key, _ID),
        answers=VerifierAnswers(engine, key, _ID),
        sharings=VerifierSharings(engine, key, _ID),
        households=HouseholdStore(engine, key, _ID),
        together=lambda: one_transaction(engine),
        judge=lambda look, at: look(trust(at)),
        clock=lambda: datetime.now(UTC),
        random=secrets.token_bytes,
        session_cookie=session_cookie("verzoek", secure=False),
        holder_address="https://mijn.example/mijn/delen",
        calls_a_minute=100_000,
    )
    settings = WebSettings(csrf_secret="s" * 40, secure=False, exercise=True)
    with serving(web_application(asking_routes(services), settings), listener):
        yield OurReceiver(services)
    engine.dispose()
    sources.dispose()


def receivers_authority(scheme: WalletScheme) -> str:
    """Who issues the access certificates of the exercise, in PEM."""
    return _receivers(scheme).authority().public_bytes(Encoding.PEM).decode("ascii")


def _receivers(scheme: WalletScheme) -> ExerciseReceivers:
    found = open_receivers(scheme.scheme.folder / "keys")
    assert found is not None
    return found


def _receiver(scheme: WalletScheme, address: str) -> Receiver:
    receivers = _receivers(scheme)
    summaries = scheme.scheme.catalogue.summaries.values()
    credentials: list[RegisteredCredential] = []
    for summary in summaries:
        names = [claim.name for claim in summary.claims]
        doctype = summary.dataset.doctype
        credentials.append(RegisteredCredential("dc+sd-jwt", (vct_of(summary.dataset),), tuple((name,) for name in names)))
        credentials.append(RegisteredCredential("mso_mdoc", (doctype,), tuple((doctype, name) for name in names)))
    usual = read_own_registration(receivers.registration(_ID))
    registration = replace(usual, credentials=tuple(credentials), intended_use=_USE, bsn_law="Wabb artikel 10")
    use = Use(registration, register_receiver(registration, receivers.registrar()))
    return Receiver(_ID, usual.name, "/ontvanger", f"{address}/ontvanger", receivers.access(_ID), {_USE: use})


def _asked(
    services: AskingServices, dataset_id: str, form: CredentialFormat, claims: Sequence[str]
) -> tuple[tuple[str, ...], Sequence[ClaimPath]]:
    dataset = services.catalogue.dataset(dataset_id)
    if form == "mso_mdoc":
        return (dataset.doctype,), [(dataset.doctype, name) for name in claims]
    return (vct_of(dataset),), [(name,) for name in claims]


def said_by(item: CheckedItem, form: CredentialFormat) -> Mapping[str, object]:
    """What it says, without its namespace."""
    if form == "mso_mdoc":
        (claims,) = item.claims.values()
        assert isinstance(claims, dict)
        return claims
    return item.claims
