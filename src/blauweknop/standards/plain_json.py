"""The JSON that nearly all our values are, read and written by a fast library with the same outcome as by `strict_json`.

A text is *plain* when it holds at most nine levels, no fractions and no whole number that a double would round, and when it is what a
writer makes of the value that was read from it: then no name stands twice in it and no escape or space says anything else, since those
would not come back. A value is plain when its text is, and when that text reads back as an equal value. Whatever is not plain is for
the careful way of `strict_json` to judge: this module refuses nothing.
"""

from typing import Annotated

import msgspec

from blauweknop.domain.document import JsonValue

__all__ = ["LEVELS", "NotPlain", "plain_text", "read_plain", "read_plain_each", "write_checked", "write_checked_each"]

LEVELS = 9
"""The most levels of objects and lists in a plain text."""

_EXACT = (1 << 53) - 1
# UTF-8 of characters beyond U+FFFF, which UTF-16 sorts otherwise (RFC 8785 section 3.2.3).
_BEYOND = tuple(bytes((lead,)) for lead in range(0xF0, 0xF5))


def _shape(levels: int) -> object:
    """The type of a plain value; a type that refers to itself is nothing the library knows."""
    scalar = str | Annotated[int, msgspec.Meta(ge=-_EXACT, le=_EXACT)] | bool | None
    shape: object = scalar
    for _ in range(levels):
        shape = scalar | dict[str, shape] | list[shape]  # type: ignore[valid-type] # made at run time
    return shape


_plain_reader = msgspec.json.Decoder(_shape(LEVELS))
_read, _read_lines = _plain_reader.decode, _plain_reader.decode_lines
_write_unsorted, _write_lines_unsorted = msgspec.json.Encoder().encode, msgspec.json.Encoder().encode_lines
_write = msgspec.json.Encoder(order="sorted").encode
_write_lines = msgspec.json.Encoder(order="sorted").encode_lines


class NotPlain(Exception):
    """The careful way must judge this text or value; no refusal yet."""


def read_plain(data: bytes) -> JsonValue:
    """The value of a plain text.

    Raises:
        NotPlain: another text; it may be right JSON.
    """
    try:
        value: JsonValue = _read(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotPlain from error
    if _write_unsorted(value) != data:
        raise NotPlain
    return value


def read_plain_each(texts: list[bytes]) -> list[JsonValue]:
    """The values of plain texts.

    Raises:
        NotPlain: one of the texts is another text.
    """
    lines = b"\n".join(texts) + b"\n"
    try:
        values = _read_lines(lines)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotPlain from error
    # A plain text is one line: a text with a line end, or with part of its neighbour, does not come back as so many lines.
    if len(values) != len(texts) or _write_lines_unsorted(values) != lines:
        raise NotPlain
    return values


def plain_text(value: JsonValue) -> bytes:
    """The canonical text (RFC 8785) of a plain value.

    Raises:
        NotPlain: another value; it may have a canonical text.
    """
    try:
        text = _write(value)
        same = _read(text) == value
    except (TypeError, msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotPlain from error
    if not same or (not text.isascii() and any(lead in text for lead in _BEYOND)):
        raise NotPlain
    return text


def write_checked(value: JsonValue) -> bytes:
    """The text of a value that was put together from parts that have a canonical text; the canonical one when its names are ASCII."""
    return _write(value)


def write_checked_each(values: list[JsonValue]) -> list[bytes]:
    """As `write_checked` for many values."""
    # No text of JSON as we write it has a line end in it: inside a string it is escaped.
    return _write_lines(values).split(b"\n")[:-1]
