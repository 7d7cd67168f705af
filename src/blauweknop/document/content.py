"""What a certified document says: the chosen part of a snapshot in the envelope of the scheme, as written to `gegevens.json`.

One content feeds every carrier: the page, the JSON and the SD-JWT (ARCHITECTURE decision 2), so that they cannot differ.

All its text is in Unicode normal form C: a register may write a letter and its diacritic apart, and a reader that compares names
must not find the two forms of one name different. Nothing else of what the register has is changed.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from blauweknop.catalogue.schema import schema_uri
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue, Selection, Snapshot, SourceIdentity
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.periods import Month

__all__ = ["IN_INVESTIGATION", "Content", "DocumentFacts", "SelectionRefused", "choose", "compose_content"]

Content = dict[str, JsonValue]

IN_INVESTIGATION = "inOnderzoek"
"""The step in the name of an indication that a value is being looked into: `naam.inOnderzoek.voornamen` is about `naam.voornamen`."""


class SelectionRefused(BlauweKnopError):
    """The choice does not fit the data set: an unknown part, a required part left out, a period that is not offered."""


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the issuer decides for this one document; identifiers are 128 random bits as 32 hex digits."""

    document_id: str
    snapshot_id: str
    trace_id: str
    issued_at: datetime
    language: str
    correction_url: str
    legal_category: str = "EAA"
    check_url: str = ""  # the check page printed on the letter; `certify` fills it in


def compose_content(snapshot: Snapshot, selection: Selection, dataset: Dataset, source: SourceIdentity, facts: DocumentFacts) -> Content:
    """The whole of `gegevens.json` (PROTOCOL 7.2 and `envelope` of the dictionary).

    Raises:
        SelectionRefused: the selection does not fit the data set.
        MalformedValue: a row that a period is chosen of has no readable date.
    """
    chosen, counts = choose(snapshot, selection, dataset)
    left_out = [part.id for part in dataset.parts if part.id not in selection.parts]
    if not selection.with_bsn:
        left_out.append("burgerservicenummer")
    issued = facts.issued_at.astimezone(AMSTERDAM)
    cut = any(count["opgenomen"] != count["beschikbaar"] for count in counts)
    content: Content = {
        "$schema": schema_uri(dataset),
        "document_id": facts.document_id,
        "snapshot_id": facts.snapshot_id,
        "document_type": dataset.type_uri,
        "type": dataset.id,
        "version": dataset.version,
        "language": facts.language,
        "source": {"oin": str(source.oin), "name": source.name},
        "issuing_authority": source.legal_name,
        "issuing_authority_oin": str(source.oin),
        "issuing_country": "NL",
        "attestation_legal_category": facts.legal_category,
        "reference_date": snapshot.reference_moment.astimezone(AMSTERDAM).date().isoformat(),
        "saldo_datumtijd": _moment(snapshot.reference_moment),
        "issued_at": _moment(facts.issued_at),
        "valid_until": (issued.date() + timedelta(days=dataset.validity_days)).isoformat(),
        "subject": _subject(snapshot, with_bsn=selection.with_bsn),
        "data": chosen,
        "selection": {
            "parts": [part.id for part in dataset.parts if part.id in selection.parts],
            **({"months": selection.months} if selection.months else {}),
        },
        "volledigheid": {
            "compleet": not cut and all(part == "burgerservicenummer" for part in left_out),
            "weggelaten_subsets": list(left_out),
            "in_onderzoek": list(_under_investigation(chosen, dataset.fields)),
            "aantallen": list(counts),
        },
        "juridische_grondslag": [
            {"omschrijving": basis.description.in_language(facts.language), "bron": basis.url} for basis in dataset.legal_basis
        ],
        "rechtsmiddel": {
            "soort": dataset.objection.kind,
            **({"termijn_weken": dataset.objection.weeks} if dataset.objection.weeks is not None else {}),
            "intake_url": dataset.objection.url,
        },
        "correctie_url": facts.correction_url,
        "controle_url": facts.check_url,
        "trace_id": facts.trace_id,
    }
    return {name: _normal(value) for name, value in content.items()}


def choose(snapshot: Snapshot, selection: Selection, dataset: Dataset) -> tuple[Content, list[Content]]:
    """The chosen fields and rows, and per list of the data set how many rows are in and how many there are.

    Raises:
        SelectionRefused: see `compose_content`.
    """
    _check_selection(selection, dataset)
    chosen: Content = {}
    counts: list[Content] = []
    for field in dataset.fields:
        if field.part not in selection.parts:
            continue
        value = _at(snapshot.data, field.path)
        if value is None:
            continue
        if field.type is FieldType.LIST and isinstance(value, list):
            kept = _rows_in_period(field, value, selection, dataset, snapshot.reference_moment)
            counts += _counts(field, value, kept, dataset)
            value = kept
        _put(chosen, field.path, value)
    return chosen, counts


def _check_selection(selection: Selection, dataset: Dataset) -> None:
    known = {part.id for part in dataset.parts}
    if selection.dataset_id != dataset.id or not selection.parts <= known:
        raise SelectionRefused("the selection names parts that this data set does not have")
    if not {part.id for part in dataset.parts if part.required} <= selection.parts:
        raise SelectionRefused("the selection leaves out a part without which this document means nothing")
    if selection.months is not None and (dataset.period is None or selection.months not in dataset.period.months):
        raise SelectionRefused("the selection asks a period that this data set does not offer")


def _subject(snapshot: Snapshot, *, with_bsn: bool) -> Content:
    subject = snapshot.subject
    if with_bsn and subject.bsn is None:
        raise SelectionRefused("the source did not give the burgerservicenummer that the selection asks for")
    return {
        "given_name": subject.given_name,
        "family_name": subject.family_name,
        "birth_date": dict(subject.birth_date.as_json()),
        **({"bsn": subject.bsn.digits} if with_bsn and subject.bsn else {}),
    }


def _rows_in_period(
    field: Field, rows: Sequence[JsonValue], selection: Selection, dataset: Dataset, reference: datetime
) -> list[JsonValue]:
    """The rows from the first day of the month that lies the chosen number of months before the reference date."""
    period = dataset.period
    if period is None or selection.months is None or not f"{period.list}.".startswith(f"{field.name}."):
        return list(rows)
    since = Month.of(reference.astimezone(AMSTERDAM).date()).plus(-selection.months).period.first
    if period.list == field.name:
        dated = _dated(field, period.date_field)
        return [row for row in rows if _day(dated, row) >= since]
    inner = next(nested for nested in field.fields if f"{field.name}.{nested.name}" == period.list)
    dated = _dated(inner, period.date_field)
    kept: list[JsonValue] = []
    for row in rows:
        nested_rows = _at(row, inner.path)
        inside = [item for item in nested_rows if _day(dated, item) >= since] if isinstance(nested_rows, list) else []
        if inside and isinstance(row, dict):
            copy = dict(row)
            _put(copy, inner.path, list(inside))
            kept.append(copy)
    return kept


def _dated(field: Field, name: str) -> Field:
    return next(column for column in field.fields if column.name == name)


def _day(field: Field, row: JsonValue) -> date:
    """The day by which a row falls in a period, as Dutch calendars have it; of a month its first day."""
    value = _at(row, field.path)
    try:
        match field.type, value:
            case FieldType.DATE, str(day):
                return date.fromisoformat(day)
            case FieldType.DATETIME, str(text) if (moment := datetime.fromisoformat(text)).tzinfo is not None:
                return moment.astimezone(AMSTERDAM).date()
            case FieldType.YEAR_MONTH, str(month):
                return Month.parse(month).period.first
    except (ValueError, MalformedValue) as error:
        raise _undated(field) from error
    raise _undated(field)


def _undated(field: Field) -> MalformedValue:
    return MalformedValue(f"expected a date in {field.name}, by which rows are kept or left out")


def _counts(field: Field, before: Sequence[JsonValue], after: Sequence[JsonValue], dataset: Dataset) -> list[Content]:
    """Rows in and rows there are, of the list the person chooses a period of, or else of the list itself."""
    nested = [inner for inner in field.fields if inner.type is FieldType.LIST]
    lists = [(field.name, len(after), len(before))]
    for inner in nested:
        lists.append((f"{field.name}.{inner.name}", _count_rows(after, inner), _count_rows(before, inner)))
    return [{"lijst": name, "opgenomen": kept, "beschikbaar": available} for name, kept, available in lists]


def _count_rows(rows: Sequence[JsonValue], inner: Field) -> int:
    return sum(len(nested) for row in rows if isinstance(nested := _at(row, inner.path), list))


def _under_investigation(data: JsonValue, fields: Sequence[Field]) -> Iterator[str]:
    """Names of the inOnderzoek indications that are set, `list.name` for one in any row of a list.

    They must travel with the value they qualify (Haal Centraal BRP bevragen, "inOnderzoek").
    """
    for field in fields:
        value = _at(data, field.path)
        if field.type is FieldType.BOOLEAN and IN_INVESTIGATION in field.path and value is True:
            yield field.name
        elif field.type is FieldType.LIST and isinstance(value, list):
            found = {name for row in value for name in _under_investigation(row, field.fields)}
            yield from (f"{field.name}.{name}" for name in _names(field.fields) if name in found)


def _names(fields: Sequence[Field]) -> Iterator[str]:
    for field in fields:
        yield field.name
        yield from (f"{field.name}.{name}" for name in _names(field.fields))


def _normal(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_normal(item) for item in value]
    if isinstance(value, dict):
        return {name: _normal(item) for name, item in value.items()}
    return value


def _at(data: JsonValue | Mapping[str, JsonValue], path: Sequence[str]) -> JsonValue:
    value = data
    for step in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return dict(value) if isinstance(value, Mapping) else value


def _put(target: Content, path: Sequence[str], value: JsonValue) -> None:
    """Set a value at its place; objects on the way there are copied, so that what they came from stays as it was."""
    node = target
    for step in path[:-1]:
        inner = node.get(step, {})
        if not isinstance(inner, dict):
            raise MalformedValue("a field name of the data set nests below a value")
        copy = dict(inner)
        node[step] = copy
        node = copy
    node[path[-1]] = value


def _moment(moment: datetime) -> str:
    return moment.astimezone(AMSTERDAM).replace(microsecond=0).isoformat()
