from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from blauweknop.catalogue.load_rule_packs import load_rule_packs
from blauweknop.domain.rule_pack import PackCheck
from blauweknop.insight.rules import (
    Household,
    RuleRefused,
    RuleResult,
    StudyDebt,
    duo_repayment,
    given,
    study_debt_in_mortgage,
    study_debts_of,
)
from tests.unit.insight import papers as p

PACKS = load_rule_packs()
IN_2025 = date(2025, 6, 1)


def checks(pack_id: str) -> list[Any]:
    """Each with the first day of the version that it belongs to."""
    return [pytest.param(check, pack.valid_from, id=check.name) for pack in PACKS.versions(pack_id) for check in pack.checks]


def debt(**changes: Any) -> StudyDebt:
    values = {
        "regime": "SF35",
        "phase": "aflosfase",
        "balance": 2_500_000,
        "rate": Decimal("0.0257"),
        "months": 420,
        "to_pay": 9_000,
        **changes,
    }
    regime, phase, balance, rate, months, to_pay = (given(value) for value in values.values())
    return StudyDebt(regime, phase, balance, rate, months, to_pay)


def repayment(
    owed: StudyDebt, income: int | None = 4_500_000, *, household: Household = Household.SINGLE, on: date = IN_2025
) -> RuleResult | RuleRefused:
    return duo_repayment(owed, income=None if income is None else given(income), household=household, on=on, packs=PACKS)


def amounts(result: RuleResult | RuleRefused) -> dict[str, int | None]:
    assert isinstance(result, RuleResult)
    return {outcome.name: outcome.cents for outcome in result.outcomes}


def reason(result: RuleResult | RuleRefused) -> str:
    assert isinstance(result, RuleRefused)
    assert result.reason.in_language("nl")
    assert result.reason.in_language("en")
    return result.reason.key.removeprefix("insight.rule.refused.")


@pytest.mark.parametrize(("check", "on"), checks("duo.terugbetalen"))
def test_repayment_is_what_was_published_to_the_cent(check: PackCheck, on: date) -> None:
    inputs = check.inputs
    owed = debt(regime=inputs["regime"], balance=int(inputs["balance"]), rate=Decimal(inputs["rate"]), months=int(inputs["months"]))
    found = amounts(repayment(owed, int(inputs["income"]) if "income" in inputs else None, on=on))

    assert {name: str(found[name]) for name in check.expected} == check.expected


def test_the_taxable_minimum_wage_is_the_minimum_wage_of_a_year_with_holiday_pay() -> None:
    pack, _ = PACKS.versions("duo.terugbetalen")

    assert (
        round(pack.number("minimum_wage_month") * pack.number("minimum_wage_uplift") * 12)
        == pack.number("taxable_minimum_wage")
        == 2_840_573
    )


@settings(max_examples=40, deadline=None)
@for_all(st.integers(200_000, 9_000_000), st.integers(12, 420), st.integers(0, 600))
def test_the_statutory_amount_pays_off_the_debt_month_by_month(balance: int, months: int, hundredths: int) -> None:
    rate = Fraction(hundredths, 10_000)
    found = amounts(repayment(debt(balance=balance, months=months, rate=Decimal(hundredths) / 10_000), None))["statutory"]
    assert found is not None

    def left_after(term: Fraction) -> Fraction:
        left = Fraction(balance)
        for _ in range(months):
            left = left * (1 + rate / 12) - term
        return left

    assert found == 500 or left_after(Fraction(found) - Fraction(1, 2)) >= 0 >= left_after(Fraction(found) + Fraction(1, 2))


@pytest.mark.parametrize(("income", "capacity"), [(0, 0), (2_840_573, 0), (2_840_873, 1), (10_000_000, 23_865)])
def test_capacity_is_never_less_than_nothing(income: int, capacity: int) -> None:
    assert amounts(repayment(debt(), income))["capacity"] == capacity


@pytest.mark.parametrize(
    ("owed", "choices", "why"),
    [
        (debt(), {"on": date(2024, 12, 31)}, "validity"),
        (debt(), {"on": date(2027, 1, 1)}, "validity"),
        (debt(regime="SF15_OUD"), {}, "regime"),
        (debt(regime="SF99"), {}, "regime"),
        (debt(), {"household": Household.PARTNER}, "household"),
        (debt(), {"household": Household.SINGLE_PARENT}, "household"),
        (debt(regime="SF15_NIEUW"), {"household": Household.PARTNER}, "household"),
        (debt(balance=0), {}, "nothing_owed"),
        (debt(phase="afgelost"), {}, "nothing_owed"),
        (debt(months=0), {}, "term"),
        (debt(months=10**9), {}, "term"),
        (debt(rate=Decimal("-0.01")), {}, "term"),
        (debt(rate=Decimal("2.21")), {}, "term"),
        (debt(), {"income": -1}, "income"),
    ],
)
def test_repayment_is_refused_where_no_source_has_the_figures(owed: StudyDebt, choices: dict[str, Any], why: str) -> None:
    assert reason(repayment(owed, **choices)) == why


def test_a_refusal_names_the_days_that_are_known() -> None:
    found = repayment(debt(), on=date(2027, 1, 1))

    assert isinstance(found, RuleRefused)
    assert "1 januari 2026 tot en met 31 december 2026" in found.reason.in_language("nl")


def test_without_income_a_partner_makes_no_difference_to_the_statutory_amount() -> None:
    assert amounts(repayment(debt(), None, household=Household.PARTNER)) == amounts(repayment(debt(), None))


def test_a_result_shows_inputs_with_their_fields_steps_source_and_that_it_is_an_indication() -> None:
    data = {"terugbetaalregime": "SF35", "fase": "aflosfase", "schuldsaldo_inclusief_rente": 2_500_000, "rentepercentage": "0.0257"}
    document = p.paper("duo.studieschuld", {**data, "resterende_maanden": 420, "te_betalen_maandbedrag": 9_000})
    (owed,) = study_debts_of(p.overview(document).collection)
    found = repayment(owed)

    assert isinstance(found, RuleResult)
    assert found.indication.in_language("en").startswith("This is an indication.")
    assert [(given_.filled_in, [origin.field_name for origin in given_.origins]) for given_ in found.inputs] == [
        (False, ["terugbetaalregime"]),
        (False, ["schuldsaldo_inclusief_rente"]),
        (False, ["rentepercentage"]),
        (False, ["resterende_maanden"]),
        (True, []),
    ]
    assert [given_.shown("en") for given_ in found.inputs] == ["35 years (SF35)", "€25,000.00", "2.57%", "420", "€45,000.00"]
    assert [outcome.shown("nl") for outcome in found.outcomes] == ["€\u00a055,31", "€\u00a090,31", "€\u00a055,31"]
    assert [step.in_language("en") for step in found.steps] == [
        "With €90.31 each month €25,000.00 is paid off in 420 months, with 2.57% interest a year.",
        "Free is 100% of the taxable minimum wage of €28,405.73: €28,405.73 a year.",
        "Income €45,000.00 minus €28,405.73, of that 4%, divided by 12, and never less than zero: €55.31 each month.",
        "The lowest of €90.31 and €55.31: €55.31.",
    ]
    assert all(found.sources)
    assert found.pack.legal_basis[0].url


IN_2026 = date(2026, 11, 23)


@pytest.mark.parametrize("income", [None, 0, 4_500_000])
def test_in_2026_only_what_pays_the_debt_off_in_time_is_computed_whatever_the_income(income: int | None) -> None:
    found = repayment(debt(), income, household=Household.PARTNER, on=IN_2026)

    assert list(amounts(found)) == ["annuity"]
    assert isinstance(found, RuleResult)
    assert "insight.rule.notice.no_wage" in [notice.key for notice in found.notices]


@pytest.mark.parametrize(("rate", "said"), [("0.0233", False), ("0.0221", True)])
def test_a_rate_that_is_not_that_of_the_year_is_counted_with_and_said(rate: str, said: bool) -> None:
    found = repayment(debt(rate=Decimal(rate)), on=IN_2026)

    assert isinstance(found, RuleResult)
    assert ("insight.rule.notice.other_rate" in [notice.key for notice in found.notices]) is said


def test_what_duo_itself_computed_is_said_beside_it() -> None:
    found = repayment(replace(debt(), statutory=given(9_123)), on=IN_2026)

    assert isinstance(found, RuleResult)
    assert "€91.23" in " ".join(notice.in_language("en") for notice in found.notices)


def test_a_debt_of_which_a_value_was_left_out_is_no_input() -> None:
    assert list(study_debts_of(p.overview(p.paper("duo.studieschuld", {"terugbetaalregime": "SF35"})).collection)) == []


def mortgage(owed: StudyDebt, rate: str, on: date = IN_2025) -> RuleResult | RuleRefused:
    return study_debt_in_mortgage(owed, test_rate=given(Decimal(rate)), on=on, packs=PACKS)


@pytest.mark.parametrize(("check", "on"), checks("hypotheek.studieschuld"))
def test_the_cost_of_a_study_debt_in_a_mortgage_follows_the_table(check: PackCheck, on: date) -> None:
    assert str(amounts(mortgage(debt(to_pay=int(check.inputs["amount"])), check.inputs["rate"], on))["cost"]) == check.expected["cost"]


@pytest.mark.parametrize(
    ("rate", "factor"),
    [
        ("0.0001", 105), ("0.0150", 105), ("0.0175", 110), ("0.02", 110), ("0.025", 115), ("0.03", 120), ("0.035", 120), ("0.04", 125),
        ("0.045", 130), ("0.05", 130), ("0.055", 135), ("0.06", 140), ("0.065", 140), ("0.0651", 145), ("0.25", 145),
    ],
)  # fmt: skip
def test_every_row_of_the_table_of_2025_is_there(rate: str, factor: int) -> None:
    assert amounts(mortgage(debt(to_pay=10_000), rate))["cost"] == factor * 100


@pytest.mark.parametrize(
    ("owed", "rate", "on", "why"),
    [
        (debt(), "0.04", date(2026, 1, 1), "validity"),
        (debt(), "0.04", date(2024, 12, 31), "validity"),
        (debt(phase="aanloopfase"), "0.04", IN_2025, "phase"),
        (debt(phase="aflosvrije_periode"), "0.04", IN_2025, "phase"),
        (debt(phase="afgelost"), "0.04", IN_2025, "nothing_owed"),
        (debt(), "0", IN_2025, "test_rate"),
        (debt(), "4.1", IN_2025, "test_rate"),
    ],
)
def test_the_cost_in_a_mortgage_is_refused_where_no_source_has_it(owed: StudyDebt, rate: str, on: date, why: str) -> None:
    assert reason(mortgage(owed, rate, on)) == why
