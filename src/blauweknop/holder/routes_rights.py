"""My data, my rights: take everything along, bring it in, see what happened and what was shared; erasing is beside opening the account."""

from collections import Counter
from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from blauweknop.catalogue.texts import sentence
from blauweknop.holder.account_log import Happening, LogLine, read_log_as_far, write_log
from blauweknop.holder.archive import write_archive
from blauweknop.holder.archive_reading import MOST_ARCHIVE_BYTES, ArchiveRefused, read_archive
from blauweknop.holder.collecting.refusals import refusal_in_words
from blauweknop.holder.encryption import CannotOpen
from blauweknop.holder.keeping import Check
from blauweknop.holder.kept_documents import CHECKS_KIND
from blauweknop.holder.page import holder_page, saved
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.removing import REMOVED_KIND
from blauweknop.holder.routes_access import enter_freshly
from blauweknop.holder.routes_overview import today
from blauweknop.holder.taking_in import TakenIn, take_in
from blauweknop.holder.vault import MOST_HEAD_BYTES
from blauweknop.holder.visit import PageRequest, Services, Visit, enter
from blauweknop.standards.strict_json import parse_json_object
from blauweknop.web.language import language_of
from blauweknop.web.rate_limit import MemoryCounter, rate_limit
from blauweknop.web.upload import UploadRefused, file_of_visitor

__all__ = ["Checked", "rights_router"]

Checked = NamedDependency[SkipValidation[Check | None]]
"""The check of files, asked for by the name `check`; None where there is none, as on a computer without a trust list."""
_FIELD = "archief"
_MOST_FORM = MOST_ARCHIVE_BYTES * 4  # the handler itself stops far earlier, with a sentence of its own
_NOT_TAKEN_ALONG = (CHECKS_KIND, REMOVED_KIND)
_AN_HOUR = 3600
_ARCHIVES_AN_HOUR = 20


def rights_router(check: Check | None) -> Router:
    """Below the path of Mijn Blauwe Knop."""
    guard = rate_limit("archive", limit=_ARCHIVES_AN_HOUR, window=_AN_HOUR, counter=MemoryCounter())
    reading = post("/rechten/inlezen", status_code=200, guards=[guard], request_max_body_size=_MOST_FORM, exclude_from_csrf=True)
    return Router(
        "/",
        route_handlers=[
            show_rights,
            post("/rechten/alles", status_code=200, guards=[guard], sync_to_thread=True)(take_along),
            show_bring_in,
            reading(bring_in),
            show_log,
        ],
        dependencies={"check": Provide(lambda: check, sync_to_thread=False)},
    )


@get("/rechten", sync_to_thread=True)
def show_rights(request: PageRequest, services: Services) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    return holder_page(request, services, "holder/rights.html", visit)


def take_along(request: PageRequest, services: Services) -> Response[Any]:
    """Everything in one file. It holds the keys of credentials, so only who opened the account a moment ago gets it."""
    visit = enter_freshly(request, services)
    if isinstance(visit, Response):
        return visit
    now = services.now()
    services.before_taking_along(visit.vault)
    items, damaged = _everything(visit)
    archive = write_archive(items, made_at=now, language=language_of(request), left_out=damaged)
    write_log(visit.vault, LogLine(now, Happening.EXPORTED))
    return saved(archive, "application/zip", f"mijn-blauwe-knop-{today(services)}.zip")


@get("/rechten/inlezen", sync_to_thread=True)
def show_bring_in(request: PageRequest, services: Services, check: Checked) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    return _bring_in_page(request, services, visit, check)


async def bring_in(request: PageRequest, services: Services, check: Checked) -> Response[Any]:
    """Read an archive and keep what may be kept."""
    visit = await sync_to_thread(enter, request, services)
    if isinstance(visit, Response):
        return visit
    try:
        data = await file_of_visitor(request, _FIELD, most=MOST_ARCHIVE_BYTES)
        items = await sync_to_thread(read_archive, data)
    except (UploadRefused, ArchiveRefused) as refused:
        return _bring_in_page(request, services, visit, check, refused=refused.code)
    if check is None:
        return _bring_in_page(request, services, visit, check)
    taken = await sync_to_thread(take_in, items, visit.vault, check, services.now())
    return _bring_in_page(request, services, visit, check, taken=taken)


@get("/rechten/logboek", sync_to_thread=True)
def show_log(request: PageRequest, services: Services) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    lines, is_damaged = read_log_as_far(visit.vault)
    return holder_page(request, services, "holder/log.html", visit, lines=lines[::-1], is_damaged=is_damaged)


def _everything(visit: Visit) -> tuple[list[tuple[bytes, bytes]], int]:
    """All but what can be found out again and what was taken away.

    And how many items are left out because they cannot be opened.
    """
    heads, unreadable = visit.vault.heads_and_unreadable()
    wanted = [head for head in heads if parse_json_object(head.head, max_bytes=MOST_HEAD_BYTES).get("kind") not in _NOT_TAKEN_ALONG]
    found: list[tuple[bytes, bytes]] = []
    damaged = len(unreadable)
    for head in wanted:
        try:
            read = visit.vault.read(head.id)
        except CannotOpen:
            damaged += 1
        else:
            found += [(read[0].head, read[1])] if read is not None else []
    return found, damaged


def _bring_in_page(
    request: PageRequest,
    services: HolderServices,
    visit: Visit,
    check: Check | None,
    *,
    refused: str = "",
    taken: TakenIn | None = None,
) -> Response[str]:
    language = language_of(request)
    complaint = sentence(f"holder.import.refused.{refused}", language) if refused else ""
    left_out = Counter[str]()
    for reason, number in (taken.refused if taken else {}).items():
        left_out[refusal_in_words("holder.import.left", reason, language, otherwise="form")] += number
    status_code = 413 if refused == "too_large" else 422 if refused else 200
    return holder_page(
        request,
        services,
        "holder/bring-in.html",
        visit,
        status_code=status_code,
        switch_path=f"{services.path}/rechten/inlezen",
        field=_FIELD,
        complaint=complaint,
        taken=taken,
        left_out=left_out,
        can_check=check is not None,
    )
