"""Ask a colleague whether a file of a dossier may be taken along, where the receiver set that up (`four_eyes`)."""

from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation

from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.verifier.dossier.dossier import Dossier, dossier_of
from blauweknop.verifier.dossier.entering import enter_answer
from blauweknop.verifier.dossier.ports import DossierServices
from blauweknop.verifier.dossier.releasing import asked_before, content_of
from blauweknop.verifier.staff.four_eyes import LONGEST_REASON, ApprovalState, Guarded, NewApproval
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.ports import Staff
from blauweknop.verifier.staff.visit import PageRequest, staff_page
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["ask_colleague", "show_asking"]

_Services = NamedDependency[SkipValidation[DossierServices]]


@get("/dossiers/{request_id:str}/meenemen/{name:str}", sync_to_thread=True)
def show_asking(request: PageRequest, services: _Services, request_id: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """The question to fill in; or how it stands."""
    entered = _entered(request, services, request_id, name)
    if isinstance(entered, Response):
        return entered
    staff, dossier = entered
    approval = asked_before(services, staff, dossier.id, name)
    changed = approval is not None and approval.asked.content != content_of(dossier)
    if approval is not None and not changed and approval.state is not ApprovalState.REFUSED:
        return see_other(f"{services.staff.path}/akkoord/{approval.id}")
    return _page(request, services, staff, dossier, name, changed=changed, refused=approval is not None and not changed)


@post("/dossiers/{request_id:str}/meenemen/{name:str}", status_code=200)
async def ask_colleague(request: PageRequest, services: _Services, request_id: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """Put the question to a colleague, with why."""
    typed = (await request.form()).get("reason", "")
    reason = typed.strip()[:LONGEST_REASON] if isinstance(typed, str) else ""
    return await sync_to_thread(_ask, request, services, request_id, name, reason)


def _ask(request: PageRequest, services: DossierServices, request_id: str, name: str, reason: str) -> Response[Any]:
    entered = _entered(request, services, request_id, name)
    if isinstance(entered, Response):
        return entered
    staff, dossier = entered
    if not reason:
        return _page(request, services, staff, dossier, name, wrong="staff.form.reason.wrong")
    new = NewApproval(Guarded.EXPORT, name, content_of(dossier), reason, dossier.id)
    with services.asking.together():
        approval = services.staff.approvals.ask(new, staff, now=services.asking.now)
        if approval is not None:
            services.staff.write_down(Deed.YES_ASKED, staff, about=dossier.id, detail=name)
    if approval is None:
        return _page(request, services, staff, dossier, name, wrong="staff.form.waiting")
    return see_other(f"{services.staff.path}/akkoord/{approval.id}")


def _entered(request: PageRequest, services: DossierServices, request_id: str, name: str) -> tuple[Staff, Dossier] | Response[Any]:
    """Raises: NotFoundException, no such file, or nobody need be asked here."""
    answered = enter_answer(request, services, request_id)
    if isinstance(answered, Response):
        return answered
    if f"staff.export.{name}" not in all_texts() or Guarded.EXPORT not in services.staff.four_eyes:
        raise NotFoundException("no such file")
    staff, answer = answered
    return staff, dossier_of(answer, services, at=services.asking.now, language=language_of(request))


def _page(
    request: PageRequest,
    services: DossierServices,
    staff: Staff,
    dossier: Dossier,
    name: str,
    *,
    changed: bool = False,
    refused: bool = False,
    wrong: str = "",
) -> Response[str]:
    complaint = sentence(wrong, language_of(request)) if wrong else ""
    return staff_page(
        request,
        services.staff,
        staff,
        "verifier/dossier-ask.html",
        status_code=422 if wrong else 200,
        dossier=dossier,
        name=name,
        changed=changed,
        refused=refused,
        complaint=complaint,
        errors=[("field-reason", complaint)] if wrong else [],
        longest_reason=LONGEST_REASON,
    )
