"""Who of a receiver is in, and whose task a request is, on a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verifier_requests import RequestStore, sweep_requests
from blauweknop.adapters.verifier_staff import StaffSessionStore, TaskStore
from blauweknop.verifier.staff.ports import LoggedInStaff, Role, Staff, StaffSessions, Tasks
from tests.databases import with_tables
from tests.unit.verifier.asking.asking_world import QUESTION

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
KEY, OTHER_KEY = RowKey.from_secret(bytes(range(32))), RowKey.from_secret(bytes(32))
SANNE, YOUSSEF = "aa" * 32, "bb" * 32
WHO = LoggedInStaff(Staff(SANNE, "Sanne", frozenset({Role.WORKER, Role.REVIEWER})), "sessie-daar", "id.token.daar")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def sessions(engine: Engine, receiver: str = "schuldhulp", key: RowKey = KEY) -> StaffSessions:
    return StaffSessionStore(engine, key, receiver)


def tasks(engine: Engine, receiver: str = "schuldhulp") -> Tasks:
    return TaskStore(engine, receiver)


def asked(engine: Engine, at: datetime = NOON) -> str:
    return RequestStore(engine, KEY, "schuldhulp").open(QUESTION, now=at, life=DAY)[1].id


def test_a_session_remembers_who_it_is_of(engine: Engine) -> None:
    reference = sessions(engine).start(WHO, now=NOON, replaces=None)
    found = sessions(engine).touch(reference, now=NOON + MINUTE)
    assert found is not None
    assert (found.who, found.started_at) == (WHO, NOON)


def test_use_keeps_a_session_and_idleness_ends_it(engine: Engine) -> None:
    reference = sessions(engine).start(WHO, now=NOON, replaces=None)
    assert sessions(engine).touch(reference, now=NOON + 14 * MINUTE) is not None
    assert sessions(engine).touch(reference, now=NOON + 28 * MINUTE) is not None
    assert sessions(engine).touch(reference, now=NOON + 43 * MINUTE) is None
    assert sessions(engine).touch(reference, now=NOON + 28 * MINUTE) is None


def test_a_session_that_is_replaced_or_ended_is_gone(engine: Engine) -> None:
    first = sessions(engine).start(WHO, now=NOON, replaces=None)
    second = sessions(engine).start(WHO, now=NOON, replaces=first)
    assert sessions(engine).touch(first, now=NOON) is None
    sessions(engine).end(second)
    assert sessions(engine).touch(second, now=NOON) is None


def test_another_receiver_or_key_finds_no_session_and_ends_none(engine: Engine) -> None:
    reference = sessions(engine).start(WHO, now=NOON, replaces=None)
    assert sessions(engine, "huur").touch(reference, now=NOON) is None
    assert sessions(engine, key=OTHER_KEY).touch(reference, now=NOON) is None
    sessions(engine, "huur").end(reference)
    assert sessions(engine).touch(reference, now=NOON) is not None


def test_no_more_sessions_than_there_is_room_for(engine: Engine) -> None:
    store = StaffSessionStore(engine, KEY, "schuldhulp", rows=1)
    assert store.start(WHO, now=NOON, replaces=None) is not None
    assert store.start(WHO, now=NOON, replaces=None) is None
    assert store.start(WHO, now=NOON + DAY, replaces=None) is not None


@pytest.mark.parametrize("reference", [None, "", "x" * 43, "é" * 43])
def test_what_is_no_reference_finds_nothing(engine: Engine, reference: str | None) -> None:
    assert sessions(engine).touch(reference, now=NOON) is None


def test_a_task_is_of_one_person_at_one_receiver(engine: Engine) -> None:
    request = asked(engine)
    tasks(engine).give(request, SANNE, now=NOON)
    tasks(engine).give(request, SANNE, now=NOON)
    assert tasks(engine).has(request, SANNE)
    assert not tasks(engine).has(request, YOUSSEF)
    assert not tasks(engine, "huur").has(request, SANNE)
    assert tasks(engine).of(YOUSSEF, most=9) == []
    assert tasks(engine, "huur").of(SANNE, most=9) == []


@pytest.mark.parametrize("request_id", ["", "x", "0" * 64])
def test_there_is_no_task_for_what_is_no_request(engine: Engine, request_id: str) -> None:
    assert not tasks(engine).has(request_id, SANNE)


def test_tasks_are_listed_from_the_newest(engine: Engine) -> None:
    ids = [asked(engine, NOON + number * MINUTE) for number in range(3)]
    for request in ids:
        tasks(engine).give(request, SANNE, now=NOON)
    assert list(tasks(engine).of(SANNE, most=2)) == [ids[2], ids[1]]


def test_a_task_ends_with_its_request(engine: Engine) -> None:
    request = asked(engine)
    tasks(engine).give(request, SANNE, now=NOON)
    sweep_requests(engine, NOON + DAY)
    assert not tasks(engine).has(request, SANNE)
    assert tasks(engine).of(SANNE, most=9) == []
