"""The requests of somebody: what they asked of whom, a new one, and what came of one.

/verzoeken                    what is theirs, and the ready-made questions
/verzoeken/nieuw/{package}    fill in and make a request; the link is shown this once
/verzoeken/{id}               what came of it
/verzoeken/{id}/intrekken     nobody can answer it any more
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.life_event import HouseholdSetting, Need, Package, ParameterUnit
from blauweknop.domain.texts import Language
from blauweknop.standards.request_scope import asks_bsn
from blauweknop.verifier.asking.ports import RequestState
from blauweknop.verifier.staff.access import may_ask, may_review, seen_request
from blauweknop.verifier.staff.four_eyes import LONGEST_REASON, Guarded, NewApproval
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.pages_made import make_and_show
from blauweknop.verifier.staff.people import Staff
from blauweknop.verifier.staff.requests import FormProblem, asked_question, form_text, optional_items, packages_of, read_form
from blauweknop.verifier.staff.routes_household import of_two
from blauweknop.verifier.staff.visit import HOME, PageRequest, Services, StaffVisit, enter, refused, staff_page
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["make", "show_form", "show_request_of_staff", "show_requests", "take_back"]

_MOST_SHOWN = 50
_COMPLAINTS = {
    "reference": "staff.form.reference.wrong",
    "expected": "staff.form.expected.wrong",
    "reason": "staff.form.reason.wrong",
    "waiting": "staff.form.waiting",
}


@dataclass(frozen=True, slots=True)
class _Listed:
    id: str
    title: str
    reference: str
    made_at: datetime
    state: str
    part: str
    """Of a request of two people which of them; empty for one."""


@get("/verzoeken", sync_to_thread=True)
def show_requests(request: PageRequest, services: Services) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    if not may_ask(visit.staff):
        return see_other(f"{services.path}{_first_page(visit.staff)}")
    packages = packages_of(services)
    titles = _titles(visit, language_of(request))
    listed = []
    for request_id in services.tasks.of(visit.staff.id, most=_MOST_SHOWN):
        kept = services.asking.requests.by_id(request_id)
        if kept is not None:
            over = kept.state is RequestState.OPEN and kept.ends_at <= services.now
            state = "over" if over else kept.state.value
            household = services.asking.households.of_request(kept.id)
            part = household.part_of(kept.id).value if household is not None else ""
            title = titles.get(kept.question.package, kept.question.package)
            listed.append(_Listed(kept.id, title, kept.reference or "", kept.made_at, state, part))
    return staff_page(
        request,
        services,
        visit.staff,
        "verifier/staff-requests.html",
        listed=listed,
        packages=packages,
        waiting=services.approvals.of(visit.staff.id, now=services.now, most=_MOST_SHOWN),
        takes_links=services.takes_links,
    )


@get("/verzoeken/nieuw/{package_id:str}", sync_to_thread=True)
def show_form(request: PageRequest, services: Services, package_id: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    package = _package(package_id, visit)
    return _form_page(request, visit, package) if package is not None else refused(request, visit)


@post("/verzoeken/nieuw/{package_id:str}", status_code=200)
async def make(request: PageRequest, services: Services, package_id: FromPath[str]) -> Response[Any]:
    form = await request.form()
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    chosen = [value for value in form.getall("extra", []) if isinstance(value, str)]
    return await sync_to_thread(_make, request, services, package_id, texts, chosen)


@get("/verzoeken/{request_id:str}", sync_to_thread=True)
def show_request_of_staff(request: PageRequest, services: Services, request_id: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    kept = seen_request(visit.staff, request_id, services)
    if kept is None:
        return refused(request, visit)
    services.write_down(Deed.REQUEST_SEEN, visit.staff, about=kept.id)
    language = language_of(request)
    return staff_page(
        request,
        services,
        visit.staff,
        "verifier/staff-request.html",
        kept=kept,
        title=_titles(visit, language).get(kept.question.package, kept.question.package),
        over=kept.state is RequestState.OPEN and kept.ends_at <= services.now,
        of_two=of_two(kept.id, services),
        titles=[item.title_for_staff.in_language(language) for item in kept.question.items],
    )


@post("/verzoeken/{request_id:str}/intrekken", sync_to_thread=True)
def take_back(request: PageRequest, services: Services, request_id: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    if seen_request(visit.staff, request_id, services) is None:
        return refused(request, visit)
    with services.asking.together():
        if services.asking.requests.withdraw(request_id):
            services.write_down(Deed.REQUEST_TAKEN_BACK, visit.staff, about=request_id)
    return see_other(f"{services.path}{HOME}/{request_id}")


def _first_page(staff: Staff) -> str:
    """Of who makes no requests: each role has one."""
    return "/akkoord" if may_review(staff) else "/taken"


def _titles(visit: StaffVisit, language: Language) -> dict[str, str]:
    """What each ready-made question is called."""
    return {package.id: package.title.in_language(language) for package in packages_of(visit.services)}


def _make(request: PageRequest, services: Services, package_id: str, texts: dict[str, str], chosen: list[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    package = _package(package_id, visit)
    if package is None:
        return refused(request, visit)
    reason = texts.get("reason", "").strip()[:LONGEST_REASON]
    try:
        form = read_form(package, texts, chosen)
        question = asked_question(form, services)
        if Guarded.BSN in services.four_eyes and asks_bsn(question.query):
            if not reason:
                raise FormProblem("reason")
            new = NewApproval(Guarded.BSN, package.id, form_text(form, question), reason, reference=form.reference)
            return _ask_colleague(visit, new)
        return make_and_show(request, form, question, visit)
    except FormProblem as problem:
        return _form_page(request, visit, package, texts=texts, chosen=chosen, wrong=problem.field)
    except BlauweKnopError as problem:
        return _form_page(request, visit, package, texts=texts, chosen=chosen, problem=str(problem))


def _ask_colleague(visit: StaffVisit, new: NewApproval) -> Response[Any]:
    """Raises: FormProblem, so many wait already."""
    services = visit.services
    with services.asking.together():
        approval = services.approvals.ask(new, visit.staff, now=services.now)
        if approval is None:
            raise FormProblem("waiting")
        services.write_down(Deed.YES_ASKED, visit.staff, detail=new.what)
    return see_other(f"{services.path}/akkoord/{approval.id}")


def _form_page(
    request: PageRequest,
    visit: StaffVisit,
    package: Package,
    *,
    texts: Mapping[str, str] | None = None,
    chosen: list[str] | None = None,
    wrong: str = "",
    problem: str = "",
) -> Response[str]:
    language = language_of(request)
    complaint = sentence(_COMPLAINTS.get(wrong, "staff.form.number.wrong"), language) if wrong else ""
    typed = texts or {}
    parameters = [
        (parameter, typed.get(parameter.name, ""), _units(parameter.least, parameter.unit), _units(parameter.most, parameter.unit))
        for parameter in package.parameters
    ]
    return staff_page(
        request,
        visit.services,
        visit.staff,
        "verifier/staff-form.html",
        status_code=422 if wrong or problem else 200,
        package=package,
        parameters=parameters,
        optional=optional_items(package),
        chosen=chosen or [],
        household="household" in typed if texts is not None else package.household is HouseholdSetting.ASKED,
        reference=typed.get("reference", ""),
        expected=typed.get("expected", ""),
        reason=typed.get("reason", ""),
        waits=_waits(package, visit),
        longest_reason=LONGEST_REASON,
        wrong=wrong,
        complaint=complaint,
        problem=problem,
        errors=[(f"field-{wrong}", complaint)] if wrong else [],
    )


def _waits(package: Package, visit: StaffVisit) -> str:
    """Whether a request of this package waits for a colleague: always, by what is chosen, or never (empty)."""
    asked = [item for item in package.items if item.bsn] if Guarded.BSN in visit.services.four_eyes else []
    return ("always" if any(item.need is not Need.OPTIONAL for item in asked) else "sometimes") if asked else ""


def _package(package_id: str, visit: StaffVisit) -> Package | None:
    known = (package for package in packages_of(visit.services) if package.id == package_id)
    return next(known, None) if may_ask(visit.staff) else None


def _units(number: int, unit: ParameterUnit) -> int:
    return number // 100 if unit is ParameterUnit.CENTS else number
