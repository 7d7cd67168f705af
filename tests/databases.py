"""Databases that have their tables, for tests of something else than how tables come to be."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, make_url

from blauweknop.adapters.database import open_database, upgrade

__all__ = ["with_tables"]


def with_tables(url: str) -> Engine:
    """Opens a database, after every migration.

    A new SQLite file is a copy of one that this process made before: to go through all migrations takes longer than most tests.
    """
    database = make_url(url).database
    if url.startswith("sqlite:") and database is not None and not Path(database).exists():
        Path(database).write_bytes(_empty_file())
        return open_database(url)
    engine = open_database(url)
    upgrade(engine)
    return engine


@cache
def _empty_file() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite"
        engine = open_database(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()
        assert [entry.name for entry in Path(folder).iterdir()] == [path.name], "a part of it is still elsewhere"
        return path.read_bytes()
