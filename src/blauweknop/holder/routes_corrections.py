"""Something in a document is wrong: how to ask the source, and a list of what was asked and how it stands."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.domain.verdict import Colour
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.corrections import MOST_WHY, CorrectionItem, read_correction
from blauweknop.holder.document_view import ShownValue, title_and_source, values_at
from blauweknop.holder.keeping import Check, verdict_on
from blauweknop.holder.kept_documents import KeptDocument, kept_document, kept_items
from blauweknop.holder.looking_again import outcome_of, remember_outcomes
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.routes_overview import Known, OpenedDocument, shown_document
from blauweknop.holder.routes_rights import Checked
from blauweknop.holder.vault import ItemHead
from blauweknop.holder.visit import PageRequest, Services, Visit, enter, form_of
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["corrections_router"]

_MOST_TEXT = 500


def corrections_router(catalogue: Catalogue, check: Check | None) -> Router:
    """Below the path of Mijn Blauwe Knop."""
    return Router(
        "/",
        route_handlers=[explain, ask, show_corrections, answered, check_again],
        dependencies={
            "catalogue": Provide(lambda: catalogue, sync_to_thread=False),
            "check": Provide(lambda: check, sync_to_thread=False),
        },
    )


@get("/documenten/{key:str}/klopt-niet", sync_to_thread=True)
def explain(request: PageRequest, services: Services, catalogue: Known, key: FromPath[str]) -> Response[Any]:
    """How to have it corrected, of the field that `veld` names or of the whole document."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    opened = shown_document(request, services, catalogue, visit, key)
    return _explanation(request, services, visit, opened, request.query_params.get("veld", ""))


@post("/documenten/{key:str}/klopt-niet")
async def ask(request: PageRequest, services: Services, catalogue: Known, key: FromPath[str]) -> Response[Any]:
    """Remember that the person asks the source."""
    return await sync_to_thread(_ask, request, services, catalogue, key, await form_of(request))


@get("/verbeteren", sync_to_thread=True)
def show_corrections(request: PageRequest, services: Services, check: Checked) -> Response[Any]:
    """What was asked, the newest first."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    asked = sorted(_corrections(visit), key=lambda pair: pair[1].asked_at, reverse=True)
    keys = {document.item.document_id: document.key for document in kept_items(visit.vault).documents}
    lines = [(head.id.hex(), item, keys.get(item.document_id)) for head, item in asked]
    return holder_page(request, services, "holder/corrections.html", visit, lines=lines, can_check=check is not None)


@post("/verbeteren/{number:str}/beantwoord", sync_to_thread=True)
def answered(request: PageRequest, services: Services, number: FromPath[str]) -> Response[Any]:
    """The person tells that the source answered."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    head, item = _correction(visit, number)
    now = services.now()
    if item.standing == "asked" and visit.vault.replace(head, item.now("answered", now).as_head(), b"") is not None:
        write_log(visit.vault, LogLine(now, Happening.CORRECTION_ANSWERED, f"{item.title}, {item.source_name}"))
    return see_other(f"{services.path}/verbeteren")


@post("/documenten/{key:str}/controleer", sync_to_thread=True)
def check_again(request: PageRequest, services: Services, catalogue: Known, check: Checked, key: FromPath[str]) -> Response[Any]:
    """Whether the document is still good; a source that corrects something takes the old document back."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    found = kept_document(visit.vault, key)
    kept = kept_items(visit.vault).document(key)
    if found is None or kept is None or check is None:
        raise NotFoundException("no such document")
    _check_now(visit, services, kept, found[1], check, catalogue, language_of(request))
    return see_other(f"{services.path}/documenten/{key}")


def _check_now(
    visit: Visit, services: HolderServices, kept: KeptDocument, pdf: bytes, check: Check, catalogue: Catalogue, language: str
) -> None:
    """Of a check that could not be done nothing is remembered here: the person asked whether it was withdrawn, and that is not known."""
    now = services.now()
    verdict = verdict_on(pdf, check, now)
    if verdict is None:
        return
    outcome = outcome_of(verdict, kept.check, now)
    remember_outcomes(visit.vault, {kept: outcome}, now, catalogue=catalogue, language=language)
    if outcome.colour is not Colour.RED:
        about = title_and_source(kept.item.dataset, kept.item.source_name, catalogue, language)
        write_log(visit.vault, LogLine(now, Happening.CHECKED_AGAIN, about))


def _ask(request: PageRequest, services: HolderServices, catalogue: Catalogue, key: str, form: Mapping[str, str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    opened = shown_document(request, services, catalogue, visit, key)
    place, why = form.get("veld", ""), form.get("why", "").strip()
    values = values_at(opened.view.parts, place)
    if not why or len(why) > MOST_WHY:
        return _explanation(request, services, visit, opened, place, why=why[:MOST_WHY], complaint="empty" if not why else "long")
    value = values[0] if len(values) == 1 else ShownValue("", "", "")
    now = services.now()
    item = CorrectionItem(
        document_id=opened.kept.item.document_id,
        title=opened.view.title,
        source_name=opened.view.source,
        anchor=value.anchor,
        label=value.label,
        value=value.words[:_MOST_TEXT],
        why=why,
        asked_at=now,
    )
    visit.vault.add(item.as_head())
    write_log(visit.vault, LogLine(now, Happening.CORRECTION_ASKED, f"{item.title}, {item.source_name}"))
    return see_other(f"{services.path}/verbeteren")


def _explanation(
    request: PageRequest,
    services: HolderServices,
    visit: Visit,
    opened: OpenedDocument,
    place: str,
    *,
    why: str = "",
    complaint: str = "",
) -> Response[str]:
    return holder_page(
        request,
        services,
        "holder/correction.html",
        visit,
        status_code=422 if complaint else 200,
        switch_path=f"{services.path}/documenten/{opened.kept.key}/klopt-niet" if complaint else "",
        view=opened.view,
        number=opened.kept.item.document_id,
        values=values_at(opened.view.parts, place),
        place=place,
        address=f"{services.path}/documenten/{opened.kept.key}",
        why=why,
        complaint=sentence(f"holder.correction.why.{complaint}", language_of(request)) if complaint else "",
    )


def _corrections(visit: Visit) -> list[tuple[ItemHead, CorrectionItem]]:
    found = ((head, read_correction(head.head)) for head in visit.vault.heads())
    return [(head, item) for head, item in found if item is not None]


def _correction(visit: Visit, number: str) -> tuple[ItemHead, CorrectionItem]:
    """Raises: NotFoundException."""
    for head, item in _corrections(visit):
        if head.id.hex() == number:
            return head, item
    raise NotFoundException("no such request")
