"""A receiver after people shared with it, with real keys and storage, in which a test can change any part."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, reading
from blauweknop.adapters.verifier_answers import VerifierAnswers
from blauweknop.adapters.verifier_requests import RequestStore, TransactionStore
from blauweknop.adapters.verifier_sharings import VerifierSharings
from blauweknop.domain.verdict import Colour
from blauweknop.standards import base64url
from blauweknop.standards.sharing_messages import Withdrawal, sign_withdrawal
from blauweknop.standards.sharing_receipts import Erasure, verify_erasure
from blauweknop.verifier.afterwards.ports import AfterwardsServices, KeptSharing
from blauweknop.verifier.asking.answers import Answer, CheckedItem
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import NOW
from tests.unit.verifier.asking.asking_world import QUESTION, ROW_KEY

TABLES = tuple(name for name in METADATA.tables if name.startswith("verifier_"))


@dataclass(frozen=True)
class Shared:
    """One sharing: what was given back to the person, and what the receiver keeps."""

    receipt_id: str
    link: str
    attempt: str
    dossier: str | None
    request_id: str


@dataclass
class AfterwardsWorld:
    engine: Engine
    now: datetime = NOW
    receiver: str = "schuldhulp"
    people: int = field(default=0)

    def services(self) -> AfterwardsServices:
        return AfterwardsServices(r.RECEIVER.signer(), VerifierSharings(self.engine, ROW_KEY, self.receiver), lambda: self.now)

    def later(self, **stretch: float) -> None:
        self.now += timedelta(**stretch)

    def share(self, *, key: Any = s.KEY, comes_back: bool = True, days: int = 30, reference: str = "zaak 4711") -> Shared:
        """An answer with a receipt; `key` None for a wallet that sent no consent."""
        sharings = VerifierSharings(self.engine, ROW_KEY, self.receiver)
        _, request = RequestStore(self.engine, ROW_KEY, self.receiver).open(
            QUESTION, now=self.now, life=timedelta(days=7), reference=reference
        )
        transactions = TransactionStore(self.engine, ROW_KEY, self.receiver)
        session = base64url.encode(secrets.token_bytes(32))
        _, transaction = transactions.begin(request.id, session, {}, elsewhere=False, now=self.now, life=timedelta(minutes=5))
        receipt_id, link = (base64url.encode(secrets.token_bytes(32)) for _ in range(2))
        erase_at = self.now + timedelta(days=days)
        kept = KeptSharing(receipt_id, s.CLIENT, key.public_key() if key is not None else None, None)
        sharings.keep(kept, link=link, attempt=transaction.id, erase_at=erase_at)
        dossier = None
        if comes_back:
            dossier = VerifierAnswers(self.engine, ROW_KEY, self.receiver).keep(self.answer(request.id), erase_at=erase_at)
            assert dossier is not None
            assert sharings.bind(receipt_id, dossier)
        return Shared(receipt_id, link, transaction.id, dossier, request.id)

    def answer(self, request_id: str) -> Answer:
        item = CheckedItem(
            "schuld", "schuld-kort", "duo.studieschuld", "dc+sd-jwt", Colour.GREEN, claims={"family_name": "van der Berg", "saldo": 1234567}
        )
        return Answer(request_id, QUESTION, (item,), self.now)

    def withdrawal(self, shared: Shared, *, key: Any = s.KEY, audience: str = s.CLIENT) -> str:
        withdrawal_id = base64url.encode(secrets.token_bytes(16))
        return sign_withdrawal(Withdrawal(audience, shared.receipt_id, withdrawal_id, self.now), s.holder(key))

    def proved(self, proof: str, shared: Shared) -> Erasure:
        return verify_erasure(proof, receiver=r.IDENTIFIER, receipt_id=shared.receipt_id, trust_list=r.trust_list(), at=self.now)

    def rows(self) -> dict[str, int]:
        """How many rows there are in each table of the receiver."""
        with reading(self.engine) as connection:
            counted = {name: connection.execute(select(func.count()).select_from(METADATA.tables[name])).scalar_one() for name in TABLES}
        return {name: count for name, count in counted.items() if count}
