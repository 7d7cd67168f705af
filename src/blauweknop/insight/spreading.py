"""An amount over a stretch of days, divided over calendar months by days, so that the parts are the whole to the cent."""

from fractions import Fraction

from blauweknop.domain.periods import Month, Period
from blauweknop.insight.figures import half_up

__all__ = ["months_of", "share_of", "spread"]


def months_of(period: Period) -> tuple[Month, ...]:
    """The calendar months that a period has days in, in order."""
    month, last = Month.of(period.first), Month.of(period.last)
    found = [month]
    while month < last:
        month = month.plus(1)
        found.append(month)
    return tuple(found)


def share_of(cents: int, period: Period, month: Month) -> tuple[int, int] | None:
    """The share of a month in an amount over a period, and how many of the days lie in it; None when none do.

    What has been given by the end of a month is the exact share of the days so far, rounded to the nearest cent; a month gets what is new.
    So the shares add up, and taking an amount back takes back exactly what was given.
    """
    first, last = max(period.first, month.period.first), min(period.last, month.period.last)
    if last < first:
        return None
    if first == period.first and last == period.last:
        return cents, period.days
    before, until = (first - period.first).days, (last - period.first).days + 1
    return half_up(Fraction(cents * until, period.days)) - half_up(Fraction(cents * before, period.days)), until - before


def spread(cents: int, period: Period) -> tuple[tuple[Month, int, int], ...]:
    """The share and the days of every month of a period."""
    shares = ((month, share_of(cents, period, month)) for month in months_of(period))
    return tuple((month, *share) for month, share in shares if share is not None)
