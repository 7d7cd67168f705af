"""What holders call: they fetch the question and send the answer (OpenID4VP 1.0 sections 5.10 and 8.2). No cookies, nothing is cached.

What is refused is told in a word for the program and a few for its developer. It says which rule, and never what was received.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.oauth import OAuthProblem, read_form
from blauweknop.verifier.asking.judging import ResponseProblem
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.questions import QuestionRefused
from blauweknop.verifier.asking.receiving import MOST_RESPONSE, Outcome, take_response
from blauweknop.verifier.asking.transactions import fetch_request
from blauweknop.verifier.asking.wallets import MOST_METADATA, SILENT, Wallet, read_wallet
from blauweknop.web.errors import new_error_id

__all__ = ["send_request", "send_request_by_get", "take_answer"]

_MachineRequest = Request[Any, Any, Any]
Services = NamedDependency[SkipValidation[AskingServices]]

_LOG = structlog.get_logger("blauweknop.verifier")
_JSON, _REQUEST = "application/json", "application/oauth-authz-req+jwt"


@post("/oid4vp/requests/{reference:str}", status_code=200, exclude_from_csrf=True)
async def send_request(request: _MachineRequest, services: Services, reference: FromPath[str]) -> Response[bytes]:
    """The signed question, for who fetches it first; 410 for anybody later."""
    body = await request.body()

    def work() -> Response[bytes]:
        # A holder that has nothing to say of itself may leave the form empty.
        wallet = read_wallet(_form(request, body, MOST_METADATA)) if body else SILENT
        return _question(reference, wallet, services)

    return await _handled(work)


@get("/oid4vp/requests/{reference:str}", opt={"exclude_from_csrf": True})
async def send_request_by_get(services: Services, reference: FromPath[str]) -> Response[bytes]:
    """A question is fetched by POST, so that it repeats what the holder said; unless wallets that do not know how are served too."""
    if services.gives_by_get:
        return await _handled(lambda: _question(reference, SILENT, services))
    answer = _refusal("invalid_request_uri_method", "expected POST, as request_uri_method says (OpenID4VP 1.0 section 5.10)", 405)
    answer.headers["Allow"] = "POST"
    return answer


@post("/oid4vp/responses/{reference:str}", status_code=200, exclude_from_csrf=True, request_max_body_size=MOST_RESPONSE)
async def take_answer(request: _MachineRequest, services: Services, reference: FromPath[str]) -> Response[bytes]:
    """The answer; who sent it leads the person back to the address in ours, whatever it was worth."""
    body = await request.body()

    def work() -> Response[bytes]:
        outcome = take_response(reference, _form(request, body, MOST_RESPONSE), services)
        problem = outcome.problem
        if problem is None:
            return _answer(_back(outcome, services))
        _LOG.info("response_refused", receiver=services.receiver.id, reason=problem.code, reasons=list(problem.reasons))
        because = f" ({', '.join(problem.reasons)})" if problem.reasons else ""
        told = {"error": "invalid_request", "error_description": f"{problem.code}: {problem}{because}"}
        return _answer(told | _back(outcome, services), status=400)

    return await _handled(work)


def _question(reference: str, wallet: Wallet, services: AskingServices) -> Response[bytes]:
    signed = fetch_request(reference, wallet, services)
    if signed is not None:
        return Response(signed.encode("ascii"), media_type=_REQUEST, headers={"Cache-Control": "no-store"})
    if services.transactions.is_known(reference):
        return _refusal("invalid_request", "this question was fetched before, or has ended: begin again on the page", 410)
    return _refusal("invalid_request", "there is no such question", 404)


async def _handled(work: Callable[[], Response[bytes]]) -> Response[bytes]:
    try:
        return await sync_to_thread(work)
    except OAuthProblem as problem:
        return _refusal(problem.code, str(problem), 400)
    except ResponseProblem as problem:
        return _refusal("invalid_request", f"{problem.code}: {problem}", 400)
    except QuestionRefused as problem:
        _LOG.warning("question_refused", reason=problem.code)
        return _refusal("invalid_request", "this question may not be asked any more", 410)
    except BlauweKnopError as problem:
        error_id = new_error_id()
        _LOG.error("holder_call_failed", error_type=type(problem).__name__, error_id=error_id)
        return _refusal("server_error", f"this went wrong here, number {error_id}", 500)


def _form(request: _MachineRequest, body: bytes, most: int) -> dict[str, str]:
    return read_form(body, request.headers.get("content-type", ""), request.scope["query_string"], most=most)


def _back(outcome: Outcome, services: AskingServices) -> dict[str, JsonValue]:
    back: dict[str, JsonValue] = {"bk_receipt": outcome.receipt} if outcome.receipt else {}
    if outcome.code:
        back["redirect_uri"] = f"{services.receiver.address}/terug?response_code={outcome.code}"
    return back


def _refusal(error: str, description: str, status: int) -> Response[bytes]:
    return _answer({"error": error, "error_description": description}, status=status)


def _answer(members: Mapping[str, JsonValue], *, status: int = 200) -> Response[bytes]:
    body = json.dumps(members, ensure_ascii=False).encode("utf-8")
    return Response(body, status_code=status, media_type=_JSON, headers={"Cache-Control": "no-store"})
