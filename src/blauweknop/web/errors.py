"""Error answers: what happened and what to do now, with a number to quote; never a stack trace, never a value."""

import secrets
from typing import Any

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from blauweknop.catalogue.texts import sentence
from blauweknop.web.language import language_of
from blauweknop.web.page import PLAIN_PORTAL, Portal, page
from blauweknop.web.problems import problem_answer
from blauweknop.web.request_log import escape_query, log_failure

__all__ = ["API_PREFIXES", "CSRF_REFUSAL", "answer_error", "answer_unexpected", "ends_with_slash", "new_error_id", "refuse_trailing_slash"]

API_PREFIXES = ("/api/", "/v1/", "/.well-known/")
CSRF_REFUSAL = "CSRF token verification failed"
"""The detail of Litestar's refusal of a form without its token, nearly always a page that stood open too long."""
_KNOWN = frozenset({400, 401, 403, 404, 405, 413, 415, 429, 500, 503})
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


def answer_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """The page or problem+json of an error that a handler or Litestar raised on purpose."""
    if error.status_code >= 500 and error.status_code != 503:
        return answer_unexpected(request, error, status_code=error.status_code)
    expired = error.status_code == 403 and error.detail == CSRF_REFUSAL
    name = "expired" if expired else str(error.status_code if error.status_code in _KNOWN else 400)
    if error.status_code == 405 and _is_of_api(request) and ends_with_slash(request.scope):
        return _answer(request, "404", 404, new_error_id(), {})  # such an address is not there, for no method
    return _answer(request, name, error.status_code, new_error_id(), dict(error.headers or {}))


def answer_unexpected(request: Request[Any, Any, Any], error: Exception, *, status_code: int = 500) -> Response[Any]:
    """The answer to a fault of ours: logged under the number that the page shows."""
    error_id = new_error_id()
    log_failure(request, error, error_id, status_code)
    return _answer(request, "500", status_code, error_id, {})


def ends_with_slash(scope: Scope) -> bool:
    """Whether the address as it was asked ends with a slash; the router takes it off."""
    asked: bytes = scope.get("raw_path", b"")
    return asked.partition(b"?")[0].endswith(b"/")


async def refuse_trailing_slash(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A guard: what machines call has one address (API Design Rules, /core/no-trailing-slash).

    Raises:
        NotFoundException: it was asked with a slash behind it.
    """
    if ends_with_slash(connection.scope):
        raise NotFoundException


def new_error_id() -> str:
    """Eight letters and digits that cannot be misread on the telephone: `K7XM-2PQD`; random, so it says nothing about the person."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def _answer(request: Request[Any, Any, Any], name: str, status: int, error_id: str, headers: dict[str, str]) -> Response[Any]:
    escape_query(request.scope)  # no middleware has seen a request for an address that we do not have
    language = language_of(request)
    if _wants_json(request):
        return problem_answer(status, language, error_id=error_id, headers=headers)
    title, remedy = sentence(f"web.error.{name}.title", language), sentence(f"web.error.{name}.remedy", language)
    return page(
        request,
        "web/error.html",
        portal=_portal_of(request),
        status_code=status,
        headers=headers,
        switch_path=request.url.path if request.method == "GET" else "",
        title=title,
        remedy=remedy,
        error_id=error_id,
    )


def _portal_of(request: Request[Any, Any, Any]) -> Portal:
    """The portal whose path this address is under, so that an error page leads back to where the person was."""
    portals: tuple[Portal, ...] = request.app.state.portals
    path = request.url.path.rstrip("/")
    under = [portal for portal in portals if path == portal.path.rstrip("/") or path.startswith(portal.path.rstrip("/") + "/")]
    return max(under, key=lambda portal: len(portal.path), default=PLAIN_PORTAL)


def _is_of_api(request: Request[Any, Any, Any]) -> bool:
    return any(prefix in request.url.path for prefix in API_PREFIXES)


def _wants_json(request: Request[Any, Any, Any]) -> bool:
    if _is_of_api(request):
        return True
    accept = request.headers.get("accept", "")
    return "json" in accept and "text/html" not in accept
