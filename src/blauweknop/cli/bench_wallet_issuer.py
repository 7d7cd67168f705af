"""The source of the benchmark that issues to wallets: `blauweknop serve issuer` over two processes, on an exercise scheme of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from secrets import token_bytes
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

from blauweknop.adapters.sessions import new_reference
from blauweknop.adapters.sources.open import open_source
from blauweknop.assembly.issuers import issuer_services, open_parts
from blauweknop.assembly.trust import KeptTrust
from blauweknop.assembly.wallets import wallet_services
from blauweknop.checking.check_received import check_received
from blauweknop.checking.trust import Trust
from blauweknop.cli.bench_servers import HOST, BenchServer, ServerFailed, bench_server, free_port
from blauweknop.cli.bench_wallet_client import WalletOffer
from blauweknop.demo.scheme import DemoScheme, prepare_scheme
from blauweknop.demo.status import published_lists
from blauweknop.document.summary_claims import ClaimValue, claims_of
from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.document import Found, Outcome, Selection
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.login import LoggedIn, Session
from blauweknop.issuer.wallet.configurations import Configuration
from blauweknop.issuer.wallet.offers import offered, other_device
from blauweknop.issuer.wallet.ports import WalletServices

__all__ = ["WORKERS", "WalletSource", "wallet_source"]

WORKERS = 2
_DATASET = "uwv.verzekeringsbericht"
_SOURCE = "uwv"
_PEOPLE = 40
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WalletSource:
    """A source, people of whom it has all that a credential can say, and the right to make offers as its page does."""

    scheme: DemoScheme = field(repr=False)
    services: WalletServices = field(repr=False)
    answers: tuple[tuple[Bsn, Found], ...] = field(repr=False)
    trust: Trust = field(repr=False)

    @property
    def keys(self) -> Path:
        """Of the whole exercise."""
        return self.scheme.folder / "keys"

    def configuration(self, form: CredentialFormat) -> Configuration:
        return offered([_DATASET], form, self.services)[0]

    def claims(self) -> int:
        """How many a credential has."""
        return len(_claims(self.answers[0][1], self.services))

    def offers(self, form: CredentialFormat, count: int, *, instead: Outcome | None = None) -> tuple[WalletOffer, ...]:
        """As the page makes them for somebody who is logged in, with digits to type; `instead` of what the source answered."""
        configuration, now = self.configuration(form), self.services.now
        chosen = (Selection(_DATASET, frozenset(), with_bsn=True),)
        made = []
        for bsn, found in islice(cycle(self.answers), count):
            person = LoggedIn(bsn, AssuranceLevel.SUBSTANTIAL, now)
            session = Session(_SOURCE, person, "nl", chosen, {}, now, now, now + _HOUR, now + _HOUR, bytes(32))
            answer, reference = {_DATASET: instead or found}, new_reference(token_bytes)
            offer = other_device([configuration], session, answer, self.services, now, description="", session_reference=reference)
            (address,) = parse_qs(urlsplit(offer.link).query)["credential_offer_uri"]
            made.append(WalletOffer(address, offer.tx_code))
        return tuple(made)

    def faults(self, credential: str) -> set[str]:
        """What every receiver has against it; who its holder is, shows when it is presented."""
        verdict = check_received(credential.encode("ascii"), trust=self.trust, at=datetime.now(UTC), catalogue=self.scheme.catalogue)
        return {step.reason for step in verdict.facts.steps} - {"ok", "holder_unproved"}

    @contextmanager
    def silent(self) -> Iterator[None]:
        """The system of the source does not answer, so that wallets are told to come back."""
        data = self.scheme.folder / "sources" / f"{_SOURCE}.db"
        away = data.with_suffix(".away")
        data.rename(away)
        try:
            yield
        finally:
            away.rename(data)

    @contextmanager
    def served(self) -> Iterator[BenchServer]:
        """The server, until the end of the block.

        Raises:
            ServerFailed: it does not become ready.
        """
        port = urlsplit(self.services.identifier).port or 0
        with bench_server("issuer", self.scheme.folder, port, WORKERS) as server:
            yield server


@contextmanager
def wallet_source() -> Iterator[WalletSource]:
    """A source that is gone afterwards; nothing is served yet."""
    with TemporaryDirectory() as folder:
        now = datetime.now(UTC)
        scheme = prepare_scheme(Path(folder), f"http://{HOST}:{free_port()}", _PEOPLE, now=now)
        parts = open_parts(scheme.settings)
        issuer = next(services for services in issuer_services(scheme.settings, parts) if services.source.id == _SOURCE)
        services = wallet_services(scheme.settings, issuer, parts)
        if services is None:
            raise ServerFailed("expected an exercise that issues to wallets")
        lists = published_lists(scheme.settings, parts.engine)(now)
        trust = replace(KeptTrust(scheme.settings.scheme, state=scheme.state, fetch=None)(now), status_lists=lists)
        yield WalletSource(scheme, services, _answers(scheme, services), trust)
        parts.engine.dispose()


def _answers(scheme: DemoScheme, services: WalletServices) -> tuple[tuple[Bsn, Found], ...]:
    """Of the people of whom most is known."""
    dataset = scheme.catalogue.dataset(_DATASET)
    system = open_source(scheme.settings.sources[_SOURCE].datasets[_DATASET])
    outcomes = [(person.bsn, system.fetch(person.bsn, dataset, at=services.now)) for person in scheme.people]
    found = [(bsn, _with_number(bsn, outcome)) for bsn, outcome in outcomes if isinstance(outcome, Found)]
    most = max([len(_claims(outcome, services)) for _, outcome in found])
    return tuple((bsn, outcome) for bsn, outcome in found if len(_claims(outcome, services)) == most)


def _with_number(bsn: Bsn, found: Found) -> Found:
    snapshot = found.snapshot
    return Found(replace(snapshot, subject=replace(snapshot.subject, bsn=bsn)))


def _claims(found: Found, services: WalletServices) -> dict[str, ClaimValue]:
    (configuration,) = offered([_DATASET], "dc+sd-jwt", services)
    return claims_of(found.snapshot, configuration.summary, services.wallet_issuer.source, with_bsn=True)
