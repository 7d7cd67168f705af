"""What the program of a holder gets, whatever it calls: JSON that nobody keeps. What is refused is told in a word for the program and a few
for its developer: which rule, and never what was received.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from litestar import Request, Response
from litestar.concurrency import sync_to_thread

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.oauth import OAuthProblem, read_form
from blauweknop.web.errors import new_error_id

__all__ = ["HolderRequest", "answer", "form_of", "handled", "refusal"]

HolderRequest = Request[Any, Any, Any]
_LOG = structlog.get_logger("blauweknop.verifier")


async def handled(
    work: Callable[[], Response[bytes]],
    *,
    refused: Callable[[BlauweKnopError], Response[bytes] | None],
    failed: str,
    status: int = 503,
    advice: str = "try again later",
) -> Response[bytes]:
    """What `work` gives, or what `refused` says of its error. With None it is a fault of ours, with a number in the event `failed`."""
    try:
        return await sync_to_thread(work)
    except OAuthProblem as problem:
        return refusal(problem.code, str(problem), 400)
    except BlauweKnopError as problem:
        told = refused(problem)
        if told is not None:
            return told
        error_id = new_error_id()
        _LOG.error(failed, error_type=type(problem).__name__, error_id=error_id)
        return refusal("server_error", f"this went wrong here, number {error_id}; {advice}", status)


def form_of(request: HolderRequest, body: bytes, most: int) -> dict[str, str]:
    """Raises: OAuthProblem, the body is no form of at most so many bytes."""
    return read_form(body, request.headers.get("content-type", ""), request.scope["query_string"], most=most)


def refusal(error: str, description: str, status: int) -> Response[bytes]:
    """As OAuth tells it (RFC 6749 section 5.2)."""
    return answer({"error": error, "error_description": description}, status=status)


def answer(members: Mapping[str, JsonValue], *, status: int = 200) -> Response[bytes]:
    body = json.dumps(members, ensure_ascii=False).encode("utf-8")
    return Response(body, status_code=status, media_type="application/json", headers={"Cache-Control": "no-store"})
