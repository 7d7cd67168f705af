"""One source that issues to wallets, with real keys, sessions and storage; the login and the systems of the source are stand-ins."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import one_transaction
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.wallet_keys import request_key
from blauweknop.adapters.wallet_nonces import TimedNonces
from blauweknop.adapters.wallet_store import WalletReferences, WalletUses
from blauweknop.document.certified import Certifier
from blauweknop.document.wallet_credentials import WalletIssuer
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Outcome
from blauweknop.domain.texts import Language
from blauweknop.issuer.login import LoggedIn, Session
from blauweknop.issuer.page import issuer_portal
from blauweknop.issuer.ports import IssuerServices
from blauweknop.issuer.routes import issuer_router
from blauweknop.issuer.wallet.configurations import configurations_of
from blauweknop.issuer.wallet.offers import MadeOffer, offered, other_device
from blauweknop.issuer.wallet.pages import wallet_pages
from blauweknop.issuer.wallet.ports import Wallet, WalletServices
from blauweknop.issuer.wallet.routes import wallet_routes
from blauweknop.register import exercise_keys
from blauweknop.register.exercise_keys import ExerciseScheme, new_exercise_scheme
from blauweknop.register.exercise_wallets import WALLET_CLIENT_ID, WALLET_NAME, ExerciseWallets, add_wallets
from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.openid4vci.profiles import PROFILES, Profile
from blauweknop.standards.x509 import certificates_from_pem
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.issuer.source_world import ANNA, CATALOGUE, NOON, SOURCE, Browser, World, found, stand_in_certifier, storage
from tests.wallet import TestWallet

__all__ = ["IDENTIFIER", "WalletWorld", "wallet_world"]

IDENTIFIER = "http://duo.example/duo"
_ROW_KEY = RowKey.from_secret(bytes(range(32)))


@dataclass
class WalletWorld:
    """What a test may change before it opens `client`."""

    world: World
    keys: ExerciseScheme
    wallets: ExerciseWallets
    engine: Engine
    profile: Profile = "haip10"
    changes: dict[str, Any] = field(default_factory=dict)
    _certifier: Certifier | None = field(default=None, repr=False)
    _usual: tuple[object, WalletServices, Litestar] | None = field(default=None, repr=False)

    def reset(self) -> None:
        self.world.reset()
        if self._certifier is None:
            self._certifier = replace(stand_in_certifier(), credential_signer=self.keys.credential_signer(SOURCE.id))
        self.world.certifier, self.world.login_starts = self._certifier, 100_000
        self.profile = "haip10"
        self.changes.clear()

    def services(self) -> WalletServices:
        """Making an application costs most, so tests that change nothing share one."""
        issuer = replace(self.world.services(), wallets=True)
        if self.changes or self.profile != "haip10" or self.world.certifier is not self._certifier:
            return self._made(issuer)
        key = (self.world.datasets, self.world.login_starts)
        if self._usual is None or self._usual[0] != key:
            services = self._made(issuer)
            self._usual = key, services, self._application(services)
        return self._usual[1]

    def _made(self, issuer: IssuerServices) -> WalletServices:
        anchors = tuple(certificates_from_pem(self.wallets.anchor.read_bytes()))
        known = Wallet(
            WALLET_CLIENT_ID,
            WALLET_NAME,
            ("https://wallet.blauweknop.example/terug",),
            providers=IssuerTrust(anchors, entitled=lambda _certificate, _kind: True),
        )

        def nonces(use: str) -> TimedNonces:
            return TimedNonces(_ROW_KEY, f"duo|{use}", timedelta(minutes=5))

        place = issuer.certifier.status_place
        assert place is not None
        values: dict[str, Any] = {
            "issuer": issuer,
            "identifier": IDENTIFIER,
            "configurations": configurations_of(CATALOGUE.summaries[dataset.id] for dataset in issuer.datasets),
            "wallets": {known.client_id: known},
            "profile": self.profile,
            "rules": PROFILES[self.profile],
            "wallet_issuer": WalletIssuer(SOURCE, IDENTIFIER, issuer.certifier.credential_signer, issuer.certifier.random_bytes),
            "status_place": place,
            "references": WalletReferences(self.engine, _ROW_KEY, "duo"),
            "used": WalletUses(self.engine),
            "together": lambda: one_transaction(self.engine),
            "proof_nonces": nonces("proof"),
            "dpop_nonces": nonces("dpop"),
            "challenges": nonces("challenge"),
            "request_key": request_key(_ROW_KEY, "duo"),
            "calls_a_minute": 1_000_000,
        }
        return WalletServices(**(values | self.changes))

    def application(self, services: WalletServices) -> Litestar:
        return self._usual[2] if self._usual is not None and services is self._usual[1] else self._application(services)

    def _application(self, services: WalletServices) -> Litestar:
        settings = WebSettings(csrf_secret="s" * 40, secure=False, exercise=True, login_origins=("https://login.example",))
        return web_application(
            [issuer_router(services.issuer), *wallet_routes(services), wallet_pages(services)],
            settings,
            portals=(issuer_portal(services.issuer),),
        )

    def client(self, services: WalletServices) -> TestClient[Any]:
        return TestClient(self.application(services), base_url="http://duo.example", raise_server_exceptions=False)

    def browser(self, services: WalletServices) -> Browser:
        return Browser(self.client(services))

    def wallet(self, services: WalletServices, **changes: Any) -> TestWallet:
        values: dict[str, Any] = {"provider": self.wallets.provider(), "now": lambda: self.world.now}
        return TestWallet(self.client(services), IDENTIFIER, **(values | changes))

    def session(self, person: LoggedIn = ANNA) -> Session:
        """Of somebody who logs in now and chose nothing yet."""
        language: Language = "nl"
        now, hour = self.world.now, timedelta(hours=1)
        return Session("duo", person, language, (), {}, now, now, now + hour, now + hour, b"x" * 32)

    def offer(
        self, services: WalletServices, *datasets: Dataset, form: Any = "dc+sd-jwt", session: Session | None = None, **outcomes: Outcome
    ) -> MadeOffer:
        """What the page makes for a wallet on another device."""
        known = {dataset.id: found(dataset) for dataset in datasets}
        chosen = offered([dataset.id for dataset in datasets], form, services)
        answers = {**known, **{name.replace("__", "."): outcome for name, outcome in outcomes.items()}}
        return other_device(
            chosen, session or self.session(), answers, services, self.world.now, description="zes cijfers", session_reference="r" * 43
        )


@contextmanager
def wallet_world(folder: Path) -> Iterator[WalletWorld]:
    holder = exercise_keys.KeyHolder(SOURCE.oin, SOURCE.legal_name, "NTRNL-90000001", SOURCE.id)
    keys = new_exercise_scheme(folder / "keys", [holder], now=NOON - timedelta(days=1))
    wallets = add_wallets(folder / "keys", now=NOON - timedelta(days=1))
    with storage(folder) as engine:
        made = WalletWorld(World(engine), keys, wallets, engine)
        made.reset()
        yield made
