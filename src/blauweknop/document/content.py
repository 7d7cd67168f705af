"""What a certified document says: the chosen part of a snapshot in the envelope of the scheme, as written to `gegevens.json`.

One content feeds every carrier: the page, the JSON and the SD-JWT (ARCHITECTURE decision 2), so that they cannot differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from blauweknop.catalogue.schema import schema_uri
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue, Selection, Snapshot, SourceIdentity
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.periods import Month

__all__ = ["Content", "DocumentFacts", "SelectionRefused", "choose", "compose_content"]

Content = dict[str, JsonValue]


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


def compose_content(snapshot: Snapshot, selection: Selection, dataset: Dataset, source: SourceIdentity, facts: DocumentFacts) -> Content:
    """The whole of `gegevens.json` (PROTOCOL 7.2 and `envelope` of the dictionary).

    Raises:
        SelectionRefused: the selection does not fit the data set.
    """
    chosen, counts = choose(snapshot, selection, dataset)
    left_out = [part.id for part in dataset.parts if part.id not in selection.parts]
    if not selection.with_bsn:
        left_out.append("burgerservicenummer")
    issued = facts.issued_at.astimezone(AMSTERDAM)
    cut = any(count["opgenomen"] != count["beschikbaar"] for count in counts)
    return {
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
            "in_onderzoek": list(_under_investigation(chosen, dataset)),
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
        "trace_id": facts.trace_id,
    }


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
    period = dataset.period
    if period is None or selection.months is None or period.list.split(".")[0] != field.name:
        return list(rows)
    first_month = Month.of(reference.astimezone(AMSTERDAM).date()).plus(-selection.months)
    first_day = first_month.period.first.isoformat()
    inner = period.list.split(".")[1] if "." in period.list else None
    kept: list[JsonValue] = []
    for row in rows:
        if not isinstance(row, dict):
            continue
        if inner is None:
            if _day(row.get(period.date_field)) >= first_day:
                kept.append(row)
            continue
        nested = row.get(inner)
        inside = (
            [item for item in nested if isinstance(item, dict) and _day(item.get(period.date_field)) >= first_day]
            if isinstance(nested, list)
            else []
        )
        if inside:
            kept.append({**row, inner: list(inside)})
    return kept


def _counts(field: Field, before: Sequence[JsonValue], after: Sequence[JsonValue], dataset: Dataset) -> list[Content]:
    """Rows in and rows there are, of the list the person chooses a period of, or else of the list itself."""
    nested = [inner for inner in field.fields if inner.type is FieldType.LIST]
    lists = [(field.name, len(after), len(before))]
    for inner in nested:
        lists.append((f"{field.name}.{inner.name}", _count_rows(after, inner.name), _count_rows(before, inner.name)))
    return [{"lijst": name, "opgenomen": kept, "beschikbaar": available} for name, kept, available in lists]


def _count_rows(rows: Sequence[JsonValue], name: str) -> int:
    return sum(len(nested) for row in rows if isinstance(row, dict) and isinstance(nested := row.get(name), list))


def _under_investigation(chosen: Content, dataset: Dataset) -> list[str]:
    """Names of the inOnderzoek indications that are set; they must travel with the value they qualify (Haal Centraal)."""
    return [
        field.name
        for field in dataset.fields
        if field.type is FieldType.BOOLEAN and "inOnderzoek" in field.name and _at(chosen, field.path) is True
    ]


def _at(data: Mapping[str, JsonValue], path: Sequence[str]) -> JsonValue:
    value: JsonValue = dict(data)
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _put(target: Content, path: Sequence[str], value: JsonValue) -> None:
    node = target
    for step in path[:-1]:
        inner = node.setdefault(step, {})
        if not isinstance(inner, dict):
            raise MalformedValue("a field name of the data set nests below a value")
        node = inner
    node[path[-1]] = value


def _day(value: JsonValue) -> str:
    return value[:10] if isinstance(value, str) else date.min.isoformat()


def _moment(moment: datetime) -> str:
    return moment.astimezone(AMSTERDAM).replace(microsecond=0).isoformat()
