"""Steps 11 and 12, 15 and 16: the data inside is whole, of the published form, agrees with what the person chose, and is not too old.

PROTOCOL 7.2 and 7.5 item 7. What the JSON Schema cannot say is said here: fields of a part are there exactly when the part was chosen,
and the document counts its own rows right.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker

from blauweknop.catalogue import json_schema
from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue
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
]

DATA_NAME = "gegevens.json"
CREDENTIAL_NAME = "gegevens.sd-jwt"
NOT_OFFERED = "status_not_offered"
"""The remark of step 16 when the issuer keeps no status lists; it is no reason for doubt."""

_MAX_DATA = 8 * 1024 * 1024
_CLOCK_SKEW = timedelta(seconds=60)
_BSN = "burgerservicenummer"


def check_content(evidence: Evidence) -> None:
    """Step 11: the attachment with the data, as JSON that can be read in one way only."""
    if evidence.file is None:
        raise SkipStep
    try:
        evidence.attachments = embedded_files(evidence.file)
    except MalformedPdf as error:
        raise StopStep(error.code) from error
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
    if not _validator(dataset).is_valid(content):
        raise StopStep("schema")
    if not _selection_agrees(content, dataset):
        raise StopStep("selection_mismatch")
    if not _counts_agree(content, dataset):
        raise StopStep("counts_mismatch")
    evidence.dataset = dataset


def check_validity(evidence: Evidence) -> None:
    """Step 15: made before it was sealed, and not past the last day for which the source gave it out."""
    content = evidence.content
    if content is None or evidence.dataset is None:
        raise SkipStep
    issued = datetime.fromisoformat(str(content["issued_at"]))
    if issued > evidence.best_signature_time + _CLOCK_SKEW:
        raise StopStep("issued_after_seal")
    if issued > evidence.at + _CLOCK_SKEW:
        raise StopStep("issued_in_future")
    if evidence.at.astimezone(AMSTERDAM).date() > date.fromisoformat(str(content["valid_until"])):
        raise StopStep("data_expired")


def check_status(evidence: Evidence) -> str:
    """Step 16: not withdrawn (PROTOCOL 5.1). Gives the remark of the step."""
    content, entity = evidence.content, evidence.entity
    if content is None or evidence.dataset is None or entity is None:
        raise SkipStep
    match content.get("status"):
        case {"status_list": {"uri": str(uri)}}:
            evidence.status = "unknown"
            parts = urlsplit(uri)
            if parts.scheme != "https" or parts.netloc.lower() not in entity.status_list_hosts:
                raise StopStep("status_host")
            raise StopStep("status_unknown")
        case _ if entity.status_list_hosts:
            raise StopStep("status_missing")
    evidence.status = "none"
    return NOT_OFFERED


_FORMATS = FormatChecker(formats=())
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")


@_FORMATS.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    """RFC 3339 full-date. Our own two formats: the package's set of all formats takes a second to load."""
    return not isinstance(value, str) or (_DAY.fullmatch(value) is not None and bool(date.fromisoformat(value)))


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or (_MOMENT.fullmatch(value) is not None and bool(datetime.fromisoformat(value)))


_validators: dict[int, tuple[Dataset, Draft202012Validator]] = {}


def prepare_schemas(datasets: Sequence[Dataset]) -> None:
    """Make the validators now instead of at the first document of each kind."""
    for dataset in datasets:
        _validator(dataset)


def _validator(dataset: Dataset) -> Draft202012Validator:
    # A data set holds mappings and has no hash; the one kept beside its validator keeps its identity taken.
    kept = _validators.get(id(dataset))
    if kept is None:
        kept = dataset, Draft202012Validator(json_schema(dataset), format_checker=_FORMATS)
        _validators[id(dataset)] = kept
    return kept[1]


def _selection_agrees(content: Mapping[str, JsonValue], dataset: Dataset) -> bool:
    selection, completeness, data = (_object(content[name]) for name in ("selection", "volledigheid", "data"))
    chosen = set(_texts(selection["parts"]))
    if not {part.id for part in dataset.parts if part.required} <= chosen:
        return False
    if "months" in selection and (dataset.period is None or selection["months"] not in dataset.period.months):
        return False
    for field in dataset.fields:
        present = _at(data, field.path) is not None
        if present != (field.part in chosen) and (present or field.required):
            return False
    left_out = [part.id for part in dataset.parts if part.id not in chosen]
    if "bsn" not in _object(content["subject"]):
        left_out.append(_BSN)
    in_doubt = [field.name for field in dataset.fields if _in_doubt(field) and _at(data, field.path) is True]
    return completeness["weggelaten_subsets"] == left_out and completeness["in_onderzoek"] == in_doubt


def _in_doubt(field: Field) -> bool:
    return field.type is FieldType.BOOLEAN and "inOnderzoek" in field.name


def _counts_agree(content: Mapping[str, JsonValue], dataset: Dataset) -> bool:
    completeness, data = _object(content["volledigheid"]), _object(content["data"])
    told = completeness["aantallen"]
    counts = [_object(count) for count in told] if isinstance(told, list) else []
    if [(count["lijst"], count["opgenomen"]) for count in counts] != list(_counts(data, dataset)):
        return False
    cut = False
    for count in counts:
        included, available = count["opgenomen"], count["beschikbaar"]
        if not isinstance(included, int) or not isinstance(available, int) or included > available:
            return False
        cut = cut or included < available
    only_bsn = set(_texts(completeness["weggelaten_subsets"])) <= {_BSN}
    return completeness["compleet"] is (not cut and only_bsn)


def _counts(data: Mapping[str, JsonValue], dataset: Dataset) -> Iterator[tuple[str, int]]:
    for field in dataset.fields:
        rows = _at(data, field.path)
        if field.type is not FieldType.LIST or not isinstance(rows, list):
            continue
        yield field.name, len(rows)
        for inner in field.fields:
            if inner.type is FieldType.LIST:
                nested = [row.get(inner.name) for row in rows if isinstance(row, dict)]
                yield f"{field.name}.{inner.name}", sum(len(item) for item in nested if isinstance(item, list))


def _at(data: Mapping[str, JsonValue], path: Sequence[str]) -> JsonValue:
    value: JsonValue = dict(data)
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _object(value: JsonValue) -> dict[str, JsonValue]:
    """A value that the schema says is an object."""
    return value if isinstance(value, dict) else {}


def _texts(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
