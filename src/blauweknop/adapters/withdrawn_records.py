"""Finds what was made for a person and was withdrawn, from what is kept of withdrawals.

1. The tag of the person finds what was made (`person_tags`), also under an earlier secret key.
2. A withdrawal by number or by person left its line with each of these. One of a whole data set or key did not: its line says what it
   covers, and the status list says whether this place was among it, since what is recorded after a withdrawal did not go with it.
3. Of several withdrawals the first counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.database import reading
from blauweknop.adapters.person_tags import person_tag
from blauweknop.adapters.records import CREDENTIAL, ISSUED_DOCUMENTS, STATUS_LISTS, WITHDRAWALS
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.withdraw import Reason
from blauweknop.issuer.withdrawn import WithdrawnItem
from blauweknop.standards.status_list import VALID, StatusList, decompress

__all__ = ["WithdrawnInDatabase"]

_MOST_ROWS = 1000  # the newest


@dataclass(frozen=True, slots=True)
class _Made:
    kind: str
    dataset_id: str
    issued_at: datetime
    status_list: str
    status_index: int
    withdrawal: int | None


@dataclass(frozen=True, slots=True)
class _Line:
    id: int
    time: datetime
    means: str
    dataset_id: str | None
    key: bytes | None
    since: datetime | None
    until: datetime | None
    reason: str


class WithdrawnInDatabase:
    """The records of one source; `keys` are the secret key of the storage of now, and those of before. Threads may share it."""

    def __init__(self, engine: Engine, source: str, keys: Sequence[RowKey]) -> None:
        self._engine = engine
        self._source = source
        self._keys = tuple(keys)

    def withdrawn_for(self, person: Bsn, dataset_ids: Sequence[str], *, since: datetime) -> Sequence[WithdrawnItem]:
        """What was withdrawn at this moment or later. Raises: StorageError."""
        tags = [person_tag(key, person, source=self._source, dataset_id=dataset_id) for dataset_id in dataset_ids for key in self._keys]
        with reading(self._engine) as connection:
            made = self._made(connection, tags)
            if not made:
                return []
            lines = self._lines(connection, [row.withdrawal for row in made if row.withdrawal is not None])
            return [*_found(connection, made, lines, since)]

    def _made(self, connection: Connection, tags: Sequence[bytes]) -> Sequence[_Made]:
        table = ISSUED_DOCUMENTS.c
        columns = (table.kind, table.dataset_id, table.issued_at, table.status_list, table.status_index, table.withdrawal)
        query = select(*columns).where(table.person_tag.in_(tags), table.source == self._source)
        return [_Made(*row) for row in connection.execute(query.order_by(table.issued_at.desc()).limit(_MOST_ROWS))]

    def _lines(self, connection: Connection, named: Sequence[int]) -> Sequence[_Line]:
        """Those that name one of these documents, and all of data sets and keys; first ones first."""
        table = WITHDRAWALS.c
        columns = (table.id, table.time, table.means, table.dataset_id, table.key, table.since, table.until, table.reason)
        query = select(*columns).where(table.source == self._source, or_(table.id.in_(named), table.means.in_(("dataset", "key"))))
        return [_Line(*row) for row in connection.execute(query.order_by(table.time, table.id))]


def _found(connection: Connection, made: Sequence[_Made], lines: Sequence[_Line], since: datetime) -> Iterator[WithdrawnItem]:
    keys = _keys_of_lists(connection, {row.status_list for row in made})
    statuses: dict[str, StatusList] = {}
    for row in made:
        line = next((line for line in lines if _takes_along(line, row, keys)), None)
        if line is None or line.time < since:
            continue
        if row.status_list not in statuses:
            entries = select(STATUS_LISTS.c.entries).where(STATUS_LISTS.c.id == row.status_list)
            statuses[row.status_list] = decompress(connection.execute(entries).scalar_one(), 1)
        if statuses[row.status_list].status(row.status_index) != VALID:
            yield WithdrawnItem(row.dataset_id, row.kind == CREDENTIAL, row.issued_at, line.time, Reason(line.reason))


def _takes_along(line: _Line, row: _Made, keys: Mapping[str, tuple[bytes, bytes]]) -> bool:
    if line.id == row.withdrawal:
        return True
    if (line.since is not None and row.issued_at < line.since) or (line.until is not None and row.issued_at >= line.until):
        return False
    return (line.means == "dataset" and line.dataset_id == row.dataset_id) or (line.means == "key" and line.key in keys[row.status_list])


def _keys_of_lists(connection: Connection, list_ids: set[str]) -> Mapping[str, tuple[bytes, bytes]]:
    table = STATUS_LISTS.c
    query = select(table.id, table.seal_key, table.credential_key).where(table.id.in_(sorted(list_ids)))
    return {row.id: (row.seal_key, row.credential_key) for row in connection.execute(query)}
