"""Erase an account with all that is in it: at once, for good, after a clear question."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread

from blauweknop.catalogue.texts import sentence
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.routes_access import enter_freshly
from blauweknop.holder.visit import PageRequest, Services, Visit, end_visit, form_of
from blauweknop.web.language import language_of

__all__ = ["confirm_erasing", "erase", "erased"]


@get("/wissen", sync_to_thread=True)
def confirm_erasing(request: PageRequest, services: Services) -> Response[Any]:
    visit = enter_freshly(request, services)
    if isinstance(visit, Response):
        return visit
    return _question(request, services, visit)


@post("/wissen")
async def erase(request: PageRequest, services: Services) -> Response[Any]:
    """Only with the box ticked."""
    return await sync_to_thread(_erase, request, services, await form_of(request))


@get("/gewist", sync_to_thread=False)
def erased(request: PageRequest, services: Services) -> Response[str]:
    return holder_page(request, services, "holder/erased.html", None)


def _erase(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    visit = enter_freshly(request, services)
    if isinstance(visit, Response):
        return visit
    if form.get("sure") != "yes":
        return _question(request, services, visit, complaint=sentence("holder.erase.tick", language_of(request)))
    services.before_erasing(visit.vault)
    services.accounts.erase(visit.session.account)
    services.remembered.forget(visit.session.account)
    return end_visit(request, services, f"{services.path}/gewist")


def _question(request: PageRequest, services: HolderServices, visit: Visit, *, complaint: str = "") -> Response[str]:
    return holder_page(
        request,
        services,
        "holder/erase.html",
        visit,
        status_code=422 if complaint else 200,
        switch_path=f"{services.path}/wissen",
        items=visit.vault.count(),
        complaint=complaint,
    )
