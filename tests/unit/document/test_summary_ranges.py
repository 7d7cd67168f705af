import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.catalogue import load_catalogue
from blauweknop.document.summary_ranges import range_shown
from blauweknop.domain.amount_range import AmountRange
from blauweknop.domain.document import JsonValue
from blauweknop.domain.summary import AtLeast, Bracket, bracket_word

SUMMARY = load_catalogue().summaries["uwv.verzekeringsbericht"]
STEPS = next(claim.rule.cents for claim in SUMMARY.claims if isinstance(claim.rule, Bracket))
THRESHOLDS = {claim.name: claim.rule.cents for claim in SUMMARY.claims if isinstance(claim.rule, AtLeast)}


def shown(**values: JsonValue) -> AmountRange | None:
    return range_shown(values, "sv_loon_jaar", SUMMARY)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"income_bracket": "below_20000"}, AmountRange(0, 2000000)),
        ({"income_bracket": "30000_to_35000"}, AmountRange(3000000, 3500000)),
        ({"income_bracket": "80000_or_more"}, AmountRange(8000000)),
        ({"income_at_least_40000": True}, AmountRange(4000000)),
        ({"income_at_least_40000": False}, AmountRange(0, 4000000)),
        ({"income_at_least_30000": True, "income_at_least_40000": False}, AmountRange(3000000, 4000000)),
        ({"sv_loon_jaar": 3123456}, AmountRange.exactly(3123456)),
        ({"sv_loon_jaar": 3123456, "income_bracket": "30000_to_35000"}, AmountRange.exactly(3123456)),
    ],
)
def test_each_way_to_tell_an_amount_gives_where_it_lies(values: dict[str, JsonValue], expected: AmountRange) -> None:
    assert shown(**values) == expected


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"income_year": 2025},
        {"income_bracket": "30000_to_40000"},
        {"income_bracket": 30000},
        {"sv_loon_jaar": True},
        {"sv_loon_jaar": "3123456"},
        {"income_at_least_40000": 1},
    ],
)
def test_what_tells_nothing_gives_no_range(values: dict[str, JsonValue]) -> None:
    assert shown(**values) is None


def test_claims_that_contradict_each_other_prove_nothing() -> None:
    assert shown(income_bracket="below_20000", income_at_least_40000=True) is None


@given(st.integers(0, 20_000_000), st.sets(st.sampled_from([*THRESHOLDS, "income_bracket", "sv_loon_jaar"]), min_size=1))
def test_what_is_shown_of_an_amount_holds_for_it(amount: int, names: set[str]) -> None:
    whole: dict[str, JsonValue] = {name: amount >= cents for name, cents in THRESHOLDS.items()}
    whole |= {"income_bracket": bracket_word(amount, STEPS), "sv_loon_jaar": amount}
    found = shown(**{name: whole[name] for name in names})
    assert found is not None
    assert found.least <= amount
    assert found.below is None or amount < found.below
