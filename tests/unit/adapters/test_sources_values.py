from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blauweknop.adapters.sources.mapping import Reading
from blauweknop.adapters.sources.values import READINGS, read_value
from blauweknop.domain.dataset import Field, FieldType
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.texts import Text

TODAY = date(2026, 11, 23)
EMPTY = Text("", "")


def field(kind: FieldType, **more: object) -> Field:
    return Field("veld", kind, "deel", EMPTY, **more)  # type: ignore[arg-type] # only codes and pattern are given


def read(kind: FieldType, raw: object, form: str = "own", table: dict[str, str] | None = None) -> object:
    name, _, argument = form.partition(":")
    return read_value(field(kind), raw, Reading(name, argument, table or {}), today=TODAY)


GOOD = [
    (FieldType.TEXT, "own", "Đorđević", "Đorđević"),
    (FieldType.TEXT, "text", 42, "42"),
    (FieldType.INTEGER, "own", "-12", -12),
    (FieldType.EUROCENT, "own", 1250, 1250),
    (FieldType.EUROCENT, "cents", "1250", 1250),
    (FieldType.EUROCENT, "euro_text", "1234,5", 123450),
    (FieldType.EUROCENT, "euro_text", "-12.34", -1234),
    (FieldType.EUROCENT, "euro_text", 12, 1200),
    (FieldType.EUROCENT, "euro_text", Decimal("12.3400"), 1234),
    (FieldType.EURO, "own", 487000, 487000),
    (FieldType.DECIMAL2, "own", "-173,33", "-173.33"),
    (FieldType.DECIMAL2, "own", 12, "12.00"),
    (FieldType.DECIMAL2, "own", "-0.00", "0.00"),
    (FieldType.RATIO, "own", "0.0257", "0.0257"),
    (FieldType.RATIO, "percentage", "2,57", "0.0257"),
    (FieldType.BOOLEAN, "own", False, False),
    (FieldType.BOOLEAN, "boolean:J/N", "J", True),
    (FieldType.BOOLEAN, "boolean:1/0", 0, False),
    (FieldType.BOOLEAN, "boolean:1,2/0", "2", True),
    (FieldType.BOOLEAN, "present", {"a": True}, True),
    (FieldType.BOOLEAN, "present", {}, None),
    (FieldType.DATE, "own", "2026-02-28", "2026-02-28"),
    (FieldType.DATE, "own", date(2026, 2, 28), "2026-02-28"),
    (FieldType.DATE, "register_date", "20260228", "2026-02-28"),
    (FieldType.DATE, "dutch_date", "28-02-2026", "2026-02-28"),
    (FieldType.DATETIME, "own", "2026-07-01T14:00:00+02:00", "2026-07-01T12:00:00Z"),
    (FieldType.DATETIME, "local_datetime", "2026-07-01T14:00:00", "2026-07-01T12:00:00Z"),
    (FieldType.DATETIME, "local_datetime", "2026-12-01T14:00:00", "2026-12-01T13:00:00Z"),
    (FieldType.DATETIME, "own", datetime(2026, 7, 1, 14, tzinfo=timezone(timedelta(hours=2))), "2026-07-01T12:00:00Z"),
    (FieldType.YEAR, "own", "1998", 1998),
    (FieldType.YEAR_MONTH, "own", "2026-10", "2026-10"),
    (FieldType.YEAR_MONTH, "compact_month", 202610, "2026-10"),
    (FieldType.CODE_TABLE, "own", {"code": "0518", "omschrijving": "'s-Gravenhage"}, {"code": "0518", "omschrijving": "'s-Gravenhage"}),
    (FieldType.CODE_TABLE, "own", {"omschrijving": "Thann"}, {"code": "", "omschrijving": "Thann"}),
    (FieldType.CODE_TABLE, "code_table", "0518", {"code": "0518", "omschrijving": "onbekend (code 0518)"}),
    (FieldType.CODE_TABLE, "code_or_text", "Clermont-Ferrand", {"code": "", "omschrijving": "Clermont-Ferrand"}),
    (FieldType.URL, "own", "https://wetten.overheid.nl/x", "https://wetten.overheid.nl/x"),
    (FieldType.INTEGER, "age:register_date", "20081124", 17),
    (FieldType.INTEGER, "age:register_date", "20081123", 18),
    (FieldType.INTEGER, "age:register_date", "19900000", None),
    (FieldType.INTEGER, "age:register_date", "00000000", None),
    (FieldType.BOOLEAN, "adult:register_date", "20081124", False),
    (FieldType.BOOLEAN, "adult:register_date", "20081123", True),
    (FieldType.BOOLEAN, "adult:register_date", "19900000", True),
    (FieldType.BOOLEAN, "adult:register_date", "20080000", None),
    (FieldType.INTEGER, "count", [1, 2], 2),
    (FieldType.INTEGER, "count_minors:born:register_date", [{"born": "20200101"}, {"born": "19900101"}], 1),
    (FieldType.INTEGER, "count_minors:born:register_date", [{"born": "20200101"}, {"born": ""}], None),
    (FieldType.BOOLEAN, "under_investigation:081110", "081110", True),
    (FieldType.BOOLEAN, "under_investigation:081110", "081100", True),
    (FieldType.BOOLEAN, "under_investigation:081110", "080000", True),
    (FieldType.BOOLEAN, "under_investigation:081110", "081120", None),
    (FieldType.BOOLEAN, "under_investigation:081110", "580000", None),
]


@pytest.mark.parametrize(("kind", "form", "raw", "expected"), GOOD)
def test_a_value_in_its_form_is_read(kind: FieldType, form: str, raw: object, expected: object) -> None:
    assert read(kind, raw, form) == expected


BAD = [
    (FieldType.TEXT, "own", 42),
    (FieldType.TEXT, "own", "a\x00b"),
    (FieldType.TEXT, "own", "x" * 4001),
    (FieldType.INTEGER, "own", True),
    (FieldType.INTEGER, "own", "4,5"),
    (FieldType.INTEGER, "own", 2**53),
    (FieldType.EUROCENT, "own", "12,50"),
    (FieldType.EUROCENT, "own", Decimal("12.5")),
    (FieldType.EUROCENT, "euro_text", "1.234,56"),
    (FieldType.EUROCENT, "euro_text", "12,345"),
    (FieldType.EUROCENT, "euro_text", Decimal("12.345")),
    (FieldType.EUROCENT, "euro_text", Decimal("NaN")),
    (FieldType.EUROCENT, "euro_text", True),
    (FieldType.RATIO, "percentage", Decimal("sNaN")),
    (FieldType.RATIO, "percentage", Decimal("1E+999999")),
    (FieldType.DECIMAL2, "own", "1.234"),
    (FieldType.DECIMAL2, "own", "1e5"),
    (FieldType.DECIMAL2, "own", "9" * 15),
    (FieldType.BOOLEAN, "own", "ja"),
    (FieldType.BOOLEAN, "boolean:J/N", "X"),
    (FieldType.DATE, "own", "28-02-2026"),
    (FieldType.DATE, "own", "2026-02-30"),
    (FieldType.DATE, "own", datetime(2026, 2, 28)),  # noqa: DTZ001 # a moment where a date belongs
    (FieldType.DATE, "register_date", "20260200"),
    (FieldType.DATE, "dutch_date", "2026-02-28"),
    (FieldType.PARTIAL_DATE, "register_date", "20261300"),
    (FieldType.PARTIAL_DATE, "own", {"type": "Anders"}),
    (FieldType.DATETIME, "own", "2026-07-01T14:00:00"),
    (FieldType.DATETIME, "local_datetime", "2026-07-01T14:00:00Z"),
    (FieldType.DATETIME, "own", "gisteren"),
    (FieldType.YEAR, "own", 0),
    (FieldType.YEAR_MONTH, "own", "2026-13"),
    (FieldType.YEAR_MONTH, "compact_month", "20261"),
    (FieldType.CODE_TABLE, "own", {"code": "1"}),
    (FieldType.CODE_TABLE, "own", "0518"),
    (FieldType.URL, "own", "javascript:alert(1)"),
    (FieldType.INTEGER, "count", "drie"),
    (FieldType.BOOLEAN, "under_investigation:081110", "8111"),
]


@pytest.mark.parametrize(("kind", "form", "raw"), BAD)
def test_a_value_in_another_form_is_refused_without_being_repeated(kind: FieldType, form: str, raw: object) -> None:
    with pytest.raises(MalformedValue) as refused:
        read(kind, raw, form)

    assert str(raw) not in str(refused.value)


def test_a_code_that_the_field_does_not_have_is_refused() -> None:
    own = field(FieldType.CODE, codes={"A": EMPTY})
    with pytest.raises(MalformedValue):
        read_value(own, "B", Reading(), today=TODAY)


def test_a_text_outside_the_pattern_of_the_field_is_refused() -> None:
    own = field(FieldType.TEXT, pattern="^[0-9]{4}[A-Z]{2}$")
    with pytest.raises(MalformedValue):
        read_value(own, "12345", Reading(), today=TODAY)


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(),
    st.text(),
    st.dates(),
    st.datetimes(),
    st.lists(st.text()),
    st.dictionaries(st.text(), st.text()),
)


@given(kind=st.sampled_from([kind for kind in FieldType if kind is not FieldType.LIST]), raw=ANYTHING)
def test_whatever_a_source_says_it_is_read_or_refused(kind: FieldType, raw: object) -> None:
    try:
        read(kind, raw)
    except MalformedValue:
        return


@example(form="count_minors", raw=["a"])
@given(form=st.sampled_from(sorted(READINGS)), raw=ANYTHING)
def test_whatever_a_source_says_in_any_form_it_is_read_or_refused(form: str, raw: object) -> None:
    argument = {"boolean": "J/N", "count_minors": "a", "under_investigation": "081110"}.get(form, "")
    try:
        read(READINGS[form][0], raw, f"{form}:{argument}" if argument else form)
    except MalformedValue:
        return


@given(cents=st.integers(-(10**12), 10**12))
def test_euros_in_text_come_back_as_the_same_cents(cents: int) -> None:
    text = f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02d}"
    assert read(FieldType.EUROCENT, text, "euro_text") == cents
