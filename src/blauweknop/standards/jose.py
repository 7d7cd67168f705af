"""Signed messages (JWS compact, RFC 7515) by purpose: the purpose fixes type, algorithm and where the key comes from.

What the header says is never an instruction (PROTOCOL 4.1 and 4.2). Reading, in steps:
1. At most 512 KiB, exactly three parts, canonical base64url (`size`, `format`).
2. The header is a strict JSON object (`format`).
3. `alg` is ES256 (`alg`), `typ` is that of the purpose (`typ`).
4. No `crit` and no `b64`: we know no extensions (`crit`).
5. The key source of the purpose is there: `x5c`, and `x5t#S256` of its first certificate where that is given (`x5c`), or a public `jwk`
   (`key`); other key members are not looked at.
6. The signature is 64 bytes, and right (`signature`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.es256 import sign_es256, signature_fits
from blauweknop.standards.jwk import UnsuitableJwk, read_public_jwk
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = [
    "CLIENT_ATTESTATION",
    "CLIENT_ATTESTATION_POP",
    "DELIVERY",
    "DPOP",
    "KEY_ATTESTATION",
    "KEY_BINDING",
    "KEY_PROOF",
    "LINK_FETCH",
    "MAX_JWS",
    "OFFLINE_BUNDLE",
    "REGISTRATION_CERTIFICATE",
    "REQUEST_OBJECT",
    "SD_JWT_VC",
    "SHARING_CONSENT",
    "SHARING_ERASURE",
    "SHARING_RECEIPT",
    "SHARING_UPDATE",
    "SHARING_WITHDRAWAL",
    "SIGNED_METADATA",
    "STAFF_LOG",
    "STATUS_LIST",
    "TRUST_LIST",
    "VERIFICATION_REPORT",
    "JwsProblem",
    "JwsProblemCode",
    "Purpose",
    "ReceivedJws",
    "VerifiedJws",
    "parse_jws",
    "sign_jws",
    "verify_jws",
]

JwsProblemCode = Literal["size", "format", "alg", "typ", "crit", "x5c", "key", "signature"]
KeySource = Literal["x5c", "jwk", "given"]

MAX_JWS = 512 * 1024
_MAX_HEADER = 64 * 1024
_MAX_CERTIFICATES = 8


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a message is for. `typ` None means that the type is not looked at; `given` means that the caller has the key."""

    typ: str | None
    key_source: KeySource


SD_JWT_VC = Purpose("dc+sd-jwt", "x5c")
KEY_BINDING = Purpose("kb+jwt", "given")
STATUS_LIST = Purpose("statuslist+jwt", "x5c")
TRUST_LIST = Purpose("JOSE", "x5c")
OFFLINE_BUNDLE = Purpose("bk-offline-bundle+jwt", "x5c")
VERIFICATION_REPORT = Purpose("bk-verification-report+jwt", "x5c")
REQUEST_OBJECT = Purpose("oauth-authz-req+jwt", "x5c")
REGISTRATION_CERTIFICATE = Purpose("rc-wrp+jwt", "x5c")
SIGNED_METADATA = Purpose("openidvci-issuer-metadata+jwt", "x5c")
KEY_ATTESTATION = Purpose("key-attestation+jwt", "x5c")
CLIENT_ATTESTATION = Purpose("oauth-client-attestation+jwt", "x5c")
CLIENT_ATTESTATION_POP = Purpose("oauth-client-attestation-pop+jwt", "given")
DPOP = Purpose("dpop+jwt", "jwk")
KEY_PROOF = Purpose("openid4vci-proof+jwt", "jwk")
SHARING_CONSENT = Purpose("bk-consent+jwt", "jwk")
SHARING_RECEIPT = Purpose("bk-receipt+jwt", "x5c")
SHARING_WITHDRAWAL = Purpose("bk-withdrawal+jwt", "given")
SHARING_ERASURE = Purpose("bk-erasure+jwt", "x5c")
SHARING_UPDATE = Purpose("bk-update+jwt", "given")
DELIVERY = Purpose("bk-levering+jwt", "jwk")
LINK_FETCH = Purpose("bk-ophalen+jwt", "x5c")
STAFF_LOG = Purpose("bk-staff-log+jwt", "x5c")


class JwsProblem(BlauweKnopError):
    """A message that is refused; `code` names the rule."""

    def __init__(self, code: JwsProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: JwsProblemCode = code


@dataclass(frozen=True, slots=True)
class ReceivedJws:
    """A message that was read and not verified. `certificates` (DER, leaf first) and `key` are claims of the sender."""

    header: Mapping[str, JsonValue] = field(repr=False)
    payload: bytes = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    key: ec.EllipticCurvePublicKey | None


@dataclass(frozen=True, slots=True)
class VerifiedJws:
    """A message of which the signature is right."""

    header: Mapping[str, JsonValue] = field(repr=False)
    payload: bytes = field(repr=False)

    def claims(self, *, fractions: bool = False) -> dict[str, JsonValue]:
        """The payload as a JSON object; see `parse_json` for `fractions`.

        Raises:
            JwsProblem: `format`.
        """
        try:
            return parse_json_object(self.payload, max_bytes=MAX_JWS, fractions=fractions)
        except MalformedJson as error:
            raise JwsProblem("format", "expected a JSON object as payload") from error


def sign_jws(
    payload: bytes | Mapping[str, JsonValue], signer: Signer, purpose: Purpose, *, header: Mapping[str, JsonValue] | None = None
) -> str:
    """A compact message, signed with ES256; a purpose with `x5c` gets the certificates of the signer, `header` adds members.

    Raises:
        UnsuitableKey: no P-256 key.
    """
    certificates = (signer.certificate, *signer.chain) if purpose.key_source == "x5c" else ()
    encoded_header = _header(purpose, certificates) if header is None else _encoded(_members(purpose, certificates) | dict(header))
    content = payload if isinstance(payload, bytes) else canonical_json(dict(payload))
    signing_input = f"{encoded_header}.{base64url.encode(content)}"
    return f"{signing_input}.{base64url.encode(sign_es256(signing_input.encode('ascii'), signer))}"


def parse_jws(text: str, purpose: Purpose, *, max_bytes: int = MAX_JWS) -> ReceivedJws:
    """Read a compact message for one purpose (steps 1 to 5).

    Raises:
        JwsProblem: any code but `signature`.
    """
    # Step 1.
    if len(text) > max_bytes:
        raise JwsProblem("size", f"expected a message of at most {max_bytes} characters")
    if text.count(".") != 2:
        raise JwsProblem("format", "expected a message of three parts")
    signing_input, _, encoded_signature = text.rpartition(".")
    encoded_header, _, encoded_payload = signing_input.partition(".")
    try:
        payload, signature = base64url.decode_each([encoded_payload, encoded_signature])
    except MalformedBase64 as error:
        raise JwsProblem("format", f"message: {error}") from error
    header = _read_header(encoded_header, purpose)
    return ReceivedJws(header.members, payload, signing_input.encode("ascii"), signature, header.certificates, header.key)


def verify_jws(received: ReceivedJws, key: object) -> VerifiedJws:
    """Verify a message with the public key that its purpose leads to (step 6); it must be a P-256 key.

    Raises:
        JwsProblem: `signature`.
    """
    if not signature_fits(received.signature, received.signing_input, key):
        raise JwsProblem("signature", "expected a signature of 64 bytes that fits a P-256 key")
    return VerifiedJws(received.header, received.payload)


def _members(purpose: Purpose, certificates: tuple[bytes, ...]) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {"alg": "ES256"}
    if purpose.typ is not None:
        members["typ"] = purpose.typ
    if certificates:
        members["x5c"] = [base64url.encode_standard(encoded) for encoded in certificates]
    return members


@lru_cache(maxsize=64)
def _header(purpose: Purpose, certificates: tuple[bytes, ...]) -> str:
    """The header of all messages of one signer for one purpose."""
    return _encoded(_members(purpose, certificates))


def _encoded(members: dict[str, JsonValue]) -> str:
    return base64url.encode(canonical_json(members))


@dataclass(frozen=True, slots=True)
class _ReadHeader:
    """A header that keeps the rules of a purpose, and the keys that it names."""

    members: Mapping[str, JsonValue] = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    key: ec.EllipticCurvePublicKey | None


@lru_cache(maxsize=32)
def _read_header(encoded: str, purpose: Purpose) -> _ReadHeader:
    """Steps 2 to 5. The messages of one issuer have one header, so it is kept; only a header without problems is."""
    # Step 2.
    try:
        header = parse_json_object(base64url.decode(encoded), max_bytes=_MAX_HEADER)
    except (MalformedBase64, MalformedJson) as error:
        raise JwsProblem("format", f"message: {error}") from error
    # Step 3.
    if header.get("alg") != "ES256":
        raise JwsProblem("alg", "expected the algorithm ES256")
    if purpose.typ is not None and header.get("typ") != purpose.typ:
        raise JwsProblem("typ", f"expected the type {purpose.typ}")
    # Step 4.
    if header.keys() & {"crit", "b64"}:
        raise JwsProblem("crit", "expected no critical extensions")
    # Step 5.
    certificates = _certificates(header) if purpose.key_source == "x5c" else ()
    key = _embedded_key(header.get("jwk")) if purpose.key_source == "jwk" else None
    return _ReadHeader(MappingProxyType(header), certificates, key)


def _certificates(header: Mapping[str, JsonValue]) -> tuple[bytes, ...]:
    value = header.get("x5c")
    if not isinstance(value, list) or not 1 <= len(value) <= _MAX_CERTIFICATES:
        raise JwsProblem("x5c", f"expected one to {_MAX_CERTIFICATES} certificates in x5c")
    texts: Sequence[str] = [item for item in value if isinstance(item, str)]
    if len(texts) != len(value):
        raise JwsProblem("x5c", "expected certificates in x5c as text")
    try:
        certificates = tuple(base64url.decode_standard(text) for text in texts)
    except MalformedBase64 as error:
        raise JwsProblem("x5c", "expected certificates in x5c as base64") from error
    # Who goes by the one and who goes by the other must see the same signer (RFC 7515 section 4.1.8).
    if "x5t#S256" in header and header["x5t#S256"] != base64url.encode(hashlib.sha256(certificates[0]).digest()):
        raise JwsProblem("x5c", "expected x5t#S256 to be the digest of the first certificate in x5c")
    return certificates


def _embedded_key(value: JsonValue) -> ec.EllipticCurvePublicKey:
    try:
        return read_public_jwk(value)
    except UnsuitableJwk as error:
        raise JwsProblem("key", f"header: {error}") from error
