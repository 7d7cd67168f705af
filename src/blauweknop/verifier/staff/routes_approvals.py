"""What waits for the yes of a colleague (`four_eyes`).

/akkoord              for who says yes or no: what waits for them
/akkoord/{id}         one: for who asked how it stands; for the colleague who asks what and why, and nothing of the person
/akkoord/{id}/trek-terug    who asked does not want it any more (POST)
/akkoord/{id}/maak          who asked for the BSN makes the request that a colleague said yes to (POST)
"""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.texts import Language
from blauweknop.verifier.staff.access import may_ask, may_review, may_see
from blauweknop.verifier.staff.four_eyes import Approval, ApprovalState, Guarded, may_decide
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.pages_made import make_and_show
from blauweknop.verifier.staff.requests import form_of
from blauweknop.verifier.staff.visit import HOME, PageRequest, Services, StaffVisit, enter, refused, staff_page
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["decide", "make_approved", "show_approval", "show_approvals", "take_approval_back"]

_MOST_SHOWN = 100
_ANSWERS = {"ja": True, "nee": False}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked, and whether of two people: of the second too."""

    items: tuple[str, ...]
    of_two: bool


@get("/akkoord", sync_to_thread=True)
def show_approvals(request: PageRequest, services: Services) -> Response[Any]:
    """Those that they may say yes or no to."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    if not may_review(visit.staff):
        return refused(request, visit)
    waiting = services.approvals.waiting(now=services.now, most=_MOST_SHOWN)
    listed = [approval for approval in waiting if may_decide(visit.staff, approval)]
    return staff_page(request, services, visit.staff, "verifier/staff-approvals.html", listed=listed, guards=bool(services.four_eyes))


@get("/akkoord/{approval_id:str}", sync_to_thread=True)
def show_approval(request: PageRequest, services: Services, approval_id: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    approval = _own_or_to_decide(visit, approval_id)
    return _approval_page(request, visit, approval) if approval is not None else refused(request, visit)


@post("/akkoord/{approval_id:str}", status_code=200)
async def decide(request: PageRequest, services: Services, approval_id: FromPath[str]) -> Response[Any]:
    """Yes or no, by somebody else than who asked."""
    answer = _ANSWERS.get(str((await request.form()).get("answer", "")))
    return await sync_to_thread(_decide, request, services, approval_id, answer)


@post("/akkoord/{approval_id:str}/trek-terug", status_code=200, sync_to_thread=True)
def take_approval_back(request: PageRequest, services: Services, approval_id: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    approval = _own_or_to_decide(visit, approval_id)
    if approval is None or approval.asker.id != visit.staff.id:
        return refused(request, visit)
    with services.asking.together():
        if services.approvals.take_back(approval.id, visit.staff.id):
            services.write_down(Deed.YES_TAKEN_BACK, visit.staff, about=approval.asked.about, detail=approval.asked.what)
    return see_other(f"{services.path}{HOME}")


@post("/akkoord/{approval_id:str}/maak", status_code=200, sync_to_thread=True)
def make_approved(request: PageRequest, services: Services, approval_id: FromPath[str]) -> Response[Any]:
    """The request of exactly the question that the colleague saw."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    approval = _own_or_to_decide(visit, approval_id)
    fits = approval is not None and approval.asked.guarded is Guarded.BSN and approval.asker.id == visit.staff.id
    if approval is None or not fits or not may_ask(visit.staff):
        return refused(request, visit)
    try:
        with services.asking.together():
            if not services.approvals.use(approval, now=services.now):
                return see_other(f"{services.path}/akkoord/{approval.id}")
            form, question = form_of(approval.asked.content, approval.asked.reference, services)
            return make_and_show(request, form, question, visit)
    except BlauweKnopError as problem:
        return _approval_page(request, visit, approval, problem=str(problem))


def _decide(request: PageRequest, services: Services, approval_id: str, answer: bool | None) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    approval = _own_or_to_decide(visit, approval_id)
    if approval is None or not may_decide(visit.staff, approval):
        return refused(request, visit)
    if answer is None:
        return _approval_page(request, visit, approval, unanswered=True)
    with services.asking.together():
        if services.approvals.decide(approval.id, visit.staff, granted=answer, now=services.now):
            deed = Deed.YES_GIVEN if answer else Deed.YES_REFUSED
            services.write_down(deed, visit.staff, about=approval.asked.about, detail=approval.asked.what)
    return see_other(f"{services.path}/akkoord")


def _own_or_to_decide(visit: StaffVisit, approval_id: str) -> Approval | None:
    """None in the same way whether it is not there, or not for them."""
    approval = visit.services.approvals.by_id(approval_id, now=visit.services.now)
    if approval is None:
        return None
    if approval.asker.id == visit.staff.id:
        about = approval.asked.about
        return approval if about is None or may_see(visit.staff, about, visit.services) else None
    return approval if may_decide(visit.staff, approval) else None


def _approval_page(
    request: PageRequest, visit: StaffVisit, approval: Approval, *, problem: str = "", unanswered: bool = False
) -> Response[str]:
    language = language_of(request)
    mine = approval.asker.id == visit.staff.id
    return staff_page(
        request,
        visit.services,
        visit.staff,
        "verifier/staff-approval-mine.html" if mine else "verifier/staff-approval.html",
        status_code=422 if problem or unanswered else 200,
        approval=approval,
        waits=approval.state is ApprovalState.WAITING,
        granted=approval.state is ApprovalState.GRANTED,
        title=_title(approval, visit, language),
        asked=_asked(approval, visit, language),
        problem=problem,
        unanswered=unanswered,
    )


def _title(approval: Approval, visit: StaffVisit, language: Language) -> str:
    """Of the kind of request that it is about."""
    package = approval.asked.what
    if approval.asked.about is not None:
        kept = visit.services.asking.requests.by_id(approval.asked.about)
        package = kept.question.package if kept is not None else ""
    known = (one.title.in_language(language) for one in load_life_events().packages if one.id == package)
    return next(known, package)


def _asked(approval: Approval, visit: StaffVisit, language: Language) -> _Asked | None:
    """None for what is no question, and when that would be something else by now."""
    if approval.asked.guarded is not Guarded.BSN:
        return None
    try:
        form, question = form_of(approval.asked.content, approval.asked.reference, visit.services)
    except BlauweKnopError:
        return None
    return _Asked(tuple((item.staff_title or item.title).in_language(language) for item in question.items), form.household)
