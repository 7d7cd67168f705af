"""What the check says of an attack: the reasons of a red or an orange verdict, by step."""

from datetime import datetime

from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.domain.verdict import CheckResult, Rejected, Undecided, Verdict
from tests.unit.checking import exercise_documents as x

__all__ = ["orange", "reasons", "red", "verdict"]


def verdict(pdf: bytes, *, trust: Trust | None = None, at: datetime = x.NOW) -> Verdict:
    return check_document(pdf, trust=trust or x.trust(), at=at, catalogue=x.catalogue())


def reasons(found: Verdict) -> dict[str, str]:
    return {step.id: step.reason for step in found.facts.steps if step.result in (CheckResult.FAIL, CheckResult.WARN)}


def red(pdf: bytes, *, trust: Trust | None = None, at: datetime = x.NOW) -> dict[str, str]:
    found = verdict(pdf, trust=trust, at=at)
    assert isinstance(found, Rejected)
    return reasons(found)


def orange(pdf: bytes, *, trust: Trust | None = None, at: datetime = x.NOW) -> dict[str, str]:
    found = verdict(pdf, trust=trust, at=at)
    assert isinstance(found, Undecided)
    return reasons(found)
