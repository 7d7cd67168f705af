"""Messages that wait for their receiver, in the database: none is lost when a process dies, and several processes share the work.

A process takes a message by moving its next moment ahead, in one statement that only one of them can win. When it dies on the way, the
moment comes and another one takes it: at least once, and the id of the message tells a receiver that it had it before.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.api_records import WEBHOOK_EVENTS
from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.verifier.api.events import Event

__all__ = ["DueEvent", "Outbox", "post_event"]


@dataclass(frozen=True, slots=True)
class DueEvent:
    """A message whose moment has come; `attempts` were made before."""

    event: Event
    attempts: int
    created_at: datetime


def post_event(connection: Connection, key: RowKey, event: Event) -> None:
    """Put a message in the post, in the transaction of what it tells."""
    row = {
        "id": event.id,
        "client": event.client,
        "payload": key.encrypt(msgspec.json.encode(event), table=WEBHOOK_EVENTS.name, row=event.id.encode()),
        "attempts": 0,
        "created_at": event.at,
        "next_at": event.at,
    }
    connection.execute(insert(WEBHOOK_EVENTS).values(row))


@dataclass(frozen=True, slots=True)
class Outbox:
    """The messages of this database."""

    engine: Engine
    key: RowKey = field(repr=False)

    def clients_due(self, now: datetime) -> Sequence[str]:
        """For whom there is something to deliver now."""
        query = select(WEBHOOK_EVENTS.c.client).where(WEBHOOK_EVENTS.c.next_at <= now).distinct()
        with reading(self.engine) as connection:
            return list(connection.execute(query).scalars())

    def take(self, client: str, now: datetime, *, lease: timedelta) -> DueEvent | None:
        """The oldest message for a client, which is then left to us for as long as `lease`."""
        due = (WEBHOOK_EVENTS.c.client == client, WEBHOOK_EVENTS.c.next_at <= now)
        with reading(self.engine) as connection:
            row = connection.execute(select(WEBHOOK_EVENTS).where(*due).order_by(WEBHOOK_EVENTS.c.created_at).limit(1)).one_or_none()
        if row is None:
            return None
        taken = update(WEBHOOK_EVENTS).where(WEBHOOK_EVENTS.c.id == row.id, WEBHOOK_EVENTS.c.next_at == row.next_at)
        with writing(self.engine) as connection:
            if connection.execute(taken.values(next_at=now + lease)).rowcount != 1:
                return None  # another process was first, and goes on with the rest
        try:
            clear = self.key.decrypt(row.payload, table=WEBHOOK_EVENTS.name, row=row.id.encode())
            return DueEvent(msgspec.json.decode(clear, type=Event), row.attempts, row.created_at)
        except (Unreadable, msgspec.DecodeError):
            self.done(row.id)  # made with another key: nobody can ever deliver it
            return None

    def done(self, event_id: str) -> None:
        """Delivered, or given up."""
        with writing(self.engine) as connection:
            connection.execute(delete(WEBHOOK_EVENTS).where(WEBHOOK_EVENTS.c.id == event_id))

    def again(self, due: DueEvent, next_at: datetime) -> None:
        """Not delivered: another time."""
        with writing(self.engine) as connection:
            connection.execute(
                update(WEBHOOK_EVENTS).where(WEBHOOK_EVENTS.c.id == due.event.id).values(attempts=due.attempts + 1, next_at=next_at)
            )

    def drop_strangers(self, receivers: Collection[str]) -> int:
        """Remove messages for clients that have no webhook any more; how many."""
        with writing(self.engine) as connection:
            return connection.execute(delete(WEBHOOK_EVENTS).where(WEBHOOK_EVENTS.c.client.not_in(receivers))).rowcount
