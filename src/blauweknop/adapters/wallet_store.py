"""References that a source gave to wallets and browsers: the SHA-256 of each, and contents that the reference opens (PROTOCOL 2.11)."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from blauweknop.adapters.database import StorageError, reading, writing
from blauweknop.adapters.records import fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.sessions import new_reference, readable_reference
from blauweknop.adapters.statements import Statement
from blauweknop.adapters.wallet_records import WALLET_REFERENCES, WALLET_USES
from blauweknop.domain.document import JsonValue
from blauweknop.issuer.wallet.ports import Kept, Kind

__all__ = ["WalletReferences", "WalletUses", "sweep_wallets"]

_T = WALLET_REFERENCES.c
_THIS = (_T.id_hash == bindparam("this_hash"), _T.source == bindparam("this_source"), _T.kind == bindparam("this_kind"))
_UNUSED = _T.used.is_(False)
_KEEP = Statement(insert(WALLET_REFERENCES))
_FIND = Statement(select(_T.content, _T.used, _T.tries, _T.version, _T.ends_at).where(*_THIS, _T.ends_at > bindparam("now")))
_USE = Statement(update(WALLET_REFERENCES).where(*_THIS, _UNUSED).values(used=True, content=b""))
_CHANGE = Statement(
    update(WALLET_REFERENCES)
    .where(*_THIS, _UNUSED, _T.version == bindparam("seen_version"))
    .values(content=bindparam("new_content"), version=_T.version + 1, ends_at=bindparam("new_end"))
)
_COUNT_TRY = Statement(update(WALLET_REFERENCES).where(*_THIS).values(tries=_T.tries + 1))
_TRIES = Statement(select(_T.tries).where(*_THIS))
_END = delete(WALLET_REFERENCES).where(*_THIS)
_FIRST_USE = {
    "postgresql": Statement(postgresql.insert(WALLET_USES).on_conflict_do_nothing()),
    "sqlite": Statement(sqlite.insert(WALLET_USES).on_conflict_do_nothing()),
}


@dataclass(frozen=True, slots=True)
class WalletReferences:
    """Those of one source; fits `issuer.wallet.ports.References`. Each method raises StorageError when the database does not answer."""

    engine: Engine
    key: RowKey = field(repr=False)
    source: str
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    def keep(self, kind: Kind, content: Mapping[str, JsonValue], *, now: datetime, life: timedelta, parent: str | None = None) -> str:
        reference = new_reference(self.random)
        row = fingerprint(reference)
        values = {
            "id_hash": row,
            "source": self.source,
            "kind": kind.value,
            "parent_hash": fingerprint(parent) if parent is not None else None,
            "content": self._sealed(content, reference),
            "used": False,
            "tries": 0,
            "version": 0,
            "ends_at": now + life,
        }
        with writing(self.engine) as connection:
            _KEEP.change(connection, values)
        return reference

    def read(self, kind: Kind, reference: str, *, now: datetime) -> Kept | None:
        row = readable_reference(reference)
        if row is None:
            return None
        with reading(self.engine) as connection:
            return self._find(connection, kind, reference, row, now)

    def use(self, kind: Kind, reference: str, *, now: datetime) -> Kept | None:
        row = readable_reference(reference)
        if row is None:
            return None
        with writing(self.engine) as connection:
            kept = self._find(connection, kind, reference, row, now)
            # Two processes may have found it unused: the database lets one of them be first.
            if kept is not None and not kept.used and _USE.change(connection, self._this(kind, row)) != 1:
                return Kept(kind, {}, True, kept.tries, kept.version, kept.ends_at)
            return kept

    def change(self, kind: Kind, reference: str, content: Mapping[str, JsonValue], *, seen: Kept, ends_at: datetime | None = None) -> bool:
        row, new = fingerprint(reference), {"new_content": self._sealed(content, reference), "new_end": ends_at or seen.ends_at}
        with writing(self.engine) as connection:
            return _CHANGE.change(connection, {**self._this(kind, row), "seen_version": seen.version, **new}) == 1

    def count_try(self, kind: Kind, reference: str) -> int:
        this = self._this(kind, fingerprint(reference))
        with writing(self.engine) as connection:
            _COUNT_TRY.change(connection, this)
            found = _TRIES.one(connection, this)
        return found.tries if found is not None else 1 << 30  # it went meanwhile: no try is left

    def end(self, kind: Kind, reference: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(_END, self._this(kind, fingerprint(reference)))

    def end_children(self, reference: str) -> None:
        with writing(self.engine) as connection:
            parents = [fingerprint(reference)]
            while parents:
                came_from = (_T.source == self.source, _T.parent_hash.in_(parents))
                parents = list(connection.execute(select(_T.id_hash).where(*came_from)).scalars())
                connection.execute(delete(WALLET_REFERENCES).where(*came_from))

    def _this(self, kind: Kind, row: bytes) -> dict[str, object]:
        return {"this_hash": row, "this_source": self.source, "this_kind": kind.value}

    def _find(self, connection: Connection, kind: Kind, reference: str, row: bytes, now: datetime) -> Kept | None:
        found = _FIND.one(connection, {**self._this(kind, row), "now": now})
        if found is None:
            return None
        content: Mapping[str, JsonValue] = {}
        if not found.used:
            try:
                opened = self.key.with_reference(reference).decrypt(found.content, table=WALLET_REFERENCES.name, row=row)
                content = msgspec.json.decode(opened)
            except Unreadable:
                return None  # after a change of key everybody begins anew
        return Kept(kind, content, found.used, found.tries, found.version, found.ends_at)

    def _sealed(self, content: Mapping[str, JsonValue], reference: str) -> bytes:
        """Who has the database and our key, and not the reference, reads nothing of it."""
        key = self.key.with_reference(reference)
        return key.encrypt(msgspec.json.encode(content), table=WALLET_REFERENCES.name, row=fingerprint(reference))


@dataclass(frozen=True, slots=True)
class WalletUses:
    """What may be used once, by all processes; fits `issuer.wallet.ports.UsedOnce`."""

    engine: Engine

    def first_use(self, name: str, *, until: datetime, now: datetime) -> bool:
        """Whether this is the first time.

        Raises:
            StorageError: the database does not answer.
        """
        with writing(self.engine) as connection:
            statement = _FIRST_USE.get(connection.dialect.name)
            if statement is None:
                raise StorageError("expected SQLite or PostgreSQL")
            return statement.change(connection, {"name_hash": fingerprint(name), "ends_at": until}) == 1


def sweep_wallets(engine: Engine, now: datetime) -> int:
    """Forget what ended; how many rows went. Raises: StorageError."""
    with writing(engine) as connection:
        gone = connection.execute(delete(WALLET_REFERENCES).where(_T.ends_at <= now)).rowcount
        return gone + connection.execute(delete(WALLET_USES).where(WALLET_USES.c.ends_at <= now)).rowcount
