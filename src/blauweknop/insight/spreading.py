"""An amount over a stretch of days, divided over calendar months by days, so that the parts are the whole to the cent."""

from fractions import Fraction

from blauweknop.domain.periods import Month, Period
from blauweknop.insight.figures import half_up

__all__ = ["months_of", "spread"]


def months_of(period: Period) -> tuple[Month, ...]:
    """The calendar months that a period has days in, in order."""
    month, last = Month.of(period.first), Month.of(period.last)
    found = [month]
    while month < last:
        month = month.plus(1)
        found.append(month)
    return tuple(found)


def spread(cents: int, period: Period) -> tuple[tuple[Month, int, int], ...]:
    """For each month: its share of the amount, and how many of the days lie in it.

    What has been given by the end of a month is the exact share of the days so far, rounded to the nearest cent; a month gets what is new.
    So the shares add up, and taking an amount back takes back exactly what was given.
    """
    shares: list[tuple[Month, int, int]] = []
    days = given = 0
    for month in months_of(period):
        inside = (min(period.last, month.period.last) - max(period.first, month.period.first)).days + 1
        days += inside
        so_far = half_up(Fraction(cents * days, period.days))
        shares.append((month, so_far - given, inside))
        given = so_far
    return tuple(shares)
