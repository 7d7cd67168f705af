"""Who can open the account: the ways there are, a new passphrase, taking one away. Only for who opened the account a moment ago."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler

from blauweknop.catalogue.texts import sentence
from blauweknop.holder.accounts import OpeningProblem, add_way, counted, new_opener, ways_of
from blauweknop.holder.later import problem_answer
from blauweknop.holder.page import holder_page
from blauweknop.holder.passphrase_form import complaints_of, read_new_passphrase
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.state import UnlockLabel
from blauweknop.holder.visit import PageRequest, Services, Visit, enter, form_of
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other
from blauweknop.web.rate_limit import MemoryCounter, client_address, rate_limit

__all__ = ["access_routes", "enter_freshly"]

_ID_BYTES = 16


def access_routes(services: HolderServices) -> Sequence[HTTPRouteHandler]:
    """A new passphrase costs a slow computation, so there are only so many from one address."""
    guard = rate_limit("new passphrase", limit=services.attempts, window=60, counter=MemoryCounter())
    return [show_access, ask_again, take_away, show_passphrase, post("/toegang/wachtzin", guards=[guard])(_change_passphrase)]


def enter_freshly(request: PageRequest, services: HolderServices) -> Visit | Response[Any]:
    """Who opened the account a moment ago; others first open it again, so that an open screen gives nobody the account."""
    visit = enter(request, services)
    if isinstance(visit, Visit) and not visit.fresh_at(services.now()):
        return see_other(f"{services.path}/opnieuw-openen")
    return visit


@get("/toegang", sync_to_thread=True)
def show_access(request: PageRequest, services: Services) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    return access_page(request, services, visit)


@get("/opnieuw-openen", sync_to_thread=True)
def ask_again(request: PageRequest, services: Services) -> Response[Any]:
    """The account was opened too long ago for what the person wants to do."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    return holder_page(request, services, "holder/again.html", visit)


@post("/toegang/weg")
async def take_away(request: PageRequest, services: Services) -> Response[Any]:
    """Take a way to open away; all other browsers in which the account is open lock."""
    return await sync_to_thread(_take_away, request, services, await form_of(request))


@get("/toegang/wachtzin", sync_to_thread=True)
def show_passphrase(request: PageRequest, services: Services) -> Response[Any]:
    visit = enter_freshly(request, services)
    if isinstance(visit, Response):
        return visit
    return _passphrase_page(request, services, visit)


async def _change_passphrase(request: PageRequest, services: Services) -> Response[Any]:
    return await sync_to_thread(_change, request, services, await form_of(request))


def _take_away(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    visit = enter_freshly(request, services)
    if isinstance(visit, Response):
        return visit
    if not visit.may_take_away_at(services.now()):
        return access_page(request, services, visit, problem="cooling", status_code=403)
    if not services.accounts.remove(visit.session.account, _id(form.get("way", ""))):
        return access_page(request, services, visit, problem="last", status_code=409)
    services.sessions.end_others(visit.session)
    return see_other(f"{services.path}/toegang")


def _change(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    visit = enter_freshly(request, services)
    if isinstance(visit, Response):
        return visit
    given, problems = read_new_passphrase(form)
    if given is None:
        return _passphrase_page(request, services, visit, name=form.get("name", ""), problems=problems)
    now = services.now()
    label = UnlockLabel(sentence("holder.way.passphrase", language_of(request)), now)
    instead = visit.may_take_away_at(now)

    def change() -> bool | OpeningProblem:
        opener = new_opener(given, services)
        if isinstance(opener, OpeningProblem):
            return opener
        return add_way(opener, label, visit.opened, services, instead=instead) or OpeningProblem("unknown")

    changed = counted(change, client_address(request), services, name=given.name)
    if isinstance(changed, OpeningProblem):
        other = {"passphrase": "other"}
        return problem_answer(request, services, changed) or _passphrase_page(request, services, visit, name=given.name, problems=other)
    if instead:
        services.sessions.end_others(visit.session)
    return see_other(f"{services.path}/toegang")


def access_page(
    request: PageRequest, services: HolderServices, visit: Visit, *, problem: str = "", status_code: int = 200
) -> Response[str]:
    ways = ways_of(visit.session.account, visit.session.data_key, services)
    recoveries = sum(way.kind == "recovery" for way in ways)
    return holder_page(
        request,
        services,
        "holder/access.html",
        visit,
        status_code=status_code,
        switch_path=f"{services.path}/toegang",
        ways=ways,
        removable={way.id for way in ways if (recoveries if way.kind == "recovery" else len(ways) - recoveries) > 1},
        may_take_away=visit.may_take_away_at(services.now()),
        has_passphrase=any(way.kind == "passphrase" for way in ways),
        problem=problem,
    )


def _passphrase_page(
    request: PageRequest,
    services: HolderServices,
    visit: Visit,
    *,
    name: str = "",
    problems: Mapping[str, str] = MappingProxyType({}),
) -> Response[str]:
    return holder_page(
        request,
        services,
        "holder/passphrase.html",
        visit,
        status_code=422 if problems else 200,
        switch_path=f"{services.path}/toegang/wachtzin",
        name=name,
        may_take_away=visit.may_take_away_at(services.now()),
        complaints=complaints_of(problems, language_of(request)),
    )


def _id(text: str) -> bytes:
    """The id of a way to open, as a form gives it; what it cannot be is the id of nothing."""
    try:
        return bytes.fromhex(text) if len(text) == 2 * _ID_BYTES else b""
    except ValueError:
        return b""
