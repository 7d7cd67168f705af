"""Statements that go to the driver as they are: the same rows and the same refusals as any other, on both databases."""

import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import StorageError, open_database, reading, writing
from blauweknop.adapters.statements import Statement
from blauweknop.adapters.verifier_records import VERIFIER_TRANSACTIONS
from tests.databases import with_tables

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NAMED = "verhuurder-van-samira"
_T = VERIFIER_TRANSACTIONS.c
ADD = Statement(insert(VERIFIER_TRANSACTIONS))
FIND = Statement(select(VERIFIER_TRANSACTIONS).where(_T.session_hash == bindparam("session"), _T.phase == "open"))
CLOSE = Statement(
    update(VERIFIER_TRANSACTIONS).where(_T.session_hash == bindparam("session")).values(phase="done", ends_at=bindparam("new_end"))
)
FORGET = Statement(delete(VERIFIER_TRANSACTIONS).where(_T.ends_at <= bindparam("now")))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def attempt(number: int, **other: object) -> Mapping[str, object]:
    return {
        "id_hash": bytes([number]) * 32,
        "receiver": "huur",
        "request_hash": b"r" * 32,
        "session_hash": b"s" * 32,
        "code_hash": None,
        "phase": "open",
        "elsewhere": True,
        "content": b"\x00 content %s :now",
        "ends_at": NOON,
        **other,
    }


def add(engine: Engine, *rows: Mapping[str, object]) -> None:
    with writing(engine) as connection:
        for row in rows:
            ADD.change(connection, row)


def found(engine: Engine) -> Mapping[str, object] | None:
    with reading(engine) as connection:
        row = FIND.one(connection, {"session": b"s" * 32})
    return vars(row) if row is not None else None


def test_a_row_comes_back_as_it_was_given(engine: Engine) -> None:
    add(engine, attempt(1))
    assert found(engine) == attempt(1)


def test_a_moment_comes_back_in_utc(engine: Engine) -> None:
    add(engine, attempt(1, ends_at=NOON.astimezone(timezone(timedelta(hours=2)))))
    assert str((found(engine) or {})["ends_at"]) == "2026-11-30 12:00:00+00:00"


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StorageError):
        add(engine, attempt(1, ends_at=NOON.replace(tzinfo=None)))


def test_what_is_not_there_is_none(engine: Engine) -> None:
    add(engine, attempt(1, phase="done"))
    assert found(engine) is None


def test_two_rows_are_not_one(engine: Engine) -> None:
    add(engine, attempt(1), attempt(2))
    with pytest.raises(StorageError, match="one row at most"):
        found(engine)


def test_a_change_says_how_many_rows_it_found(engine: Engine) -> None:
    add(engine, attempt(1), attempt(2), attempt(3, session_hash=b"o" * 32))
    with writing(engine) as connection:
        assert CLOSE.change(connection, {"session": b"s" * 32, "new_end": NOON + timedelta(days=1)}) == 2
        assert FORGET.change(connection, {"now": NOON}) == 1


def test_a_value_that_was_forgotten_is_no_null(engine: Engine) -> None:
    with pytest.raises(KeyError), writing(engine) as connection:
        CLOSE.change(connection, {"session": b"s" * 32})


def test_a_block_that_fails_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(StorageError):
        add(engine, attempt(1), attempt(1))
    assert found(engine) is None


def test_a_row_that_the_database_refuses_is_not_quoted(engine: Engine) -> None:
    add(engine, attempt(1))
    with pytest.raises(StorageError, match="refuses a row") as refused:
        add(engine, attempt(1, receiver=NAMED))
    assert NAMED not in "".join(traceback.format_exception(refused.value))


def test_a_table_that_is_not_there_is_told_as_any_fault_of_the_database(database_url: str) -> None:
    engine = open_database(database_url)
    with pytest.raises(StorageError, match="does not do what was asked"):
        found(engine)
    engine.dispose()
