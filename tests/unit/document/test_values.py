from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.document.values import column_printer, format_value, visible
from blauweknop.domain.dataset import Field, FieldType
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.texts import Text

CODES = {"lening": Text("Lening", "Loan")}


def field(kind: FieldType, unit: Text | None = None) -> Field:
    return Field("naam", kind, "deel", Text("Naam", "Name"), codes=CODES if kind is FieldType.CODE else None, unit=unit)


@pytest.mark.parametrize(
    ("kind", "value", "dutch", "english"),
    [
        (FieldType.TEXT, "Zoë", "Zoë", "Zoë"),
        (FieldType.INTEGER, -12, "-12", "-12"),
        (FieldType.EUROCENT, 0, "€\u00a00,00", "€0.00"),
        (FieldType.EUROCENT, -1, "-€\u00a00,01", "-€0.01"),
        (FieldType.EUROCENT, 10**9, "€\u00a010.000.000,00", "€10,000,000.00"),
        (FieldType.EURO, 431_000, "€\u00a0431.000", "€431,000"),
        (FieldType.DECIMAL2, "-173.33", "-173,33", "-173.33"),
        (FieldType.RATIO, "0.0257", "2,57%", "2.57%"),
        (FieldType.RATIO, "1.0000", "100,00%", "100.00%"),
        (FieldType.BOOLEAN, True, "ja", "yes"),
        (FieldType.BOOLEAN, False, "nee", "no"),
        (FieldType.DATE, "2026-11-03", "3 november 2026", "3 November 2026"),
        (FieldType.DATETIME, "2026-06-30T22:05:00Z", "1 juli 2026 om 00.05 uur", "1 July 2026 at 00:05"),
        (FieldType.YEAR, 2026, "2026", "2026"),
        (FieldType.YEAR_MONTH, "2026-11", "november 2026", "November 2026"),
        (FieldType.PARTIAL_DATE, {"type": "JaarMaandDatum", "jaar": 1985, "maand": 8}, "augustus 1985", "August 1985"),
        (FieldType.CODE, "lening", "Lening", "Loan"),
        (FieldType.CODE_TABLE, {"code": "0518", "omschrijving": "'s-Gravenhage"}, "'s-Gravenhage", "'s-Gravenhage"),
        (FieldType.URL, "https://wetten.overheid.nl", "https://wetten.overheid.nl", "https://wetten.overheid.nl"),
    ],
)
def test_each_type_reads_in_both_languages(kind: FieldType, value: JsonValue, dutch: str, english: str) -> None:
    assert (format_value(field(kind), value, "nl"), format_value(field(kind), value, "en")) == (dutch, english)


@pytest.mark.parametrize("kind", [kind for kind in FieldType if kind is not FieldType.LIST])
def test_what_is_absent_is_said_to_be_absent(kind: FieldType) -> None:
    assert (format_value(field(kind), None, "nl"), format_value(field(kind), None, "en")) == ("niet vermeld", "not stated")


@pytest.mark.parametrize("nothing", ["", "  ", "\u200b"])
def test_a_text_with_nothing_in_it_is_absent(nothing: str) -> None:
    assert format_value(field(FieldType.TEXT), nothing, "nl") == "niet vermeld"


def test_a_unit_follows_its_value_but_not_what_is_absent() -> None:
    years = field(FieldType.INTEGER, Text("jaar", "years"))
    assert (format_value(years, 41, "nl"), format_value(years, 41, "en")) == ("41 jaar", "41 years")
    assert format_value(years, None, "nl") == "niet vermeld"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldType.DATE, "gisteren"),
        (FieldType.DATETIME, "2026-11-31T00:00:00Z"),
        (FieldType.YEAR_MONTH, "2026-13"),
        (FieldType.PARTIAL_DATE, "1985"),
    ],
)
def test_a_value_of_another_form_is_refused(kind: FieldType, value: JsonValue) -> None:
    with pytest.raises((ValueError, MalformedValue)):
        format_value(field(kind), value, "nl")


@given(st.dates(), st.sampled_from(["nl", "en"]))
def test_a_day_on_paper_has_its_day_and_year(day: date, language: str) -> None:
    shown = format_value(field(FieldType.DATE), day.isoformat(), language)
    assert shown.startswith(f"{day.day} ")
    assert shown.endswith(f" {day.year}")


@given(st.text())
def test_what_can_be_seen_of_a_text_does_not_change_when_looked_at_again(text: str) -> None:
    assert visible(visible(text)) == visible(text)


def test_characters_that_only_steer_are_not_printed() -> None:
    assert visible("Zo\u00ad\u200b\u00eb \u202evan\n\tDijk\ufeff") == "Zoë van Dijk"


@given(st.lists(st.one_of(st.none(), st.text("0123456789-. x\u200b", max_size=6), st.integers(), st.dates().map(str), st.booleans())))
@pytest.mark.parametrize("kind", [FieldType.DATE, FieldType.DECIMAL2, FieldType.EUROCENT, FieldType.EURO, FieldType.TEXT])
def test_a_column_reads_as_its_values_read_one_by_one(kind: FieldType, values: list[JsonValue]) -> None:
    def one_by_one() -> list[str]:
        return ["" if value is None else format_value(field(kind), value, "nl") for value in values]

    try:
        expected = one_by_one()
    except ValueError:
        with pytest.raises(ValueError, match="isoformat"):
            column_printer(field(kind), "nl")(values)
    else:
        assert column_printer(field(kind), "nl")(values) == expected
