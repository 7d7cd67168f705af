"""The public check page, journey J6: choose a file, see at once whether it is real; no account, no script, nothing kept on disk.

The form has no CSRF token on purpose: it changes nothing and knows nobody, so a file that another site sends here tells that site nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence, text
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import CheckResult
from blauweknop.verifier.outcomes import MemoryOutcomes, Outcomes, Saved
from blauweknop.verifier.ports import CheckFile, MakeReport
from blauweknop.verifier.turns import Turns
from blauweknop.verifier.verdict_page import saved_forms, view_of
from blauweknop.web.language import language_of
from blauweknop.web.page import Portal, page
from blauweknop.web.rate_limit import Counter, MemoryCounter, client_address, rate_limit
from blauweknop.web.upload import MOST_UPLOAD, UploadRefused, body_chunks, file_of_form, read_body

__all__ = ["CheckServices", "check_portal", "check_router"]

_FIELD = "bestand"
_MOST_FORM = MOST_UPLOAD * 20  # the handler itself stops far earlier, with a sentence of its own
_NO_DOCUMENT = frozenset({"empty", "not_a_pdf", "encrypted", "file_size"})
_MEDIA = {"json": "application/json", "csv": "text/csv; charset=utf-8", "report": "application/json", "pdf": "application/pdf"}
_FILE_NAMES = {"json": "gegevens.json", "csv": "gegevens.csv", "report": "controlerapport.json", "pdf": "controlerapport.pdf"}
_AN_HOUR = 3600.0
_log = structlog.get_logger()

PageRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class CheckServices:
    """What the page needs: the check, the clock and the catalogue.

    `report` makes the sealed report of a check, in a language; None when there is no key for that.
    """

    check: CheckFile
    now: Callable[[], datetime]
    catalogue: Catalogue
    outcomes: Outcomes
    portal: Portal
    report: MakeReport | None = None
    turns: Turns = field(default_factory=Turns)


Services = NamedDependency[SkipValidation[CheckServices]]


def check_portal(path: str = "/controle") -> Portal:
    """Whose pages these are."""
    return Portal(text("verifier.name"), path)


def check_router(
    *,
    check: CheckFile,
    now: Callable[[], datetime],
    catalogue: Catalogue,
    path: str = "/controle",
    report: MakeReport | None = None,
    outcomes: Outcomes | None = None,
    counter: Counter | None = None,
    uploads_per_hour: int = 20,
) -> Router:
    """The pages below `path`; `counter` counts uploads per address (PROTOCOL 11), `outcomes` keeps what can be saved."""
    services = CheckServices(check, now, catalogue, outcomes or MemoryOutcomes(), check_portal(path), report)
    guard = rate_limit("check", limit=uploads_per_hour, window=_AN_HOUR, counter=counter or MemoryCounter())
    upload = post("/", status_code=200, guards=[guard], request_max_body_size=_MOST_FORM, exclude_from_csrf=True, summary="Check a file")(
        check_upload
    )
    return Router(
        path, route_handlers=[show_form, upload, save], dependencies={"services": Provide(lambda: services, sync_to_thread=False)}
    )


@get("/", sync_to_thread=False)
def show_form(request: PageRequest, services: Services) -> Response[str]:
    """The one question and the one field."""
    return _form(request, services, "", 200)


async def check_upload(request: PageRequest, services: Services) -> Response[str]:
    """The verdict on the file that was sent."""
    language = language_of(request)
    try:
        body = await read_body(body_chunks(request))
        pdf = file_of_form(body, request.headers.get("content-type", ""), _FIELD)
        del body
    except UploadRefused as refused:
        return _form(request, services, _refusal(refused.code, language), 413 if refused.code == "too_large" else 422)
    at = services.now()
    try:
        checked = await services.turns.take(client_address(request), lambda: services.check(pdf, at))
    except BlauweKnopError:
        return _form(request, services, sentence("verifier.busy", language), 503)
    verdict = checked.verdict
    first = verdict.facts.steps[0]
    if first.result is CheckResult.FAIL and first.reason in _NO_DOCUMENT:
        words = f"{sentence(f'reason.{first.reason}', language)} {sentence(f'remedy.{first.reason}', language)}"
        return _form(request, services, words, 413 if first.reason == "file_size" else 422)
    token = services.outcomes.put(saved_forms(checked, at))
    view = view_of(verdict, services.catalogue, language)
    return page(
        request,
        "verifier/verdict.html",
        portal=services.portal,
        switch_path=services.portal.path,
        view=view,
        checked_at=at,
        token=token,
        reports=services.report is not None,
        here=services.portal.path,
    )


@post("/bewaar", status_code=200, exclude_from_csrf=True)
async def save(request: PageRequest, services: Services) -> Response[Any]:
    """A file to keep: the data as JSON or CSV, or the report of the check."""
    form = await request.form()
    saved = services.outcomes.get(str(form.get("token", "")))
    wanted = str(form.get("vorm", ""))
    if saved is not None and wanted == "pdf" and services.report is not None:
        return await _report(request, services, services.report, saved)
    if saved is None or wanted not in saved.forms:
        return _form(request, services, sentence("verifier.gone", language_of(request)), 410)
    return _file(saved.forms[wanted], wanted)


async def _report(request: PageRequest, services: CheckServices, make: MakeReport, saved: Saved) -> Response[Any]:
    """The sealed report, made when it is first asked for in this language and kept with the rest."""
    language = language_of(request)
    if language not in saved.reports:
        try:
            work = partial(make, saved.checked, saved.checked_at, language)
            saved.reports[language] = (await services.turns.take(client_address(request), work)).pdf
        except BlauweKnopError as error:
            _log.error("report_not_made", reason=type(error).__name__)
            return _form(request, services, sentence("verifier.report_failed", language), 503)
    return _file(saved.reports[language], "pdf")


def _file(content: bytes, form: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{_FILE_NAMES[form]}"', "Content-Security-Policy": "sandbox"}
    return Response(content, media_type=_MEDIA[form], headers=headers)


def _form(request: PageRequest, services: CheckServices, complaint: str, status: int) -> Response[str]:
    errors = [(f"field-{_FIELD}", complaint)] if complaint else []
    path = services.portal.path
    return page(
        request,
        "verifier/check.html",
        portal=services.portal,
        status_code=status,
        switch_path=path if request.method == "POST" else "",
        errors=errors,
        complaint=complaint,
        here=path,
        field=_FIELD,
    )


def _refusal(code: str, language: str) -> str:
    if code == "too_large":
        return f"{sentence('reason.file_size', language)} {sentence('remedy.file_size', language)}"
    return sentence("verifier.choose_file" if code == "no_file" else "verifier.not_understood", language)
