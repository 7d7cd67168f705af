"""One uploaded file, read into memory and nowhere else: personal data never touches the disk of a server.

Web frameworks put larger uploads in temporary files, so the form is read here: multipart/form-data (RFC 7578) with one file.
"""

import re
from collections.abc import AsyncIterator, Iterator
from hmac import compare_digest
from typing import Any

from litestar import Request
from litestar.exceptions import PermissionDeniedException

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.web.app import csrf_config, refuse_site
from blauweknop.web.errors import CSRF_REFUSAL

__all__ = [
    "MOST_UPLOAD",
    "UploadRefused",
    "body_chunks",
    "drain",
    "file_of_form",
    "file_of_visitor",
    "form_of_visitor",
    "only_file_of_form",
    "read_body",
    "text_of_form",
]

MOST_UPLOAD = 20 * 1024 * 1024
"""The largest file in bytes (PROTOCOL 7.6)."""

_FORM_EDGE = 64 * 1024  # for boundaries, headers and other fields around the file
_TOKEN_FIELD = "_csrf_token"  # noqa: S105 - the name of a field
_MOST_DRAINED = 300 * 1024 * 1024
_MOST_PARTS = 10  # of the form, the end of it included
_MOST_HEAD = 8 * 1024  # bytes of headers before the content of a part
_MOST_TYPE = 512  # characters; browsers write about seventy
_TYPE = re.compile(r"multipart/form-data[ \t]*+", re.IGNORECASE)
_PARAMETER = re.compile(r';[ \t]*+([^\s;="]{1,64})=(?:"([^"\\]*+)"|([^\s;"]++))[ \t]*+')
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")


class UploadRefused(BlauweKnopError):
    """There is no file to check; `code` is too_large, not_understood or no_file."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def body_chunks(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """The body as it comes in; the framework's own reading would refuse a large one before the sender can be told.

    Raises:
        UploadRefused: not_understood, when the sender went away before the end.
    """
    more = True
    while more:
        message = await request.receive()
        if message["type"] != "http.request":
            raise UploadRefused("not_understood")
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def read_body(chunks: AsyncIterator[bytes], *, drained: bool = True, most: int = MOST_UPLOAD) -> bytes:
    """The body of the request. Raises: UploadRefused (too_large), for a browser after taking in the rest (`drained`)."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most + _FORM_EDGE:
            body.clear()
            if drained:
                await drain(chunks)
            raise UploadRefused("too_large")
    return bytes(body)


async def drain(chunks: AsyncIterator[bytes]) -> None:
    """Take in the rest and forget it, so that a browser that is still sending gets to see the answer; up to a bound."""
    drained = 0
    async for chunk in chunks:
        drained += len(chunk)
        if drained > _MOST_DRAINED:
            return


async def file_of_visitor(request: Request[Any, Any, Any], field: str, *, most: int = MOST_UPLOAD) -> bytes:
    """The file in a form of a person who is in."""
    body = await form_of_visitor(request, most=most)
    return file_of_form(body, request.headers.get("content-type", ""), field, most=most)


async def form_of_visitor(request: Request[Any, Any, Any], *, most: int = MOST_UPLOAD) -> bytes:
    """A form with a file of a person who is in. The route says `exclude_from_csrf=True`, since reading the token as usual would put the
    whole form in a temporary file; so the token and the site that it comes from are looked at here (ASVS 3.5.1).

    Raises:
        UploadRefused: not_understood, too_large.
        PermissionDeniedException: the form is not one of ours.
    """
    refuse_site(request)
    body = await read_body(body_chunks(request), most=most)
    content_type = request.headers.get("content-type", "")
    given = request.cookies.get(csrf_config(request.app.state.web).cookie_name, "")
    try:
        token = file_of_form(body, content_type, _TOKEN_FIELD, most=_MOST_HEAD)
    except UploadRefused as refused:
        raise PermissionDeniedException(CSRF_REFUSAL) from refused
    if not given or not compare_digest(token, given.encode("latin-1")):
        raise PermissionDeniedException(CSRF_REFUSAL)
    return body


def text_of_form(body: bytes, content_type: str, field: str, *, most: int) -> str:
    """What was typed in this field; nothing when it is not there, too long, or no text."""
    try:
        return file_of_form(body, content_type, field, most=most).decode("utf-8").strip()
    except (UploadRefused, UnicodeDecodeError):
        return ""


def file_of_form(body: bytes, content_type: str, field: str, *, most: int = MOST_UPLOAD) -> bytes:
    """The bytes of the file in this field; its name, which may say who somebody is, is not looked at.

    Raises: UploadRefused (not_understood, no_file, too_large).
    """
    for head, content in _parts(body, content_type):
        if _name_of(head) == field:
            if len(content) > most:
                raise UploadRefused("too_large")
            if not content and not re.search(rb'filename="[^"]', head):  # what is sent when nothing was chosen
                break
            return content
    raise UploadRefused("no_file")


def only_file_of_form(body: bytes, content_type: str) -> bytes:
    """The bytes of the one part of the form, whatever its name.

    Raises: UploadRefused (not_understood, no_file).
    """
    parts = list(_parts(body, content_type))
    if not parts:
        raise UploadRefused("no_file")
    if len(parts) > 1:
        raise UploadRefused("not_understood")
    return parts[0][1]


def _parts(body: bytes, content_type: str) -> Iterator[tuple[bytes, bytes]]:
    """Head and content of each part."""
    marker = b"--" + _boundary(content_type)
    if not body.startswith(marker):
        raise UploadRefused("not_understood")
    parts = body.removeprefix(marker).split(b"\r\n" + marker, _MOST_PARTS)
    if len(parts) > _MOST_PARTS or parts[-1].strip() != b"--":
        raise UploadRefused("not_understood")
    for part in parts[:-1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        if not separator or len(head) > _MOST_HEAD:
            raise UploadRefused("not_understood")
        yield head, content


def _boundary(content_type: str) -> bytes:
    """The one boundary of a form (RFC 7578 4.1), read in one pass: the package `email` looks again at all it had for each semicolon."""
    begin = _TYPE.match(content_type)
    if begin is None or len(content_type) > _MOST_TYPE:
        raise UploadRefused("not_understood")
    boundaries, place = [], begin.end()
    while parameter := _PARAMETER.match(content_type, place):
        name, quoted, token = parameter.groups()
        if name.lower() == "boundary":
            boundaries.append(token if quoted is None else quoted)
        place = parameter.end()
    if place != len(content_type) or len(boundaries) != 1 or not _BOUNDARY.fullmatch(boundaries[0]):
        raise UploadRefused("not_understood")
    return boundaries[0].encode("ascii")


def _name_of(head: bytes) -> str | None:
    found = re.search(rb"(?im)^content-disposition:[^\r\n]*;\s*name=\"([^\"\r\n]{0,100})\"", head)
    return found[1].decode("utf-8", "replace") if found else None
