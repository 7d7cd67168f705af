"""The outbox on every kind of database: told once it is due, forgotten on time, and telling nothing to who reads the tables."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from blauweknop.adapters.database import reading
from blauweknop.adapters.holder_outbox import HolderOutbox
from blauweknop.adapters.holder_records import HOLDER_OUTBOX
from blauweknop.adapters.row_encryption import RowKey
from tests.databases import with_tables

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
SECRET = b'{"address":"https://woonstichting.example/intrekken"}'


@pytest.fixture
def outbox(database_url: str) -> Iterator[HolderOutbox]:
    engine = with_tables(database_url)
    yield HolderOutbox(engine, RowKey.from_secret(bytes(range(32))), rows=3)
    engine.dispose()


def put(outbox: HolderOutbox, content: bytes = SECRET, now: datetime = NOW) -> bytes:
    reference = outbox.put(content, now=now)
    assert reference is not None
    row = outbox.row_of(reference)
    assert row is not None
    return row


def test_what_is_put_is_due_at_once_and_is_what_it_was(outbox: HolderOutbox) -> None:
    row = put(outbox)
    assert outbox.due(now=NOW, most=10) == [row]
    assert outbox.read(row) == SECRET


def test_what_is_kept_for_later_is_due_later(outbox: HolderOutbox) -> None:
    row = put(outbox)
    outbox.keep(row, b"again", due_at=NOW + timedelta(hours=1))
    assert outbox.due(now=NOW, most=10) == []
    assert outbox.due(now=NOW + timedelta(hours=1), most=10) == [row]
    assert outbox.read(row) == b"again"


def test_what_was_answered_is_due_never(outbox: HolderOutbox) -> None:
    outbox.keep(put(outbox), b"proof", due_at=None)
    assert outbox.due(now=NOW + timedelta(days=59), most=10) == []


def test_the_oldest_come_first_and_no_more_than_asked(outbox: HolderOutbox) -> None:
    rows = [put(outbox, now=NOW - timedelta(minutes=minutes)) for minutes in (1, 3, 2)]
    assert outbox.due(now=NOW, most=2) == [rows[1], rows[2]]


def test_what_is_forgotten_is_gone(outbox: HolderOutbox) -> None:
    row = put(outbox)
    outbox.forget(row)
    assert (outbox.read(row), outbox.due(now=NOW, most=10)) == (None, [])


def test_nothing_stays_for_ever(outbox: HolderOutbox) -> None:
    row = put(outbox)
    assert outbox.sweep(NOW + timedelta(days=59)) == 0
    assert outbox.sweep(NOW + timedelta(days=60)) == 1
    assert outbox.read(row) is None


def test_there_is_an_end_to_how_much_waits(outbox: HolderOutbox) -> None:
    for _ in range(3):
        put(outbox)
    assert outbox.put(SECRET, now=NOW) is None


@pytest.mark.parametrize("reference", ["", "x", "é" * 43])
def test_what_is_no_reference_leads_nowhere(outbox: HolderOutbox, reference: str) -> None:
    assert outbox.row_of(reference) is None


def test_the_table_tells_nothing_and_rows_are_of_one_size(outbox: HolderOutbox) -> None:
    put(outbox)
    put(outbox, b"x" * 10_000)
    with reading(outbox.engine) as connection:
        contents = [row.content for row in connection.execute(select(HOLDER_OUTBOX.c.content))]
    assert not any(b"woonstichting" in content for content in contents)
    assert len({len(content) for content in contents}) == 1


def test_another_secret_opens_nothing(outbox: HolderOutbox) -> None:
    row = put(outbox)
    assert HolderOutbox(outbox.engine, RowKey.from_secret(bytes(32))).read(row) is None
