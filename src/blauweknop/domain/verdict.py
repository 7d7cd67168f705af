"""The answer of the check, after ETSI EN 319 102-1: passed, failed, or undecided; with every check listed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from blauweknop.domain.document import JsonValue

__all__ = [
    "CheckResult",
    "CheckStep",
    "CheckedKind",
    "Colour",
    "KnownThrough",
    "OtherSeal",
    "Rejected",
    "ReportedCheck",
    "Undecided",
    "Verdict",
    "VerdictFacts",
    "Verified",
]


class CheckResult(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


class Colour(StrEnum):
    GREEN = "green"
    ORANGE = "orange"
    RED = "red"


class CheckedKind(StrEnum):
    """What was checked: a PDF of a source, claims alone, claims that their holder presents, a PDF that others sealed, a report."""

    DOCUMENT = "document"
    CREDENTIAL = "credential"
    PRESENTATION = "presentation"
    OTHER_SEAL = "other_seal"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One numbered step of the check and how it ended; `reason` is a code with sentences in the catalogue."""

    id: str
    result: CheckResult
    reason: str


KnownThrough = Literal["trust_list", "eu_trusted_list", "authority"]
"""What knows who sealed: the list of the scheme, a European one that the receiver gave, or of a dossier an authority on the former."""


@dataclass(frozen=True, slots=True)
class OtherSeal:
    """What is known of the seal of a file that is no document of ours: two answers that do not follow from each other."""

    intact: bool
    known_through: KnownThrough | None = None  # None: the name in it may be anybody's


@dataclass(frozen=True, slots=True)
class ReportedCheck:
    """What a report says of the check that it is of: of which file (SHA-256, hexadecimal), when, and what came out."""

    sha256: str
    checked_at: datetime
    verdict: Colour


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """What became known on the way, also when the verdict is not green; None for what did not.

    `sealed_by` is the organisation that the certificate of the seal names, as text for a screen. Anybody can make a certificate with any
    name: only `issuer_name` is of an organisation on the trust list. `status_uri` is where the issuer publishes the list that `status`
    is in: an address of the issuer, the same for many documents. `status_index` is the place of this document in it, which no report tells.
    `reported` is there for the report of a check. `represented`: somebody fetched it for the person, and is named there.
    """

    steps: tuple[CheckStep, ...]
    issuer_oin: str | None = None
    issuer_name: str | None = None
    dataset: str | None = None
    reference_date: str | None = None
    valid_until: str | None = None
    status: str | None = None
    status_uri: str | None = field(default=None, repr=False)
    status_index: int | None = field(default=None, repr=False)
    seal_time: datetime | None = None
    best_signature_time: datetime | None = None
    trust_list_sequence: int | None = None
    sealed_by: str | None = field(default=None, repr=False)
    kind: CheckedKind = CheckedKind.DOCUMENT
    other_seal: OtherSeal | None = None  # only of the kind OTHER_SEAL
    reported: ReportedCheck | None = None
    represented: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """Every step ran and passed. Only this one holds the data."""

    facts: VerdictFacts
    content: dict[str, JsonValue] = field(repr=False)
    colour: Colour = Colour.GREEN
    indication: str = "TOTAL_PASSED"
    sub_indication: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Do not rely on it; the failed steps say why."""

    facts: VerdictFacts
    sub_indication: str
    indication: str = "TOTAL_FAILED"
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Undecided:
    """It could not be decided now; the steps that warn or were skipped say why."""

    facts: VerdictFacts
    sub_indication: str
    indication: str = "INDETERMINATE"
    colour: Colour = Colour.ORANGE


Verdict = Verified | Rejected | Undecided
