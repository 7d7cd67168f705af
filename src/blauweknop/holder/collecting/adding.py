"""Add what a person has already: a certified PDF, which is checked first, or a paper of one's own, which stays "niet gewaarmerkt"."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation

from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.collecting.ports import CollectingServices
from blauweknop.holder.collecting.refusals import refusal_in_words
from blauweknop.holder.document_view import title_and_source
from blauweknop.holder.items import DocumentItem, OwnPaperItem, head_of
from blauweknop.holder.keeping import NotKept, items_of, keep_document
from blauweknop.holder.own_papers import MOST_PAPER_BYTES, MOST_PAPER_TITLE, MOST_PAPERS, PAPER_ENDINGS, is_paper_title, paper_type_of
from blauweknop.holder.page import holder_page, saved
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.vault import ItemHead, VaultFull
from blauweknop.holder.visit import PageRequest, Services, Visit, enter
from blauweknop.web.language import language_of
from blauweknop.web.upload import MOST_UPLOAD, UploadRefused, file_of_form, form_of_visitor, text_of_form

__all__ = ["Collecting", "add_document", "add_paper", "show_adding", "show_paper"]

Collecting = NamedDependency[SkipValidation[CollectingServices]]

_FILE, _TITLE = "bestand", "titel"
_MOST_BODY = 2 * MOST_UPLOAD


@get("/", sync_to_thread=True)
def show_adding(request: PageRequest, services: Services, collecting: Collecting) -> Response[Any]:
    """Both forms, and the own papers that are here."""
    visit = enter(request, services)
    return visit if isinstance(visit, Response) else _page(request, services, collecting, visit)


@post("/", status_code=200, exclude_from_csrf=True, request_max_body_size=_MOST_BODY)
async def add_document(request: PageRequest, services: Services, collecting: Collecting) -> Response[Any]:
    """A certified PDF: kept when the check says that it is real."""
    visit = await sync_to_thread(enter, request, services)
    if isinstance(visit, Response):
        return visit
    try:
        body = await form_of_visitor(request)
        data = file_of_form(body, request.headers.get("content-type", ""), _FILE)
    except UploadRefused as refused:
        return await sync_to_thread(_refused, request, services, collecting, visit, refused.code, _FILE)
    return await sync_to_thread(_keep, request, services, collecting, visit, data)


@post("/", status_code=200, exclude_from_csrf=True, request_max_body_size=_MOST_BODY)
async def add_paper(request: PageRequest, services: Services, collecting: Collecting) -> Response[Any]:
    """A paper of one's own: by its contents a PDF or a picture, not too large, not too many."""
    visit = await sync_to_thread(enter, request, services)
    if isinstance(visit, Response):
        return visit
    kind = request.headers.get("content-type", "")
    try:
        body = await form_of_visitor(request)
        data = file_of_form(body, kind, _FILE, most=MOST_PAPER_BYTES)
    except UploadRefused as refused:
        return await sync_to_thread(_refused, request, services, collecting, visit, refused.code, "papier")
    title = text_of_form(body, kind, _TITLE, most=4 * MOST_PAPER_TITLE)
    return await sync_to_thread(_keep_paper, request, services, collecting, visit, data, title)


@get("/{paper:str}", sync_to_thread=True)
def show_paper(request: PageRequest, services: Services, paper: FromPath[str]) -> Response[Any]:
    """The file, to be saved: a browser opens nothing of it as a page of ours."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    known = _papers(visit).get(paper)
    read = visit.vault.read_if_possible(known[0].id) if known else None
    if known is None or read is None:
        raise NotFoundException("no such paper")
    kind = known[1].media_type
    return saved(read[1], kind, f"eigen-papier.{PAPER_ENDINGS[kind]}")


def _keep(request: PageRequest, services: HolderServices, collecting: CollectingServices, visit: Visit, data: bytes) -> Response[Any]:
    now = collecting.now()
    try:
        kept = keep_document(data, visit.vault, collecting.check, now, expected=None)
    except NotKept as refused:
        return _refused(request, services, collecting, visit, refused.reason, _FILE)
    except VaultFull:
        return _refused(request, services, collecting, visit, "full", _FILE)
    if kept != "already":
        write_log(visit.vault, LogLine(now, Happening.ADDED, _kept_at(now, visit, collecting, language_of(request))))
    return _page(request, services, collecting, visit, done=kept)


def _kept_at(moment: datetime, visit: Visit, collecting: CollectingServices, language: str) -> str:
    """What the document that was kept at this moment is called."""
    kept = (item for _, item in items_of(visit.vault) if isinstance(item, DocumentItem) and item.kept_at == moment)
    return ", ".join(title_and_source(item.dataset, item.source_name, collecting.catalogue, language) for item in kept)


def _keep_paper(
    request: PageRequest, services: HolderServices, collecting: CollectingServices, visit: Visit, data: bytes, title: str
) -> Response[Any]:
    kind = paper_type_of(data)
    if kind is None:
        return _refused(request, services, collecting, visit, "other_type", "papier")
    if not is_paper_title(title):
        return _refused(request, services, collecting, visit, "title", "titel")
    if len(_papers(visit)) >= MOST_PAPERS:
        return _refused(request, services, collecting, visit, "full", "papier")
    try:
        visit.vault.add(head_of(OwnPaperItem(title, kind, len(data), collecting.now())), data)
    except VaultFull:
        return _refused(request, services, collecting, visit, "full", "papier")
    write_log(visit.vault, LogLine(collecting.now(), Happening.PAPER_ADDED, title))
    return _page(request, services, collecting, visit, done="paper")


def _refused(
    request: PageRequest, services: HolderServices, collecting: CollectingServices, visit: Visit, reason: str, field: str
) -> Response[Any]:
    words = refusal_in_words("holder.add.refused", reason, language_of(request), otherwise="red")
    return _page(request, services, collecting, visit, complaint=words, field=field, status_code=413 if reason == "too_large" else 422)


def _page(
    request: PageRequest,
    services: HolderServices,
    collecting: CollectingServices,
    visit: Visit,
    *,
    done: str = "",
    complaint: str = "",
    field: str = "",
    status_code: int = 200,
) -> Response[Any]:
    papers = sorted(_papers(visit).items(), key=lambda each: each[1][1].kept_at, reverse=True)
    return holder_page(
        request,
        services,
        "holder/add.html",
        visit,
        status_code=status_code,
        switch_path=f"{services.path}/toevoegen",
        done=done,
        can_check=collecting.check is not None,
        complaint=complaint,
        field=field,
        papers=[(identifier, item) for identifier, (_, item) in papers],
    )


def _papers(visit: Visit) -> dict[str, tuple[ItemHead, OwnPaperItem]]:
    return {head.id.hex(): (head, item) for head, item in items_of(visit.vault) if isinstance(item, OwnPaperItem)}
