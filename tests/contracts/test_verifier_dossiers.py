from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.verifier_answers import sweep_answers
from blauweknop.adapters.verifier_dossiers import DossierStore
from blauweknop.verifier.afterwards.withdrawing import take_withdrawal
from blauweknop.verifier.dossier.pieces import StatusCheck
from tests.unit.verifier.afterwards.afterwards_world import AfterwardsWorld
from tests.unit.verifier.asking.asking_world import ROW_KEY


@pytest.fixture
def world(database_url: str) -> Iterator[AfterwardsWorld]:
    engine = open_database(database_url)
    upgrade(engine)
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
