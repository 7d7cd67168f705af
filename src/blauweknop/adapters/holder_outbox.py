"""Withdrawals on their way to receivers, while the vault they came from may be locked; and what came back, until its person looks.

Of the reference, which only the vault has, there is the SHA-256. The content is encrypted to its row and padded, so that the database
tells neither who withdrew nor from whom.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.holder_records import HOLDER_OUTBOX
from blauweknop.adapters.records import fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.sessions import has_room, new_reference, readable_reference
from blauweknop.holder.encryption import CannotOpen, pad, unpad

__all__ = ["HolderOutbox"]

_STEP = 16 * 1024


@dataclass(frozen=True, slots=True)
class HolderOutbox:
    """See `blauweknop.holder.sharing.ports.Outbox`."""

    engine: Engine
    key: RowKey = field(repr=False)
    life: timedelta = timedelta(days=60)
    rows: int = 100_000
    random: Callable[[int], bytes] = field(default=token_bytes, repr=False)

    def put(self, content: bytes, *, now: datetime) -> str | None:
        reference = new_reference(self.random)
        id_hash = fingerprint(reference)
        row = {"id_hash": id_hash, "content": self._sealed(content, id_hash), "due_at": now, "ends_at": now + self.life}
        with writing(self.engine) as connection:
            if not has_room(connection, HOLDER_OUTBOX, self.rows):
                return None
            connection.execute(insert(HOLDER_OUTBOX).values(row))
        return reference

    def row_of(self, reference: str) -> bytes | None:
        return readable_reference(reference)

    def due(self, *, now: datetime, most: int) -> Sequence[bytes]:
        wanted = select(HOLDER_OUTBOX.c.id_hash).where(HOLDER_OUTBOX.c.due_at <= now).order_by(HOLDER_OUTBOX.c.due_at).limit(most)
        with reading(self.engine) as connection:
            return [row.id_hash for row in connection.execute(wanted)]

    def read(self, row: bytes) -> bytes | None:
        with reading(self.engine) as connection:
            found = connection.execute(select(HOLDER_OUTBOX.c.content).where(HOLDER_OUTBOX.c.id_hash == row)).one_or_none()
        try:
            return unpad(self.key.decrypt(found.content, table=HOLDER_OUTBOX.name, row=row)) if found is not None else None
        except (Unreadable, CannotOpen):
            return None

    def keep(self, row: bytes, content: bytes, *, due_at: datetime | None) -> None:
        values = {"content": self._sealed(content, row), "due_at": due_at}
        with writing(self.engine) as connection:
            connection.execute(update(HOLDER_OUTBOX).where(HOLDER_OUTBOX.c.id_hash == row).values(values))

    def forget(self, row: bytes) -> None:
        with writing(self.engine) as connection:
            connection.execute(delete(HOLDER_OUTBOX).where(HOLDER_OUTBOX.c.id_hash == row))

    def sweep(self, now: datetime) -> int:
        """Forget what could not be told, or was never looked at; how many."""
        with writing(self.engine) as connection:
            return connection.execute(delete(HOLDER_OUTBOX).where(HOLDER_OUTBOX.c.ends_at <= now)).rowcount

    def _sealed(self, content: bytes, row: bytes) -> bytes:
        return self.key.encrypt(pad(content, _STEP), table=HOLDER_OUTBOX.name, row=row)
