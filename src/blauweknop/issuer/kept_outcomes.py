"""Outcomes as JSON: what the person saw in the preview is what the document says. Kept in the encrypted session, gone at its end."""

from collections.abc import Mapping
from datetime import datetime

from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import (
    Found,
    Incomplete,
    JsonValue,
    NoData,
    Outcome,
    Refused,
    Snapshot,
    Subject,
    Unavailable,
)
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.texts import Text

__all__ = ["outcomes_as_json", "outcomes_from_json"]


def outcomes_as_json(outcomes: Mapping[str, Outcome]) -> JsonValue:
    """All outcomes by data set id; the BSN is left out, the session has it."""
    return {dataset_id: _as_json(outcome) for dataset_id, outcome in outcomes.items()}


def outcomes_from_json(value: JsonValue, bsn: Bsn) -> dict[str, Outcome]:
    """The other way around; the subject of each snapshot gets the BSN of the session back.

    Raises:
        MalformedValue: the session was written by another version.
    """
    if not isinstance(value, dict):
        return {}
    return {dataset_id: _from_json(dataset_id, item, bsn) for dataset_id, item in value.items()}


def _as_json(outcome: Outcome) -> JsonValue:
    match outcome:
        case Found(snapshot):
            return {
                "kind": "found",
                "given_name": snapshot.subject.given_name,
                "family_name": snapshot.subject.family_name,
                "birth_date": dict(snapshot.subject.birth_date.as_json()),
                "data": dict(snapshot.data),
                "reference_moment": snapshot.reference_moment.isoformat(),
            }
        case Refused(code, message):
            return {"kind": "refused", "code": code, "nl": message.nl, "en": message.en}
        case Incomplete(missing):
            return {"kind": "incomplete", "missing": list(missing)}
        case Unavailable(cause, retry_worthwhile):
            return {"kind": "unavailable", "cause": cause, "retry": retry_worthwhile}
        case NoData():
            return {"kind": "no_data"}


def _from_json(dataset_id: str, value: JsonValue, bsn: Bsn) -> Outcome:
    match value:
        case {
            "kind": "found",
            "given_name": str(given),
            "family_name": str(family),
            "birth_date": birth,
            "data": dict(data),
            "reference_moment": str(moment),
        }:
            subject = Subject(given, family, PartialDate.parse_json(birth), bsn)
            return Found(Snapshot(dataset_id, subject, data, datetime.fromisoformat(moment)))
        case {"kind": "refused", "code": str(code), "nl": str(dutch), "en": str(english)}:
            return Refused(code, Text(dutch, english))
        case {"kind": "incomplete", "missing": list(missing)}:
            return Incomplete(tuple(str(name) for name in missing))
        case {"kind": "unavailable", "cause": str(cause), "retry": bool(retry)}:
            return Unavailable(cause, retry)
        case {"kind": "no_data"}:
            return NoData()
    raise MalformedValue("expected an outcome as this version keeps it")
