"""Who has what until when, and taking all of one life event back.

/gedeeld/wie-heeft-wat                     a table for each life event
/gedeeld/wie-heeft-wat/intrekken           are you sure (`?over=<life event>`); and yes
"""

from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.kept_documents import kept_items
from blauweknop.holder.later import busy
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.sharing.matrix import Matrix, matrices
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.requests import answered_requests, kept_request
from blauweknop.holder.sharing.withdrawing import look_for_proof, withdraw
from blauweknop.holder.unreadable import unreadable_lines
from blauweknop.holder.visit import PageRequest, Services, Visit, enter
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["MATRIX_HANDLERS"]

_Sharing = NamedDependency[SkipValidation[SharingServices]]


@get("/wie-heeft-wat", sync_to_thread=True)
def show_matrix(request: PageRequest, services: Services, sharing: _Sharing) -> Response[Any]:
    """A table for each life event."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    unreadable = unreadable_lines(visit.vault, kept_items(visit.vault), (), sharing.catalogue, language_of(request))
    found = _matrices(request, sharing, visit)
    return holder_page(request, services, "holder/who-has-what.html", visit, matrices=found, unreadable=unreadable)


@get("/wie-heeft-wat/intrekken", sync_to_thread=True)
def confirm_all(request: PageRequest, services: Services, sharing: _Sharing) -> Response[Any]:
    """Are you sure; names everybody who would be asked to erase."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    found = _of_event(request, sharing, visit, request.query_params.get("over", ""))
    if found is None or not found.can_withdraw:
        return see_other(f"{services.path}/gedeeld/wie-heeft-wat")
    return holder_page(request, services, "holder/withdraw-all.html", visit, matrix=found)


@post("/wie-heeft-wat/intrekken", status_code=200)
async def take_all_back(request: PageRequest, services: Services, sharing: _Sharing) -> Response[Any]:
    """Yes: each receiver is asked on its own, so that one that does not answer holds up no other."""
    form = await request.form()
    event, seen = form.get("over", ""), [key for key in form.getall("key", []) if isinstance(key, str)]
    return await sync_to_thread(_take_back, request, services, sharing, event if isinstance(event, str) else "", frozenset(seen))


MATRIX_HANDLERS = [show_matrix, confirm_all, take_all_back]


def _take_back(request: PageRequest, services: HolderServices, sharing: SharingServices, event: str, seen: frozenset[str]) -> Response[Any]:
    """Only what the page named: what was shared meanwhile stays."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    found = _of_event(request, sharing, visit, event)
    for key in found.can_withdraw if found is not None else ():
        kept = kept_request(visit.vault, key) if key in seen else None
        try:
            if kept is not None:
                withdraw(kept, visit.vault, sharing)
        except BlauweKnopError:
            return busy(request, services)
    return see_other(f"{services.path}/gedeeld/wie-heeft-wat")


def _matrices(request: PageRequest, sharing: SharingServices, visit: Visit) -> tuple[Matrix, ...]:
    looked = [look_for_proof(kept, visit.vault, sharing) for kept in answered_requests(visit.vault)]
    return matrices(looked, sharing.catalogue, sharing.now(), language_of(request))


def _of_event(request: PageRequest, sharing: SharingServices, visit: Visit, event: str) -> Matrix | None:
    return next((one for one in _matrices(request, sharing, visit) if one.event == event), None)
