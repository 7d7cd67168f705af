"""What waits for the yes of a colleague, on a real database: of somebody else, for one thing, once, and for a day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verifier_approvals import VERIFIER_APPROVALS, ApprovalStore
from blauweknop.adapters.verifier_requests import RequestStore, sweep_requests
from blauweknop.verifier.staff.four_eyes import Approval, ApprovalState, Guarded, NewApproval
from blauweknop.verifier.staff.people import Role, Staff
from tests.databases import with_tables
from tests.unit.verifier.asking.asking_world import QUESTION

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY, OTHER_KEY = RowKey.from_secret(bytes(range(32))), RowKey.from_secret(bytes(32))
SANNE = Staff("aa" * 32, "Sanne", frozenset({Role.WORKER, Role.REVIEWER}))
TOM = Staff("bb" * 32, "Tom", frozenset({Role.REVIEWER}))
YOUSSEF = Staff("cc" * 32, "Youssef", frozenset({Role.WORKER}))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def store(engine: Engine, receiver: str = "huur", key: RowKey = KEY) -> ApprovalStore:
    return ApprovalStore(engine, key, receiver)


def a_request(engine: Engine) -> str:
    return RequestStore(engine, KEY, "huur").open(QUESTION, now=NOON, life=30 * DAY)[1].id


def asked(engine: Engine, *, about: str | None = None, what: str = "schulden.csv", at: datetime = NOON) -> Approval:
    new = NewApproval(Guarded.EXPORT, what, "ef" * 32, "Voor het gesprek", about)
    approval = store(engine).ask(new, SANNE, now=at)
    assert approval is not None
    return approval


def granted(engine: Engine) -> Approval:
    waiting = asked(engine)
    assert store(engine).decide(waiting.id, TOM, granted=True, now=NOON)
    approval = store(engine).by_id(waiting.id, now=NOON)
    assert approval is not None
    return approval


def test_what_was_asked_is_read_as_it_was(engine: Engine) -> None:
    approval = asked(engine, about=a_request(engine))
    assert store(engine).by_id(approval.id, now=NOON) == approval
    assert [*store(engine).waiting(now=NOON, most=9)] == [approval]
    assert [*store(engine).of(SANNE.id, now=NOON, most=9)] == [approval]
    assert [*store(engine).of(YOUSSEF.id, now=NOON, most=9)] == []


def test_a_yes_works_once(engine: Engine) -> None:
    approval = granted(engine)
    assert approval.state is ApprovalState.GRANTED
    assert approval.decided_by == "Tom"
    assert store(engine).use(approval, now=NOON)
    assert not store(engine).use(approval, now=NOON)
    assert store(engine).by_id(approval.id, now=NOON) is None


def test_nobody_says_yes_to_themselves(engine: Engine) -> None:
    approval = asked(engine)
    assert not store(engine).decide(approval.id, SANNE, granted=True, now=NOON)
    assert not store(engine).use(approval, now=NOON)


def test_a_no_is_no_yes_and_stays_no(engine: Engine) -> None:
    approval = asked(engine)
    assert store(engine).decide(approval.id, TOM, granted=False, now=NOON)
    assert not store(engine).decide(approval.id, TOM, granted=True, now=NOON)
    assert not store(engine).use(approval, now=NOON)


def test_what_waits_ends_after_a_day_and_so_does_a_yes(engine: Engine) -> None:
    approval = asked(engine)
    assert not store(engine).decide(approval.id, TOM, granted=True, now=NOON + DAY)
    assert store(engine).decide(approval.id, TOM, granted=True, now=NOON + DAY - HOUR)
    assert not store(engine).use(approval, now=NOON + 2 * DAY - HOUR)
    assert store(engine).by_id(approval.id, now=NOON + 2 * DAY - HOUR) is None
    assert store(engine).use(approval, now=NOON + 2 * DAY - 2 * HOUR)


def test_another_receiver_sees_nothing_and_decides_nothing(engine: Engine) -> None:
    approval, elsewhere = asked(engine), store(engine, "schuldhulp")
    assert elsewhere.by_id(approval.id, now=NOON) is None
    assert [*elsewhere.waiting(now=NOON, most=9)] == []
    assert not elsewhere.decide(approval.id, TOM, granted=True, now=NOON)
    assert not elsewhere.take_back(approval.id, SANNE.id)
    assert store(engine).decide(approval.id, TOM, granted=True, now=NOON)
    assert not elsewhere.use(approval, now=NOON)


def test_only_who_asked_takes_it_back(engine: Engine) -> None:
    approval = asked(engine)
    assert not store(engine).take_back(approval.id, TOM.id)
    assert store(engine).take_back(approval.id, SANNE.id)
    assert store(engine).by_id(approval.id, now=NOON) is None


def test_asking_again_about_the_same_file_takes_the_place_of_what_was_asked(engine: Engine) -> None:
    request = a_request(engine)
    first = asked(engine, about=request)
    other = asked(engine, about=request, what="inkomen.csv")
    again = asked(engine, about=request)
    assert store(engine).by_id(first.id, now=NOON) is None
    assert {each.id for each in store(engine).of(SANNE.id, now=NOON, most=9)} == {other.id, again.id}


def test_so_many_of_one_person_wait_and_no_more(engine: Engine) -> None:
    for _ in range(50):
        asked(engine)
    assert store(engine).ask(NewApproval(Guarded.BSN, "x", "y", "z"), SANNE, now=NOON) is None
    assert store(engine).ask(NewApproval(Guarded.BSN, "x", "y", "z"), YOUSSEF, now=NOON) is not None
    assert store(engine).ask(NewApproval(Guarded.BSN, "x", "y", "z"), SANNE, now=NOON + DAY) is not None


def test_it_goes_with_the_request_that_it_is_about(engine: Engine) -> None:
    approval = asked(engine, about=a_request(engine), at=NOON + 30 * DAY - HOUR)
    sweep_requests(engine, NOON + 30 * DAY)
    assert store(engine).by_id(approval.id, now=NOON + 30 * DAY) is None


def test_what_ended_is_swept(engine: Engine) -> None:
    asked(engine)
    assert store(engine).sweep(NOON + HOUR) == 0
    assert store(engine).sweep(NOON + DAY) == 1


def test_a_state_that_somebody_writes_in_the_table_is_no_yes(engine: Engine) -> None:
    approval = asked(engine)
    with writing(engine) as connection:
        connection.execute(update(VERIFIER_APPROVALS).values(state="granted"))
    assert store(engine).by_id(approval.id, now=NOON) is None


def test_words_and_names_stand_nowhere_readable(engine: Engine) -> None:
    granted(engine)
    with reading(engine) as connection:
        row = connection.execute(select(VERIFIER_APPROVALS)).one()
    stands = repr(row).encode()
    assert not [word for word in (b"gesprek", b"Sanne", b"Tom", b"schulden") if word in stands]
    assert store(engine, key=OTHER_KEY).by_id(row.id.hex(), now=NOON) is None


@pytest.mark.parametrize("approval_id", ["", "x", "00", "0" * 32])
def test_what_is_no_id_finds_nothing(engine: Engine, approval_id: str) -> None:
    assert store(engine).by_id(approval_id, now=NOON) is None
    assert not store(engine).decide(approval_id, TOM, granted=True, now=NOON)
    assert not store(engine).take_back(approval_id, SANNE.id)
