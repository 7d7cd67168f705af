"""What a holder says about sharing, signed with a key made for one sharing: its consent, and later its withdrawal (PROTOCOL 9.2).

Verifying a consent, in steps:
1. A signed message of the right kind and size, with a public key in its header (consent_malformed), that its signature fits
   (consent_signature); only then is the content read.
2. It is for this receiver (consent_audience), and agrees to exactly the request that was given out (consent_request).
3. It is of now (consent_not_yet, consent_expired), and the sharing ends after it began and is not over yet (consent_end), and lasts a
   day or more: with less nobody can do anything with it (consent_short).
   The person may agree to updates until a moment within that time (consent_updates).
4. The record has what ISO/IEC TS 27560 demands, and says that consent was given (consent_record).
5. The person in it is the key that signed, so that no record links two sharings (consent_principal).
6. Every purpose is of this receiver (consent_receiver).

Verifying a withdrawal, in steps; the key is that of the consent that the receiver kept:
1. A signed message of the right kind and size (withdrawal_malformed).
2. The signature fits the key of the consent (withdrawal_signature); only then is the content believed.
3. It is for this receiver (withdrawal_audience), about this receipt (withdrawal_receipt).
4. It is of now (withdrawal_not_yet, withdrawal_expired). That it may come twice does no harm: what is erased stays erased.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.standards.access_certificate import AccessProblemCode
from blauweknop.standards.jose import JwsProblem, ReceivedJws
from blauweknop.standards.json_members import MalformedMember, Members, member_moment, member_object, member_text
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.sharing_record_json import read_record, record_json
from blauweknop.standards.sharing_records import RECORD_ID, ConsentRecord, ConsentState
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = [
    "CLIENT_ID",
    "LEAST_SHARING",
    "MAX_CONSENT",
    "MAX_WITHDRAWAL",
    "REQUEST_HASH",
    "Consent",
    "ReceivedWithdrawal",
    "SharingProblem",
    "SharingProblemCode",
    "VerifiedConsent",
    "Withdrawal",
    "read_withdrawal",
    "request_hash",
    "sign_consent",
    "sign_withdrawal",
    "verify_consent",
    "verify_withdrawal",
]

SharingProblemCode = (
    Literal[
        "consent_malformed",
        "consent_signature",
        "consent_audience",
        "consent_request",
        "consent_not_yet",
        "consent_expired",
        "consent_end",
        "consent_short",
        "consent_updates",
        "consent_record",
        "consent_principal",
        "consent_receiver",
        "withdrawal_malformed",
        "withdrawal_signature",
        "withdrawal_audience",
        "withdrawal_receipt",
        "withdrawal_not_yet",
        "withdrawal_expired",
        "receipt_malformed",
        "receipt_signature",
        "receipt_issuer",
        "receipt_member",
        "receipt_not_yet",
        "receipt_record",
        "receipt_end",
        "erasure_malformed",
        "erasure_signature",
        "erasure_issuer",
        "erasure_member",
        "erasure_not_yet",
        "erasure_receipt",
        "update_malformed",
        "update_signature",
        "update_audience",
        "update_receipt",
        "update_not_yet",
        "update_expired",
        "update_over",
        "update_often",
        "update_until",
    ]
    | AccessProblemCode
)

MAX_CONSENT = 256 * 1024
MAX_WITHDRAWAL = 8 * 1024
CLIENT_ID = re.compile(r"[!-~]{1,500}")
REQUEST_HASH = re.compile(r"[A-Za-z0-9_-]{43}")
LEAST_SHARING = timedelta(days=1)
"""How long a sharing lasts at least."""
_CLOCK_SKEW = timedelta(seconds=60)
_LIFE = timedelta(minutes=10)  # that of a request


class SharingProblem(BlauweKnopError):
    """A message about sharing that is refused; `code` names the rule."""

    def __init__(self, code: SharingProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: SharingProblemCode = code


@dataclass(frozen=True, slots=True)
class Consent:
    """What a holder agreed to: `audience` is the client id of the receiver, `ends_at` until when the data may be kept.

    `updates_until` is until when newer data may follow; None when none may.
    """

    audience: str
    request_hash: str
    issued_at: datetime
    ends_at: datetime
    record: ConsentRecord
    updates_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class VerifiedConsent:
    """A consent, and the key that may withdraw it: what a receiver keeps."""

    consent: Consent
    key: ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a holder takes back, by the id of the receipt."""

    audience: str
    receipt_id: str
    withdrawal_id: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedWithdrawal:
    """A withdrawal that was not verified: its `receipt_id` only says which consent to look up."""

    receipt_id: str
    message: ReceivedJws = field(repr=False)


def request_hash(request_object: str) -> str:
    """What a consent agrees to: the hash of the signed request object, as it was given out."""
    return base64url.encode(hashlib.sha256(request_object.encode("ascii")).digest())


def sign_consent(consent: Consent, signer: Signer, key: ec.EllipticCurvePublicKey) -> str:
    """The consent, by a signer whose public key is `key`; the person in the record is the thumbprint of that key.

    Raises:
        MalformedMember: the record has not what the standard demands.
        UnsuitableKey: no P-256 key.
    """
    claims: dict[str, JsonValue] = {
        "aud": consent.audience,
        "request_hash": consent.request_hash,
        "iat": int(consent.issued_at.timestamp()),
        "exp": int(consent.ends_at.timestamp()),
        "record": record_json(consent.record),
    }
    if consent.updates_until is not None:
        claims["updates_until"] = int(consent.updates_until.timestamp())
    return jose.sign_jws(claims, signer, jose.SHARING_CONSENT, header={"jwk": {**public_jwk(key)}})


def verify_consent(text: str, *, client_id: str, receiver: str, asked: str, at: datetime) -> VerifiedConsent:
    """The consent to the request with hash `asked`, for the receiver with this client id and identifier.

    Raises:
        SharingProblem: by the first rule that is broken.
    """
    # Step 1.
    try:
        received = jose.parse_jws(text, jose.SHARING_CONSENT, max_bytes=MAX_CONSENT)
        claims = jose.verify_jws(received, received.key).claims()
    except JwsProblem as error:
        raise SharingProblem("consent_signature" if error.code == "signature" else "consent_malformed", f"consent: {error}") from error
    if received.key is None:
        raise SharingProblem("consent_malformed", "expected a key in the header of a consent")
    # Step 2.
    try:
        audience, hashed = member_text(claims, "aud", CLIENT_ID), member_text(claims, "request_hash", REQUEST_HASH)
        issued_at, ends_at = member_moment(claims, "iat"), member_moment(claims, "exp")
        updates_until = member_moment(claims, "updates_until") if "updates_until" in claims else None
    except MalformedMember as error:
        raise SharingProblem("consent_malformed", f"consent: {error}") from error
    if audience != client_id:
        raise SharingProblem("consent_audience", "expected a consent for this receiver")
    if hashed != asked:
        raise SharingProblem("consent_request", "expected a consent to the request that was given out")
    # Step 3.
    if issued_at > at + _CLOCK_SKEW:
        raise SharingProblem("consent_not_yet", "expected a consent of the past")
    if at - issued_at > _LIFE:
        raise SharingProblem("consent_expired", "expected a consent of the last ten minutes")
    if ends_at <= max(issued_at, at):
        raise SharingProblem("consent_end", "expected a sharing that ends after it began, and later than now")
    if ends_at - issued_at < LEAST_SHARING:
        raise SharingProblem("consent_short", "expected a sharing of a day or more")
    if updates_until is not None and not issued_at < updates_until <= ends_at:
        raise SharingProblem("consent_updates", "expected updates that end with the sharing, or before")
    # Step 4.
    record = _record(claims)
    if (updates_until is not None) != (len(record.purposes) > 1):
        raise SharingProblem("consent_updates", "expected an end of updates with a purpose for them, and none without")
    # Step 5.
    if record.principal != thumbprint(received.key):
        raise SharingProblem("consent_principal", "expected the person of the record to be the key that signed")
    # Step 6.
    if any(receiver not in purpose.controllers for purpose in record.purposes):
        raise SharingProblem("consent_receiver", "expected this receiver as controller of every purpose")
    return VerifiedConsent(Consent(audience, hashed, issued_at, ends_at, record, updates_until), received.key)


def sign_withdrawal(withdrawal: Withdrawal, signer: Signer) -> str:
    """The withdrawal, by the key of the consent. Raises: UnsuitableKey."""
    claims: dict[str, JsonValue] = {
        "aud": withdrawal.audience,
        "receipt_id": withdrawal.receipt_id,
        "jti": withdrawal.withdrawal_id,
        "iat": int(withdrawal.issued_at.timestamp()),
    }
    return jose.sign_jws(claims, signer, jose.SHARING_WITHDRAWAL)


def read_withdrawal(text: str) -> ReceivedWithdrawal:
    """Step 1, and which receipt it says it is about.

    Raises:
        SharingProblem: withdrawal_malformed.
    """
    try:
        received = jose.parse_jws(text, jose.SHARING_WITHDRAWAL, max_bytes=MAX_WITHDRAWAL)
        claims = parse_json_object(received.payload, max_bytes=MAX_WITHDRAWAL)
        return ReceivedWithdrawal(member_text(claims, "receipt_id", RECORD_ID), received)
    except (JwsProblem, MalformedJson, MalformedMember) as error:
        raise SharingProblem("withdrawal_malformed", f"withdrawal: {error}") from error


def verify_withdrawal(
    received: ReceivedWithdrawal, key: ec.EllipticCurvePublicKey, *, client_id: str, receipt_id: str, at: datetime
) -> Withdrawal:
    """Steps 2 to 4, with the key of the consent of `receipt_id`.

    Raises:
        SharingProblem: by the first rule that is broken.
    """
    # Step 2.
    try:
        claims = jose.verify_jws(received.message, key).claims()
    except JwsProblem as error:
        raise SharingProblem("withdrawal_signature", f"withdrawal: {error}") from error
    # Step 3.
    try:
        withdrawal = Withdrawal(
            member_text(claims, "aud", CLIENT_ID),
            member_text(claims, "receipt_id", RECORD_ID),
            member_text(claims, "jti", RECORD_ID),
            member_moment(claims, "iat"),
        )
    except MalformedMember as error:
        raise SharingProblem("withdrawal_malformed", f"withdrawal: {error}") from error
    if withdrawal.audience != client_id:
        raise SharingProblem("withdrawal_audience", "expected a withdrawal for this receiver")
    if withdrawal.receipt_id != receipt_id:
        raise SharingProblem("withdrawal_receipt", "expected a withdrawal of this receipt")
    # Step 4.
    if withdrawal.issued_at > at + _CLOCK_SKEW:
        raise SharingProblem("withdrawal_not_yet", "expected a withdrawal of the past")
    if at - withdrawal.issued_at > _LIFE:
        raise SharingProblem("withdrawal_expired", "expected a withdrawal of the last ten minutes")
    return withdrawal


def _record(claims: Members) -> ConsentRecord:
    """Step 4 of a consent."""
    try:
        record = read_record(member_object(claims, "record"))
    except MalformedMember as error:
        raise SharingProblem("consent_record", f"consent: {error}") from error
    if record.state is not ConsentState.GIVEN:
        raise SharingProblem("consent_record", "expected a record whose last event gives consent")
    return record
