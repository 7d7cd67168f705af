"""Sources of the exercise that issue to wallets which are not ours: they run in this process, so that a test can see what is offered."""

import re
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.settings import load_settings
from blauweknop.assembly.issuers import SharedParts, issuer_services, open_parts
from blauweknop.assembly.wallets import wallet_services
from blauweknop.cli.configuration import FILE_NAME
from blauweknop.demo.application import demo_application
from blauweknop.demo.browser import Browser
from blauweknop.demo.scheme import DemoScheme, prepare_scheme
from blauweknop.document.summary_claims import ClaimValue, claims_of
from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.domain.dataset import AssuranceLevel, Dataset
from blauweknop.domain.document import Found, Outcome, Selection, Snapshot
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.login import LoggedIn, Session
from blauweknop.issuer.page import issuer_portal
from blauweknop.issuer.routes import issuer_router
from blauweknop.issuer.wallet.configurations import FORMATS
from blauweknop.issuer.wallet.offers import MadeOffer, here, offered, other_device
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.issuer.wallet.routes import wallet_routes
from blauweknop.register.exercise_keys import open_exercise_scheme
from blauweknop.register.exercise_wallets import ExerciseWallets
from blauweknop.standards.signing import Signer
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.serving import address_of, any_port, serving
from tests.unit.catalogue.samples import sample_snapshot
from tests.unit.checking.exercise_documents import BSN

__all__ = ["CREDO", "OPENID4VC", "SLOW", "SlowSystem", "WalletScheme", "running_slow_source", "running_wallet_scheme"]

OPENID4VC = "https://openid4vc.wallet.example"
CREDO = "https://credo.wallet.example"
"""The names of the two wallets in requests."""
SLOW = "duo.studieschuld"
"""The data set that the slow source has."""
_PEOPLE = 20
_SILENT_SECONDS = 30
_DIGITS = re.compile(r'<span class="for-ears">((?:[0-9], ){5}[0-9])</span>')
_LINK = re.compile(r"<code>([a-z-]+://[^<]+)</code>")
_KNOWN = """
[wallets.known.openid4vc]
name = "@openid4vc"
client_id = "{openid4vc}"
redirect_uris = ["{base_url}/wallet/openid4vc"]
providers = ["keys/wallets/authority.pem"]

[wallets.known.credo]
name = "Credo"
client_id = "{credo}"
redirect_uris = ["{base_url}/wallet/credo"]
providers = ["keys/wallets/authority.pem"]
challenges = false
"""


@dataclass
class SlowSystem:
    """The system of a source that gives its answer when the test says so."""

    answer: Outcome = field(repr=False)
    released: threading.Event = field(default_factory=threading.Event)

    def fetch(self, bsn: Bsn, dataset: Dataset, *, at: datetime) -> Outcome:
        self.released.wait(_SILENT_SECONDS)
        return self.answer


@dataclass(frozen=True)
class WalletScheme:
    """What a test needs of the running sources."""

    base_url: str
    root: str
    """The certificate of the root, in PEM."""
    maker: Signer = field(repr=False)
    """Vouches for wallets."""
    sources: Mapping[str, WalletServices] = field(repr=False)
    scheme: DemoScheme = field(repr=False)

    def redirect_uri(self, client_id: str) -> str:
        return f"{self.base_url}/wallet/{'credo' if client_id == CREDO else 'openid4vc'}"

    def source_of(self, dataset_id: str) -> WalletServices:
        """The first source that has it."""
        return next(
            source for source in self.sources.values() if dataset_id in {item.dataset.id for item in source.configurations.values()}
        )

    def said(self, dataset_id: str) -> dict[str, ClaimValue]:
        """What a credential of `offer_elsewhere` must say."""
        source = self.source_of(dataset_id)
        summary = next(item.summary for item in source.configurations.values() if item.dataset.id == dataset_id)
        return claims_of(_of_somebody(summary.dataset), summary, source.issuer.source, with_bsn=True)

    def offer_elsewhere(self, source: WalletServices, dataset_ids: Collection[str], form: CredentialFormat) -> MadeOffer:
        """What the page of a source makes for a wallet on another device, for somebody of whom there is everything."""
        chosen = offered([*dataset_ids], form, source)
        known: dict[str, Outcome] = {item.dataset.id: Found(_of_somebody(item.dataset)) for item in chosen}
        return other_device(
            chosen, _session(source, dataset_ids), known, source, datetime.now(UTC), description="zes cijfers", session_reference="r" * 43
        )

    def offer_unasked(self, source: WalletServices, dataset_id: str, form: CredentialFormat) -> MadeOffer:
        """The same, when the system of the source did not answer yet."""
        return other_device(
            offered([dataset_id], form, source),
            _session(source, ()),
            {},
            source,
            datetime.now(UTC),
            description="zes cijfers",
            session_reference="r" * 43,
        )

    def consent(self, address: str, dataset_id: str) -> str:
        """What somebody who has this does in the browser: log in, read, agree; the address that leads back to the wallet."""
        browser = Browser(self.base_url)
        try:
            login = browser.open(address)
            person = {"person": [self._somebody_with(dataset_id)], "level": ["substantial"], "answer": ["go"]}
            question = browser.submit(login, login.form_to("/inloggen"), person)
            return browser.submit(question, question.form_to("/wallet/toestemming"), {"answer": ["agree"]}).address
        finally:
            browser.close()

    def put_ready(self, dataset_id: str, form: CredentialFormat) -> MadeOffer:
        """What somebody who has this reads on the page of the source, after the choice and the preview, for a wallet on another device."""
        path = self.source_of(dataset_id).issuer.path
        browser = Browser(self.base_url)
        try:
            login = browser.open(f"{path}/inloggen")
            person = {"person": [self._somebody_with(dataset_id)], "level": ["substantial"], "answer": ["go"]}
            choices = browser.submit(login, login.form_to("/inloggen"), person)
            preview = browser.submit(choices, choices.form_to("/kiezen"), {"dataset": [dataset_id]})
            button = replace(preview.form_to("/download"), action=f"{path}/wallet")
            page = browser.submit(preview, button, {"format": [next(word for word, name in FORMATS.items() if name == form)]})
        finally:
            browser.close()
        shown = unescape(page.body.decode())
        digits, link = _DIGITS.search(shown), _LINK.search(shown)
        assert digits is not None
        assert link is not None
        return MadeOffer(link[1], datetime.now(UTC), digits[1].replace(", ", ""))

    def offer_here(self, source: WalletServices, dataset_ids: Collection[str], form: CredentialFormat) -> MadeOffer:
        """What the page makes for a wallet on the same device."""
        return here(offered([*dataset_ids], form, source), source, datetime.now(UTC))

    def _somebody_with(self, dataset_id: str) -> str:
        """The id of the first person of whom there are data, at the exercise login."""
        system, dataset = self.source_of(dataset_id).issuer.systems[dataset_id], self.scheme.catalogue.dataset(dataset_id)
        found = (p.id for p in self.scheme.people if isinstance(system.fetch(p.bsn, dataset, at=datetime.now(UTC)), Found))
        return next(found)


@contextmanager
def running_wallet_scheme(folder: Path) -> Iterator[WalletScheme]:
    """The five sources with their pages and the exercise login."""
    listener = any_port()
    base_url = address_of(listener)
    scheme = _prepared(folder, base_url)
    parts = open_parts(scheme.settings)
    made = [wallet_services(scheme.settings, service, parts) for service in issuer_services(scheme.settings, parts)]
    with serving(demo_application(scheme), listener):
        yield _known(scheme, base_url, [source for source in made if source is not None])
    _close(parts)


@contextmanager
def running_slow_source(folder: Path) -> Iterator[tuple[WalletScheme, SlowSystem]]:
    """One source whose system takes longer than a wallet waits."""
    listener = any_port()
    base_url = address_of(listener)
    scheme = _prepared(folder, base_url)
    parts = open_parts(scheme.settings)
    slow = SlowSystem(Found(_of_somebody(scheme.catalogue.dataset(SLOW))))
    issuer = replace(issuer_services(scheme.settings, parts)[0], wait_seconds=0.1)
    issuer = replace(issuer, systems={**issuer.systems, SLOW: slow})
    source = wallet_services(scheme.settings, issuer, parts)
    assert source is not None
    settings = WebSettings(csrf_secret="s" * 40, secure=False, exercise=True)
    application = web_application([issuer_router(issuer), *wallet_routes(source)], settings, portals=(issuer_portal(issuer),))
    with serving(application, listener):
        yield _known(scheme, base_url, [source]), slow
    _close(parts)


def _prepared(folder: Path, base_url: str) -> DemoScheme:
    scheme = prepare_scheme(folder, base_url, _PEOPLE, now=datetime.now(UTC))
    with (scheme.folder / FILE_NAME).open("a", encoding="utf-8") as settings:
        settings.write(_KNOWN.format(base_url=base_url, openid4vc=OPENID4VC, credo=CREDO))
    return replace(scheme, settings=load_settings(scheme.folder / FILE_NAME))


def _known(scheme: DemoScheme, base_url: str, sources: list[WalletServices]) -> WalletScheme:
    keys = scheme.folder / "keys"
    root = open_exercise_scheme(keys).authorities()[0].public_bytes(Encoding.PEM).decode("ascii")
    maker = ExerciseWallets(keys / "wallets").provider()
    return WalletScheme(base_url, root, maker, {source.issuer.source.id: source for source in sources}, scheme)


def _close(parts: SharedParts) -> None:
    parts.pool.shutdown(cancel_futures=True)
    parts.engine.dispose()


def _of_somebody(dataset: Dataset) -> Snapshot:
    given = sample_snapshot(dataset)
    return replace(given, subject=replace(given.subject, bsn=Bsn.parse(BSN)))


def _session(source: WalletServices, with_bsn: Collection[str]) -> Session:
    now, hour = datetime.now(UTC), timedelta(hours=1)
    person = LoggedIn(Bsn.parse(BSN), AssuranceLevel.SUBSTANTIAL, now)
    chosen = tuple(Selection(dataset_id, frozenset(), with_bsn=True) for dataset_id in with_bsn)
    return Session(source.issuer.source.id, person, "nl", chosen, {}, now, now, now + hour, now + hour, b"x" * 32)
