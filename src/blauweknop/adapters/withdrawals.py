"""Withdrawals in the database: the lists change in one transaction that is on the disk when it ends, with a line that says it was done."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.database import take_turns, writing
from blauweknop.adapters.person_tags import person_tag
from blauweknop.adapters.records import ISSUED_DOCUMENTS, STATUS_LISTS, WITHDRAWALS, fingerprint
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.status_places import LIST_TURNS
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.withdraw import OfDataset, OfDocuments, OfKey, OfPeople, Place, Reason, What
from blauweknop.standards.status_list import StatusList, compress, decompress

__all__ = ["Withdrawals"]

_AT_ONCE = 500  # numbers in one question


class Withdrawals:
    """The withdrawals of one source; `trace_id` finds them in its records, and `keys` find people: that of now, and those of before."""

    def __init__(self, engine: Engine, source: str, *, now: datetime, trace_id: str, keys: Sequence[RowKey] = ()) -> None:
        self._engine = engine
        self._source = source
        self._keys = tuple(keys)
        self._now = now
        self._trace_id = trace_id

    @contextmanager
    def withdrawing(self, *, only_tried: bool) -> Iterator["_Withdrawal"]:
        """One withdrawal at a time; taken back at the end when it is only tried. Raises: StorageError."""
        with writing(self._engine, durable=True) as connection:
            take_turns(connection, LIST_TURNS)
            # Nobody signs these lists until this is done.
            ours = select(STATUS_LISTS.c.id).where(STATUS_LISTS.c.source == self._source).order_by(STATUS_LISTS.c.id)
            connection.execute(ours.with_for_update()).all()
            yield _Withdrawal(connection, self._source, self._now, self._trace_id, self._keys)
            if only_tried:
                connection.rollback()


class _Withdrawal:
    def __init__(self, connection: Connection, source: str, now: datetime, trace_id: str, keys: Sequence[RowKey]) -> None:
        self._connection = connection
        self._source = source
        self._now = now
        self._trace_id = trace_id
        self._keys = keys

    def places_of(self, document_ids: Collection[str]) -> Mapping[str, Place]:
        hashes = {fingerprint(document_id): document_id for document_id in document_ids}
        known = [*hashes]
        table, found = ISSUED_DOCUMENTS.c, dict[str, Place]()
        for start in range(0, len(known), _AT_ONCE):
            query = select(table.document_id_hash, table.status_list, table.status_index).where(
                table.source == self._source,
                table.document_id_hash.in_(known[start : start + _AT_ONCE]),
                table.status_list.is_not(None),
            )
            found |= {hashes[row[0]]: (row[1], row[2]) for row in self._connection.execute(query)}
        return found

    def made_for(self, what: OfPeople) -> Mapping[Bsn, Sequence[Place]]:
        people = {
            person_tag(key, person, source=self._source, dataset_id=dataset_id): person
            for person in what.people
            for dataset_id in what.dataset_ids
            for key in self._keys
        }
        tags, table, found = [*people], ISSUED_DOCUMENTS.c, dict[Bsn, list[Place]]()
        for start in range(0, len(tags), _AT_ONCE):
            query = select(table.person_tag, table.status_list, table.status_index).where(
                table.person_tag.in_(tags[start : start + _AT_ONCE]), table.source == self._source, *_made_between(what.since, what.until)
            )
            for tag, list_id, index in self._connection.execute(query):
                found.setdefault(people[tag], []).append((list_id, index))
        return found

    def made_for_somebody(self, what: OfPeople) -> int:
        table = ISSUED_DOCUMENTS.c
        query = select(func.count()).where(
            table.source == self._source,
            table.dataset_id.in_(what.dataset_ids),
            table.person_tag.is_(None),
            table.status_list.is_not(None),
            table.valid_until >= self._now,
            *_made_between(what.since, what.until),
        )
        return self._connection.execute(query).scalar_one()

    def made_of(self, what: OfDataset) -> Sequence[Place]:
        table = ISSUED_DOCUMENTS.c
        query = select(table.status_list, table.status_index).where(
            table.source == self._source,
            table.dataset_id == what.dataset_id,
            table.status_list.is_not(None),
            *_made_between(what.since, what.until),
        )
        return [(row[0], row[1]) for row in self._connection.execute(query)]

    def lists_of(self, fingerprint: bytes) -> Sequence[str]:
        table = STATUS_LISTS.c
        of_key = or_(table.seal_key == fingerprint, table.credential_key == fingerprint)
        query = select(table.id).where(table.source == self._source, of_key).order_by(table.id)
        return self._connection.execute(query).scalars().all()

    def made_in(self, list_id: str) -> Sequence[tuple[int, datetime]]:
        table = ISSUED_DOCUMENTS.c
        query = select(table.status_index, table.issued_at).where(table.status_list == list_id)
        return [(row[0], row[1]) for row in self._connection.execute(query)]

    def statuses(self, list_id: str) -> StatusList:
        query = select(STATUS_LISTS.c.entries).where(STATUS_LISTS.c.id == list_id)
        return decompress(self._connection.execute(query).scalar_one(), 1)

    def keep(self, list_id: str, statuses: StatusList) -> None:
        changed = {"entries": compress(statuses), "changes": STATUS_LISTS.c.changes + 1}
        self._connection.execute(update(STATUS_LISTS).where(STATUS_LISTS.c.id == list_id).values(changed))

    def note(self, what: What, reason: Reason, documents: int, named: Collection[Place]) -> None:
        """A line for what changed something; of a key one is enough, as it makes no documents from then on."""
        line = {
            "time": self._now,
            "source": self._source,
            "documents": documents,
            "trace_id": self._trace_id,
            "reason": reason.value,
            **_told(what),
        }
        new_key = isinstance(what, OfKey) and not self._is_noted(what.fingerprint)
        if documents or new_key:
            number = self._connection.execute(insert(WITHDRAWALS).values(line).returning(WITHDRAWALS.c.id)).scalar_one()
            self._lead_to(number, named)

    def _lead_to(self, line: int, places: Collection[Place]) -> None:
        by_list: dict[str, list[int]] = {}
        for list_id, index in places:
            by_list.setdefault(list_id, []).append(index)
        table = ISSUED_DOCUMENTS.c
        for list_id, indexes in by_list.items():
            for start in range(0, len(indexes), _AT_ONCE):
                there = and_(table.status_list == list_id, table.status_index.in_(indexes[start : start + _AT_ONCE]))
                self._connection.execute(update(ISSUED_DOCUMENTS).where(there).values(withdrawal=line))

    def _is_noted(self, key: bytes) -> bool:
        return self._connection.execute(select(WITHDRAWALS.c.id).where(WITHDRAWALS.c.key == key).limit(1)).first() is not None


def _made_between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    made = ISSUED_DOCUMENTS.c.issued_at
    return [*([made >= since] if since is not None else []), *([made < until] if until is not None else [])]


def _told(what: What) -> dict[str, str | bytes | datetime | None]:
    match what:
        case OfDocuments():
            return {"means": "document"}
        case OfPeople(_, dataset_ids, since, until):
            only = dataset_ids[0] if len(dataset_ids) == 1 else None
            return {"means": "person", "dataset_id": only, "since": since, "until": until}
        case OfDataset(dataset_id, since, until):
            return {"means": "dataset", "dataset_id": dataset_id, "since": since, "until": until}
        case OfKey(key, begin):
            return {"means": "key", "key": key, "since": begin}
