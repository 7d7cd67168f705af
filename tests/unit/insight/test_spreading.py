from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.periods import Month, Period, four_week_periods
from blauweknop.insight.spreading import months_of, spread

CENTS = st.integers(-10_000_000, 10_000_000)
PERIODS = st.builds(
    lambda first, days: Period(first, first + timedelta(days=days)), st.dates(date(2020, 1, 1), date(2027, 12, 31)), st.integers(0, 120)
)


@given(CENTS, PERIODS)
def test_the_shares_of_months_are_the_amount_and_the_days_are_the_days(cents: int, period: Period) -> None:
    shares = spread(cents, period)

    assert sum(share for _, share, _ in shares) == cents
    assert sum(days for _, _, days in shares) == period.days


@given(CENTS, PERIODS)
def test_taking_an_amount_back_takes_back_what_was_given(cents: int, period: Period) -> None:
    assert spread(-cents, period) == tuple((month, -share, days) for month, share, days in spread(cents, period))


@given(CENTS, PERIODS)
def test_each_share_is_within_a_cent_of_its_days(cents: int, period: Period) -> None:
    for _, share, days in spread(cents, period):
        assert abs(share * period.days - cents * days) <= period.days


@given(st.integers(0, 10_000_000), PERIODS)
def test_no_share_of_a_positive_amount_is_negative(cents: int, period: Period) -> None:
    assert all(share >= 0 for _, share, _ in spread(cents, period))


# The two examples in the appendix of the rules for toetsinkomen (DOMAIN 4.2): 31 days, and 28 days.
@pytest.mark.parametrize(
    ("period", "shares"),
    [
        (Period(date(2026, 7, 11), date(2026, 8, 10)), [67_742, 32_258]),
        (Period(date(2026, 2, 22), date(2026, 3, 21)), [25_000, 75_000]),
    ],
)
def test_a_thousand_euros_are_divided_as_the_rules_of_toetsinkomen_show(period: Period, shares: list[int]) -> None:
    assert [share for _, share, _ in spread(100_000, period)] == shares


def test_a_four_week_period_cut_at_the_end_of_a_year_stays_in_its_year() -> None:
    last, first = four_week_periods(2025)[-1], four_week_periods(2026)[0]

    assert {month.year for month in months_of(last)} == {2025}
    assert {month.year for month in months_of(first)} == {2026}


def test_a_period_within_a_month_is_one_share() -> None:
    assert spread(123, Month(2026, 2).period) == ((Month(2026, 2), 123, 28),)
