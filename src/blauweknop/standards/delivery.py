"""What a person hands to a receiver as documents, without a wallet: a signed list of it, and all of it in one package (PROTOCOL 6.9).

A package is encrypted to the key in the registration of the receiver. Verifying one that was opened, in steps:
1. It is a package of the right form: a list, a consent, the registration that both are about, and files (delivery_malformed).
2. The signature of the list fits the key in its header (delivery_signature); only then its content is believed.
3. It is for this receiver (delivery_audience).
4. It is of the past, and not over (delivery_not_yet, delivery_expired).
5. The registration is the one that the list is about (delivery_request).
6. The files are those that the list names, each once, in its order and with its hash; and none beside (delivery_files).
7. The consent is signed by the key of the list, when the list was, and has the record that the list names (delivery_consent, and the codes
   of `sharing_messages`).

That a file is real is for the check of documents to say.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.standards.access_certificate import RECEIVER_ID
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.json_members import MalformedMember, Members, member_list, member_moment, member_objects, member_text
from blauweknop.standards.jwe import EncryptionPurpose
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.sharing_messages import REQUEST_HASH, VerifiedConsent, request_hash, verify_consent
from blauweknop.standards.sharing_records import RECORD_ID
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = [
    "DELIVERY_PACKAGE",
    "MOST_DOCUMENTS",
    "MOST_FILE_BYTES",
    "MOST_PAPERS",
    "Delivery",
    "DeliveryProblem",
    "DeliveryProblemCode",
    "GivenDocument",
    "GivenPaper",
    "Package",
    "VerifiedDelivery",
    "package_bytes",
    "sign_delivery",
    "verify_package",
]

DeliveryProblemCode = Literal[
    "delivery_malformed",
    "delivery_signature",
    "delivery_audience",
    "delivery_not_yet",
    "delivery_expired",
    "delivery_request",
    "delivery_files",
    "delivery_consent",
]

MOST_DOCUMENTS, MOST_PAPERS = 20, 10
MOST_FILE_BYTES = 8 * 1024 * 1024
"""Of all files of one package together."""
_MOST_PACKAGE = 12 * 1024 * 1024  # the files in base64, and a megabyte for what is around them
DELIVERY_PACKAGE = EncryptionPurpose(encodings=("A256GCM",), most=17 * 1024 * 1024)

_MOST_LIST = 64 * 1024
_CLOCK_SKEW = timedelta(seconds=60)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"[!-~]{1,500}")
_DOCUMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}")
_TITLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]{1,200}")


class DeliveryProblem(BlauweKnopError):
    """A package that is refused; `code` names the rule."""

    def __init__(self, code: DeliveryProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: DeliveryProblemCode = code


@dataclass(frozen=True, slots=True)
class GivenDocument:
    """A certified document in the list; `type` is that of its data set."""

    sha256: str
    type: str
    document_id: str


@dataclass(frozen=True, slots=True)
class GivenPaper:
    """A paper of the person's own in the list: nobody certified it."""

    sha256: str
    media_type: str
    title: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The list: `audience` is the identifier of the receiver, `request_hash` that of its registration, `expires_at` the end of the link."""

    audience: str
    request_hash: str
    record_id: str
    issued_at: datetime
    expires_at: datetime
    documents: tuple[GivenDocument, ...]
    papers: tuple[GivenPaper, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """All that goes: list and consent as they were signed, the registration that was shown, and the files in the order of the list."""

    delivery: str = field(repr=False)
    consent: str = field(repr=False)
    registration: str = field(repr=False)
    documents: tuple[bytes, ...] = field(repr=False)
    papers: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedDelivery:
    """A package that keeps the rules; its registration and its files are still to be judged."""

    delivery: Delivery
    consent: VerifiedConsent
    package: Package


def sign_delivery(delivery: Delivery, signer: Signer, key: ec.EllipticCurvePublicKey) -> str:
    """The list, by the key of the consent, whose public half is `key`. Raises: UnsuitableKey."""
    documents: list[JsonValue] = [{"sha256": one.sha256, "type": one.type, "document_id": one.document_id} for one in delivery.documents]
    papers: list[JsonValue] = [{"sha256": one.sha256, "media_type": one.media_type, "title": one.title} for one in delivery.papers]
    claims: dict[str, JsonValue] = {
        "aud": delivery.audience,
        "request_hash": delivery.request_hash,
        "consent_record_id": delivery.record_id,
        "iat": int(delivery.issued_at.timestamp()),
        "exp": int(delivery.expires_at.timestamp()),
        "documents": documents,
        "papers": papers,
    }
    return jose.sign_jws(claims, signer, jose.DELIVERY, header={"jwk": {**public_jwk(key)}})


def package_bytes(package: Package) -> bytes:
    """The package as JSON, to be encrypted."""
    documents, papers = ([base64url.encode_standard(content) for content in files] for files in (package.documents, package.papers))
    return canonical_json(
        {
            "bk_delivery": package.delivery,
            "bk_consent": package.consent,
            "registration": package.registration,
            "documents": [*documents],
            "papers": [*papers],
        }
    )


def verify_package(content: bytes, *, receiver: str, at: datetime) -> VerifiedDelivery:
    """The package for the receiver with this identifier.

    Raises:
        DeliveryProblem, SharingProblem: by the first rule that is broken.
    """
    # Step 1.
    try:
        package = _read_package(parse_json_object(content, max_bytes=_MOST_PACKAGE))
        received = jose.parse_jws(package.delivery, jose.DELIVERY, max_bytes=_MOST_LIST)
    except (MalformedJson, MalformedMember, MalformedBase64, JwsProblem) as error:
        raise DeliveryProblem("delivery_malformed", f"package: {error}") from error
    # Step 2.
    try:
        claims = jose.verify_jws(received, received.key).claims()
    except JwsProblem as error:
        raise DeliveryProblem("delivery_signature", f"list: {error}") from error
    try:
        delivery = _read_delivery(claims)
    except MalformedMember as error:
        raise DeliveryProblem("delivery_malformed", f"list: {error}") from error
    # Step 3.
    if delivery.audience != receiver:
        raise DeliveryProblem("delivery_audience", "expected a package for this receiver")
    # Step 4.
    if delivery.issued_at > at + _CLOCK_SKEW:
        raise DeliveryProblem("delivery_not_yet", "expected a package of the past")
    if at >= delivery.expires_at:
        raise DeliveryProblem("delivery_expired", "expected a package that is not over")
    # Step 5.
    if request_hash(package.registration) != delivery.request_hash:
        raise DeliveryProblem("delivery_request", "expected the registration that the list is about")
    # Step 6.
    _require_files(delivery, package)
    # Step 7.
    consent = verify_consent(package.consent, client_id=receiver, receiver=receiver, asked=delivery.request_hash, at=delivery.issued_at)
    own_key = received.key is not None and thumbprint(consent.key) == thumbprint(received.key)
    if not own_key or consent.consent.record.id != delivery.record_id or consent.consent.ends_at <= at:
        raise DeliveryProblem("delivery_consent", "expected a consent that goes with the list, and is not over")
    return VerifiedDelivery(delivery, consent, package)


def _read_package(members: Members) -> Package:
    registration = member_text(members, "registration")
    if not registration.isascii():
        raise MalformedMember("expected registration as a certificate")
    return Package(
        member_text(members, "bk_delivery"),
        member_text(members, "bk_consent"),
        registration,
        _files(members, "documents", MOST_DOCUMENTS),
        _files(members, "papers", MOST_PAPERS),
    )


def _files(members: Members, name: str, most: int) -> tuple[bytes, ...]:
    encoded = member_list(members, name, most=most)
    texts = [text for text in encoded if isinstance(text, str)]
    if len(texts) != len(encoded):
        raise MalformedMember(f"expected {name} as texts")
    return tuple(base64url.decode_standard(text) for text in texts)


def _read_delivery(claims: Members) -> Delivery:
    return Delivery(
        audience=member_text(claims, "aud", RECEIVER_ID),
        request_hash=member_text(claims, "request_hash", REQUEST_HASH),
        record_id=member_text(claims, "consent_record_id", RECORD_ID),
        issued_at=member_moment(claims, "iat"),
        expires_at=member_moment(claims, "exp"),
        documents=tuple(
            GivenDocument(
                member_text(one, "sha256", _SHA256), member_text(one, "type", _TYPE), member_text(one, "document_id", _DOCUMENT_ID)
            )
            for one in member_objects(claims, "documents", least=1, most=MOST_DOCUMENTS)
        ),
        papers=tuple(
            GivenPaper(member_text(one, "sha256", _SHA256), member_text(one, "media_type", _MEDIA_TYPE), member_text(one, "title", _TITLE))
            for one in member_objects(claims, "papers", most=MOST_PAPERS)
        ),
    )


def _require_files(delivery: Delivery, package: Package) -> None:
    """Step 6."""
    named = [*(one.sha256 for one in delivery.documents), *(one.sha256 for one in delivery.papers)]
    came = _hashes(package.documents) + _hashes(package.papers)
    if len(delivery.documents) != len(package.documents) or named != came or len({*named}) != len(named):
        raise DeliveryProblem("delivery_files", "expected the files of the list, each once, and none beside")


def _hashes(files: Sequence[bytes]) -> list[str]:
    return [hashlib.sha256(content).hexdigest() for content in files]
