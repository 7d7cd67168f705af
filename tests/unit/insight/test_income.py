from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.periods import Month
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.figures import Amount, FigureId
from blauweknop.insight.income import MonthIncome, MonthState
from blauweknop.insight.income_items import IncomeKind
from blauweknop.insight.overview import Overview
from blauweknop.insight.remarks import RemarkKind
from tests.unit.insight import papers as p


def month(overview: Overview, text: str) -> MonthIncome:
    return next(found for found in overview.income.months if str(found.month) == text)


def cents(amount: Amount | None) -> int | None:
    return None if amount is None else amount.cents


def slip(first: str, last: str, gross: int) -> dict[str, Any]:
    return {"periode_startdatum": first, "periode_einddatum": last, "bruto_bedrag": gross, "netto_bedrag": gross}


def slips(*rows: dict[str, Any], kind: str = "WW-Uitkering van UWV", **envelope: Any) -> InsightDocument:
    data = {"uitkeringen": [{"inkomstensoort_uitkering": kind, "specificaties": [*rows]}]}
    return p.paper("uwv.uitkeringsspecificatie", data, **envelope)


def assistance(*rows: tuple[str, str, int], **envelope: Any) -> InsightDocument:
    lines = [{"periode": month, "datum_laatste_betaling": paid, "betaald_totaal": total} for month, paid, total in rows]
    return p.paper("gem.bijstand", {"regeling": "Participatiewet", "specificaties": lines}, **envelope)


def months_of_pay(*amounts: int, year: int = 2026, first: int = 1) -> list[dict[str, Any]]:
    periods = [Month(year, first).plus(index).period for index in range(len(amounts))]
    return [p.pay(str(period.first), str(period.last), amount) for period, amount in zip(periods, amounts, strict=True)]


def test_jobs_and_benefits_are_apart() -> None:
    overview = p.overview(
        p.insured(
            p.relation(p.pay("2026-10-01", "2026-10-31", 200_000)), p.relation(p.pay("2026-10-01", "2026-10-31", 50_000), benefit=True)
        )
    )
    found = month(overview, "2026-10")

    assert (cents(found.jobs), cents(found.benefits), cents(found.total)) == (200_000, 50_000, 250_000)


@pytest.mark.parametrize(("number", "kind"), [("810220350L04", "benefit"), ("812345678L01", "job")])
def test_without_a_word_on_it_the_payroll_number_tells_a_benefit_of_uwv(number: str, kind: str) -> None:
    relation = p.relation(p.pay("2026-10-01", "2026-10-31", 100), number=number)
    del relation["is_uitkering"]
    found = month(p.overview(p.insured(relation)), "2026-10")

    assert (cents(found.benefits), cents(found.jobs)) == ((100, None) if kind == "benefit" else (None, 100))


def test_a_payment_over_two_months_is_divided_by_days_with_the_whole_amount_as_origin() -> None:
    found = p.overview(p.insured(p.relation(p.pay("2026-09-07", "2026-10-04", 280_000))))
    september, october = month(found, "2026-09").jobs, month(found, "2026-10").jobs

    assert september is not None
    assert october is not None
    assert (september.cents, october.cents) == (240_000, 40_000)
    assert september.origins == october.origins
    assert october.origins[0].value == 280_000
    assert october.origins[0].path == "data.inkomstenverhoudingen[0].loonitems[0].sv_loon"
    assert october.origins[0].field_name == "inkomstenverhoudingen.loonitems.sv_loon"
    assert "4 van de 28 dagen vallen in oktober 2026" in october.steps("nl")[0]


def test_a_negative_correction_counts_in_the_period_that_it_is_about() -> None:
    overview = p.overview(p.insured(p.relation(*months_of_pay(200_000, 200_000), p.pay("2026-01-01", "2026-01-31", -25_000, "-20.00"))))

    assert (cents(month(overview, "2026-01").jobs), cents(month(overview, "2026-02").jobs)) == (175_000, 200_000)


def test_a_month_that_no_document_tells_of_has_no_amount_and_says_so() -> None:
    overview = p.overview(p.insured(p.relation(*months_of_pay(100, 200, first=9)), months=12))

    before, empty, known = month(overview, "2025-10"), month(overview, "2026-02"), month(overview, "2026-09")
    assert (before.state, before.total) == (MonthState.ABSENT, None)
    assert (empty.state, empty.total) == (MonthState.EMPTY, None)
    assert (known.state, cents(known.total)) == (MonthState.KNOWN, 100)
    assert {state: overview.income.count(state) for state in MonthState}[MonthState.KNOWN] == 2


def test_months_after_the_reference_date_are_not_known() -> None:
    overview = p.overview(p.insured(p.relation(*months_of_pay(100)), on=date(2026, 3, 15)))

    assert month(overview, "2026-01").state is MonthState.KNOWN
    assert month(overview, "2026-03").state is MonthState.ABSENT


@pytest.mark.parametrize(("on", "state"), [(date(2026, 3, 30), MonthState.ABSENT), (date(2026, 3, 31), MonthState.EMPTY)])
def test_silence_on_a_month_says_something_only_a_month_later(on: date, state: MonthState) -> None:
    assert month(p.overview(p.insured(p.relation(*months_of_pay(100)), on=on)), "2026-02").state is state


def test_between_two_documents_that_do_not_meet_no_month_is_known() -> None:
    old = p.insured(p.relation(*months_of_pay(1, year=2025)), on=date(2025, 3, 31))
    new = p.insured(p.relation(*months_of_pay(2, first=9)), months=3)
    overview = p.overview(old, new)

    states = {str(found.month): found.state for found in overview.income.months}
    assert (states["2025-02"], states["2025-03"], states["2026-07"]) == (MonthState.EMPTY, MonthState.ABSENT, MonthState.ABSENT)
    assert (states["2026-08"], states["2026-09"], states["2026-10"]) == (MonthState.EMPTY, MonthState.KNOWN, MonthState.ABSENT)


def test_a_month_of_which_the_next_four_weeks_were_not_over_is_incomplete() -> None:
    overview = p.overview(
        p.insured(p.relation(p.pay("2026-08-10", "2026-09-06", 100), p.pay("2026-09-07", "2026-10-04", 100))), at=AT_NOVEMBER
    )
    early = p.overview(
        p.insured(p.relation(p.pay("2026-08-10", "2026-09-06", 100), p.pay("2026-09-07", "2026-10-04", 100)), on=date(2026, 10, 31)),
        at=AT_NOVEMBER,
    )

    assert month(overview, "2026-10").state is MonthState.KNOWN  # another period would have been over: there was none
    assert month(early, "2026-10").state is MonthState.INCOMPLETE


AT_NOVEMBER = date(2026, 11, 23)


def test_what_stands_in_no_document_for_jobs_is_said_when_only_assistance_is_known() -> None:
    found = month(p.overview(assistance(("2026-10", "2026-10-27", 133_143))), "2026-10")

    assert (found.state, found.untold, cents(found.benefits)) == (MonthState.KNOWN, (IncomeKind.JOB,), 133_143)


def test_a_newer_shorter_document_replaces_what_it_tells_of_and_leaves_the_rest() -> None:
    old = p.insured(p.relation(*months_of_pay(1, 2, 3, year=2025, first=8)), on=date(2025, 12, 1))
    new = p.insured(
        p.relation(*months_of_pay(30, year=2025, first=10), *months_of_pay(7, year=2026, first=10)), on=date(2026, 10, 31), months=12
    )
    overview = p.overview(old, new)

    known = {str(found.month): found.total.cents for found in overview.income.months if found.total}
    assert known == {"2025-08": 1, "2025-09": 2, "2025-10": 30, "2026-10": 7}


def test_a_benefit_in_two_documents_of_uwv_counts_once_and_that_is_said() -> None:
    insured = p.insured(p.relation(p.pay("2026-10-01", "2026-10-31", 150_000), payer="UWV", benefit=True))
    overview = p.overview(insured, slips(slip("2026-10-01", "2026-10-31", 150_000)))

    assert cents(month(overview, "2026-10").benefits) == 150_000
    assert [remark.kind for remark in overview.remarks] == [RemarkKind.COUNTED_ONCE]


def test_a_benefit_with_another_amount_in_the_other_document_is_a_contradiction() -> None:
    insured = p.insured(p.relation(p.pay("2026-10-01", "2026-10-31", 150_000), payer="UWV", benefit=True))
    overview = p.overview(insured, slips(slip("2026-10-01", "2026-10-31", 140_000)))

    assert cents(month(overview, "2026-10").benefits) == 150_000
    assert RemarkKind.CONTRADICTION in {remark.kind for remark in overview.remarks}


@pytest.mark.parametrize(
    ("first", "last", "counted"),
    [
        ("2026-09-29", "2026-09-30", 250),
        ("2026-09-30", "2026-10-04", 150),
        ("2026-10-31", "2026-11-05", 150),
        ("2026-11-01", "2026-11-05", 250),
    ],
)
def test_one_day_in_common_makes_a_specification_the_same_money(first: str, last: str, counted: int) -> None:
    insured = p.insured(p.relation(p.pay("2026-09-30", "2026-09-30", 0), p.pay("2026-10-01", "2026-10-31", 150), payer="UWV", benefit=True))
    if first == "2026-09-29":
        insured = p.insured(p.relation(p.pay("2026-10-01", "2026-10-31", 150), payer="UWV", benefit=True))
    overview = p.overview(insured, slips(slip(first, last, 100)), at=date(2026, 12, 1))

    assert sum(found.benefits.cents for found in overview.income.months if found.benefits) == counted


def test_specifications_count_for_days_that_the_insurance_statement_has_no_benefit_for() -> None:
    insured = p.insured(p.relation(p.pay("2026-09-01", "2026-09-30", 150_000), payer="UWV", benefit=True))
    overview = p.overview(insured, slips(slip("2026-09-01", "2026-09-30", 150_000), slip("2026-10-01", "2026-10-31", 120_000)))

    assert [cents(month(overview, text).benefits) for text in ("2026-09", "2026-10")] == [150_000, 120_000]


def test_of_student_finance_only_grants_count_and_only_up_to_the_reference_date() -> None:
    data = {
        "studiefinanciering_ontvangt": True,
        "ingangsdatum": "2026-09-01",
        "einddatum": "2026-12-31",
        "basisbeurs": 30_000,
        "lening": 40_000,
    }
    overview = p.overview(p.paper("duo.studiefinanciering", {**data, "aanvullende_beurs": 5_000}))

    assert [str(found.month) for found in overview.income.months if found.study] == ["2026-09", "2026-10"]
    assert cents(month(overview, "2026-10").study) == 35_000


def test_twelve_months_are_added_and_missing_ones_are_named_and_not_zero() -> None:
    year = p.overview(p.insured(p.relation(*months_of_pay(*range(1, 6)), *months_of_pay(*range(7, 11), first=7)))).income.years[0]

    assert year.total.cents == sum((1, 2, 3, 4, 5, 7, 8, 9, 10))
    assert [str(missing) for missing in year.missing] == ["2025-11", "2025-12", "2026-06"]
    assert len(year.total.terms) == 9


def test_volatility_is_the_mean_distance_from_the_average_of_the_months_that_are_known() -> None:
    year = p.overview(p.insured(p.relation(*months_of_pay(100, 200, 300, 400, first=7)))).income.years[0]

    assert year.volatility is not None
    assert year.volatility.value == Fraction(100, 250)
    assert len(year.volatility.origins) == 4
    assert year.volatility.steps("en")[-1] == "That is 40.0% of the average"


def test_of_two_months_no_volatility_is_told() -> None:
    assert p.overview(p.insured(p.relation(*months_of_pay(100, 200, first=9)))).income.years[0].volatility is None


def test_the_share_of_benefits_is_of_the_same_twelve_months() -> None:
    overview = p.overview(p.insured(p.relation(*months_of_pay(300, first=9)), p.relation(*months_of_pay(100, first=10), benefit=True)))

    assert overview.income.years[0].benefit_share is not None
    assert overview.income.years[0].benefit_share.value == Fraction(1, 4)


@pytest.mark.parametrize("months", [11, 37, 0, -1])
def test_fewer_than_twelve_or_more_than_thirty_six_months_are_refused(months: int) -> None:
    with pytest.raises(BlauweKnopError, match="between 12 and 36"):
        p.overview(months=months)


def test_without_documents_there_is_no_figure_at_all() -> None:
    overview = p.overview()

    assert {found.state for found in overview.income.months} == {MonthState.ABSENT}
    assert (overview.income.years, overview.debts.total, overview.debts.arrears, overview.obligations.total) == ((), None, None, None)
    assert overview.calendar == ()


def test_a_period_of_a_thousand_years_costs_no_more_than_one_of_a_month() -> None:
    overview = p.overview(p.insured(p.relation(*[p.pay("0001-01-01", "9999-12-31", 365_242_500)] * 200)))

    assert month(overview, "2026-10").jobs is not None
    assert cents(month(overview, "2026-10").jobs) == pytest.approx(200 * 3_100, abs=200)


def test_a_grant_without_end_stops_at_the_reference_date() -> None:
    data = {"studiefinanciering_ontvangt": True, "ingangsdatum": "0001-01-01", "einddatum": "9999-12-31", "basisbeurs": 30_000}
    overview = p.overview(p.paper("duo.studiefinanciering", data))

    assert [str(found.month) for found in overview.income.months if found.study][-1] == "2026-10"
    assert overview.income.count(MonthState.KNOWN) == 36


def test_a_month_that_ends_on_the_reference_date_is_told_whole() -> None:
    items = months_of_pay(100, 200, first=2)
    overview = p.overview(p.insured(p.relation(*items), on=date(2026, 3, 31)))

    assert month(overview, "2026-03").state is MonthState.KNOWN


def test_a_payment_that_ends_on_the_first_day_of_the_newer_document_counts_once() -> None:
    item = p.pay("2026-08-05", "2026-09-01", 28_000)
    old, new = p.insured(p.relation(item), on=date(2026, 9, 30)), p.insured(p.relation(item), months=2)
    overview = p.overview(old, new)

    assert (cents(month(overview, "2026-08").jobs), cents(month(overview, "2026-09").jobs)) == (27_000, 1_000)


def test_of_two_jobs_the_one_by_four_weeks_makes_the_month_incomplete() -> None:
    monthly, four_weekly = (
        p.relation(*months_of_pay(100, 100, first=9)),
        p.relation(p.pay("2026-09-07", "2026-10-04", 100), number="899999999L01"),
    )
    overview = p.overview(p.insured(monthly, {**four_weekly, "werkgever_naam": "Bos & Zoon"}, on=date(2026, 10, 31)))

    assert month(overview, "2026-10").state is MonthState.INCOMPLETE


def test_three_months_are_enough_for_volatility_and_an_incomplete_one_is_not_among_them() -> None:
    three = p.overview(p.insured(p.relation(*months_of_pay(100, 200, 300, first=8)))).income.years[0]
    straddling = p.insured(p.relation(p.pay("2025-12-20", "2026-01-31", 4_300), *months_of_pay(100, 200, first=2)), months=10)
    (other,) = p.overview(straddling, at=date(2026, 4, 1)).income.years  # of December 2025 a part is known

    assert three.volatility is not None
    assert (three.volatility.figure, three.volatility.value) == (FigureId.VOLATILITY, Fraction(200, 600))
    assert other.volatility is not None
    assert [amount.cents for amount in other.volatility.of] == [3_100, 100, 200]


@pytest.mark.parametrize("pay", [(100, -100, 0), (-1, -1, -1)])
def test_of_nothing_or_less_no_share_is_told(pay: tuple[int, int, int]) -> None:
    year = p.overview(p.insured(p.relation(*months_of_pay(*pay, first=8)))).income.years[0]

    assert (year.volatility, year.benefit_share) == (None, None)


def test_the_share_of_benefits_opens_what_it_is_of() -> None:
    job, benefit = p.relation(*months_of_pay(300, first=9)), p.relation(*months_of_pay(100, first=10), benefit=True)
    with_benefit, without = (p.overview(p.insured(*given)).income.years[0].benefit_share for given in ((job, benefit), (job,)))

    assert with_benefit is not None
    assert without is not None
    assert (without.figure, without.value, len(without.of), len(without.origins)) == (FigureId.BENEFIT_SHARE, Fraction(0), 1, 1)
    assert (len(with_benefit.of), len(with_benefit.origins)) == (2, 2)
    assert with_benefit.steps("en") == ("Benefits €1.00, divided by income €4.00, is 25.0%",)


def test_a_year_has_its_kinds_apart() -> None:
    grant = {"studiefinanciering_ontvangt": True, "ingangsdatum": "2026-10-01", "basisbeurs": 30}
    job, benefit = p.relation(*months_of_pay(300, first=10)), p.relation(*months_of_pay(100, first=10), benefit=True)
    year = p.overview(p.insured(job, benefit), p.paper("duo.studiefinanciering", grant)).income.years[0]

    assert (cents(year.jobs), cents(year.benefits), cents(year.study), year.total.cents) == (300, 100, 30, 430)


def test_a_step_says_who_paid_what_for_which_days() -> None:
    jobs = month(p.overview(p.insured(p.relation(p.pay("2026-09-07", "2026-10-04", 280_000)))), "2026-10").jobs

    assert jobs is not None
    assert jobs.steps("en") == (
        "Pay from Bakkerij Bos, 7 September 2026 until 4 October 2026 (€2,800.00). 4 of the 28 days are in October 2026: €400.00",
        "Together: €400.00",
    )
