from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from blauweknop.holder.document_view import shown_parts
from blauweknop.holder.explained import Explained, Link
from blauweknop.holder.overview_view import OverviewView, overview_view
from blauweknop.insight import InsightDocument, MonthState, Overview
from tests.unit.insight import papers as p
from tests.unit.insight.lives import documents

JOB = p.relation(p.pay("2026-09-01", "2026-09-30", 210_000), p.pay("2026-10-01", "2026-10-31", 215_000))


def view(overview: Overview, language: str = "nl") -> OverviewView:
    return overview_view(overview, catalogue=p.CATALOGUE, path="/mijn/documenten", language=language)


def every_explained(page: OverviewView) -> Iterator[Explained]:
    for month in page.income.months:
        yield from month.explained
    for year in page.income.years:
        yield year.total
    for creditor in page.debts.creditors:
        yield creditor.total
        for case in creditor.cases:
            yield case.balance
            yield from [case.arrears] if case.arrears else []
    yield from [line.amount for line in page.obligations.lines]
    yield from [each for each in (page.debts.total, page.debts.arrears, page.obligations.total, page.obligations.to_pay) if each]


def every_link(page: OverviewView) -> Iterator[Link]:
    for explained in every_explained(page):
        for step in explained.steps:
            yield from step.links
    for line in (*page.soon, *page.later):
        yield from line.links
    for group in page.remarks:
        for remark in group.lines:
            yield from remark.links


def anchors(document: InsightDocument) -> set[str]:
    parts = shown_parts(document.data, p.CATALOGUE.datasets[document.dataset], "nl")
    rows = [row for part in parts for table in part.tables for row in table.rows]
    envelope = {"data", "saldo_datumtijd", "issued_at", "valid_until", "version", *(f"subject.{name}" for name in document.subject)}
    values = [value for part in parts for value in part.values] + [value for row in rows for value in row.values]
    return envelope | {value.anchor for value in values} | {row.anchor for row in rows}


@given(documents())
@settings(max_examples=40, deadline=None)
def test_every_amount_on_the_page_is_that_of_insight(found: list[InsightDocument]) -> None:
    overview = p.overview(*found)
    page = view(overview)
    for month, line in zip(overview.income.months, page.income.months, strict=True):
        amounts = (month.jobs, month.benefits, month.study, month.total)
        assert [amount.cents if amount else None for amount in amounts] == [line.jobs, line.benefits, line.study, line.total]
    assert [year.total.cents for year in overview.income.years] == [line.total.cents for line in page.income.years]
    debts = overview.debts
    assert [(c.total.cents, c.arrears and c.arrears.cents) for c in debts.creditors] == [
        (line.total.cents, line.arrears and line.arrears.cents) for line in page.debts.creditors
    ]
    assert [(k.total.cents, k.arrears and k.arrears.cents) for k in debts.kinds] == [
        (line.total.cents, line.arrears and line.arrears.cents) for line in page.debts.kinds
    ]
    assert [(m.total and m.total.cents, m.arrears and m.arrears.cents) for m in overview.debt_months] == [
        (line.total and line.total.cents, line.arrears) for line in page.debts.history
    ]
    assert (debts.total and debts.total.cents) == (page.debts.total and page.debts.total.cents)
    assert (debts.arrears and debts.arrears.cents) == (page.debts.arrears and page.debts.arrears.cents)
    assert [each.amount.cents for each in overview.obligations.obligations] == [line.amount.cents for line in page.obligations.lines]
    assert [item.amount and item.amount.cents for item in overview.calendar] == [line.amount for line in (*page.soon, *page.later)]


@given(documents())
@settings(max_examples=40, deadline=None)
def test_the_steps_of_an_amount_make_the_amount(found: list[InsightDocument]) -> None:
    for explained in every_explained(view(p.overview(*found))):
        assert sum(step.cents or 0 for step in explained.steps) == explained.cents
        assert all(step.links for step in explained.steps)


@given(documents())
@settings(max_examples=40, deadline=None)
def test_every_link_leads_to_a_place_that_the_page_of_the_document_has(found: list[InsightDocument]) -> None:
    overview = p.overview(*found)
    places = {document.key: anchors(document) for document in overview.collection.documents}
    for link in every_link(view(overview)):
        key, _, anchor = link.address.removeprefix("/mijn/documenten/").partition("#")
        assert anchor in places[key]


def test_a_link_names_document_source_day_and_field() -> None:
    page = view(p.overview(p.insured(JOB, key="k1")))
    link = page.income.months[-1].explained[0].steps[0].links[0]
    assert link == Link(
        "Verzekeringsbericht, UWV, 23 november 2026: SV-loon", "/mijn/documenten/k1#data.inkomstenverhoudingen.0.loonitems.1.sv_loon"
    )


def test_a_month_of_which_nothing_is_known_has_no_amount() -> None:
    page = view(p.overview(p.insured(JOB, months=12)))
    assert [(line.total, line.state) for line in page.income.months[:1]] == [(None, MonthState.ABSENT)]


def test_without_documents_the_page_has_no_figures() -> None:
    page = view(p.overview())
    assert (page.documents, page.income.told, page.debts.total, page.obligations.total, page.soon) == (0, 0, None, None, ())


def test_the_tile_of_income_is_of_the_last_month_that_is_told_whole() -> None:
    latest = view(p.overview(p.insured(JOB))).income.latest
    assert latest is not None
    assert (latest.name, latest.total) == ("oktober 2026", 215_000)


@pytest.mark.parametrize(("days", "where"), [(-39, "soon"), (0, "soon"), (31, "soon"), (32, "later")])
def test_what_is_late_or_comes_within_a_month_is_told_first(days: int, where: str) -> None:
    due = str(p.AT + timedelta(days=days))
    event = p.event("Z1", "BetalingsverplichtingOpgelegd", "Z1/3", 9_400, "2026-09-03T09:00:00Z", vervaldatum=due, betalingskenmerk="P")
    page = view(p.overview(p.owed("cak.betaaloverzicht", [p.case("Z1", 9_400, arrears=None)], [event])))
    assert [line.amount for line in getattr(page, where) if line.is_payment] == [9_400]
    assert [line.days_late for line in page.soon if line.is_payment and line.days_late] == ([39] if days < 0 else [])


def test_what_you_pay_yourself_is_told_only_when_something_is_withheld() -> None:
    data: dict[str, Any] = {"aangemeld": True, "bestuursrechtelijke_premie": 18_430, "inning": "broninhouding"}
    withheld = view(p.overview(p.paper("cak.wanbetalers", data))).obligations
    assert withheld.total is not None
    assert withheld.to_pay is None
    both = p.paper("duo.studieschuld", {"fase": "aflosfase", "te_betalen_maandbedrag": 5_000, "schuldsaldo_inclusief_rente": 9})
    page = view(p.overview(p.paper("cak.wanbetalers", data), both)).obligations
    assert page.to_pay is not None
    assert page.to_pay.cents == 5_000


def test_a_remark_that_is_made_of_several_places_stands_once_with_all_of_them() -> None:
    first = p.owed("gem.betaaloverzicht", [p.case("A", 500), p.case("B", 600)], key="k1")
    same = [{"zaakkenmerk": number, "saldo": cents} for number, cents in (("A", 500), ("B", 600))]
    page = view(p.overview(first, p.paper("gem.pw_vordering", {"vorderingen": same}, key="k2")))
    lines = [line for group in page.remarks if group.kind == "counted_once" for line in group.lines]
    assert len({line.words for line in lines}) == len(lines)
    assert sum(len(line.links) for line in lines) == 4


def test_an_old_document_is_remarked() -> None:
    page = view(p.overview(p.insured(JOB, on=date(2026, 7, 1))))
    assert [group.kind for group in page.remarks if group.kind == "old"] == ["old"]
