"""A receiver that somebody keeps up to date: the first answer with a consent to that, and the holder that comes with more."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from httpx import Response

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.registration_claims import RegisteredUpdates
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.sharing_composing import compose_record, retention_end
from blauweknop.standards.sharing_messages import Consent, request_hash, sign_consent
from blauweknop.standards.sharing_receipts import Receipt, verify_receipt
from blauweknop.standards.sharing_records import PiiInformation
from blauweknop.standards.sharing_updates import Update, Wish, sign_update
from blauweknop.verifier.asking.answers import CheckedItem
from tests.unit.checking import credentials as c
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.verifier.asking.asking_world import NONCE, PATH, REGISTRATION, SUMMARY, AskingWorld, Browser, TestHolder, led_back

__all__ = ["FOLLOWED", "UPDATES", "Followed", "code_of", "follow"]

UPDATES = RegisteredUpdates("P3M", (c.WALLET_TYPE,))
FOLLOWED = replace(REGISTRATION, updates=UPDATES)


@dataclass
class Followed:
    """One sharing that is kept up to date."""

    world: AskingWorld
    browser: Browser
    consent: Consent
    asked: str
    receipt: Receipt
    path: str
    """Of the page with the request."""

    def wish(self, wish: Wish = Wish.SEND, *, key: Any = s.KEY, **changes: Any) -> Response:
        """Say it to the receiver."""
        usual: dict[str, Any] = {
            "audience": self.consent.audience,
            "receipt_id": self.receipt.receipt_id,
            "update_id": base64url.encode(secrets.token_bytes(16)),
            "issued_at": self.world.now,
            "wish": wish,
            "wallet_nonce": NONCE if wish is Wish.SEND else None,
        }
        return self.say(sign_update(Update(**(usual | changes)), s.holder(key)))

    def say(self, text: str) -> Response:
        return self.browser.client.post(f"{PATH}/bijwerken", data={"update": text})

    def hear(self, update_id: str = "") -> TestHolder:
        """A holder with the question of an update, checked as every question is."""
        named: dict[str, Any] = {"update_id": update_id} if update_id else {}
        told = self.wish(**named)
        assert told.status_code == 200, told.text
        holder = TestHolder(told.json()["client_id"], "", self.browser)
        holder.read(told.json()["request"])
        self.asked = request_hash(told.json()["request"])
        return holder

    def question(self) -> VerifiedRequest:
        return self.hear().known()

    def receipt_of(self, answer: Response, *, asked: str = "", consent: Consent | None = None) -> Receipt:
        """As the holder checks it."""
        assert answer.status_code == 200, answer.text
        return verify_receipt(
            answer.json()["bk_receipt"],
            client_id=self.consent.audience,
            asked=asked or self.asked,
            consent=consent or self.consent,
            trust_list=r.trust_list(),
            at=self.world.now,
        )

    def items(self) -> tuple[CheckedItem, ...]:
        kept = self.world.kept(self.path)
        assert kept is not None
        return kept.answer.items

    def newer(self, **claims: Any) -> str:
        """A credential that says something else."""
        return c.of_wallet({**c.CLAIMS, "reference_date": "2026-11-22", **claims})


def consent_to(asked: str, client_id: str, world: AskingWorld, **changes: Any) -> Consent:
    """To what is asked, and to be kept up to date for as long as is registered."""
    shared = [PiiInformation(c.WALLET_TYPE, name) for name in SUMMARY]
    record = compose_record(
        world.registration,
        shared,
        record_id=s.RECORD_ID,
        principal=thumbprint(s.KEY.public_key()),
        language="nl",
        at=world.now,
        updates=shared,
    )
    moment = world.now.replace(microsecond=0)
    end: datetime = retention_end(world.registration.retention, moment)
    usual = Consent(client_id, asked, moment, end, record, retention_end(UPDATES.longest, moment))
    return replace(usual, **changes)


def follow(world: AskingWorld, browser: Browser, **along: JsonValue) -> Followed:
    """The first answer, that the browser came back for; `along` goes with the consent."""
    path = world.request()
    holder = browser.begin(path)
    fetched = holder.fetch()
    holder.read(fetched.text)
    asked = request_hash(fetched.text)
    consent = consent_to(asked, holder.client_id, world)
    answer = holder.answer(bk_consent=sign_consent(consent, s.holder(), s.KEY.public_key()), **along)
    assert browser.come_back(led_back(answer)).status_code == 303
    receipt = verify_receipt(
        answer.json()["bk_receipt"], client_id=holder.client_id, asked=asked, consent=consent, trust_list=r.trust_list(), at=world.now
    )
    return Followed(world, browser, consent, asked, receipt, path)


def code_of(answer: Response, status: int = 400) -> str:
    """The code of a refusal."""
    assert answer.status_code == status, answer.text
    return str(answer.json()["error_description"]).partition(":")[0]
