import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.periods import Month, Period, four_week_periods

YEARS = st.integers(1900, 2200)
MONTHS = st.builds(Month, st.integers(1000, 3000), st.integers(1, 12))


@given(YEARS)
def test_thirteen_four_week_periods_cover_a_year_exactly(year: int) -> None:
    periods = four_week_periods(year)
    assert (len(periods), periods[0].first, periods[-1].last) == (13, date(year, 1, 1), date(year, 12, 31))
    assert all(before.last + timedelta(days=1) == after.first for before, after in itertools.pairwise(periods))


@given(YEARS)
def test_four_week_periods_inside_a_year_are_four_weeks_from_monday(year: int) -> None:
    assert {(period.days, period.first.isoweekday()) for period in four_week_periods(year)[1:-1]} == {(28, 1)}


@given(YEARS)
def test_only_the_ends_of_a_year_make_a_period_shorter_or_longer(year: int) -> None:
    first, *_, last = four_week_periods(year)
    assert 25 <= first.days <= 31
    assert 25 <= last.days <= 38


def test_the_periods_of_2026_are_those_of_the_wage_tables() -> None:
    first, second, *_, last = four_week_periods(2026)
    assert (first, second.first) == (Period(date(2026, 1, 1), date(2026, 1, 25)), date(2026, 1, 26))
    assert last == Period(date(2026, 11, 30), date(2026, 12, 31))


@given(MONTHS, st.integers(-10_000, 10_000))
def test_months_add_up(month: Month, count: int) -> None:
    assert month.plus(count).plus(-count) == month


@given(MONTHS)
def test_a_month_ends_where_the_next_begins(month: Month) -> None:
    assert month.period.last + timedelta(days=1) == month.plus(1).period.first
    assert Month.of(month.period.last) == month == Month.parse(str(month))


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "26-01", "2026/01", "2026-0a", "２０２６-01", "0000-01", "2026-011", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(MalformedValue):
        Month.parse(text)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(MalformedValue):
        Period(date(2026, 2, 1), date(2026, 1, 31))


def test_both_ends_belong_to_a_period() -> None:
    period = Period(date(2026, 1, 5), date(2026, 1, 7))
    days = [date(2026, 1, day) for day in range(4, 9)]
    assert [period.contains(day) for day in days] == [False, True, True, True, False]
    assert period.days == 3
