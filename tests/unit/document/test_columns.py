from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.document.blocks import Table
from blauweknop.document.columns import PAGE_ROOM, Columns, columns_of, measure
from blauweknop.domain.money import format_cents
from tests.unit.document.shapes.two_paths import typesetter

DATE = "17 februari 2026"
words = st.text("abc dé ÿWm-'(/", max_size=60)
amounts = st.integers(-(10**12), 10**12).map(lambda cents: format_cents(cents, "nl"))


def table(
    rows: tuple[tuple[str, ...], ...], numbers: tuple[bool, ...], *, total: tuple[str, ...] | None = None, head: str = "Kolom"
) -> Table:
    return Table("Lijst", tuple(f"{head} {place}" for place in range(len(numbers))), rows, numbers, total)


def columns(*args: tuple[tuple[str, ...], ...] | tuple[bool, ...], total: tuple[str, ...] | None = None, head: str = "Kolom") -> Columns:
    return columns_of(table(*args, total=total, head=head), typesetter().value_fonts)  # type: ignore[arg-type] # rows, then kinds


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=9), st.integers(1, 4), st.data())
def test_a_table_is_never_wider_than_the_page_and_its_numbers_and_totals_fit_on_one_line(
    kinds: list[bool], count: int, data: st.DataObject
) -> None:
    rows = tuple(tuple(data.draw(amounts if number else words) for number in kinds) for _ in range(count))
    total = tuple(data.draw(amounts) if number else "" for number in kinds) if data.draw(st.booleans()) else None
    measured = measure(table(rows, tuple(kinds), total=total), typesetter().value_fonts)
    found = measured.columns
    if found.widths is None:
        return  # the layout finds them, and the letter takes the truth path
    assert sum(found.widths) <= PAGE_ROOM + 0.01
    tight = [
        place
        for place, (number, room) in enumerate(zip(kinds, found.rooms, strict=True))
        if number and max(measured.cells[place].widest, (measured.totals[place] or 0.0) if measured.totals else 0.0) > room
    ]
    assert tight == []


def test_a_table_of_numbers_alone_is_no_wider_than_they_need() -> None:
    found = columns((("12", "€ 1,00"),), (True, True))
    assert found.widths is not None
    assert (found.shares, sum(found.widths) < PAGE_ROOM / 2) == ((0, 0), True)


def test_a_date_stays_on_one_line_beside_a_long_text() -> None:
    assert columns(((DATE, "Een heel lang verhaal over wat er is gebeurd " * 4),), (False, False)).shares[0] == 0


def test_the_longest_text_gets_the_most_room() -> None:
    found = columns((("a" * 12, "woord " * 10, "woord " * 100),), (False, False, False))
    assert found.shares[0] <= found.shares[1] < found.shares[2]


def test_numbers_that_do_not_fit_together_are_left_to_the_layout() -> None:
    number = format_cents(10**15, "nl")
    assert columns(((number,) * 9,), (True,) * 9).widths is None


@pytest.mark.parametrize(("one", "other"), list(product(["€ 1.234,56", "€ 1.999,99"], ["€ 1.000,00", "€ 9.876,54"])))
def test_amounts_of_the_same_length_give_the_same_columns(one: str, other: str) -> None:
    assert columns((("Jan", one),), (False, True)) == columns((("Jan", other),), (False, True))


def test_a_total_that_is_wider_than_its_column_makes_it_wider() -> None:
    narrow, wide = (
        columns((("Jan", "€ 1,00"),), (False, True), total=("Totaal", total)).rooms[1] for total in ("€ 1,00", "€ 1.000.000.000,00")
    )
    assert narrow < wide


def test_a_head_of_long_words_keeps_its_words_whole() -> None:
    found = columns((("x", "y"),), (True, True), head="Werkgeversverklaringen")
    bold = typesetter().value_fonts.bold
    assert min(found.rooms) >= bold.room_for("Werkgeversverklaringen")


def test_many_columns_are_set_smaller() -> None:
    sizes = [columns((("1",) * count,), (True,) * count).size for count in (3, 4, 6)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


def test_an_empty_column_is_still_as_wide_as_its_head() -> None:
    found = columns((("", "1"), ("", "2")), (False, True), head="Omschrijving")
    assert found.rooms[0] >= typesetter().value_fonts.bold.room_for("Omschrijving")
