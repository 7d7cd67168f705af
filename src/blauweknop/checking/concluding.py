"""From the steps to the verdict: one rule for all kinds.

One step that condemns makes the verdict red; else one that leaves something open, or was skipped, makes it orange.
"""

import unicodedata

from cryptography import x509
from cryptography.x509.oid import NameOID

from blauweknop.checking.reasons import SKIPPED, sub_indication_of
from blauweknop.checking.steps import STEP_IDS
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import CheckedKind, CheckResult, CheckStep, Rejected, Undecided, Verdict, VerdictFacts, Verified
from blauweknop.standards.x509 import name_value

__all__ = ["conclude", "named_in", "rejected_unread"]

_MOST_NAME = 64  # letters


def conclude(facts: VerdictFacts, content: dict[str, JsonValue] | None) -> Verdict:
    """The verdict over the steps in `facts`; without content there is nothing to be green about."""
    failed = [step.reason for step in facts.steps if step.result is CheckResult.FAIL]
    if failed:
        return Rejected(facts, sub_indication_of(failed[0]))
    open_ones = [step.reason for step in facts.steps if step.result is CheckResult.WARN]
    if open_ones:
        return Undecided(facts, sub_indication_of(open_ones[0]))
    if content is None or any(step.result is CheckResult.SKIPPED for step in facts.steps):
        return Undecided(facts, "POLICY_PROCESSING_ERROR")
    return Verified(facts, content)


def rejected_unread(kind: CheckedKind, reason: str) -> Verdict:
    """What is said of something that is not read at all, for this reason of its first step."""
    first, *others = STEP_IDS[kind]
    steps = (CheckStep(first, CheckResult.FAIL, reason), *(CheckStep(step, CheckResult.SKIPPED, SKIPPED) for step in others))
    return Rejected(VerdictFacts(steps, kind=kind), sub_indication_of(reason))


def named_in(certificate: x509.Certificate) -> str | None:
    """The organisation in a certificate, without what would steer a screen (Unicode categories C) and no longer than X.520 allows."""
    name = name_value(certificate.subject, NameOID.ORGANIZATION_NAME) or ""
    shown = "".join(char for char in " ".join(name.split()) if not unicodedata.category(char).startswith("C"))
    return shown.strip()[:_MOST_NAME] or None
