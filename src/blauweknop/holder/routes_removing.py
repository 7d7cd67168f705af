"""Take a document or an own paper away, after a page that says what the overview loses; and put the last one back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Response, Router, get, post
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dates import date_in_words
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.document_view import title_and_source
from blauweknop.holder.items import CredentialItem
from blauweknop.holder.keeping import items_of
from blauweknop.holder.kept_documents import KeptDocument, KeptItems, counted_documents, kept_items
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.removal_effects import effects_of
from blauweknop.holder.removing import REMOVED_NOTE, forget, put_back, removed_of, take_away, take_for_good
from blauweknop.holder.routes_overview import Known, today
from blauweknop.holder.unreadable import unreadable_id
from blauweknop.holder.visit import PageRequest, Services, Visit, enter, keep_note
from blauweknop.insight import overview_of
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["removing_router"]


def removing_router(catalogue: Catalogue) -> Router:
    """Below the path of Mijn Blauwe Knop."""
    return Router(
        "/",
        route_handlers=[
            ask_about_document,
            remove_document,
            ask_about_paper,
            remove_paper,
            ask_about_unreadable,
            remove_unreadable,
            undo,
        ],
        dependencies={"catalogue": Provide(lambda: catalogue, sync_to_thread=False)},
    )


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What goes, and what is said before it goes."""

    items: tuple[bytes, ...]
    title: str = field(repr=False)
    effects: tuple[str, ...]
    address: str
    after: str  # the page where a person goes on
    happening: Happening


@get("/documenten/{key:str}/weghalen", sync_to_thread=True)
def ask_about_document(request: PageRequest, services: Services, catalogue: Known, key: FromPath[str]) -> Response[Any]:
    """Whether it may go, and what goes with it."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    return _question(request, services, visit, _document(visit, key, services, catalogue, language_of(request)))


@post("/documenten/{key:str}/weghalen", sync_to_thread=True)
def remove_document(request: PageRequest, services: Services, catalogue: Known, key: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    return _remove(visit, services, _document(visit, key, services, catalogue, language_of(request)))


@get("/papieren/{key:str}/weghalen", sync_to_thread=True)
def ask_about_paper(request: PageRequest, services: Services, key: FromPath[str]) -> Response[Any]:
    """The same of a paper of one's own, of which nobody else may have a copy."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    return _question(request, services, visit, _paper(visit, key, services, language_of(request)))


@post("/papieren/{key:str}/weghalen", sync_to_thread=True)
def remove_paper(request: PageRequest, services: Services, key: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    return _remove(visit, services, _paper(visit, key, services, language_of(request)))


@get("/onleesbaar/{key:str}/weghalen", sync_to_thread=True)
def ask_about_unreadable(request: PageRequest, services: Services, key: FromPath[str]) -> Response[Any]:
    """Of what cannot be opened any more, and so cannot be put back either."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    if unreadable_id(visit.vault, key) is None:
        raise NotFoundException("no such item")
    return holder_page(request, services, "holder/remove-unreadable.html", visit, key=key)


@post("/onleesbaar/{key:str}/weghalen", sync_to_thread=True)
def remove_unreadable(request: PageRequest, services: Services, key: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    item_id = unreadable_id(visit.vault, key)
    if item_id is not None:
        take_for_good(item_id, visit.vault)
        write_log(visit.vault, LogLine(services.now(), Happening.UNREADABLE_REMOVED))
    return see_other(f"{services.path}/gegevens")


@post("/terugzetten", sync_to_thread=True)
def undo(request: PageRequest, services: Services) -> Response[Any]:
    """Put back what was taken away last; when that cannot be any more the page says so."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    removed = removed_of(visit.session.notes)
    keep_note(visit, services, REMOVED_NOTE, None)
    if removed is None or not put_back(removed, visit.vault):
        address = f"{services.path}/overzicht"
        return holder_page(request, services, "holder/gone.html", visit, status_code=410, switch_path=address)
    write_log(visit.vault, LogLine(services.now(), Happening.PUT_BACK, removed.title))
    return see_other(f"{services.path}/gegevens")


def _question(request: PageRequest, services: HolderServices, visit: Visit, leaving: _Leaving | None) -> Response[Any]:
    if leaving is None:
        raise NotFoundException("no such item")
    return holder_page(request, services, "holder/remove.html", visit, leaving=leaving)


def _remove(visit: Visit, services: HolderServices, leaving: _Leaving | None) -> Response[Any]:
    """Who sends the question twice finds that it is gone, and how to put it back."""
    if leaving is None:
        return see_other(f"{services.path}/gegevens")
    now = services.now()
    earlier = removed_of(visit.session.notes)
    if earlier is not None:
        forget(earlier, visit.vault)
    removed = take_away(leaving.items, visit.vault, title=leaving.title, now=now, random=services.random)
    keep_note(visit, services, REMOVED_NOTE, removed.as_json() if removed else None)
    write_log(visit.vault, LogLine(now, leaving.happening, leaving.title))
    return see_other(f"{services.path}{leaving.after}")


def _document(visit: Visit, key: str, services: HolderServices, catalogue: Catalogue, language: str) -> _Leaving | None:
    items = kept_items(visit.vault)
    kept = items.document(key)
    if kept is None:
        return None
    others = [document for document in items.documents if _series(document) == _series(kept) and document is not kept]
    credentials = () if others or kept.item.standing == "apart" else tuple(_credentials(kept, visit))
    effects = [*_in_figures(kept, items, visit, services, catalogue, language)]
    older = next((other for other in others if other.item.standing == "replaced"), None)
    if kept.item.standing == "current" and older is not None:
        day = date_in_words(older.item.reference.date(), language)
        effects.append(sentence("holder.remove.effect.older", language, day=day))
    if credentials:
        effects.append(sentence("holder.remove.effect.credential", language))
    title = title_and_source(kept.item.dataset, kept.item.source_name, catalogue, language)
    address = f"{services.path}/documenten/{key}"
    return _Leaving((bytes.fromhex(key), *credentials), title, tuple(effects), address, "/overzicht", Happening.REMOVED)


def _paper(visit: Visit, key: str, services: HolderServices, language: str) -> _Leaving | None:
    paper = dict(kept_items(visit.vault).papers).get(key)
    if paper is None:
        return None
    effects = (sentence("holder.remove.effect.paper", language),)
    return _Leaving((bytes.fromhex(key),), paper.title, effects, f"{services.path}/papieren/{key}", "/toevoegen", Happening.PAPER_REMOVED)


def _series(document: KeptDocument) -> tuple[str, str, bool]:
    return (document.item.source_oin, document.item.dataset, document.item.standing == "apart")


def _credentials(kept: KeptDocument, visit: Visit) -> Iterator[bytes]:
    """The proofs for sharing of the same data of the same source."""
    for head, item in items_of(visit.vault):
        if isinstance(item, CredentialItem) and (item.source_oin, item.dataset) == (kept.item.source_oin, kept.item.dataset):
            yield head.id


def _in_figures(
    kept: KeptDocument, items: KeptItems, visit: Visit, services: HolderServices, catalogue: Catalogue, language: str
) -> Sequence[str]:
    documents = counted_documents(items.documents, visit.vault).documents
    without = [document for document in documents if document.key != kept.key]
    before, after = (overview_of(found, catalogue=catalogue, at=today(services)) for found in (documents, without))
    return effects_of(before, after, language) or (sentence("holder.remove.effect.none", language),)
