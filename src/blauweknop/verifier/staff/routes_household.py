"""A request for two people who apply together: two links, and a new one for the second while nobody answered it.

/verzoeken/{id}/partner              a new link for the second person; the one before does not work any more. Shown this once
/verzoeken/{id}/partner/intrekken    the link of the second person does not work any more
"""

from dataclasses import dataclass
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from blauweknop.verifier.asking.household import Part
from blauweknop.verifier.asking.inviting import OtherState, PlaceFilled, ask_together, invite, needed_of, other_part, take_back_invitation
from blauweknop.verifier.asking.ports import KeptRequest
from blauweknop.verifier.asking.questions import Question, QuestionRefused
from blauweknop.verifier.staff.access import seen_request
from blauweknop.verifier.staff.given_links import GivenLink, given_link
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.ports import StaffServices
from blauweknop.verifier.staff.requests import RequestForm
from blauweknop.verifier.staff.visit import HOME, PageRequest, Services, StaffVisit, enter, refused, staff_page
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["OfTwo", "ask_two", "invite_partner", "links_page", "of_two", "take_partner_back"]


@dataclass(frozen=True, slots=True)
class OfTwo:
    """Which part of two a request is, for its page; `may_invite` while the second part was not answered."""

    part: Part
    other_id: str | None
    other: OtherState
    may_invite: bool
    has_links_left: bool


@dataclass(frozen=True, slots=True)
class _Link:
    """One link to give away. `whose` is the name of the part."""

    whose: Part
    anchor: str
    given: GivenLink


def of_two(request_id: str, services: StaffServices) -> OfTwo | None:
    """None for a request of one person."""
    other = other_part(request_id, services.asking)
    if other is None:
        return None
    may_invite = other.part is Part.FIRST and other.state is not OtherState.ANSWERED
    return OfTwo(other.part, other.household.other_than(request_id), other.state, may_invite, other.household.may_invite)


def ask_two(request: PageRequest, form: RequestForm, question: Question, visit: StaffVisit) -> Response[Any]:
    """Make a request for each of two people, both the task of who made them, and show their links.

    Raises:
        BlauweKnopError: the receiver may not ask this; nothing is kept.
    """
    asking = visit.services.asking
    with asking.together():
        made = ask_together(question, needed_of(form.package, form.parameters), asking, reference=form.reference, expected=form.expected)
        for each in (made.first, made.second):
            visit.services.tasks.give(each.id, visit.staff.id, now=visit.services.now)
            visit.services.write_down(Deed.REQUEST_MADE, visit.staff, about=each.id, detail=question.package)
    return links_page(request, visit, {Part.FIRST: made.first_link, Part.SECOND: made.second_link}, made.first)


def links_page(request: PageRequest, visit: StaffVisit, links: dict[Part, str], kept: KeptRequest) -> Response[Any]:
    """The links, which are not shown again."""
    asking, language = visit.services.asking, language_of(request)
    made = [
        _Link(
            part,
            "verzoek" if part is Part.FIRST else "verzoek-partner",
            given_link(link, "staff.two.mail", kept, asking, language),
        )
        for part, link in links.items()
    ]
    return staff_page(request, visit.services, visit.staff, "verifier/staff-made-two.html", links=made, kept=kept)


@post("/verzoeken/{request_id:str}/partner", status_code=200, sync_to_thread=True)
def invite_partner(request: PageRequest, services: Services, request_id: FromPath[str]) -> Response[Any]:
    visit = _of_task(request, services, request_id)
    if isinstance(visit, Response):
        return visit
    try:
        with services.asking.together():
            link, second = invite(request_id, services.asking)
            services.write_down(Deed.REQUEST_MADE, visit.staff, about=second.id, detail=second.question.package)
    except (PlaceFilled, QuestionRefused):
        return see_other(f"{services.path}{HOME}/{request_id}")
    return links_page(request, visit, {Part.SECOND: link}, second)


@post("/verzoeken/{request_id:str}/partner/intrekken", sync_to_thread=True)
def take_partner_back(request: PageRequest, services: Services, request_id: FromPath[str]) -> Response[Any]:
    visit = _of_task(request, services, request_id)
    if isinstance(visit, Response):
        return visit
    with services.asking.together():
        if take_back_invitation(request_id, services.asking):
            services.write_down(Deed.REQUEST_TAKEN_BACK, visit.staff, about=request_id, detail="partner")
    return see_other(f"{services.path}{HOME}/{request_id}")


def _of_task(request: PageRequest, services: StaffServices, request_id: str) -> StaffVisit | Response[Any]:
    """Who is in, with a request that is theirs; or the answer that goes out instead."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    return visit if seen_request(visit.staff, request_id, services) is not None else refused(request, visit)
