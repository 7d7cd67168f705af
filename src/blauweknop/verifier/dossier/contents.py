"""The data of a piece in words, with the labels of the catalogue: single values, and of a document its parts and lists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.document.representative_words import representative_facts
from blauweknop.document.summary_claims import ClaimValue
from blauweknop.document.summary_words import claims_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.names import OF_PERSON
from blauweknop.domain.summary import ClaimKind, Summary
from blauweknop.domain.texts import Language
from blauweknop.verifier.dossier.person import birth_in_words
from blauweknop.verifier.dossier.pieces import Piece
from blauweknop.verifier.shown_data import ShownPart, shown_parts

__all__ = ["ShownPiece", "shown_piece"]


@dataclass(frozen=True, slots=True)
class ShownPiece:
    """What stands in a piece. Without facts and parts nothing of it can be shown."""

    facts: tuple[tuple[str, str], ...] = field(repr=False)
    parts: tuple[ShownPart, ...] = field(repr=False)


def shown_piece(piece: Piece, catalogue: Catalogue, language: Language) -> ShownPiece:
    """In the order of the catalogue; of a data set that it does not know nothing."""
    dataset, summary = catalogue.datasets.get(piece.item.dataset), catalogue.summaries.get(piece.item.dataset)
    if not piece.is_document:
        facts = claims_in_words(summary, dict(_values(piece.values, summary)), language) if summary is not None else ()
        return ShownPiece((*facts, *representative_facts(piece.item.claims, language)), ())
    subject = piece.item.claims.get("subject")
    content: Mapping[str, JsonValue] = {
        "data": dict(piece.values),
        "selection": {"parts": [part.id for part in dataset.parts] if dataset is not None else []},
    }
    parts = shown_parts(content, dataset, language) if dataset is not None else ()
    return ShownPiece(
        (*_subject_facts(subject if isinstance(subject, dict) else {}, language), *representative_facts(piece.item.claims, language)),
        tuple(part for part in parts if part.values or any(table.rows for table in part.tables)),
    )


def _values(claims: Mapping[str, JsonValue], summary: Summary) -> Iterator[tuple[str, ClaimValue]]:
    for name, kind in summary.kinds.items():
        match claims.get(name):
            case str(text) if kind is ClaimKind.DATE:
                try:
                    yield name, date.fromisoformat(text)
                except ValueError:
                    yield name, text
            case (bool() | int() | str()) as value:
                yield name, value


def _subject_facts(subject: Mapping[str, JsonValue], language: Language) -> Iterator[tuple[str, str]]:
    for name in OF_PERSON:
        value = subject.get(name)
        if value is not None:
            yield sentence(f"dossier.subject.{name}", language), birth_in_words(value, language) if name == "birth_date" else str(value)
