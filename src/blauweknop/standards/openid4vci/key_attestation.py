"""What a wallet provider says of the keys in a wallet: how they are kept, and how its user proves to be there (OpenID4VCI 1.0 appendix D).

Checking a key attestation, in steps (PROTOCOL 2.7):
1. A signed message of the right kind: form, size, `typ`, algorithm, `x5c`.
2. Its certificate leads to a wallet provider that is trusted, and the signature is right.
3. It has begun and not ended.
4. The keys in it: one or more, all of them public P-256 keys, each once.
5. Where they are kept, and how the user proves to be there, is at least as good as is asked.

That its nonce is the right one is for the caller to judge.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import jose
from blauweknop.standards.issuer_path import IssuerPathProblem, IssuerTrust, issuer_path
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.json_members import MalformedMember, member_list, member_moment
from blauweknop.standards.jwk import UnsuitableJwk, public_jwk, read_public_jwk, thumbprint
from blauweknop.standards.signing import Signer
from blauweknop.standards.x509 import MalformedCertificate, read_certificate

__all__ = [
    "ATTACK_POTENTIALS",
    "AttestedKeys",
    "KeyAttestationRefused",
    "KeyVouching",
    "levels_from",
    "read_key_attestation",
    "sign_key_attestation",
]

ATTACK_POTENTIALS = ("iso_18045_basic", "iso_18045_enhanced-basic", "iso_18045_moderate", "iso_18045_high")
"""How strong an attacker is resisted, from weak to strong (appendix D.2)."""

_MAX_ATTESTATION = 64 * 1024
_MOST_KEYS = 100
_CLOCK_SKEW = timedelta(seconds=60)


class KeyAttestationRefused(BlauweKnopError):
    """An attestation that proves nothing."""

    def __init__(self, message: str) -> None:
        super().__init__(f"key attestation: {message}")


@dataclass(frozen=True, slots=True)
class AttestedKeys:
    """Keys that a trusted wallet provider vouches for, in its order, with the thumbprint (RFC 7638) of each."""

    keys: tuple[ec.EllipticCurvePublicKey, ...] = field(repr=False)
    thumbprints: tuple[str, ...]
    nonce: str | None


@dataclass(frozen=True, slots=True)
class KeyVouching:
    """What a wallet provider says of keys: what they, and the proof that the user is there, resist; and the nonce that was asked."""

    keys: tuple[ec.EllipticCurvePublicKey, ...] = field(repr=False)
    level: str
    nonce: str | None = None


def read_key_attestation(attestation: str, *, providers: IssuerTrust, level: str | None, at: datetime) -> AttestedKeys:
    """Check an attestation; `level` is one of ATTACK_POTENTIALS, or None when any will do.

    Raises:
        KeyAttestationRefused: by the first rule that is broken.
    """
    claims = _signed_claims(attestation, providers, at)
    # Step 3.
    try:
        issued_at, expires_at = member_moment(claims, "iat"), member_moment(claims, "exp")
        begins_at = member_moment(claims, "nbf") if "nbf" in claims else issued_at
        listed = member_list(claims, "attested_keys", least=1, most=_MOST_KEYS)
        keys = tuple(read_public_jwk(value) for value in listed)  # 4
    except (MalformedMember, UnsuitableJwk) as error:
        raise KeyAttestationRefused(str(error)) from error
    if max(issued_at, begins_at) > at + _CLOCK_SKEW or at > expires_at + _CLOCK_SKEW:
        raise KeyAttestationRefused("expected one that has begun and not ended")
    # Step 4.
    thumbprints = tuple(thumbprint(key) for key in keys)
    if len({*thumbprints}) != len(thumbprints):
        raise KeyAttestationRefused("expected each key once")
    # Step 5.
    if level is not None:
        for name in ("key_storage", "user_authentication"):
            if not _reaches(claims.get(name), level):
                raise KeyAttestationRefused(f"expected {name} of at least {level}")
    nonce = claims.get("nonce")
    return AttestedKeys(keys, thumbprints, nonce if isinstance(nonce, str) else None)


def sign_key_attestation(vouching: KeyVouching, provider: Signer, *, at: datetime, life: timedelta) -> str:
    """The attestation, by a wallet provider; it counts for `life`.

    Raises:
        UnsuitableKey: the provider has no P-256 key.
    """
    claims: dict[str, JsonValue] = {
        "iat": int(at.timestamp()),
        "exp": int((at + life).timestamp()),
        "attested_keys": [public_jwk(key) for key in vouching.keys],
        "key_storage": [vouching.level],
        "user_authentication": [vouching.level],
    }
    if vouching.nonce is not None:
        claims["nonce"] = vouching.nonce
    return jose.sign_jws(claims, provider, jose.KEY_ATTESTATION)


def levels_from(level: str) -> tuple[str, ...]:
    """This one of ATTACK_POTENTIALS and all that are stronger."""
    return ATTACK_POTENTIALS[ATTACK_POTENTIALS.index(level) :]


def _signed_claims(attestation: str, providers: IssuerTrust, at: datetime) -> Mapping[str, JsonValue]:
    """Steps 1 and 2."""
    try:
        received = jose.parse_jws(attestation, jose.KEY_ATTESTATION, max_bytes=_MAX_ATTESTATION)
        path = issuer_path([read_certificate(encoded) for encoded in received.certificates], providers, at)
        if not providers.entitled(path[0], jose.KEY_ATTESTATION.typ or ""):
            raise KeyAttestationRefused("expected a wallet provider that may vouch for keys")
        return jose.verify_jws(received, path[0].public_key()).claims()
    except (JwsProblem, MalformedCertificate, IssuerPathProblem) as error:
        raise KeyAttestationRefused(str(error)) from error


def _reaches(value: JsonValue, level: str) -> bool:
    """Whether the best of the named potentials resists at least this attacker; a name that is not known counts for nothing."""
    named = value if isinstance(value, list) else []
    return any(potential in named for potential in levels_from(level))
