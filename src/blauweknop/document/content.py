"""What a certified document says: the chosen part of a snapshot in the envelope of the scheme, as written to `gegevens.json`.

One content feeds every carrier: the page, the JSON and the SD-JWT (ARCHITECTURE decision 2), so that they cannot differ.

All its text is in Unicode normal form C: a register may write a letter and its diacritic apart, and a reader that compares names
must not find the two forms of one name different. Nothing else of what the register has is changed.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from blauweknop.catalogue.schema import schema_uri
from blauweknop.document.period_rows import rows_in_period
from blauweknop.document.places import put_at, value_at
from blauweknop.document.plans import Plans
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue, Selection, Snapshot, SourceIdentity
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.representation import REPRESENTATIVE, Representative
from blauweknop.standards.status_list import StatusReference

__all__ = ["IN_INVESTIGATION", "Content", "DocumentFacts", "SelectionRefused", "choose", "compose_content", "with_status"]

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
    representative: Representative | None = None  # who fetched it for the person it is about


def compose_content(snapshot: Snapshot, selection: Selection, dataset: Dataset, source: SourceIdentity, facts: DocumentFacts) -> Content:
    """The whole of `gegevens.json` (PROTOCOL 7.2 and `envelope` of the dictionary).

    It may share rows with the snapshot: neither is changed once it is made.

    Raises:
        SelectionRefused: the selection does not fit the data set.
        MalformedValue: a row that a period is chosen of has no readable date.
    """
    plan = _plan(selection, dataset)
    chosen, counts = _choose(snapshot, selection, plan)
    left_out: list[JsonValue] = [*plan.left_out] if selection.with_bsn else [*plan.left_out, "burgerservicenummer"]
    issued = facts.issued_at.astimezone(AMSTERDAM)
    reference = snapshot.reference_moment.astimezone(AMSTERDAM)
    cut = any(count["opgenomen"] != count["beschikbaar"] for count in counts)
    return {
        "$schema": plan.schema_uri,
        "document_id": facts.document_id,
        "snapshot_id": facts.snapshot_id,
        "document_type": plan.type_uri,
        "type": dataset.id,
        "version": dataset.version,
        "language": facts.language,
        "source": {"oin": source.oin.digits, "name": _normal_text(source.name)},
        "issuing_authority": _normal_text(source.legal_name),
        "issuing_authority_oin": source.oin.digits,
        "issuing_country": "NL",
        "attestation_legal_category": facts.legal_category,
        "reference_date": reference.date().isoformat(),
        "saldo_datumtijd": reference.isoformat(timespec="seconds"),
        "issued_at": issued.isoformat(timespec="seconds"),
        "valid_until": (issued.date() + plan.validity).isoformat(),
        "subject": _subject(snapshot, with_bsn=selection.with_bsn),
        **({REPRESENTATIVE: {**facts.representative.as_json()}} if facts.representative else {}),
        "data": chosen if _in_ascii(chosen) else _normal(chosen),
        "selection": {"parts": [*plan.parts], **({"months": selection.months} if selection.months else {})},
        "volledigheid": {
            "compleet": not cut and not plan.left_out,
            "weggelaten_subsets": left_out,
            "in_onderzoek": [*_under_investigation(chosen, plan.indications)],
            "aantallen": [*counts],
        },
        "juridische_grondslag": [dict(basis) for basis in plan.legal_basis[facts.language == "en"]],
        "rechtsmiddel": dict(plan.objection),
        "correctie_url": _normal_text(facts.correction_url),
        "controle_url": _normal_text(facts.check_url),
        "trace_id": facts.trace_id,
    }


def with_status(content: Content, status: StatusReference | None) -> Content:
    """The content with its place in a status list (PROTOCOL 5.1), when the source gave it one."""
    return content if status is None else {**content, "status": {"status_list": {"idx": status.index, "uri": status.uri}}}


def choose(snapshot: Snapshot, selection: Selection, dataset: Dataset) -> tuple[Content, list[Content]]:
    """The chosen fields and rows, and per list of the data set how many rows are in and how many there are.

    Raises:
        SelectionRefused: see `compose_content`.
    """
    return _choose(snapshot, selection, _plan(selection, dataset))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is the same for everybody who chooses the same parts of a data set."""

    dataset: Dataset
    fields: tuple["_Chosen", ...]
    indications: tuple["_Indication", ...]
    parts: tuple[str, ...]
    left_out: tuple[str, ...]
    schema_uri: str
    type_uri: str
    validity: timedelta
    legal_basis: tuple[tuple[Content, ...], tuple[Content, ...]]  # in Dutch and in English
    objection: Content


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A field of a chosen part; `nested` are the names, within the data, and paths, within a row, of the lists in its rows."""

    field: Field
    path: tuple[str, ...]
    nested: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Indication:
    """A field that says of another that it is looked into; or a list with such fields in its rows."""

    name: str
    path: tuple[str, ...]
    rows: tuple["_Indication", ...]  # none: it is the field itself


def _plan(selection: Selection, dataset: Dataset) -> _Plan:
    """Raises: SelectionRefused."""
    if selection.dataset_id != dataset.id:
        raise SelectionRefused("the selection is of another data set")
    plan = _plans.of(dataset, selection.parts)
    if selection.months is not None and (dataset.period is None or selection.months not in dataset.period.months):
        raise SelectionRefused("the selection asks a period that this data set does not offer")
    return plan


def _make_plan(dataset: Dataset, parts: frozenset[str]) -> _Plan:
    if not parts <= {part.id for part in dataset.parts}:
        raise SelectionRefused("the selection names parts that this data set does not have")
    if not {part.id for part in dataset.parts if part.required} <= parts:
        raise SelectionRefused("the selection leaves out a part without which this document means nothing")
    objection = dataset.objection
    return _Plan(
        dataset,
        fields=tuple(_chosen(field) for field in dataset.fields if field.part in parts),
        indications=tuple(_indications(dataset.fields)),
        parts=tuple(part.id for part in dataset.parts if part.id in parts),
        left_out=tuple(part.id for part in dataset.parts if part.id not in parts),
        schema_uri=schema_uri(dataset),
        type_uri=dataset.type_uri,
        validity=timedelta(days=dataset.validity_days),
        legal_basis=(
            tuple(_basis(basis.description.nl, basis.url) for basis in dataset.legal_basis),
            tuple(_basis(basis.description.en, basis.url) for basis in dataset.legal_basis),
        ),
        objection={
            "soort": objection.kind,
            **({"termijn_weken": objection.weeks} if objection.weeks is not None else {}),
            "intake_url": _normal_text(objection.url),
        },
    )


def _chosen(field: Field) -> _Chosen:
    nested = tuple((f"{field.name}.{inner.name}", inner.path) for inner in field.fields if inner.type is FieldType.LIST)
    return _Chosen(field, field.path, nested)


def _basis(description: str, url: str) -> Content:
    return {"omschrijving": _normal_text(description), "bron": _normal_text(url)}


def _indications(fields: Sequence[Field]) -> Iterator[_Indication]:
    for field in fields:
        if field.type is FieldType.BOOLEAN and IN_INVESTIGATION in field.path:
            yield _Indication(field.name, field.path, ())
        elif inner := tuple(_indications(field.fields)):
            yield _Indication(field.name, field.path, inner)


_plans = Plans(_make_plan, most=256)


def _choose(snapshot: Snapshot, selection: Selection, plan: _Plan) -> tuple[Content, list[Content]]:
    chosen: Content = {}
    counts: list[Content] = []
    for wanted in plan.fields:
        field, path = wanted.field, wanted.path
        value = value_at(snapshot.data, path)
        if value is None:
            continue
        if field.type is FieldType.LIST and isinstance(value, list):
            kept = rows_in_period(field, value, selection, plan.dataset, snapshot.reference_moment)
            counts += _counts(wanted, value, kept)
            value = kept
        put_at(chosen, path, value)
    return chosen, counts


def _subject(snapshot: Snapshot, *, with_bsn: bool) -> Content:
    subject = snapshot.subject
    if with_bsn and subject.bsn is None:
        raise SelectionRefused("the source did not give the burgerservicenummer that the selection asks for")
    return {
        "given_name": _normal_text(subject.given_name),
        "family_name": _normal_text(subject.family_name),
        "birth_date": {**subject.birth_date.as_json()},
        **({"bsn": subject.bsn.digits} if with_bsn and subject.bsn else {}),
    }


def _counts(wanted: _Chosen, before: list[JsonValue], after: list[JsonValue]) -> list[Content]:
    """Rows in and rows there are, of the list the person chooses a period of, or else of the list itself."""
    counts: list[Content] = [{"lijst": wanted.field.name, "opgenomen": len(after), "beschikbaar": len(before)}]
    for name, path in wanted.nested:
        counts.append({"lijst": name, "opgenomen": _count_rows(after, path), "beschikbaar": _count_rows(before, path)})
    return counts


def _count_rows(rows: list[JsonValue], path: tuple[str, ...]) -> int:
    return sum([len(nested) for row in rows if isinstance(nested := value_at(row, path), list)])


def _under_investigation(data: JsonValue, indications: Sequence[_Indication]) -> Iterator[str]:
    """Names of the inOnderzoek indications that are set, `list.name` for one in any row of a list.

    They must travel with the value they qualify (Haal Centraal BRP bevragen, "inOnderzoek").
    """
    for indication in indications:
        value = value_at(data, indication.path)
        if not indication.rows and value is True:
            yield indication.name
        elif indication.rows and isinstance(value, list):
            found = {name for row in value for name in _under_investigation(row, indication.rows)}
            yield from (f"{indication.name}.{name}" for name in _names(indication.rows) if name in found)


def _names(indications: Sequence[_Indication]) -> Iterator[str]:
    for indication in indications:
        yield indication.name
        yield from (f"{indication.name}.{name}" for name in _names(indication.rows))


def _in_ascii(data: Content) -> bool:
    """Whether all text is ASCII, which is in normal form: seen sooner in JSON than text by text."""
    try:
        return msgspec.json.encode(data).isascii()
    except (OverflowError, ValueError):  # a number or letter that this JSON cannot hold
        return False


def _normal_text(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _normal(value: JsonValue) -> JsonValue:
    """A copy with all text in normal form C."""
    if isinstance(value, str):
        return _normal_text(value)
    if isinstance(value, list):
        return [_normal(item) for item in value]
    if isinstance(value, dict):
        return {name: _normal(item) for name, item in value.items()}
    return value
