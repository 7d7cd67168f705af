"""Proof, with each request, that the sender holds the key that its token is bound to (DPoP, RFC 9449).

Checking a proof, in the steps of RFC 9449 section 4.3 (PROTOCOL 2.4):
1. A signed message of the right kind, with a public P-256 key in its header (`invalid_dpop_proof`).
2. The signature fits that key (`invalid_dpop_proof`).
3. `htm` is the method and `htu` the address of this request, without query and fragment (`invalid_dpop_proof`).
4. `iat` is of the last minute, or of the next one (`invalid_dpop_proof`).
5. `jti` names the proof (`invalid_dpop_proof`); that it comes once is for the caller to remember.
6. `nonce` is one that this server gave out and that still counts (`use_dpop_nonce`).
7. With an access token: `ath` is its digest, and the key is the one that it was bound to (`invalid_dpop_proof`).
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.json_members import MalformedMember, member_moment
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.signing import Signer

__all__ = [
    "PROOFS_LIVE",
    "BoundToken",
    "DpopProblem",
    "DpopProblemCode",
    "DpopProof",
    "VerifiedDpop",
    "sign_dpop",
    "token_digest",
    "verify_dpop",
]

DpopProblemCode = Literal["invalid_dpop_proof", "use_dpop_nonce"]

PROOFS_LIVE = timedelta(minutes=2)
"""How long the name of a proof must be remembered: a proof counts from a minute before its time to a minute after."""

_WINDOW = timedelta(seconds=60)
_MAX_PROOF = 8 * 1024
_MAX_NAME = 256
_PORTS = {"https": 443, "http": 80}


class DpopProblem(BlauweKnopError):
    """A proof that is refused; `code` is the word of RFC 9449 for the sender."""

    def __init__(self, code: DpopProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: DpopProblemCode = code


@dataclass(frozen=True, slots=True)
class BoundToken:
    """An access token, and the thumbprint (RFC 7638) of the key that it was bound to."""

    token: str = field(repr=False)
    thumbprint: str


@dataclass(frozen=True, slots=True)
class VerifiedDpop:
    """A proof that holds for this request. `proof_id` must not come a second time within `PROOFS_LIVE`."""

    thumbprint: str
    proof_id: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class DpopProof:
    """What the holder of a key says with a request; `nonce` is the last one that the server gave."""

    method: str
    address: str
    proof_id: str
    nonce: str | None = None
    token: str | None = field(default=None, repr=False)


def verify_dpop(
    proof: str, *, method: str, address: str, at: datetime, nonce_counts: Callable[[str], bool], bound: BoundToken | None = None
) -> VerifiedDpop:
    """Check the proof that came with a request to `address`, the public one that the sender used.

    Raises:
        DpopProblem: by the first rule that is broken.
    """
    # Steps 1 and 2.
    try:
        received = jose.parse_jws(proof, jose.DPOP, max_bytes=_MAX_PROOF)
        claims = jose.verify_jws(received, received.key).claims()
    except JwsProblem as error:
        raise _invalid(str(error)) from error
    if received.key is None:
        raise _invalid("expected a key in the header")
    # Step 3.
    if claims.get("htm") != method or _without_query(claims.get("htu")) != _without_query(address):
        raise _invalid("expected a proof for this method and this address")
    # Step 4.
    try:
        issued_at = member_moment(claims, "iat")
    except MalformedMember as error:
        raise _invalid(str(error)) from error
    if not at - _WINDOW <= issued_at <= at + _WINDOW:
        raise _invalid("expected a proof of this minute")
    # Step 5.
    proof_id = claims.get("jti")
    if not isinstance(proof_id, str) or not 0 < len(proof_id) <= _MAX_NAME:
        raise _invalid("expected a name for the proof in jti")
    # Step 6.
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce_counts(nonce):
        raise DpopProblem("use_dpop_nonce", "expected a nonce that this server gave out")
    # Step 7.
    key = thumbprint(received.key)
    if bound is not None:
        _require_bound(claims, key, bound)
    return VerifiedDpop(key, proof_id, issued_at)


def sign_dpop(proof: DpopProof, signer: Signer, key: ec.EllipticCurvePublicKey, at: datetime) -> str:
    """The proof as it goes into the header `DPoP`, by a signer whose public key is `key`.

    Raises:
        UnsuitableKey: no P-256 key.
    """
    claims: dict[str, JsonValue] = {
        "htm": proof.method,
        "htu": proof.address,
        "iat": int(at.timestamp()),
        "jti": proof.proof_id,
    }
    if proof.nonce is not None:
        claims["nonce"] = proof.nonce
    if proof.token is not None:
        claims["ath"] = token_digest(proof.token)
    return jose.sign_jws(claims, signer, jose.DPOP, header={"jwk": {**public_jwk(key)}})


def token_digest(token: str) -> str:
    """The digest of an access token as `ath` gives it (RFC 9449 section 4.2)."""
    return base64url.encode(hashlib.sha256(token.encode("ascii", "replace")).digest())


def _require_bound(claims: Mapping[str, JsonValue], key: str, bound: BoundToken) -> None:
    digest = claims.get("ath")
    if not isinstance(digest, str) or not hmac.compare_digest(digest.encode(), token_digest(bound.token).encode()):
        raise _invalid("expected a proof for this access token")
    if not hmac.compare_digest(key.encode(), bound.thumbprint.encode()):
        raise _invalid("expected a proof by the key that the access token is bound to")


def _without_query(address: JsonValue) -> tuple[str, str, int | None, str] | None:
    """An address as two of them are compared (RFC 9449 section 4.3, RFC 3986 section 6.2); None for what is no address."""
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        return None
    return parts.scheme, parts.hostname, port, parts.path or "/"


def _invalid(message: str) -> DpopProblem:
    return DpopProblem("invalid_dpop_proof", f"DPoP proof: {message}")
