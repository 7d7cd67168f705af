"""Income per month, and what follows from it: the sum of twelve months, how much it goes up and down, and the share of benefits.

A payment over days of two months is divided by days. A month that no document tells of is marked and has no amount; it is never zero.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.periods import Month
from blauweknop.insight.figures import Amount, Cents, FigureId, Percentage, Share, Term, Words, half_up, words
from blauweknop.insight.income_items import IncomeItem, IncomeItems, IncomeKind
from blauweknop.insight.spreading import share_of

__all__ = ["MOST_MONTHS", "Income", "MonthIncome", "MonthState", "YearIncome", "income_of"]

MOST_MONTHS = 36
_FEWEST_MONTHS = 12
_YEAR = 12
_FEWEST_FOR_VOLATILITY = 3
_FOUR_WEEKS = 28
_FIGURES = {IncomeKind.JOB: FigureId.INCOME_JOBS, IncomeKind.BENEFIT: FigureId.INCOME_BENEFITS, IncomeKind.STUDY: FigureId.INCOME_STUDY}


class MonthState(StrEnum):
    """What is known of a month."""

    KNOWN = "known"  # there are payments, and no more are expected
    INCOMPLETE = "incomplete"  # there are payments, but the documents tell of a part of the month only
    EMPTY = "empty"  # a source that would know of payments has none
    ABSENT = "absent"  # no document tells of this month


@dataclass(frozen=True, slots=True)
class MonthIncome:
    """The amounts of one month by kind; None where nothing is known. Of the kinds in `untold` no document would know."""

    month: Month
    state: MonthState
    untold: tuple[IncomeKind, ...]
    jobs: Amount | None
    benefits: Amount | None
    study: Amount | None

    @property
    def total(self) -> Amount | None:
        named = (("jobs", self.jobs), ("benefits", self.benefits), ("study", self.study))
        return Amount.of(FigureId.INCOME_MONTH, (amount.as_term(words(f"insight.income.{name}")) for name, amount in named if amount))


@dataclass(frozen=True, slots=True)
class YearIncome:
    """Twelve months together. Months without data are in `missing`, and are not in the sum."""

    months: tuple[MonthIncome, ...]
    total: Amount
    jobs: Amount | None
    benefits: Amount | None
    study: Amount | None
    volatility: Share | None
    benefit_share: Share | None

    @property
    def missing(self) -> tuple[Month, ...]:
        return tuple(month.month for month in self.months if month.state in (MonthState.ABSENT, MonthState.EMPTY))


@dataclass(frozen=True, slots=True)
class Income:
    """`months` oldest first; `years` newest first, back to back, as far as the months go."""

    months: tuple[MonthIncome, ...]
    years: tuple[YearIncome, ...]

    def count(self, state: MonthState) -> int:
        return sum(month.state is state for month in self.months)


def income_of(found: IncomeItems, *, at: date, months: int = MOST_MONTHS) -> Income:
    """Income of the whole months before this day.

    Raises:
        BlauweKnopError: fewer than 12 or more than 36 months are asked for.
    """
    if not _FEWEST_MONTHS <= months <= MOST_MONTHS:
        raise BlauweKnopError(f"expected between {_FEWEST_MONTHS} and {MOST_MONTHS} months")
    last = Month.of(at).plus(-1)
    unfinished = _unfinished(found.items)
    shown = [last.plus(-ago) for ago in range(months - 1, -1, -1)]
    by_month = _by_month(found.items, shown[0], last)
    every = tuple(_month(month, by_month.get(month, ()), found, unfinished) for month in shown)
    return Income(every, tuple(_years(every)))


def _by_month(items: Sequence[IncomeItem], first: Month, last: Month) -> dict[Month, list[IncomeItem]]:
    """Of each month the items with a day in it."""
    found: dict[Month, list[IncomeItem]] = {}
    for item in items:
        month, end = max(Month.of(item.period.first), first), min(Month.of(item.period.last), last)
        while month <= end:
            found.setdefault(month, []).append(item)
            month = month.plus(1)
    return found


def _month(month: Month, items: Sequence[IncomeItem], found: IncomeItems, unfinished: set[Month]) -> MonthIncome:
    terms: dict[IncomeKind, list[Term]] = {kind: [] for kind in IncomeKind}
    for item in items:
        share = share_of(item.cents, item.period, month)
        if share is not None:
            terms[item.kind].append(_term(item, month, *share))
    amounts = {kind: Amount.of(_FIGURES[kind], terms[kind]) for kind in IncomeKind}
    covered = {kind: any(coverage.has(month) for coverage in found.coverage if coverage.kind is kind) for kind in IncomeKind}
    untold = tuple(kind for kind in (IncomeKind.JOB, IncomeKind.BENEFIT) if not covered[kind] and amounts[kind] is None)
    silent = any(coverage.would_know(month) for coverage in found.coverage)
    state = _state(amounts, covered, silent=silent, unfinished=month in unfinished)
    return MonthIncome(month, state, untold, amounts[IncomeKind.JOB], amounts[IncomeKind.BENEFIT], amounts[IncomeKind.STUDY])


def _state(amounts: dict[IncomeKind, Amount | None], covered: dict[IncomeKind, bool], *, silent: bool, unfinished: bool) -> MonthState:
    paid = [kind for kind, amount in amounts.items() if amount is not None]
    if not paid:
        return MonthState.EMPTY if silent else MonthState.ABSENT
    whole = all(covered[kind] or kind is IncomeKind.STUDY for kind in paid)
    return MonthState.KNOWN if whole and not unfinished else MonthState.INCOMPLETE


def _term(item: IncomeItem, month: Month, cents: int, days: int) -> Term:
    key = f"insight.income.term.{item.kind}"
    if days == item.period.days:
        return Term(words(key, payer=item.payer, period=item.period), cents, (item.origin,))
    return Term(
        words(
            f"{key}.part", payer=item.payer, period=item.period, whole=Cents(item.cents), days=days, all_days=item.period.days, month=month
        ),
        cents,
        (item.origin,),
    )


def _unfinished(items: Sequence[IncomeItem]) -> set[Month]:
    """Months in which the last four-week payment of a job or benefit ends, when the next was not over yet on the reference date."""
    last: dict[str, IncomeItem] = {}
    for item in items:
        if item.relation not in last or item.period.last > last[item.relation].period.last:
            last[item.relation] = item
    return {
        Month.of(item.period.last)
        for item in last.values()
        if item.period.last < Month.of(item.period.last).period.last and (item.reference - item.period.last).days < _FOUR_WEEKS
    }


def _years(months: Sequence[MonthIncome]) -> Iterator[YearIncome]:
    """Back from the last month of which everything is told."""
    end = len(months)
    while end and months[end - 1].state in (MonthState.INCOMPLETE, MonthState.ABSENT):
        end -= 1
    while end >= _YEAR:
        year = _year(tuple(months[end - _YEAR : end]))
        if year is not None:
            yield year
        end -= _YEAR


def _year(months: tuple[MonthIncome, ...]) -> YearIncome | None:
    total = _together(months, [month.total for month in months])
    if total is None:
        return None
    jobs, study = _together(months, [month.jobs for month in months]), _together(months, [month.study for month in months])
    benefits = _together(months, [month.benefits for month in months])
    return YearIncome(months, total, jobs, benefits, study, _volatility(months), _benefit_share(total, benefits))


def _together(months: Sequence[MonthIncome], amounts: Sequence[Amount | None]) -> Amount | None:
    pairs = zip(months, amounts, strict=True)
    return Amount.of(FigureId.INCOME_YEAR, (a.as_term(words("insight.income.month", month=m.month)) for m, a in pairs if a))


def _volatility(months: Sequence[MonthIncome]) -> Share | None:
    """The mean distance of a month from the average of the months, as a part of that average; of months that are known whole."""
    known = [month.total for month in months if month.state is MonthState.KNOWN and month.total]
    total = sum(amount.cents for amount in known)
    if len(known) < _FEWEST_FOR_VOLATILITY or total <= 0:
        return None
    average = Fraction(total, len(known))
    distance = sum((abs(amount.cents - average) for amount in known), Fraction(0)) / len(known)
    value = distance / average
    explained = (
        words("insight.volatility.average", months=len(known), average=Cents(half_up(average))),
        words("insight.volatility.distance", distance=Cents(half_up(distance))),
        words("insight.volatility.share", share=Percentage(value)),
    )
    return Share(FigureId.VOLATILITY, value, tuple(known), explained)


def _benefit_share(total: Amount, benefits: Amount | None) -> Share | None:
    if total.cents <= 0:
        return None
    part = benefits.cents if benefits else 0
    value = Fraction(part, total.cents)
    explained: tuple[Words, ...] = (
        words("insight.benefit_share.step", part=Cents(part), whole=Cents(total.cents), share=Percentage(value)),
    )
    return Share(FigureId.BENEFIT_SHARE, value, (total,) if benefits is None else (benefits, total), explained)
