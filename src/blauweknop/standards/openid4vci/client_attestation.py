"""A wallet proves of which wallet solution it is: its maker vouches for a key in it, and it shows that it has that key.

draft-ietf-oauth-attestation-based-client-auth, OpenID4VCI 1.0 appendix E, HAIP 1.0 section 4.4.1 (PROTOCOL 2.5). Checking, in steps:
1. The request has both headers once, or neither (`invalid_client_attestation`).
2. The attestation is a signed message of the right kind: form, size, `typ`, algorithm, `x5c` (`invalid_client_attestation`).
3. `sub` is a wallet that is known; the certificate leads to an anchor of the maker of that very wallet, which may vouch for it; the
   signature is right (`invalid_client_attestation`).
4. `cnf` has a public P-256 key (`invalid_client_attestation`).
5. It has begun and not ended (`invalid_client_attestation`).
6. The proof is a signed message of the right kind, by the key of step 4 (`invalid_client_attestation`).
7. Its `aud` is this server, its `iat` of this minute; `iss`, that newer drafts leave out, is the wallet where it is there; `jti` names
   it (`invalid_client_attestation`). That it comes once is for the caller to remember.
8. `challenge` is one that this server gave out and that still counts (`use_attestation_challenge`). Wallets of older drafts send none;
   the caller may excuse those that it knows, and then the minute of step 7 and its name alone keep a proof from coming again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.standards import jose
from blauweknop.standards.issuer_path import IssuerPathProblem, IssuerTrust, issuer_path
from blauweknop.standards.jose import JwsProblem, VerifiedJws
from blauweknop.standards.json_members import MalformedMember, member_moment, member_object
from blauweknop.standards.jwk import UnsuitableJwk, public_jwk, read_public_jwk, thumbprint
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.signing import Signer
from blauweknop.standards.x509 import MalformedCertificate, read_certificate

__all__ = [
    "ATTESTATION_HEADER",
    "CHALLENGE_HEADER",
    "POPS_LIVE",
    "POP_HEADER",
    "AttestationPop",
    "AttestedClient",
    "attestation_in",
    "sign_client_attestation",
    "sign_client_attestation_pop",
    "verify_client_attestation",
]

ATTESTATION_HEADER = "OAuth-Client-Attestation"
POP_HEADER = "OAuth-Client-Attestation-PoP"
CHALLENGE_HEADER = "OAuth-Client-Attestation-Challenge"
"""Where a server gives a fresh challenge."""

POPS_LIVE = timedelta(minutes=2)
"""How long the name of a proof must be remembered: a proof counts from a minute before its time to a minute after."""

_SKEW = timedelta(seconds=60)
_MAX_ATTESTATION = 32 * 1024
_MAX_POP = 8 * 1024
_MAX_NAME = 256


@dataclass(frozen=True, slots=True)
class AttestedClient:
    """A wallet of a known solution, by the thumbprint (RFC 7638) of its own key. `proof_id` must not come again within `POPS_LIVE`."""

    client_id: str
    thumbprint: str
    proof_id: str


@dataclass(frozen=True, slots=True)
class AttestationPop:
    """What a wallet says with the key that its maker vouches for: to which server, and on which challenge."""

    audience: str
    proof_id: str
    challenge: str


def attestation_in(attestations: Sequence[str], pops: Sequence[str]) -> tuple[str, str] | None:
    """The attestation and its proof, from all values of both headers; None when the request has neither (step 1).

    Raises:
        OAuthProblem: `invalid_client_attestation`.
    """
    if not attestations and not pops:
        return None
    if len(attestations) != 1 or len(pops) != 1:
        raise _invalid(f"expected {ATTESTATION_HEADER} and {POP_HEADER}, each once")
    return attestations[0], pops[0]


def verify_client_attestation(
    attestation: str,
    pop: str,
    *,
    wallet_providers: Callable[[str], IssuerTrust | None],
    audience: str,
    at: datetime,
    challenge_counts: Callable[[str], bool],
    challenge_needed: Callable[[str], bool] = lambda _client_id: True,
) -> AttestedClient:
    """Check an attestation and its proof (steps 2 to 8).

    `wallet_providers` gives the maker of the wallet with this `client_id`, None when we know no such wallet; `audience` is the issuer
    name of this server; `challenge_counts` says of a challenge whether it was given out here and still counts, `challenge_needed` of a
    wallet whether it must have one.

    Raises:
        OAuthProblem: by the first rule that is broken.
    """
    client_id, key = _attested(attestation, wallet_providers, at)
    # Step 6.
    try:
        claims = jose.verify_jws(jose.parse_jws(pop, jose.CLIENT_ATTESTATION_POP, max_bytes=_MAX_POP), key).claims()
        # Step 7.
        made = member_moment(claims, "iat")
    except (JwsProblem, MalformedMember) as error:
        raise _invalid(f"proof: {error}") from error
    if not _is_for(claims.get("aud"), audience) or claims.get("iss", client_id) != client_id:
        raise _invalid("expected a proof of this wallet for this server")
    if not at - _SKEW <= made <= at + _SKEW:
        raise _invalid("expected a proof of this minute")
    proof_id = claims.get("jti")
    if not isinstance(proof_id, str) or not 0 < len(proof_id) <= _MAX_NAME:
        raise _invalid("expected a name for the proof in jti")
    # Step 8.
    challenge = claims.get("challenge")
    excused = challenge is None and not challenge_needed(client_id)
    if not excused and (not isinstance(challenge, str) or not challenge_counts(challenge)):
        raise OAuthProblem("use_attestation_challenge", "expected a challenge that this server gave out")
    return AttestedClient(client_id, thumbprint(key), proof_id)


def sign_client_attestation(client_id: str, key: ec.EllipticCurvePublicKey, provider: Signer, *, at: datetime, life: timedelta) -> str:
    """The attestation of a wallet whose own public key is `key`, by its maker; it counts for `life`.

    Raises:
        UnsuitableKey: the maker has no P-256 key.
    """
    claims: dict[str, JsonValue] = {
        "sub": client_id,
        "iat": int(at.timestamp()),
        "exp": int((at + life).timestamp()),
        "cnf": {"jwk": public_jwk(key)},
    }
    return jose.sign_jws(claims, provider, jose.CLIENT_ATTESTATION)


def sign_client_attestation_pop(pop: AttestationPop, signer: Signer, at: datetime) -> str:
    """The proof as it goes with the attestation, by the key that this one vouches for.

    Raises:
        UnsuitableKey: no P-256 key.
    """
    claims: dict[str, JsonValue] = {
        "aud": pop.audience,
        "iat": int(at.timestamp()),
        "jti": pop.proof_id,
        "challenge": pop.challenge,
    }
    return jose.sign_jws(claims, signer, jose.CLIENT_ATTESTATION_POP)


def _attested(
    attestation: str, wallet_providers: Callable[[str], IssuerTrust | None], at: datetime
) -> tuple[str, ec.EllipticCurvePublicKey]:
    """Steps 2 to 5."""
    # Steps 2 and 3.
    try:
        received = jose.parse_jws(attestation, jose.CLIENT_ATTESTATION, max_bytes=_MAX_ATTESTATION)
        # Which wallet it says to be decides whose anchors are tried; nothing of it counts before the signature does.
        client_id = VerifiedJws(received.header, received.payload).claims().get("sub")
        trust = wallet_providers(client_id) if isinstance(client_id, str) else None
        if not isinstance(client_id, str) or trust is None:
            raise _invalid("expected a wallet that is known here")
        path = issuer_path([read_certificate(encoded) for encoded in received.certificates], trust, at)
        if not trust.entitled(path[0], jose.CLIENT_ATTESTATION.typ or ""):
            raise _invalid("expected a maker that may vouch for this wallet")
        claims = jose.verify_jws(received, path[0].public_key()).claims()
        # Step 4.
        key = read_public_jwk({**member_object(member_object(claims, "cnf"), "jwk")})
        # Step 5.
        expires_at = member_moment(claims, "exp")
        begins = [member_moment(claims, name) for name in ("iat", "nbf") if name in claims]
    except (JwsProblem, MalformedCertificate, IssuerPathProblem, MalformedMember, UnsuitableJwk) as error:
        raise _invalid(str(error)) from error
    if any(moment > at + _SKEW for moment in begins) or at > expires_at + _SKEW:
        raise _invalid("expected one that has begun and not ended")
    return client_id, key


def _is_for(audience: JsonValue, server: str) -> bool:
    return audience == server or (isinstance(audience, list) and server in audience)


def _invalid(description: str) -> OAuthProblem:
    return OAuthProblem("invalid_client_attestation", f"client attestation: {description}")
