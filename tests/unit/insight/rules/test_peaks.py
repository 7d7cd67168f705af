from collections.abc import Sequence
from fractions import Fraction

import pytest

from blauweknop.catalogue.load_rule_packs import load_rule_packs
from blauweknop.domain.periods import Month
from blauweknop.insight.rules.contracts import ContractMonth
from blauweknop.insight.rules.peaks import LevelledPay, level_peaks

(PACK,) = load_rule_packs().versions("hypotheek.toetsinkomen")


def levelled(pay: Sequence[int]) -> LevelledPay | None:
    """Pay by month, last month first."""
    return level_peaks([ContractMonth(Month(2026, 10).plus(-ago), cents, 16_000, 0) for ago, cents in enumerate(pay)], PACK)


def with_peak(cents: int, *earlier: int, rest: int = 1_000, at: int = 3) -> list[int]:
    """Three years with a peak, and what was paid in the same month of the years before."""
    pay = [rest] * 36
    for years, paid in enumerate((cents, *earlier)):
        pay[at + 12 * years] = paid
    return pay


def test_a_month_of_one_and_a_half_times_the_average_is_no_peak_and_a_cent_more_is() -> None:
    assert levelled([1_100, *[700] * 11]) == LevelledPay((Fraction(1_100), *[Fraction(700)] * 11), single_peak=False)
    assert levelled([1_101, *[700] * 11]) is None  # a peak, and no month to compare it with


@pytest.mark.parametrize(
    ("peak", "earlier", "counts"),
    [
        (9_000, (5_000, 4_000), Fraction(20_000, 12) * 2),  # twice the average
        (9_000, (2_000, 4_000), Fraction(2_000)),  # the latest
        (9_000, (3_000, 2_000), Fraction(2_500)),  # the average of the two
        (9_000, (0, 9_000), Fraction(0)),
    ],
)
def test_a_single_peak_counts_up_to_the_least_of_three(peak: int, earlier: tuple[int, int], counts: Fraction) -> None:
    found = levelled(with_peak(peak, *earlier))

    assert found is not None
    assert (found.pay[3], found.single_peak) == (counts, True)
    assert set(found.pay[:3]) == {Fraction(1_000)}


def test_a_single_peak_that_was_higher_before_counts_as_it_is() -> None:
    found = levelled(with_peak(2_000, 9_000, 9_000))

    assert found is not None
    assert (found.pay[3], found.single_peak) == (Fraction(2_000), True)


@pytest.mark.parametrize(("second", "single"), [(2_600, False), (2_601, True), (1_539, False), (1_538, True)])
def test_a_peak_is_usual_when_the_months_differ_by_three_tenths_at_most(second: int, single: bool) -> None:
    found = levelled(with_peak(2_000, second, 2_000))

    assert found is not None
    assert found.single_peak is single


@pytest.mark.parametrize(("height", "latest"), [(500, 500), (501, Fraction(500)), (800, Fraction(500))])
def test_usual_peaks_together_add_at_most_a_third_of_the_year(height: int, latest: Fraction) -> None:
    """Ten months of 100 and two peaks: what they add is at most four times the average, and the latest gives way."""
    pay = with_peak(height, height, height, rest=100, at=2)
    pay[7] = pay[19] = pay[31] = height
    found = levelled(pay)

    assert found is not None
    average = Fraction(1_000 + 2 * height, 12)
    assert found.pay[7] == height
    assert found.pay[2] == min(Fraction(height), height - (2 * (height - average) - 4 * average))
    assert found.pay[2] == latest
    assert not found.single_peak
