from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.periods import Month, Period
from blauweknop.domain.texts import Text
from blauweknop.insight.figures import (
    Amount,
    Cents,
    FigureId,
    FigureWithoutOrigin,
    Origin,
    Percentage,
    Term,
    half_up,
    percent_in_words,
    words,
)

ORIGIN = Origin("k", "cak.betaaloverzicht", "data.financiele_zaken[2].saldo", 5)
SAID = words("insight.debt.term.open")


def test_a_term_without_origin_cannot_be_made() -> None:
    with pytest.raises(FigureWithoutOrigin):
        Term(SAID, 5, ())


def test_an_amount_without_terms_cannot_be_made() -> None:
    with pytest.raises(FigureWithoutOrigin):
        Amount(FigureId.DEBT, ())


def test_the_amount_of_nothing_is_unknown_and_not_zero() -> None:
    assert Amount.of(FigureId.DEBT, []) is None


def test_an_origin_behind_two_terms_is_told_once() -> None:
    amount = Amount(FigureId.DEBT, (Term(SAID, 5, (ORIGIN,)), Term(SAID, -2, (ORIGIN,))))

    assert amount.cents == 3
    assert amount.origins == (ORIGIN,)


def test_an_amount_within_another_keeps_its_cents_and_origins() -> None:
    inner = Amount(FigureId.DEBT, (Term(SAID, 5, (ORIGIN,)),))
    outer = Amount(FigureId.DEBT_TOTAL, (inner.as_term(SAID), inner.as_term(SAID)))

    assert outer.cents == 10
    assert outer.origins == (ORIGIN,)


def test_the_name_of_a_field_has_no_numbers_of_rows() -> None:
    assert ORIGIN.field_name == "financiele_zaken.saldo"


@pytest.mark.parametrize(
    ("value", "nl", "en"),
    [
        (Cents(-123_456), "-€\u00a01.234,56", "-€1,234.56"),
        (Percentage(Fraction(1, 8)), "12,5%", "12.5%"),
        (Month(2026, 3), "maart 2026", "March 2026"),
        (Period(date(2026, 3, 1), date(2026, 3, 28)), "1 maart 2026 t/m 28 maart 2026", "1 March 2026 until 28 March 2026"),
        (date(2026, 3, 1), "1 maart 2026", "1 March 2026"),
        (Text("ja", "yes"), "ja", "yes"),
        (words("insight.debt.term.open"), "Nog open", "Still open"),
        ("tekst", "tekst", "tekst"),
        (12, "12", "12"),
    ],
)  # fmt: skip
def test_every_kind_of_value_is_said_in_both_languages(value: object, nl: str, en: str) -> None:
    said = words("insight.debt.stated", text=value)  # type: ignore[arg-type] # each kind in turn

    assert (said.in_language("nl"), said.in_language("en")) == (nl, en)


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert words("insight.debt.stated", text="{text} {0} {").in_language("nl") == "{text} {0} {"


@pytest.mark.parametrize(
    ("share", "decimals", "shown"),
    [
        (Fraction(0), 1, "0,0%"), (Fraction(1, 2000), 1, "0,1%"), (Fraction(-1, 8), 1, "-12,5%"), (Fraction(1), 0, "100%"),
        (Fraction(229, 10_000), 2, "2,29%"), (Fraction(1, 200), 0, "1%"), (Fraction(5), 1, "500,0%"),
    ],
)  # fmt: skip
def test_a_percentage_is_rounded_to_its_decimals(share: Fraction, decimals: int, shown: str) -> None:
    assert percent_in_words(share, "nl", decimals) == shown


@given(st.fractions())
def test_rounding_goes_to_the_nearest_and_a_half_away_from_zero(value: Fraction) -> None:
    rounded = half_up(value)

    assert abs(rounded - value) <= Fraction(1, 2)
    assert abs(rounded) == abs(half_up(-value))
    assert abs(rounded - value) != Fraction(1, 2) or abs(rounded) > abs(value)
