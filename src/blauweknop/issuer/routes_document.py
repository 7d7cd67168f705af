"""Look at what will be in the document, make it, hand it over, forget it."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread

from blauweknop.catalogue.texts import sentence
from blauweknop.document.content import SelectionRefused
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import Found, Outcome, Selection, Unavailable
from blauweknop.domain.texts import Language
from blauweknop.issuer.bundle import bundle_documents
from blauweknop.issuer.certify import DocumentNotMade, MadeDocument, make_documents
from blauweknop.issuer.login import Session
from blauweknop.issuer.page import issuer_page
from blauweknop.issuer.ports import IssuerServices
from blauweknop.issuer.preview import block_kind, preview_items
from blauweknop.issuer.visit import (
    FRESH_LOGIN,
    PageRequest,
    Services,
    begin_login,
    chosen,
    current_session,
    kept_outcomes,
    notes_of,
    session_gone,
    touched_session,
    with_outcomes,
)
from blauweknop.web.errors import new_error_id
from blauweknop.web.language import chosen_language, language_of
from blauweknop.web.page import see_other

__all__ = ["download", "retry", "show_done", "show_preview"]

_LOG = structlog.get_logger("blauweknop.issuer")
_NO_TIME_STAMP = "without_time_stamp"  # in the notes of a session


@get("/bekijken")
async def show_preview(request: PageRequest, services: Services) -> Response[Any]:
    """What will be in the document; asks the systems of the source for what is not there yet."""
    session = await sync_to_thread(touched_session, request, services)
    if session is None:
        return session_gone(request, services)
    selections = chosen(session, services)
    if not selections:
        return see_other(f"{services.path}/kiezen")
    seen = await with_outcomes(session, [services.by_id[item.dataset_id] for item in selections], services)
    if seen is None:
        return session_gone(request, services)
    return await sync_to_thread(_preview, request, services, seen)


@post("/opnieuw", sync_to_thread=True)
def retry(request: PageRequest, services: Services) -> Response[Any]:
    """Forget the answers that failed, so that the preview asks again; what is there stays."""
    session = current_session(request, services)
    if session is None:
        return session_gone(request, services)
    kept = {dataset_id: outcome for dataset_id, outcome in kept_outcomes(session).items() if not _may_change(outcome)}
    services.sessions.save(session, now=services.now(), notes=notes_of(session, kept, services))
    return see_other(f"{services.path}/bekijken")


@post("/download", status_code=200)
async def download(request: PageRequest, services: Services) -> Response[Any]:
    """Make the documents, hand them over, forget them."""
    form = await request.form()
    return await sync_to_thread(_download, request, services, str(form.get("view", "")), str(form.get("language", "")))


@get("/klaar", sync_to_thread=True)
def show_done(request: PageRequest, services: Services) -> Response[str]:
    """What to do now that there is a document."""
    session = touched_session(request, services)
    if session is None:
        return session_gone(request, services)
    without = session.notes.get(_NO_TIME_STAMP) is True
    return issuer_page(request, services, "issuer/done.html", session, check_url=services.check_url, without_time_stamp=without)


def _download(request: PageRequest, services: IssuerServices, view: str, language: str) -> Response[Any]:
    """The document is of the view whose name the form brings: when the person chose otherwise in another tab, first look again."""
    session = touched_session(request, services)
    if session is None:
        return session_gone(request, services)
    if not session.authenticated_within(FRESH_LOGIN, now=services.now()):
        return begin_login(request, services, session.person.level, f"{services.path}/bekijken?ingelogd", afresh=True)
    if view != session.notes.get("view"):
        return see_other(f"{services.path}/bekijken?veranderd")
    selections, outcomes = chosen(session, services), kept_outcomes(session)
    if not any(isinstance(outcomes.get(item.dataset_id), Found) for item in selections):
        return see_other(f"{services.path}/bekijken")
    spoken = chosen_language([language]) or language_of(request)
    try:
        made = make_documents(selections, outcomes, services, person=session.person.bsn, language=spoken, mandate=session.person.mandate)
    except DocumentNotMade as problem:
        return _not_made(request, services, session, problem)
    _remember_level(session, services, made)
    return _hand_over(made, selections, outcomes, services, spoken)


def _remember_level(session: Session, services: IssuerServices, made: Sequence[MadeDocument]) -> None:
    """So that the page after the download can say that a document has no time stamp; a file cannot."""
    without = any(item.document.level == "B-B" for item in made)
    if without != (session.notes.get(_NO_TIME_STAMP) is True):
        services.sessions.save(session, now=services.now(), notes={**session.notes, _NO_TIME_STAMP: without})


def _not_made(request: PageRequest, services: IssuerServices, session: Session, problem: DocumentNotMade) -> Response[Any]:
    error_id = new_error_id()
    _LOG.error("download_failed", source=services.source.id, dataset=problem.dataset.id, trace_id=problem.trace_id, error_id=error_id)
    language = language_of(request)
    title = problem.dataset.title.in_language(language)
    words = sentence("issuer.download.failed", language, title=title, source=services.source.name)
    return _preview(request, services, session, problem=words, error_id=error_id)


def _preview(request: PageRequest, services: IssuerServices, session: Session, *, problem: str = "", error_id: str = "") -> Response[Any]:
    """Shows what is kept, so that the download cannot differ."""
    selections = chosen(session, services)
    try:
        items = preview_items(selections, kept_outcomes(session), services, language=language_of(request), mandate=session.person.mandate)
    except SelectionRefused:  # chosen before the source changed what it offers
        return see_other(f"{services.path}/kiezen")
    return issuer_page(
        request,
        services,
        "issuer/preview.html",
        session,
        status_code=503 if problem else 200,
        items=items,
        found=sum(item.letter is not None for item in items),
        with_bsn=any(item.with_bsn for item in selections),
        view=session.notes.get("view", ""),
        again="ingelogd" in request.query_params,
        changed="veranderd" in request.query_params,
        problem=problem,
        error_id=error_id,
        block_kind=block_kind,
        wallets=services.wallets and session.person.mandate is None,
    )


def _may_change(outcome: Outcome) -> bool:
    return isinstance(outcome, Unavailable) and outcome.retry_worthwhile


def _hand_over(
    made: Sequence[MadeDocument],
    selections: Sequence[Selection],
    outcomes: Mapping[str, Outcome],
    services: IssuerServices,
    language: Language,
) -> Response[bytes]:
    """One document as it is; several, or one with others missing, as a ZIP that says so."""
    if len(made) == 1 and len(selections) == 1:
        name, media_type, body = made[0].file_name, "application/pdf", made[0].document.pdf
    else:
        day = services.now().astimezone(AMSTERDAM).date().isoformat()
        name, media_type = f"blauwe-knop-{services.source.id}-{day}.zip", "application/zip"
        body = bundle_documents(
            made,
            selections,
            outcomes,
            services.by_id,
            source=services.source,
            check_url=services.check_url,
            made_at=services.now(),
            language=language,
        )
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
