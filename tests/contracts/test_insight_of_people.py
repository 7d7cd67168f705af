"""The figures of all made-up people, held against the facts of their lives, counted in another way: day by day and event by event."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from blauweknop.catalogue.load_rule_packs import load_rule_packs
from blauweknop.demo.people_facts import Person
from blauweknop.demo.sources import DEMO_SOURCES
from blauweknop.document.content import DocumentFacts, compose_content
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import Found, Selection
from blauweknop.insight.documents import InsightDocument, read_document
from blauweknop.insight.figures import Amount
from blauweknop.insight.overview import Overview, overview_of
from blauweknop.insight.rules import RuleRefused, RuleResult, toetsinkomen
from tests.contracts.demo_answers import CATALOGUE, Asked, ask_everyone

_SOURCES = {identity.id: identity for identity in DEMO_SOURCES}
_DAYS = [date(2026, 11, 23), date(2026, 2, 3), date(2027, 1, 1)]
"""In autumn; just after a year began, with a four-week period that was cut; and on the day itself."""

_PER_DAY = Decimal("0.0000000001")


@pytest.fixture(scope="module", params=_DAYS, ids=str)
def lives(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[date, Asked]:
    folder: Path = tmp_path_factory.mktemp("lives")
    return request.param, ask_everyone(folder, request.param)


def documents(person: Person, asked: Asked, at: date) -> list[InsightDocument]:
    moment = datetime.combine(at, time(14), AMSTERDAM)
    found = []
    for number, ((person_id, source, dataset_id), outcome) in enumerate(asked.outcomes.items()):
        if person_id == person.id and isinstance(outcome, Found):
            dataset = CATALOGUE.dataset(dataset_id)
            everything = Selection(dataset_id, frozenset(part.id for part in dataset.parts))
            facts = DocumentFacts(f"{number:032x}", "1" * 32, "2" * 32, moment, "nl", "https://bron.example/melden")
            found.append(read_document(f"k{number}", compose_content(outcome.snapshot, everything, dataset, _SOURCES[source], facts)))
    return found


def overview(person: Person, asked: Asked, at: date) -> Overview:
    return overview_of(documents(person, asked, at), catalogue=CATALOGUE, at=at)


def day_by_day(cents: int, first: date, last: date) -> Iterator[tuple[str, int]]:
    """Each day gets its share; at the end of each month what was shared so far is rounded, and the month gets what is new."""
    days = (last - first).days + 1
    shared, given, day = Decimal(0), 0, first
    while day <= last:
        shared = Decimal(cents) * ((day - first).days + 1) / days
        if day == last or (day + timedelta(days=1)).month != day.month:
            rounded = int(shared.quantize(_PER_DAY).quantize(Decimal(1), ROUND_HALF_UP))
            yield f"{day:%Y-%m}", rounded - given
            given = rounded
        day += timedelta(days=1)


def months_of_facts(person: Person) -> dict[str, dict[str, int]]:
    """By month and kind, from what the person really got."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for job in person.jobs:
        for item in job.items:
            for month, share in day_by_day(item.pay, item.first, item.last):
                found[month]["benefits" if job.is_benefit else "jobs"] += share
    for month, _, _, _, client, other in person.assistance.months if person.assistance else ():
        found[month]["benefits"] += client + other
    return found


def study_of_facts(person: Person, month: str, at: date) -> int | None:
    finance = person.study_finance
    if finance is None or not f"{finance.first:%Y-%m}" <= month <= min(f"{finance.last:%Y-%m}", f"{at:%Y-%m}"):
        return None
    return finance.basic_grant + finance.extra_grant


def cents(amount: Amount | None) -> int | None:
    return None if amount is None else amount.cents


def test_income_of_every_month_of_everybody_agrees_to_the_cent(lives: tuple[date, Asked]) -> None:
    at, asked = lives
    for person in asked.people:
        facts = months_of_facts(person)
        for month in overview(person, asked, at).income.months:
            key = str(month.month)
            expected = {kind: facts[key].get(kind) for kind in ("jobs", "benefits")} if key in facts else {"jobs": None, "benefits": None}
            found = {"jobs": cents(month.jobs), "benefits": cents(month.benefits)}
            assert (person.id, key, found) == (person.id, key, expected)
            assert (person.id, key, cents(month.study)) == (person.id, key, study_of_facts(person, key, at))


def test_the_sum_of_twelve_months_of_everybody_agrees_to_the_cent(lives: tuple[date, Asked]) -> None:
    at, asked = lives
    checked = 0
    for person in asked.people:
        facts = months_of_facts(person)
        for year in overview(person, asked, at).income.years:
            keys = [str(month.month) for month in year.months]
            assert len(keys) == 12
            expected = sum(sum(facts[key].values()) for key in keys if key in facts)
            assert year.total.cents == expected + sum(study_of_facts(person, key, at) or 0 for key in keys)
            checked += 1
    assert checked > 30


def owed_of_facts(person: Person, asked: Asked) -> dict[str, int]:
    """What is open at each source, from the events of each case and the study debt; only what a source gave documents of."""
    gave = {
        (source, dataset) for (who, source, dataset), outcome in asked.outcomes.items() if who == person.id and isinstance(outcome, Found)
    }
    found: dict[str, int] = defaultdict(int)
    for source, case in person.cases:
        overviews = {f"{kind}.betaaloverzicht" for kind in ("duo", "uwv", "cak", "gem")}
        if any(where == source and dataset in overviews for where, dataset in gave):
            open_now = 0
            for event in case.events:
                if event.kind == "FinancieleVerplichtingOpgelegd":
                    open_now += event.amount
                elif event.kind in ("BetalingVerwerkt", "FinancieleVerplichtingKwijtgescholden"):
                    open_now -= event.amount
            found[source] += max(0, open_now)
    if person.student_debt and ("duo", "duo.studieschuld") in gave:
        found["duo"] += sum(amount for _, amount in person.student_debt.parts)
    return {_SOURCES[source].oin.digits: owed for source, owed in found.items() if owed}


def test_debts_of_everybody_agree_to_the_cent_for_each_creditor(lives: tuple[date, Asked]) -> None:
    at, asked = lives
    for person in asked.people:
        debts = overview(person, asked, at).debts
        expected = owed_of_facts(person, asked)
        assert (person.id, {group.creditor_oin: group.total.cents for group in debts.creditors}) == (person.id, expected)
        assert (cents(debts.total) or 0) == sum(expected.values())


def test_arrears_of_everybody_agree_to_the_cent(lives: tuple[date, Asked]) -> None:
    at, asked = lives
    for person in asked.people:
        late = sum(case.overdue for _, case in person.cases)
        if person.student_debt and not any(case.overdue for case in person.cases_at("duo")):
            late += person.student_debt.arrears
        assert (person.id, cents(overview(person, asked, at).debts.arrears) or 0) == (person.id, late)


def test_what_everybody_pays_each_month_agrees_to_the_cent(lives: tuple[date, Asked]) -> None:
    at, asked = lives
    for person in asked.people:
        expected = 0
        if person.student_debt and person.student_debt.phase == "aflosfase":
            expected += person.student_debt.to_pay
        if person.contribution:
            expected += person.contribution.amount
        if person.defaulter:
            expected += person.defaulter.premium
        expected += sum(claim.monthly for claim in person.claims if claim.case.balance > 0)
        assert (person.id, cents(overview(person, asked, at).obligations.total) or 0) == (person.id, expected)


def test_volatility_of_everybody_agrees_with_numbers_of_another_kind(lives: tuple[date, Asked]) -> None:
    at, asked = lives
    checked = 0
    for person in asked.people:
        for year in overview(person, asked, at).income.years:
            if year.volatility is None:
                continue
            pay = [float(month.total.cents) for month in year.months if month.total and month.state == "known"]
            mean = sum(pay) / len(pay)
            assert float(year.volatility.value) == pytest.approx(sum(abs(each - mean) for each in pay) / len(pay) / mean, abs=1e-12)
            checked += 1
    assert checked > 20


def test_nobody_of_the_exercise_is_contradicted_by_a_sum(lives: tuple[date, Asked]) -> None:
    at, asked = lives
    told = [
        (person.id, remark.said.key)
        for person in asked.people
        for remark in overview(person, asked, at).remarks
        if remark.kind == "contradiction"
    ]
    assert [key for _, key in told if "sum" in key or "benefit" in key or "debt" in key or "event" in key] == []


def due_of_facts(person: Person, asked: Asked, at: date) -> set[tuple[date, int, bool]]:
    """The last letter of each case with something open; of what is past only where something is late."""
    found = set()
    for source, case in person.cases:
        kinds = {f"{kind}.betaaloverzicht" for kind in ("duo", "uwv", "cak", "gem")}
        gave = any(isinstance(asked.outcomes.get((person.id, source, kind)), Found) for kind in kinds)
        letters = [event for event in case.events if event.kind == "BetalingsverplichtingOpgelegd" and event.due]
        if not gave or not letters or case.balance <= 0:
            continue
        last = max(letters, key=lambda event: event.moment)
        if last.due and (last.due >= at or case.overdue > 0):
            found.add((last.due, min(last.amount, case.balance), last.due < at))
    return found


def test_what_everybody_must_pay_and_when_agrees_to_the_cent(lives: tuple[date, Asked]) -> None:
    at, asked = lives
    told = 0
    for person in asked.people:
        items = {(item.day, cents(item.amount), item.late) for item in overview(person, asked, at).calendar if item.amount}
        assert (person.id, items) == (person.id, due_of_facts(person, asked, at))
        told += len(items)
    assert told > 10


def test_toetsinkomen_of_steady_permanent_work_is_the_pay_of_the_last_year_less_the_car(lives: tuple[date, Asked]) -> None:
    at, asked = lives
    checked = refused = 0
    for person in asked.people:
        jobs = [job for job in person.jobs if not job.is_benefit]
        if len(jobs) != 1 or len(jobs[0].items) != 36 or "onbepaalde tijd" not in (jobs[0].contract or "") or person.benefits:
            continue
        if any((item.last - item.first).days < 27 for item in jobs[0].items) or jobs[0].items[0].first.day != 1:
            continue
        (statement,) = (document for document in documents(person, asked, at) if document.dataset == "uwv.verzekeringsbericht")
        found = toetsinkomen(statement, pension_of_a_year=None, on=at, packs=load_rule_packs())
        if at.year == 2027:
            assert isinstance(found, RuleRefused)
            refused += 1
            continue
        year = jobs[0].items[-12:]
        expected = sum(item.pay for item in year) - max(0, sum((item.car_value or 0) - (item.car_contribution or 0) for item in year))
        assert isinstance(found, RuleResult)
        assert (person.id, [outcome.cents for outcome in found.outcomes]) == (person.id, [expected])
        checked += 1
    assert (refused if at.year == 2027 else checked) >= 3
