from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from blauweknop.catalogue.load_rule_packs import load_rule_packs
from blauweknop.domain.periods import Month, Period, four_week_periods
from blauweknop.domain.rule_pack import PackCheck
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.rules import RuleRefused, RuleResult, given, toetsinkomen
from blauweknop.insight.spreading import spread
from tests.unit.insight import papers as p

PACKS = load_rule_packs()
PERMANENT = "schriftelijke arbeidsovereenkomst voor onbepaalde tijd, geen oproepovereenkomst"
TEMPORARY = "schriftelijke arbeidsovereenkomst voor bepaalde tijd, geen oproepovereenkomst"
ON_CALL = "schriftelijke arbeidsovereenkomst voor bepaalde tijd, oproepovereenkomst"
LAST = Month(2026, 10)


def months(
    pay: Sequence[int], *, hours: Sequence[str] | None = None, car: tuple[int, int] | None = None, last: Month = LAST
) -> list[dict[str, Any]]:
    """Pay by month up to the last, oldest first."""
    items = []
    for index, cents in enumerate(pay):
        period = last.plus(index - len(pay) + 1).period
        item = p.pay(str(period.first), str(period.last), cents, hours[index] if hours else "160.00")
        if car:
            item |= {"waarde_privegebruik_auto": car[0], "eigen_bijdrage_auto": car[1]}
        items.append(item)
    return items


def contract(items: Sequence[dict[str, Any]], form: str | None = PERMANENT, **more: Any) -> dict[str, Any]:
    return {**p.relation(*items, **more), "contractvorm": form}


def income(*contracts: dict[str, Any], pension: int | None = None, on: date = p.AT, **envelope: Any) -> RuleResult | RuleRefused:
    return of(p.insured(*contracts, **envelope), pension, on)


def of(document: InsightDocument, pension: int | None = None, on: date = p.AT) -> RuleResult | RuleRefused:
    return toetsinkomen(document, pension_of_a_year=None if pension is None else given(pension), on=on, packs=PACKS)


def cents(found: RuleResult | RuleRefused) -> int:
    assert isinstance(found, RuleResult), found
    for language in ("nl", "en"):
        told = [*found.steps, *found.notices, *(given_.label for given_ in found.inputs), *(outcome.label for outcome in found.outcomes)]
        assert all(said.in_language(language) for said in told)
    (outcome,) = found.outcomes
    assert outcome.cents is not None
    return outcome.cents


def route(found: RuleResult | RuleRefused) -> str:
    assert isinstance(found, RuleResult)
    return "".join(step.key[-1].upper() for step in found.steps if ".route_" in step.key)


def why(found: RuleResult | RuleRefused) -> str:
    assert isinstance(found, RuleRefused)
    assert found.reason.in_language("nl")
    return found.reason.key.removeprefix("insight.rule.refused.")


def notices(found: RuleResult | RuleRefused) -> set[str]:
    assert isinstance(found, RuleResult)
    return {notice.key.removeprefix("insight.rule.notice.") for notice in found.notices}


@pytest.mark.parametrize(
    "check", [check for pack in PACKS.versions("hypotheek.toetsinkomen") for check in pack.checks], ids=lambda check: check.name
)
def test_pay_is_divided_over_months_as_the_appendix_shows(check: PackCheck) -> None:
    days, whole = int(check.inputs["days"]), int(check.inputs["of"])
    period = Period(date(2026, 3, 31 - days + 1), date(2026, 4, whole - days))

    assert str(spread(int(check.inputs["amount"]), period)[0][1]) == check.expected["share"]


def test_steady_permanent_work_is_the_pay_of_twelve_months() -> None:
    found = income(contract(months([300_000] * 36)))

    assert (route(found), cents(found)) == ("A", 3_600_000)


def test_a_car_is_taken_off_less_what_was_paid_for_it() -> None:
    assert cents(income(contract(months([300_000] * 36, car=(50_000, 10_000))))) == 3_600_000 - 12 * 40_000
    assert cents(income(contract(months([300_000] * 36, car=(10_000, 50_000))))) == 3_600_000


def test_pay_that_grew_by_more_than_a_fifth_is_levelled_over_two_years() -> None:
    found = income(contract(months([200_000] * 24 + [250_000] * 12)))

    assert (route(found), cents(found)) == ("B", (12 * 250_000 + 12 * 200_000) // 2)


def test_pay_that_grew_by_a_fifth_is_steady() -> None:
    assert route(income(contract(months([200_000] * 24 + [240_000] * 12)))) == "A"


def test_pay_that_fell_counts_as_it_is_now() -> None:
    assert cents(income(contract(months([300_000] * 24 + [200_000] * 12)))) == 2_400_000


def test_fewer_hours_now_count_for_the_months_before() -> None:
    found = income(contract(months([300_000] * 33 + [150_000] * 3, hours=["160.00"] * 33 + ["80.00"] * 3)))

    assert cents(found) == 3 * 150_000 + 9 * 300_000 // 2


@pytest.mark.parametrize(("hours", "whole"), [("147.00", True), ("146.00", False)])
def test_hours_within_the_margin_are_steady(hours: str, whole: bool) -> None:
    found = cents(income(contract(months([300_000] * 36, hours=["160.00"] * 33 + [hours] * 3))))

    assert (found == 3_600_000) is whole


def test_holiday_pay_every_year_counts_whole() -> None:
    pay = [300_000 * (2 if LAST.plus(index - 35).number == 5 else 1) for index in range(36)]
    found = income(contract(months(pay)))

    assert (route(found), cents(found)) == ("A", 13 * 300_000)


def test_a_single_peak_counts_as_much_as_the_same_month_of_the_years_before() -> None:
    pay = [300_000] * 30 + [900_000] + [300_000] * 5
    found = income(contract(months(pay)))

    assert (route(found), cents(found)) == ("B", 3_600_000)


def test_a_peak_of_which_the_same_month_a_year_before_was_leave_is_not_judged() -> None:
    pay = [300_000] * 27  # from August 2024
    pay[11], pay[23] = 0, 900_000  # July 2025 and July 2026
    hours = ["160.00"] * 27
    hours[11] = "0.00"

    assert why(income(contract(months(pay, hours=hours)))) == "peak"
    assert route(income(contract(months([300_000, *pay], hours=["160.00", *hours])))) == "B"  # July 2024 is there to compare with


def test_permanent_work_of_less_than_two_years_is_the_lowest_of_four_months() -> None:
    found = income(contract(months([100_000] * 8 + [310_000, 290_000, 305_000, 320_000])))

    assert (route(found), cents(found)) == ("D", 12 * 290_000)


def test_permanent_work_of_less_than_four_months_gives_none() -> None:
    assert why(income(contract(months([300_000] * 3)))) == "short_contract"


@pytest.mark.parametrize("form", [TEMPORARY, ON_CALL, None])
def test_work_that_is_not_permanent_is_the_lowest_of_three_years_with_benefits_and_one_year_without(form: str | None) -> None:
    benefit = contract(months([90_000] * 12, last=LAST.plus(-24)), None, benefit=True, payer="UWV", number="810220350L02")
    found = income(contract(months([300_000] * 24), form), benefit)

    assert (route(found), cents(found)) == ("C", min((24 * 300_000 + 12 * 90_000) // 3, 12 * 300_000))


def test_earlier_work_is_in_the_three_years() -> None:
    earlier = contract(months([600_000] * 24, last=LAST.plus(-12)), PERMANENT, number="899999999L01")
    found = income(contract(months([300_000] * 12), TEMPORARY), earlier)

    assert cents(found) == 3_600_000


def test_the_only_contract_with_one_payment_is_flexible() -> None:
    assert route(income(contract(months([300_000])))) == "C"


def test_a_statement_of_less_than_three_years_is_not_enough_for_flexible_work() -> None:
    assert why(income(contract(months([300_000] * 12), TEMPORARY), months=12)) == "three_years"


def test_two_jobs_are_added_and_that_is_told() -> None:
    found = income(contract(months([100_000] * 36)), contract(months([50_000] * 12), number="899999999L01"))

    assert (route(found), cents(found)) == ("AD", 1_200_000 + 600_000)
    assert "several_contracts" in notices(found)


def test_contracts_of_one_employer_that_follow_each_other_are_one() -> None:
    first, then = contract(months([200_000] * 20, last=LAST.plus(-10)), TEMPORARY), contract(months([200_000] * 10))

    assert route(income(first, then)) == "A"


def test_a_new_contract_after_a_gap_stands_alone() -> None:
    first, then = contract(months([200_000] * 20, last=LAST.plus(-11)), TEMPORARY), contract(months([200_000] * 10))

    assert route(income(first, then)) == "D"


@pytest.mark.parametrize(("leave", "left_out"), [(6, True), (7, False)])
def test_a_leave_of_up_to_six_months_is_left_out(leave: int, left_out: bool) -> None:
    pay = [300_000] * 24 + [0] * leave + [300_000] * 6
    found = income(contract(months(pay, hours=["160.00"] * 24 + ["0.00"] * leave + ["160.00"] * 6)))

    assert (cents(found) == 3_600_000) is left_out


def test_the_pension_of_the_employee_is_added_as_nhg_says() -> None:
    found = income(contract(months([300_000] * 36)), pension=150_000)

    assert cents(found) == 3_750_000
    assert "pension_sign" in notices(found)
    assert "no_pension" in notices(income(contract(months([300_000] * 36))))


def test_with_on_call_work_only_the_pension_does_not_count() -> None:
    found = income(contract(months([300_000] * 36), ON_CALL), pension=150_000)

    assert cents(found) == 3_600_000
    assert "on_call_pension" in notices(found)


def test_four_week_pay_is_counted_by_months() -> None:
    items = [
        p.pay(str(period.first), str(period.last), 1_000 * period.days, "160.00")
        for year in (2023, 2024, 2025, 2026)
        for period in four_week_periods(year)
    ]
    found = income(contract([item for item in items if item["periode_start"] >= "2023-11-01" and item["periode_einde"] <= "2026-11-22"]))

    assert (route(found), cents(found)) == ("A", 365 * 1_000)


def test_many_hours_are_told() -> None:
    assert "many_hours" in notices(income(contract(months([300_000] * 36, hours=["209.00"] * 36))))
    assert "many_hours" not in notices(income(contract(months([300_000] * 36, hours=["205.00"] * 36))))
    assert "many_hours" in notices(income(contract(months([300_000] * 36, hours=["205.00"] * 36), TEMPORARY)))


def test_hours_that_were_taken_back_lately_give_none() -> None:
    taken = p.pay("2026-08-01", "2026-08-31", -10_000, "-5.00")
    long_ago = p.pay("2026-05-01", "2026-05-31", -10_000, "-5.00")

    assert why(income(contract([*months([300_000] * 36), taken]))) == "hours"
    assert cents(income(contract([*months([300_000] * 36), long_ago]))) == 3_590_000


def test_a_month_without_hours_lately_gives_none() -> None:
    assert why(income(contract(months([300_000] * 36, hours=["160.00"] * 34 + ["0.00", "160.00"])))) == "hours"


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (income(contract(months([300_000] * 36, last=LAST.plus(-2)))), "not_working"),
        (income(contract(months([300_000] * 36), None, benefit=True)), "not_working"),
        (income(contract(months([300_000] * 36, hours=["160.00"] * 35 + ["0.00"]))), "not_working"),
        (income(), "not_working"),
        (income(contract(months([300_000] * 36)), on=date(2024, 1, 1)), "validity"),
        (income(contract(months([300_000] * 36)), on=date(2027, 1, 1)), "validity"),
        (of(p.insured(contract(months([300_000] * 36)), on=date(2026, 8, 22))), "old_statement"),
    ],
)
def test_no_income_is_told_where_the_rules_give_none(found: RuleResult | RuleRefused, reason: str) -> None:
    assert why(found) == reason


@pytest.mark.parametrize(
    "document",
    [
        p.insured(contract(months([300_000] * 36)), reduced=True),
        p.insured(contract(months([300_000] * 36)), certified=False),
        p.paper("gem.bijstand", {}),
    ],
)
def test_only_a_whole_certified_statement_will_do(document: InsightDocument) -> None:
    assert why(of(document)) == "statement"


def test_a_statement_of_just_three_years_is_enough_for_flexible_work() -> None:
    assert cents(income(contract(months([300_000] * 36), TEMPORARY), months=36)) == 3_600_000


def test_benefits_of_the_last_year_are_in_the_three_years_only() -> None:
    benefit = contract(months([100_000] * 12), None, benefit=True, payer="UWV", number="810220350L02")

    assert cents(income(contract(months([300_000] * 12), TEMPORARY), benefit)) == (12 * 300_000 + 12 * 100_000) // 3
    assert cents(income(contract(months([300_000] * 36), TEMPORARY), benefit)) == 3_600_000


def test_a_car_is_taken_off_flexible_and_short_work_too() -> None:
    assert cents(income(contract(months([300_000] * 36, car=(50_000, 10_000)), TEMPORARY))) == 3_600_000 - 12 * 40_000
    assert cents(income(contract(months([300_000] * 12, car=(50_000, 10_000))))) == 3_600_000 - 12 * 40_000


def test_the_lowest_month_is_the_lowest_after_the_car() -> None:
    items = months([300_000, 300_000, 300_000, 310_000])
    items[3] |= {"waarde_privegebruik_auto": 50_000}

    assert cents(income(contract(items))) == 12 * 260_000


@pytest.mark.parametrize(("earlier", "steady"), [(600_000, True), (599_999, False), (780_001, True)])
def test_a_peak_is_single_when_the_same_month_differs_by_more_than_three_tenths(earlier: int, steady: bool) -> None:
    pay = [300_000] * 36
    pay[6], pay[18], pay[30] = earlier, 700_000, 780_000
    found = income(contract(months(pay)))

    assert (route(found) == "A") is steady


def test_a_peak_with_one_earlier_year_is_held_against_that_year() -> None:
    pay = [300_000] * 26
    pay[10], pay[22] = 600_000, 600_000
    found = income(contract(months(pay)))

    assert (route(found), cents(found)) == ("A", 13 * 300_000)


@pytest.mark.parametrize(("count", "expected"), [(3, None), (4, "D"), (23, "D"), (24, "A")])
def test_the_route_changes_at_four_and_at_twenty_four_months(count: int, expected: str | None) -> None:
    found = income(contract(months([300_000] * count)))

    assert (route(found) if isinstance(found, RuleResult) else None) == expected


def test_the_part_time_factor_is_the_least_of_three_months_over_the_twelve_before_them() -> None:
    hours = ["160.00"] * 32 + ["60.00", "100.00", "80.00", "100.00"]
    factor = Fraction(80 * 12, 60 + 11 * 160)

    assert cents(income(contract(months([300_000] * 36, hours=hours)))) == round(3 * 300_000 + 9 * 300_000 * factor)


def test_the_part_time_factor_is_never_more_than_one() -> None:
    hours = ["160.00"] * 21 + ["1.00"] * 3 + ["100.00"] * 9 + ["90.00"] * 3

    assert cents(income(contract(months([300_000] * 36, hours=hours)))) == 3_600_000
