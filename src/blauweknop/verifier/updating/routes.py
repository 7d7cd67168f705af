"""Where holders bring newer data: the address that a receipt names, and where the update itself goes. No cookies, nothing is cached.

/bijwerken              what the holder wants, signed with the key of the consent; who sends gets a question
/bijwerken/{reference}  the update, encrypted to that question

What is refused names the rule and never what was received.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from litestar import Request, Response, Router, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.oauth import OAuthProblem, read_form
from blauweknop.standards.sharing_messages import SharingProblem
from blauweknop.standards.sharing_updates import MAX_UPDATE
from blauweknop.verifier.asking.judging import ResponseProblem
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.questions import QuestionRefused
from blauweknop.verifier.asking.receiving import MOST_RESPONSE
from blauweknop.verifier.updating.receiving import take_update
from blauweknop.verifier.updating.wishes import take_wish
from blauweknop.web.errors import new_error_id, refuse_trailing_slash
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["updating_routes"]

_MachineRequest = Request[Any, Any, Any]
_Services = NamedDependency[SkipValidation[AskingServices]]
_MOST_FORM = MAX_UPDATE + 1024
_OVER = frozenset({"update_over", "response_over"})
_LOG = structlog.get_logger("blauweknop.verifier")


def updating_routes(services: AskingServices) -> Router:
    """All of one receiver."""
    calls = rate_limit("updates", limit=services.calls_a_minute, window=60, counter=MemoryCounter())
    return Router(
        services.receiver.path,
        route_handlers=[hear_wish, receive_update],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        guards=[refuse_trailing_slash, calls],
    )


@post("/bijwerken", status_code=200, exclude_from_csrf=True, request_max_body_size=_MOST_FORM)
async def hear_wish(request: _MachineRequest, services: _Services) -> Response[bytes]:
    """Something newer, longer, or no more."""
    body = await request.body()
    return await _handled(lambda: take_wish(_form(request, body, _MOST_FORM).get("update", ""), services))


@post("/bijwerken/{reference:str}", status_code=200, exclude_from_csrf=True, request_max_body_size=MOST_RESPONSE)
async def receive_update(request: _MachineRequest, services: _Services, reference: FromPath[str]) -> Response[bytes]:
    """The update."""
    body = await request.body()
    return await _handled(lambda: take_update(reference, _form(request, body, MOST_RESPONSE), services))


async def _handled(work: Callable[[], Mapping[str, JsonValue]]) -> Response[bytes]:
    try:
        return _answer(await sync_to_thread(work))
    except OAuthProblem as problem:
        return _refusal(problem.code, str(problem), 400)
    except (SharingProblem, ResponseProblem) as problem:
        _LOG.info("update_refused", reason=problem.code)
        return _refusal("invalid_request", f"{problem.code}: {problem}", 410 if problem.code in _OVER else 400)
    except QuestionRefused as problem:
        _LOG.warning("question_refused", reason=problem.code)
        return _refusal("invalid_request", "update_over: this may not be asked any more", 410)
    except BlauweKnopError as problem:
        error_id = new_error_id()
        _LOG.error("update_failed", error_type=type(problem).__name__, error_id=error_id)
        return _refusal("server_error", f"this went wrong here, number {error_id}; try again later", 503)


def _form(request: _MachineRequest, body: bytes, most: int) -> dict[str, str]:
    return read_form(body, request.headers.get("content-type", ""), request.scope["query_string"], most=most)


def _refusal(error: str, description: str, status: int) -> Response[bytes]:
    return _answer({"error": error, "error_description": description}, status=status)


def _answer(members: Mapping[str, JsonValue], *, status: int = 200) -> Response[bytes]:
    return Response(
        json.dumps(members).encode("utf-8"), status_code=status, media_type="application/json", headers={"Cache-Control": "no-store"}
    )
