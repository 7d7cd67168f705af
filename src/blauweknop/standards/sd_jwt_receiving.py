"""What came in as an SD-JWT VC, taken apart and judged one rule at a time; the whole check in one go is in `sd_jwt_vc`.

The steps are those of PROTOCOL 4.3:
1. Size and parts (`size`, `format`); the form of the issuer's message (`alg`, `typ`, `crit`, `x5c`).
2. Its signature (`signature`).
3. to 6. What was disclosed, put back (`sd_alg` and the codes of `disclosures`).
7. Validity (`claim_missing`, `expired`, `not_yet_valid`), status when valid for more than a day (`claim_missing`).
8. The key of the holder (`cnf`) and the key binding (`kb_...`, `crit`).
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.disclosures import MAX_DISCLOSURES, Resolved, SdJwtProblem, SdJwtProblemCode, resolve
from blauweknop.standards.jose import JwsProblem, ReceivedJws
from blauweknop.standards.jwk import UnsuitableJwk, read_public_jwk
from blauweknop.standards.x509 import MalformedCertificate, read_certificate

__all__ = [
    "NEVER_DISCLOSABLE",
    "ReceivedSdJwt",
    "Validity",
    "hash_of_presented",
    "holder_key",
    "read_sd_jwt",
    "require_binding",
    "require_status",
    "require_valid",
    "resolved_claims",
    "signed_payload",
    "split_sd_jwt",
    "validity_of",
]

NEVER_DISCLOSABLE = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"})
"""Claims that are always visible (draft-ietf-oauth-sd-jwt-vc section 2.2.2.2)."""

_CLOCK_SKEW = timedelta(seconds=60)
_KEY_BINDING_AGE = timedelta(seconds=300)
_A_DAY = timedelta(days=1)
_LATEST = 253402300800  # the end of the year 9999, the last that a datetime can hold


@dataclass(frozen=True, slots=True)
class ReceivedSdJwt:
    """Parts of which nothing is verified; `certificates` are those that the message brings, leaf first.

    `presented` is what a key binding is over: everything up to and with the last `~`.
    """

    message: ReceivedJws = field(repr=False)
    certificates: tuple[x509.Certificate, ...]
    disclosures: tuple[str, ...] = field(repr=False)
    binding: str = field(repr=False)
    presented: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Validity:
    """From when until when, as the issuer says it; `issued` is when it says it was made."""

    starts: datetime | None
    issued: datetime | None
    ends: datetime


def read_sd_jwt(text: str) -> ReceivedSdJwt:
    """Step 1.

    Raises:
        SdJwtProblem: `size`, `format`, `alg`, `typ`, `crit`, `x5c`.
    """
    message, texts, binding = split_sd_jwt(text)
    try:
        received = jose.parse_jws(message, jose.SD_JWT_VC)
        certificates = tuple(read_certificate(item) for item in received.certificates)
    except JwsProblem as error:
        code: SdJwtProblemCode = "format" if error.code == "key" else error.code
        raise SdJwtProblem(code, str(error)) from error
    except MalformedCertificate as error:
        raise SdJwtProblem("x5c", f"x5c: {error}") from error
    return ReceivedSdJwt(received, certificates, tuple(texts), binding, text.removesuffix(binding))


def split_sd_jwt(text: str) -> tuple[str, list[str], str]:
    """The issuer's message, the disclosures, and the key binding or nothing.

    Raises:
        SdJwtProblem: `size`, `format`.
    """
    if len(text) > jose.MAX_JWS:
        raise SdJwtProblem("size", f"expected at most {jose.MAX_JWS} characters")
    if not text.isascii():
        raise SdJwtProblem("format", "expected ASCII")
    message, *texts = text.split("~")
    if not texts:
        raise SdJwtProblem("format", "expected an SD-JWT: a message, disclosures and a last part")
    binding = texts.pop()
    if len(texts) > MAX_DISCLOSURES:
        raise SdJwtProblem("size", f"expected at most {MAX_DISCLOSURES} disclosures")
    return message, texts, binding


def signed_payload(received: ReceivedSdJwt) -> dict[str, JsonValue]:
    """Step 2, by the key of the certificate that came along; whether that one counts is for the caller.

    Raises:
        SdJwtProblem: `signature`, `format`.
    """
    try:
        return jose.verify_jws(received.message, received.certificates[0].public_key()).claims(fractions=True)
    except JwsProblem as error:
        raise SdJwtProblem("format" if error.code == "format" else "signature", str(error)) from error


def resolved_claims(payload: dict[str, JsonValue], received: ReceivedSdJwt) -> Resolved:
    """Steps 3 to 6.

    Raises:
        SdJwtProblem: by the first rule that is broken.
    """
    return resolve(payload, received.disclosures, NEVER_DISCLOSABLE)


def validity_of(payload: Mapping[str, JsonValue]) -> Validity:
    """The times of step 7.

    Raises:
        SdJwtProblem: `claim_missing`, `format`.
    """
    ends = _moment(payload, "exp")
    if ends is None:
        raise SdJwtProblem("claim_missing", "expected the moment until which it is valid")
    return Validity(_moment(payload, "nbf"), _moment(payload, "iat"), ends)


def require_valid(validity: Validity, at: datetime) -> None:
    """Step 7.

    Raises:
        SdJwtProblem: `expired`, `not_yet_valid`.
    """
    if at - validity.ends > _CLOCK_SKEW:
        raise SdJwtProblem("expired", "expected a credential that has not ended")
    if any(moment is not None and moment - at > _CLOCK_SKEW for moment in (validity.starts, validity.issued)):
        raise SdJwtProblem("not_yet_valid", "expected a credential that has begun")


def require_status(payload: Mapping[str, JsonValue], validity: Validity) -> None:
    """Step 7: what is valid for longer can be withdrawn in that time.

    Raises:
        SdJwtProblem: `claim_missing`.
    """
    begin = validity.starts or validity.issued
    if (begin is None or validity.ends - begin > _A_DAY) and not isinstance(payload.get("status"), dict):
        raise SdJwtProblem("claim_missing", "expected a status in a credential that is valid for more than a day")


def holder_key(claims: Mapping[str, JsonValue]) -> ec.EllipticCurvePublicKey:
    """The key of the holder, step 8.

    Raises:
        SdJwtProblem: `cnf`.
    """
    match claims.get("cnf"):
        case {"jwk": dict(jwk), **others} if not others:
            try:
                return read_public_jwk(jwk)
            except UnsuitableJwk as error:
                raise SdJwtProblem("cnf", f"holder key: {error}") from error
    raise SdJwtProblem("cnf", "expected the holder key as one JWK")


def require_binding(
    received: ReceivedSdJwt, key: ec.EllipticCurvePublicKey, *, at: datetime, audience: str | None, nonce: str | None
) -> None:
    """The key binding of step 8: by the holder, over what is presented, and for this receiver and transaction.

    Who asked nothing gives None for these two, and does not learn for whom it was meant; its age says nothing then either.

    Raises:
        SdJwtProblem: `kb_required`, `kb_...`, `crit`, `format`.
    """
    if not received.binding:
        raise SdJwtProblem("kb_required", "expected a key binding")
    codes: dict[str, SdJwtProblemCode] = {"alg": "kb_alg", "typ": "kb_typ", "crit": "crit", "signature": "kb_signature"}
    try:
        claims = jose.verify_jws(jose.parse_jws(received.binding, jose.KEY_BINDING), key).claims(fractions=True)
    except JwsProblem as error:
        raise SdJwtProblem(codes.get(error.code, "format"), f"key binding: {error}") from error
    if audience is not None and claims.get("aud") != audience:
        raise SdJwtProblem("kb_aud", "expected a key binding for this receiver")
    given = claims.get("nonce")
    if nonce is not None and (not isinstance(given, str) or not _same(given, nonce)):
        raise SdJwtProblem("kb_nonce", "expected a key binding for this transaction")
    try:
        # It need not say more than when it was made, but what it says of its own life counts (RFC 7519 4.1, RFC 9901 7.3).
        made, starts, ends = (_moment(claims, name) for name in ("iat", "nbf", "exp"))
    except SdJwtProblem as error:
        raise SdJwtProblem("kb_iat", f"key binding: {error}") from error
    if made is None or made - at > _CLOCK_SKEW or (nonce is not None and at - made > _KEY_BINDING_AGE):
        raise SdJwtProblem("kb_iat", "expected a key binding made in the last five minutes")
    if starts is not None and starts - at > _CLOCK_SKEW:
        raise SdJwtProblem("kb_iat", "expected a key binding that has begun")
    if ends is not None and nonce is not None and at - ends > _CLOCK_SKEW:
        raise SdJwtProblem("kb_iat", "expected a key binding that has not ended")
    if claims.get("sd_hash") != hash_of_presented(received.presented):
        raise SdJwtProblem("kb_sd_hash", "expected a key binding over these disclosures")


def hash_of_presented(text: str) -> str:
    """`sd_hash` of an SD-JWT that ends in `~`."""
    return base64url.encode(hashlib.sha256(text.encode("ascii")).digest())


def _same(given: str, expected: str) -> bool:
    # JSON text may hold anything but half characters, which the reader refuses.
    return hmac.compare_digest(given.encode(), expected.encode())


def _moment(payload: Mapping[str, JsonValue], name: str) -> datetime | None:
    value = payload.get(name)
    if value is None and name not in payload:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LATEST:
        raise SdJwtProblem("format", f"expected {name} in seconds since 1970")
    return datetime.fromtimestamp(value, UTC)
