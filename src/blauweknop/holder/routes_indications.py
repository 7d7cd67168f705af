"""The page of indications: what rules of others say with one's own documents. What is typed goes in no address and is kept nowhere."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import Provide

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.load_rule_packs import load_rule_packs
from blauweknop.catalogue.texts import sentence
from blauweknop.holder.explained import Links
from blauweknop.holder.indications import RULE_FIELD, Indication, indications
from blauweknop.holder.kept_documents import kept_items
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.routes_overview import Known, overview_of_visit
from blauweknop.holder.visit import PageRequest, Services, enter, form_of
from blauweknop.web.language import language_of

__all__ = ["indications_router"]


def indications_router(catalogue: Catalogue) -> Router:
    """Below the path of Mijn Blauwe Knop."""
    provided = Provide(lambda: catalogue, sync_to_thread=False)
    return Router("/overzicht/indicaties", route_handlers=[show_indications, compute_indications], dependencies={"catalogue": provided})


@get("/", sync_to_thread=True)
def show_indications(request: PageRequest, services: Services, catalogue: Known) -> Response[Any]:
    """With what stands in the documents."""
    return _page(request, services, catalogue, None)


@post("/", status_code=200)
async def compute_indications(request: PageRequest, services: Services, catalogue: Known) -> Response[Any]:
    """With what was typed for one of the rules as well."""
    return await sync_to_thread(_page, request, services, catalogue, await form_of(request))


def _page(request: PageRequest, services: HolderServices, catalogue: Catalogue, typed: Mapping[str, str] | None) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    overview = overview_of_visit(visit, kept_items(visit.vault), services, catalogue)
    language = language_of(request)
    links = Links.to(overview.collection.documents, catalogue, f"{services.path}/documenten", language)
    found = indications(overview, packs=load_rule_packs(), links=links, typed=typed)
    complaints = [complaint for each in found for complaint in _complaints(each, language)]
    return holder_page(
        request,
        services,
        "holder/indications.html",
        visit,
        status_code=422 if complaints else 200,
        switch_path=f"{services.path}/overzicht/indicaties",
        found=found,
        day=overview.at,
        complaints=dict(complaints),
        errors=complaints,
        rule_field=RULE_FIELD,
        sent=typed.get(RULE_FIELD) if typed else None,
    )


def _complaints(indication: Indication, language: str) -> list[tuple[str, str]]:
    """By the id of the field in the page."""
    wrong = [question for question in indication.asked if question.complaint]
    return [
        (f"{indication.name}-{question.name}", sentence(f"holder.indications.wrong.{question.complaint}", language)) for question in wrong
    ]
