"""The pages on which a person fetches: which sources there are, to one of them and back, and how it stands.

A request that a browser was sent away with stays in the notes of the visit, under its `state`, and is used once. So an answer counts only
in the browser, and in the visit, that it was asked in.
"""

from dataclasses import dataclass
from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.collecting.adding import Collecting, add_document, add_paper, show_adding, show_paper
from blauweknop.holder.collecting.asking import Pending, begin, came_back, wanted_of
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.connection import can_go_on, is_worked_on, open_connection, try_again, work_on
from blauweknop.holder.collecting.metadata import describe
from blauweknop.holder.collecting.ports import CollectingServices, Source, SourceProblem
from blauweknop.holder.collecting.renewing import begin_renewals
from blauweknop.holder.collecting.showing import apart_of, next_source, shown_connection, shown_sources, unchecked_of
from blauweknop.holder.items import ConnectionItem, DocumentItem, UncheckedItem
from blauweknop.holder.keeping import count_after_all, items_of, recheck
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.sharing.news import waiting_news
from blauweknop.holder.vault import ItemHead, VaultFull
from blauweknop.holder.visit import PageRequest, Services, Visit, enter, form_of, keep_note
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["collecting_router"]

Works = NamedDependency[SkipValidation[Background]]

_NOTE = "collecting"
_MOST_PENDING = 8  # tabs
_MOST_MDOCS = 50
_REFRESH = "3"  # seconds


def collecting_router(services: HolderServices, collecting: CollectingServices, background: Background) -> Router:
    """The pages below the path of the holder."""
    return Router(
        services.path,
        route_handlers=[
            Router("/ophalen", route_handlers=[show_sources, go, come_back, show_standing, retry, count]),
            Router("/toevoegen", route_handlers=[show_adding, add_document]),
            Router("/papieren", route_handlers=[add_paper, show_paper]),
        ],
        dependencies={
            "services": Provide(lambda: services, sync_to_thread=False),
            "collecting": Provide(lambda: collecting, sync_to_thread=False),
            "background": Provide(lambda: background, sync_to_thread=False),
        },
    )


@get("/", sync_to_thread=True)
def show_sources(request: PageRequest, services: Services, collecting: Collecting, background: Works) -> Response[Any]:
    """Which sources there are, what they have, and how it stands. What is still to come, or runs low, is asked for again."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    for head, item in items_of(visit.vault):
        if isinstance(item, ConnectionItem):
            _go_on(head, item, visit, request, collecting, background)
    begin_renewals(visit.vault, collecting, background)
    _check_what_waits(visit, collecting, background)
    return _sources_page(request, services, collecting, visit)


@post("/", status_code=200)
async def go(request: PageRequest, services: Services, collecting: Collecting) -> Response[Any]:
    """To a source; or to the next one of a round."""
    form = await form_of(request)
    wanted = _Wanted(form.get("source", ""), form.get("round") == "yes", frozenset(form.get("mdoc", "").split()[:_MOST_MDOCS]))
    return await sync_to_thread(_go, request, services, collecting, wanted)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Where to, whether the next source follows, and the data sets of which somebody asked an mdoc."""

    source: str
    in_round: bool
    mobile: frozenset[str]


@get("/terug", sync_to_thread=True)
def come_back(request: PageRequest, services: Services, collecting: Collecting, background: Works) -> Response[Any]:
    """Back from a source: `state` finds what was asked, in this visit, once; an answer of another source is not used."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    query = {name: request.query_params.getall(name) for name in request.query_params}
    pending = _taken(query.get("state", []), visit, services)
    came = came_back(query, pending) if pending else None
    source = _source(collecting, pending.source) if pending else None
    if pending is None or came is None or source is None:
        return _sources_page(request, services, collecting, visit, problem="unknown", status_code=400)
    try:
        head = open_connection(source, pending, came, visit.vault, collecting)
    except VaultFull:
        return _sources_page(request, services, collecting, visit, problem="full", status_code=409)
    return see_other(f"{services.path}/ophalen/{head.id.hex()}{'?ronde' if pending.round else ''}")


@get("/{connection:str}", sync_to_thread=True)
def show_standing(
    request: PageRequest, connection: FromPath[str], services: Services, collecting: Collecting, background: Works
) -> Response[Any]:
    """How it stands with one source; the page comes again by itself while something is being fetched."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    found = _connection(connection, visit)
    if found is None:
        return see_other(f"{services.path}/ophalen")
    _go_on(*found, visit, request, collecting, background)
    language = language_of(request)
    now = collecting.now()
    busy = background.is_at(found[0].id) or is_worked_on(found[1], now)
    shown = shown_connection(*found, collecting.catalogue, language, now)
    in_round = "ronde" in request.query_params
    sources = collecting.sources(now)
    follows = next_source(sources, items_of(visit.vault), now) if in_round else None
    place = [source.id for source in sources].index(follows.id) if follows else len(sources)
    return holder_page(
        request,
        services,
        "holder/collect-standing.html",
        visit,
        headers={"Refresh": _REFRESH} if busy else None,
        standing=shown,
        busy=busy,
        news=() if busy else waiting_news(visit.vault, collecting.catalogue, now),
        in_round=in_round,
        follows=follows,
        place=place,
        number=len(sources),
        again=f"{services.path}/ophalen/{connection}{'?ronde' if in_round else ''}",
    )


@post("/opnieuw")
async def retry(request: PageRequest, services: Services, collecting: Collecting) -> Response[Any]:
    """Try again what failed for a reason that may have passed."""
    form = await form_of(request)
    return await sync_to_thread(_retry, request, services, collecting, form.get("connection", ""))


@post("/toch")
async def count(request: PageRequest, services: Services, collecting: Collecting) -> Response[Any]:
    """The person says that a document that was put apart is their own."""
    form = await form_of(request)
    return await sync_to_thread(_count, request, services, form.get("document", ""))


def _go(request: PageRequest, services: HolderServices, collecting: CollectingServices, wanted: _Wanted) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    now = collecting.now()
    follows = wanted.in_round and not wanted.source
    source = next_source(collecting.sources(now), items_of(visit.vault), now) if follows else _source(collecting, wanted.source)
    if source is None:
        return see_other(f"{services.path}/ophalen")
    try:
        endpoints = describe(source, collecting.send)
        names = wanted_of(source, endpoints, mobile=wanted.mobile)
        state, address, pending = begin(source, endpoints, names, collecting, in_round=wanted.in_round)
    except SourceProblem as problem:
        return _sources_page(
            request, services, collecting, visit, problem="silent" if problem.may_pass else "refused", source=source.name, status_code=503
        )
    waiting = _pending_notes(visit)
    newest = dict(list(waiting.items())[-(_MOST_PENDING - 1) :])
    if not keep_note(visit, services, _NOTE, {**newest, state: pending.as_json()}):
        return see_other(f"{services.path}/ophalen")
    # No redirect: browsers hold those after a form against the policy of the page with the form, and a source sends on to its login.
    leaving = {"Refresh": f"0; url={address}"}
    return holder_page(request, services, "holder/collect-leaving.html", visit, headers=leaving, source=source, address=address)


def _retry(request: PageRequest, services: HolderServices, collecting: CollectingServices, connection: str) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    found = _connection(connection, visit)
    if found is None:
        return see_other(f"{services.path}/ophalen")
    try_again(found[0].id, visit.vault, collecting.now())
    return see_other(f"{services.path}/ophalen/{connection}")


def _count(request: PageRequest, services: HolderServices, document: str) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    apart = {head.id.hex(): head.id for head, item in items_of(visit.vault) if isinstance(item, DocumentItem) and item.standing == "apart"}
    if document in apart:
        count_after_all(apart[document], visit.vault)
    return see_other(f"{services.path}/ophalen")


def _sources_page(
    request: PageRequest,
    services: HolderServices,
    collecting: CollectingServices,
    visit: Visit,
    *,
    problem: str = "",
    source: str = "",
    status_code: int = 200,
) -> Response[Any]:
    language, now = language_of(request), collecting.now()
    items = list(items_of(visit.vault))
    sources = collecting.sources(now)
    return holder_page(
        request,
        services,
        "holder/collect.html",
        visit,
        status_code=status_code,
        switch_path=f"{services.path}/ophalen",
        sources=shown_sources(sources, items, collecting.catalogue, language, now),
        follows=next_source(sources, items, now),
        apart=apart_of(items, collecting.catalogue, language),
        unchecked=unchecked_of(items, collecting.catalogue, language),
        problem=sentence(f"holder.collect.problem.{problem}", language, source=source) if problem else "",
    )


def _check_what_waits(visit: Visit, collecting: CollectingServices, background: Background) -> None:
    """While the page goes out already: who comes again sees what came of it."""
    if any(isinstance(item, UncheckedItem) for _, item in items_of(visit.vault)):
        background.begin(b"recheck " + visit.vault.account, lambda: recheck(visit.vault, collecting.check, collecting.now()))


def _go_on(
    head: ItemHead, item: ConnectionItem, visit: Visit, request: PageRequest, collecting: CollectingServices, background: Background
) -> None:
    """Fetch what is to be fetched, unless somebody is at it."""
    if can_go_on(item, collecting.now()):
        language = language_of(request)
        background.begin(head.id, lambda: work_on(head.id, visit.vault, collecting, language=language))


def _taken(states: list[str], visit: Visit, services: HolderServices) -> Pending | None:
    """What was asked under this state, used up; None when this visit asked nothing so."""
    waiting = _pending_notes(visit)
    if len(states) != 1 or states[0] not in waiting:
        return None
    found = waiting.pop(states[0])
    if not keep_note(visit, services, _NOTE, waiting):
        return None
    try:
        return Pending.from_json(found)
    except MalformedValue:
        return None


def _pending_notes(visit: Visit) -> dict[str, JsonValue]:
    kept = visit.session.notes.get(_NOTE)
    return dict(kept) if isinstance(kept, dict) else {}


def _connection(name: str, visit: Visit) -> tuple[ItemHead, ConnectionItem] | None:
    return next(((head, item) for head, item in items_of(visit.vault) if head.id.hex() == name and isinstance(item, ConnectionItem)), None)


def _source(collecting: CollectingServices, name: str) -> Source | None:
    return next((source for source in collecting.sources(collecting.now()) if source.id == name), None)
