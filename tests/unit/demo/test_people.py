from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from blauweknop.demo.people import EXERCISE_TODAY, make_people
from blauweknop.demo.people_facts import Person
from blauweknop.demo.people_stories import STORIES
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.identifiers import Bsn, eleven_test
from blauweknop.domain.periods import four_week_periods

PEOPLE = make_people(60)
WML_2023 = Decimal(1_110)  # cents an hour, the lowest of the months that are covered


def known(person_id: str) -> Person:
    return next(person for person in PEOPLE if person.id == person_id)


def test_the_same_seed_gives_the_same_people() -> None:
    assert make_people(60) == PEOPLE
    assert make_people(20) == PEOPLE[:20]


def test_another_seed_gives_other_people() -> None:
    assert make_people(60, seed=7)[18:] != PEOPLE[18:]


def test_every_burgerservicenummer_is_unique_and_of_a_range_for_exercise() -> None:
    many = make_people(2000)

    assert len({person.bsn for person in many}) == 2000
    assert all(person.bsn.digits.startswith(("9000", "9999")) for person in many)
    assert all(Bsn.parse(person.bsn.digits) for person in many)


def test_more_people_than_numbers_is_refused() -> None:
    with pytest.raises(BlauweKnopError):
        make_people(20_000)


def test_every_story_has_a_description_of_its_own_in_both_languages() -> None:
    told = PEOPLE[: len(STORIES)]

    assert len({person.description.nl for person in told}) == len(STORIES)
    assert len({person.description.en for person in told}) == len(STORIES)


def test_names_outside_latin_1_are_there() -> None:
    letters = "".join(person.name for person in PEOPLE[: len(STORIES)])
    outside = {letter for letter in letters if ord(letter) > 0xFF}

    assert {"Đ", "ć", "Ł", "Ş", "ğ", "ő", "ű"} <= outside


def test_pay_is_at_least_the_minimum_wage() -> None:
    for person in PEOPLE:
        for job in person.jobs:
            for item in job.items:
                if not job.is_benefit and item.hours > 0:
                    assert item.pay >= WML_2023 * item.hours - 1


def test_a_negative_correction_takes_back_part_of_an_earlier_period() -> None:
    items = [item for job in known("zeynep").jobs for item in job.items]
    correction = next(item for item in items if item.pay < 0)

    assert correction.hours < 0
    assert any(item.first == correction.first and item.pay > -correction.pay for item in items)


def test_four_week_pay_follows_the_periods_of_the_year() -> None:
    periods = {(period.first, period.last) for year in range(2023, 2027) for period in four_week_periods(year)}

    for item in known("lukasz").jobs[0].items:
        assert (item.first, item.last) in periods


def test_no_pay_is_older_than_three_years_or_from_the_future() -> None:
    for person in PEOPLE:
        for job in person.jobs:
            assert all(date(2023, 10, 1) <= item.first and item.last < EXERCISE_TODAY for item in job.items)


def test_changing_jobs_leaves_no_month_with_two_jobs_of_a_story() -> None:
    for person_id in ("zeynep", "mohammed", "anneke"):
        months = Counter((item.first.year, item.first.month) for job in known(person_id).jobs for item in job.items if item.pay > 0)
        assert max(months.values()) == 1


def test_a_benefit_is_the_same_amount_at_both_places_where_uwv_keeps_it() -> None:
    for person in PEOPLE:
        slips = sorted((slip.first, slip.gross) for benefit in person.benefits for slip in benefit.slips)
        items = sorted((item.first, item.pay) for job in person.jobs if job.is_benefit for item in job.items)
        assert slips == items


def test_events_add_up_to_what_is_open() -> None:
    for person in PEOPLE:
        for _, case in person.cases:
            assert case.balance == case.obliged - case.settled >= 0
            assert all(event.amount > 0 for event in case.events)
            assert case.overdue in (0, case.balance)
            assert len({event.reference for event in case.events}) == len(case.events)
            assert all(event.moment.date() < EXERCISE_TODAY for event in case.events)


def test_what_one_source_says_in_two_documents_agrees() -> None:
    for person in PEOPLE:
        if person.defaulter:
            premium = [case for _, case in person.cases if case.text == "Bestuursrechtelijke premie"]
            assert person.defaulter.still_to_pay == sum(case.balance for case in premium)
        if person.tax:
            fees = sum(event.amount for event in person.tax.case.events if event.category == "ADMINISTRATIEKOSTEN")
            assert sum(line[3] for line in person.tax.lines) + fees == person.tax.case.obliged
            assert person.tax.case in person.cases_at(person.municipality)
        assert all(claim.case in person.cases_at(person.municipality) for claim in person.claims)


def test_what_is_left_of_a_study_debt_is_its_parts() -> None:
    for person in PEOPLE:
        debt = person.student_debt
        if debt:
            assert 0 <= debt.balance <= debt.original
            assert debt.to_pay <= debt.statutory
            assert (debt.phase == "afgelost") == (debt.balance == 0)


def test_the_annuity_is_that_of_duo() -> None:
    debt = next(debt for debt in (person.student_debt for person in PEOPLE) if debt and debt.regime == "SF15_NIEUW" and debt.balance)
    monthly = debt.ratio / 12
    annuity = debt.balance * monthly / (1 - (1 + monthly) ** -debt.months_left)

    assert abs(debt.statutory - annuity) <= 1


def test_nobody_works_before_sixteen_or_marries_before_eighteen() -> None:
    for person in PEOPLE:
        if person.birth.year is None:
            continue
        assert all(item.first.year - person.birth.year >= 15 for job in person.jobs for item in job.items)
        if person.partner:
            assert person.partner.since.year - person.birth.year >= 18


def test_children_are_younger_than_their_parent() -> None:
    for person in PEOPLE:
        for child in person.children:
            assert child.year is not None
            assert person.birth.year is None or child.year - person.birth.year >= 15


def test_the_day_moves_with_the_person_who_asks() -> None:
    later = make_people(20, today=EXERCISE_TODAY + timedelta(days=40))
    latest = max(item.last for person in later for job in person.jobs for item in job.items)

    assert latest > max(item.last for person in PEOPLE[:20] for job in person.jobs for item in job.items)


def test_no_other_number_can_be_taken_for_a_burgerservicenummer() -> None:
    for person in PEOPLE:
        assert not [job for job in person.jobs if eleven_test(job.wage_tax_number[:9])]
        assert not [case.number for _, case in person.cases if eleven_test(case.number)]
