"""The truth path: typst lays a letter out as PDF/A-3a and PDF/UA-1 with its attachments (CERTIFIED_DOCUMENT, two paths)."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import segno
import typst

from blauweknop.catalogue.texts import sentence, text
from blauweknop.document.letter import Block, Heading, Letter, Listing, Panel, Paragraph, Rows, Table
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["Attachment", "Typesetter", "TypesettingFailed"]

_FOLDER = Path(str(files(__package__)))


class TypesettingFailed(BlauweKnopError):
    """The letter cannot be laid out as it must; the usual reason is a character that none of our fonts can print."""


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    data: bytes
    mime: str
    relationship: Literal["data", "alternative"]
    description: str


class Typesetter:
    """Holds typst with our fonts, which costs 10 ms to load; may be shared between threads."""

    def __init__(self) -> None:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FOLDER / "fonts"])
        self._compiler = typst.Compiler(_FOLDER / "layout" / "letter.typ", root=_FOLDER / "layout", font_paths=fonts)
        self._mark = (_FOLDER / "layout" / "mark.svg").read_text("utf-8")
        self._lock = Lock()

    def typeset(self, letter: Letter, *, accent: str, attachments: Sequence[Attachment], made_at: datetime) -> bytes:
        """The letter as an unsealed PDF/A-3a and PDF/UA-1; `accent` is the colour of the house style, `#0b4a8f`.

        Raises:
            TypesettingFailed: typst refused it, so nothing may be sealed.
        """
        inputs = {
            "letter": json.dumps(_letter_as_json(letter)),
            "accent": accent,
            "mark": self._mark,
            "qr": _qr_svg(letter.qr_text),
            "qr-alternate": sentence("letter.qr_alternate", letter.language),
            "attachments": json.dumps(
                [
                    {"name": file.name, "mime": file.mime, "relationship": file.relationship, "description": file.description}
                    for file in attachments
                ]
            ),
            **{file.name: file.data.decode("utf-8") for file in attachments},
        }
        try:
            with self._lock:
                typeset = self._compiler.compile(
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


def _quiet(error: Exception) -> Exception:
    """The diagnosis of typst without the text it was about, which may be personal."""
    return RuntimeError(type(error).__name__)


def _qr_svg(words: str) -> str:
    """QR as one path of modules with a quiet zone; vectors stay sharp where a viewer smooths images."""
    out = io.BytesIO()
    segno.make(words, error="m", boost_error=False).save(out, kind="svg", xmldecl=False, svgns=True, border=2)
    return out.getvalue().decode("ascii")


def _letter_as_json(letter: Letter) -> dict[str, Any]:
    return {
        "title": letter.title,
        "language": letter.language,
        "sender": letter.sender,
        "header": letter.header,
        "footer": list(letter.footer),
        "pages": text("letter.page").in_language(letter.language),
        "blocks": [_block_as_json(block) for block in letter.blocks],
    }


def _block_as_json(block: Block) -> dict[str, Any]:
    match block:
        case Heading(level, words):
            return {"kind": "heading", "level": level, "text": words}
        case Paragraph(words):
            return {"kind": "paragraph", "text": words}
        case Rows(rows):
            return {"kind": "rows", "rows": [list(row) for row in rows]}
        case Table(caption, header, rows, numbers, total):
            return {
                "kind": "table",
                "caption": caption,
                "header": list(header),
                "rows": [list(row) for row in rows],
                "numbers": list(numbers),
                "total": list(total) if total else None,
            }
        case Listing(items):
            return {"kind": "listing", "items": list(items)}
        case Panel(title, paragraphs):
            return {"kind": "panel", "title": title, "paragraphs": list(paragraphs)}
