"""The recovery code: shown to be printed, and typed back once. It counts from then on; until then it is only in the encrypted session."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.accounts import add_way
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.recovery_code import RecoveryCode, new_recovery_code, read_recovery_code
from blauweknop.holder.state import UnlockLabel
from blauweknop.holder.unlocking import recovery_opener
from blauweknop.holder.visit import PageRequest, Services, Visit, current_visit, form_of, keep_note, lock_first
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["keep_code", "make_code", "show_code"]

_NOTE = "code"


@get("/herstelcode", sync_to_thread=True)
def show_code(request: PageRequest, services: Services) -> Response[Any]:
    """The code that waits to be typed back, or a button that makes one; a new account gets one at once."""
    visit = current_visit(request, services)
    if visit is None:
        return lock_first(request, services)
    if _waiting(visit) is None and not visit.state.has_recovery_code:
        return _remember_new(request, services, visit)
    return _page(request, services, visit)


@post("/herstelcode/nieuw", sync_to_thread=True)
def make_code(request: PageRequest, services: Services) -> Response[Any]:
    """Another code; the one that counts goes on counting until this one is typed back."""
    visit = current_visit(request, services)
    if visit is None:
        return lock_first(request, services)
    if visit.state.has_recovery_code and not visit.fresh_at(services.now()):
        return see_other(f"{services.path}/opnieuw-openen")
    return _remember_new(request, services, visit)


@post("/herstelcode")
async def keep_code(request: PageRequest, services: Services) -> Response[Any]:
    """The code as the person typed it from paper."""
    return await sync_to_thread(_keep, request, services, await form_of(request))


def _keep(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    visit = current_visit(request, services)
    if visit is None:
        return lock_first(request, services)
    language, waiting = language_of(request), _waiting(visit)
    if waiting is None:
        return see_other(f"{services.path}/herstelcode")
    try:
        same = read_recovery_code(form.get("code", "")) == waiting
    except MalformedValue:
        same = False
    if not same:
        return _page(request, services, visit, complaint=sentence("holder.form.code.differs", language))
    now = services.now()
    label = UnlockLabel(sentence("holder.way.recovery", language), now)
    instead = visit.may_take_away_at(now) or not visit.state.has_recovery_code
    add_way(recovery_opener(waiting), label, visit.opened, services, instead=instead)
    keep_note(visit, services, _NOTE, None)
    # Who came here with the request of a receiver goes back to it.
    asked = services.request_cookie.name in request.cookies
    return see_other(f"{services.path}/{'delen/verder' if asked else 'gegevens'}")


def _remember_new(request: PageRequest, services: HolderServices, visit: Visit) -> Response[Any]:
    code = new_recovery_code(services.random(16))
    if not keep_note(visit, services, _NOTE, "".join(code.groups())):
        return lock_first(request, services)
    return see_other(f"{services.path}/herstelcode")


def _waiting(visit: Visit) -> RecoveryCode | None:
    kept = visit.session.notes.get(_NOTE)
    return read_recovery_code(kept) if isinstance(kept, str) else None


def _page(request: PageRequest, services: HolderServices, visit: Visit, *, complaint: str = "") -> Response[str]:
    code = _waiting(visit)
    return holder_page(
        request,
        services,
        "holder/recovery.html",
        visit,
        status_code=422 if complaint else 200,
        switch_path=f"{services.path}/herstelcode",
        groups=code.groups() if code else (),
        is_new=not visit.state.has_recovery_code,
        today=services.now(),
        address=services.base_url + services.path,
        complaint=complaint,
    )
