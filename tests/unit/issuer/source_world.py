"""One source with a stand-in for everything outside it, and a visitor with a browser; sessions are the real ones, in SQLite."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from httpx import Response
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.session_cookies import clear_site_data, login_cookie, session_cookie
from blauweknop.adapters.sessions import SessionStore
from blauweknop.catalogue import load_catalogue
from blauweknop.document.certified import Certifier
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.dataset import AssuranceLevel, Dataset
from blauweknop.domain.document import Found, Outcome, Snapshot, SourceIdentity
from blauweknop.domain.identifiers import Bsn, Oin
from blauweknop.issuer.login import LoggedIn, LoginCompleted, LoginProblem, LoginProblemCode, LoginStarted, LogoutNotice
from blauweknop.issuer.page import issuer_portal
from blauweknop.issuer.ports import IssuerServices
from blauweknop.issuer.routes import issuer_router
from blauweknop.issuer.status_lists import ListToken
from blauweknop.issuer.withdrawn import WithdrawnItem
from blauweknop.standards.signing import key_signer
from blauweknop.standards.status_list import StatusReference
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.databases import with_tables
from tests.unit.document.content_samples import snapshot_of
from tests.unit.document.pdf_samples import CMS_SIZE, stand_in_seal

__all__ = [
    "ANNA",
    "BERT",
    "CATALOGUE",
    "CHECK_URL",
    "DEBT",
    "GRANT",
    "JOBS",
    "LIST_URI",
    "LOW_ANNA",
    "NOON",
    "SOURCE",
    "Browser",
    "StandInLogin",
    "StandInSystem",
    "World",
    "changed",
    "found",
    "storage",
    "words",
]

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SOURCE = SourceIdentity("duo", "duo", Oin("00000099000000001000"), "DUO", "Dienst Uitvoering Onderwijs")
ANNA = LoggedIn(Bsn.parse("999990019"), AssuranceLevel.SUBSTANTIAL, NOON, subject="anna")
LOW_ANNA = replace(ANNA, level=AssuranceLevel.LOW)
BERT = LoggedIn(Bsn.parse("999992016"), AssuranceLevel.SUBSTANTIAL, NOON, subject="bert")
CATALOGUE = load_catalogue()
DEBT = CATALOGUE.dataset("duo.studieschuld")  # level low, no period
GRANT = CATALOGUE.dataset("duo.studiefinanciering")  # level substantial, no period
JOBS = CATALOGUE.dataset("uwv.verzekeringsbericht")  # level substantial, with a period
CHECK_URL = "https://controle.example/controle"
_ALL = (DEBT, GRANT, JOBS)
LIST_URI = "https://duo.example/duo/statuslists/bcd"
_NUMBERS = count(1)
_PLACES = count(4711)
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
_VIEW = re.compile(r'name="view" value="([^"]+)"')


def found(dataset: Dataset, **subject: str) -> Found:
    """A whole answer; `subject` changes the names."""
    snapshot = snapshot_of(dataset, "full")
    person = snapshot.subject
    named = replace(
        person, given_name=subject.get("given_name", person.given_name), family_name=subject.get("family_name", person.family_name)
    )
    return Found(replace(snapshot, subject=named, reference_moment=NOON))


def changed(outcome: Found, **values: Any) -> Found:
    """The same answer with other values at the top of the data."""
    snapshot = outcome.snapshot
    return Found(Snapshot(snapshot.dataset_id, snapshot.subject, {**snapshot.data, **values}, snapshot.reference_moment))


@contextmanager
def storage(folder: Path) -> Iterator[Engine]:
    engine = with_tables(f"sqlite:///{folder / 'sessions.sqlite'}")
    yield engine
    engine.dispose()


@cache
def stand_in_certifier() -> Certifier:
    return Certifier(
        source=SOURCE,
        issuer_url="https://duo.example",
        accent="#0b4a8f",
        check_url=CHECK_URL,
        exercise=True,
        typesetter=Typesetter(),
        shapes=None,
        seal=stand_in_seal,
        seal_size=CMS_SIZE,
        credential_signer=key_signer(ec.derive_private_key(7, ec.SECP256R1()), b"certificate"),
        random_bytes=Random(7).randbytes,
        status_place=lambda _: StatusReference(next(_PLACES), LIST_URI),
    )


@dataclass(frozen=True)
class StandInNotice:
    provider_session: str | None
    subject: str | None


@dataclass
class StandInLogin:
    """Lets in whoever `person` is, or says `problem`; remembers what was asked."""

    name: str = "oefen-DigiD"
    address: str = "https://login.example/start"
    person: LoggedIn = ANNA
    problem: LoginProblemCode | None = None
    refuses_to_start: LoginProblemCode | None = None
    asked: list[tuple[AssuranceLevel, str, bool]] = field(default_factory=list)

    def begin(self, level: AssuranceLevel, *, return_to: str, now: datetime, afresh: bool = False) -> LoginStarted | LoginProblem:
        if self.refuses_to_start:
            return LoginProblem(self.refuses_to_start)
        self.asked.append((level, return_to, afresh))
        return LoginStarted(self.address, f"attempt-{len(self.asked)}")

    def complete(self, callback: Mapping[str, str], *, browser_reference: str | None, now: datetime) -> LoginCompleted | LoginProblem:
        if self.problem:
            return LoginProblem(self.problem)
        if browser_reference != f"attempt-{len(self.asked)}":
            return LoginProblem(LoginProblemCode.OTHER_BROWSER)
        return LoginCompleted(replace(self.person, authenticated_at=now), self.asked[-1][1])

    def logout_address(self, person: LoggedIn, *, now: datetime) -> str | None:
        return "https://login.example/end"

    def logout_notice(self, form: Mapping[str, str], *, now: datetime) -> LogoutNotice | LoginProblem:
        if form.get("logout_token") != "good":
            return LoginProblem(LoginProblemCode.LOGOUT_NOTICE)
        return StandInNotice(None, self.person.subject)


@dataclass
class StandInSystem:
    """Answers what `answers` says at that moment; an exception is raised, a callable is called."""

    answers: Mapping[str, Outcome | Exception | Callable[[], Outcome]]
    asked: list[str]

    def fetch(self, bsn: Bsn, dataset: Dataset, *, at: datetime) -> Outcome:
        self.asked.append(dataset.id)
        answer = self.answers[dataset.id]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer


@dataclass
class StandInRecords:
    issued: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)

    def document_issued(self, document_id: str, **facts: object) -> None:
        self.issued.append({"document_id": document_id, **facts})

    def credentials_issued(self, places: Sequence[StatusReference | None], **facts: object) -> None:
        self.issued.extend({"place": place, **facts} for place in places)

    def event(self, **facts: object) -> None:
        self.events.append(facts)


@dataclass
class StandInWithdrawn:
    """What was withdrawn, by person; remembers since when it was asked for."""

    items: dict[Bsn, list[WithdrawnItem]] = field(default_factory=dict)
    asked_since: list[datetime] = field(default_factory=list)

    def withdrawn_for(self, person: Bsn, dataset_ids: Sequence[str], *, since: datetime) -> Sequence[WithdrawnItem]:
        self.asked_since.append(since)
        return [item for item in self.items.get(person, []) if item.dataset_id in dataset_ids]


@dataclass
class World:
    """Everything a test may change while the source serves. Making the pages costs most, so tests share a world and `reset` it."""

    engine: Engine
    datasets: tuple[Dataset, ...] = ()
    now: datetime = NOON
    login: StandInLogin = field(default_factory=StandInLogin)
    answers: dict[str, Outcome | Exception | Callable[[], Outcome]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    login_starts: int = 100_000
    records: StandInRecords = field(default_factory=StandInRecords)
    withdrawn: StandInWithdrawn = field(default_factory=StandInWithdrawn)
    certifier: Certifier = field(default_factory=stand_in_certifier)
    lists: dict[str, ListToken] = field(default_factory=dict)
    _applications: list[tuple[tuple[Dataset, ...], Certifier, Any]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As it was in the beginning: Anna may log in at noon, and the source knows everything."""
        self.datasets, self.now, self.certifier = _ALL, NOON, stand_in_certifier()
        vars(self.login).update(vars(StandInLogin()))
        vars(self.records).update(vars(StandInRecords()))
        vars(self.withdrawn).update(vars(StandInWithdrawn()))
        self.asked.clear()
        self.lists.clear()
        self.answers.clear()
        self.answers.update({dataset.id: found(dataset) for dataset in self.datasets})

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def services(self) -> IssuerServices:
        system = StandInSystem(self.answers, self.asked)
        return IssuerServices(
            source=SOURCE,
            path="/duo",
            colour="#0b4a8f",
            datasets=self.datasets,
            systems=dict.fromkeys((dataset.id for dataset in self.datasets), system),
            login=self.login,
            sessions=SessionStore(self.engine, RowKey.from_secret(bytes(range(32))), source="duo"),
            certifier=self.certifier,
            records=self.records,
            withdrawn=self.withdrawn,
            now=lambda: self.now,
            random_id=lambda: f"{next(_NUMBERS):032x}",
            check_url=CHECK_URL,
            correction_url="https://duo.example/duo/klopt-niet",
            session_cookie=session_cookie("duo", secure=False),
            login_cookie=login_cookie("duo", secure=False),
            forget_pages=clear_site_data(shared_origin=True),
            status_list=self.lists.get,
            pool=ThreadPoolExecutor(4),
            wait_seconds=5.0,
            login_starts=self.login_starts,
        )

    def application(self) -> Any:
        services = self.services()
        settings = WebSettings(csrf_secret="s" * 40, secure=False, exercise=True, login_origins=("https://login.example",))
        return web_application([issuer_router(services)], settings, portals=(issuer_portal(services),))

    def browser(self) -> "Browser":
        kept = next((made for datasets, seals, made in self._applications if datasets is self.datasets and seals is self.certifier), None)
        if kept is None:
            kept = self.application()
            self._applications.append((self.datasets, self.certifier, kept))
        return Browser(TestClient(kept, base_url="http://duo.example", raise_server_exceptions=False))


@dataclass
class Browser:
    """A visitor who follows no redirects, so that a test sees each."""

    client: TestClient[Any]

    def open(self, path: str, **headers: str) -> Response:
        return self.client.get(f"/duo{path}", headers=headers, follow_redirects=False)

    def send(self, path: str, fields: Mapping[str, str | list[str]] | None = None, *, page: str = "/kiezen") -> Response:
        """Send a form with the token that a page gave."""
        token = _TOKEN.search(self.open(page).text)
        data: dict[str, Any] = {"_csrf_token": token[1] if token else "", **(fields or {})}
        return self.client.post(f"/duo{path}", data=data, follow_redirects=False)

    def log_in(self) -> Response:
        self.open("/inloggen")
        return self.open("/terug?code=x&state=y")

    def choose(self, *datasets: Dataset, **fields: str | list[str]) -> Response:
        """Tick these data sets with the parts that are proposed."""
        parts: dict[str, str | list[str]] = {
            f"part.{dataset.id}": [part.id for part in dataset.parts if part.required or part.preselected] for dataset in datasets
        }
        return self.send("/kiezen", {"dataset": [dataset.id for dataset in datasets], "bsn": "without", **parts, **fields})

    def look(self) -> str:
        return self.open("/bekijken").text

    def download(self, page: str | None = None) -> Response:
        """Press the button on the preview that is given, or on the one of now."""
        shown = page or self.look()
        view = _VIEW.search(shown)
        language = "en" if '<html lang="en"' in shown else "nl"
        return self.send("/download", {"view": view[1] if view else "", "language": language})


def words(html: str) -> str:
    """The text of a page without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
