"""A receiver with a dossier of real size: what a person answered, in pieces that a test can change."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from blauweknop.adapters.session_cookies import clear_site_data, login_cookie, session_cookie
from blauweknop.adapters.verifier_approvals import ApprovalStore
from blauweknop.adapters.verifier_colleagues import ColleagueStore
from blauweknop.adapters.verifier_dossiers import DossierStore
from blauweknop.adapters.verifier_staff import StaffSessionStore
from blauweknop.adapters.verifier_staff_log import StaffLogStore
from blauweknop.catalogue import Catalogue, load_catalogue
from blauweknop.domain.document import JsonValue
from blauweknop.domain.durations import Duration
from blauweknop.domain.texts import Text
from blauweknop.domain.verdict import Colour
from blauweknop.standards.dcql import DcqlQuery
from blauweknop.verifier.asking.answers import Answer, CheckedItem
from blauweknop.verifier.asking.page import asking_portal
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.questions import AskedItem, Question
from blauweknop.verifier.dossier.checklist import checklist, most_urgent_first
from blauweknop.verifier.dossier.dossier import Dossier, OwnPaper
from blauweknop.verifier.dossier.figures import figures_of
from blauweknop.verifier.dossier.pieces import pieces_of
from blauweknop.verifier.dossier.ports import DossierSealer, DossierServices
from blauweknop.verifier.dossier.routes import dossier_router
from blauweknop.verifier.staff.four_eyes import Guarded
from blauweknop.verifier.staff.ports import EndedAtProvider, LoggedInStaff, LoginBegun, Role, Staff, StaffProblem, StaffServices
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.verifier.asking.asking_world import PATH, QUESTION, ROW_KEY, SITE, AskingWorld

CJIB, DUO, UWV = ("00000004003214345000", "CJIB"), ("00000001800866472000", "DUO"), ("00000001802327497000", "UWV")
DAY = "2026-11-20"
SANNE = LoggedInStaff(Staff("ab" * 32, "Sanne Oefening", frozenset({Role.WORKER})))


def asked(name: str, dataset: str, **changes: Any) -> AskedItem:
    usual: dict[str, Any] = {"maximum_age": Duration(1, 0)}
    return AskedItem(name, Text(f"Titel {name}", f"Title {name}"), Text("Daarom.", "Because."), (dataset,), **(usual | changes))


ITEMS = (
    asked("betalingen", "cjib.fcid"),
    asked("studieschuld", "duo.studieschuld", required=False),
    asked("loon", "uwv.verzekeringsbericht", one_of="inkomen"),
    asked("bijstand", "gem.bijstand", one_of="inkomen"),
    asked("woning", "gem.woz", required=False),
)


@cache
def the_catalogue() -> Catalogue:
    return load_catalogue()


def question(items: tuple[AskedItem, ...] = ITEMS) -> Question:
    return Question("schuldhulp.plan_van_aanpak", items, DcqlQuery(QUESTION.query.credentials))


def piece(
    item: str, dataset: str, source: tuple[str, str], claims: dict[str, JsonValue], *, short: bool = False, **changes: Any
) -> CheckedItem:
    made = CheckedItem(
        item, f"{item}-kort" if short else item, dataset, "dc+sd-jwt", Colour.GREEN, (), source[1], source[0], DAY, "2027-01-01", claims
    )
    return replace(made, **changes)


def study_debt(**changes: Any) -> CheckedItem:
    claims: dict[str, JsonValue] = {"family_name": "Jansen-Pietersen", "schuldsaldo_inclusief_rente": 1234567, "achterstand": 5000}
    return piece("studieschuld", "duo.studieschuld", DUO, claims, short=True, **changes)


def payments(family: str, **changes: Any) -> CheckedItem:
    """The cases of an organisation of the family fcid, of which the second is a formula for a spreadsheet."""
    rows: list[JsonValue] = [
        {"zaakkenmerk": "4711", "omschrijving": "Verkeersboete", "saldo": 25000, "achterstand": 10000},
        {"zaakkenmerk": '=HYPERLINK("x")', "omschrijving": "Boete", "saldo": 7000},
    ]
    claims: dict[str, JsonValue] = {"subject": {"family_name": "Jansen-Pietersen"}, "data": {"saldo": 32000, "financiele_zaken": rows}}
    return piece("betalingen", family, CJIB, claims, **changes)


def total_only(family: str, **changes: Any) -> CheckedItem:
    return piece("betalingen", family, CJIB, {"saldo": 32000, "aantal_zaken": 2}, short=True, **changes)


def wages(**changes: Any) -> CheckedItem:
    """One month of a job."""
    pay: JsonValue = {"periode_start": "2026-09-01", "periode_einde": "2026-09-30", "sv_loon": 250000}
    job: JsonValue = {"werkgever_naam": "Bakkerij", "is_uitkering": False, "loonitems": [pay]}
    return piece("loon", "uwv.verzekeringsbericht", UWV, {"data": {"inkomstenverhoudingen": [job]}}, **changes)


def family() -> str:
    """A data set of the family fcid."""
    return min(dataset.id for dataset in the_catalogue().datasets.values() if dataset.family == "fcid")


def made_dossier(*items: CheckedItem, papers: tuple[OwnPaper, ...] = (), language: str = "nl") -> Dossier:
    """A dossier that no store keeps."""
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    answer = Answer("00" * 32, question(), items, now)
    pieces = pieces_of(answer)
    return Dossier(
        id=answer.request_id,
        package=answer.question.package,
        received_at=now,
        erase_at=now + timedelta(days=365),
        elsewhere=False,
        today=now.date(),
        lines=most_urgent_first(checklist(answer.question, pieces, on=now.date())),
        pieces=pieces,
        figures=figures_of(pieces, catalogue=the_catalogue(), received_at=now, language=language),
        own_papers=papers,
        notes=(),
        checked_at=now,
    )


@dataclass
class DossierWorld:
    """Sanne is in; with `allowed` each dossier is her task."""

    engine: Engine
    allowed: bool = True
    said: dict[int, str] = field(default_factory=dict)
    """What sources say by the index of the status; nothing of what is not here."""
    items: tuple[AskedItem, ...] = ITEMS
    """What is asked."""
    sealer: DossierSealer | None = None
    four_eyes: frozenset[Guarded] = frozenset()

    def __post_init__(self) -> None:
        self.asking = AskingWorld(self.engine, changes={"catalogue": the_catalogue()})

    def services(self) -> AskingServices:
        return self.asking.services()

    def answered(
        self,
        items: Sequence[CheckedItem],
        *,
        papers: Sequence[dict[str, JsonValue]] = (),
        reference: str | None = None,
        expected: str | None = None,
        **more: Any,
    ) -> str:
        """A dossier of these pieces; its id. `more` are members of the answer."""
        services, now = self.services(), self.asking.now
        _, request = services.requests.open(question(self.items), now=now, life=timedelta(days=7), reference=reference, expected=expected)
        answer = Answer(request.id, question(self.items), tuple(items), now, own_papers=tuple(papers), **more)
        assert services.answers.keep(answer, erase_at=now + timedelta(days=365)) is not None
        return request.id

    def dossiers(self) -> DossierServices:
        def tell(issuer_oin: str, uri: str, index: int, now: datetime) -> str | None:
            return self.said.get(index)

        store = DossierStore(self.engine, ROW_KEY, self.asking.receiver)
        return DossierServices(self.staff(), store, tell, self.sealer)

    def staff(self) -> StaffServices:
        receiver = self.asking.receiver
        return StaffServices(
            asking=self.services(),
            login=_NobodyLogsIn(),
            sessions=StaffSessionStore(self.engine, ROW_KEY, receiver),
            tasks=_AllTasks(self),
            colleagues=ColleagueStore(self.engine, ROW_KEY, receiver),
            approvals=ApprovalStore(self.engine, ROW_KEY, receiver),
            log=StaffLogStore(self.engine, ROW_KEY, receiver, self.services().receiver.signer),
            four_eyes=self.four_eyes,
            session_cookie=session_cookie(f"staff-{receiver}"),
            login_cookie=login_cookie(f"staff-{receiver}"),
            forget_pages=clear_site_data(shared_origin=True),
        )

    @contextmanager
    def browser(self) -> Iterator["Desk"]:
        services = self.services()
        application = web_application(
            [dossier_router(self.dossiers())], WebSettings(csrf_secret="s" * 32), portals=(asking_portal(services),)
        )
        with TestClient(application, base_url=SITE) as client:
            yield Desk(client, self.staff())


@dataclass
class Desk:
    """Sanne at the receiver, who just logged in."""

    client: TestClient[Litestar]
    staff: StaffServices

    def get(self, dossier: str, rest: str = "?taal=nl") -> Response:
        self._log_in()
        return self.client.get(f"{PATH}/dossiers/{dossier}{rest}", follow_redirects=True)

    def post(self, dossier: str, rest: str, **form: str) -> Response:
        """A form of the page: with the token of this browser."""
        self._log_in()
        token = self.client.get(f"{PATH}/dossiers/{dossier}").text.partition('name="_csrf_token" value="')[2].partition('"')[0]
        token = token or str(self.client.cookies.get("__Host-bk-form"))
        return self.client.post(f"{PATH}/dossiers/{dossier}{rest}", data={**form, "_csrf_token": token}, follow_redirects=False)

    def _log_in(self) -> None:
        cookie = self.staff.session_cookie.name
        reference = self.staff.sessions.start(SANNE, now=self.staff.now, replaces=self.client.cookies.get(cookie))
        assert reference is not None
        self.client.cookies.set(cookie, reference)


@dataclass(frozen=True)
class _AllTasks:
    """Stands in for `verifier.staff.ports.Tasks`."""

    world: DossierWorld

    def give(self, request_id: str, staff_id: str, *, now: datetime) -> None:
        self.world.allowed = True

    def take(self, request_id: str, staff_id: str) -> None:
        self.world.allowed = False

    def of_whom(self, request_id: str) -> frozenset[str]:
        return frozenset({SANNE.staff.id}) if self.world.allowed else frozenset()

    def has(self, request_id: str, staff_id: str) -> bool:
        return staff_id in self.of_whom(request_id)

    def of(self, staff_id: str, *, most: int) -> Sequence[str]:
        return ()


class _NobodyLogsIn:
    """Stands in for `verifier.staff.ports.StaffLogin`."""

    name = "uw werkaccount"

    def begin(self, *, return_to: str, now: datetime) -> LoginBegun | StaffProblem:
        return StaffProblem("cancelled", "login.problem.cancelled")

    def complete(
        self, callback: Mapping[str, str], *, browser_reference: str | None, now: datetime
    ) -> tuple[LoggedInStaff, str] | StaffProblem:
        return StaffProblem("cancelled", "login.problem.cancelled")

    def ended(self, form: Mapping[str, str], *, now: datetime) -> EndedAtProvider | StaffProblem:
        return StaffProblem("cancelled", "login.problem.cancelled")

    def end_address(self, who: LoggedInStaff, *, now: datetime) -> str | None:
        return None
