"""What a receiver knows of sharings, in the database: hashes, encrypted contents, and after erasure a signed proof that names nobody.

`erase` takes all that stands in another table with it: the dossier (its items go with it, as does whatever else refers to it), the request
with the receiver's own reference, and every attempt to answer it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Column, ColumnElement, Index, LargeBinary, String, Table, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection, Engine, Row

from blauweknop.adapters.database import METADATA, StorageError, UtcDateTime, leave_nothing_behind, reading, writing
from blauweknop.adapters.records import fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.statements import Statement
from blauweknop.adapters.verifier_households import end_seconds, forget_parts, hold_parts
from blauweknop.adapters.verifier_records import VERIFIER_DOSSIERS, VERIFIER_REQUESTS, VERIFIER_TRANSACTIONS
from blauweknop.domain.document import JsonValue
from blauweknop.standards.jwk import public_jwk, read_public_jwk
from blauweknop.verifier.afterwards.ports import KeptSharing

__all__ = ["VERIFIER_SHARINGS", "VerifierSharings"]

VERIFIER_SHARINGS = Table(
    "verifier_sharings",
    METADATA,
    Column("receipt_hash", LargeBinary(32), primary_key=True),
    Column("receiver", String(64), nullable=False),
    Column("link_hash", LargeBinary(32), nullable=False, unique=True),
    Column("attempt", LargeBinary(32)),  # where the answer waits until it is kept
    Column("dossier", LargeBinary(16)),
    Column("content", LargeBinary, nullable=False),  # encrypted; empty when there is a proof
    Column("erase_at", UtcDateTime, nullable=False),
    Column("proof", LargeBinary),
    Index("ix_verifier_sharings_erase_at", "erase_at"),
)

_KEEP = Statement(insert(VERIFIER_SHARINGS))
_BIND = Statement(
    update(VERIFIER_SHARINGS)
    .where(
        VERIFIER_SHARINGS.c.receipt_hash == bindparam("this_receipt"),
        VERIFIER_SHARINGS.c.receiver == bindparam("this_receiver"),
        VERIFIER_SHARINGS.c.proof.is_(None),
        VERIFIER_SHARINGS.c.dossier.is_(None),
    )
    .values(dossier=bindparam("new_dossier"))
)
_S, _D, _R, _T = VERIFIER_SHARINGS.c, VERIFIER_DOSSIERS.c, VERIFIER_REQUESTS.c, VERIFIER_TRANSACTIONS.c


@dataclass(frozen=True, slots=True)
class VerifierSharings:
    """Those of one receiver; fits `verifier.afterwards.ports.Sharings`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    receiver: str

    def keep(self, sharing: KeptSharing, *, link: str, attempt: str, erase_at: datetime) -> None:
        row = fingerprint(sharing.receipt_id)
        values = {
            "receipt_hash": row,
            "receiver": self.receiver,
            "link_hash": fingerprint(link),
            "attempt": bytes.fromhex(attempt),
            "dossier": None,
            "content": self._content(sharing, row),
            "erase_at": erase_at,
            "proof": None,
        }
        with writing(self.engine) as connection:
            _KEEP.change(connection, values)

    def bind(self, receipt_id: str, dossier_id: str) -> bool:
        this = {"this_receipt": fingerprint(receipt_id), "this_receiver": self.receiver, "new_dossier": bytes.fromhex(dossier_id)}
        with writing(self.engine) as connection:
            return _BIND.change(connection, this) == 1

    def follow(self, receipt_id: str, until: datetime | None) -> bool:
        with writing(self.engine) as connection:
            found = select(VERIFIER_SHARINGS).where(*self._this(receipt_id), _S.proof.is_(None)).with_for_update()
            row = connection.execute(found).one_or_none()
            sharing = self._sharing(row, receipt_id) if row is not None else None
            if row is None or sharing is None or (until is not None and sharing.updates_until is None):
                return False
            content = self._content(replace(sharing, updates_until=until), row.receipt_hash)
            change = update(VERIFIER_SHARINGS).where(*self._this(receipt_id), _S.proof.is_(None)).values(content=content)
            return connection.execute(change).rowcount == 1

    def of_receipt(self, receipt_id: str) -> KeptSharing | None:
        with reading(self.engine) as connection:
            row = connection.execute(select(VERIFIER_SHARINGS).where(*self._this(receipt_id))).one_or_none()
        return self._sharing(row, receipt_id) if row is not None else None

    def of_link(self, link: str) -> KeptSharing | None:
        found = select(VERIFIER_SHARINGS).where(_S.link_hash == fingerprint(link), _S.receiver == self.receiver)
        with reading(self.engine) as connection:
            row = connection.execute(found).one_or_none()
        return self._sharing(row) if row is not None else None

    def erase(self, receipt_id: str, proof: str) -> str:
        values = {"proof": proof.encode("ascii"), "content": b"", "attempt": None, "dossier": None}
        with writing(self.engine, durable=True) as connection:
            row = self._held(connection, fingerprint(receipt_id))
            if row is None:
                raise StorageError("expected a sharing that is kept")
            # Two may come at once: the database lets one of them be first, and the other reads what that one proved.
            if row.proof is not None:
                return bytes(row.proof).decode("ascii")
            connection.execute(update(VERIFIER_SHARINGS).where(*self._this(receipt_id)).values(values))
            self._erase_data(connection, row.dossier, row.attempt)
        leave_nothing_behind(self.engine)
        return proof

    def request_of(self, receipt_id: str) -> str | None:
        joined = select(_D.request_hash).where(_D.id == _S.dossier, *self._this(receipt_id), _D.receiver == self.receiver)
        with reading(self.engine) as connection:
            found = connection.execute(joined).scalar_one_or_none()
        return bytes(found).hex() if found is not None else None

    def due(self, now: datetime, *, most: int) -> Sequence[str]:
        over = (
            select(VERIFIER_SHARINGS)
            .where(_S.receiver == self.receiver, _S.erase_at <= now, _S.proof.is_(None))
            .order_by(_S.erase_at)
            .limit(most)
        )
        with reading(self.engine) as connection:
            found = [(row, self._sharing(row)) for row in connection.execute(over)]
        lost = [row for row, sharing in found if sharing is None]
        for row in lost:
            # The key of the storage is another: what is over goes all the same, and nothing can be proved of it.
            with writing(self.engine) as connection:
                held = self._held(connection, row.receipt_hash)
                if held is not None:
                    self._erase_data(connection, held.dossier, held.attempt)
                connection.execute(delete(VERIFIER_SHARINGS).where(_S.receipt_hash == row.receipt_hash))
        return [sharing.receipt_id for _, sharing in found if sharing is not None]

    def _this(self, receipt_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return _S.receipt_hash == fingerprint(receipt_id), _S.receiver == self.receiver

    def _sharing(self, row: Row[tuple[object, ...]], receipt_id: str = "") -> KeptSharing | None:
        if row.proof is not None:
            return KeptSharing(receipt_id, "", None, row.proof.decode("ascii"))
        try:
            content = msgspec.json.decode(self.key.decrypt(row.content, table=VERIFIER_SHARINGS.name, row=row.receipt_hash))
        except Unreadable:
            return None  # after a change of key nothing of it can be read any more, here or in the dossier
        key: ec.EllipticCurvePublicKey | None = read_public_jwk(content["key"]) if content["key"] is not None else None
        until = content.get("updates_until")
        return KeptSharing(
            content["receipt_id"], content["audience"], key, None, datetime.fromisoformat(until) if until is not None else None
        )

    def _content(self, sharing: KeptSharing, row: bytes) -> bytes:
        content: dict[str, JsonValue] = {
            "receipt_id": sharing.receipt_id,
            "audience": sharing.audience,
            "key": {**public_jwk(sharing.key)} if sharing.key is not None else None,
            "updates_until": sharing.updates_until.isoformat() if sharing.updates_until is not None else None,
        }
        return self.key.encrypt(msgspec.json.encode(content), table=VERIFIER_SHARINGS.name, row=row)

    def _held(self, connection: Connection, row: bytes) -> Row[tuple[object, ...]] | None:
        """The sharing, that nobody changes until the end of this transaction; after an answer to it that comes at this very moment."""
        this = _S.receipt_hash == row, _S.receiver == self.receiver
        known = VERIFIER_SHARINGS.outerjoin(VERIFIER_DOSSIERS, _D.id == _S.dossier).outerjoin(
            VERIFIER_TRANSACTIONS, _T.id_hash == _S.attempt
        )
        # Without a dossier and without an attempt no answer can come any more.
        request = select(func.coalesce(_D.request_hash, _T.request_hash)).select_from(known).where(*this)
        hold_parts(connection, [found for found in connection.execute(request).scalars() if found is not None])
        return connection.execute(select(VERIFIER_SHARINGS).where(*this).with_for_update()).one_or_none()

    def _erase_data(self, connection: Connection, dossier: bytes | None, attempt: bytes | None) -> None:
        """Of a sharing that is held."""
        ours = _T.receiver == self.receiver
        requests = select(_D.request_hash).where(_D.id == dossier, _D.receiver == self.receiver)
        request = connection.execute(requests).scalar_one_or_none() if dossier is not None else None
        connection.execute(delete(VERIFIER_TRANSACTIONS).where(or_(_T.id_hash == attempt, _T.request_hash == request), ours))
        if request is not None:
            end_seconds(connection, [request])
            connection.execute(delete(VERIFIER_DOSSIERS).where(_D.id == dossier))
            connection.execute(delete(VERIFIER_REQUESTS).where(and_(_R.id_hash == request, _R.receiver == self.receiver)))
            forget_parts(connection, [request])
