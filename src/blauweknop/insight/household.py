"""What two people have together, from what each of them showed: their income against what is needed, and sums of amounts.

A sum is told only when both parts are there; of what one of them did not prove nothing is counted, and the result says so. It is never
certain when something in it is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from blauweknop.domain.amount_range import AmountRange, Reach

__all__ = ["Doubt", "HouseholdIncome", "HouseholdOutcome", "IncomeShown", "SharedDebt", "debt_together", "income_together", "sum_of_both"]


class HouseholdOutcome(StrEnum):
    """What the two parts prove together."""

    ENOUGH = "enough"
    TOO_LITTLE = "too_little"
    OPEN = "open"  # what was shown proves neither
    INCOMPLETE = "incomplete"  # a part is not there


class Doubt(StrEnum):
    """Why a result is not certain, or says less than one may think."""

    NOT_SHOWN = "not_shown"  # one of them showed no certified income: it counts as nothing
    NONE_SHOWN = "none_shown"  # neither did
    NOT_SURE = "not_sure"  # the check of something in it is not green
    OTHER_YEAR = "other_year"
    PERHAPS_SAME = "perhaps_same"  # the two may be one person


@dataclass(frozen=True, slots=True)
class IncomeShown:
    """The income of one of them in a year. `amount` is None when nothing certified was shown; `sure` when every piece of it is green."""

    amount: AmountRange | None = field(default=None, repr=False)
    year: int | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class HouseholdIncome:
    """The income of both against what is `needed` in a year (cents)."""

    needed: int
    parts: tuple[IncomeShown | None, IncomeShown | None]
    together: AmountRange | None = field(repr=False)
    outcome: HouseholdOutcome
    doubts: tuple[Doubt, ...]

    @property
    def certain(self) -> bool:
        """Whether the outcome holds whatever becomes of the doubts; what was not shown can only add to it."""
        return self.outcome in (HouseholdOutcome.ENOUGH, HouseholdOutcome.TOO_LITTLE) and set(self.doubts) <= {Doubt.NOT_SHOWN}


@dataclass(frozen=True, slots=True)
class SharedDebt:
    """A debt as far as the sum of a household needs it. Without a `reference` one cannot tell that two are the same."""

    creditor: str
    reference: str = field(repr=False)
    cents: int = field(repr=False)


_OUTCOMES: Mapping[Reach, HouseholdOutcome] = {
    Reach.ENOUGH: HouseholdOutcome.ENOUGH,
    Reach.TOO_LITTLE: HouseholdOutcome.TOO_LITTLE,
    Reach.OPEN: HouseholdOutcome.OPEN,
}


def income_together(first: IncomeShown | None, second: IncomeShown | None, needed: int, *, perhaps_same: bool = False) -> HouseholdIncome:
    """The test over both; a part that is None is not there, and then nothing is proved."""
    if first is None or second is None:
        return HouseholdIncome(needed, (first, second), None, HouseholdOutcome.INCOMPLETE, ())
    both = (first, second)
    doubts = tuple(_doubts(both, perhaps_same))
    if Doubt.NONE_SHOWN in doubts:
        return HouseholdIncome(needed, both, None, HouseholdOutcome.OPEN, doubts)
    together = (first.amount or AmountRange(0)).plus(second.amount or AmountRange(0))
    return HouseholdIncome(needed, both, together, _OUTCOMES[together.reaches(needed)], doubts)


def sum_of_both(first: int | None, second: int | None) -> int | None:
    """None when one of them is not known: what is not known is not zero."""
    return None if first is None or second is None else first + second


def debt_together(first: Sequence[SharedDebt], second: Sequence[SharedDebt]) -> int:
    """The debts of both. One that stands in both parts, by creditor and reference, counts once: at the higher of the two amounts."""
    by_case: dict[tuple[str, str], int] = {}
    total = 0
    for debts in (first, second):
        own: dict[tuple[str, str], int] = {}
        for debt in debts:
            if debt.reference:
                case = (debt.creditor, debt.reference)
                own[case] = own.get(case, 0) + debt.cents
            else:
                total += debt.cents
        for case, cents in own.items():
            by_case[case] = max(by_case[case], cents) if case in by_case else cents
    return total + sum(by_case.values())


def _doubts(parts: tuple[IncomeShown, IncomeShown], perhaps_same: bool) -> Iterable[Doubt]:
    shown = [part for part in parts if part.amount is not None]
    if len(shown) < len(parts):
        yield Doubt.NOT_SHOWN if shown else Doubt.NONE_SHOWN
    if not all(part.sure for part in shown):
        yield Doubt.NOT_SURE
    if len({part.year for part in shown}) > 1:
        yield Doubt.OTHER_YEAR
    if perhaps_same:
        yield Doubt.PERHAPS_SAME
