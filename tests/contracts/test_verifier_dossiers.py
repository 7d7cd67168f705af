from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from blauweknop.adapters.verifier_answers import VerifierAnswers, sweep_answers
from blauweknop.adapters.verifier_dossiers import DossierStore
from blauweknop.adapters.verifier_requests import RequestStore
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.afterwards.withdrawing import take_withdrawal
from blauweknop.verifier.asking.answers import MOST_ITEMS, MOST_KEPT, CheckedItem
from blauweknop.verifier.dossier.pieces import StatusCheck
from tests.databases import with_tables
from tests.unit.verifier.afterwards.afterwards_world import AfterwardsWorld
from tests.unit.verifier.asking.asking_world import QUESTION, ROW_KEY


@pytest.fixture
def world(database_url: str) -> Iterator[AfterwardsWorld]:
    engine = with_tables(database_url)
    yield AfterwardsWorld(engine)
    engine.dispose()


def store(engine: Engine) -> DossierStore:
    return DossierStore(engine, ROW_KEY, "schuldhulp")


def filled(world: AfterwardsWorld) -> tuple[DossierStore, str]:
    """A dossier with a note and a check, and its withdrawal."""
    records, shared = store(world.engine), world.share(days=30)
    assert shared.dossier is not None
    assert records.write_note(shared.dossier, "belt morgen", now=world.now)
    assert records.keep_check(shared.dossier, StatusCheck(world.now, {1: "valid"}))
    assert [note.text for note in records.notes(shared.dossier)] == ["belt morgen"]
    assert records.last_check(shared.dossier) == StatusCheck(world.now, {1: "valid"})
    return records, world.withdrawal(shared)


def test_notes_and_checks_go_at_once_with_a_withdrawal(world: AfterwardsWorld) -> None:
    _, withdrawal = filled(world)
    assert take_withdrawal(withdrawal, world.services())
    assert world.rows() == {"verifier_sharings": 1}


def test_notes_and_checks_go_with_an_answer_whose_time_is_over(world: AfterwardsWorld) -> None:
    filled(world)
    assert sweep_answers(world.engine, world.now + timedelta(days=30)) == 1
    assert not {"verifier_dossier_notes", "verifier_dossier_checks"} & world.rows().keys()


def test_notes_that_are_written_at_once_all_stay(world: AfterwardsWorld) -> None:
    records, shared = store(world.engine), world.share()
    dossier = shared.dossier or ""
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda number: records.write_note(dossier, f"nummer {number}", now=world.now), range(8)))
    assert {note.text for note in records.notes(dossier)} == {f"nummer {number}" for number in range(8)}


def test_a_dossier_is_due_when_it_was_not_checked_lately(world: AfterwardsWorld) -> None:
    records, shared = store(world.engine), world.share()
    dossier, day = shared.dossier or "", timedelta(days=1)
    assert records.not_checked_since(world.now - day, most=9) == []
    assert records.not_checked_since(world.now + day, most=9) == [shared.request_id]
    assert records.keep_check(dossier, StatusCheck(world.now + 2 * day, {}))
    assert records.not_checked_since(world.now + day, most=9) == []
    assert records.not_checked_since(world.now + 3 * day, most=9) == [shared.request_id]


def test_an_older_look_that_is_kept_later_changes_nothing_that_is_known(world: AfterwardsWorld) -> None:
    records, dossier = store(world.engine), world.share().dossier or ""
    newer = StatusCheck(world.now, {1: "withdrawn", 2: "valid"})
    assert records.keep_check(dossier, newer)
    assert records.keep_check(dossier, StatusCheck(world.now - timedelta(seconds=1), {1: "valid", 2: "unknown"}))
    assert records.last_check(dossier) == newer


def test_of_looks_that_are_kept_at_once_no_bad_answer_is_lost(world: AfterwardsWorld) -> None:
    records, dossier = store(world.engine), world.share().dossier or ""
    looks = [StatusCheck(world.now + timedelta(seconds=number), {1: "unknown", 2: "unknown"}) for number in range(8)]
    looks[3] = StatusCheck(looks[3].at, {1: "withdrawn", 2: "suspended"})
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda look: records.keep_check(dossier, look), looks))
    assert records.last_check(dossier) == StatusCheck(looks[-1].at, {1: "withdrawn", 2: "suspended"})


def test_a_newer_own_paper_takes_the_place_of_one_that_is_there_and_of_no_other(world: AfterwardsWorld) -> None:
    answers = VerifierAnswers(world.engine, ROW_KEY, "schuldhulp")
    _, request = RequestStore(world.engine, ROW_KEY, "schuldhulp").open(QUESTION, now=world.now, life=timedelta(days=7))
    answer = replace(world.answer(request.id), own_papers=({"title": "een"}, {"title": "twee"}))
    assert answers.keep(answer, erase_at=world.now + timedelta(days=30))
    assert answers.replace_papers(request.id, {2: {"title": "drie"}})
    assert not answers.replace_papers(request.id, {1: {"title": "vier"}, 3: {"title": "vijf"}})
    assert not answers.replace_papers("00" * 32, {1: {"title": "vier"}})
    kept = answers.of_request(request.id)
    assert kept is not None
    assert kept.answer == replace(answer, own_papers=({"title": "een"}, {"title": "drie"}))


def brought(world: AfterwardsWorld, first: int, count: int) -> list[CheckedItem]:
    """Pieces of as many sources."""
    return [
        CheckedItem("schuld", "schuld-kort", "duo.studieschuld", "dc+sd-jwt", Colour.GREEN, issuer_oin=f"{number:020}", came_at=world.now)
        for number in range(first, first + count)
    ]


def test_a_dossier_shows_all_that_it_holds_and_takes_no_more_than_that(world: AfterwardsWorld) -> None:
    shared = world.share()
    answers = VerifierAnswers(world.engine, ROW_KEY, "schuldhulp")
    before = answers.of_request(shared.request_id)
    assert before is not None
    room = MOST_KEPT - len(before.answer.items)
    for first in range(0, room, MOST_ITEMS):
        assert answers.update(shared.request_id, brought(world, first, min(MOST_ITEMS, room - first)))
    assert answers.update(shared.request_id, brought(world, room, 1)) is False
    kept = answers.of_request(shared.request_id)
    assert kept is not None
    assert len(kept.answer.items) == MOST_KEPT
    assert kept.answer.items[-1].issuer_oin == f"{room - 1:020}"
