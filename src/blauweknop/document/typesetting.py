"""The truth path: typst lays a letter out as PDF/A-3a and PDF/UA-1 with its attachments (CERTIFIED_DOCUMENT, two paths)."""

import io
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

import segno
import typst

from blauweknop.catalogue.texts import sentence, text
from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import (
    Heading,
    Letter,
    Listing,
    Outcome,
    Panel,
    Paragraph,
    Rows,
    Table,
    letter_text,
    printed_text,
    without_space,
)
from blauweknop.document.columns import Columns, columns_of
from blauweknop.document.font_coverage import characters_of
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.document.value_fonts import ValueFonts, read_value_fonts
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["Typesetter", "TypesettingFailed", "qr_svg"]

_LONG_IN_TABLE, _LONG_IN_ROWS, _LONG_IN_HEADING = (re.compile(rf"(\S{{{letters},}})") for letters in (13, 30, 45))
_WHOLE_IN_TABLE, _WHOLE_IN_ROWS = 600, 1000  # letters; what is longer may go on over the page
_LONG_CELL = 200  # letters; from here on a cell of a table gets more room, and its letter is read back
_VALUE_HEADING = 3  # headings of this level are values: the employer, the address
_LETTER, _SPECIMEN = "letter.typ", "specimen.typ"
_FIRST_FONT = "AtkinsonHyperlegibleNext"
_WEIGHTS = ("400Regular", "700Bold")
_MEND = "mend the value at the source, or leave out its part"
_FOLDER = Path(str(files(__package__)))


class TypesettingFailed(BlauweKnopError):
    """The letter cannot be laid out as it must; the usual reason is a character that none of our fonts can print.

    The text names the label beside the value, never the value.
    """


class Typesetter:
    """Holds typst with our fonts, which costs 10 ms to load; may be shared between threads."""

    def __init__(self) -> None:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FOLDER / "fonts"])
        self._compilers = {
            name: typst.Compiler(_FOLDER / "layout" / name, root=_FOLDER / "layout", font_paths=fonts) for name in (_LETTER, _SPECIMEN)
        }
        self._mark = (_FOLDER / "layout" / "mark.svg").read_text("utf-8")
        self._printable = _printable(_FOLDER / "fonts")
        self._value_fonts: ValueFonts | None = None
        self._lock = Lock()

    @property
    def value_fonts(self) -> ValueFonts:
        """The fonts of values; taken from the specimen at the first use, which costs 60 ms."""
        if self._value_fonts is None:
            letters = "".join(sorted(self._printable & _of_first_font(_FOLDER / "fonts")))
            specimen = self._compile(_SPECIMEN, {"letters": letters}, datetime(2000, 1, 1, tzinfo=UTC))
            self._value_fonts = read_value_fonts(read_file(specimen))
        return self._value_fonts

    def printable(self, text: str) -> str:
        """The text on one line as our letters can print it: each other character by its number, `[U+1F600]`."""
        composed = " ".join(unicodedata.normalize("NFC", text).split())
        return "".join(char if char in self._printable else f"[U+{ord(char):04X}]" for char in composed)

    def typeset(
        self,
        letter: Letter,
        *,
        accent: str,
        attachments: Sequence[Attachment],
        made_at: datetime,
        columns: Sequence[Columns] | None = None,
        qr: str | None = None,
    ) -> bytes:
        """The letter as an unsealed PDF/A-3a and PDF/UA-1; `accent` is the colour of the house style, `#0b4a8f`.

        `columns` of its tables and the picture of its QR code (SVG) are given for the specimen of a shape; else they follow from it.

        Raises:
            TypesettingFailed: nothing may be sealed; it says what stands in the way.
        """
        if columns is None:
            self._check_characters(letter)
            columns = [columns_of(block, self.value_fonts) for block in letter.blocks if isinstance(block, Table)]
        inputs = {
            "letter": json.dumps(_letter_as_json(letter, columns)),
            "accent": accent,
            "mark": self._mark,
            "qr": qr or qr_svg(letter.qr_text),
            "qr-alternate": sentence("letter.qr_alternate", letter.language),
            "attachments": json.dumps(
                [
                    {"name": file.name, "mime": file.mime, "relationship": file.relationship, "description": file.description}
                    for file in attachments
                ]
            ),
            **{file.name: file.data.decode("utf-8") for file in attachments},
        }
        typeset = self._compile(_LETTER, inputs, made_at)
        if _has_long_cells(letter):
            _check_pages(letter, typeset)
        return typeset

    def _compile(self, layout: str, inputs: dict[str, str], made_at: datetime) -> bytes:
        try:
            with self._lock:
                typeset = self._compilers[layout].compile(
                    format="pdf",
                    sys_inputs=inputs,
                    pdf_standards=["a-3a", "ua-1"],
                    timestamp=made_at.astimezone(UTC).replace(microsecond=0),
                )
        except typst.TypstError as error:
            raise TypesettingFailed("the letter cannot be laid out as PDF/A-3a and PDF/UA-1") from _quiet(error)
        if not isinstance(typeset, bytes):
            raise TypesettingFailed("typst gave something else than one PDF")
        return typeset

    def _check_characters(self, letter: Letter) -> None:
        whole = letter_text(letter) + letter.header + letter.sender + "".join(letter.footer)
        if self._printable.issuperset(whole):
            return
        for label, words in _labelled(letter):
            if not self._printable.issuperset(words):
                raise TypesettingFailed(f"a value has a character that our letters cannot print: {label}", remedy=_MEND)
        raise TypesettingFailed("the letter has a character that our letters cannot print", remedy=_MEND)


def _printable(folder: Path) -> frozenset[str]:
    """What every weight can print and `page_text` reads back for certain: no scripts whose letters change places."""
    weights = [[characters_of(path.read_bytes()) for path in sorted(folder.glob(f"*_{weight}.ttf"))] for weight in _WEIGHTS]
    codes = frozenset.intersection(*(frozenset.union(*fonts) for fonts in weights))
    return frozenset(char for code in codes if (char := chr(code)) and _stands_still(char))


def _of_first_font(folder: Path) -> frozenset[str]:
    """Of both weights."""
    weights = [characters_of((folder / f"{_FIRST_FONT}_{weight}.ttf").read_bytes()) for weight in _WEIGHTS]
    return frozenset(map(chr, frozenset.intersection(*weights)))


def _stands_still(char: str) -> bool:
    kind = unicodedata.category(char)
    return kind[0] != "C" and kind not in ("Zl", "Zp", "Mc") and "DEVANAGARI" not in unicodedata.name(char, "")


def _labelled(letter: Letter) -> Iterator[tuple[str, str]]:
    """Each value of the letter with the words of the catalogue that say what it is."""
    heading = letter.title
    for block in letter.blocks:
        match block:
            case Heading(level, words):
                if level == _VALUE_HEADING:
                    yield heading, words
                else:
                    heading = words
            case Rows(rows):
                yield from rows
            case Table(header=header, rows=rows):
                yield from ((label, cell) for row in rows for label, cell in zip(header, row, strict=True))


def _has_long_cells(letter: Letter) -> bool:
    tables = [block.rows for block in letter.blocks if isinstance(block, Table)]
    values = [value for block in letter.blocks if isinstance(block, Rows) for _, value in block.rows]
    return any(_longest(row) > _LONG_CELL for rows in tables for row in rows) or any(len(value) > _WHOLE_IN_ROWS for value in values)


def _longest(cells: Sequence[str]) -> int:
    return max(map(len, cells))


def _check_pages(letter: Letter, pdf: bytes) -> None:
    """A row that goes on over the page reads in another order than the letter, which a check would call a difference."""
    try:
        shown = page_text(read_file(pdf))
    except MalformedPdf as error:
        raise TypesettingFailed("the letter is laid out in a form that a check would refuse") from error
    read = without_space("".join(page.content for page in shown))
    if read != printed_text(letter) or any(page.problems for page in shown):
        raise TypesettingFailed("a value is too long for its place in the letter", remedy="shorten it at the source")


def _quiet(error: Exception) -> Exception:
    """The diagnosis of typst without the text it was about, which may be personal."""
    return RuntimeError(type(error).__name__)


def qr_svg(words: str) -> str:
    """QR as one path of modules with a quiet zone; vectors stay sharp where a viewer smooths images.

    The mask is fixed: any mask reads (ISO/IEC 18004, 7.8), and to try all eight costs more than the rest of the code.
    """
    out = io.BytesIO()
    segno.make(words, error="m", boost_error=False, mask=0).save(out, kind="svg", xmldecl=False, svgns=True, border=2)
    return out.getvalue().decode("ascii")


def _pieces(words: str, long: re.Pattern[str]) -> str | list[str] | dict[str, list[str]]:
    """The text; or when it has words that may be wider than their place, what stands between those and those by turns.

    A text of a specimen may say itself where its lines end.
    """
    if "\n" in words:
        return {"lines": words.split("\n")}
    return words if long.search(words) is None else long.split(words)


def _letter_as_json(letter: Letter, columns: Sequence[Columns]) -> dict[str, Any]:
    of_table = iter(columns)
    return {
        "title": letter.title,
        "language": letter.language,
        "sender": letter.sender,
        "header": letter.header,
        "footer": list(letter.footer),
        "of_scheme": letter.of_scheme,
        "pages": text("letter.page").in_language(letter.language),
        "blocks": [_table_as_json(block, next(of_table)) if isinstance(block, Table) else _block_as_json(block) for block in letter.blocks],
    }


def _block_as_json(block: Heading | Paragraph | Rows | Listing | Panel | Outcome) -> dict[str, Any]:
    match block:
        case Heading(level, words):
            return {"kind": "heading", "level": level, "text": _pieces(words, _LONG_IN_HEADING)}
        case Paragraph(words):
            return {"kind": "paragraph", "text": words}
        case Rows(rows):
            return {
                "kind": "rows",
                "rows": [
                    {"label": label, "value": _pieces(value, _LONG_IN_ROWS), "breaks": len(value) > _WHOLE_IN_ROWS} for label, value in rows
                ],
            }
        case Listing(items):
            return {"kind": "listing", "items": list(items)}
        case Panel(title, paragraphs):
            return {"kind": "panel", "title": title, "paragraphs": list(paragraphs)}
        case Outcome(colour, word, title, summary):
            return {
                "kind": "outcome",
                "colour": colour,
                "word": word,
                "title": _pieces(title, _LONG_IN_HEADING),
                "summary": _pieces(summary, _LONG_IN_HEADING),
            }


def _table_as_json(table: Table, columns: Columns) -> dict[str, Any]:
    return {
        "kind": "table",
        "caption": table.caption,
        "size": columns.size,
        "side": columns.side,
        "header": [_pieces(head, _LONG_IN_TABLE) for head in table.header],
        "rows": [
            {"cells": [_pieces(cell, _LONG_IN_TABLE) for cell in row], "breaks": _longest(row) > _WHOLE_IN_TABLE} for row in table.rows
        ],
        "numbers": list(table.numbers),
        "widths": _widths(columns),
        "total": list(table.total) if table.total else None,
    }


def _widths(columns: Columns) -> list[dict[str, Any]]:
    if columns.widths is not None:
        return [{"kind": "points", "value": width} for width in columns.widths]
    return [{"kind": "share" if share else "auto", "value": share} for share in columns.shares]
