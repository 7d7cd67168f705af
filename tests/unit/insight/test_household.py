from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.amount_range import AmountRange
from blauweknop.insight.household import (
    Doubt,
    HouseholdOutcome,
    IncomeShown,
    SharedDebt,
    debt_together,
    income_together,
    sum_of_both,
)

NEEDED = 4320000
AMOUNTS = st.integers(0, 10**9)


def between(least: int, below: int | None, **changes: object) -> IncomeShown:
    return IncomeShown(AmountRange(least, below), 2025, **changes)  # type: ignore[arg-type]  # `sure` only


def test_the_lower_ends_of_two_brackets_can_prove_what_neither_proves_alone() -> None:
    found = income_together(between(2500000, 3000000), between(2000000, 2500000), NEEDED)
    assert found.outcome is HouseholdOutcome.ENOUGH
    assert found.certain
    assert found.together == AmountRange(4500000, 5499999)


def test_two_brackets_below_what_is_needed_prove_that_it_is_too_little() -> None:
    found = income_together(between(0, 2000000), between(2000000, 2300000), NEEDED)
    assert (found.outcome, found.certain) == (HouseholdOutcome.TOO_LITTLE, True)


def test_brackets_with_the_needed_amount_in_between_prove_nothing() -> None:
    found = income_together(between(2000000, 2500000), between(2000000, 2500000), NEEDED)
    assert (found.outcome, found.certain) == (HouseholdOutcome.OPEN, False)


def test_without_one_of_the_parts_nothing_is_proved_even_when_the_other_is_enough() -> None:
    rich = between(8000000, None)
    for found in (income_together(rich, None, NEEDED), income_together(None, rich, NEEDED)):
        assert (found.outcome, found.together, found.certain) == (HouseholdOutcome.INCOMPLETE, None, False)


def test_who_showed_no_certified_income_counts_as_nothing_and_it_is_said() -> None:
    found = income_together(between(5000000, 6000000), IncomeShown(), NEEDED)
    assert (found.outcome, found.doubts, found.certain) == (HouseholdOutcome.ENOUGH, (Doubt.NOT_SHOWN,), True)


def test_when_neither_showed_an_income_nothing_is_added_up() -> None:
    found = income_together(IncomeShown(), IncomeShown(), NEEDED)
    assert (found.outcome, found.together, found.doubts) == (HouseholdOutcome.OPEN, None, (Doubt.NONE_SHOWN,))


def test_what_was_not_shown_is_never_too_little() -> None:
    found = income_together(between(0, 2000000), IncomeShown(), NEEDED)
    assert found.outcome is HouseholdOutcome.OPEN


def test_an_uncertain_piece_makes_the_outcome_uncertain() -> None:
    found = income_together(between(5000000, 6000000), between(2000000, 2500000, sure=False), NEEDED)
    assert (found.outcome, found.doubts, found.certain) == (HouseholdOutcome.ENOUGH, (Doubt.NOT_SURE,), False)


def test_incomes_of_two_years_are_added_and_never_certain() -> None:
    found = income_together(between(5000000, 6000000), IncomeShown(AmountRange(2000000), 2024), NEEDED)
    assert (found.outcome, found.doubts, found.certain) == (HouseholdOutcome.ENOUGH, (Doubt.OTHER_YEAR,), False)


def test_two_parts_that_may_be_of_one_person_are_never_certain() -> None:
    found = income_together(between(5000000, 6000000), between(5000000, 6000000), NEEDED, perhaps_same=True)
    assert (found.doubts, found.certain) == ((Doubt.PERHAPS_SAME,), False)


@given(AMOUNTS, AMOUNTS, st.integers(0, 10**7), st.integers(1, 10**7), st.integers(1, 10**9))
def test_a_certain_outcome_is_true_of_the_real_incomes(one: int, other: int, before: int, after: int, needed: int) -> None:
    found = income_together(
        between(max(0, one - before), one + after), IncomeShown(AmountRange(max(0, other - after), other + before + 1), 2025), needed
    )
    if found.outcome is HouseholdOutcome.ENOUGH:
        assert one + other >= needed
    if found.outcome is HouseholdOutcome.TOO_LITTLE:
        assert one + other < needed


@given(AMOUNTS, AMOUNTS, st.integers(1, 2 * 10**9))
def test_of_exact_amounts_the_outcome_is_never_open(one: int, other: int, needed: int) -> None:
    found = income_together(IncomeShown(AmountRange.exactly(one), 2025), IncomeShown(AmountRange.exactly(other), 2025), needed)
    assert found.outcome is (HouseholdOutcome.ENOUGH if one + other >= needed else HouseholdOutcome.TOO_LITTLE)


def test_an_amount_that_is_not_known_makes_the_sum_unknown() -> None:
    assert sum_of_both(100, None) is None
    assert sum_of_both(None, 100) is None
    assert sum_of_both(100, 250) == 350


def test_a_debt_that_stands_in_both_parts_counts_once() -> None:
    shared = SharedDebt("0001", "zaak 7", 50000)
    newer = SharedDebt("0001", "zaak 7", 60000)
    assert debt_together([shared, SharedDebt("0001", "zaak 8", 100)], [newer, SharedDebt("0002", "zaak 7", 1000)]) == 61100


def test_debts_without_a_reference_are_all_counted() -> None:
    nameless = SharedDebt("0001", "", 50000)
    assert debt_together([nameless], [nameless]) == 100000


CASES = st.builds(SharedDebt, st.sampled_from(["a", "b"]), st.sampled_from(["", "1", "2", "3"]), st.integers(0, 10**9))
DEBTS = st.lists(CASES, max_size=8)


@given(DEBTS, DEBTS)
def test_debts_together_are_at_least_those_of_each_and_at_most_their_sum(one: list[SharedDebt], other: list[SharedDebt]) -> None:
    mine, theirs = (sum(debt.cents for debt in debts) for debts in (one, other))
    together = debt_together(one, other)
    assert max(mine, theirs) <= together <= mine + theirs
    assert together == debt_together(other, one)
