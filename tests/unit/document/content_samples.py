"""Content to test letters with: for any data set ordinary, minimal, empty and extreme values, made from its fields alone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from blauweknop.document.content import Content, DocumentFacts, compose_content
from blauweknop.document.letter import Letter, compose_letter
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Selection, Snapshot, SourceIdentity, Subject
from blauweknop.domain.identifiers import Bsn, Oin
from tests.unit.catalogue.samples import MOMENT, sample_data

CHECK_URL = "https://controle.blauweknop.example/controle"
SOURCE = SourceIdentity("dichtbij", "gemeente", Oin("00000099000000004000"), "Gemeente Dichtbij", "Gemeente Dichtbij")
FACTS = DocumentFacts("3f2a90c1" * 4, "1" * 32, "2" * 32, datetime(2026, 11, 23, 9, 1, tzinfo=UTC), "nl", "https://dichtbij.example/melden")
Style = Literal["full", "minimal", "empty", "many", "extreme"]
STYLES: tuple[Style, ...] = ("full", "minimal", "empty", "many", "extreme")

_LONG_WORD = "Hottentottententententoonstellingsterreinbeheerdersvereniging" * 2
_EXTREME: dict[FieldType, JsonValue] = {
    FieldType.TEXT: _LONG_WORD,
    FieldType.INTEGER: -(10**9),
    FieldType.EUROCENT: -(10**12) - 7,
    FieldType.EURO: 10**10,
    FieldType.DECIMAL2: "-123456789.99",
    FieldType.RATIO: "-999.9999",
    FieldType.DATE: "2026-09-30",
    FieldType.DATETIME: "2026-09-30T23:59:59+02:00",
    FieldType.YEAR_MONTH: "2026-09",
    FieldType.PARTIAL_DATE: {"type": "DatumOnbekend", "onbekend": True, "langFormaat": "onbekend"},
    FieldType.CODE_TABLE: {"code": "0000", "omschrijving": f"Đorđević Şükrü {_LONG_WORD} Ağcaoĳ"},
    FieldType.URL: "https://wetten.overheid.nl/" + "lang" * 40,
}


def data_of(fields: Sequence[Field], style: Style, rows: int = 2) -> dict[str, JsonValue]:
    """`many`: 60 rows, of which dates go back month by month; `extreme`: the longest of everything, in few rows."""
    if style in ("full", "minimal"):
        return sample_data(fields, only_required=style == "minimal")
    data: dict[str, JsonValue] = {}
    for field in fields:
        node = data
        for step in field.path[:-1]:
            inner = node.setdefault(step, {})
            assert isinstance(inner, dict)
            node = inner
        node[field.path[-1]] = _value(field, style, 0, rows)
    return data


def snapshot_of(dataset: Dataset, style: Style) -> Snapshot:
    long_name = style == "extreme"
    subject = Subject(
        "Wilhelmina Frederika " * 8 if long_name else "Zoë",
        _LONG_WORD if long_name else "van der Berg",
        PartialDate(1985, 8, 12),
        Bsn.parse("999990019") if long_name else None,
    )
    return Snapshot(dataset.id, subject, data_of(dataset.fields, style), MOMENT)


def content_of(dataset: Dataset, style: Style = "full", *, language: str = "nl", parts: Sequence[str] | None = None) -> Content:
    chosen = frozenset(part.id for part in dataset.parts) if parts is None else frozenset(parts)
    facts = DocumentFacts(FACTS.document_id, FACTS.snapshot_id, FACTS.trace_id, FACTS.issued_at, language, FACTS.correction_url)
    snapshot = snapshot_of(dataset, style)
    return compose_content(snapshot, Selection(dataset.id, chosen, None, snapshot.subject.bsn is not None), dataset, SOURCE, facts)


def letter_of(dataset: Dataset, style: Style = "full", *, language: str = "nl") -> Letter:
    return compose_letter(content_of(dataset, style, language=language), dataset, check_url=CHECK_URL, exercise=True)


def _value(field: Field, style: Style, number: int, rows: int) -> JsonValue:
    if field.type is FieldType.LIST:
        count = 0 if style == "empty" else 36 if style == "many" and _innermost(field) else rows
        return [_row(field.fields, style, row, rows) for row in range(count)]
    if field.codes:
        return max(field.codes, key=lambda code: len(field.codes[code].nl) if field.codes else 0)
    if field.pattern:
        return sample_data([field])[field.name.split(".")[-1]] if "." not in field.name else _deep(sample_data([field]), field.path)
    if style == "extreme":
        return _EXTREME.get(field.type, _deep(sample_data([field]), field.path))
    if style == "many" and field.type in (FieldType.DATE, FieldType.DATETIME, FieldType.YEAR_MONTH):
        day = date(2026, 11, 20) - timedelta(days=28 * number)
        return {FieldType.DATE: f"{day}", FieldType.DATETIME: f"{day}T10:00:00+01:00"}.get(field.type, f"{day:%Y-%m}")
    return _deep(sample_data([field]), field.path)


def _row(fields: Sequence[Field], style: Style, number: int, rows: int) -> dict[str, JsonValue]:
    data: dict[str, JsonValue] = {}
    for field in fields:
        node = data
        for step in field.path[:-1]:
            inner = node.setdefault(step, {})
            assert isinstance(inner, dict)
            node = inner
        node[field.path[-1]] = _value(field, style, number, rows)
    return data


def _innermost(field: Field) -> bool:
    return not any(inner.type is FieldType.LIST for inner in field.fields)


def _deep(data: JsonValue, path: Sequence[str]) -> JsonValue:
    for step in path:
        assert isinstance(data, dict)
        data = data[step]
    return data
