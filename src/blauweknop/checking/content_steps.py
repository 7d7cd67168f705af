"""Steps 11 and 12, 15 and 16: the data inside is whole, of the published form, agrees with what the person chose, and is not too old.

PROTOCOL 7.2 and 7.5 item 7. What the JSON Schema cannot say is in `agreement`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from blauweknop.catalogue import json_schema
from blauweknop.catalogue.patterns import compiled_pattern
from blauweknop.catalogue.quick_schema import Accepts, quick_acceptor
from blauweknop.checking.agreement import find_disagreement
from blauweknop.checking.reasons import OK
from blauweknop.checking.report_letter import REPORT_NAME
from blauweknop.checking.status import reference_of, status_in_words, status_now
from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.document.reduction import LISTS_NAME
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import AMSTERDAM, dutch_day
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = [
    "CREDENTIAL_NAME",
    "DATA_NAME",
    "NOT_OFFERED",
    "check_content",
    "check_schema",
    "check_status",
    "check_validity",
    "prepare_schemas",
    "schema_validator",
]

DATA_NAME = "gegevens.json"
CREDENTIAL_NAME = "gegevens.sd-jwt"
NOT_OFFERED = "status_not_offered"
"""The remark of step 16 when the issuer keeps no status lists; it is no reason for doubt."""

_MAX_DATA = 8 * 1024 * 1024
_CLOCK_SKEW = timedelta(seconds=60)


def check_content(evidence: Evidence) -> None:
    """Step 11: the attachment with the data, as JSON that can be read in one way only."""
    if evidence.file is None:
        raise SkipStep
    try:
        evidence.attachments = embedded_files(evidence.file)
    except MalformedPdf as error:
        raise StopStep(error.code) from error
    if (LISTS_NAME in evidence.attachments and not evidence.reduced) or REPORT_NAME in evidence.attachments:
        raise StopStep("attachment_name")
    attached = evidence.attachments.get(DATA_NAME)
    if attached is None:
        raise StopStep("data_missing")
    if (attached.mime, attached.relationship) != ("application/json", "Data"):
        raise StopStep("data_form")
    try:
        evidence.content = parse_json_object(attached.content, max_bytes=_MAX_DATA)
    except MalformedJson as error:
        raise StopStep("json_malformed") from error


def check_schema(evidence: Evidence) -> None:
    """Step 12: the form of the data set, and agreement of the document with itself."""
    content = evidence.content
    if content is None:
        raise SkipStep
    dataset = evidence.catalogue.datasets.get(str(content.get("type")))
    if dataset is None:
        raise StopStep("dataset_unknown")
    if isinstance(content.get("version"), int) and content["version"] != dataset.version:
        raise StopStep("dataset_version")
    judge = _judge(dataset)
    if not judge.accepts(content) and not judge.validator.is_valid(content):
        raise StopStep("schema")
    disagreement = find_disagreement(content, dataset)
    if disagreement is not None:
        raise StopStep(disagreement)
    evidence.dataset = dataset


def check_validity(evidence: Evidence) -> None:
    """Step 15: made before it was sealed, and not past the last day for which the source gave it out."""
    content = evidence.content
    if content is None or evidence.dataset is None:
        raise SkipStep
    issued = datetime.fromisoformat(str(content["issued_at"]))
    if evidence.time_stamp is not None and issued - evidence.time_stamp.moment > _CLOCK_SKEW:
        raise StopStep("issued_after_seal")
    if issued - evidence.at > _CLOCK_SKEW:
        raise StopStep("issued_in_future")
    if dutch_day(evidence.at) > date.fromisoformat(str(content["valid_until"])):
        raise StopStep("data_expired")


def check_status(evidence: Evidence) -> str:
    """Step 16: not withdrawn (PROTOCOL 5.1). Gives the remark of the step."""
    content, entity = evidence.content, evidence.entity
    if content is None or evidence.dataset is None or entity is None:
        raise SkipStep
    if content.get("status") is None:
        if entity.status_list_hosts:
            raise StopStep("status_missing")
        evidence.status = "none"
        return NOT_OFFERED
    evidence.status = "unknown"
    reference = reference_of(content["status"], entity, exercise=evidence.trust.is_exercise)
    evidence.status_uri, evidence.status_index = reference.uri, reference.index
    evidence.status, reason = status_in_words(status_now(reference, entity, evidence.trust, evidence.at))
    if reason is not None:
        raise StopStep(reason)
    return OK


_FORMATS = FormatChecker(formats=())
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")


@_FORMATS.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    """RFC 3339 full-date. Our own two formats: the package's set of all formats takes a second to load."""
    return not isinstance(value, str) or (_DAY.fullmatch(value) is not None and bool(date.fromisoformat(value)))


@_FORMATS.checks("date-time", raises=(ValueError, OverflowError))
def _is_moment(value: object) -> bool:
    """RFC 3339 date-time that Dutch calendars have too: a zone may carry the first and the last hours of the calendar beyond it."""
    return not isinstance(value, str) or (
        _MOMENT.fullmatch(value) is not None and bool(datetime.fromisoformat(value).astimezone(AMSTERDAM))
    )


def _is_of_pattern(_: Validator, pattern: str, value: object, __: object) -> Iterator[ValidationError]:
    """As the library does, but for what `$` means."""
    if isinstance(value, str) and compiled_pattern(pattern).search(value) is None:
        yield ValidationError("expected a text of the pattern")


_SchemaValidator: type[Validator] = extend(  # type: ignore[no-untyped-call] # jsonschema gives no types for it
    Draft202012Validator, {"pattern": _is_of_pattern}
)


def schema_validator(schema: Mapping[str, Any]) -> Validator:
    """The library's judge of a schema of ours, with dates and patterns as they are meant."""
    return _SchemaValidator(schema, format_checker=_FORMATS)


@dataclass(frozen=True, slots=True)
class _Judge:
    """A schema as the quick yes for almost every document, and as the library for the others. The data set is kept with it."""

    dataset: Dataset
    accepts: Accepts
    validator: Validator


_judges: dict[int, _Judge] = {}


def prepare_schemas(datasets: Sequence[Dataset]) -> None:
    """Make the validators now instead of at the first document of each kind."""
    for dataset in datasets:
        _judge(dataset)


def _judge(dataset: Dataset) -> _Judge:
    # A data set holds mappings and has no hash; the one kept here keeps its identity taken.
    kept = _judges.get(id(dataset))
    if kept is None:
        schema = json_schema(dataset)
        kept = _judges[id(dataset)] = _Judge(dataset, quick_acceptor(schema), schema_validator(schema))
    return kept
