"""One door to the database: SQLite in a file on one machine, PostgreSQL for several, with the same tables and the same manners."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum
from importlib.resources import files
from pathlib import Path
from threading import Lock
from weakref import WeakKeyDictionary

import alembic.command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, MetaData, create_engine, event, text
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from blauweknop.adapters.sqlite_turns import begin_change
from blauweknop.domain.errors import BlauweKnopError

__all__ = [
    "METADATA",
    "StorageError",
    "UtcDateTime",
    "leave_nothing_behind",
    "one_transaction",
    "open_database",
    "pending",
    "reading",
    "take_turns",
    "upgrade",
    "writing",
]

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_BUSY_MILLISECONDS = 10_000
_CONNECT_SECONDS = 5
_PAGE_BYTES = 8192
_SYNCHRONOUS = "blauweknop_synchronous"
_JOINED: ContextVar[tuple[Engine, Connection] | None] = ContextVar("blauweknop_transaction", default=None)
_TURNS: "WeakKeyDictionary[Engine, Lock]" = WeakKeyDictionary()
_UPGRADE_LOCK = 0x626C6175  # any number, the same in every process


class StorageError(BlauweKnopError):
    """The database cannot be opened, reached or brought up to date."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets the zone of a time, so it is taken off before and put back after."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise StorageError("expected a time with a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_database(url: str) -> Engine:
    """A database by its SQLAlchemy URL: `sqlite:///path/to/file` or `postgresql://user@host/name`. Opens no connection yet.

    Raises:
        StorageError: another kind of database, a database in memory, or a file that cannot be made.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(
            "the URL of the database cannot be read", remedy="write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            return _open_sqlite(parsed)
        case "postgresql":
            return _open_postgresql(parsed)
        case other:
            raise StorageError(f"a database of the kind {other} is not supported", remedy="use SQLite or PostgreSQL")


def writing(engine: Engine, *, durable: bool = False) -> AbstractContextManager[Connection]:
    """A transaction that may write: all of it happens, or nothing.

    A `durable` one is on the disk when the block ends, also when the power goes. PostgreSQL always does so; SQLite is quicker without.

    Raises:
        StorageError: the database does not answer.
    """
    return _connected(engine, _Manner.DURABLE if durable else _Manner.WRITES)


def reading(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that only reads, and on SQLite waits for no writer.

    Raises:
        StorageError: the database does not answer.
    """
    return _connected(engine, _Manner.READS)


@contextmanager
def one_transaction(engine: Engine) -> Iterator[None]:
    """All that this thread reads and writes in the block: it all happens, or nothing.

    Raises:
        StorageError: the database does not answer.
    """
    with writing(engine) as connection:
        before = _JOINED.set((engine, connection))
        try:
            yield
        finally:
            _JOINED.reset(before)


def leave_nothing_behind(engine: Engine) -> None:
    """Take what was erased out of the file beside an SQLite database, where it stands until changes are copied to the database itself.

    When others read at this moment it happens later. PostgreSQL does such things by itself, in its own time.

    Raises:
        StorageError: the database does not answer.
    """
    if engine.dialect.name != "sqlite":
        return
    try:
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StorageError("the database does not answer") from error


def take_turns(connection: Connection, lock: int) -> None:
    """Wait until no other transaction holds this lock, and hold it until the end of this one. On SQLite writers take turns anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def upgrade(engine: Engine) -> None:
    """Bring the tables to the newest form. Safe to start in several processes at once: they take turns.

    Raises:
        StorageError: the database does not answer, or is of a newer version than this program.
    """
    config = _migrations()
    with writing(engine) as connection:
        take_turns(connection, _UPGRADE_LOCK)
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        present = set(MigrationContext.configure(connection).get_current_heads())
        if not present <= known:
            raise StorageError("the database is of a newer version than this program", remedy="install the newer version of the program")
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")


def pending(engine: Engine) -> bool:
    """Whether the tables are not of the form this program expects.

    Raises:
        StorageError: the database does not answer.
    """
    wanted = set(ScriptDirectory.from_config(_migrations()).get_heads())
    with reading(engine) as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) != wanted


class _Manner(Enum):
    """What a transaction is for."""

    READS = "reads"
    WRITES = "writes"
    DURABLE = "durable"


@contextmanager
def _connected(engine: Engine, manner: _Manner) -> Iterator[Connection]:
    joined = _JOINED.get()
    if joined is not None and joined[0] is engine:
        if manner is _Manner.DURABLE:
            raise StorageError("a durable transaction cannot be a part of another")
        yield joined[1]
        return
    driver = engine.dialect.loaded_dbapi  # `Statement` speaks to it without SQLAlchemy
    try:
        with _turn(engine, manner), engine.connect() as connection, connection.begin():
            if engine.dialect.name == "sqlite":
                _begin_sqlite(connection, manner)
            yield connection
    except (IntegrityError, DataError, driver.IntegrityError, driver.DataError) as error:
        # PostgreSQL quotes the whole row in the text of such an error, so it is not chained.
        raise StorageError(f"the database refuses a row ({type(error).__name__})") from None
    except (SQLAlchemyError, driver.Error) as error:
        remedy = "check that it runs, that its URL is right and that there is room; then: blauweknop db upgrade"
        raise StorageError(f"the database does not do what was asked ({type(error).__name__})", remedy=remedy) from error


@contextmanager
def _turn(engine: Engine, manner: _Manner) -> Iterator[None]:
    """SQLite lets one write at a time. Who waits for a thread of this process is woken; `begin_change` waits for other processes."""
    lock = None if manner is _Manner.READS else _TURNS.get(engine)
    if lock is None:
        yield
        return
    if not lock.acquire(timeout=_BUSY_MILLISECONDS / 1000):
        raise StorageError("the database does not do what was asked: another change is not ready", remedy="try again")
    try:
        yield
    finally:
        lock.release()


def _migrations() -> Config:
    config = Config()
    folder = files("blauweknop.adapters").joinpath("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StorageError("SQLite in memory is not shared between threads", remedy="name a file: sqlite:///FILE")
    try:
        # Others on the machine have no business in it; SQLite gives the files beside it the same rights.
        os.close(os.open(Path(url.database), os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageError(
            f"the file of the database cannot be opened: {url.database}", remedy="make its folder, or mend its rights"
        ) from error
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    _TURNS[engine] = Lock()
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # BEGIN is given by _begin_sqlite
    settings = (
        # Of a new file only. With those of 4 KiB, SQLite takes three times as long to read the file of a document.
        f"page_size = {_PAGE_BYTES}",
        f"busy_timeout = {_BUSY_MILLISECONDS}",
        "journal_mode = WAL",
        "foreign_keys = ON",
        "secure_delete = ON",  # an ended session leaves nothing behind in the file
    )
    try:
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error as error:
        raise StorageError(
            "the file of the database cannot be used", remedy="check that it is an SQLite database and not locked"
        ) from error


def _begin_sqlite(connection: Connection, manner: _Manner) -> None:
    """To the driver itself: as an event of SQLAlchemy it would make each transaction cost half as much again."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise StorageError("expected the SQLite of Python")
    synchronous = "FULL" if manner is _Manner.DURABLE else "NORMAL"
    if connection.info.get(_SYNCHRONOUS) != synchronous:
        driver.execute(f"PRAGMA synchronous = {synchronous}")
        connection.info[_SYNCHRONOUS] = synchronous
    # A transaction that reads first and writes later cannot wait for its turn; one that starts as writer can.
    if manner is _Manner.READS:
        driver.execute("BEGIN")
    else:
        begin_change(driver, patience=_BUSY_MILLISECONDS)


def _open_postgresql(url: URL) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_timeout=_CONNECT_SECONDS,
        hide_parameters=True,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "blauweknop",
            "options": f"-c timezone=UTC -c lock_timeout={_BUSY_MILLISECONDS} -c statement_timeout={3 * _BUSY_MILLISECONDS}",
        },
    )
