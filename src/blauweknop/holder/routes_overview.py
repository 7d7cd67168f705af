"""The pages of figures and documents: the overview, on screen, to print and as a file; and each document that it is made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation

from blauweknop.catalogue import Catalogue
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue
from blauweknop.holder.document_page import CheckedDocument, DocumentPage, age_of, document_page
from blauweknop.holder.kept_documents import KeptDocument, KeptItems, ReadDocuments, counted_documents, kept_document, kept_items
from blauweknop.holder.looking_again import Looking
from blauweknop.holder.overview_view import overview_view
from blauweknop.holder.page import holder_page, saved
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.unreadable import unreadable_lines, unreadable_remarks
from blauweknop.holder.visit import PageRequest, Services, Visit, enter
from blauweknop.insight import Overview, as_csv, as_json, overview_of, read_document
from blauweknop.web.language import language_of

__all__ = ["Known", "Looks", "OpenedDocument", "overview_of_visit", "overview_router", "shown_document", "today"]

Known = NamedDependency[SkipValidation[Catalogue]]
"""The catalogue, which is asked for by the name `catalogue`."""
Looks = NamedDependency[SkipValidation[Looking | None]]
"""What looks again at documents, asked for by the name `looking`; None where nothing does."""
_MONTHS = (12, 24, 36)


def overview_router(catalogue: Catalogue) -> Router:
    """Below the path of Mijn Blauwe Knop."""
    return Router(
        "/",
        route_handlers=[show_overview, print_overview, save_figures, show_document, save_document],
        dependencies={"catalogue": Provide(lambda: catalogue, sync_to_thread=False)},
    )


@get("/overzicht", sync_to_thread=True)
def show_overview(request: PageRequest, services: Services, catalogue: Known, looking: Looks) -> Response[Any]:
    return _overview_page(request, services, catalogue, looking, printing=False)


@get("/overzicht/afdrukken", sync_to_thread=True)
def print_overview(request: PageRequest, services: Services, catalogue: Known, looking: Looks) -> Response[Any]:
    """The same with every computation opened."""
    return _overview_page(request, services, catalogue, looking, printing=True)


@get("/overzicht/cijfers/{form:str}", sync_to_thread=True)
def save_figures(request: PageRequest, services: Services, catalogue: Known, form: FromPath[str]) -> Response[Any]:
    """All figures over 36 months, as a file."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    overview = overview_of_visit(visit, kept_items(visit.vault), services, catalogue)
    if form == "csv":
        return saved(as_csv(overview, language_of(request)).encode("utf-8-sig"), "text/csv", "overzicht.csv")
    if form == "json":
        return saved(as_json(overview, language_of(request)).encode("utf-8"), "application/json", "overzicht.json")
    raise NotFoundException("no such form")


@get("/documenten/{key:str}", sync_to_thread=True)
def show_document(request: PageRequest, services: Services, catalogue: Known, key: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    opened = shown_document(request, services, catalogue, visit, key)
    return holder_page(request, services, "holder/document.html", visit, view=opened.view, address=f"{services.path}/documenten/{key}")


@get("/documenten/{key:str}/{form:str}", sync_to_thread=True)
def save_document(request: PageRequest, services: Services, key: FromPath[str], form: FromPath[str]) -> Response[Any]:
    """The file as its source sealed it, or what it says."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    found = kept_document(visit.vault, key)
    if found is None or form not in ("pdf", "json"):
        raise NotFoundException("no such document")
    content, pdf = found
    name = f"{content.get('type')}-{content.get('reference_date')}"
    if form == "pdf":
        return saved(pdf, "application/pdf", f"{name}.pdf")
    return saved(json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8"), "application/json", f"{name}.json")


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document of this account, as kept and as shown."""

    kept: KeptDocument
    content: Mapping[str, JsonValue] = field(repr=False)
    pdf: bytes = field(repr=False)
    view: DocumentPage


def shown_document(request: PageRequest, services: HolderServices, catalogue: Catalogue, visit: Visit, key: str) -> OpenedDocument:
    """Raises: NotFoundException, when this account has no such document, whether or not another has."""
    items = kept_items(visit.vault)
    kept = items.document(key)
    found = kept_document(visit.vault, key)
    if kept is None or found is None or kept.item.dataset not in catalogue.datasets:
        raise NotFoundException("no such document")
    content, pdf = found
    checked = CheckedDocument(
        document=read_document(key, content),
        content=content,
        colour=kept.check.colour,
        checked_at=kept.check.at,
        kept_since=kept.item.kept_at,
        has_pdf=bool(pdf),
        is_apart=kept.item.standing == "apart",
        newer=items.newest_of(kept),
    )
    view = document_page(checked, catalogue, at=today(services), language=language_of(request))
    return OpenedDocument(kept, content, pdf, view)


def today(services: HolderServices) -> date:
    return services.now().astimezone(AMSTERDAM).date()


def overview_of_visit(
    visit: Visit, items: KeptItems, services: HolderServices, catalogue: Catalogue, *, months: int = max(_MONTHS)
) -> Overview:
    """What the documents of this account say today. A document that cannot be opened is in no figure, and told as a remark."""
    at = today(services)

    def made() -> Overview:
        read = _documents_of_visit(visit, items, services)
        overview = overview_of(read.documents, catalogue=catalogue, at=at, months=months, expected=items.expected)
        return replace(overview, remarks=(*unreadable_remarks(items, read, catalogue), *overview.remarks))

    return services.remembered.get(visit.session.account, items.mark, ("overview", at, months), made, now=services.now())


def _documents_of_visit(visit: Visit, items: KeptItems, services: HolderServices) -> ReadDocuments:
    read = partial(counted_documents, items.documents, visit.vault)
    return services.remembered.get(visit.session.account, items.mark, "documents", read, now=services.now())


def _overview_page(
    request: PageRequest, services: HolderServices, catalogue: Catalogue, looking: Looking | None, *, printing: bool
) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    asked = request.query_params.get("maanden", "")
    months = int(asked) if asked in {str(count) for count in _MONTHS} else min(_MONTHS)
    items, language = kept_items(visit.vault), language_of(request)
    if looking is not None:
        looking.begin(visit.vault, items, services.now(), language=language)
    overview = overview_of_visit(visit, items, services, catalogue, months=months)
    view = services.remembered.get(
        visit.session.account,
        items.mark,
        ("view", overview.at, months, language),
        lambda: overview_view(overview, catalogue=catalogue, path=f"{services.path}/documenten", language=language),
        now=services.now(),
    )
    ages = {document.key: age_of(document, overview.at) for document in overview.collection.documents}
    damaged = _documents_of_visit(visit, items, services).unreadable
    readable = [document for document in items.documents if document not in damaged]
    return holder_page(
        request,
        services,
        "holder/overview.html",
        visit,
        view=view,
        lines=[(document, catalogue.datasets.get(document.item.dataset), ages.get(document.key)) for document in readable],
        papers=items.papers,
        lost=items.lost,
        unreadable=unreadable_lines(visit.vault, items, damaged, catalogue, language),
        printing=printing,
    )
