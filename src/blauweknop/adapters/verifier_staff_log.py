"""The log of the staff of a receiver, in the database: lines that only grow, a head closed with the key of the storage, and checkpoints.

Whoever writes takes a turn for its receiver first, so that two processes never write behind the same line.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
import structlog
from sqlalchemy import Column, Integer, LargeBinary, Row, String, Table, Text, delete, func, insert, select
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.database import METADATA, UtcDateTime, reading, take_turns, writing
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.standards.signing import Signer
from blauweknop.verifier.staff.log_checking import sign_checkpoint
from blauweknop.verifier.staff.logbook import NO_HASH, Checkpoint, Deed, Entry, Head, Line, line_after

__all__ = ["VERIFIER_STAFF_LOG", "VERIFIER_STAFF_LOG_CHECKPOINTS", "VERIFIER_STAFF_LOG_HEADS", "StaffLogStore"]

VERIFIER_STAFF_LOG = Table(
    "verifier_staff_log",
    METADATA,
    Column("receiver", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("staff", String(64)),  # keyed hash
    Column("deed", String(32), nullable=False),
    Column("about", String(64), index=True),  # of no table: a line outlives what it is about
    Column("detail", String(100), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

VERIFIER_STAFF_LOG_HEADS = Table(
    "verifier_staff_log_heads",
    METADATA,
    Column("receiver", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),  # encrypted: number and hash of the last line
)

VERIFIER_STAFF_LOG_CHECKPOINTS = Table(
    "verifier_staff_log_checkpoints",
    METADATA,
    Column("receiver", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("signed", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

_L, _H, _C = VERIFIER_STAFF_LOG.c, VERIFIER_STAFF_LOG_HEADS.c, VERIFIER_STAFF_LOG_CHECKPOINTS.c
_LOG = structlog.get_logger("blauweknop.verifier")
_SIGN_EVERY_LINES, _SIGN_EVERY = 100, timedelta(hours=1)
_AT_ONCE = 500
_A_DAY = timedelta(days=1)


class _Head(msgspec.Struct, frozen=True):
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class StaffLogStore:
    """The log at one receiver; fits `verifier.staff.logbook.Logbook`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    receiver: str
    signer: Signer = field(repr=False)
    kept: timedelta = timedelta(days=5 * 365)

    def write(self, entry: Entry, *, now: datetime) -> int:
        with writing(self.engine) as connection:
            take_turns(connection, self._turn())
            line = self._append(connection, entry, now)
            if line.number % _SIGN_EVERY_LINES == 0:
                self._sign(connection, Head(line.number, line.hash), now)
        return line.number

    def newest(self, *, about: str = "", before: int | None = None, most: int) -> Sequence[Line]:
        query = select(VERIFIER_STAFF_LOG).where(_L.receiver == self.receiver).order_by(_L.number.desc()).limit(most)
        if about:
            query = query.where(_L.about.startswith(about, autoescape=True))
        if before is not None:
            query = query.where(_L.number < before)
        with reading(self.engine) as connection:
            return [_line(row) for row in connection.execute(query).all()]

    def lines(self) -> Iterator[Line]:
        last = -1
        while True:
            query = select(VERIFIER_STAFF_LOG).where(_L.receiver == self.receiver, _L.number > last).order_by(_L.number).limit(_AT_ONCE)
            with reading(self.engine) as connection:
                rows = connection.execute(query).all()
            for row in rows:
                yield _line(row)
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1].number

    def head(self) -> Head | None:
        with reading(self.engine) as connection:
            return self._head(connection)

    def checkpoints(self) -> Sequence[Checkpoint]:
        query = select(VERIFIER_STAFF_LOG_CHECKPOINTS).where(_C.receiver == self.receiver).order_by(_C.number)
        with reading(self.engine) as connection:
            return [Checkpoint(row.number, row.signed, row.at) for row in connection.execute(query).all()]

    def sign(self, *, now: datetime) -> None:
        with writing(self.engine) as connection:
            take_turns(connection, self._turn())
            head = self._head(connection)
            if head is not None:
                self._sign(connection, head, now)

    def keep_up(self, *, now: datetime) -> int:
        with writing(self.engine) as connection:
            take_turns(connection, self._turn())
            self._sign_when_due(connection, now)
            return self._shorten(connection, now)

    def _append(self, connection: Connection, entry: Entry, now: datetime) -> Line:
        head = self._head(connection)
        if head is None and (rest := self._rest(connection)) is not None:
            put = self._put(connection, line_after(self.receiver, rest, Entry(Deed.LOG_RESUMED), now))
            head = Head(put.number, put.hash)
        return self._put(connection, line_after(self.receiver, head, entry, now))

    def _put(self, connection: Connection, line: Line) -> Line:
        values = {
            "receiver": self.receiver,
            "number": line.number,
            "at": line.at,
            "staff": line.staff,
            "deed": line.deed,
            "about": line.about,
            "detail": line.detail,
            "previous": line.previous,
            "hash": line.hash,
        }
        connection.execute(insert(VERIFIER_STAFF_LOG), values)
        content = msgspec.json.encode(_Head(line.number, line.hash))
        closed = self.key.encrypt(content, table=VERIFIER_STAFF_LOG_HEADS.name, row=self.receiver.encode())
        connection.execute(delete(VERIFIER_STAFF_LOG_HEADS).where(_H.receiver == self.receiver))
        connection.execute(insert(VERIFIER_STAFF_LOG_HEADS), {"receiver": self.receiver, "content": closed})
        return line

    def _head(self, connection: Connection) -> Head | None:
        content = connection.execute(select(_H.content).where(_H.receiver == self.receiver)).scalar_one_or_none()
        if content is None:
            return None
        try:
            read = msgspec.json.decode(
                self.key.decrypt(content, table=VERIFIER_STAFF_LOG_HEADS.name, row=self.receiver.encode()), type=_Head
            )
        except Unreadable:
            return None
        return Head(read.number, read.hash)

    def _rest(self, connection: Connection) -> Head | None:
        """What there is without a head that can be read: somebody took it, or the key of the storage is another."""
        last = select(_L.number, _L.hash).where(_L.receiver == self.receiver).order_by(_L.number.desc()).limit(1)
        row = connection.execute(last).one_or_none()
        if row is not None:
            return Head(row.number, row.hash)
        number, _ = self._last_signed(connection)
        return Head(number, NO_HASH) if number is not None else None

    def _sign(self, connection: Connection, head: Head, now: datetime) -> None:
        """Unless there is one of this line or a later one: in a log that lost its end, numbers come by that were signed before."""
        if head.number <= (self._last_signed(connection)[0] or 0):
            return
        signed = sign_checkpoint(self.receiver, head, self.signer, now=now)
        values = {"receiver": self.receiver, "number": head.number, "signed": signed, "at": now}
        connection.execute(insert(VERIFIER_STAFF_LOG_CHECKPOINTS), values)
        # A copy outside the database: who takes lines and checkpoints out of it cannot take this back.
        _LOG.info("staff_log_checkpoint", receiver=self.receiver, checkpoint=head.number, chain_hash=head.hash)

    def _last_signed(self, connection: Connection) -> tuple[int | None, datetime | None]:
        last = select(func.max(_C.number), func.max(_C.at)).where(_C.receiver == self.receiver)
        number, at = connection.execute(last).one()
        return number, at

    def _sign_when_due(self, connection: Connection, now: datetime) -> None:
        head = self._head(connection)
        _, at = self._last_signed(connection)
        if head is not None and (at is None or at <= now - _SIGN_EVERY):
            self._sign(connection, head, now)

    def _shorten(self, connection: Connection, now: datetime) -> int:
        """A day's worth at a time, so that saying so does not itself fill the log.

        Only what stands before the first line that must stay: a clock that was wrong for a moment takes no newer lines along.
        """
        mine = _L.receiver == self.receiver
        oldest = connection.execute(select(_L.at).where(mine).order_by(_L.number).limit(1)).scalar_one_or_none()
        if oldest is None or oldest > now - self.kept - _A_DAY:
            return 0
        stays = connection.execute(select(func.min(_L.number)).where(mine, _L.at > now - self.kept)).scalar_one()
        last = stays - 1 if stays is not None else connection.execute(select(func.max(_L.number)).where(mine)).scalar_one()
        self._append(connection, Entry(Deed.LOG_SHORTENED, detail=str(last)), now)
        connection.execute(delete(VERIFIER_STAFF_LOG_CHECKPOINTS).where(_C.receiver == self.receiver, _C.number <= last))
        return connection.execute(delete(VERIFIER_STAFF_LOG).where(mine, _L.number <= last)).rowcount

    def _turn(self) -> int:
        """A lock that is the same in each process, and of this receiver."""
        return int.from_bytes(hashlib.sha256(f"staff log|{self.receiver}".encode()).digest()[:8], signed=True)


def _line(row: Row[tuple[object, ...]]) -> Line:
    return Line(row.number, row.at, row.staff, row.deed, row.about, row.detail, row.previous, row.hash)
