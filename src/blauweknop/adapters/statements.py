"""Statements that somebody waits for each time: put together once for a kind of database, and from then on given to its driver as they are.

What SQLAlchemy does around one execution takes six times as long as SQLite takes to look up a row. The text of the statement and the form
of its values are still those of SQLAlchemy, so that nothing here knows one database from another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Protocol

from sqlalchemy import Select
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

from blauweknop.adapters.database import StorageError

__all__ = ["Statement"]

_Convert = Callable[[object], object] | None


class _Found(Protocol):
    """What a driver gives back."""

    @property
    def rowcount(self) -> int: ...

    def fetchmany(self, size: int) -> Sequence[Sequence[object]]: ...


class _Driver(Protocol):
    def execute(self, text: str, values: Sequence[object] | Mapping[str, object]) -> _Found: ...


class Statement:
    """One that finds or changes rows; what changes with each use is a `bindparam`, or of an insert each column."""

    def __init__(self, made: Select[tuple[object, ...]] | UpdateBase) -> None:
        self._made = made
        self._written: dict[str, _Written] = {}

    def one(self, connection: Connection, values: Mapping[str, object]) -> SimpleNamespace | None:
        """The only row, its columns by name; None when there is none.

        Raises:
            StorageError: there are more.
        """
        written = self._for(connection.dialect)
        rows = _driver(connection).execute(written.text, written.given(values)).fetchmany(2)
        if len(rows) > 1:
            raise StorageError("expected one row at most")
        return written.row(rows[0]) if rows else None

    def change(self, connection: Connection, values: Mapping[str, object]) -> int:
        """How many rows are other than before."""
        written = self._for(connection.dialect)
        return _driver(connection).execute(written.text, written.given(values)).rowcount

    def _for(self, dialect: Dialect) -> "_Written":
        written = self._written.get(dialect.name)
        if written is None:
            written = self._written[dialect.name] = _write(self._made, dialect)
        return written


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement in the language of one kind of database. `fixed` values are the same each time, as that database takes them."""

    text: str
    names: Sequence[str]
    by_place: bool
    to_database: Mapping[str, _Convert]
    fixed: Mapping[str, object] = field(repr=False)
    columns: Sequence[tuple[str, _Convert]]

    def given(self, values: Mapping[str, object]) -> Sequence[object] | Mapping[str, object]:
        """The values as the driver wants them."""
        ready = {**self.fixed}
        for name, convert in self.to_database.items():
            ready[name] = convert(values[name]) if convert is not None else values[name]
        return [ready[name] for name in self.names] if self.by_place else ready

    def row(self, found: Sequence[object]) -> SimpleNamespace:
        """By the names of its columns."""
        pairs = zip(self.columns, found, strict=True)
        return SimpleNamespace(**{name: convert(value) if convert is not None else value for (name, convert), value in pairs})


def _write(made: Select[tuple[object, ...]] | UpdateBase, dialect: Dialect) -> _Written:
    compiled = made.compile(dialect=dialect)
    converts = {name: _to_database(bind.type, dialect) for name, bind in compiled.binds.items()}
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    columns = made.selected_columns if isinstance(made, Select) else ()
    return _Written(
        text=str(compiled),
        names=tuple(compiled.positiontup or ()),
        by_place=compiled.positional,
        to_database={name: convert for name, convert in converts.items() if name not in fixed},
        fixed={name: convert(value) if (convert := converts[name]) else value for name, value in fixed.items()},
        columns=[(column.name, column.type.dialect_impl(dialect).result_processor(dialect, None)) for column in columns],
    )


def _to_database(kind: TypeEngine[object], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _driver(connection: Connection) -> _Driver:
    driver: _Driver | None = connection.connection.driver_connection  # both drivers make a cursor by themselves
    if driver is None:
        raise StorageError("expected a connection that is open")
    return driver
