"""Make an account."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler

from blauweknop.catalogue.texts import sentence
from blauweknop.holder.accounts import Opened, OpeningProblem, counted, make_account, new_opener
from blauweknop.holder.later import busy, problem_answer
from blauweknop.holder.page import holder_page
from blauweknop.holder.passphrase_form import complaints_of, read_new_passphrase
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.visit import PageRequest, Services, begin_visit, form_of
from blauweknop.web.language import language_of
from blauweknop.web.rate_limit import MemoryCounter, client_address, rate_limit

__all__ = ["new_routes"]


def new_routes(services: HolderServices) -> Sequence[HTTPRouteHandler]:
    """So many accounts an hour from one address."""
    guard = rate_limit("new account", limit=services.new_accounts, window=3600, counter=MemoryCounter())
    return [show_new, post("/nieuw", guards=[guard])(_make)]


@get("/nieuw", sync_to_thread=False)
def show_new(request: PageRequest, services: Services) -> Response[str]:
    return _form(request, services)


async def _make(request: PageRequest, services: Services) -> Response[Any]:
    return await sync_to_thread(_make_with_passphrase, request, services, await form_of(request))


def _make_with_passphrase(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    language = language_of(request)
    given, problems = read_new_passphrase(form)
    if given is None:
        return _form(request, services, name=form.get("name", ""), problems=problems)

    def make() -> Opened | OpeningProblem:
        opener = new_opener(given, services)
        if isinstance(opener, OpeningProblem):
            return opener
        return make_account(opener, sentence("holder.way.passphrase", language), services) or OpeningProblem("unknown")

    opened = counted(make, client_address(request), services, name=given.name)
    if isinstance(opened, OpeningProblem):
        return problem_answer(request, services, opened) or _form(request, services, name=given.name, problems={"passphrase": "other"})
    return begin_visit(request, services, opened, f"{services.path}/herstelcode") or busy(request, services)


def _form(
    request: PageRequest, services: HolderServices, *, name: str = "", problems: Mapping[str, str] = MappingProxyType({})
) -> Response[str]:
    return holder_page(
        request,
        services,
        "holder/new.html",
        None,
        status_code=422 if problems else 200,
        switch_path=f"{services.path}/nieuw",
        name=name,
        complaints=complaints_of(problems, language_of(request)),
    )
