"""Documents of which a client wants to know when the source withdraws them: where the status stands, and what it was last."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.api_records import WATCHED_DOCUMENTS
from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.records import fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.webhook_outbox import post_event
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.verifier.api.events import Event
from blauweknop.verifier.api.verifications import Watch

__all__ = ["WatchedDocuments", "start_watch"]

_PAGE = 1000


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    verification_id: str
    issuer_oin: str
    dataset: str
    uri: str
    index: int
    until: date


def start_watch(connection: Connection, key: RowKey, watch: Watch) -> None:
    """Keep it, in the transaction of the verification that it belongs to."""
    row_id = fingerprint(watch.verification_id)
    payload = _Payload(watch.verification_id, watch.issuer_oin, watch.dataset, watch.uri, watch.index, watch.until)
    row = {
        "id_hash": row_id,
        "client": watch.client,
        "status": watch.status,
        "payload": key.encrypt(msgspec.json.encode(payload), table=WATCHED_DOCUMENTS.name, row=row_id),
        "ends_at": datetime.combine(watch.until + timedelta(days=1), time(), AMSTERDAM),
    }
    connection.execute(insert(WATCHED_DOCUMENTS).values(row))


@dataclass(frozen=True, slots=True)
class WatchedDocuments:
    """All of this database."""

    engine: Engine
    key: RowKey = field(repr=False)

    def each(self, now: datetime) -> Iterator[Watch]:
        """Every document that is watched, a page at a time."""
        after = b""
        while True:
            query = select(WATCHED_DOCUMENTS).where(WATCHED_DOCUMENTS.c.id_hash > after, WATCHED_DOCUMENTS.c.ends_at > now)
            with reading(self.engine) as connection:
                rows = connection.execute(query.order_by(WATCHED_DOCUMENTS.c.id_hash).limit(_PAGE)).all()
            for row in rows:
                try:
                    clear = self.key.decrypt(row.payload, table=WATCHED_DOCUMENTS.name, row=row.id_hash)
                    payload = msgspec.json.decode(clear, type=_Payload)
                except (Unreadable, msgspec.DecodeError):
                    continue  # of before a change of key; it ends by its own date
                yield Watch(
                    payload.verification_id,
                    row.client,
                    payload.issuer_oin,
                    payload.dataset,
                    payload.uri,
                    payload.index,
                    row.status,
                    payload.until,
                )
            if len(rows) < _PAGE:
                return
            after = rows[-1].id_hash

    def note(self, watch: Watch, status: str, event: Event, *, final: bool) -> bool:
        """Keep the new status and put the event in the post, both or neither; a final one is not watched on.

        False when another process was first.
        """
        this = (
            WATCHED_DOCUMENTS.c.id_hash == fingerprint(watch.verification_id),
            WATCHED_DOCUMENTS.c.client == watch.client,
            WATCHED_DOCUMENTS.c.status == watch.status,
        )
        change = delete(WATCHED_DOCUMENTS).where(*this) if final else update(WATCHED_DOCUMENTS).where(*this).values(status=status)
        with writing(self.engine) as connection:
            if connection.execute(change).rowcount != 1:
                return False
            post_event(connection, self.key, event)
            return True

    def sweep(self, now: datetime) -> int:
        """Stop watching what is past its day; how many."""
        with writing(self.engine) as connection:
            return connection.execute(delete(WATCHED_DOCUMENTS).where(WATCHED_DOCUMENTS.c.ends_at <= now)).rowcount
