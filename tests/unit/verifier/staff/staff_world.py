"""Receivers with their staff: the real pages, login and storage, and the exercise provider in place of that of an organisation."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from random import Random
from typing import NoReturn

from cryptography.hazmat.primitives.asymmetric import ec
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from blauweknop.adapters.login import RelyingParty
from blauweknop.adapters.login_attempts import LoginAttempts
from blauweknop.adapters.login_settings import ClientKeys
from blauweknop.adapters.session_cookies import clear_site_data, login_cookie, session_cookie
from blauweknop.adapters.staff_login import OrganisationLogin
from blauweknop.adapters.staff_settings import StaffAgreement
from blauweknop.adapters.verifier_approvals import ApprovalStore
from blauweknop.adapters.verifier_colleagues import ColleagueStore
from blauweknop.adapters.verifier_staff import StaffSessionStore, TaskStore
from blauweknop.adapters.verifier_staff_log import StaffLogStore
from blauweknop.assembly.dossiers import dossier_services
from blauweknop.assembly.staff import staff_routes
from blauweknop.catalogue import load_catalogue
from blauweknop.demo.digid_provider import ExerciseClient, ExercisePerson, ExerciseProvider
from blauweknop.demo.staff_login import staff_login_router
from blauweknop.demo.staff_people import STAFF_GROUPS, client_of, exercise_staff
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.texts import Text
from blauweknop.register.exercise_receivers import EXERCISE_RECEIVERS, exercise_registration, packages_of
from blauweknop.verifier.asking.ports import AskingServices, Receiver, Use
from blauweknop.verifier.links.ports import LinkDesk
from blauweknop.verifier.links.routes import link_desk_router
from blauweknop.verifier.staff.four_eyes import Guarded
from blauweknop.verifier.staff.ports import Role, StaffServices
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.checking import credentials as c
from tests.unit.checking.exercise_documents import NOW
from tests.unit.standards import receivers as r
from tests.unit.verifier.asking.asking_world import ROW_KEY, SITE, AskingWorld

PACKAGE = "huurwoning.vrije_sector.contract"
NUMBERS = {"huur": "1000", "keer": "3"}
ISSUER = f"{SITE}/medewerkers"
ODD = (
    ExercisePerson("zonder-naam", None, "Zonder", Text("x", "x"), {"roles": ["oefen-medewerkers"]}, client_of("huur")),
    ExercisePerson("rare-naam", None, "Raar", Text("x", "x"), {"name": "A\u202eB", "roles": ["oefen-medewerkers"]}, client_of("huur")),
    ExercisePerson("losse-rol", None, "Los", Text("x", "x"), {"name": "Los", "roles": "oefen-medewerkers"}, client_of("huur")),
    ExercisePerson(
        "namens-iemand", None, "N", Text("x", "x"), {"name": "N", "roles": ["oefen-medewerkers"], "represents": "iemand"}, client_of("huur")
    ),
)


@dataclass
class StaffWorld:
    """One application with three receivers, at a moment that a test moves."""

    engine: Engine
    provider: ExerciseProvider
    services: Mapping[str, StaffServices] = field(default_factory=dict)
    application: Litestar | None = None
    now: datetime = NOW
    four_eyes: frozenset[Guarded] = frozenset()

    @classmethod
    @contextmanager
    def running(cls, engine: Engine, *four_eyes: Guarded) -> "Iterator[StaffWorld]":
        keys = {each.id: _keys() for each in EXERCISE_RECEIVERS}
        clients = [
            ExerciseClient.of(
                client_of(each.id),
                each.name,
                signing_key=keys[each.id].signing,
                encryption_key=keys[each.id].decryption[0],
                redirect_uris=[f"{SITE}/{each.id}/inloggen/terug"],
                post_logout_redirect_uris=[f"{SITE}/{each.id}/uitgelogd"],
                logout_uri=f"{SITE}/{each.id}/uitloggen-bij-inlogdienst",
            )
            for each in EXERCISE_RECEIVERS
        ]
        world = cls(engine, None, four_eyes=frozenset(four_eyes))  # type: ignore[arg-type]  # the provider takes its time from the world
        world.provider = ExerciseProvider(ISSUER, (*exercise_staff(), *ODD), clients, clock=lambda: world.now)
        settings = WebSettings(csrf_secret="s" * 32, secure=True, exercise=True)
        with TestClient(web_application([staff_login_router(world.provider, _deaf)], settings), base_url=SITE) as behind:
            world.services = {each.id: world._services(each.id, keys[each.id], _Through(behind)) for each in EXERCISE_RECEIVERS}
            staff = tuple(world.services.values())
            dossiers = dossier_services(staff, engine, ROW_KEY, trust_with=lambda _uri, _now: c.trust())
            desks = [link_desk_router(LinkDesk(each, _no_check, (), (), _no_answer)) for each in staff]
            routes = [*staff_routes(staff, dossiers), *desks, staff_login_router(world.provider, world.tell)]
            world.application = web_application(routes, settings)
            yield world

    @contextmanager
    def browser(self, receiver: str = "huur") -> Iterator["StaffBrowser"]:
        assert self.application is not None
        with TestClient(self.application, base_url=SITE) as client:
            client.follow_redirects = False
            yield StaffBrowser(client, self, receiver)

    def tell(self, address: str, token: str) -> bool:
        """What a provider says to a receiver, without the browser of anybody."""
        assert self.application is not None
        with TestClient(self.application, base_url=SITE) as client:
            return client.post(address, data={"logout_token": token}).status_code == 200

    def later(self, **stretch: float) -> None:
        self.now += timedelta(**stretch)

    def _services(self, receiver: str, keys: ClientKeys, http: "_Through") -> StaffServices:
        asking = _asking(self, receiver)
        agreement = StaffAgreement(
            issuer=ISSUER,
            client_id=client_of(receiver),
            key=Path("unused"),
            decryption_keys=(Path("unused"),),
            acr=AssuranceLevel.SUBSTANTIAL.acr,
            name="de oefening",
            scope="openid profile",
            name_claim="name",
            roles_claim="roles",
            callback_issuer=True,
            roles={said: Role(role) for said, role in STAFF_GROUPS.items()},
        )
        attempts = LoginAttempts(self.engine, ROW_KEY, f"staff-{receiver}", Random(receiver).randbytes)
        party = RelyingParty.open(agreement.login(asking.receiver.address), keys, http=http, attempts=attempts)
        return StaffServices(
            asking=asking,
            login=OrganisationLogin(party, agreement, ROW_KEY, receiver),
            sessions=StaffSessionStore(self.engine, ROW_KEY, receiver),
            tasks=TaskStore(self.engine, receiver),
            colleagues=ColleagueStore(self.engine, ROW_KEY, receiver),
            approvals=ApprovalStore(self.engine, ROW_KEY, receiver),
            log=StaffLogStore(self.engine, ROW_KEY, receiver, asking.receiver.signer),
            four_eyes=self.four_eyes,
            session_cookie=session_cookie(f"staff-{receiver}"),
            login_cookie=login_cookie(f"staff-{receiver}"),
            forget_pages=clear_site_data(shared_origin=True),
            login_starts=10_000,
        )


@dataclass
class StaffBrowser:
    """A browser at the pages of one receiver."""

    client: TestClient[Litestar]
    world: StaffWorld
    receiver: str

    def get(self, path: str) -> Response:
        return self.client.get(f"{SITE}/{self.receiver}{path}")

    def post(self, path: str, **form: str | list[str]) -> Response:
        self.get("/uitgelogd")
        token = self.client.cookies["__Host-bk-form"]
        return self.client.post(f"{SITE}/{self.receiver}{path}", data={**form, "_csrf_token": token})

    def begin(self, place: str = "/verzoeken") -> str:
        """The page of the provider."""
        return str(self.get(f"/inloggen?naar={place}").headers["location"])

    def choose(self, address: str, person: str) -> str:
        """Where the provider sends the browser."""
        page = self.client.get(address).text
        hidden = {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)}
        chosen = self.client.post(f"{ISSUER}/inloggen", data={**hidden, "answer": "go", "person": person})
        return str(chosen.headers.get("location", ""))

    def log_in(self, name: str = "sanne", place: str = "/verzoeken") -> Response:
        person = f"{name}-{self.receiver}" if "-" not in name else name
        return self.client.get(self.choose(self.begin(place), person))

    def ask(self, **more: str | list[str]) -> str:
        """Make a request; its id."""
        made = self.post(f"/verzoeken/nieuw/{PACKAGE}", **{**NUMBERS, **more})
        assert made.status_code == 200, made.text
        token = re.search(rf'id="verzoek" href="{SITE}/{self.receiver}/verzoek/([^"]+)"', made.text)
        assert token is not None
        kept = self.world.services[self.receiver].asking.requests.by_token(token[1], now=self.world.now)
        assert kept is not None
        return kept.id


def _asking(world: StaffWorld, receiver: str) -> AskingServices:
    catalogue = load_catalogue()
    known = next(each for each in EXERCISE_RECEIVERS if each.id == receiver)
    uses = {}
    for package in packages_of(known):
        registration = exercise_registration(known, package, catalogue, status_uri="https://register.example/status", now=NOW)
        uses[package.id] = Use(registration, "")
    made = AskingWorld(world.engine, receiver=receiver).services()
    path = f"/{receiver}"
    own = Receiver(receiver, known.name, path, f"{SITE}{path}", r.RECEIVER.signer(), uses)
    return replace(made, receiver=own, catalogue=catalogue, clock=lambda: world.now)


@dataclass(frozen=True)
class _Answered:
    status: int
    body: bytes


@dataclass(frozen=True)
class _Through:
    """The way to the provider, within the same process."""

    behind: TestClient[Litestar]

    def send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None) -> _Answered:
        answer = self.behind.request(method, url, headers=dict(headers or {}), content=content)
        return _Answered(answer.status_code, answer.content)


def _deaf(address: str, token: str) -> bool:
    return False


def _no_check(data: bytes, at: datetime) -> NoReturn:
    raise AssertionError("no document comes by a link")


def _no_answer(address: str, form: Mapping[str, str]) -> NoReturn:
    raise AssertionError("these receivers take links of nobody")


def _keys() -> ClientKeys:
    return ClientKeys.of(ec.generate_private_key(ec.SECP256R1()), [ec.generate_private_key(ec.SECP256R1())])
