"""The marks that stand for values while a shape is set, and the pieces into which their places divide what was set.

A mark is found again wherever the layout put it: on a page, in the outline, in the title of a structure element. Its first letter is one
that no fixed text has.
"""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

__all__ = [
    "MARKED_MOMENT",
    "Identifier",
    "Moment",
    "Piece",
    "TextOf",
    "identifier_text",
    "literal_text",
    "mark",
    "mark_number",
    "split_object",
]

SIGN = "\u00de"  # a capital thorn
_MARK = re.compile(rf"{SIGN}([0-9]{{4}})")

MARKED_MOMENT = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
"""The moment at which a shape is said to be made; found again in its dates."""


@dataclass(frozen=True, slots=True)
class TextOf:
    """The place of a value in a text string: its number in `Slots.texts`; written as UTF-16, as the inside of a literal string."""

    number: int


class Moment(Enum):
    """The place of the moment of making, as PDF or as XMP writes it."""

    PDF = auto()
    XMP = auto()


class Identifier(Enum):
    """The place of the identifier of the file: 24 characters."""

    FILE = auto()


Piece = bytes | TextOf | Moment | Identifier


def mark(number: int) -> str:
    """The mark of one value."""
    return f"{SIGN}{number:04d}"


def mark_number(text: str) -> int | None:
    """Which mark this is; None when the text holds none at all.

    Raises: ValueError for a text that holds a mark and more.
    """
    if SIGN not in text:
        return None
    found = _MARK.fullmatch(text)
    if found is None:
        raise ValueError("a mark stands together with other words")
    return int(found[1])


def identifier_text(number: str) -> bytes:
    """The identifier of a file as it is written: 128 bits as base64."""
    return base64.b64encode(bytes.fromhex(number))


_TO_ESCAPE = re.compile(rb"[()\\\r\n]")
_ESCAPED = {b"\r": b"\\r", b"\n": b"\\n"}
_ESCAPABLE = (b"(", b")", b"\\", b"\r", b"\n")


def literal_text(text: bytes) -> bytes:
    """The inside of a literal string (ISO 32000-1, 7.3.4.2)."""
    for escapable in _ESCAPABLE:  # five times a search for one byte is much quicker than one search for five
        if escapable in text:
            break
    else:
        return text
    return _TO_ESCAPE.sub(lambda found: _ESCAPED.get(found[0], b"\\" + found[0]), text)


def split_object(data: bytes, identifiers: tuple[bytes, ...]) -> list[Piece]:
    """The bytes of an object that is no page, cut at each mark, each date and each identifier."""
    moments = (MARKED_MOMENT.strftime("%Y%m%d%H%M%S").encode(), MARKED_MOMENT.strftime("%Y-%m-%dT%H:%M:%S").encode())
    places = re.compile(rb"<feff00de((?:003[0-9]){4})>|(%b)|(%b)|(%b)" % (*moments, b"|".join(map(re.escape, identifiers))))
    pieces: list[Piece] = []
    end = 0
    for found in places.finditer(data):
        pieces.append(data[end : found.start()])
        end = found.end()
        if found[1]:
            pieces += [b"(\xfe\xff", TextOf(int(bytes.fromhex(found[1].decode()).decode("utf-16-be"))), b")"]
        else:
            pieces.append(Moment.PDF if found[2] else Moment.XMP if found[3] else Identifier.FILE)
    pieces.append(data[end:])
    return [piece for piece in pieces if piece != b""]
