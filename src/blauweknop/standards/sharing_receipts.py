"""What a receiver says about sharing, signed with its access key: the receipt, and later the proof of erasure (PROTOCOL 9.2, 9.4).

Both are verified against the trust list, in steps:
1. A signed message of the right kind and size (receipt_malformed, erasure_malformed).
2. The access certificate of the receiver (the codes of `access_certificate`).
3. The signature is right (receipt_signature, erasure_signature); only then is the content read.
4. Each member is there in its form (receipt_member, erasure_member).
5. It is of the receiver that was answered (receipt_issuer, erasure_issuer), and of the past (receipt_not_yet, erasure_not_yet).
6. A receipt has the record and the request of the consent (receipt_record), and data and updates end when that said, or before
   (receipt_end).
   A proof is about the receipt that one has (erasure_receipt).

`at` is when the message came: what is kept was verified then. A receiver that renewed its certificate has another client id and the same
identifier, so a proof of later is held against the identifier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from blauweknop.domain.document import JsonValue
from blauweknop.standards import jose
from blauweknop.standards.access_certificate import AccessCertificate, AccessProblem, read_access_certificate
from blauweknop.standards.jose import JwsProblem, Purpose
from blauweknop.standards.json_members import (
    SHOWN_TEXT,
    MalformedMember,
    Members,
    member_address,
    member_moment,
    member_object,
    member_objects,
    member_text,
)
from blauweknop.standards.lote import TrustList
from blauweknop.standards.sharing_messages import CLIENT_ID, REQUEST_HASH, Consent, SharingProblem, SharingProblemCode
from blauweknop.standards.sharing_record_json import read_record, record_json
from blauweknop.standards.sharing_records import RECORD_ID, ConsentRecord
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = [
    "MAX_ERASURE",
    "MAX_RECEIPT",
    "Erasure",
    "ErasureReason",
    "KeptByLaw",
    "Receipt",
    "receipt_end",
    "sign_erasure",
    "sign_receipt",
    "verify_erasure",
    "verify_receipt",
]

MAX_RECEIPT = 320 * 1024  # a consent with certificates
MAX_ERASURE = 64 * 1024
_CLOCK_SKEW = timedelta(seconds=60)
_MOST_KEPT = 50


class ErasureReason(StrEnum):
    WITHDRAWN = "withdrawn"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The record as the receiver keeps it; the data are erased at `erase_at` at the latest, or sooner by way of `withdrawal_uri`.

    Newer data are taken at `update_uri` until `updates_until`; both are None when none are.
    """

    issuer: str
    receipt_id: str
    request_hash: str
    issued_at: datetime
    erase_at: datetime
    withdrawal_uri: str
    record: ConsentRecord
    update_uri: str | None = None
    updates_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptByLaw:
    """What was not erased, and the law that demands to keep it."""

    what: str
    law: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """That all of a receipt was erased, but for what a law demands to keep; it names nobody."""

    issuer: str
    receipt_id: str
    erased_at: datetime
    reason: ErasureReason
    kept: tuple[KeptByLaw, ...] = ()


def sign_receipt(receipt: Receipt, signer: Signer) -> str:
    """The receipt, by the access key of the receiver.

    Raises:
        MalformedMember: the record has not what the standard demands.
        UnsuitableKey: no P-256 key.
    """
    claims: dict[str, JsonValue] = {
        "iss": receipt.issuer,
        "receipt_id": receipt.receipt_id,
        "request_hash": receipt.request_hash,
        "iat": int(receipt.issued_at.timestamp()),
        "erase_at": int(receipt.erase_at.timestamp()),
        "withdrawal_uri": receipt.withdrawal_uri,
        "record": record_json(receipt.record),
    }
    if receipt.update_uri is not None and receipt.updates_until is not None:
        claims |= {"update_uri": receipt.update_uri, "updates_until": int(receipt.updates_until.timestamp())}
    return jose.sign_jws(claims, signer, jose.SHARING_RECEIPT)


def verify_receipt(text: str, *, client_id: str, asked: str, consent: Consent | None, trust_list: TrustList, at: datetime) -> Receipt:
    """The receipt of an answer to the request with hash `asked`; `consent` is what was sent along, None when nothing was.

    `client_id` is who was answered: its client id, or where that is not known beforehand its identifier.

    Raises:
        SharingProblem: by the first rule that is broken.
    """
    # Steps 1 to 3.
    receiver, claims = _open(text, _RECEIPT, trust_list, at)
    # Step 4.
    try:
        receipt = Receipt(
            issuer=member_text(claims, "iss", CLIENT_ID),
            receipt_id=member_text(claims, "receipt_id", RECORD_ID),
            request_hash=member_text(claims, "request_hash", REQUEST_HASH),
            issued_at=member_moment(claims, "iat"),
            erase_at=member_moment(claims, "erase_at"),
            withdrawal_uri=member_address(claims, "withdrawal_uri", exercise=trust_list.exercise),
            record=read_record(member_object(claims, "record")),
            update_uri=member_address(claims, "update_uri", exercise=trust_list.exercise) if "update_uri" in claims else None,
            updates_until=member_moment(claims, "updates_until") if "update_uri" in claims else None,
        )
    except MalformedMember as error:
        raise SharingProblem("receipt_member", f"receipt: {error}") from error
    # Step 5.
    if receipt.issuer != receiver.client_id or client_id not in (receiver.client_id, receiver.identifier):
        raise SharingProblem("receipt_issuer", "expected a receipt of the receiver that was answered")
    if receipt.issued_at > at + _CLOCK_SKEW:
        raise SharingProblem("receipt_not_yet", "expected a receipt of the past")
    # Step 6.
    if receipt.request_hash != asked or (consent is not None and receipt.record != consent.record):
        raise SharingProblem("receipt_record", "expected the request that was answered, and the record that was agreed to")
    if receipt.erase_at <= receipt.issued_at or (consent is not None and receipt.erase_at > consent.ends_at):
        raise SharingProblem("receipt_end", "expected data that end later than now, and not after what was agreed to")
    agreed = consent.updates_until if consent is not None else receipt.updates_until
    if receipt.updates_until is not None and (agreed is None or receipt.updates_until > agreed):
        raise SharingProblem("receipt_end", "expected updates that end when it was agreed, or before")
    return receipt


def receipt_end(text: str) -> datetime:
    """Until when the receiver may keep what a receipt is of that was verified when it came.

    Raises:
        SharingProblem: receipt_malformed.
    """
    try:
        return member_moment(parse_json_object(jose.parse_jws(text, jose.SHARING_RECEIPT).payload, max_bytes=MAX_RECEIPT), "erase_at")
    except (JwsProblem, MalformedJson, MalformedMember) as error:
        raise SharingProblem("receipt_malformed", f"receipt: {error}") from error


def sign_erasure(erasure: Erasure, signer: Signer) -> str:
    """The proof, by the access key of the receiver. Raises: UnsuitableKey."""
    kept: Sequence[JsonValue] = [{"what": item.what, "law": item.law} for item in erasure.kept]
    claims: dict[str, JsonValue] = {
        "iss": erasure.issuer,
        "receipt_id": erasure.receipt_id,
        "iat": int(erasure.erased_at.timestamp()),
        "reason": erasure.reason.value,
        "kept": [*kept],
    }
    return jose.sign_jws(claims, signer, jose.SHARING_ERASURE)


def verify_erasure(text: str, *, receiver: str, receipt_id: str, trust_list: TrustList, at: datetime) -> Erasure:
    """The proof that the receiver with this identifier erased what `receipt_id` is about.

    Raises:
        SharingProblem: by the first rule that is broken.
    """
    # Steps 1 to 3.
    signed_by, claims = _open(text, _ERASURE, trust_list, at)
    # Step 4.
    try:
        reason = member_text(claims, "reason")
        if reason not in tuple(ErasureReason):
            raise MalformedMember("expected reason as withdrawn or retention")
        erasure = Erasure(
            issuer=member_text(claims, "iss", CLIENT_ID),
            receipt_id=member_text(claims, "receipt_id", RECORD_ID),
            erased_at=member_moment(claims, "iat"),
            reason=ErasureReason(reason),
            kept=tuple(_read_kept(item) for item in member_objects(claims, "kept", most=_MOST_KEPT)),
        )
    except MalformedMember as error:
        raise SharingProblem("erasure_member", f"proof of erasure: {error}") from error
    # Step 5.
    if signed_by.identifier != receiver or erasure.issuer != signed_by.client_id:
        raise SharingProblem("erasure_issuer", "expected a proof of the receiver that had the data")
    if erasure.erased_at > at + _CLOCK_SKEW:
        raise SharingProblem("erasure_not_yet", "expected a proof of the past")
    # Step 6.
    if erasure.receipt_id != receipt_id:
        raise SharingProblem("erasure_receipt", "expected a proof about this receipt")
    return erasure


def _read_kept(members: Members) -> KeptByLaw:
    return KeptByLaw(member_text(members, "what", SHOWN_TEXT), member_text(members, "law", SHOWN_TEXT))


@dataclass(frozen=True, slots=True)
class _Kind:
    purpose: Purpose
    max_bytes: int
    malformed: SharingProblemCode
    signature: SharingProblemCode


_RECEIPT = _Kind(jose.SHARING_RECEIPT, MAX_RECEIPT, "receipt_malformed", "receipt_signature")
_ERASURE = _Kind(jose.SHARING_ERASURE, MAX_ERASURE, "erasure_malformed", "erasure_signature")


def _open(text: str, kind: _Kind, trust_list: TrustList, at: datetime) -> tuple[AccessCertificate, Members]:
    """Steps 1 to 3."""
    try:
        received = jose.parse_jws(text, kind.purpose, max_bytes=kind.max_bytes)
        receiver = read_access_certificate(received.certificates, trust_list=trust_list, at=at)
    except JwsProblem as error:
        raise SharingProblem(kind.malformed, f"message: {error}") from error
    except AccessProblem as problem:
        raise SharingProblem(problem.code, str(problem)) from problem
    try:
        return receiver, jose.verify_jws(received, receiver.certificate.public_key()).claims()
    except JwsProblem as error:
        raise SharingProblem(kind.signature if error.code == "signature" else kind.malformed, f"message: {error}") from error
