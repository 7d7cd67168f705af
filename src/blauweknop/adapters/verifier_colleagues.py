"""Who works at a receiver, in the database: their names encrypted, until they have not logged in for a while."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.verifier_staff_records import VERIFIER_STAFF
from blauweknop.verifier.staff.ports import Role, Staff

__all__ = ["ColleagueStore"]

_C = VERIFIER_STAFF.c
_REMEMBERED = timedelta(days=90)
_MOST = 1000


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    roles: list[Role]


@dataclass(frozen=True, slots=True)
class ColleagueStore:
    """Who logged in at one receiver; fits `verifier.staff.ports.Colleagues`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    receiver: str

    def remember(self, staff: Staff, *, now: datetime) -> None:
        row = bytes.fromhex(staff.id)
        content = msgspec.json.encode(_Content(staff.name, sorted(staff.roles)))
        values = {
            "staff": row,
            "receiver": self.receiver,
            "content": self.key.encrypt(content, table=VERIFIER_STAFF.name, row=row),
            "seen_at": now,
        }
        with writing(self.engine) as connection:
            connection.execute(delete(VERIFIER_STAFF).where(_C.staff == row, _C.receiver == self.receiver))
            connection.execute(insert(VERIFIER_STAFF), values)

    def known(self) -> Sequence[Staff]:
        query = select(VERIFIER_STAFF).where(_C.receiver == self.receiver).order_by(_C.seen_at.desc()).limit(_MOST)
        with reading(self.engine) as connection:
            rows = connection.execute(query).all()
        found = []
        for row in rows:
            try:
                clear = self.key.decrypt(row.content, table=VERIFIER_STAFF.name, row=row.staff)
                content = msgspec.json.decode(clear, type=_Content)
            except (Unreadable, msgspec.ValidationError):
                continue  # after a change of key they are known again when they log in
            found.append(Staff(row.staff.hex(), content.name, frozenset(content.roles)))
        return sorted(found, key=lambda staff: (staff.name, staff.id))

    def sweep(self, now: datetime) -> int:
        """Forget who did not log in for ninety days; how many."""
        with writing(self.engine) as connection:
            return connection.execute(delete(VERIFIER_STAFF).where(_C.seen_at <= now - _REMEMBERED)).rowcount
