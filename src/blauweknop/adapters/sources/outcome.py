"""From the answer of a source to an outcome: a whole snapshot, or the reason why there is none. Never a shorter snapshot.

Order: 1 nothing known, 2 a refusal of the data set, 3 a value in a wrong form, 4 less than the data set demands, 5 found.
A refusal goes first because the record of someone who died or left is often no longer complete.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.adapters.sources.mapping import DatasetMapping, FieldMapping, ListMapping, Record, SourceFailure, value_at
from blauweknop.adapters.sources.values import partial_date, read_value
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import AMSTERDAM, PartialDate
from blauweknop.domain.document import Found, Incomplete, JsonValue, NoData, Outcome, Refused, Snapshot, Subject
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.texts import Text

__all__ = ["outcome_of"]

_NO_TEXT = Text("", "")
_TEXT_FIELD = Field("text", FieldType.TEXT, "", _NO_TEXT)
_MOMENT_FIELD = Field("reference_moment", FieldType.DATETIME, "", _NO_TEXT)


def outcome_of(record: Record | None, mapping: DatasetMapping, *, at: datetime) -> Outcome:
    """What the answer of a source on one person comes to; `at` is the moment of asking, aware.

    Raises:
        SourceFailure: the answer is not usable.
    """
    if record is None:
        return NoData()  # 1
    if mapping.no_data_without and not any(record.lists.get(name) for name in mapping.no_data_without):
        return NoData()
    gathering = _Gathering(at)
    data = gathering.object_of(record, mapping.dataset.fields, mapping.fields, mapping.lists, "")
    refused = _refusal(mapping.dataset, data)  # 2
    if refused is not None:
        return refused
    subject = gathering.subject(record, mapping)
    moment = gathering.moment(record, mapping.reference_moment)
    if gathering.malformed:  # 3
        place = gathering.malformed[0]
        raise SourceFailure("answer", f"the source gives {place} in another form than its mapping says", place=place)
    if gathering.missing or subject is None or moment is None:  # 4
        return Incomplete(tuple(dict.fromkeys(gathering.missing)))
    return Found(Snapshot(mapping.dataset.id, subject, data, moment))  # 5


@dataclass(slots=True)
class _Gathering:
    """Reads values and remembers by name which were missing or malformed."""

    at: datetime
    missing: list[str] = field(default_factory=list)
    malformed: list[str] = field(default_factory=list)

    def object_of(
        self,
        record: Record,
        fields: tuple[Field, ...],
        mappings: Mapping[str, FieldMapping],
        lists: Mapping[str, ListMapping],
        place: str,
    ) -> dict[str, JsonValue]:
        """The JSON object of these fields; dotted names become objects in objects."""
        result: dict[str, JsonValue] = {}
        for own in fields:
            where = place + own.name
            if own.name in lists:
                value = self.rows_of(record, own, lists[own.name], where)
            elif own.name in mappings:
                value = self.value(record, own, mappings[own.name], where)
            else:
                value = None
            if value is not None:
                _put(result, own.path, value)
            elif own.required and where not in self.malformed:
                self.missing.append(where)
        return result

    def rows_of(self, record: Record, own: Field, mapping: ListMapping, where: str) -> JsonValue:
        rows = record.lists.get(own.name)
        if rows is None:
            return None
        if mapping.rows_with:
            rows = tuple(row for row in rows if any(value_at(row, column) is not None for column in mapping.rows_with))
        return [self.object_of(row, own.fields, mapping.fields, mapping.lists, f"{where}[].") for row in rows]

    def value(self, record: Record, own: Field, mapping: FieldMapping, where: str) -> JsonValue:
        raw = _raw(record, mapping)
        if raw is None:
            return None
        try:
            return read_value(own, raw, mapping.reading, today=self.at.astimezone(AMSTERDAM).date())
        except MalformedValue:
            self.malformed.append(where)
            return None

    def subject(self, record: Record, mapping: DatasetMapping) -> Subject | None:
        """Someone may have one name only, and then has no given name; family name and birth date are always known or marked unknown."""
        names = mapping.subject
        given = self.value(record, _TEXT_FIELD, names.given_name, "subject.given_name")
        family = self.value(record, _TEXT_FIELD, names.family_name, "subject.family_name")
        born = self.birth_date(record, names.birth_date)
        if family is None:
            self.missing.append("subject.family_name")
        if born is None:
            self.missing.append("subject.birth_date")
        return None if family is None or born is None else Subject(str(given or ""), str(family), born)

    def birth_date(self, record: Record, mapping: FieldMapping) -> PartialDate | None:
        raw = _raw(record, mapping)
        if raw is None:
            return None
        try:
            return partial_date(raw, mapping.reading)
        except MalformedValue:
            self.malformed.append("subject.birth_date")
            return None

    def moment(self, record: Record, mapping: FieldMapping | None) -> datetime | None:
        if mapping is None:
            return self.at
        text = self.value(record, _MOMENT_FIELD, mapping, "reference_moment")
        if text is None:
            self.missing.append("reference_moment")
            return None
        return datetime.fromisoformat(str(text))


def _raw(record: Record, mapping: FieldMapping) -> object:
    """What the source wrote: one value, or several texts as one, with the source's codes put into ours."""
    if mapping.by_presence:
        return next((code for column, code in mapping.by_presence.items() if _is_there(record, column)), None) or None
    if not mapping.columns:
        return mapping.constant
    values = [value_at(record, column) for column in mapping.columns]
    known = [value for value in values if value is not None]
    if not known:
        return mapping.when_empty
    raw = known[0] if len(values) == 1 else " ".join(str(value) for value in known)
    return mapping.codes.get(str(raw), raw) if mapping.codes else raw


def _is_there(record: Record, condition: str) -> bool:
    column, equals, wanted = condition.partition("=")
    value = value_at(record, column)
    return value == wanted if equals else value is not None


def _put(result: dict[str, JsonValue], path: tuple[str, ...], value: JsonValue) -> None:
    node = result
    for step in path[:-1]:
        child = node.setdefault(step, {})
        if not isinstance(child, dict):
            raise BlauweKnopError("the catalogue has a field inside the value of another field")
        node = child
    node[path[-1]] = value


def _refusal(dataset: Dataset, data: Mapping[str, JsonValue]) -> Refused | None:
    for refusal in dataset.refusals:
        if refusal.when.holds(data):
            return Refused(refusal.code, refusal.message)
    return None
