"""The page of one document: whether it can be relied on, what it says, of whom and when, and the way to have it corrected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.document.representative_words import representative_facts
from blauweknop.domain.dates import PartialDate, date_in_words, moment_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.names import PERSON
from blauweknop.domain.representation import REPRESENTATIVE
from blauweknop.domain.verdict import Colour
from blauweknop.holder.document_view import ShownPart, shown_parts
from blauweknop.insight import InsightDocument

__all__ = ["Age", "CheckedDocument", "DocumentPage", "age_of", "document_page"]


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A kept document with what its last check said. `newer` is the key of the one that took its place."""

    document: InsightDocument
    content: Mapping[str, JsonValue] = field(repr=False)
    colour: Colour
    checked_at: datetime
    kept_since: datetime
    has_pdf: bool = True
    is_apart: bool = False
    newer: str | None = None


@dataclass(frozen=True, slots=True)
class Age:
    """How old a document is: whole months since its reference date."""

    months: int
    is_old: bool


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """What the template shows. `facts` are (anchor, label, words)."""

    title: str
    source: str
    reference: date
    colour: Colour
    checked_at: datetime
    age: Age
    parts: tuple[ShownPart, ...] = field(repr=False)
    facts: tuple[tuple[str, str, str], ...] = field(repr=False)
    correction: str
    objection: str
    objection_url: str
    correction_url: str
    has_pdf: bool
    is_apart: bool
    newer: str | None


def age_of(document: InsightDocument, at: date) -> Age:
    day = document.reference_day
    months = max(0, (at.year - day.year) * 12 + at.month - day.month - (at.day < day.day))
    return Age(months, document.is_old_on(at))


def document_page(kept: CheckedDocument, catalogue: Catalogue, *, at: date, language: str) -> DocumentPage:
    """Raises: KeyError, when the data set is not in the catalogue: such a document does not pass the check."""
    document = kept.document
    dataset = catalogue.datasets[document.dataset]
    correction_url = kept.content.get("correctie_url")
    return DocumentPage(
        title=dataset.title.in_language(language),
        source=document.source_name,
        reference=document.reference_day,
        colour=kept.colour,
        checked_at=kept.checked_at,
        age=age_of(document, at),
        parts=shown_parts(document.data, dataset, language),
        facts=_facts(kept, language),
        correction=dataset.correction.in_language(language),
        objection=dataset.objection.about.in_language(language),
        objection_url=dataset.objection.url,
        correction_url=correction_url if isinstance(correction_url, str) and correction_url.startswith(("https://", "http://")) else "",
        has_pdf=kept.has_pdf,
        is_apart=kept.is_apart,
        newer=kept.newer,
    )


def _facts(kept: CheckedDocument, language: str) -> tuple[tuple[str, str, str], ...]:
    document = kept.document

    def fact(anchor: str, key: str, words: str) -> tuple[str, str, str]:
        return (anchor, sentence(f"holder.document.{key}", language), words)

    return (
        fact("source", "sealed_by", document.source_name),
        *_subject(document.subject, language),
        *((REPRESENTATIVE, label, words) for label, words in representative_facts(kept.content, language)),
        fact("saldo_datumtijd", "reference", date_in_words(document.reference_day, language)),
        fact("issued_at", "issued", moment_in_words(document.issued_at, language)),
        fact("valid_until", "valid_until", date_in_words(document.valid_until, language)),
        fact("kept_since", "got", moment_in_words(kept.kept_since, language)),
        fact("version", "version", str(document.version)),
        fact("document_id", "number", document.document_id),
    )


def _subject(subject: Mapping[str, JsonValue], language: str) -> tuple[tuple[str, str, str], ...]:
    found = []
    for name in PERSON:
        value = subject.get(name)
        if value is not None:
            words = PartialDate.parse_json(value).in_words(language) if name == "birth_date" else str(value)
            found.append((f"subject.{name}", sentence(f"holder.document.subject.{name}", language), words))
    return tuple(found)
