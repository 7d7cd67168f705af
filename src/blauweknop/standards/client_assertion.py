"""A server proves which client it is by a message that it signed: `private_key_jwt` (RFC 7523 sections 2.2 and 3, OpenID Connect Core 9).

In steps:
1. The form has an assertion with its type, or neither (`invalid_request`).
2. It is a signed message of a client that is known, by one of the keys of that client (`invalid_client`).
3. `iss` and `sub` are the client; `aud` is us and nobody else (`invalid_client`).
4. `exp` is to come and at most five minutes away; `iat` and `nbf` are not to come (`invalid_client`).
5. `jti` names it (`invalid_client`); that it comes once is for the caller to remember.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.standards.jose import JwsProblem, Purpose, ReceivedJws, VerifiedJws, parse_jws, sign_jws, verify_jws
from blauweknop.standards.json_members import MalformedMember, Members, member_moment
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.signing import Signer

__all__ = ["ASSERTION_TYPE", "VerifiedAssertion", "assertion_in", "sign_client_assertion", "verify_client_assertion"]

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_ASSERTION = Purpose(None, "given")  # RFC 7523 asks for no type
_MOST_ASSERTION = 8 * 1024
_MOST_NAME = 256
_LONGEST_LIFE = timedelta(minutes=5)
_SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """Who asks, and which of its keys it used. `proof_id` must not come a second time of this client before `counts_until`."""

    client_id: str
    key: ec.EllipticCurvePublicKey
    proof_id: str
    counts_until: datetime


def assertion_in(form: Mapping[str, str]) -> str | None:
    """The assertion of a request, None when it has none (step 1).

    Raises:
        OAuthProblem: `invalid_request`; an assertion of another type, or half of the two parameters.
    """
    if not form.keys() & {"client_assertion", "client_assertion_type"}:
        return None
    if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
        raise OAuthProblem("invalid_request", f"expected client_assertion with the type {ASSERTION_TYPE}")
    return form["client_assertion"]


def verify_client_assertion(
    assertion: str, *, keys_of: Callable[[str], Sequence[ec.EllipticCurvePublicKey]], audiences: Sequence[str], at: datetime
) -> VerifiedAssertion:
    """Check an assertion (steps 2 to 5). `keys_of` gives the keys of a client that count, none when it is not known.

    `audiences` are the names under which we are addressed: our issuer name and the token endpoint.

    Raises:
        OAuthProblem: `invalid_client`.
    """
    # Step 2.
    try:
        received = parse_jws(assertion, _ASSERTION, max_bytes=_MOST_ASSERTION)
        # Whose it says to be decides which keys are tried; nothing of it counts before the signature does.
        claims = VerifiedJws(received.header, received.payload).claims()
    except JwsProblem as error:
        raise _invalid(str(error)) from error
    client_id = claims.get("sub")
    key = _signing_key(received, keys_of(client_id)) if isinstance(client_id, str) else None
    if not isinstance(client_id, str) or key is None:
        raise _invalid("expected a signature by a key of a known client")
    # Step 3.
    if claims.get("iss") != client_id or not _is_for(claims.get("aud"), audiences):
        raise _invalid("expected iss as sub, and this server alone in aud")
    # Step 4.
    ends_at = _fresh_until(claims, at)
    # Step 5.
    proof_id = claims.get("jti")
    if not isinstance(proof_id, str) or not 1 <= len(proof_id) <= _MOST_NAME:
        raise _invalid("expected a name for the assertion in jti")
    return VerifiedAssertion(client_id, key, proof_id, ends_at + _SKEW)


def sign_client_assertion(
    client_id: str, audience: str, signer: Signer, *, proof_id: str, at: datetime, life: timedelta, key_id: str | None = None
) -> str:
    """An assertion of this client for one server, to be used once.

    Raises:
        UnsuitableKey: no P-256 key.
    """
    claims: dict[str, JsonValue] = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": proof_id,
        "iat": int(at.timestamp()),
        "exp": int((at + life).timestamp()),
    }
    return sign_jws(claims, signer, _ASSERTION, header={"kid": key_id} if key_id is not None else None)


def _signing_key(received: ReceivedJws, keys: Sequence[ec.EllipticCurvePublicKey]) -> ec.EllipticCurvePublicKey | None:
    for key in keys:
        try:
            verify_jws(received, key)
        except JwsProblem:
            continue
        return key
    return None


def _is_for(audience: JsonValue, ours: Sequence[str]) -> bool:
    """One audience: an assertion that is also for another could be used there by us, and here by the other."""
    named = audience if isinstance(audience, list) else [audience]
    return len(named) == 1 and named[0] in ours


def _fresh_until(claims: Members, at: datetime) -> datetime:
    try:
        ends_at = member_moment(claims, "exp")
        begins = [member_moment(claims, name) for name in ("iat", "nbf") if name in claims]
    except MalformedMember as error:
        raise _invalid(str(error)) from error
    if not at - _SKEW < ends_at <= at + _LONGEST_LIFE + _SKEW or any(moment > at + _SKEW for moment in begins):
        raise _invalid("expected an assertion of now, for at most five minutes")
    return ends_at


def _invalid(description: str) -> OAuthProblem:
    return OAuthProblem("invalid_client", f"client assertion: {description}")
