"""What every page of the staff does with its visitor: know who is in, else lead to the login and from there back here."""

import re
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from blauweknop.catalogue.texts import text
from blauweknop.domain.texts import Text
from blauweknop.verifier.staff.access import may_ask, may_give_tasks, may_read_log, may_review
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.ports import Staff, StaffServices
from blauweknop.web.cookies import forget_cookie
from blauweknop.web.page import MenuItem, Portal, Visitor, page, see_other

__all__ = ["HOME", "PageRequest", "Services", "StaffVisit", "enter", "place_within", "refused", "staff_page", "write_refusal"]

PageRequest = Request[Any, Any, Any]
Services = NamedDependency[SkipValidation[StaffServices]]
HOME = "/verzoeken"

_PLACE = re.compile(r"(/[a-z0-9._-]+)+")
_LONGEST_PLACE = 150
_REQUEST_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StaffVisit:
    """Somebody who is in, with the services of their own receiver and no other."""

    staff: Staff
    services: StaffServices = field(repr=False)


def enter(request: PageRequest, services: StaffServices) -> StaffVisit | Response[Any]:
    """Who is in; or the answer that goes out instead of the page."""
    reference = request.cookies.get(services.session_cookie.name)
    session = services.sessions.touch(reference, now=services.now)
    if session is not None:
        return StaffVisit(session.who.staff, services)
    place = request.url.path.removeprefix(services.path) if request.method == "GET" else HOME
    if reference is None:
        return see_other(f"{services.path}/inloggen?naar={place_within(place)}")
    answer = staff_page(request, services, None, "verifier/staff-out.html", status_code=401, ended=True, place=place_within(place))
    forget_cookie(answer, services.session_cookie)
    answer.headers.update(services.forget_pages)
    return answer


def place_within(wanted: str | None) -> str:
    """Where to go after the login: a page of ours, whatever was asked."""
    fits = wanted is not None and len(wanted) <= _LONGEST_PLACE and _PLACE.fullmatch(wanted)
    return wanted if fits and wanted is not None else HOME


def refused(request: PageRequest, visit: StaffVisit) -> Response[str]:
    """Not theirs, or not there: which of the two is not told. That somebody tried is written down."""
    write_refusal(request, visit.services, visit.staff)
    return staff_page(request, visit.services, visit.staff, "verifier/staff-refused.html", status_code=403)


def write_refusal(request: PageRequest, services: StaffServices, staff: Staff) -> None:
    """In the log, with what was tried when it has the form of a request."""
    tried = str(request.path_params.get("request_id", ""))
    services.write_down(Deed.PAGE_REFUSED, staff, about=tried if _REQUEST_ID.fullmatch(tried) else None)


def staff_page(
    request: PageRequest, services: StaffServices, staff: Staff | None, template: str, *, status_code: int = 200, **values: object
) -> Response[str]:
    """A template with the name of the receiver, and in its header who is in."""
    receiver = services.asking.receiver
    home = f"{services.path}{HOME}"
    seconds = int(services.sessions.idle.total_seconds())
    return page(
        request,
        template,
        portal=Portal(Text(receiver.name, receiver.name), home, receiver.colour, _menu(staff, services)),
        visitor=Visitor(staff.name, f"{services.path}/uitloggen", home, seconds) if staff else None,
        status_code=status_code,
        switch_path=home if request.method == "POST" else "",
        headers=None,
        receiver_name=receiver.name,
        here=services.path,
        **values,
    )


def _menu(staff: Staff | None, services: StaffServices) -> tuple[MenuItem, ...]:
    """Only for who has pages of more than one kind: else there is nothing to choose."""
    if staff is None:
        return ()
    places = [
        ("staff.menu.requests", HOME, may_ask(staff)),
        ("staff.menu.tasks", "/taken", may_give_tasks(staff)),
        ("staff.menu.approvals", "/akkoord", may_review(staff)),
        ("staff.menu.log", "/logboek", may_read_log(staff)),
    ]
    theirs = [MenuItem(text(key), f"{services.path}{place}") for key, place, may in places if may]
    return tuple(theirs) if len(theirs) > 1 else ()
