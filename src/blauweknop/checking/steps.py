"""The steps of a check while they run: what is given, what was found so far, and how each step ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from blauweknop.catalogue import Catalogue
from blauweknop.checking.reasons import OK, REASONS, SKIPPED, known_reason
from blauweknop.checking.signed_report import ReceivedReport
from blauweknop.checking.trust import Trust
from blauweknop.checking.verification_report import VerificationReport
from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_parts import EmbeddedFile
from blauweknop.document.pdf_seal import Seal
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import CheckedKind, CheckResult, CheckStep
from blauweknop.standards.pades import VerifiedSeal
from blauweknop.standards.timestamp import TimeStamp
from blauweknop.standards.trust_list import TrustedEntity, TrustService

__all__ = ["STEP_IDS", "Evidence", "SkipStep", "Steps", "StopStep", "run_step"]

AnyEvidence = TypeVar("AnyEvidence")

_OF_DOCUMENT = (
    "container",
    "structure",
    "active_content",
    "seal_coverage",
    "seal",
    "time_stamp",
    "trust_list",
    "chain",
    "revocation",
    "issuer",
    "content",
    "schema",
    "credential",
    "page_text",
    "validity",
    "status",
)
_OF_CREDENTIAL = (
    "format",
    "signature",
    "disclosures",
    "trust_list",
    "chain",
    "revocation",
    "type",
    "issuer",
    "claims",
    "validity",
    "holder",
    "status",
)
_OF_OTHER_SEAL = (
    "other_file",
    "other_content",
    "other_coverage",
    "other_changes",
    "other_seal",
    "other_time_stamp",
    "other_chain",
    "other_revocation",
    "other_kind",
)
_OF_REPORT = (
    "container",
    "structure",
    "active_content",
    "seal_coverage",
    "seal",
    "time_stamp",
    "trust_list",
    "chain",
    "revocation",
    "content",
    "signature",
    "schema",
    "issuer",
    "page_text",
    "validity",
)
STEP_IDS: Mapping[CheckedKind, tuple[str, ...]] = {
    CheckedKind.DOCUMENT: _OF_DOCUMENT,
    CheckedKind.CREDENTIAL: _OF_CREDENTIAL,
    CheckedKind.PRESENTATION: _OF_CREDENTIAL,
    CheckedKind.OTHER_SEAL: _OF_OTHER_SEAL,
    CheckedKind.REPORT: _OF_REPORT,
}
"""The steps of each kind, in the order of the report."""


class StopStep(Exception):
    """A step ends here, for this reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = known_reason(code)


class SkipStep(Exception):
    """A step cannot run, since what it needs was not found."""


@dataclass(slots=True)
class Evidence:
    """What is given, and what the steps found; a later step takes what an earlier one put here.

    `time_stamp` is the earliest proof of time, `archive` are those over it: document time stamps that were added later.
    """

    pdf: bytes = field(repr=False)
    trust: Trust
    at: datetime
    catalogue: Catalogue = field(repr=False)
    file: PdfFile | None = None
    seal: Seal | None = None
    verified_seal: VerifiedSeal | None = None
    time_stamp: TimeStamp | None = None
    archive: tuple[TimeStamp, ...] = ()
    entity: TrustedEntity | None = None
    service: TrustService | None = None
    attachments: dict[str, EmbeddedFile] = field(default_factory=dict, repr=False)
    content: dict[str, JsonValue] | None = field(default=None, repr=False)
    dataset: Dataset | None = None
    status: str | None = None
    status_uri: str | None = None
    status_index: int | None = None
    reduced: bool = False
    signed_report: ReceivedReport | None = None
    report: VerificationReport | None = None

    @property
    def best_signature_time(self) -> datetime:
        """The earliest moment at which the seal is proved to have been there (EN 319 102-1 clause 5.5); without proof, now."""
        return self.time_stamp.moment if self.time_stamp else self.at


class Steps:
    """How each step of a check of this kind ended."""

    def __init__(self, kind: CheckedKind = CheckedKind.DOCUMENT) -> None:
        self.kind = kind
        self._found: dict[str, CheckStep] = {}

    def note(self, step: str, code: str = OK) -> None:
        """The step ended: well, with `ok` or a remark that is no reason, or with a reason of `reasons`."""
        result = REASONS[code][0] if code in REASONS else CheckResult.SKIPPED if code == SKIPPED else CheckResult.OK
        self._found[step] = CheckStep(step, result, code)

    def passed(self, step: str) -> bool:
        return step in self._found and self._found[step].result is CheckResult.OK

    def not_failed(self, step: str) -> bool:
        """Whether the step ran and did not condemn; it may have left something open."""
        return step in self._found and self._found[step].result in (CheckResult.OK, CheckResult.WARN)

    def as_list(self) -> tuple[CheckStep, ...]:
        """All steps in their order; one that did not run is skipped, which is never good enough."""
        return tuple(self._found.get(step, CheckStep(step, CheckResult.SKIPPED, SKIPPED)) for step in STEP_IDS[self.kind])


def run_step(step: str, function: Callable[[AnyEvidence], str | None], evidence: AnyEvidence, steps: Steps) -> None:
    """Run one step and note how it ended; the function gives a remark, or nothing when all is well."""
    try:
        steps.note(step, function(evidence) or OK)
    except StopStep as stop:
        steps.note(step, stop.code)
    except SkipStep:
        return
