"""Who comes to a dossier: somebody of the staff whose task it is, and everybody else gets the same kind page."""

from typing import Any

from litestar import Response

from blauweknop.verifier.asking.ports import KeptAnswer, KeptRequest
from blauweknop.verifier.dossier.ports import DossierServices
from blauweknop.verifier.staff.access import seen_request
from blauweknop.verifier.staff.ports import Staff
from blauweknop.verifier.staff.visit import PageRequest, enter, staff_page, write_refusal

__all__ = ["enter_answer", "enter_dossier", "gone_page"]


def enter_dossier(request: PageRequest, services: DossierServices, request_id: str) -> tuple[Staff, KeptRequest] | Response[Any]:
    """Who is in, with a request that is theirs; or the answer that goes out instead."""
    visit = enter(request, services.staff)
    if isinstance(visit, Response):
        return visit
    kept = seen_request(visit.staff, request_id, services.staff)
    return (visit.staff, kept) if kept is not None else gone_page(request, services, visit.staff)


def enter_answer(request: PageRequest, services: DossierServices, request_id: str) -> tuple[Staff, KeptAnswer] | Response[Any]:
    """The same, with the answer to that request."""
    seen = enter_dossier(request, services, request_id)
    if isinstance(seen, Response):
        return seen
    staff, kept = seen
    answer = services.asking.answers.of_request(kept.id)
    return (staff, answer) if answer is not None else gone_page(request, services, staff)


def gone_page(request: PageRequest, services: DossierServices, staff: Staff) -> Response[str]:
    """Not there, not there any more, or not theirs. That somebody tried is written down."""
    write_refusal(request, services.staff, staff)
    return staff_page(request, services.staff, staff, "verifier/dossier-gone.html", status_code=404)
