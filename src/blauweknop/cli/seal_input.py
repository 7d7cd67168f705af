"""The input of `blauweknop seal`: what a source knows of one person, as JSON, read strictly; and the same form written.

docs/roles/command-line.md describes the form. Its data are held against the published JSON Schema before anything is sealed, so that a
fault is named by its place here and not found by a receiver later. No error text holds a value of the file.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from blauweknop.catalogue import json_schema
from blauweknop.catalogue.quick_schema import Accepts, quick_acceptor
from blauweknop.cli.schema_faults import schema_faults
from blauweknop.document.places import value_at
from blauweknop.domain.dataset import Dataset, Field
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Selection, Snapshot, Subject
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.choose import everything
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["MOST_BYTES", "SealInput", "SealInputFault", "example_input", "parse_input", "read_seal_input", "seal_input_of"]

MOST_BYTES = 8 * 1024 * 1024
"""The largest input that is read; as large as the data inside a document may be."""

_AHEAD = timedelta(minutes=1)  # clocks may differ
_FORM = "docs/roles/command-line.md shows the form"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_Object = dict[str, JsonValue]


class SealInputFault(BlauweKnopError):
    """The input is not what it must be; the text names the place in it, never a value."""


@dataclass(frozen=True, slots=True)
class SealInput:
    """One document to make. `source` is None when the input leaves that to the configuration."""

    source: str | None
    snapshot: Snapshot = field(repr=False)
    selection: Selection
    language: str


def read_seal_input(data: bytes, dataset: Dataset, *, now: datetime) -> SealInput:
    """Read the JSON of one document; without `selection` all parts are in it, and never the burgerservicenummer.

    Raises:
        SealInputFault: the first place that is wrong.
    """
    return seal_input_of(parse_input(data), dataset, now=now)


def parse_input(data: bytes) -> dict[str, JsonValue]:
    """The JSON object of one document, not looked at further.

    Raises:
        SealInputFault: it is something else, or could be read in two ways.
    """
    try:
        return parse_json_object(data, max_bytes=MOST_BYTES)
    except MalformedJson as error:
        raise SealInputFault(f"this is not JSON that can be read in one way only: {error}", remedy=_FORM) from error


def seal_input_of(root: dict[str, JsonValue], dataset: Dataset, *, now: datetime) -> SealInput:
    """As `read_seal_input`, for JSON that was parsed.

    Raises:
        SealInputFault: the first place that is wrong.
    """
    _only(root, {"source", "subject", "reference_moment", "data", "selection", "language"}, "")
    language = root.get("language", "nl")
    if language not in ("nl", "en"):
        raise SealInputFault("language must be nl or en", remedy="leave it out for nl")
    source = root.get("source")
    if "source" in root and not isinstance(source, str):
        raise SealInputFault("source must be the name of a source in the configuration", remedy="or leave it out and use --source")
    subject = _subject(_object(root, "subject"))
    moment = _moment(root, now)
    selection = _selection(root, dataset, subject)
    content = _object(root, "data")
    _refuse_data(content, dataset, selection)
    snapshot = Snapshot(dataset.id, subject, content, moment)
    return SealInput(source if isinstance(source, str) else None, snapshot, selection, str(language))


def example_input(snapshot: Snapshot, source_id: str) -> Mapping[str, object]:
    """A snapshot in the form that `read_seal_input` reads; it holds all that the source gave, so it is as personal as that."""
    subject = snapshot.subject
    bsn = {"bsn": subject.bsn.digits} if subject.bsn else {}
    return {
        "source": source_id,
        "subject": {
            "given_name": subject.given_name,
            "family_name": subject.family_name,
            "birth_date": subject.birth_date.as_json(),
            **bsn,
        },
        "reference_moment": snapshot.reference_moment.isoformat(),
        "data": dict(snapshot.data),
        "language": "nl",
    }


def _subject(value: _Object) -> Subject:
    _only(value, {"given_name", "family_name", "birth_date", "bsn"}, "subject.")
    bsn = None
    if "bsn" in value:
        try:
            bsn = Bsn.parse(str(value["bsn"]) if isinstance(value["bsn"], str) else "")
        except MalformedValue as error:
            raise SealInputFault(f"subject.bsn: {error}", remedy="write it as text, with its leading zeros") from error
    return Subject(_name(value, "given_name"), _name(value, "family_name"), _birth_date(value), bsn)


def _name(value: _Object, key: str) -> str:
    """People may have one name only: the given name may be empty, the family name not."""
    name = value.get(key)
    if not isinstance(name, str) or len(name) > 400 or _CONTROL.search(name) or (not name.strip() and key == "family_name"):
        problem = "is missing" if key not in value else "must be a text on one line"
        raise SealInputFault(f"subject.{key} {problem}", remedy=_FORM)
    return name


def _birth_date(value: _Object) -> PartialDate:
    if "birth_date" not in value:
        raise SealInputFault("subject.birth_date is missing", remedy=_FORM)
    written = value["birth_date"]
    try:
        return PartialDate.parse_json({"type": "Datum", "datum": written} if isinstance(written, str) else written)
    except MalformedValue as error:
        remedy = 'write "1985-08-12", or {"type": "JaarMaandDatum", "jaar": 1985, "maand": 8} when a part is not known'
        raise SealInputFault(f"subject.birth_date: {error}", remedy=remedy) from error


def _moment(root: _Object, now: datetime) -> datetime:
    written = root.get("reference_moment")
    try:
        moment = datetime.fromisoformat(written if isinstance(written, str) else "")
    except ValueError as error:
        problem = "is missing" if "reference_moment" not in root else "must be a moment"
        raise SealInputFault(f"reference_moment {problem}", remedy='write it with its zone: "2026-11-03T15:12:00+01:00"') from error
    if moment.tzinfo is None:
        raise SealInputFault("reference_moment has no zone", remedy='write it with its zone: "2026-11-03T15:12:00+01:00"')
    if moment > now + _AHEAD:
        raise SealInputFault("reference_moment lies in the future", remedy="give the moment at which the source knew this")
    return moment


def _selection(root: _Object, dataset: Dataset, subject: Subject) -> Selection:
    if "selection" not in root:
        return everything(dataset)
    value = _object(root, "selection")
    _only(value, {"parts", "months", "with_bsn"}, "selection.")
    known = [part.id for part in dataset.parts]
    parts = value.get("parts", list(known))
    if not isinstance(parts, list) or not all(part in known for part in parts):
        raise SealInputFault("selection.parts must be a list of parts of this data set", remedy=f"choose from: {', '.join(known)}")
    lacking = [part.id for part in dataset.parts if part.required and part.id not in parts]
    if lacking:
        raise SealInputFault("selection.parts leaves out what this document cannot do without", remedy=f"add: {', '.join(lacking)}")
    with_bsn = value.get("with_bsn", False)
    if not isinstance(with_bsn, bool):
        raise SealInputFault("selection.with_bsn must be true or false", remedy="leave it out for a document without it")
    if with_bsn and subject.bsn is None:
        raise SealInputFault("selection.with_bsn asks for subject.bsn, which is missing", remedy="add it, or leave with_bsn out")
    return Selection(dataset.id, frozenset(map(str, parts)), _months(value, dataset), with_bsn)


def _months(value: _Object, dataset: Dataset) -> int | None:
    if "months" not in value:
        return None
    offered = dataset.period.months if dataset.period else ()
    months = value["months"]
    if isinstance(months, bool) or not isinstance(months, int) or months not in offered:
        remedy = f"choose one of: {', '.join(map(str, offered))}; or leave it out" if offered else "leave it out"
        raise SealInputFault("selection.months is not a period of this data set", remedy=remedy)
    return months


def _refuse_data(data: _Object, dataset: Dataset, selection: Selection) -> None:
    """Whatever a receiver would find wrong with these data, found before they are sealed."""
    rules = _rules_of(dataset)
    faults = [] if rules.accepts(data) else schema_faults(data, json_schema(dataset)["properties"]["data"], "data")
    if not faults:
        faults = [
            f"data.{own.name} is missing, and belongs to part {own.part}"
            for own, path in rules.required
            if own.part in selection.parts and value_at(data, path) is None
        ]
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise SealInputFault(f"{faults[0]}{more}", remedy=f"the JSON Schema of {dataset.id} says what its data must be")
    for refusal in dataset.refusals:
        if refusal.when.holds(data):
            raise SealInputFault(f"by the rules of {dataset.id} no document is made: {refusal.code}", remedy=refusal.message.en)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the data of one data set are held against, worked out once. The data set is kept, so that its identity stays taken."""

    dataset: Dataset
    accepts: Accepts
    required: tuple[tuple[Field, tuple[str, ...]], ...]  # with the path of each


_known_rules: dict[int, _Rules] = {}  # a data set holds mappings and has no hash


def _rules_of(dataset: Dataset) -> _Rules:
    known = _known_rules.get(id(dataset))
    if known is None:
        required = tuple((own, tuple(own.path)) for own in dataset.fields if own.required)
        known = _Rules(dataset, quick_acceptor(json_schema(dataset)["properties"]["data"]), required)
        _known_rules[id(dataset)] = known
    return known


def _object(root: _Object, key: str) -> _Object:
    value = root.get(key)
    if not isinstance(value, dict):
        raise SealInputFault(f"{key} {'must be an object' if key in root else 'is missing'}", remedy=_FORM)
    return value


def _only(value: _Object, known: Collection[str], where: str) -> None:
    if not value.keys() <= set(known):
        raise SealInputFault(
            f"{where.rstrip('.') or 'the input'} has a name that is not known", remedy=f"it may have: {', '.join(sorted(known))}"
        )
