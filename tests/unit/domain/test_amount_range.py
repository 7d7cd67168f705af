import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.amount_range import AmountRange, Reach
from blauweknop.domain.errors import MalformedValue

AMOUNTS = st.integers(-(10**12), 10**12)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[AmountRange, int]:
    """A range, and an amount in it."""
    least = draw(AMOUNTS)
    width = draw(st.none() | st.integers(1, 10**9))
    within = draw(st.integers(0, (width or 10**9) - 1))
    return AmountRange(least, None if width is None else least + width), least + within


def has(one: AmountRange, amount: int) -> bool:
    return one.least <= amount and (one.below is None or amount < one.below)


@given(ranges(), ranges())
def test_the_sum_of_two_amounts_lies_in_the_sum_of_their_ranges(one: tuple[AmountRange, int], other: tuple[AmountRange, int]) -> None:
    assert has(one[0].plus(other[0]), one[1] + other[1])


@given(ranges(), ranges())
def test_the_sum_of_ranges_is_no_wider_than_it_must_be(one: tuple[AmountRange, int], other: tuple[AmountRange, int]) -> None:
    together = one[0].plus(other[0])
    assert together.least == one[0].least + other[0].least
    if one[0].below is not None and other[0].below is not None:
        assert together.below == (one[0].below - 1) + (other[0].below - 1) + 1


@given(ranges(), ranges())
def test_who_comes_first_does_not_matter(one: tuple[AmountRange, int], other: tuple[AmountRange, int]) -> None:
    assert one[0].plus(other[0]) == other[0].plus(one[0])


@given(AMOUNTS, AMOUNTS)
def test_exact_amounts_add_up_to_an_exact_amount(one: int, other: int) -> None:
    assert AmountRange.exactly(one).plus(AmountRange.exactly(other)).exact == one + other


@given(ranges(), AMOUNTS)
def test_what_is_said_of_a_range_holds_for_each_amount_in_it(one: tuple[AmountRange, int], needed: int) -> None:
    match one[0].reaches(needed):
        case Reach.ENOUGH:
            assert one[1] >= needed
        case Reach.TOO_LITTLE:
            assert one[1] < needed
        case Reach.OPEN:
            assert one[0].least < needed
            assert one[0].below is None or one[0].below > needed


@given(ranges(), ranges())
def test_what_is_in_both_ranges_is_in_what_they_share(one: tuple[AmountRange, int], other: tuple[AmountRange, int]) -> None:
    shared = one[0].and_in(other[0])
    for amount in (one[1], other[1]):
        assert (shared is not None and has(shared, amount)) == (has(one[0], amount) and has(other[0], amount))


def test_a_range_without_an_amount_in_it_is_none() -> None:
    with pytest.raises(MalformedValue):
        AmountRange(100, 100)


def test_an_amount_is_not_shown_by_accident() -> None:
    assert "123456" not in repr(AmountRange.exactly(123456))
