"""Where a signature stands in the file and which bytes it is over (ISO 32000-1, 12.8.1); the same for a seal and a document time stamp.

Says nothing about who signed. Each function refuses what two readers could take in two ways.
"""

import hashlib
import re

from blauweknop.document.pdf_syntax import MalformedPdf, ObjectReader, PdfDictionary
from blauweknop.standards import der
from blauweknop.standards.cms_algorithms import CmsProblem
from blauweknop.standards.pades import unpad_cms

__all__ = ["ByteRange", "byte_range_of", "contents_span", "covered_digest", "unpadded"]

ByteRange = tuple[int, int, int, int]
"""Begin and length of the bytes before the gap, begin and length of those after it."""


def byte_range_of(signature: PdfDictionary) -> ByteRange:
    """The four numbers of /ByteRange. Raises: MalformedPdf (byte_range)."""
    match signature.get("ByteRange"):
        case (start, first, second, length):
            # `false` would pass for the number 0 here, and for nothing at all elsewhere.
            if type(start) is type(first) is type(second) is type(length) is int and min(start, first, second, length) >= 0:
                return start, first, second, length
    raise MalformedPdf("byte_range", "the signature does not say with four numbers what it covers")


_OBJECT_HEAD = re.compile(rb"\d+ 0 obj")


def contents_span(data: bytes, span: tuple[int, int]) -> tuple[int, int]:
    """Where the value of /Contents begins and ends, in the object that stands at `span`. Raises: MalformedPdf (contents)."""
    start, end = span
    head = _OBJECT_HEAD.match(data, start)
    if head is None:
        raise MalformedPdf("contents", "the signature is not where it should be")
    spans = ObjectReader(data[head.end() : end]).entry_spans()
    if "Contents" not in spans:
        raise MalformedPdf("contents", "the signature has no contents")
    first, second = spans["Contents"]
    return head.end() + first, head.end() + second


_HEXADECIMAL = re.compile(rb"<((?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+)>")


def unpadded(written: bytes) -> bytes:
    """The DER value in a hexadecimal string, after which only zeros may stand. Raises: MalformedPdf (contents)."""
    digits = _HEXADECIMAL.fullmatch(written)
    if digits is None:
        raise MalformedPdf("contents", "the signature is not one plain hexadecimal string")
    padded = bytes.fromhex(digits[1].decode("ascii"))
    try:
        cms = unpad_cms(padded)
    except CmsProblem as error:
        raise MalformedPdf("contents", "the signature is not one DER value followed by zeros only") from error
    if cms[0] != der.SEQUENCE:
        raise MalformedPdf("contents", "the signature is not a DER sequence")
    return cms


def covered_digest(data: bytes, byte_range: ByteRange) -> bytes:
    """The SHA-256 of the bytes that a signature is over."""
    start, first, second, length = byte_range
    view = memoryview(data)
    digest = hashlib.sha256(view[start : start + first])
    digest.update(view[second : second + length])
    return digest.digest()
