"""Databases that have their tables, for tests of something else than how tables come to be."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, make_url, text

from blauweknop.adapters.database import open_database, upgrade

__all__ = ["with_tables"]


def with_tables(url: str) -> Engine:
    """Opens a database that has nothing in it yet, after every migration.

    It is a copy of one that this process made before: to go through all migrations takes longer than most tests.
    """
    parsed = make_url(url)
    if parsed.drivername.startswith("postgresql"):
        _copy_tables(parsed)
        return open_database(url)
    if parsed.database is not None and not Path(parsed.database).exists():
        Path(parsed.database).write_bytes(_empty_file())
        return open_database(url)
    engine = open_database(url)
    upgrade(engine)
    return engine


def _copy_tables(database: URL) -> None:
    """A new database of this name in the place of the empty one."""
    name, model = database.database, _model_database(database.set(database="postgres"))
    with _orders(database) as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {model}"))


@cache
def _model_database(server: URL) -> str:
    """Of this server, which no other process of tests uses; nobody can connect to it, so that it can always be copied."""
    name = "test_model"
    with _orders(server) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        engine = open_database(server.set(database=name).render_as_string(hide_password=False))
        upgrade(engine)
        engine.dispose()
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
    return name


@contextmanager
def _orders(database: URL) -> Iterator[Connection]:
    """For what cannot be done from inside the database that it is about, nor in a transaction."""
    engine = create_engine(database.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@cache
def _empty_file() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite"
        engine = open_database(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()
        assert [entry.name for entry in Path(folder).iterdir()] == [path.name], "a part of it is still elsewhere"
        return path.read_bytes()
