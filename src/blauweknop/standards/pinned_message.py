"""Messages of which the signer is pinned: a receiver holds its certificate, and no authority has a say over who it is.

Written as compact or flattened JWS with the signed header members of JAdES baseline B-B (TS 119 182-1 clauses 5.1.11 and 5.2.2).
Reading, in steps:
1. The form, with `iat` that has passed, `x5c` and `x5t#S256` (`malformed`).
2. The certificate is one of the pinned ones, valid, meant for signing, and Dutch (`signer_unknown`).
3. The signature is right (`signature`); only then may the content be read.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.standards.jose import JwsProblem, Purpose, ReceivedJws
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.standards.x509 import MalformedCertificate, key_usages, name_value, read_certificate

__all__ = ["PinnedMessage", "PinnedProblem", "PinnedProblemCode", "flattened", "read_pinned", "sign_pinned"]

PinnedProblemCode = Literal["malformed", "signer_unknown", "signature"]

_CLOCK_SKEW = 60  # seconds
_TERRITORY = "NL"
_MEMBERS = ("protected", "payload", "signature")


class PinnedProblem(BlauweKnopError):
    """A message that must not be used; `code` names the step that it did not pass."""

    def __init__(self, code: PinnedProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: PinnedProblemCode = code


@dataclass(frozen=True, slots=True)
class PinnedMessage:
    """A message by one of the pinned signers; `signed_at` is what it says itself."""

    payload: bytes = field(repr=False)
    certificate: x509.Certificate
    signed_at: int


def sign_pinned(content: Mapping[str, JsonValue], purpose: Purpose, *, signer: Signer, at: datetime) -> str:
    """The compact message.

    Raises:
        UnsuitableKey: the signer has no P-256 key.
    """
    header: dict[str, JsonValue] = {
        "iat": int(at.timestamp()),
        "x5t#S256": base64url.encode(hashlib.sha256(signer.certificate).digest()),
    }
    return jose.sign_jws(content, signer, purpose, header=header)


def flattened(compact: str) -> dict[str, JsonValue]:
    """The same message as a JSON object (RFC 7515 section 7.2.2)."""
    return dict(zip(_MEMBERS, compact.split("."), strict=True))


def read_pinned(data: bytes, purpose: Purpose, *, anchors: Sequence[x509.Certificate], at: datetime, max_bytes: int) -> PinnedMessage:
    """The message, when one of the pinned `anchors` (old and new) signed it.

    Raises:
        PinnedProblem: by the first rule that is broken.
    """
    # Step 1.
    try:
        received = jose.parse_jws(_compact(data, max_bytes), purpose, max_bytes=max_bytes)
        certificate = read_certificate(received.certificates[0])
    except (JwsProblem, MalformedCertificate) as error:
        raise PinnedProblem("malformed", str(error)) from error
    signed_at = _require_header(received, at)
    # Step 2.
    if not _pinned(certificate, anchors, at):
        raise PinnedProblem("signer_unknown", "expected a signature with a certificate that is pinned and valid")
    # Step 3.
    try:
        verified = jose.verify_jws(received, certificate.public_key())
    except JwsProblem as error:
        raise PinnedProblem("signature", str(error)) from error
    return PinnedMessage(verified.payload, certificate, signed_at)


def _compact(data: bytes, max_bytes: int) -> str:
    if len(data) > max_bytes:
        raise PinnedProblem("malformed", f"expected at most {max_bytes} bytes")
    try:
        text = data.decode("ascii").strip()
        if not text.startswith("{"):
            return text
        # Three texts of base64url hold none of these, so that megabytes of anything else are not read before a signature is.
        if "{" in text[1:] or "[" in text or text.count(",") != len(_MEMBERS) - 1:
            raise PinnedProblem("malformed", "expected only three texts in a flattened message")
        members = parse_json_object(data, max_bytes=max_bytes)
    except (UnicodeError, MalformedJson) as error:
        raise PinnedProblem("malformed", "expected a compact or flattened message") from error
    parts = [members.get(name) for name in _MEMBERS]
    if members.keys() != set(_MEMBERS) or not all(isinstance(part, str) for part in parts):
        raise PinnedProblem("malformed", "expected only protected, payload and signature in a flattened message")
    return ".".join(str(part) for part in parts)


def _require_header(received: ReceivedJws, at: datetime) -> int:
    moment = received.header.get("iat")
    if not isinstance(moment, int) or isinstance(moment, bool) or moment - at.timestamp() > _CLOCK_SKEW:
        raise PinnedProblem("malformed", "expected a moment of signing that has passed")
    if received.header.get("x5t#S256") != base64url.encode(hashlib.sha256(received.certificates[0]).digest()):
        raise PinnedProblem("malformed", "expected the digest of the signer's certificate in the header")
    return moment


def _pinned(certificate: x509.Certificate, anchors: Sequence[x509.Certificate], at: datetime) -> bool:
    """Exactly one of the pinned certificates: whoever else an authority may certify has no say over the message."""
    encoded = certificate.public_bytes(Encoding.DER)
    if not any(anchor.public_bytes(Encoding.DER) == encoded for anchor in anchors):
        return False
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return False
    return "digital_signature" in key_usages(certificate) and name_value(certificate.subject, NameOID.COUNTRY_NAME) == _TERRITORY
