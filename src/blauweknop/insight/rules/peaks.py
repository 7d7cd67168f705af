"""Months in which much more was paid than usual, as the rules for toetsinkomen count them (DOMAIN 4.2).

A month above one and a half times the average of the twelve is a peak. It is a single peak when the same month of the years before differs
by more than 30%: then it counts up to twice the average, the average of those months, or the latest of them, whichever is least. Other
peaks count whole, as long as what they add to the average stays within four twelfths of the year. A peak without any such month to compare
it with cannot be judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from blauweknop.domain.rule_pack import RulePack
from blauweknop.insight.rules.contracts import ContractMonth

__all__ = ["LevelledPay", "level_peaks"]

_YEAR = 12


@dataclass(frozen=True, slots=True)
class LevelledPay:
    """The pay by month, last first, with the peaks of the last twelve levelled; and whether one of these was a single peak."""

    pay: tuple[Fraction, ...] = field(repr=False)
    single_peak: bool


def level_peaks(months: Sequence[ContractMonth], pack: RulePack) -> LevelledPay | None:
    """The months, given last first, with their peaks levelled; None when a peak cannot be judged."""
    pay = [Fraction(month.pay) for month in months]
    average = sum(pay[:_YEAR], Fraction(0)) / _YEAR
    single_peak = False
    usual: list[int] = []
    for index in range(_YEAR):
        if pay[index] <= average * pack.number("peak"):
            continue
        earlier = _same_month(months, index)
        if not earlier:
            return None
        if _differ(pay[index], earlier, pack.number("incidental")):
            single_peak = True
            cap = min(sum(earlier, Fraction(0)) / len(earlier), earlier[0])
            pay[index] = min(pay[index], pack.number("incidental_cap") * average, cap)
        else:
            usual.append(index)
    added = sum((pay[index] - average for index in usual), Fraction(0))
    most = pack.number("peaks_cap") * average * _YEAR
    if added > most:
        pay[usual[0]] -= added - most
    return LevelledPay(tuple(pay), single_peak)


def _same_month(months: Sequence[ContractMonth], index: int) -> list[Fraction]:
    """The pay of the same month one and two years before, latest first, as far as it is known."""
    wanted = [months[index].month.plus(-_YEAR), months[index].month.plus(-2 * _YEAR)]
    known = {month.month: Fraction(month.pay) for month in months}
    return [known[month] for month in wanted if month in known]


def _differ(pay: Fraction, earlier: Sequence[Fraction], most: Fraction) -> bool:
    lowest, highest = min(pay, *earlier), max(pay, *earlier)
    return lowest <= 0 or highest / lowest > most
