"""The status lists of a source in the database, as its pages publish them. What is withdrawn here is withdrawn for good."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.records import ISSUED_DOCUMENTS, STATUS_LISTS
from blauweknop.issuer.status_lists import KeptList, ListToken
from blauweknop.standards.status_list import StatusList, decompress

__all__ = ["ListAddress", "StatusLists", "list_addresses", "sources_of_key", "sweep_lists"]

_STATE = (STATUS_LISTS.c.uri, STATUS_LISTS.c.changes, STATUS_LISTS.c.token_changes, STATUS_LISTS.c.token_at)

_TOKENS = (STATUS_LISTS.c.token, STATUS_LISTS.c.token_cwt)


@dataclass(frozen=True, slots=True)
class ListAddress:
    """A list that a source has, or had in an earlier year or with earlier keys."""

    source: str
    list_id: str
    uri: str
    year: int


def list_addresses(engine: Engine, source: str | None = None) -> Sequence[ListAddress]:
    """All lists of a source, or of all, newest year first.

    Raises:
        StorageError: the database does not answer.
    """
    table = STATUS_LISTS.c
    query = select(table.source, table.id, table.uri, table.year).order_by(table.year.desc(), table.id)
    with reading(engine) as connection:
        rows = connection.execute(query if source is None else query.where(table.source == source))
        return [ListAddress(*row) for row in rows]


def sources_of_key(engine: Engine, fingerprint: bytes) -> Sequence[str]:
    """The sources that made documents with the key of this certificate (SHA-256).

    Raises:
        StorageError: the database does not answer.
    """
    table = STATUS_LISTS.c
    query = select(table.source).where(or_(table.seal_key == fingerprint, table.credential_key == fingerprint)).distinct()
    with reading(engine) as connection:
        return connection.execute(query.order_by(table.source)).scalars().all()


def sweep_lists(engine: Engine, now: datetime) -> int:
    """Remove lists of years before the last one of which no document is kept in the records any more; how many went.

    Raises:
        StorageError: the database does not answer.
    """
    in_use = select(ISSUED_DOCUMENTS.c.status_list).where(ISSUED_DOCUMENTS.c.status_list == STATUS_LISTS.c.id).exists()
    old = STATUS_LISTS.c.year < now.year - 1
    with writing(engine) as connection:
        return connection.execute(delete(STATUS_LISTS).where(old, ~in_use)).rowcount


class StatusLists:
    """The lists of one source; threads may share it. A token is read from the database once."""

    def __init__(self, engine: Engine, source: str) -> None:
        self._engine = engine
        self._source = source
        self._tokens: dict[str, ListToken] = {}

    def kept(self, list_id: str) -> KeptList | None:
        """How the list was published last; None when this source has no list of this name. Raises: StorageError."""
        with reading(self._engine) as connection:
            row = connection.execute(select(*_STATE).where(*self._named(list_id))).one_or_none()
            if row is None:
                return None
            token = self._tokens.get(list_id)
            if row.token_at is None:
                token = None
            elif token is None or token.made_at != row.token_at:
                jwt, cwt = connection.execute(select(*_TOKENS).where(*self._named(list_id))).one()
                token = self._tokens[list_id] = ListToken(jwt, cwt, row.token_at)
        return KeptList(row.uri, token, row.changes != row.token_changes)

    @contextmanager
    def renewing(self, list_id: str) -> Iterator["_Renewal"]:
        """The list for whoever signs it anew, one at a time. Raises: StorageError."""
        query = select(*_STATE, *_TOKENS, STATUS_LISTS.c.entries).where(*self._named(list_id)).with_for_update()
        with writing(self._engine) as connection:
            row = connection.execute(query).one()
            last = None if row.token_at is None else ListToken(row.token, row.token_cwt, row.token_at)
            kept = KeptList(row.uri, last, row.changes != row.token_changes)
            yield _Renewal(connection, list_id, row.changes, kept, row.entries)

    def _named(self, list_id: str) -> tuple[ColumnElement[bool], ...]:
        return STATUS_LISTS.c.id == list_id, STATUS_LISTS.c.source == self._source


@dataclass(frozen=True, slots=True)
class _Renewal:
    connection: Connection
    list_id: str
    changes: int
    kept: KeptList
    packed: bytes

    @property
    def statuses(self) -> StatusList:
        return decompress(self.packed, 1)

    def keep(self, token: ListToken) -> None:
        values = {"token": token.jwt, "token_cwt": token.cwt, "token_at": token.made_at, "token_changes": self.changes}
        self.connection.execute(update(STATUS_LISTS).where(STATUS_LISTS.c.id == self.list_id).values(values))
