"""The scheme's trust list: who certifies what, with which certificates, since when (PROTOCOL 5.2; TS 119 602 in JSON).

Written as compact JAdES baseline B-B (TS 119 182-1). Reading, in steps:
1. Compact or flattened JWS with `iat`, `x5c` and `x5t#S256` (trust_list_malformed).
2. The certificate is one of the pinned ones, valid, meant for signing, and of the operator (trust_list_signer_unknown).
3. The signature is right (trust_list_signature); only then is the content read (trust_list_malformed).
4. The sequence number is not lower than one seen before (trust_list_rollback).

A list that is too old is not refused here: `stale_at` says so, and the verdict becomes undecided instead of wrong.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.standards.jose import JwsProblem, ReceivedJws
from blauweknop.standards.lote import (
    MalformedLote,
    ServiceKind,
    ServiceStatus,
    StatusPeriod,
    TrustedEntity,
    TrustList,
    TrustService,
    lote_from_json,
    lote_to_json,
)
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.standards.x509 import MalformedCertificate, key_usages, name_value, read_certificate

__all__ = [
    "ServiceKind",
    "ServiceStatus",
    "StatusPeriod",
    "TrustList",
    "TrustListProblemCode",
    "TrustListRefused",
    "TrustService",
    "TrustedEntity",
    "read_trust_list",
    "write_trust_list",
]

TrustListProblemCode = Literal["trust_list_malformed", "trust_list_signature", "trust_list_signer_unknown", "trust_list_rollback"]

_MAX_BYTES = 16 * 1024 * 1024
_CLOCK_SKEW = timedelta(seconds=60)
_TERRITORY = "NL"


class TrustListRefused(BlauweKnopError):
    """A trust list that must not be used; `code` says why."""

    def __init__(self, code: TrustListProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: TrustListProblemCode = code


def write_trust_list(trust_list: TrustList, *, signer: Signer, at: datetime) -> str:
    """The signed list, compact; the subject of the signer's certificate names the operator.

    Raises:
        UnsuitableKey: the signer has no P-256 key.
    """
    header: dict[str, JsonValue] = {
        "iat": int(at.timestamp()),
        "x5t#S256": base64url.encode(hashlib.sha256(signer.certificate).digest()),
    }
    return jose.sign_jws(lote_to_json(trust_list), signer, jose.TRUST_LIST, header=header)


def read_trust_list(data: bytes, *, anchors: Sequence[x509.Certificate], at: datetime, minimum_sequence: int = 0) -> TrustList:
    """The list, when one of the pinned `anchors` (certificates of its signer, old and new) signed it.

    `at` is now; `minimum_sequence` is the highest sequence number seen before.

    Raises:
        TrustListRefused: by the first rule that is broken.
    """
    # Step 1.
    try:
        received = jose.parse_jws(_compact(data), jose.TRUST_LIST, max_bytes=_MAX_BYTES)
        certificate = read_certificate(received.certificates[0])
    except (JwsProblem, MalformedCertificate) as error:
        raise TrustListRefused("trust_list_malformed", f"trust list: {error}") from error
    _require_header(received, at)
    # Step 2.
    if not _pinned(certificate, anchors, at):
        raise TrustListRefused("trust_list_signer_unknown", "expected a trust list signed with a certificate that is pinned and valid")
    # Step 3.
    try:
        verified = jose.verify_jws(received, certificate.public_key())
    except JwsProblem as error:
        raise TrustListRefused("trust_list_signature", f"trust list: {error}") from error
    try:
        trust_list = lote_from_json(parse_json_object(verified.payload, max_bytes=_MAX_BYTES))
    except (MalformedJson, MalformedLote) as error:
        raise TrustListRefused("trust_list_malformed", f"trust list: {error}") from error
    if name_value(certificate.subject, NameOID.ORGANIZATION_NAME) != trust_list.operator:
        raise TrustListRefused("trust_list_signer_unknown", "expected the signer of the trust list to be its operator")
    if trust_list.issued > at + _CLOCK_SKEW:
        raise TrustListRefused("trust_list_malformed", "expected a trust list that was not issued in the future")
    # Step 4.
    if trust_list.sequence < minimum_sequence:
        raise TrustListRefused("trust_list_rollback", "expected a trust list that is not older than the one seen before")
    return trust_list


def _compact(data: bytes) -> str:
    if len(data) > _MAX_BYTES:
        raise TrustListRefused("trust_list_malformed", f"expected a trust list of at most {_MAX_BYTES} bytes")
    try:
        text = data.decode("ascii").strip()
        if not text.startswith("{"):
            return text
        members = parse_json_object(data, max_bytes=_MAX_BYTES)
    except (UnicodeError, MalformedJson) as error:
        raise TrustListRefused("trust_list_malformed", "expected a trust list as a compact or flattened message") from error
    parts = [members.get(name) for name in ("protected", "payload", "signature")]
    if members.keys() != {"protected", "payload", "signature"} or not all(isinstance(part, str) for part in parts):
        raise TrustListRefused("trust_list_malformed", "expected only protected, payload and signature in a flattened trust list")
    return ".".join(str(part) for part in parts)


def _require_header(received: ReceivedJws, at: datetime) -> None:
    """The signed header parameters of JAdES baseline B-B (TS 119 182-1 clauses 5.1.11 and 5.2.2)."""
    moment = received.header.get("iat")
    if not isinstance(moment, int) or isinstance(moment, bool) or moment > (at + _CLOCK_SKEW).timestamp():
        raise TrustListRefused("trust_list_malformed", "expected a moment of signing that has passed")
    if received.header.get("x5t#S256") != base64url.encode(hashlib.sha256(received.certificates[0]).digest()):
        raise TrustListRefused("trust_list_malformed", "expected the digest of the signer's certificate in the header")


def _pinned(certificate: x509.Certificate, anchors: Sequence[x509.Certificate], at: datetime) -> bool:
    """Exactly one of the pinned certificates: whoever else an authority may certify has no say over the list."""
    encoded = certificate.public_bytes(Encoding.DER)
    if not any(anchor.public_bytes(Encoding.DER) == encoded for anchor in anchors):
        return False
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return False
    return "digital_signature" in key_usages(certificate) and name_value(certificate.subject, NameOID.COUNTRY_NAME) == _TERRITORY
