from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.durations import Duration
from blauweknop.domain.errors import MalformedValue


@pytest.mark.parametrize(
    ("text", "months", "days"), [("P30D", 0, 30), ("P3M", 3, 0), ("P2W", 0, 14), ("P1Y6M", 18, 0), ("P1Y2M4D", 14, 4), ("P0M1D", 0, 1)]
)
def test_what_durations_mean(text: str, months: int, days: int) -> None:
    assert Duration.parse(text) == Duration(months, days)


@pytest.mark.parametrize(
    "text", ["", "P", "P0D", "3M", "P3", "PT3H", "P3M ", "p3m", "P-3M", "P3.5M", "P1M1Y", "P1000Y", "P1M2W", "P٣M", "P1D\n"]
)
def test_other_texts_are_no_durations(text: str) -> None:
    with pytest.raises(MalformedValue):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("text", "months", "days"),
    [("PT1H", 0, 1), ("PT24H", 0, 1), ("PT24H1S", 0, 2), ("P1DT12H", 0, 2), ("P1YT0S", 12, 0), ("P0D", 0, 0), ("P2W", 0, 14)],
)
def test_a_time_of_day_lasts_until_the_end_of_the_day_that_it_reaches(text: str, months: int, days: int) -> None:
    assert Duration.lasting(text) == Duration(months, days)


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "P1M2W", "PT5D", "P-1Y"])
def test_other_texts_last_no_time(text: str) -> None:
    with pytest.raises(MalformedValue):
        Duration.lasting(text)


@pytest.mark.parametrize(
    ("day", "text", "after"),
    [
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2026-12-15", "P1M1D", "2027-01-16"),
        ("9999-12-30", "P1M", "9999-12-31"),
        ("9999-12-30", "P9D", "9999-12-31"),
    ],
)
def test_the_day_after_a_duration(day: str, text: str, after: str) -> None:
    assert Duration.parse(text).after(date.fromisoformat(day)) == date.fromisoformat(after)


@given(st.dates(max_value=date(9000, 1, 1)), st.integers(0, 999), st.integers(0, 999))
def test_longer_is_never_sooner(day: date, months: int, days: int) -> None:
    assert Duration(months, days).after(day) >= day
    assert Duration(months, days + 1).after(day) == Duration(months, days).after(day) + timedelta(days=1)
    assert Duration(months + 1, days).after(day) >= Duration(months, days).after(day)
