"""The report of a check: what was checked, when, by whom, against which lists, and what came out; never a value of a person.

Members are named after ETSI TS 119 102-2 (`signersDocument`, `signatureValidator`, `validationTime`, `mainIndication`, ...) where that
has a word, else as in `verify --json`. Each member is always there, null when it is not known, and there is one way to write each value.
Every sentence stands in the report itself, in Dutch and English: who reads it in ten years needs no catalogue of today.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import CheckResult, Colour

__all__ = [
    "REPORT_ID",
    "REPORT_SCHEMA_URI",
    "REPORT_VERSION",
    "CheckService",
    "CheckedIssuer",
    "MainIndication",
    "MalformedReport",
    "Program",
    "ReportStep",
    "SignersDocument",
    "UsedPolicy",
    "UsedStatusList",
    "UsedTrustList",
    "VerificationReport",
    "Words",
    "in_whole_seconds",
    "main_indication_of",
    "plain_name",
    "report_from_json",
    "report_schema",
    "report_to_json",
    "sha256_of",
]

REPORT_ID = "controlerapport"
"""Its name among the published schemas, where the others are named after their data set."""
REPORT_VERSION: Final = 1
REPORT_SCHEMA_URI: Final = "https://register.blauweknop.example/schemas/controlerapport/1"

MainIndication = Literal["TOTAL_PASSED", "INDETERMINATE", "TOTAL_FAILED"]

_MOST_NAME = 200
_LAST_LATIN = 0x24F  # what all our fonts print
_INDICATIONS: Mapping[Colour, MainIndication] = {Colour.GREEN: "TOTAL_PASSED", Colour.ORANGE: "INDETERMINATE", Colour.RED: "TOTAL_FAILED"}

_SchemaUri = Literal["https://register.blauweknop.example/schemas/controlerapport/1"]
_Name = Annotated[str, Meta(min_length=1, max_length=_MOST_NAME)]
_Sentence = Annotated[str, Meta(min_length=1, max_length=1000)]
_Word = Annotated[str, Meta(pattern="^[A-Za-z0-9_.-]+$", max_length=64)]
_Address = Annotated[str, Meta(min_length=1, max_length=2000)]
_Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
_Random = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
_Moment = Annotated[datetime, Meta(tz=True)]
_Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class MalformedReport(BlauweKnopError):
    """Not the report of a check as this version writes it; the text names the member, never a value."""


class _Part(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """How every part of a report is read and written."""


class Words(_Part, frozen=True):
    """A sentence in both languages."""

    nl: _Sentence
    en: _Sentence

    def in_language(self, language: str) -> str:
        return self.en if language == "en" else self.nl


class CheckService(_Part, frozen=True):
    """Who ran the check; `identifier` is an OIN, or the organisation identifier of its certificate (`NTRNL-12345678`)."""

    name: _Name
    identifier: Annotated[str, Meta(pattern="^[0-9A-Z][0-9A-Z:-]+$", max_length=64)]


class Program(_Part, frozen=True):
    name: _Name
    version: _Name


class SignersDocument(_Part, frozen=True):
    """The file, known by its SHA-256. Its name, which may be somebody's, is there only when the caller asked for it."""

    digest_algorithm: Literal["SHA-256"]
    digest_value: _Sha256
    size: _Count
    kind: _Word
    file_name: _Name | None

    def __repr__(self) -> str:
        return f"SignersDocument({self.kind}, {self.size} bytes)"


class ReportStep(_Part, frozen=True):
    """One step of the check: how it ended, the code of the reason, and what it is called and found in words."""

    number: Annotated[int, Meta(ge=1, le=99)]
    id: _Word
    result: CheckResult
    reason: _Word
    name: Words
    found: Words


class CheckedIssuer(_Part, frozen=True):
    """The organisation that was recognised, as the trust list names it."""

    oin: Annotated[str, Meta(pattern="^[0-9]{20}$", max_length=20)]
    name: _Name


class UsedTrustList(_Part, frozen=True):
    """`sha256` is of the signed list as it was received; null when that was not kept."""

    operator: _Name
    sequence: _Count
    issued: _Moment
    next_update: _Moment
    sha256: _Sha256 | None


class UsedStatusList(_Part, frozen=True):
    """The list that told whether the document was withdrawn; the moments are what it says of itself, null when it cannot be read."""

    address: _Address
    issued: _Moment | None
    expires: _Moment | None
    sha256: _Sha256


class UsedPolicy(_Part, frozen=True):
    """The rules of the receiver under which the verdict was given."""

    name: _Name
    sha256: _Sha256


class VerificationReport(_Part, frozen=True):
    """`report_level` says whether a time stamp proves when the letter with this report was sealed (`B-T`), `language` that of the letter.

    Of the document: `seal_time` is what its seal says, `best_signature_time` what a time stamp proves, `seal_level` as in EN 319 142-1.
    """

    schema: _SchemaUri = msgspec.field(name="$schema")
    version: Literal[1]
    report_id: _Random
    report_level: Literal["B-B", "B-T"]
    language: Literal["nl", "en"]
    exercise: bool
    check_url: _Address
    signature_validator: CheckService
    program: Program
    validation_time: _Moment
    signers_document: SignersDocument
    verdict: Colour
    main_indication: MainIndication
    sub_indication: _Word | None
    title: Words
    summary: Words
    validation_constraints_evaluation: Annotated[tuple[ReportStep, ...], Meta(min_length=1, max_length=99)]
    issuer: CheckedIssuer | None
    dataset: _Name | None
    dataset_name: Words | None
    reference_date: _Name | None
    valid_until: _Name | None
    status: _Word | None
    seal_time: _Moment | None
    best_signature_time: _Moment | None
    seal_level: _Word | None
    trust_list: UsedTrustList | None
    status_list: UsedStatusList | None
    policy: UsedPolicy | None
    limits: Annotated[tuple[Words, ...], Meta(min_length=1, max_length=20)]


def report_to_json(report: VerificationReport) -> dict[str, JsonValue]:
    """The report as its JSON has it."""
    members: dict[str, JsonValue] = msgspec.json.decode(msgspec.json.encode(report))
    return members


def report_from_json(value: Mapping[str, JsonValue]) -> VerificationReport:
    """The report in a JSON object, when it has the published form, agrees with itself, and is written in the one way.

    Raises:
        MalformedReport: by the first rule that is broken.
    """
    try:
        report = msgspec.convert(value, VerificationReport)
    except msgspec.ValidationError as error:
        raise MalformedReport(f"expected a report of the published form{_place(error)}") from None  # the library quotes values
    if report_to_json(report) != value:
        raise MalformedReport("expected each moment of a report as UTC, YYYY-MM-DDTHH:MM:SSZ")
    _require_agreement(report)
    return report


def report_schema() -> dict[str, JsonValue]:
    """The JSON Schema (2020-12), made from the types by which reports are read."""
    schema: dict[str, JsonValue] = msgspec.json.schema(VerificationReport)
    described: dict[str, JsonValue] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": REPORT_SCHEMA_URI,
        "title": "Controlerapport",
        "description": "Het rapport van een controle, na ETSI TS 119 102-2; zonder gegevens van een persoon.",
    }
    return described | schema


def plain_name(text: str) -> str:
    """A name as every screen and printer shows it: composed, not too long, and all but Latin letters and signs as an escape."""
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    shown = "".join(char if char.isprintable() and ord(char) <= _LAST_LATIN else ascii(char)[1:-1] for char in composed)
    return shown if len(shown) <= _MOST_NAME else f"{shown[: _MOST_NAME - 3]}..."


def main_indication_of(colour: Colour) -> MainIndication:
    """The word of EN 319 102-1 for a verdict."""
    return _INDICATIONS[colour]


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def in_whole_seconds(moment: datetime) -> datetime:
    """The moment in UTC, without its fraction."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _place(error: msgspec.ValidationError) -> str:
    """Where in the report: `at $.trustList.issued`; the names on the way are ours, or those of unknown members and left out."""
    _, separator, place = str(error).rpartition(" - at `")
    return f", at {place.rstrip('`')}" if separator and "[...]" not in place else ""


def _require_agreement(report: VerificationReport) -> None:
    """What types cannot say: numbers, verdict and steps tell one story."""
    steps = report.validation_constraints_evaluation
    if [step.number for step in steps] != list(range(1, len(steps) + 1)) or len({step.id for step in steps}) != len(steps):
        raise MalformedReport("expected each step once, numbered from one")
    if report.main_indication != main_indication_of(report.verdict) or (report.sub_indication is None) != (report.verdict is Colour.GREEN):
        raise MalformedReport("expected verdict and indications to agree")
    if report.verdict is not _colour_of(step.result for step in steps):
        raise MalformedReport("expected the verdict that follows from the steps")
    used = report.trust_list
    if used is not None and used.next_update <= used.issued:
        raise MalformedReport("expected a trust list that ends after it was issued")
    if any(moment is not None and moment.utcoffset() != timedelta() for moment in _moments(report)):
        raise MalformedReport("expected each moment of a report in UTC")


def _colour_of(results: Iterable[CheckResult]) -> Colour:
    found = set(results)
    if CheckResult.FAIL in found:
        return Colour.RED
    return Colour.GREEN if found == {CheckResult.OK} else Colour.ORANGE


def _moments(report: VerificationReport) -> Iterable[datetime | None]:
    yield from (report.validation_time, report.seal_time, report.best_signature_time)
    if report.trust_list is not None:
        yield from (report.trust_list.issued, report.trust_list.next_update)
    if report.status_list is not None:
        yield from (report.status_list.issued, report.status_list.expires)
