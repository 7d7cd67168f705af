from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.figures import Amount, FigureId
from blauweknop.insight.income import MonthState
from blauweknop.insight.overview import Overview
from tests.unit.insight import papers as p
from tests.unit.insight.lives import documents, relations

_quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def amounts(overview: Overview) -> Iterator[Amount]:
    """Every amount there is in an overview."""
    for month in overview.income.months:
        yield from (amount for amount in (month.jobs, month.benefits, month.study, month.total) if amount)
    for year in overview.income.years:
        yield from (amount for amount in (year.total, year.jobs, year.benefits, year.study) if amount)
    debts = overview.debts
    yield from (amount for amount in (debts.total, debts.arrears, overview.obligations.total, overview.obligations.to_pay) if amount)
    groups = [*((each.total, each.arrears) for each in debts.creditors), *((each.total, each.arrears) for each in debts.kinds)]
    yield from (amount for group in groups for amount in group if amount)
    for debt in (*debts.all, *debts.credits, *debts.settled):
        yield from (amount for amount in (debt.balance, debt.arrears) if amount)
    yield from (amount for month in overview.debt_months for amount in (month.total, month.arrears) if amount)
    yield from (obligation.amount for obligation in overview.obligations.obligations)
    yield from (item.amount for item in overview.calendar if item.amount)


def value_in(found: list[InsightDocument], document: str, path: str) -> Any:
    """What stands at a path of a document, walked by hand."""
    value: Any = {"data": dict(next(each for each in found if each.key == document).data)}
    for step in path.split("."):
        name, _, index = step.partition("[")
        value = value[name]
        if index:
            value = value[int(index.rstrip("]"))]
    return value


@_quick
@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_documents_makes_no_difference(found: list[InsightDocument], chance: Any) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)

    assert p.overview(*shuffled) == p.overview(*found)


@_quick
@given(documents())
def test_bringing_documents_in_twice_changes_nothing(found: list[InsightDocument]) -> None:
    once = p.overview(*found)
    copies = [replace(document, key=f"zz copy of {document.key}") for document in found]

    assert p.overview(*found, *found) == once
    assert p.overview(*found, *copies) == once


@_quick
@given(documents())
def test_a_total_is_the_sum_of_its_parts(found: list[InsightDocument]) -> None:
    overview = p.overview(*found)

    for month in overview.income.months:
        parts = [amount.cents for amount in (month.jobs, month.benefits, month.study) if amount]
        assert (month.total.cents if month.total else None) == (sum(parts) if parts else None)
    for year in overview.income.years:
        assert year.total.cents == sum(month.total.cents for month in year.months if month.total)
        assert year.total.cents == sum(amount.cents for amount in (year.jobs, year.benefits, year.study) if amount)
    debts = overview.debts
    for totals in ([each.total for each in debts.creditors], [each.total for each in debts.kinds]):
        assert (debts.total.cents if debts.total else 0) == sum(total.cents for total in totals)
    for late in ([each.arrears for each in debts.creditors], [each.arrears for each in debts.kinds]):
        assert (debts.arrears.cents if debts.arrears else 0) == sum(arrears.cents for arrears in late if arrears)
    for amount in amounts(overview):
        assert amount.cents == sum(term.cents for term in amount.terms)


@_quick
@given(documents())
def test_no_figure_appears_without_an_origin_that_says_what_the_document_says(found: list[InsightDocument]) -> None:
    for amount in amounts(p.overview(*found)):
        assert amount.terms
        for term in amount.terms:
            assert term.origins
            for origin in term.origins:
                assert value_in(found, origin.document, origin.path) == origin.value


@_quick
@given(documents())
def test_a_month_has_an_amount_exactly_when_something_is_known(found: list[InsightDocument]) -> None:
    for month in p.overview(*found).income.months:
        assert (month.total is None) == (month.state in (MonthState.EMPTY, MonthState.ABSENT))


@_quick
@given(relations(), st.integers(-100_000, 100_000), st.data())
def test_a_correction_changes_the_sum_by_itself(made: list[dict[str, Any]], cents: int, data: st.DataObject) -> None:
    items = [(index, item) for index, relation in enumerate(made) for item in relation["loonitems"]]
    if not items:
        return
    index, item = data.draw(st.sampled_from(items))
    corrected = [dict(relation) for relation in made]
    corrected[index]["loonitems"] = [*made[index]["loonitems"], {**item, "sv_loon": cents}]

    assert total(corrected) == total(made) + cents


@_quick
@given(relations(), st.data())
def test_a_period_that_is_reported_in_two_pieces_changes_no_sum(made: list[dict[str, Any]], data: st.DataObject) -> None:
    items = [(index, place) for index, relation in enumerate(made) for place, _ in enumerate(relation["loonitems"])]
    if not items:
        return
    index, place = data.draw(st.sampled_from(items))
    split = [{**relation, "loonitems": [*relation["loonitems"]]} for relation in made]
    item = split[index]["loonitems"].pop(place)
    first, last = date.fromisoformat(item["periode_start"]), date.fromisoformat(item["periode_einde"])
    if first == last:
        return
    cut = first + timedelta(days=data.draw(st.integers(0, (last - first).days - 1)))
    part = data.draw(st.integers(-900_000, 900_000))
    split[index]["loonitems"] += [
        p.pay(str(first), str(cut), part),
        p.pay(str(cut + timedelta(days=1)), str(last), item["sv_loon"] - part),
    ]

    assert total(split) == total(made)


def total(made: list[dict[str, Any]]) -> int:
    """All that is in the months before this day: every period of a life by chance lies within them."""
    found = p.overview(p.insured(*made), at=date(2026, 12, 1))
    return sum(month.total.cents for month in found.income.months if month.total)


def sentences(overview: Overview, language: str) -> Iterator[str]:
    """Everything in an overview that a person can read."""
    for amount in amounts(overview):
        yield from amount.steps(language)
    for year in overview.income.years:
        yield from (step for share in (year.volatility, year.benefit_share) if share for step in share.steps(language))
    debts = overview.debts
    yield from (debt.label.in_language(language) for debt in (*debts.all, *debts.credits, *debts.settled))
    yield from (kind.label.in_language(language) for kind in debts.kinds)
    yield from (obligation.label.in_language(language) for obligation in overview.obligations.obligations)
    yield from (item.said.in_language(language) for item in overview.calendar)
    yield from (remark.said.in_language(language) for remark in overview.remarks)


@_quick
@given(documents(), st.sampled_from(["nl", "en"]))
def test_everything_can_be_said_in_both_languages(found: list[InsightDocument], language: str) -> None:
    assert all(sentence.strip() and "{" not in sentence for sentence in sentences(p.overview(*found), language))


@_quick
@given(documents())
def test_every_amount_names_the_figure_that_it_is(found: list[InsightDocument]) -> None:
    overview = p.overview(*found)
    debts = overview.debts
    told: dict[FigureId, list[Amount | None]] = {
        FigureId.INCOME_JOBS: [month.jobs for month in overview.income.months],
        FigureId.INCOME_BENEFITS: [month.benefits for month in overview.income.months],
        FigureId.INCOME_STUDY: [month.study for month in overview.income.months],
        FigureId.INCOME_MONTH: [month.total for month in overview.income.months],
        FigureId.INCOME_YEAR: [amount for year in overview.income.years for amount in (year.total, year.jobs, year.benefits, year.study)],
        FigureId.DEBT: [debt.balance for debt in (*debts.all, *debts.credits, *debts.settled)],
        FigureId.DEBT_ARREARS: [debt.arrears for debt in (*debts.all, *debts.credits, *debts.settled)],
        FigureId.CREDITOR_TOTAL: [creditor.total for creditor in debts.creditors],
        FigureId.CREDITOR_ARREARS: [creditor.arrears for creditor in debts.creditors],
        FigureId.KIND_TOTAL: [kind.total for kind in debts.kinds],
        FigureId.KIND_ARREARS: [kind.arrears for kind in debts.kinds],
        FigureId.DEBT_TOTAL: [debts.total],
        FigureId.ARREARS_TOTAL: [debts.arrears],
        FigureId.OBLIGATION: [obligation.amount for obligation in overview.obligations.obligations],
        FigureId.OBLIGATION_TOTAL: [overview.obligations.total, overview.obligations.to_pay],
        FigureId.DUE: [item.amount for item in overview.calendar],
    }
    for figure, each in told.items():
        assert {amount.figure for amount in each if amount} <= {figure}
