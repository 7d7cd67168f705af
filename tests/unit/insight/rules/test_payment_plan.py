from datetime import date
from typing import Any

import pytest

from blauweknop.catalogue.load_rule_packs import load_rule_packs
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.rule_pack import PackCheck
from blauweknop.insight.rules import Attested, AttestedKind, RuleRefused, RuleResult, capacity_by, given, payment_plan

PACKS = load_rule_packs()
ON = date(2026, 11, 23)
(PACK,) = PACKS.versions("rijk.betalingsregeling")


def minimum(cents: int = 160_000, kind: AttestedKind = AttestedKind.SOCIAL_MINIMUM) -> Attested:
    return Attested(kind, cents, "schuldhulp Den Haag", ON)


def plan(debt: int = 60_000, income: int = 170_000, **choices: Any) -> RuleResult | RuleRefused:
    values: dict[str, Any] = {"minimum": minimum(), "by_own_fault": False, "on": ON, "packs": PACKS, **choices}
    return payment_plan(given(debt), income=given(income), **values)


def told(found: RuleResult | RuleRefused) -> dict[str, str]:
    assert isinstance(found, RuleResult)
    (kind,) = (outcome.name.removeprefix("plan.") for outcome in found.outcomes if outcome.name.startswith("plan."))
    rest = {outcome.name: str(outcome.cents if outcome.number is None else outcome.number) for outcome in found.outcomes[1:]}
    return {"plan": kind, **rest}


@pytest.mark.parametrize("check", PACK.checks, ids=lambda check: check.name)
def test_a_plan_follows_the_rule(check: PackCheck) -> None:
    inputs = check.inputs
    assert told(plan(int(inputs["debt"]), int(inputs["income"]), minimum=minimum(int(inputs["minimum"])))) == check.expected


@pytest.mark.parametrize(
    ("debt", "months"),
    [
        (7_500, 3), (11_999, 3), (12_000, 6), (29_999, 6), (30_000, 9), (44_999, 9), (45_000, 12), (124_999, 12), (125_000, 18),
        (199_999, 18), (200_000, 24), (299_999, 24), (300_000, 30), (399_999, 30), (400_000, 36), (9_999_999, 36),
    ],
)  # fmt: skip
def test_the_number_of_months_follows_the_size_of_the_debt(debt: int, months: int) -> None:
    assert told(plan(debt, 10_000_000))["months"] == str(months)


def test_terms_together_are_at_least_the_debt() -> None:
    found = told(plan(30_001))

    assert int(found["amount"]) * int(found["months"]) >= 30_001 > (int(found["amount"]) - 1) * int(found["months"])


def test_a_term_that_just_fits_is_standard_and_one_cent_less_left_is_tailored() -> None:
    assert told(plan(60_000, 165_000))["plan"] == "standard"
    assert told(plan(60_000, 164_999))["plan"] == "tailored"


def test_seventy_two_months_is_too_long() -> None:
    assert told(plan(719_999))["plan"] == "tailored"
    assert told(plan(720_000)) == {"plan": "contact"}


@pytest.mark.parametrize(
    ("choices", "why"),
    [
        ({"on": date(2024, 12, 31)}, "validity"),
        ({"on": date(2027, 1, 1)}, "validity"),
        ({"debt": 7_499}, "small_debt"),
        ({"by_own_fault": True}, "own_fault"),
        ({"income": 160_000}, "nothing_left"),
        ({"income": 100}, "nothing_left"),
        ({"minimum": minimum(kind=AttestedKind.VTLB)}, "minimum"),
    ],
)
def test_no_plan_is_told_where_the_rule_gives_none(choices: dict[str, Any], why: str) -> None:
    found = plan(**choices)

    assert isinstance(found, RuleRefused)
    assert found.reason.key == f"insight.rule.refused.{why}"


def test_a_plan_says_its_kind_months_and_amount() -> None:
    found = plan()

    assert isinstance(found, RuleResult)
    assert [(outcome.label.in_language("en"), outcome.shown("en")) for outcome in found.outcomes] == [
        ("A standard plan", ""),
        ("Number of months", "12"),
        ("Amount each month", "€50.00"),
    ]
    assert [given_.shown("en") for given_ in found.inputs] == ["€600.00", "€1,700.00", "€1,600.00"]


def test_what_is_left_is_income_less_the_minimum_and_not_the_other_way_round() -> None:
    left, said = capacity_by(minimum(160_000, AttestedKind.VTLB), given(170_000))

    assert left == 10_000
    assert said.in_language("en") == (
        "Income €1,700.00 minus amount to be left free €1,600.00 (set by schuldhulp Den Haag on 23 November 2026): €100.00 each month left."
    )


@pytest.mark.parametrize(("cents", "by"), [(-1, "iemand"), (1, " ")])
def test_an_amount_is_attested_by_someone_and_not_negative(cents: int, by: str) -> None:
    with pytest.raises(MalformedValue, match="attested"):
        Attested(AttestedKind.BESLAGVRIJE_VOET, cents, by, ON)


def test_an_attested_amount_says_who_set_it_when() -> None:
    found = plan()

    assert isinstance(found, RuleResult)
    assert "schuldhulp Den Haag op 23 november 2026" in found.inputs[2].label.in_language("nl")
    assert found.inputs[2].filled_in
