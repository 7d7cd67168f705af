"""What a receiver keeps beside an answer, in the database, encrypted: notes, and what sources said later. It goes with the answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, delete, func, insert, select
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.database import METADATA, UtcDateTime, reading, writing
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.verifier_records import VERIFIER_DOSSIERS
from blauweknop.verifier.dossier.pieces import StatusCheck
from blauweknop.verifier.dossier.ports import MOST_NOTES, Note

__all__ = ["VERIFIER_DOSSIER_CHECKS", "VERIFIER_DOSSIER_NOTES", "DossierStore"]

VERIFIER_DOSSIER_NOTES = Table(
    "verifier_dossier_notes",
    METADATA,
    Column("dossier", LargeBinary(16), ForeignKey("verifier_dossiers.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

VERIFIER_DOSSIER_CHECKS = Table(
    "verifier_dossier_checks",
    METADATA,
    Column("dossier", LargeBinary(16), ForeignKey("verifier_dossiers.id", ondelete="CASCADE"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("checked_at", UtcDateTime, nullable=False, index=True),
)

_D, _N, _C = VERIFIER_DOSSIERS.c, VERIFIER_DOSSIER_NOTES.c, VERIFIER_DOSSIER_CHECKS.c


class _Note(msgspec.Struct, frozen=True):
    text: str
    written_at: datetime


class _Check(msgspec.Struct, frozen=True):
    said: dict[int, str]


@dataclass(frozen=True, slots=True)
class DossierStore:
    """Those of one receiver; fits `verifier.dossier.ports.DossierRecords`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    receiver: str

    def write_note(self, dossier_id: str, text: str, *, now: datetime) -> bool:
        dossier = bytes.fromhex(dossier_id)
        last = select(func.count(), func.max(_N.place)).where(_N.dossier == dossier)
        with writing(self.engine) as connection:
            if not self._is_there(connection, dossier):
                return False
            count, place = connection.execute(last).one()
            if count >= MOST_NOTES:
                return False
            place = (place or 0) + 1
            content = self.key.encrypt(
                msgspec.json.encode(_Note(text, now)), table=VERIFIER_DOSSIER_NOTES.name, row=_note_row(dossier, place)
            )
            connection.execute(insert(VERIFIER_DOSSIER_NOTES), {"dossier": dossier, "place": place, "content": content})
        return True

    def erase_note(self, dossier_id: str, number: int) -> None:
        dossier = bytes.fromhex(dossier_id)
        with writing(self.engine) as connection:
            if self._is_there(connection, dossier):
                connection.execute(delete(VERIFIER_DOSSIER_NOTES).where(_N.dossier == dossier, _N.place == number))

    def notes(self, dossier_id: str) -> Sequence[Note]:
        dossier = bytes.fromhex(dossier_id)
        query = select(_N.place, _N.content).join(VERIFIER_DOSSIERS, _D.id == _N.dossier)
        with reading(self.engine) as connection:
            rows = connection.execute(query.where(_N.dossier == dossier, _D.receiver == self.receiver).order_by(_N.place)).all()
        return [note for row in rows if (note := self._note(dossier, row.place, row.content)) is not None]

    def keep_check(self, dossier_id: str, check: StatusCheck) -> bool:
        dossier = bytes.fromhex(dossier_id)
        with writing(self.engine) as connection:
            if not self._is_there(connection, dossier):
                return False
            before = self._last_check(connection, dossier)
            check = check.with_other(before) if before is not None else check
            content = self.key.encrypt(msgspec.json.encode(_Check(dict(check.said))), table=VERIFIER_DOSSIER_CHECKS.name, row=dossier)
            connection.execute(delete(VERIFIER_DOSSIER_CHECKS).where(_C.dossier == dossier))
            connection.execute(insert(VERIFIER_DOSSIER_CHECKS), {"dossier": dossier, "content": content, "checked_at": check.at})
        return True

    def last_check(self, dossier_id: str) -> StatusCheck | None:
        with reading(self.engine) as connection:
            return self._last_check(connection, bytes.fromhex(dossier_id))

    def not_checked_since(self, moment: datetime, *, most: int) -> Sequence[str]:
        lately = select(_C.dossier).where(_C.checked_at > moment)
        due = (_D.receiver == self.receiver, _D.received_at <= moment, _D.id.not_in(lately))
        # The newest first: what an earlier key of the storage closed cannot be checked, and may not keep the rest from its turn.
        query = select(_D.request_hash).where(*due).order_by(_D.received_at.desc()).limit(most)
        with reading(self.engine) as connection:
            return [row.hex() for row in connection.execute(query).scalars()]

    def _last_check(self, connection: Connection, dossier: bytes) -> StatusCheck | None:
        query = select(VERIFIER_DOSSIER_CHECKS).join(VERIFIER_DOSSIERS, _D.id == _C.dossier)
        row = connection.execute(query.where(_C.dossier == dossier, _D.receiver == self.receiver)).one_or_none()
        if row is None:
            return None
        try:
            content = self.key.decrypt(row.content, table=VERIFIER_DOSSIER_CHECKS.name, row=dossier)
        except Unreadable:
            return None
        return StatusCheck(row.checked_at, msgspec.json.decode(content, type=_Check).said)

    def _is_there(self, connection: Connection, dossier: bytes) -> bool:
        """The lock keeps it there until the end of this change."""
        which = select(_D.id).where(_D.id == dossier, _D.receiver == self.receiver).with_for_update()
        return connection.execute(which).one_or_none() is not None

    def _note(self, dossier: bytes, place: int, content: bytes) -> Note | None:
        try:
            opened = self.key.decrypt(content, table=VERIFIER_DOSSIER_NOTES.name, row=_note_row(dossier, place))
        except Unreadable:
            return None
        note = msgspec.json.decode(opened, type=_Note)
        return Note(place, note.text, note.written_at)


def _note_row(dossier: bytes, place: int) -> bytes:
    return dossier + place.to_bytes(4)
