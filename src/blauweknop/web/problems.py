"""Errors for programs: application/problem+json (RFC 9457) in words of ours, with a number to quote; never a value, never a stack trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from litestar import Response

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.document import JsonValue

__all__ = ["PROBLEM", "InputFault", "problem_answer", "problem_members"]

PROBLEM = "application/problem+json"
_NAMES = {
    400: "invalid_request",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "unexpected",
    503: "busy",
}


@dataclass(frozen=True, slots=True)
class InputFault:
    """One thing that is wrong with a request. `name` is a name of ours, never one that was sent."""

    place: str  # header, query or body
    name: str
    code: str


def problem_members(status: int, language: str, *, error_id: str, faults: Sequence[InputFault] = ()) -> dict[str, JsonValue]:
    """The object of a problem; a status without words of its own gets those of its hundred."""
    name = _NAMES.get(status) or _NAMES[500 if status >= 500 else 400]
    members: dict[str, JsonValue] = {
        "type": f"urn:blauweknop:problem:{_with_hyphens(name)}",
        "title": sentence(f"problem.{name}.title", language),
        "status": status,
        "detail": sentence(f"problem.{name}.detail", language),
        "instance": f"urn:blauweknop:error:{error_id}",
    }
    if faults:
        members["errors"] = [_fault_members(fault, language) for fault in faults]
    return members


def problem_answer(
    status: int,
    language: str,
    *,
    error_id: str,
    headers: Mapping[str, str] | None = None,
    faults: Sequence[InputFault] = (),
) -> Response[bytes]:
    """The answer with a problem."""
    members = problem_members(status, language, error_id=error_id, faults=faults)
    shown = {"Content-Language": language, **(headers or {})}
    return Response(msgspec.json.encode(members), status_code=status, media_type=PROBLEM, headers=shown)


def _fault_members(fault: InputFault, language: str) -> dict[str, JsonValue]:
    return {
        "in": fault.place,
        "location": {"name": fault.name} if fault.name else {},
        "code": _with_hyphens(fault.code),
        "detail": sentence(f"problem.fault.{fault.code}", language),
    }


def _with_hyphens(name: str) -> str:
    return name.replace("_", "-")
