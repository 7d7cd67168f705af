"""Debts month by month: as known then, silent where no document came, incomplete where somebody told nothing yet."""

from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given

from blauweknop.insight.debt_history import MonthDebt
from blauweknop.insight.debt_history_chart import debt_history_chart
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.income import MonthState
from tests.unit.insight import papers as p
from tests.unit.insight.lives import documents
from tests.unit.insight.test_properties import _quick

SVG = "{http://www.w3.org/2000/svg}"
SEPTEMBER, NOVEMBER = date(2026, 9, 10), date(2026, 11, 20)


def cak(cents: int, on: date, late: int = 0) -> InsightDocument:
    return p.owed("cak.betaaloverzicht", [p.case("C", cents, arrears=late)], on=on)


def duo(cents: int, on: date) -> InsightDocument:
    return p.paper("duo.studieschuld", {"schuldsaldo_inclusief_rente": cents, "achterstand": 0}, on=on)


def told(*found: InsightDocument) -> list[tuple[str, str, int | None]]:
    return [(str(month.month), month.state.value, month.total.cents if month.total else None) for month in p.overview(*found).debt_months]


def test_each_month_with_a_document_has_what_was_open_then_and_months_between_have_nothing() -> None:
    assert told(cak(30_000, SEPTEMBER), cak(20_000, NOVEMBER)) == [
        ("2026-09", "known", 30_000),
        ("2026-10", "absent", None),
        ("2026-11", "known", 20_000),
    ]


def test_of_two_documents_in_a_month_the_newest_counts() -> None:
    assert told(cak(30_000, SEPTEMBER), cak(25_000, date(2026, 9, 30)))[0][2] == 25_000


def test_an_organisation_that_told_nothing_yet_makes_a_month_incomplete_and_is_named() -> None:
    found = p.overview(cak(30_000, SEPTEMBER), cak(20_000, NOVEMBER), duo(900_000, NOVEMBER)).debt_months

    assert [month.state for month in found] == [MonthState.INCOMPLETE, MonthState.ABSENT, MonthState.KNOWN]
    assert [[document.dataset for document in month.without] for month in found] == [["duo.studieschuld"], [], []]


def test_what_an_organisation_told_before_still_counts_in_a_month_in_which_only_another_tells() -> None:
    assert told(duo(900_000, SEPTEMBER), cak(20_000, SEPTEMBER), cak(10_000, NOVEMBER))[-1] == ("2026-11", "known", 910_000)


def test_another_tax_bill_is_no_organisation_that_told_nothing_yet() -> None:
    bills = [
        p.paper("gem.belastingaanslag", {"aanslagbiljetnummer": number, "saldo": 5_000}, on=on)
        for number, on in (("A1", SEPTEMBER), ("A2", NOVEMBER))
    ]
    assert told(*bills) == [("2026-09", "known", 5_000), ("2026-10", "absent", None), ("2026-11", "known", 10_000)]


def test_a_debt_that_was_paid_off_is_nothing_open_and_not_unknown() -> None:
    assert told(cak(30_000, SEPTEMBER), cak(0, NOVEMBER))[-1] == ("2026-11", "empty", 0)


def test_a_document_that_names_no_case_says_that_nothing_is_open() -> None:
    assert told(cak(30_000, SEPTEMBER), p.owed("cak.betaaloverzicht", [], on=NOVEMBER))[-1] == ("2026-11", "empty", None)


def test_no_document_about_debts_gives_no_months() -> None:
    assert told(p.insured(p.relation(p.pay("2026-10-01", "2026-10-31", 200_000)))) == []


def test_it_goes_back_36_months_at_most() -> None:
    assert len(told(cak(30_000, date(2019, 1, 10)), cak(20_000, NOVEMBER))) == 36


def test_what_was_late_then_is_told_for_each_month() -> None:
    found = p.overview(cak(30_000, SEPTEMBER, late=10_000), cak(20_000, NOVEMBER)).debt_months
    assert [month.arrears and month.arrears.cents for month in found] == [10_000, None, 0]


@_quick
@given(documents())
def test_each_month_is_what_an_overview_of_the_documents_until_then_says(found: list[InsightDocument]) -> None:
    for month in p.overview(*found).debt_months:
        until = p.overview(*[each for each in found if each.reference_day <= month.month.period.last])
        if month.told:
            assert (month.total.cents if month.total else 0) == (until.debts.total.cents if until.debts.total else 0)
            assert month.arrears == until.debts.arrears
        else:
            assert month.total is None


@_quick
@given(documents())
def test_every_amount_of_a_month_opens_a_document_that_was_there_then(found: list[InsightDocument]) -> None:
    days = {each.key: each.reference_day for each in found}
    for month in p.overview(*found).debt_months:
        for amount in (month.total, month.arrears):
            assert all(days[origin.document] <= month.month.period.last for origin in (amount.origins if amount else ()))


def bars(months: tuple[MonthDebt, ...], style: str) -> list[ElementTree.Element]:
    svg = ElementTree.fromstring(debt_history_chart(months, "nl").svg)  # noqa: S314 - our own
    return [rect for rect in svg.iter(f"{SVG}rect") if rect.get("class") == style]


def history(*found: InsightDocument) -> tuple[MonthDebt, ...]:
    return p.overview(*found).debt_months


def test_bars_are_as_high_as_what_was_open_and_late() -> None:
    months = history(cak(40_000, SEPTEMBER, late=10_000), cak(20_000, NOVEMBER))
    heights = {style: [float(bar.get("height") or 0) for bar in bars(months, style)][1:] for style in ("chart-debt", "chart-late")}

    assert heights == {"chart-debt": pytest.approx([240, 120]), "chart-late": pytest.approx([60])}


def test_a_month_without_a_document_is_a_dashed_column_and_the_legend_says_so() -> None:
    months = history(cak(40_000, SEPTEMBER), cak(20_000, NOVEMBER))

    assert len(bars(months, "chart-absent")) == 1
    assert "Geen document van deze maand" in debt_history_chart(months, "nl").svg


def test_the_table_beside_the_chart_has_the_same_numbers() -> None:
    table = debt_history_chart(history(cak(40_000, SEPTEMBER, late=10_000), cak(20_000, NOVEMBER)), "en").table

    assert table.columns == ("Month", "Still open", "Overdue", "What we know")
    assert table.cents == ((40_000, 10_000), (None, None), (20_000, 0))
    assert table.rows[0] == ("September 2026", "€400.00", "€100.00", "Known")


@_quick
@given(documents())
def test_the_chart_is_well_formed_for_any_life(found: list[InsightDocument]) -> None:
    months: Any = p.overview(*found).debt_months
    for language in ("nl", "en"):
        chart = debt_history_chart(months, language)
        ElementTree.fromstring(chart.svg)  # noqa: S314 - our own
        assert len(chart.table.rows) == len(months)
