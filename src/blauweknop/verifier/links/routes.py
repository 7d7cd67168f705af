"""The page on which staff take a link that somebody sent them.

/link-ontvangen    paste the link and fill in the PIN; then the dossier

The link goes in the body of a form and stands in no address and no log: its key opens what is behind it.
"""

from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.verifier.links.ports import LinkDesk
from blauweknop.verifier.links.receiving import LinkRefused, take_link
from blauweknop.verifier.staff.access import may_ask
from blauweknop.verifier.staff.ports import Staff
from blauweknop.verifier.staff.visit import PageRequest, enter, refused, staff_page
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["link_desk_router"]

Desk = NamedDependency[SkipValidation[LinkDesk]]
_MOST_REFERENCE, _LONGEST_LINK, _LONGEST_PIN = 40, 2000, 20
_A_MINUTE, _TAKEN_A_MINUTE = 60, 30
_FIELDS = {"link_form": "link", "link_place": "link", "pin_form": "pin", "link_pin": "pin"}
"""What can be mended in the form; of all else the link is of no use any more."""


def link_desk_router(desk: LinkDesk) -> Router:
    """Of one receiver. Each link costs a check of every document in it, so that one address may not bring too many."""
    guard = rate_limit("take-link", limit=_TAKEN_A_MINUTE, window=_A_MINUTE, counter=MemoryCounter())
    return Router(
        desk.staff.path,
        route_handlers=[show_form, post("/link-ontvangen", status_code=200, guards=[guard])(take)],
        dependencies={"desk": Provide(lambda: desk, sync_to_thread=False)},
        include_in_schema=False,
    )


@get("/link-ontvangen", sync_to_thread=True)
def show_form(request: PageRequest, desk: Desk) -> Response[Any]:
    visit = enter(request, desk.staff)
    if isinstance(visit, Response):
        return visit
    return _form(request, desk, visit.staff) if may_ask(visit.staff) else refused(request, visit)


async def take(request: PageRequest, desk: Desk) -> Response[Any]:
    form = await request.form()
    texts = {name: value for name in ("link", "pin", "reference") if isinstance(value := form.get(name), str)}
    return await sync_to_thread(_take, request, desk, texts)


def _take(request: PageRequest, desk: LinkDesk, texts: dict[str, str]) -> Response[Any]:
    visit = enter(request, desk.staff)
    if isinstance(visit, Response):
        return visit
    if not may_ask(visit.staff):
        return refused(request, visit)
    reference = texts.get("reference", "").strip()
    if len(reference) > _MOST_REFERENCE or not reference.isprintable():
        return _form(request, desk, visit.staff, texts, wrong="reference", complaint="reference")
    link, pin = texts.get("link", "")[:_LONGEST_LINK], texts.get("pin", "")[:_LONGEST_PIN]
    try:
        request_id = take_link(link, pin, visit.staff, desk, reference=reference or None)
    except LinkRefused as problem:
        return _form(request, desk, visit.staff, texts, wrong=_FIELDS.get(problem.code, ""), complaint=problem.code, left=problem.left)
    except BlauweKnopError:
        return _form(request, desk, visit.staff, texts, complaint="busy")
    return see_other(f"{desk.staff.path}/dossiers/{request_id}")


def _form(
    request: PageRequest,
    desk: LinkDesk,
    staff: Staff,
    texts: dict[str, str] | None = None,
    *,
    wrong: str = "",
    complaint: str = "",
    left: int | None = None,
) -> Response[str]:
    language = language_of(request)
    words = sentence(f"desk.complaint.{complaint}", language, left=left or 0) if complaint else ""
    return staff_page(
        request,
        desk.staff,
        staff,
        "verifier/staff-link.html",
        status_code=422 if complaint else 200,
        typed=texts or {},
        wrong=wrong,
        complaint=words,
        errors=[(f"field-{wrong}", words)] if wrong else [],
    )
