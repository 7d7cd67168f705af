"""A source in a database: one query for the person, one for each list, all in one read-only transaction with one deadline.

`:bsn` is always a bound parameter. The queries come from the configuration file, which is trusted as the program is; the account that the
address names should only have the right to read.
"""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from blauweknop.adapters.sources.lists import dealt_out
from blauweknop.adapters.sources.mapping import ListMapping, Record, SourceFailure
from blauweknop.domain.identifiers import Bsn

__all__ = ["read_sql"]

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NO_CONNECTION = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
_MOST_ROWS = 20_000
_STEPS_BETWEEN_LOOKS = 10_000  # SQLite instructions, some tenths of a millisecond


def read_sql(bsn: Bsn, *, url: str, query: str, lists: Mapping[str, ListMapping], timeout_seconds: float) -> Record | None:
    """The row of a person with the rows of all lists; None when there is no row.

    Raises:
        SourceFailure: anything else than one whole answer within the time.
    """
    try:
        with _engine(url, timeout_seconds).connect() as connection, connection.begin():
            _set_deadline(connection, timeout_seconds)
            rows = _rows(connection, query, bsn)
            if len(rows) > 1:
                raise SourceFailure("answer", "the source has more than one row for one person")
            return _with_lists(rows, lists, connection, bsn)[0] if rows else None
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise _failure(error) from None  # the error of the database can hold values of the query


def _rows(connection: Connection, query: str, bsn: Bsn) -> list[dict[str, Any]]:
    result = connection.execute(sqlalchemy.text(query), {"bsn": bsn.digits} if ":bsn" in query else {})
    rows = [dict(row) for row in result.mappings().fetchmany(_MOST_ROWS + 1)]
    if len(rows) > _MOST_ROWS:
        raise SourceFailure("answer", f"the source has more than {_MOST_ROWS} rows in one list")
    return rows


def _with_lists(
    parents: Sequence[dict[str, Any]], lists: Mapping[str, ListMapping], connection: Connection, bsn: Bsn
) -> tuple[Record, ...]:
    """Rows as records, each with the rows of its lists; a nested list is asked for once and dealt out by `parent_column`."""
    found: list[dict[str, tuple[Record, ...]]] = [{} for _ in parents]
    for name, mapping in lists.items():
        rows = _rows(connection, mapping.query, bsn)
        children = _with_lists(rows, mapping.lists, connection, bsn)
        dealt = dealt_out(children, parents, mapping.parent_column, name)
        for group, own in zip(found, dealt, strict=True):
            group[name] = own
    return tuple(Record(row, group) for row, group in zip(parents, found, strict=True))


@cache
def _engine(url: str, timeout_seconds: float) -> Engine:
    """One engine per address in a process, opened read-only where the database knows how."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed.database or "", timeout_seconds)
    connect: dict[str, Any] = {}
    if parsed.get_backend_name() == "postgresql":
        limit = int(timeout_seconds * 1000)
        options = f"-c statement_timeout={limit} -c lock_timeout={limit} -c default_transaction_read_only=on"
        connect = {"connect_timeout": max(1, round(timeout_seconds)), "options": options}
        return sqlalchemy.create_engine(
            parsed, connect_args=connect, pool_timeout=timeout_seconds, pool_pre_ping=True, isolation_level="REPEATABLE READ"
        )
    return sqlalchemy.create_engine(parsed, pool_timeout=timeout_seconds, pool_pre_ping=True)


def _sqlite_engine(path: str, timeout_seconds: float) -> Engine:
    address = sqlalchemy.URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})
    # opened for each question: a file that was replaced must not live on in an open connection
    engine = sqlalchemy.create_engine(address, connect_args={"timeout": timeout_seconds}, poolclass=NullPool)

    @sqlalchemy.event.listens_for(engine, "connect")
    def ask_only(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not decide when a transaction starts
        connection.execute("PRAGMA query_only = ON")

    @sqlalchemy.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _set_deadline(connection: Connection, timeout_seconds: float) -> None:
    """SQLite has no statement time-out of its own: it is interrupted when the time is over."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        ends = time.monotonic() + timeout_seconds
        driver.set_progress_handler(lambda: int(time.monotonic() > ends), _STEPS_BETWEEN_LOOKS)


def _failure(error: sqlalchemy.exc.SQLAlchemyError) -> SourceFailure:
    """What went wrong, by the codes of SQLite and of PostgreSQL (SQLSTATE); texts of databases can hold values."""
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return SourceFailure("overloaded", "no connection to the source came free in time")
    original = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else None
    code = getattr(original, "sqlite_errorcode", 0) & 0xFF
    state = str(getattr(original, "sqlstate", None) or "")
    if code == sqlite3.SQLITE_INTERRUPT or state == "57014":
        return SourceFailure("timeout", "the source did not answer in time")
    if code in _BUSY or state.startswith(("53", "55")):
        return SourceFailure("overloaded", "the source is busy")
    if code in _NO_CONNECTION or state.startswith(("08", "57", "28")):
        return SourceFailure("connection", "the source could not be reached")
    if isinstance(error, sqlalchemy.exc.OperationalError) and not code and not state:
        return SourceFailure("connection", "the source could not be reached")
    return SourceFailure("configuration", "the source cannot answer the query of its configuration", retry_worthwhile=False)
