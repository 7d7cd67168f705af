"""What waits behind links, in the database: of an id the SHA-256, and contents encrypted.

A package is encrypted to its receiver and with the key in the link, neither of which is here. What is known of a link beside that is
encrypted to its row and padded, so that the database tells neither whose it is nor for whom.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, literal, select, update
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.database import leave_nothing_behind, reading, writing
from blauweknop.adapters.holder_records import HOLDER_LINKS
from blauweknop.adapters.records import fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.encryption import CannotOpen, pad, unpad
from blauweknop.holder.links.ports import MOST_TRIES, KeptLink
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["HolderLinks"]

_STEP = 4 * 1024
_MOST_CONTENT = 1024 * 1024
_MOST_AT_ONCE = 1000  # the next sweep goes on
_L = HOLDER_LINKS.c


@dataclass(frozen=True, slots=True)
class HolderLinks:
    """See `blauweknop.holder.links.ports.LinkStorage`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    rows: int = 20_000
    receipts: int = 100_000
    """Of those that nobody looked at; more are forgotten as other links are."""
    told_for: timedelta = timedelta(days=60)
    """How long after its end is remembered what happened to a link, for its person to see. One with a receipt is remembered as long as
    the receiver may keep the data: without it nobody could take them back."""

    def put(self, link_id: str, link: KeptLink, package: bytes, *, ends_at: datetime, now: datetime) -> bool:
        row = fingerprint(link_id)
        values = {"id_hash": row, "content": self._sealed(link, row), "package": package, "tries": MOST_TRIES, "ends_at": ends_at}
        with writing(self.engine) as connection:
            if not _has_room(connection, _L.told_until.is_(None), self.rows):
                return False
            connection.execute(insert(HOLDER_LINKS).values(values))
        return True

    def read(self, link_id: str) -> KeptLink | None:
        with reading(self.engine) as connection:
            return self._opened(connection, fingerprint(link_id))

    def waits(self, link_id: str, *, now: datetime) -> bool:
        with reading(self.engine) as connection:
            return connection.execute(select(_L.id_hash).where(*_waiting(link_id, now))).one_or_none() is not None

    def try_pin(self, link_id: str, *, now: datetime) -> int | None:
        counted = update(HOLDER_LINKS).where(*_waiting(link_id, now), _L.tries > 0).values(tries=_L.tries - 1)
        with writing(self.engine) as connection:
            if connection.execute(counted).rowcount != 1:
                return None
            return int(connection.execute(select(_L.tries).where(_L.id_hash == fingerprint(link_id))).scalar_one())

    def take(self, link_id: str, *, now: datetime) -> bytes | None:
        with writing(self.engine) as connection:
            # Of two who come at once the update lets one through; that one read the package in the same transaction.
            package = connection.execute(select(_L.package).where(*_waiting(link_id, now)).with_for_update()).scalar_one_or_none()
            if package is None:
                return None
            connection.execute(update(HOLDER_LINKS).where(*_waiting(link_id, now)).values(package=None))
        leave_nothing_behind(self.engine)
        return bytes(package)

    def change(self, link_id: str, change: Callable[[KeptLink], KeptLink]) -> None:
        row = fingerprint(link_id)
        with writing(self.engine) as connection:
            link = self._opened(connection, row, to_write=True)
            if link is not None:
                values = {"content": self._sealed(change(link), row)}
                connection.execute(update(HOLDER_LINKS).where(_L.id_hash == row).values(values))

    def forget(self, link_id: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(delete(HOLDER_LINKS).where(_L.id_hash == fingerprint(link_id)))

    def sweep(self, now: datetime) -> int:
        """What was not fetched in time goes at once, what is known of it later; how many packages went."""
        late = select(_L.id_hash).where(_L.ends_at <= now - self.told_for, _L.told_until.is_(None)).limit(_MOST_AT_ONCE)
        with writing(self.engine) as connection:
            over = update(HOLDER_LINKS).where(_L.ends_at <= now, _L.package.is_not(None)).values(package=None)
            gone = connection.execute(over).rowcount
            for row in list(connection.execute(late).scalars()):
                self._let_go(connection, row, now)
            connection.execute(delete(HOLDER_LINKS).where(_L.told_until <= now))
        return gone

    def _let_go(self, connection: Connection, row: bytes, now: datetime) -> None:
        """Forget what is known of a link, unless there is a receipt that still counts."""
        link = self._opened(connection, row)
        until = link.receipt_ends_at if link is not None else None
        if until is not None and until > now and _has_room(connection, _L.told_until.is_not(None), self.receipts):
            connection.execute(update(HOLDER_LINKS).where(_L.id_hash == row).values(told_until=until))
        else:
            connection.execute(delete(HOLDER_LINKS).where(_L.id_hash == row))

    def _opened(self, connection: Connection, row: bytes, *, to_write: bool = False) -> KeptLink | None:
        wanted = select(_L.content).where(_L.id_hash == row)
        found = connection.execute(wanted.with_for_update() if to_write else wanted).scalar_one_or_none()
        if found is None:
            return None
        try:
            content = unpad(self.key.decrypt(found, table=HOLDER_LINKS.name, row=row))
            return KeptLink.from_json(parse_json_object(content, max_bytes=_MOST_CONTENT))
        except (Unreadable, CannotOpen, MalformedJson, MalformedValue):
            return None  # the key of the storage is another: nobody can say for whom it was

    def _sealed(self, link: KeptLink, row: bytes) -> bytes:
        return self.key.encrypt(pad(link.as_bytes(), _STEP), table=HOLDER_LINKS.name, row=row)


def _has_room(connection: Connection, kind: ColumnElement[bool], rows: int) -> bool:
    """Whether there are fewer of a kind than may be, counting no further than that."""
    counted = select(func.count()).select_from(select(literal(1)).select_from(HOLDER_LINKS).where(kind).limit(rows).subquery())
    return int(connection.execute(counted).scalar_one()) < rows


def _waiting(link_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return _L.id_hash == fingerprint(link_id), _L.package.is_not(None), _L.ends_at > now
