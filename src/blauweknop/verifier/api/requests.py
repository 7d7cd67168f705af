"""A request to the API as it comes in: its options and its file, each refused with what is wrong and never with what was sent."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import Any, Literal
from urllib.parse import parse_qsl

from litestar import Request

from blauweknop.web.language import preferred_language
from blauweknop.web.problems import InputFault
from blauweknop.web.upload import MOST_UPLOAD, UploadRefused, body_chunks, drain, only_file_of_form, read_body

__all__ = [
    "FILE_TYPES",
    "ApiRequest",
    "Refused",
    "ShownOptions",
    "UploadRoom",
    "VerifyOptions",
    "language_for",
    "read_file",
    "shown_options",
    "verify_options",
    "wants_later",
]

FILE_TYPES = (
    "application/pdf",
    "application/dc+sd-jwt",
    "application/vc+sd-jwt",
    "application/cbor",
    "application/octet-stream",
    "multipart/form-data",
)
"""What a file may call itself. What it is, the check finds out."""

_MOST_QUERY = 1024
_MOST_PARAMETERS = 20
_UPLOAD_SECONDS = 60.0
_LONGEST_WATCH = timedelta(days=366)
_USUAL_WATCH = timedelta(days=90)
_LANGUAGES = ("nl", "en")
_HANG_UP = {"Connection": "close"}  # what is still to come is not read

ApiRequest = Request[Any, Any, Any]


class Refused(Exception):
    """The request is answered with this status and the faults that were found."""

    def __init__(self, status: int, *faults: InputFault, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.faults, self.headers = status, faults, dict(headers or {})


@dataclass(frozen=True, slots=True)
class ShownOptions:
    """In which languages reasons are told, and whether each step is explained."""

    languages: tuple[str, ...]
    explained: bool


ReportForm = Literal["json", "pdf"]


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    shown: ShownOptions
    with_data: bool
    watch_until: date | None
    report: ReportForm | None

    @property
    def needs_waiting(self) -> bool:
        """Data and reports are given to who waits for them, and never kept."""
        return self.with_data or self.report is not None


def shown_options(request: ApiRequest) -> ShownOptions:
    """Raises: Refused (400)."""
    return _shown(request, _parameters(request, ("language", "explain")))


def verify_options(request: ApiRequest, today: date) -> VerifyOptions:
    """Raises: Refused (400)."""
    given = _parameters(request, ("language", "explain", "withData", "withReport", "watch", "watchUntil"))
    watch = _flag(given, "watch")
    until = _day(given, "watchUntil", today) if "watchUntil" in given else today + _USUAL_WATCH
    if "watchUntil" in given and not watch:
        raise Refused(400, InputFault("query", "watchUntil", "without_watch"))
    return VerifyOptions(_shown(request, given), _flag(given, "withData"), until if watch else None, _report(given))


def wants_later(request: ApiRequest) -> bool:
    """`Prefer: respond-async` (RFC 7240 section 4.1)."""
    preferences = ",".join(request.headers.getall("prefer", [])).split(",")
    return any(preference.partition(";")[0].strip().lower() == "respond-async" for preference in preferences)


def language_for(request: ApiRequest) -> str:
    """The language of a problem, and of reasons when no other is asked."""
    return preferred_language(request.headers.get("accept-language", ""))


def _parameters(request: ApiRequest, known: Sequence[str]) -> dict[str, str]:
    query = request.scope["query_string"]
    if len(query) > _MOST_QUERY:
        raise Refused(400, InputFault("query", "", "not_readable"))
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise Refused(400, InputFault("query", "", "not_readable")) from error
    given = dict(pairs)
    if not given.keys() <= set(known):
        raise Refused(400, InputFault("query", "", "unknown_parameter"))
    if len(given) < len(pairs):
        raise Refused(400, InputFault("query", "", "repeated"))
    return given


def _shown(request: ApiRequest, given: Mapping[str, str]) -> ShownOptions:
    languages = tuple(dict.fromkeys(given["language"].split(","))) if "language" in given else (language_for(request),)
    if not set(languages) <= set(_LANGUAGES):
        raise Refused(400, InputFault("query", "language", "unknown_language"))
    return ShownOptions(languages, _flag(given, "explain"))


def _flag(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "false")
    if value not in ("true", "false"):
        raise Refused(400, InputFault("query", name, "not_boolean"))
    return value == "true"


def _report(given: Mapping[str, str]) -> ReportForm | None:
    match given.get("withReport"):
        case None | "json" | "pdf" as form:
            return form
    raise Refused(400, InputFault("query", "withReport", "unknown_report"))


def _day(given: Mapping[str, str], name: str, today: date) -> date:
    text = given[name]
    try:
        day = date.fromisoformat(text) if len(text) == len("2027-06-30") else None
    except ValueError:
        day = None
    if day is None:
        raise Refused(400, InputFault("query", name, "not_a_day"))
    if not today <= day <= today + _LONGEST_WATCH:
        raise Refused(400, InputFault("query", name, "day_out_of_range"))
    return day


class UploadRoom:
    """How many bytes of files this process holds at once; what does not fit is asked to come back."""

    def __init__(self, most_bytes: int = 400 * 1024 * 1024) -> None:
        self._left = most_bytes
        self._lock = Lock()

    @contextmanager
    def holding(self) -> Iterator[Callable[[int], None]]:
        """Take room with what this gives, which raises Refused (503) when there is none; all of it is given back at the end."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            with self._lock:
                if size > self._left:
                    raise Refused(503, headers={"Retry-After": "10"})
                self._left, taken = self._left - size, taken + size

        try:
            yield take
        finally:
            with self._lock:
                self._left += taken


async def read_file(request: ApiRequest, take_room: Callable[[int], None], *, seconds: float = _UPLOAD_SECONDS) -> bytes:
    """The one file of a request.

    Raises:
        Refused: 400 no file or not one file, 408, 413, 415, 503 no room.
    """
    _require_known_type(request)
    if _declared(request) > MOST_UPLOAD + 64 * 1024:
        raise Refused(413, headers=_HANG_UP)
    chunks = body_chunks(request)
    try:
        async with asyncio.timeout(seconds):
            try:
                return _file_of(await read_body(_within_room(chunks, take_room), drained=False), request.headers.get("content-type", ""))
            except UploadRefused as refused:
                if refused.code == "too_large":
                    await drain(chunks)  # who is still sending gets to see the answer; up to a bound
                    raise Refused(413, headers=_HANG_UP) from refused
                raise Refused(400, InputFault("body", "", "no_file" if refused.code == "no_file" else "not_one_file")) from refused
    except TimeoutError as error:
        raise Refused(408, headers=_HANG_UP) from error


async def _within_room(chunks: AsyncIterator[bytes], take_room: Callable[[int], None]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        take_room(len(chunk))
        yield chunk


def _require_known_type(request: ApiRequest) -> None:
    accepted = {"Accept-Post": ", ".join(FILE_TYPES)}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in FILE_TYPES:
        raise Refused(415, headers=accepted)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(415, headers={**accepted, "Accept-Encoding": "identity"})


def _declared(request: ApiRequest) -> int:
    text = request.headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _file_of(body: bytes, content_type: str) -> bytes:
    is_form = content_type.partition(";")[0].strip().lower() == "multipart/form-data"
    file = only_file_of_form(body, content_type) if is_form else body
    if not file:
        raise UploadRefused("no_file")
    if len(file) > MOST_UPLOAD:
        raise UploadRefused("too_large")
    return file
