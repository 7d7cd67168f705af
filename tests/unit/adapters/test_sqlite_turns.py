import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from blauweknop.adapters.sqlite_turns import begin_change

_PATIENCE = 10_000  # milliseconds


class Looking:
    """A connection that counts how often it tries to begin, and at the third time lets the other be ready."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.tries = 0
        self.other: sqlite3.Connection | None = None

    def execute(self, sql: str, /) -> sqlite3.Cursor:
        if sql == "BEGIN IMMEDIATE":
            self.tries += 1
            if self.tries == 3 and self.other is not None:
                self.other.execute("COMMIT")
        return self.connection.execute(sql)

    def patience(self) -> int:
        return int(self.connection.execute("PRAGMA busy_timeout").fetchone()[0])


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "file", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        yield connection


@pytest.fixture
def looking(tmp_path: Path, other: sqlite3.Connection) -> Iterator[Looking]:
    with closing(sqlite3.connect(tmp_path / "file", isolation_level=None)) as connection:
        yield Looking(connection)


def test_a_change_begins_as_soon_as_that_of_another_is_ready(looking: Looking, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    looking.other = other

    begin_change(looking, patience=_PATIENCE)

    assert looking.connection.in_transaction
    assert looking.tries == 3


def test_a_change_that_is_never_ready_ends_the_patience(looking: Looking, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        begin_change(looking, patience=1)

    assert not looking.connection.in_transaction


def test_another_fault_is_told_at_once(looking: Looking) -> None:
    looking.execute("BEGIN")

    with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
        begin_change(looking, patience=_PATIENCE)

    assert looking.tries == 1


def test_what_follows_waits_as_long(looking: Looking) -> None:
    begin_change(looking, patience=_PATIENCE)

    assert looking.patience() == _PATIENCE


def test_what_follows_waits_as_long_also_when_it_did_not_begin(looking: Looking, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(sqlite3.OperationalError):
        begin_change(looking, patience=1)

    assert looking.patience() == 1
