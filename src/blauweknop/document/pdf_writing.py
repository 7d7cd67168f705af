"""PDF objects written as bytes, the counterpart of `pdf_syntax`; and text strings both ways (ISO 32000-1, 7.3 and 7.9.2)."""

import re
from decimal import Decimal

from blauweknop.document.pdf_syntax import MAX_NUMBER, MalformedPdf, Name, PdfObject, Reference, Stream, dictionary

__all__ = ["decode_text", "encode_text", "write_object"]


def write_object(value: PdfObject) -> bytes:
    """The object as bytes that `parse_object` reads back to the same value.

    A stream is written with its /Length set to the bytes it has.
    Raises: MalformedPdf for a real number too large to write.
    """
    if value is None:
        return b"null"
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, Name):
        return _write_name(value)
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, float):
        return _write_real(value)
    if isinstance(value, bytes):
        return _write_string(value)
    if isinstance(value, Reference):
        return b"%d %d R" % (value.number, value.generation)
    if isinstance(value, tuple):
        return b"[" + b" ".join(map(write_object, value)) + b"]"
    if isinstance(value, Stream):
        head = write_object(dictionary({**value.dictionary, "Length": len(value.raw)}))
        return head + b"\nstream\n" + value.raw + b"\nendstream"
    return b"<<" + b" ".join(_write_name(key) + b" " + write_object(item) for key, item in value.items()) + b">>"


_PLAIN_NAME = re.compile(r"[!\"$&'*-.0-;=?-Z\\^-z|~]*")


def _write_name(name: str) -> bytes:
    if _PLAIN_NAME.fullmatch(name):
        return b"/" + name.encode("ascii")
    return b"/" + b"".join(
        char.encode("ascii") if _PLAIN_NAME.fullmatch(char) else b"#%02X" % code
        for char, code in zip(name, name.encode("latin-1"), strict=True)
    )


def _write_real(value: float) -> bytes:
    text = format(Decimal(repr(value)), "f")
    text = text if "." in text else text + ".0"
    if len(text) > MAX_NUMBER:
        raise MalformedPdf("number", f"a number has more than {MAX_NUMBER} characters")
    return text.encode("ascii")


_PLAIN_STRING = re.compile(rb"[ -'*-\[\]-~]*")


def _write_string(value: bytes) -> bytes:
    return b"(" + value + b")" if _PLAIN_STRING.fullmatch(value) else b"<" + value.hex().encode("ascii") + b">"


def encode_text(text: str) -> bytes:
    """A text string: plain ASCII where that suffices, else UTF-16BE with its mark (ISO 32000-1, 7.9.2.2)."""
    return text.encode("ascii") if text.isascii() else b"\xfe\xff" + text.encode("utf-16-be")


def decode_text(value: bytes) -> str:
    """The text of a text string. Raises: MalformedPdf for UTF-16 or PDFDocEncoding we do not know for certain."""
    try:
        if value.startswith(b"\xfe\xff"):
            return value[2:].decode("utf-16-be")
        if value.startswith(b"\xef\xbb\xbf"):
            return value[3:].decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedPdf("text_string", "a text string is not UTF-16 or UTF-8 as its mark says") from error
    if any((byte < 0x20 and byte not in b"\t\n\r") or 0x7F <= byte < 0xA1 for byte in value):
        raise MalformedPdf("text_string", "a text string holds bytes without a certain meaning")
    return value.decode("latin-1")
