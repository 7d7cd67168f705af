"""The blocks a letter consists of, and the text they are on paper. How they look is for the layout, what they say for `letter`.

What a letter says is personal: it stays out of `repr`.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from blauweknop.catalogue.texts import sentence

__all__ = [
    "BULLET",
    "Block",
    "Heading",
    "Letter",
    "Listing",
    "Outcome",
    "Panel",
    "Paragraph",
    "Rows",
    "Table",
    "letter_pieces",
    "letter_text",
    "printed_text",
    "without_space",
]

BULLET = "\u2022"


@dataclass(frozen=True, slots=True)
class Heading:
    level: int  # 2 or 3; the title of the letter is the only level 1
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """Label and value side by side."""

    rows: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    numbers: tuple[bool, ...]  # which columns are numbers, set to the right
    total: tuple[str, ...] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Panel:
    """A framed explanation."""

    title: str
    paragraphs: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of a check, framed in its colour with its sign; `word` says the colour, for who does not see it."""

    colour: Literal["green", "orange", "red"]
    word: str
    title: str
    summary: str = field(repr=False)


Block = Heading | Paragraph | Rows | Table | Listing | Panel | Outcome


@dataclass(frozen=True, slots=True)
class Letter:
    """All text of the pages. `header` and `footer` stand on each page."""

    title: str
    language: str
    sender: str
    header: str = field(repr=False)
    footer: tuple[str, ...]
    blocks: tuple[Block, ...] = field(repr=False)
    qr_text: str = field(repr=False)
    of_scheme: bool = True
    """Whether it has the mark of the scheme. Without it the file does not claim to be a document or report of the Blauwe Knop."""

    def page_line(self, number: int, count: int) -> str:
        return sentence("letter.page", self.language, number=number, count=count)


def letter_text(letter: Letter) -> str:
    """The text of the letter's body in reading order, as page text is compared: see `page_text`."""
    return "".join(letter_pieces(letter))


def letter_pieces(letter: Letter) -> Iterator[str]:
    """The text of the letter's body piece by piece, in reading order: a heading, a paragraph, a cell, an item of a list."""
    yield letter.title
    for block in letter.blocks:
        yield from _pieces(block)


def printed_text(letter: Letter) -> str:
    """The letter's body as it stands on the pages, to compare with what is read back from them.

    The layout puts a mark before each item of a list. White space is left out: where a line breaks is for the layout.
    """
    blocks = tuple(
        Listing(tuple(BULLET + item for item in block.items)) if isinstance(block, Listing) else block for block in letter.blocks
    )
    return without_space(letter_text(replace(letter, blocks=blocks)))


def without_space(text: str) -> str:
    """Text as pages and letters are compared: composed (NFC), and without white space."""
    return "".join(unicodedata.normalize("NFC", text).split())


def _pieces(block: Block) -> Iterator[str]:
    match block:
        case Heading(_, text) | Paragraph(text):
            yield text
        case Rows(rows):
            for label, value in rows:
                yield from (label, value)
        case Table(caption=caption, header=header, rows=lines, total=total):
            yield caption
            yield from header
            for line in lines:
                yield from line
            yield from total or ()
        case Listing(items):
            yield from items
        case Panel(title, paragraphs):
            yield from (title, *paragraphs)
        case Outcome(_, word, title, summary):
            yield from (word, title, summary)
