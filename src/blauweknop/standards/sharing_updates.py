"""What a holder says to a receiver that it keeps up to date: it has something newer, it goes on for longer, or it stops (ADR 0040).

Signed with the key of the consent. Verifying, in steps:
1. A signed message of the right kind and size, about a receipt (update_malformed).
2. The signature fits the key of the consent (update_signature); only then is the content believed.
3. It is for this receiver (update_audience), about this receipt (update_receipt).
4. It is of now (update_not_yet, update_expired).
5. Who has something newer gives a nonce for the question; who goes on says until when (update_malformed).
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.standards import jose
from blauweknop.standards.jose import JwsProblem, ReceivedJws
from blauweknop.standards.json_members import MalformedMember, Members, member_moment, member_text
from blauweknop.standards.sharing_messages import CLIENT_ID, SharingProblem
from blauweknop.standards.sharing_records import RECORD_ID
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["MAX_UPDATE", "ReceivedUpdate", "Update", "Wish", "read_update", "sign_update", "verify_update"]

MAX_UPDATE = 8 * 1024
_NONCE = re.compile(r"[!-~]{22,512}")
_CLOCK_SKEW = timedelta(seconds=60)
_LIFE = timedelta(minutes=10)


class Wish(StrEnum):
    SEND = "send"
    RENEW = "renew"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Update:
    """What a holder wants with a sharing: `wallet_nonce` is for the question of who sends, `until` the new end of who renews."""

    audience: str
    receipt_id: str
    update_id: str
    issued_at: datetime
    wish: Wish
    wallet_nonce: str | None = field(default=None, repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReceivedUpdate:
    """A message that was not verified: its `receipt_id` only says which consent to look up."""

    receipt_id: str
    message: ReceivedJws = field(repr=False)


def sign_update(update: Update, signer: Signer) -> str:
    """The message, by the key of the consent. Raises: UnsuitableKey."""
    claims: dict[str, JsonValue] = {
        "aud": update.audience,
        "receipt_id": update.receipt_id,
        "jti": update.update_id,
        "iat": int(update.issued_at.timestamp()),
        "wish": update.wish.value,
    }
    if update.wallet_nonce is not None:
        claims["wallet_nonce"] = update.wallet_nonce
    if update.until is not None:
        claims["until"] = int(update.until.timestamp())
    return jose.sign_jws(claims, signer, jose.SHARING_UPDATE)


def read_update(text: str) -> ReceivedUpdate:
    """Step 1.

    Raises:
        SharingProblem: update_malformed.
    """
    try:
        received = jose.parse_jws(text, jose.SHARING_UPDATE, max_bytes=MAX_UPDATE)
        claims = parse_json_object(received.payload, max_bytes=MAX_UPDATE)
        return ReceivedUpdate(member_text(claims, "receipt_id", RECORD_ID), received)
    except (JwsProblem, MalformedJson, MalformedMember) as error:
        raise SharingProblem("update_malformed", f"update: {error}") from error


def verify_update(received: ReceivedUpdate, key: ec.EllipticCurvePublicKey, *, client_id: str, receipt_id: str, at: datetime) -> Update:
    """Steps 2 to 5, with the key of the consent of `receipt_id`.

    Raises:
        SharingProblem: by the first rule that is broken.
    """
    # Step 2.
    try:
        claims = jose.verify_jws(received.message, key).claims()
    except JwsProblem as error:
        raise SharingProblem("update_signature", f"update: {error}") from error
    try:
        update = _read(claims)
    except MalformedMember as error:
        raise SharingProblem("update_malformed", f"update: {error}") from error
    # Step 3.
    if update.audience != client_id:
        raise SharingProblem("update_audience", "expected an update for this receiver")
    if update.receipt_id != receipt_id:
        raise SharingProblem("update_receipt", "expected an update of this receipt")
    # Step 4.
    if update.issued_at > at + _CLOCK_SKEW:
        raise SharingProblem("update_not_yet", "expected an update of the past")
    if at - update.issued_at > _LIFE:
        raise SharingProblem("update_expired", "expected an update of the last ten minutes")
    return update


def _read(claims: Members) -> Update:
    """Step 5 too: a message has what its wish needs, and nothing that belongs to another."""
    wish = member_text(claims, "wish")
    if wish not in tuple(Wish):
        raise MalformedMember("expected wish as send, renew or stop")
    if ("wallet_nonce" in claims) != (wish == Wish.SEND) or ("until" in claims) != (wish == Wish.RENEW):
        raise MalformedMember("expected a wallet_nonce with send, until with renew, and neither with stop")
    return Update(
        member_text(claims, "aud", CLIENT_ID),
        member_text(claims, "receipt_id", RECORD_ID),
        member_text(claims, "jti", RECORD_ID),
        member_moment(claims, "iat"),
        Wish(wish),
        member_text(claims, "wallet_nonce", _NONCE) if "wallet_nonce" in claims else None,
        member_moment(claims, "until") if "until" in claims else None,
    )
