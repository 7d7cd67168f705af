"""Write rows into the tables of a made-up source, in SQLite."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

__all__ = ["Tables", "euros", "write_tables"]

Tables = Mapping[str, tuple[Sequence[str], Iterable[Sequence[object]]]]  # table -> column declarations, rows


def write_tables(path: Path, tables: Tables, indexes: Iterable[str]) -> None:
    """A new database file with these tables; an old file of that name is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, (columns, rows) in tables.items():
            connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            holes = ", ".join("?" for _ in columns)
            connection.executemany(f"INSERT INTO {table} VALUES ({holes})", rows)  # noqa: S608 # names of this package
        for index in indexes:
            table, column = index.split(".")
            connection.execute(f"CREATE INDEX {table}_{column} ON {table} ({column})")


def euros(cents: int | None) -> str | None:
    """`1234.56`, as a decimal column holds it."""
    return None if cents is None else f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
