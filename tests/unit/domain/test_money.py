import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.money import cents_from_euro_text, format_cents, format_euros

CENTS = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(
    ("cents", "dutch", "english"),
    [
        (0, "€\u00a00,00", "€0.00"),
        (-1, "-€\u00a00,01", "-€0.01"),
        (99, "€\u00a00,99", "€0.99"),
        (100_000, "€\u00a01.000,00", "€1,000.00"),
        (10**9, "€\u00a010.000.000,00", "€10,000,000.00"),
        (-123_456_789, "-€\u00a01.234.567,89", "-€1,234,567.89"),
    ],
)
def test_an_amount_reads_as_people_write_it(cents: int, dutch: str, english: str) -> None:
    assert (format_cents(cents, "nl"), format_cents(cents, "en")) == (dutch, english)


@given(CENTS, st.sampled_from(["nl", "en"]))
def test_an_amount_on_paper_is_the_amount(cents: int, language: str) -> None:
    shown = format_cents(cents, language)
    assert int(re.sub(r"[^0-9]", "", shown)) == abs(cents)
    assert shown.startswith("-") == (cents < 0)


@given(CENTS)
def test_an_amount_of_a_register_reads_back(cents: int) -> None:
    sign = "-" if cents < 0 else ""
    euros, rest = divmod(abs(cents), 100)
    assert cents_from_euro_text(f"{sign}{euros}.{rest:02d}") == cents == cents_from_euro_text(f" {sign}{euros},{rest:02d} ")


@pytest.mark.parametrize("text", ["", "1.234,56", "1,234.56", "1.234", "€ 12", "1e3", "--1", "12,", ",5", "NaN", "١٢"])
def test_an_amount_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedValue):
        cents_from_euro_text(text)


@pytest.mark.parametrize(("euros", "shown"), [(0, "€\u00a00"), (431_000, "€\u00a0431.000"), (-1, "-€\u00a01")])
def test_whole_euros_have_no_cents(euros: int, shown: str) -> None:
    assert format_euros(euros) == shown
