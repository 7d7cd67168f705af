"""The people of the exercise and their wallet credentials: from the systems of the sources, in both forms, through the check."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import cbor2

from blauweknop.demo.people_facts import Person
from blauweknop.document.summary_claims import ClaimValue, claims_of
from blauweknop.domain.document import Found, Snapshot
from blauweknop.standards import base64url
from tests.contracts.demo_answers import CATALOGUE, Asked
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.document import wallet_samples as w


def snapshots(asked: Asked) -> Iterator[tuple[str, str, Snapshot]]:
    """With whose it is and which source gave it."""
    for (person_id, source_id, _), outcome in asked.outcomes.items():
        if isinstance(outcome, Found):
            yield person_id, source_id, outcome.snapshot


def claims(snapshot: Snapshot) -> dict[str, ClaimValue]:
    return claims_of(snapshot, CATALOGUE.summaries[snapshot.dataset_id], x.DUO)


def in_sd_jwt(copy: str) -> dict[str, object]:
    return {name: value for _, name, value in (json.loads(base64url.decode(text)) for text in copy.split("~")[1:-1])}


def in_mdoc(copy: str) -> dict[str, object]:
    (items,) = cbor2.loads(base64url.decode(copy))["nameSpaces"].values()
    read = [cbor2.loads(item.value) for item in items]
    return {item["elementIdentifier"]: item["elementValue"] for item in read}


def test_everybody_can_have_every_data_set_in_both_forms_and_the_check_reads_them(asked: Asked) -> None:
    trust = c.trust(duo=c.entity(datasets=frozenset(CATALOGUE.datasets)))
    seen = set()
    for _, _, snapshot in snapshots(asked):
        (sd_jwt,), (mdoc,) = (w.batch(snapshot, w.orders(1), form=form, at=x.NOW) for form in w.FORMS)
        expected = claims(snapshot)
        assert in_mdoc(mdoc) == expected
        assert in_sd_jwt(sd_jwt) == {name: value.isoformat() if isinstance(value, date) else value for name, value in expected.items()}
        for copy in (sd_jwt, mdoc):
            assert c.against(c.credential(copy, given=trust)) == ["orange holder holder_unproved"]
        seen.add(snapshot.dataset_id)
    assert seen == set(CATALOGUE.datasets)


def test_no_credential_has_the_number_of_its_person(asked: Asked) -> None:
    numbers = {person.id: person.bsn.digits for person in asked.people}
    for person_id, _, snapshot in snapshots(asked):
        assert numbers[person_id] not in claims(snapshot).values()


def test_a_yearly_income_is_that_of_the_facts_of_a_life(asked: Asked) -> None:
    people: Mapping[str, Person] = {person.id: person for person in asked.people}
    known: dict[bool, int] = defaultdict(int)
    for person_id, _, snapshot in snapshots(asked):
        if snapshot.dataset_id == w.JOBS:
            expected = income_day_by_day(people[person_id])
            assert claims(snapshot).get("sv_loon_jaar") == expected, person_id
            known[expected is not None] += 1
    assert known.keys() == {True, False}


def income_day_by_day(person: Person) -> int | None:
    """No pay period of the exercise crosses the end of a year."""
    items = [item for job in person.jobs for item in job.items if item.first.year == w.YEAR]
    day = date(w.YEAR, 1, 1)
    while day.year == w.YEAR:
        if not any(item.first <= day <= item.last and item.pay >= 0 for item in items):
            return None
        day += timedelta(days=1)
    return sum(item.pay for item in items)


def test_what_is_still_open_is_the_sum_of_all_cases_of_a_life(asked: Asked) -> None:
    people: Mapping[str, Person] = {person.id: person for person in asked.people}
    for person_id, source_id, snapshot in snapshots(asked):
        if snapshot.dataset_id.endswith(".betaaloverzicht"):
            open_amounts = [case.balance for where, case in people[person_id].cases if where == source_id]
            said = claims(snapshot)
            assert (said["aantal_zaken"], said["saldo"]) == (len(open_amounts), sum(open_amounts))
            assert said["has_open_amount"] is (sum(open_amounts) > 0)


def test_who_is_eighteen_is_said_of_whole_dates_of_birth(asked: Asked) -> None:
    people: Mapping[str, Person] = {person.id: person for person in asked.people}
    for person_id, _, snapshot in snapshots(asked):
        born = people[person_id].birth
        if snapshot.dataset_id == "gem.brp" and born.kind == "Datum" and not people[person_id].under_investigation:
            assert claims(snapshot)["age_over_18"] is (((born.year or 0) + 18, born.month, born.day) <= (2026, 11, 23))
