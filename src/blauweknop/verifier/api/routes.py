"""The check over HTTP for the systems of receivers (ADR 0018); `openapi.py` describes it, and a test holds the two together.

POST   /v1/verifications         check a file, now or (`Prefer: respond-async`) later
GET    /v1/verifications/{id}    the verdict again, in any language, as long as it is kept
DELETE /v1/verifications/{id}    forget it, and stop watching the document
POST   /v1/access-tokens         OAuth 2.0 client credentials
GET    /v1/openapi.json          the description, for everyone

Where people are asked for data there is `/v1/requests` too: see `asking_routes`.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.datastructures import MutableScopeHeaders
from litestar.di import NamedDependency, Provide
from litestar.enums import ScopeType
from litestar.params import FromPath, SkipValidation
from litestar.types import Message, Scope

from blauweknop.checking.report_composing import CheckedFile
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verified
from blauweknop.standards import base64url
from blauweknop.standards.oauth import MOST_FORM, OAuthProblem
from blauweknop.verifier.api.access import Access, limit_headers, require_scope
from blauweknop.verifier.api.asking import Receivers
from blauweknop.verifier.api.asking_routes import REQUEST_HANDLERS, RequestServices
from blauweknop.verifier.api.clients import DATA, VERIFY, WATCH, Caller
from blauweknop.verifier.api.household import LastChecks
from blauweknop.verifier.api.later import ChecksLater, LaterCheck, new_id, watch_of
from blauweknop.verifier.api.requests import (
    ApiRequest,
    Refused,
    UploadRoom,
    VerifyOptions,
    language_for,
    read_file,
    shown_options,
    verify_options,
    wants_later,
)
from blauweknop.verifier.api.token_requests import TokenRequest, TokenServices, answer_token_request
from blauweknop.verifier.api.verifications import Verification, Verifications, answer_of, without_data
from blauweknop.verifier.ports import CheckFile, MakeReport
from blauweknop.web.errors import new_error_id, refuse_trailing_slash
from blauweknop.web.preferences import weights
from blauweknop.web.problems import PROBLEM, InputFault, problem_answer, problem_members
from blauweknop.web.request_log import log_failure
from blauweknop.web.upload import MOST_UPLOAD, body_chunks

__all__ = ["API_PATH", "API_VERSION", "ApiServices", "api_routes", "set_api_headers"]

API_PATH = "/v1"
API_VERSION = "1.0.0"
_METADATA = f"/.well-known/oauth-authorization-server{API_PATH}"
_FOR_MACHINES: dict[str, Any] = {"exclude_from_csrf": True}
_FOR_ALL = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
_JSON = "application/json"
_SOON = "2"  # seconds after which an answer that was asked for later is usually there
_OAUTH_STATUS = {"invalid_client": 401}


@dataclass(frozen=True, slots=True)
class ApiServices:
    """What the API needs. `later` shares the check; `report` is None when there is no key to report with."""

    check: CheckFile
    now: Callable[[], datetime]
    access: Access
    tokens: TokenServices
    verifications: Verifications
    later: ChecksLater
    description: bytes = field(repr=False)  # OpenAPI
    metadata: bytes = field(repr=False)  # RFC 8414
    report: MakeReport | None = None
    receivers: Receivers = field(default_factory=dict)
    """Who asks people for data, by short name."""
    last_checks: LastChecks = field(default_factory=dict)
    keep: timedelta = timedelta(hours=24)
    room: UploadRoom = field(default_factory=UploadRoom)
    checks: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(32, thread_name_prefix="api-checks"))
    stores: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8, thread_name_prefix="api-stores"))

    def stop(self) -> None:
        """Let go of the threads; what they are busy with is finished."""
        self.checks.shutdown(wait=False)
        self.stores.shutdown(wait=False)


_Done = TypeVar("_Done")
Services = NamedDependency[SkipValidation[ApiServices]]


def api_routes(services: ApiServices) -> Router:
    """All of it, under one router with its own errors."""
    asking = RequestServices(services.access, services.receivers, services.stores, services.last_checks)
    return Router(
        "/",
        route_handlers=[verify, show, forget, give_token, describe, describe_tokens, *(REQUEST_HANDLERS if services.receivers else ())],
        dependencies={
            "services": Provide(lambda: services, sync_to_thread=False),
            "asking": Provide(lambda: asking, sync_to_thread=False),
        },
        guards=[refuse_trailing_slash],
        exception_handlers={Refused: _answer_refused, BlauweKnopError: _answer_away},
        opt=_FOR_MACHINES,
    )


@post(f"{API_PATH}/verifications", status_code=201, request_max_body_size=MOST_UPLOAD * 2)
async def verify(request: ApiRequest, services: Services) -> Response[bytes]:
    """Check the file of this request."""
    caller = services.access.require(request, VERIFY)
    options = verify_options(request, services.now().date())
    _require_rights(caller, options)
    if options.report is not None and services.report is None:
        raise Refused(400, InputFault("query", "withReport", "no_reports"))
    with services.room.holding() as take_room:
        file = await read_file(request, take_room)
        if wants_later(request) and not options.needs_waiting:
            return await _accept(file, caller, options, services)
        at = services.now()
        try:
            checked = await _in_thread(services.checks, lambda: services.check(file, at))
            report = await _in_thread(services.checks, lambda: _report_of(checked, at, options, services))
        except BlauweKnopError as error:
            raise Refused(503, headers={"Retry-After": "10"}) from error
    verdict = checked.verdict
    verification = _new(file, caller, at, services)
    watch = watch_of(verification, verdict, options.watch_until)
    verification = replace(
        verification,
        state="completed",
        checked_at=at,
        verdict=without_data(verdict),
        watched_until=watch.until if watch else None,
    )
    await _in_thread(services.stores, lambda: services.verifications.keep(verification, watch=watch))
    data = verdict.content if options.with_data and isinstance(verdict, Verified) else None
    answer = answer_of(verification, options.shown.languages, explained=options.shown.explained, data=data)
    return _json(answer | report, 201, {"Location": _place(verification)})


@get(f"{API_PATH}/verifications/{{verification_id:str}}")
async def show(request: ApiRequest, services: Services, verification_id: FromPath[str]) -> Response[bytes]:
    """A verification of this client."""
    caller = services.access.require(request, VERIFY, reads=True)
    options = shown_options(request)
    found = await _in_thread(services.stores, lambda: services.verifications.find(verification_id, caller.client.id, services.now()))
    if found is None:
        raise Refused(404)
    headers = {"Retry-After": _SOON} if found.state == "pending" else {}
    return _json(answer_of(found, options.languages, explained=options.explained), 200, headers)


@delete(f"{API_PATH}/verifications/{{verification_id:str}}", status_code=204)
async def forget(request: ApiRequest, services: Services, verification_id: FromPath[str]) -> Response[None]:
    """Forget a verification of this client, and stop watching its document."""
    caller = services.access.require(request, VERIFY, reads=True)
    if not await _in_thread(services.stores, lambda: services.verifications.forget(verification_id, caller.client.id)):
        raise Refused(404)
    return Response(None, status_code=204)


@post(f"{API_PATH}/access-tokens", status_code=200)
async def give_token(request: ApiRequest, services: Services) -> Response[bytes]:
    """An access token, or an error in the form of RFC 6749 section 5.2 that is a problem (RFC 9457) as well."""
    try:
        asked = TokenRequest(
            request.scope["query_string"],
            request.headers.get("content-type", ""),
            request.headers.get("authorization", ""),
            await _small_body(request),
        )
        given = await _in_thread(services.stores, lambda: answer_token_request(asked, services.tokens, services.now()))
    except OAuthProblem as refused:
        if refused.code == "invalid_client":
            services.access.note_failure(request)
        return _oauth_error(request, refused.code)
    return _json(given, 200, {"Pragma": "no-cache"})


@get(f"{API_PATH}/openapi.json", sync_to_thread=False)
def describe(services: Services) -> Response[bytes]:
    """What this is, for programs and for who builds them."""
    return Response(services.description, media_type=_JSON, headers=_FOR_ALL)


@get(_METADATA, sync_to_thread=False)
def describe_tokens(services: Services) -> Response[bytes]:
    """Where and how tokens are given (RFC 8414)."""
    return Response(services.metadata, media_type=_JSON, headers=_FOR_ALL)


async def set_api_headers(message: Message, scope: Scope) -> None:
    """Litestar before-send hook: every answer of the API, also an error, says its version and how many turns are left."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP or not scope["path"].startswith(f"{API_PATH}/"):
        return
    headers = MutableScopeHeaders.from_message(message)
    headers["API-Version"] = API_VERSION
    for name, value in limit_headers(scope["state"]).items():
        headers[name] = value


async def _accept(file: bytes, caller: Caller, options: VerifyOptions, services: ApiServices) -> Response[bytes]:
    verification = _new(file, caller, services.now(), services)
    later = LaterCheck(verification, file, options.watch_until)
    if not await _in_thread(services.stores, lambda: services.later.offer(later)):
        raise Refused(503, headers={"Retry-After": "30"})
    headers = {"Location": _place(verification), "Preference-Applied": "respond-async", "Retry-After": _SOON}
    return _json(answer_of(verification, (), explained=False), 202, headers)


def _report_of(checked: CheckedFile, at: datetime, options: VerifyOptions, services: ApiServices) -> dict[str, JsonValue]:
    """The members of an answer that hold the report of the check, in the first language that was asked; none when none was asked."""
    if options.report is None or services.report is None:
        return {}
    made = services.report(checked, at, options.shown.languages[0])
    signed: JsonValue = msgspec.json.decode(made.json)
    return {"report": signed} | ({"reportPdf": base64url.encode_standard(made.pdf)} if options.report == "pdf" else {})


def _require_rights(caller: Caller, options: VerifyOptions) -> None:
    if options.with_data:
        require_scope(caller, DATA)
    if options.watch_until is not None:
        require_scope(caller, WATCH)


def _new(file: bytes, caller: Caller, now: datetime, services: ApiServices) -> Verification:
    return Verification(new_id(), caller.client.id, "pending", sha256(file).hexdigest(), now, now + services.keep)


def _place(verification: Verification) -> str:
    return f"{API_PATH}/verifications/{verification.id}"


async def _in_thread(threads: ThreadPoolExecutor, work: Callable[[], _Done]) -> _Done:
    """What waits has threads of its own: slow files hold up neither the pages nor who only looks."""
    return await asyncio.get_running_loop().run_in_executor(threads, work)


async def _small_body(request: ApiRequest) -> bytes:
    body = bytearray()
    async for chunk in body_chunks(request):
        body += chunk
        if len(body) > MOST_FORM:
            raise OAuthProblem("invalid_request", f"expected at most {MOST_FORM} bytes")
    return bytes(body)


def _json(answer: Mapping[str, JsonValue], status: int, headers: Mapping[str, str]) -> Response[bytes]:
    return Response(msgspec.json.encode(answer), status_code=status, media_type=_JSON, headers=dict(headers))


def _oauth_error(request: ApiRequest, code: str) -> Response[bytes]:
    status = _OAUTH_STATUS.get(code, 400)
    problem = problem_members(status, language_for(request), error_id=new_error_id())
    body = msgspec.json.encode({"error": code, **problem})
    headers = {"Pragma": "no-cache"}
    if code == "invalid_client":
        headers["WWW-Authenticate"] = 'Basic realm="access-tokens"'
    media = PROBLEM if weights(request.headers.get("accept", "")).get(PROBLEM) else _JSON
    return Response(body, status_code=status, media_type=media, headers=headers)


def _answer_refused(request: ApiRequest, refused: Refused) -> Response[bytes]:
    return problem_answer(refused.status, language_for(request), error_id=new_error_id(), headers=refused.headers, faults=refused.faults)


def _answer_away(request: ApiRequest, error: BlauweKnopError) -> Response[bytes]:
    """The database does not answer, most likely; logged under the number that the answer shows."""
    error_id = new_error_id()
    log_failure(request, error, error_id, 503)
    return problem_answer(503, language_for(request), error_id=error_id, headers={"Retry-After": "30"})
