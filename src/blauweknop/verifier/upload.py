"""One uploaded file, read into memory and nowhere else: personal data of strangers never touches the disk of the check page.

Web frameworks put larger uploads in temporary files, so the form is read here: multipart/form-data (RFC 7578) with one file.
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from litestar import Request

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["MOST_UPLOAD", "UploadRefused", "body_chunks", "drain", "file_of_form", "only_file_of_form", "read_body"]

MOST_UPLOAD = 20 * 1024 * 1024
"""The largest file in bytes (PROTOCOL 7.6)."""

_FORM_EDGE = 64 * 1024  # for boundaries, headers and other fields around the file
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


async def read_body(chunks: AsyncIterator[bytes], *, drained: bool = True) -> bytes:
    """The body of the request. Raises: UploadRefused (too_large), for a browser after taking in the rest (`drained`)."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > MOST_UPLOAD + _FORM_EDGE:
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


def file_of_form(body: bytes, content_type: str, field: str) -> bytes:
    """The bytes of the file in this field; its name, which may say who somebody is, is not looked at.

    Raises: UploadRefused (not_understood, no_file, too_large).
    """
    for head, content in _parts(body, content_type):
        if _name_of(head) == field:
            if len(content) > MOST_UPLOAD:
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
