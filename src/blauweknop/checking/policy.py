"""What a receiver accepts, beyond that it is real: one more step of the check, for who gives a policy. In the order of its rules:

1. the kind of thing that was checked                              policy_kind
2. the data set                                                    policy_dataset
3. the organisation that it comes from                             policy_issuer
4. the level of the seal (EN 319 142-1 clause 6)                   policy_level
5. the age of the data, by their reference date                    policy_age_unknown, policy_age (PROTOCOL 7.4, threat T-18)

The thing itself is good, so what a policy does not accept is orange, never red. The step looks at nothing but the facts of the verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from blauweknop.checking.concluding import conclude
from blauweknop.checking.reasons import OK, SKIPPED, result_of
from blauweknop.checking.report import seal_level
from blauweknop.domain.dates import dutch_day
from blauweknop.domain.durations import Duration
from blauweknop.domain.verdict import CheckedKind, CheckResult, CheckStep, Rejected, Verdict, Verified

__all__ = ["POLICY_STEP", "SEAL_LEVELS", "DatasetRules", "Policy", "SealLevel", "apply_policy"]

POLICY_STEP = "policy"
SealLevel = Literal["B-T", "B-LT", "B-LTA"]
SEAL_LEVELS: tuple[SealLevel, ...] = ("B-T", "B-LT", "B-LTA")
"""From low to high; each holds the one before it."""


@dataclass(frozen=True, slots=True)
class DatasetRules:
    """What is said of data sets; None says nothing. `issuers` are OINs."""

    maximum_age: Duration | None = None
    issuers: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """`general` holds for each data set, but for what `per_dataset` (by id) says of it; what is None is accepted as it comes."""

    general: DatasetRules = DatasetRules()  # frozen
    per_dataset: Mapping[str, DatasetRules] = field(default_factory=dict)
    datasets: frozenset[str] | None = None
    kinds: frozenset[CheckedKind] | None = None
    seal_level: SealLevel | None = None

    def maximum_age(self, dataset: str) -> Duration | None:
        """Of the data of a data set, counted from their reference date."""
        own = self.per_dataset.get(dataset)
        return own.maximum_age if own is not None and own.maximum_age is not None else self.general.maximum_age

    def issuers(self, dataset: str) -> frozenset[str] | None:
        """From whom a data set is accepted; None is everyone who may give it."""
        own = self.per_dataset.get(dataset)
        return own.issuers if own is not None and own.issuers is not None else self.general.issuers


def apply_policy(verdict: Verdict, policy: Policy | None, at: datetime) -> Verdict:
    """The verdict with the step of the policy, at the aware moment `at`; without a policy as it was."""
    if policy is None:
        return verdict
    code = None if isinstance(verdict, Rejected) else _first_broken(verdict, policy, at)
    result = CheckResult.SKIPPED if code is None else CheckResult.OK if code == OK else result_of(code)
    step = CheckStep(POLICY_STEP, result, SKIPPED if code is None else code)
    facts = replace(verdict.facts, steps=(*verdict.facts.steps, step))
    return conclude(facts, verdict.content if isinstance(verdict, Verified) else None)


def _first_broken(verdict: Verdict, policy: Policy, at: datetime) -> str | None:
    """The reason, `ok`, or None when it is not known what it is or whose."""
    facts = verdict.facts
    if policy.kinds is not None and facts.kind not in policy.kinds:
        return "policy_kind"
    if facts.dataset is None or facts.issuer_oin is None:
        return None
    if policy.datasets is not None and facts.dataset not in policy.datasets:
        return "policy_dataset"
    issuers = policy.issuers(facts.dataset)
    if issuers is not None and facts.issuer_oin not in issuers:
        return "policy_issuer"
    if policy.seal_level is not None and not _reaches(seal_level(verdict), policy.seal_level):
        return "policy_level"
    age = policy.maximum_age(facts.dataset)
    if age is None:
        return OK
    if facts.reference_date is None:
        return "policy_age_unknown"
    last = age.after(date.fromisoformat(facts.reference_date))
    return OK if dutch_day(at) <= last else "policy_age"


def _reaches(level: str | None, wanted: SealLevel) -> bool:
    return level in SEAL_LEVELS[SEAL_LEVELS.index(wanted) :]
