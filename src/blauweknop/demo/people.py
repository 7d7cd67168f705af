"""Made-up people with lives that agree at all sources of the exercise, made from a seed: the same seed gives the same people.

The first eighteen are written by hand, the rest by chance. Their burgerservicenummers start with 9000 (by hand) or 9999 (by chance), pass
the 11-test and belong to nobody. Some 8,000 people can be made; beyond that the range of numbers is empty.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

from blauweknop.catalogue.texts import text
from blauweknop.demo import people_money as money
from blauweknop.demo.people_chance import life_by_chance
from blauweknop.demo.people_debts import case
from blauweknop.demo.people_facts import Address, Case, Partner, Person, Suspension
from blauweknop.demo.people_life import DebtPlan, Life
from blauweknop.demo.people_places import TOWNS, street_in
from blauweknop.demo.people_stories import STORIES
from blauweknop.demo.people_work import benefit_and_relation, job
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.identifiers import Bsn, eleven_test
from blauweknop.domain.periods import Month

__all__ = ["EXERCISE_TODAY", "make_people"]

EXERCISE_TODAY = date(2026, 11, 23)
_MUNICIPALITY_OF_NON_RESIDENTS = "1999"


def make_people(count: int = 36, seed: int = 2026, today: date = EXERCISE_TODAY) -> list[Person]:
    """`count` people, always the same for a seed and a day; the first eighteen have a story.

    Raises:
        BlauweKnopError: more people than there are numbers.
    """
    by_hand, by_chance = _numbers("9000", len(STORIES)), _numbers("9999", max(0, count - len(STORIES)))
    rng = random.Random(seed)
    lives = [*STORIES[:count], *(life_by_chance(index, rng, today) for index in range(len(STORIES), count))]
    numbers = [*by_hand[:count], *by_chance]
    return [
        _person(life, Bsn.parse(digits), random.Random(f"{seed}/{index}"), today)
        for index, (life, digits) in enumerate(zip(lives, numbers, strict=True))
    ]


def _numbers(prefix: str, count: int) -> list[str]:
    """Numbers of a range that pass the 11-test, in an order that does not look like counting."""
    candidates = (f"{prefix}{(index * 7919 + 1234) % 100_000:05d}" for index in range(100_000))
    fitting = (digits for digits in candidates if eleven_test(digits) and not digits.startswith("99999"))
    numbers = list(islice(fitting, count))
    if len(numbers) < count:
        raise BlauweKnopError("there are not enough numbers for so many people", remedy=f"ask for at most {len(numbers) + len(STORIES)}")
    return numbers


def _person(life: Life, bsn: Bsn, rng: random.Random, today: date) -> Person:
    town = TOWNS[life.town]
    address = _address(life, rng, today)
    relations = [benefit_and_relation(plan, today) for plan in life.benefits]
    jobs = (*(job(plan, today, rng) for plan in life.jobs), *(relation for _, relation in relations))
    contribution = money.contribution(life, today)
    lives_here = not life.suspended
    tax, tax_case = money.tax_bill(life, address, town.source, today, rng) if _pays_tax(life, today) else (None, None)
    claim = money.claim(life, town.source, today, rng)
    cases = [*_cases(life, town.source, today, rng)]
    cases += [(town.source, made) for made in (tax_case, claim.case if claim else None) if made is not None]
    if contribution is not None:
        cases.append(("cak", case(DebtPlan("cak", "bijdrage", contribution.amount * 6, 7, 5 / 6), today, rng, _number("CAK", rng))))
    defaulter = money.defaulter(life, today)
    if defaulter is not None:
        owed = sum(made.balance for where, made in cases if where == "cak" and made.text == "Bestuursrechtelijke premie")
        defaulter = replace(defaulter, still_to_pay=owed)
    key = f"people.{life.id}" if life in STORIES else "people.made"
    return Person(
        id=life.id,
        description=text(key),
        bsn=bsn,
        given_name=life.given_name,
        prefix=life.prefix,
        family_name=life.family_name,
        gender=life.gender,
        name_use=life.name_use,
        birth=life.birth,
        birth_place=life.birth_place,
        birth_country=life.birth_country,
        municipality=town.source,
        address=address,
        registered=_register_date(life, today, rng),
        nationalities=life.nationalities,
        partner=_partner(life),
        children=life.children,
        guardianship=life.guardianship,
        secrecy=life.secrecy,
        under_investigation=life.under_investigation,
        suspension=Suspension(life.suspended, today - timedelta(days=170)) if life.suspended else None,
        student_debt=money.student_debt(life.study_debt, today, rng) if life.study_debt else None,
        study_finance=money.study_finance(life, today),
        jobs=jobs,
        benefits=tuple(benefit for benefit, _ in relations),
        contribution=contribution,
        defaulter=defaulter,
        known_to_cak=contribution is not None or defaulter is not None,
        tax=tax if lives_here else None,
        home=money.home(life, address, today, rng) if lives_here else None,
        assistance=money.assistance(life, today, rng),
        claims=(claim,) if claim else (),
        cases=tuple(cases),
    )


def _pays_tax(life: Life, today: date) -> bool:
    adult = life.birth.year is None or today.year - life.birth.year > 20
    return adult and not life.suspended and not life.care.startswith("wlz")


def _cases(life: Life, municipality: str, today: date, rng: random.Random) -> Iterator[tuple[str, Case]]:
    for plan in life.debts:
        source = municipality if plan.source == "gemeente" else plan.source
        yield source, case(plan, today, rng, _number(source.upper()[:3], rng))


def _number(prefix: str, rng: random.Random) -> str:
    return f"{prefix}-{rng.randrange(10**6):06d}-{rng.randrange(100):02d}"


def _address(life: Life, rng: random.Random, today: date) -> Address:
    town = TOWNS[life.town]
    since = life.since or _register_date(life, today, rng)
    if life.abroad:
        left = today - timedelta(days=170)
        return Address("VerblijfplaatsBuitenland", country=life.abroad, municipality=_MUNICIPALITY_OF_NON_RESIDENTS, since=_whole(left))
    if life.location:
        return Address("Locatie", municipality=town.code, description=life.location, since=since)
    street, postcode = street_in(town, rng)
    return Address(
        "Adres",
        street,
        rng.randint(1, 240),
        life.letter,
        life.addition,
        postcode,
        town.name,
        town.code,
        since=since,
        postal_only=life.postal_only,
    )


def _register_date(life: Life, today: date, rng: random.Random) -> PartialDate:
    """Since when someone is registered: not before birth, and for a child of the town since birth."""
    if life.birth.kind == "Datum" and life.birth_country == "6030" and (life.birth.year or 0) > today.year - 22:
        return life.birth
    months = rng.randint(14, 160)
    return _whole(Month.of(today).plus(-months).period.first + timedelta(days=rng.randint(0, 27)))


def _whole(day: date) -> PartialDate:
    return PartialDate(day.year, day.month, day.day)


def _partner(life: Life) -> Partner | None:
    if not life.partner or life.married is None:
        return None
    given, prefix, family = life.partner.split("|")
    return Partner(given, prefix, family, life.partner_kind, life.married, life.divorced)
