"""What people answered to a receiver, encrypted, until the end of its retention: a head for each answer, and a row for each thing in it."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.statements import Statement
from blauweknop.adapters.verifier_households import end_seconds, forget_parts, hold_parts
from blauweknop.adapters.verifier_records import VERIFIER_DOSSIER_ITEMS, VERIFIER_DOSSIERS, VERIFIER_REQUESTS
from blauweknop.domain.document import JsonValue
from blauweknop.verifier.asking.answers import MOST_KEPT, Answer, CheckedItem, replaced_items
from blauweknop.verifier.asking.ports import KeptAnswer, RequestState

__all__ = ["VerifierAnswers", "sweep_answers"]

_D, _I, _R = VERIFIER_DOSSIERS.c, VERIFIER_DOSSIER_ITEMS.c, VERIFIER_REQUESTS.c
_ANSWERED = Statement(
    update(VERIFIER_REQUESTS)
    .where(_R.id_hash == bindparam("this_request"), _R.receiver == bindparam("this_receiver"), _R.state == RequestState.OPEN.value)
    .values(state=RequestState.ANSWERED.value)
)
_KEEP, _KEEP_ITEM = Statement(insert(VERIFIER_DOSSIERS)), Statement(insert(VERIFIER_DOSSIER_ITEMS))
_ID_BYTES = 16
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class VerifierAnswers:
    """Those of one receiver; fits `verifier.asking.ports.AnswerStore`. Each method raises StorageError."""

    engine: Engine
    key: RowKey = field(repr=False)
    receiver: str
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    def keep(self, answer: Answer, *, erase_at: datetime) -> str | None:
        dossier, request = self.random(_ID_BYTES), bytes.fromhex(answer.request_id)
        head = answer.as_json()
        items = head.pop("items")
        rows = [
            {"dossier": dossier, "place": place, "content": self._sealed(item, VERIFIER_DOSSIER_ITEMS.name, _item_row(dossier, place))}
            for place, item in enumerate(items if isinstance(items, list) else [])
        ]
        values = {
            "id": dossier,
            "receiver": self.receiver,
            "request_hash": request,
            "content": self._sealed(head, VERIFIER_DOSSIERS.name, dossier),
            "received_at": answer.received_at,
            "erase_at": erase_at,
        }
        with writing(self.engine) as connection:
            if _ANSWERED.change(connection, {"this_request": request, "this_receiver": self.receiver}) != 1:
                return None
            _KEEP.change(connection, values)
            for row in rows:
                _KEEP_ITEM.change(connection, row)
        return dossier.hex()

    def of_request(self, request_id: str) -> KeptAnswer | None:
        which = select(VERIFIER_DOSSIERS).where(_D.request_hash == bytes.fromhex(request_id), _D.receiver == self.receiver)
        with reading(self.engine) as connection:
            row = connection.execute(which).one_or_none()
            if row is None:
                return None
            # All of them: how many there may be is bounded where they are kept.
            of_dossier = select(_I.place, _I.content).where(_I.dossier == row.id).order_by(_I.place)
            items = connection.execute(of_dossier).all()
        try:
            head = self._opened(row.content, VERIFIER_DOSSIERS.name, row.id)
            parts = [
                {**self._opened(item.content, VERIFIER_DOSSIER_ITEMS.name, _item_row(row.id, item.place)), "number": item.place + 1}
                for item in items
            ]
        except Unreadable:
            return None
        return KeptAnswer(row.id.hex(), Answer.from_json({**head, "items": [*parts]}), row.erase_at)

    def update(self, request_id: str, items: Sequence[CheckedItem]) -> bool:
        which = select(_D.id).where(_D.request_hash == bytes.fromhex(request_id), _D.receiver == self.receiver).with_for_update()
        with writing(self.engine) as connection:
            dossier = connection.execute(which).scalar_one_or_none()
            if dossier is None:
                return False
            rows = connection.execute(select(_I.place, _I.content).where(_I.dossier == dossier).order_by(_I.place)).all()
            known = [self._item(dossier, row.place, row.content) for row in rows]
            # What these replace becomes the earlier version; the one before that goes.
            sources = {item.source for item in items}
            gone = [number - 1 for number, item in replaced_items(known) if item.source in sources]
            if len(known) - len(gone) + len(items) > MOST_KEPT:
                return False
            connection.execute(delete(VERIFIER_DOSSIER_ITEMS).where(_I.dossier == dossier, _I.place.in_(gone)))
            first = rows[-1].place + 1 if rows else 0
            new = [
                {
                    "dossier": dossier,
                    "place": place,
                    "content": self._sealed(item.as_json(), VERIFIER_DOSSIER_ITEMS.name, _item_row(dossier, place)),
                }
                for place, item in enumerate(items, first)
            ]
            for row in new:
                _KEEP_ITEM.change(connection, row)
        return True

    def replace_papers(self, request_id: str, papers: Mapping[int, Mapping[str, JsonValue]]) -> bool:
        which = (
            select(_D.id, _D.content).where(_D.request_hash == bytes.fromhex(request_id), _D.receiver == self.receiver).with_for_update()
        )
        with writing(self.engine) as connection:
            row = connection.execute(which).one_or_none()
            head = self._opened(row.content, VERIFIER_DOSSIERS.name, row.id) if row is not None else {}
            kept = head.get("own_papers")
            if row is None or not isinstance(kept, list) or not papers.keys() <= {*range(1, len(kept) + 1)}:
                return False
            head["own_papers"] = [dict(papers[number]) if number in papers else paper for number, paper in enumerate(kept, 1)]
            content = self._sealed(head, VERIFIER_DOSSIERS.name, row.id)
            connection.execute(update(VERIFIER_DOSSIERS).where(_D.id == row.id).values(content=content))
        return True

    def _item(self, dossier: bytes, place: int, content: bytes) -> CheckedItem:
        opened = self._opened(content, VERIFIER_DOSSIER_ITEMS.name, _item_row(dossier, place))
        return CheckedItem.from_json({**opened, "number": place + 1})

    def _sealed(self, content: JsonValue, table: str, row: bytes) -> bytes:
        return self.key.encrypt(msgspec.json.encode(content), table=table, row=row)

    def _opened(self, content: bytes, table: str, row: bytes) -> dict[str, JsonValue]:
        return msgspec.json.decode(self.key.decrypt(content, table=table, row=row), type=dict)


def sweep_answers(engine: Engine, now: datetime, *, most: int = _AT_ONCE) -> int:
    """Erase what was kept as long as was promised, and its request, so many in one round, the longest over first; how many answers went.

    Raises:
        StorageError: the rest goes the next time.
    """
    with writing(engine) as connection:
        over = select(_D.request_hash).where(_D.erase_at <= now).order_by(_D.erase_at).limit(most)
        ended = list(connection.execute(over).scalars())
        if ended:
            hold_parts(connection, ended)
            end_seconds(connection, ended)
            connection.execute(delete(VERIFIER_DOSSIERS).where(_D.request_hash.in_(ended)))
            connection.execute(delete(VERIFIER_REQUESTS).where(_R.id_hash.in_(ended)))
            forget_parts(connection, ended)
        return len(ended)


def _item_row(dossier: bytes, place: int) -> bytes:
    return dossier + place.to_bytes(4)
