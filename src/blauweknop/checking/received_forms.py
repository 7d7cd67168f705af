"""What came in, by its first bytes and never by its name: a PDF, an SD-JWT VC, or an mdoc in CBOR or as base64url of that.

In each form a credential that travels alone is told from a presentation by how it ends (SD-JWT) or what it first names (mdoc).
"""

from typing import Literal

from blauweknop.domain.verdict import CheckedKind
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.mdoc.parts import MAX_MDOC

__all__ = ["MOST_MESSAGE", "Form", "form_of", "kind_of", "mdoc_bytes"]

Form = Literal["document", "sd-jwt", "mdoc"]

MOST_MESSAGE = MAX_MDOC * 4 // 3 + 8
"""No credential or presentation is larger, in bytes: an mdoc of the largest size as text, with the end of its line."""

_JSON_STARTS = (b"ey", b"ew")  # base64url of what begins with { and a name, a space or a line end
_LINE_ENDS = b"\r\n"
_MAPS = range(0xA0, 0xC0)  # CBOR major type 5
_MAPS_AS_TEXT = b"opqrstuv"  # the first letter of base64url of such a byte
_NAMES_BEGIN = {0xB8: 2, 0xB9: 3}  # these are followed by the number of members, in one byte or two
_BEGIN = 24  # letters in which the first name of an mdoc stands
_OF_CREDENTIAL = frozenset({b"nameSpaces", b"issuerAuth"})
_OF_PRESENTATION = frozenset({b"version", b"documents", b"documentErrors", b"status"})


def form_of(data: bytes) -> Form:
    """The form that it claims to have; what we do not know is looked at as a document, and refused as one."""
    if data.startswith(_JSON_STARTS) and b"~" in data:
        return "sd-jwt"
    return "mdoc" if _first_name(data) in _OF_CREDENTIAL | _OF_PRESENTATION else "document"


def kind_of(data: bytes) -> CheckedKind:
    """What it claims to be."""
    match form_of(data):
        case "sd-jwt":
            return CheckedKind.CREDENTIAL if data.rstrip(_LINE_ENDS).endswith(b"~") else CheckedKind.PRESENTATION
        case "mdoc":
            return CheckedKind.CREDENTIAL if _first_name(data) in _OF_CREDENTIAL else CheckedKind.PRESENTATION
    return CheckedKind.DOCUMENT


def mdoc_bytes(data: bytes) -> bytes:
    """The CBOR of an mdoc in either form.

    Raises:
        MalformedBase64: neither.
    """
    if data[:1] and data[0] in _MAPS:
        return data
    try:
        return base64url.decode(data.rstrip(_LINE_ENDS).decode("ascii"))
    except UnicodeError as error:
        raise MalformedBase64("expected ASCII") from error


def _first_name(data: bytes) -> bytes:
    """The first name in a CBOR map (RFC 8949 section 3), or nothing: a short text that follows the head of the map."""
    if data[:1] in {bytes((letter,)) for letter in _MAPS_AS_TEXT}:
        begin = data[:_BEGIN].rstrip(_LINE_ENDS)
        try:
            data = base64url.decode(begin[: len(begin) // 4 * 4].decode("ascii"))
        except (MalformedBase64, UnicodeError):
            return b""
    if len(data) < 2 or data[0] not in _MAPS:
        return b""
    start = _NAMES_BEGIN.get(data[0], 1)
    head = data[start : start + 1]
    length = head[0] - 0x60 if head and 0x60 <= head[0] < 0x78 else 0
    return data[start + 1 : start + 1 + length]
