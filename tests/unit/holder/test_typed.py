from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.money import format_cents
from blauweknop.holder.typed import typed_cents, typed_day, typed_percentage


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1234,56", 123_456), ("1234.56", 123_456), ("€ 1.234,56", 123_456), ("€1,234.56", 123_456), ("1.234", 123_400), ("1,234", 123_400),
        ("1.234.567,80", 123_456_780), (" 12 ", 1200), ("12,5", 1250), ("0", 0), ("€\u00a045,41", 4541),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(text: str, cents: int) -> None:
    assert typed_cents(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "", "€", "-5", "+5", "1.234.56", "1,234,56", "1.23,456", "1.234,567.89", "1,234,567.891", "1.234.567.890.123", "12,345.6",
        "1e3", "12 34", "١٢", "twaalf", "12,345,67", "1.234,56,78", "1" * 10, "9" * 400,
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(MalformedValue):
        typed_cents(text)


@given(st.integers(0, 99_999_999_999), st.sampled_from(["nl", "en"]))
def test_an_amount_as_we_show_it_is_read_back_to_the_cent(cents: int, language: str) -> None:
    assert typed_cents(format_cents(cents, language)) == cents


@given(st.text())
def test_any_text_is_an_amount_that_is_not_negative_or_is_refused(text: str) -> None:
    with suppress(MalformedValue):
        assert 0 <= typed_cents(text) < 100_000_000_000


@pytest.mark.parametrize(("text", "share"), [("4,1", "0.041"), ("4.1", "0.041"), ("4,1 %", "0.041"), ("0", "0"), ("2,215%", "0.02215")])
def test_a_percentage_is_read_as_a_part_of_one(text: str, share: str) -> None:
    assert typed_percentage(text) == Decimal(share)


@pytest.mark.parametrize("text", ["", "%", "-1", "100", "4,1,1", "4,1234", "NaN", "Infinity", "1e1", "٤"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(MalformedValue):
        typed_percentage(text)


@pytest.mark.parametrize("text", ["2026-11-30", "30-11-2026", "30/11/2026", "30.11.2026", " 30 11 2026 "])
def test_a_day_is_read_as_browsers_and_people_write_it(text: str) -> None:
    assert typed_day(text) == date(2026, 11, 30)


@pytest.mark.parametrize("text", ["", "30-02-2026", "11-30-2026", "30-11-26", "0-1-2026", "1-1-0000", "gisteren", "2026-13-01"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(MalformedValue):
        typed_day(text)
