"""The log: named events with listed fields, one JSON object a line; no addresses, cookies, form values or error texts."""

import logging
import string
import sys
import time
from collections.abc import Callable, Collection, MutableMapping
from typing import Any, TextIO
from urllib.parse import quote_from_bytes

import msgspec
import structlog
from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["LISTED_FIELDS", "configure_logging", "escape_query", "log_failure", "log_request", "only_listed_fields", "start_clock"]

LISTED_FIELDS = frozenset(
    {
        "event", "level", "time", "method", "route", "status", "milliseconds", "language", "error_id", "error_type", "where",
        "source", "receiver", "dataset", "activity", "outcome", "reason", "reasons", "cause", "place",
        "trace_id", "count", "bytes", "version", "port", "checkpoint", "chain_hash",
    }
)  # fmt: skip
"""Fields that may be written; any other is dropped and counted, so that nobody logs a person's data by accident."""

_STARTED = "blauweknop_started"
_ADDRESS = string.ascii_letters + string.digits + string.punctuation
_log = structlog.get_logger("blauweknop.web")
_Event = MutableMapping[str, Any]


def configure_logging(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Write the events as JSON lines to `stream` (standard error).

    Run the server without its own access log: that one holds query strings.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            only_listed_fields(LISTED_FIELDS),
            structlog.processors.JSONRenderer(_as_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def only_listed_fields(listed: Collection[str]) -> Callable[[Any, str, _Event], _Event]:
    """A structlog processor that drops every field that is not listed and says how many it dropped."""

    def keep_listed(_logger: Any, _method: str, event: _Event) -> _Event:
        kept = {name: value for name, value in event.items() if name in listed}
        if len(kept) < len(event):
            kept["dropped_fields"] = len(event) - len(kept)
        return kept

    return keep_listed


def start_clock(app: ASGIApp) -> ASGIApp:
    """Litestar middleware that remembers when a request came in, and makes its query readable."""

    async def timed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            scope["state"][_STARTED] = time.perf_counter()
            escape_query(scope)
        await app(scope, receive, send)

    return timed


def escape_query(scope: Scope) -> None:
    """Escape bytes that cannot be in an address (RFC 3986), before a library stumbles over them and prints them."""
    scope["query_string"] = quote_from_bytes(scope["query_string"], safe=_ADDRESS).encode("ascii")


async def log_request(message: Message, scope: Scope) -> None:
    """Litestar before-send hook: one event per answer with the pattern of the route, never the address itself."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    started = scope.get("state", {}).get(_STARTED)
    fields: dict[str, Any] = {"method": scope["method"], "route": route_pattern(scope), "status": message["status"]}
    if isinstance(started, float):
        fields["milliseconds"] = round((time.perf_counter() - started) * 1000, 1)
    _log.info("request", **fields)


def log_failure(request: Request[Any, Any, Any], error: BaseException, error_id: str, status: int) -> None:
    """An answer of 500: the kind of error and where it was raised. Its text stays out: a library may put values in it."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_globals.get('__name__', '?')}:{place.tb_lineno}" if place else "?"
    kinds = [type(error).__name__]
    if error.__cause__ is not None:
        kinds.append(type(error.__cause__).__name__)
    _log.error(
        "request_failed",
        error_id=error_id,
        error_type=" from ".join(kinds),
        where=where,
        method=request.method,
        route=route_pattern(request.scope),
        status=status,
    )


def route_pattern(scope: Scope) -> str:
    """`/duo/choose/{step:int}` of a known route; `(none)` for an address we do not have."""
    return str(scope.get("path_template") or "(none)")


def _as_json(event: _Event, default: Callable[[Any], Any]) -> str:
    return msgspec.json.encode(event, enc_hook=default).decode("utf-8")
