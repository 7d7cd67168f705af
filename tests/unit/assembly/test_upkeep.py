"""What is to be forgotten on time is looked for again and again, also after a time in which the database did not answer."""

from datetime import UTC, datetime
from threading import Event

from blauweknop.adapters.database import StorageError
from blauweknop.assembly.upkeep import Upkeep

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
_PATIENCE_SECONDS = 60.0


def test_all_is_forgotten_that_is_due_at_a_moment() -> None:
    asked: list[datetime] = []

    def sweep(now: datetime) -> int:
        asked.append(now)
        return 2

    assert (Upkeep([sweep, sweep]).sweep(NOON), asked) == (4, [NOON, NOON])


def test_a_database_that_did_not_answer_is_asked_again() -> None:
    rounds: list[datetime] = []
    again = Event()

    def sweep(now: datetime) -> int:
        rounds.append(now)
        if len(rounds) == 1:
            raise StorageError("it does not answer", remedy="wait")
        again.set()
        return 0

    upkeep = Upkeep([sweep], every=0.001, now=lambda: NOON)
    upkeep.start()
    try:
        assert again.wait(_PATIENCE_SECONDS)
    finally:
        upkeep.stop()
    assert set(rounds) == {NOON}


def test_nothing_is_looked_for_after_the_stop() -> None:
    rounds: list[datetime] = []

    def sweep(now: datetime) -> int:
        rounds.append(now)
        return 0

    upkeep = Upkeep([sweep], every=0.001)
    upkeep.start()
    upkeep.stop()
    before = len(rounds)
    Event().wait(0.05)
    assert len(rounds) == before
