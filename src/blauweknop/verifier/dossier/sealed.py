"""A dossier as one file that is sealed by the receiver: pages for people, the pieces as they were received, and the dossier as data.

Like `document.certified` it takes no bytes to seal: it seals nothing but a dossier that it laid out itself (threat T-46). What it makes is
no document of the Blauwe Knop and does not say that it is one; the check calls it a dossier (ADR 0036).

Attachments: `dossier.json`; `stuk-<n>.sd-jwt` or `stuk-<n>.mdoc.txt`, as it came; with papers `eigen-papier-<n>.pdf`, `.jpg`, `.png`. What
others chose is in no name of a file.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import replace

from blauweknop.catalogue.texts import sentence
from blauweknop.document.attachment import Attachment
from blauweknop.document.sealing import SealTexts, finish_seal, prepare_seal
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.verifier.dossier.dossier import Dossier, OwnPaper
from blauweknop.verifier.dossier.exporting import dossier_json
from blauweknop.verifier.dossier.letter import AboutDossier, compose_dossier_letter
from blauweknop.verifier.dossier.ports import DossierSealer

__all__ = ["DOSSIER_NAME", "PAPER_ENDINGS", "DossierTooLarge", "seal_dossier"]

DOSSIER_NAME = "dossier.json"
PAPER_ENDINGS: Mapping[str, str] = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}

_MOST_ROWS = 800
_MOST_BYTES = 12 * 1024 * 1024
_MOST_LETTERS = 400_000


class DossierTooLarge(BlauweKnopError):
    """There is more in the dossier than one file can hold."""


def seal_dossier(dossier: Dossier, about: AboutDossier, sealer: DossierSealer, language: str, *, colour: str, with_papers: bool) -> bytes:
    """The sealed PDF.

    Raises:
        DossierTooLarge: it has more rows, letters or bytes than one file may have.
        BlauweKnopError: it cannot be laid out or sealed now.
    """
    _require_room(dossier, with_papers=with_papers)
    if not about.with_notes:
        dossier = replace(dossier, notes=())
    letter = compose_dossier_letter(dossier, about, language, printable=sealer.printable)
    papers = dict(_papers(dossier)) if with_papers else {}
    attachments = [
        Attachment(DOSSIER_NAME, dossier_json(dossier).encode("utf-8"), "application/json", "data", _described("data", language)),
        *_pieces(dossier, language),
        *(
            Attachment(name, b"", paper.media_type, "data", _described("paper", language, paper.number))
            for name, (paper, _) in papers.items()
        ),
    ]
    made_at = about.made_at.replace(microsecond=0)
    typeset = sealer.lay_out(letter, accent=colour, attachments=attachments, made_at=made_at)
    texts = SealTexts(
        alternate=sentence("dossier.letter.seal_field", language, receiver=letter.sender),
        signer_name=sealer.legal_name,
        reason=sentence("dossier.letter.seal_reason", language),
        moment=made_at,
    )
    contents = {name: content for name, (_, content) in papers.items()}
    prepared = prepare_seal(typeset, texts, cms_size=sealer.seal_size, contents=contents)
    return finish_seal(prepared, sealer.seal(prepared.digest))


def _require_room(dossier: Dossier, *, with_papers: bool) -> None:
    figures = dossier.figures
    rows = len(figures.debts) + len(figures.totals) + len(dossier.pieces) + len(dossier.lines)
    letters = sum(len(f"{line.creditor}{line.collector or ''}{line.reference}{line.kind}") for line in figures.debts)
    size = sum(len(piece.item.original or "") for piece in dossier.pieces)
    size += sum(len(paper.content) for paper in dossier.own_papers) if with_papers else 0
    if rows > _MOST_ROWS or letters > _MOST_LETTERS or size > _MOST_BYTES:
        raise DossierTooLarge("expected a dossier that fits in one file", remedy="take along the tables instead")


def _pieces(dossier: Dossier, language: str) -> Iterator[Attachment]:
    for piece in dossier.pieces:
        if piece.item.original is not None:
            mobile = piece.item.format == "mso_mdoc"
            name = f"stuk-{piece.number}.{'mdoc.txt' if mobile else 'sd-jwt'}"
            mime = "text/plain" if mobile else "application/dc+sd-jwt"
            yield Attachment(name, piece.item.original.encode("utf-8"), mime, "data", _described("piece", language, piece.number))


def _papers(dossier: Dossier) -> Iterator[tuple[str, tuple[OwnPaper, bytes]]]:
    """Of the types that papers have; one that cannot be read back is left out, as its line on the page is not."""
    for paper in dossier.own_papers:
        ending = PAPER_ENDINGS.get(paper.media_type)
        try:
            content = base64.b64decode(paper.content, validate=True)
        except binascii.Error:
            continue
        if ending is not None:
            yield f"eigen-papier-{paper.number}.{ending}", (paper, content)


def _described(what: str, language: str, number: int = 0) -> str:
    return sentence(f"dossier.letter.attached.{what}", language, number=number)
