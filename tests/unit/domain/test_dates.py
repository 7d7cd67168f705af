from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.dates import PartialDate, date_in_words, dutch_day, moment_in_words, month_in_words
from blauweknop.domain.errors import MalformedValue

WHOLE = st.dates().map(lambda day: PartialDate(day.year, day.month, day.day))
PARTIAL = st.one_of(
    WHOLE,
    st.builds(PartialDate, st.integers(1, 9999), st.integers(1, 12)),
    st.builds(PartialDate, st.integers(1, 9999)),
    st.just(PartialDate(None)),
)


@given(PARTIAL)
def test_a_date_of_the_register_reads_back_from_its_object(day: PartialDate) -> None:
    assert PartialDate.parse_json(day.as_json()) == day


@given(PARTIAL)
def test_a_date_of_the_register_reads_back_from_eight_digits(day: PartialDate) -> None:
    assert PartialDate.parse_register(f"{day.year or 0:04d}{day.month or 0:02d}{day.day or 0:02d}") == day


@given(PARTIAL)
def test_the_object_says_the_date_in_dutch(day: PartialDate) -> None:
    assert day.as_json()["langFormaat"] == day.in_words("nl")


@pytest.mark.parametrize(
    ("register", "dutch", "english"),
    [
        ("19850812", "12 augustus 1985", "12 August 1985"),
        ("19850800", "augustus 1985", "August 1985"),
        ("19850000", "1985", "1985"),
        ("00000000", "onbekend", "unknown"),
    ],
)
def test_what_is_known_of_a_date_is_said_in_words(register: str, dutch: str, english: str) -> None:
    day = PartialDate.parse_register(register)
    assert (day.in_words("nl"), day.in_words("en")) == (dutch, english)


@pytest.mark.parametrize(
    "text", ["19850230", "19851301", "19850012", "00000812", "1985081", "198508123", "1985-8-1", "１９８５０８１２", ""]
)
def test_a_date_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(MalformedValue):
        PartialDate.parse_register(text)


@pytest.mark.parametrize(
    "value",
    [None, "1985-08-12", {}, {"type": "Datum"}, {"type": "Datum", "datum": "1985-8-12"}, {"type": "Jaar", "jaar": 1985}],
)
def test_an_object_of_another_shape_is_no_date(value: object) -> None:
    with pytest.raises(MalformedValue):
        PartialDate.parse_json(value)


@given(st.dates(), st.sampled_from(["nl", "en"]))
def test_a_day_in_words_names_its_month(day: date, language: str) -> None:
    assert date_in_words(day, language) == f"{day.day} {month_in_words(day.year, day.month, language)}"


@pytest.mark.parametrize(
    ("moment", "dutch", "english"),
    [
        (datetime(2026, 11, 3, 14, 12, tzinfo=UTC), "3 november 2026 om 15.12 uur", "3 November 2026 at 15:12"),
        (datetime(2026, 6, 30, 22, 5, tzinfo=UTC), "1 juli 2026 om 00.05 uur", "1 July 2026 at 00:05"),
    ],
)
def test_a_moment_is_shown_as_dutch_clocks_have_it(moment: datetime, dutch: str, english: str) -> None:
    assert (moment_in_words(moment, "nl"), moment_in_words(moment, "en")) == (dutch, english)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime.max.replace(tzinfo=UTC), date.max),
        (datetime.min.replace(tzinfo=UTC), date.min),
    ],
)
def test_every_moment_has_a_day_on_dutch_calendars(moment: datetime, day: date) -> None:
    assert dutch_day(moment) == day
