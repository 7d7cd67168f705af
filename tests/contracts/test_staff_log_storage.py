"""The log of the staff on a real database: lines that only grow, whoever writes, and what is done to them behind our back."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import StorageError, one_transaction, open_database, reading, writing
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verifier_requests import RequestStore, sweep_requests
from blauweknop.adapters.verifier_staff_log import (
    VERIFIER_STAFF_LOG,
    VERIFIER_STAFF_LOG_CHECKPOINTS,
    VERIFIER_STAFF_LOG_HEADS,
    StaffLogStore,
)
from blauweknop.verifier.staff.log_checking import Break, first_break_now
from blauweknop.verifier.staff.logbook import Deed, Entry, Head, Line, line_after
from tests.databases import with_tables
from tests.unit.standards import receivers as r
from tests.unit.verifier.asking.asking_world import QUESTION

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
KEY, OTHER_KEY = RowKey.from_secret(bytes(range(32))), RowKey.from_secret(bytes(32))
SIGNER = r.RECEIVER.signer()
SANNE = "aa" * 32
_L, _C = VERIFIER_STAFF_LOG.c, VERIFIER_STAFF_LOG_CHECKPOINTS.c


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def log(engine: Engine, receiver: str = "huur", key: RowKey = KEY) -> StaffLogStore:
    return StaffLogStore(engine, key, receiver, SIGNER, kept=2 * YEAR)


def seen(engine: Engine, count: int = 5, *, at: datetime = NOON) -> StaffLogStore:
    store = log(engine)
    for number in range(count):
        store.write(Entry(Deed.DOSSIER_SEEN, SANNE, "cd" * 32, str(number)), now=at)
    return store


def judged(store: StaffLogStore) -> Break | None:
    return first_break_now(store, receiver=store.receiver, certificate=SIGNER.certificate)


def test_what_was_written_is_read_and_whole(engine: Engine) -> None:
    store = seen(engine)
    assert [line.number for line in store.lines()] == [1, 2, 3, 4, 5]
    assert [line.number for line in store.newest(before=4, most=2)] == [3, 2]
    assert {line.at for line in store.lines()} == {NOON}
    assert judged(store) is None


def test_each_receiver_has_a_log_of_its_own(engine: Engine) -> None:
    seen(engine)
    assert log(engine, "schuldhulp").write(Entry(Deed.LOGGED_IN, SANNE), now=NOON) == 1
    assert len([*log(engine, "schuldhulp").lines()]) == 1
    assert judged(log(engine, "schuldhulp")) is None


def test_lines_of_one_request_are_found_by_the_beginning_of_its_id(engine: Engine) -> None:
    store = seen(engine, 1)
    store.write(Entry(Deed.REQUEST_SEEN, SANNE, "ef" * 32), now=NOON)
    assert [line.deed for line in store.newest(about="efef", most=9)] == ["request_seen"]
    assert [*store.newest(about="%", most=9)] == []


@pytest.mark.parametrize(
    ("tamper", "number", "code"),
    [
        (delete(VERIFIER_STAFF_LOG).where(_L.number == 3), 3, "gap"),
        (delete(VERIFIER_STAFF_LOG).where(_L.number >= 4), 4, "tail"),
        (delete(VERIFIER_STAFF_LOG), 1, "tail"),
        (delete(VERIFIER_STAFF_LOG).where(_L.number <= 2), 1, "start"),
        (update(VERIFIER_STAFF_LOG).where(_L.number == 2).values(staff="bb" * 32), 2, "line"),
        (update(VERIFIER_STAFF_LOG).where(_L.number == 2).values(at=NOON + HOUR), 2, "line"),
        (update(VERIFIER_STAFF_LOG).where(_L.number == 5).values(number=9), 5, "tail"),
        (delete(VERIFIER_STAFF_LOG_HEADS), 6, "tail"),
    ],
)
def test_what_somebody_does_in_the_tables_is_found(engine: Engine, tamper: object, number: int, code: str) -> None:
    store = seen(engine)
    with writing(engine) as connection:
        connection.execute(tamper)  # type: ignore[call-overload]  # a delete or an update
    found = judged(store)
    assert found is not None
    assert (found.number, found.code) == (number, code)


def test_a_tail_that_went_with_the_head_is_found_by_the_checkpoint_also_after_more_was_written(engine: Engine) -> None:
    store = seen(engine)
    store.sign(now=NOON)
    with writing(engine) as connection:
        connection.execute(delete(VERIFIER_STAFF_LOG).where(_L.number >= 4))
        connection.execute(delete(VERIFIER_STAFF_LOG_HEADS))
    assert judged(store) == Break(4, "tail")
    store.write(Entry(Deed.LOGGED_IN, SANNE), now=NOON)
    assert judged(store) == Break(4, "resumed")


def test_a_log_that_was_emptied_goes_on_behind_its_checkpoint_and_says_so(engine: Engine) -> None:
    store = seen(engine)
    store.sign(now=NOON)
    with writing(engine) as connection:
        connection.execute(delete(VERIFIER_STAFF_LOG))
        connection.execute(delete(VERIFIER_STAFF_LOG_HEADS))
    assert store.write(Entry(Deed.LOGGED_IN, SANNE), now=NOON) == 7
    assert judged(store) == Break(6, "resumed")


def test_a_line_that_somebody_puts_behind_the_last_is_found(engine: Engine) -> None:
    store = seen(engine)
    last = [*store.lines()][-1]
    more = line_after("huur", Head(last.number, last.hash), Entry(Deed.LOGGED_IN, SANNE), NOON)
    with writing(engine) as connection:
        connection.execute(insert(VERIFIER_STAFF_LOG), {"receiver": "huur", **asdict(more)})
    assert judged(store) == Break(6, "tail")


def test_what_is_written_while_the_log_is_looked_at_is_no_break(engine: Engine) -> None:
    seen(engine)
    assert judged(_Busy(engine, KEY, "huur", SIGNER)) is None


class _Busy(StaffLogStore):
    """Each time that its lines are read, somebody writes and signs before."""

    def lines(self) -> Iterator[Line]:
        self.write(Entry(Deed.LOGGED_IN, SANNE), now=NOON)
        self.sign(now=NOON)
        return StaffLogStore.lines(self)


def test_a_head_of_another_key_is_none(engine: Engine) -> None:
    seen(engine)
    assert log(engine, key=OTHER_KEY).head() is None
    assert judged(log(engine, key=OTHER_KEY)) == Break(6, "tail")


def test_every_hundred_lines_and_each_hour_there_is_a_checkpoint(engine: Engine) -> None:
    store = seen(engine, 100)
    assert [checkpoint.number for checkpoint in store.checkpoints()] == [100]
    store.write(Entry(Deed.LOGGED_OUT, SANNE), now=NOON)
    store.keep_up(now=NOON + HOUR / 2)
    assert len(store.checkpoints()) == 1
    store.keep_up(now=NOON + HOUR)
    store.keep_up(now=NOON + 3 * HOUR)
    store.sign(now=NOON + 3 * HOUR)
    assert [checkpoint.number for checkpoint in store.checkpoints()] == [100, 101]
    assert judged(store) is None


def test_old_lines_go_and_the_rest_is_whole(engine: Engine) -> None:
    store = seen(engine, 3)
    store.sign(now=NOON)
    store.write(Entry(Deed.LOGGED_IN, SANNE), now=NOON + YEAR)
    assert store.keep_up(now=NOON + 2 * YEAR + HOUR) == 0
    assert store.keep_up(now=NOON + 2 * YEAR + DAY) == 3
    assert [line.number for line in store.lines()] == [4, 5]
    assert judged(store) is None
    with writing(engine) as connection:
        connection.execute(delete(VERIFIER_STAFF_LOG).where(_L.number == 4))
    assert judged(store) == Break(4, "start")


def test_a_clock_that_was_wrong_for_a_moment_takes_no_newer_lines_along(engine: Engine) -> None:
    store = seen(engine, 3, at=NOON + YEAR)
    store.write(Entry(Deed.LOGGED_IN, SANNE), now=NOON - 30 * YEAR)
    store.write(Entry(Deed.LOGGED_OUT, SANNE), now=NOON + YEAR)
    assert store.keep_up(now=NOON + 2 * YEAR) == 0
    assert store.keep_up(now=NOON + 3 * YEAR + DAY) == 5
    assert judged(store) is None


def test_a_log_that_lost_its_end_is_written_on_past_the_numbers_that_were_signed(engine: Engine) -> None:
    store = seen(engine, 100)
    with writing(engine) as connection:
        connection.execute(delete(VERIFIER_STAFF_LOG).where(_L.number > 97))
        connection.execute(delete(VERIFIER_STAFF_LOG_HEADS))
    assert [store.write(Entry(Deed.LOGGED_IN, SANNE), now=NOON) for _ in range(3)] == [99, 100, 101]
    assert judged(store) == Break(98, "resumed")


def test_what_is_undone_is_not_in_the_log(engine: Engine) -> None:
    store = seen(engine, 1)

    def write_and_fail() -> None:
        with one_transaction(engine):
            store.write(Entry(Deed.NOTE_WRITTEN, SANNE), now=NOON)
            raise StorageError("something else failed")

    with pytest.raises(StorageError):
        write_and_fail()
    assert len([*store.lines()]) == 1
    assert judged(store) is None


def test_a_line_outlives_the_request_that_it_is_about(engine: Engine) -> None:
    request = RequestStore(engine, KEY, "huur").open(QUESTION, now=NOON, life=DAY)[1].id
    store = log(engine)
    store.write(Entry(Deed.REQUEST_MADE, SANNE, request), now=NOON)
    sweep_requests(engine, NOON + DAY)
    assert [line.about for line in store.lines()] == [request]
    assert judged(store) is None


def test_processes_that_write_at_once_make_one_chain(database_url: str, engine: Engine) -> None:
    store = log(engine)
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(2)
    writers = [context.Process(target=_write_much, args=(database_url, gate, name)) for name in ("aa", "bb")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert judged(store) is None
    with reading(engine) as connection:
        rows = connection.execute(select(_L.staff, func.count()).group_by(_L.staff)).all()
    assert {row[0]: row[1] for row in rows} == {"aa" * 32: 60, "bb" * 32: 60}
    assert [checkpoint.number for checkpoint in store.checkpoints()] == [100]


def _write_much(url: str, gate: Barrier, name: str) -> None:
    opened = open_database(url)
    store = log(opened)
    gate.wait(60)
    for _ in range(60):
        store.write(Entry(Deed.LOGGED_IN, name * 32), now=NOON)
    opened.dispose()
