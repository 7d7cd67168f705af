"""Public P-256 keys as JSON (RFC 7517, RFC 7518 section 6.2): the only kind of key that signs and encrypts in this scheme's messages.

A key is for one of two things: to verify signatures (`read_public_jwk`) or to encrypt to (`read_encryption_jwk`); what it says of itself in
`use`, `key_ops` and `alg` is never stretched.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.strict_json import canonical_json

__all__ = [
    "EncryptionKey",
    "UnsuitableJwk",
    "public_jwk",
    "read_encryption_jwk",
    "read_encryption_keys",
    "read_private_encryption_jwk",
    "read_public_jwk",
    "thumbprint",
]

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
_AGREEMENT = frozenset({"deriveKey", "deriveBits"})
_MAX_KEYS = 32
_MAX_KEY_ID = 256


class UnsuitableJwk(BlauweKnopError):
    """Not a P-256 key that may be used for this."""


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A public key to encrypt to; `key_id` is what its owner calls it, None when nothing was said."""

    public: ec.EllipticCurvePublicKey
    key_id: str | None = field(default=None)


def public_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, JsonValue]:
    """`kty`, `crv`, `x` and `y` of a P-256 key."""
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": base64url.encode(numbers.x.to_bytes(32)),
        "y": base64url.encode(numbers.y.to_bytes(32)),
    }


def read_public_jwk(value: JsonValue) -> ec.EllipticCurvePublicKey:
    """A P-256 key whose `use`, `key_ops` and `alg`, where given, allow verifying ES256.

    Raises:
        UnsuitableJwk: another kind of key, a point off the curve, private members, another purpose.
    """
    members = _p256(value)
    _require_public(members)
    operations = members.get("key_ops", ["verify"])
    if members.get("use", "sig") != "sig" or members.get("alg", "ES256") != "ES256":
        raise UnsuitableJwk("expected a JWK that is meant for ES256 signatures")
    if not isinstance(operations, list) or "verify" not in operations:
        raise UnsuitableJwk("expected a JWK whose operations include verify")
    return _point(members)


def read_encryption_jwk(value: JsonValue) -> EncryptionKey:
    """A P-256 key whose `use`, `key_ops` and `alg`, where given, allow encrypting to it with ECDH-ES.

    An empty `key_ops` is what browsers write for the public half of such a key (Web Cryptography API, `exportKey`), and allows it.

    Raises:
        UnsuitableJwk: another kind of key, a point off the curve, private members, another purpose.
    """
    members = _p256(value)
    _require_public(members)
    _require_agreement(members, may_be_empty=True)
    return EncryptionKey(_point(members), _key_id(members))


def read_encryption_keys(value: JsonValue) -> tuple[EncryptionKey, ...]:
    """The keys of a JWK Set (RFC 7517 section 5) that one may encrypt to, in its order; public keys of other kinds are passed over.

    Raises:
        UnsuitableJwk: no set, too many keys, a secret or private key among them, one name for two keys, or no suitable key.
    """
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or len(keys) > _MAX_KEYS:
        raise UnsuitableJwk(f"expected a JWK Set of at most {_MAX_KEYS} keys")
    found: list[EncryptionKey] = []
    names: set[str] = set()
    for key in keys:
        members = key if isinstance(key, dict) else {}
        _require_public(members)
        if (name := _key_id(members)) is not None:
            if name in names:
                raise UnsuitableJwk("expected each kid once in a JWK Set")
            names.add(name)
        try:
            found.append(read_encryption_jwk(key))
        except UnsuitableJwk:
            continue
    if not found:
        raise UnsuitableJwk("expected a key to encrypt to in the JWK Set")
    return tuple(found)


def read_private_encryption_jwk(value: JsonValue) -> ec.EllipticCurvePrivateKey:
    """The private half of a key as `read_encryption_jwk` reads.

    Raises:
        UnsuitableJwk: as there, or a private part that is missing or of another key.
    """
    members = _p256(value)
    _require_agreement(members, may_be_empty=False)
    public = _point(members)
    secret = members.get("d")
    try:
        number = int.from_bytes(base64url.decode(secret)) if isinstance(secret, str) and len(secret) == 43 else 0
        private = ec.derive_private_key(number, ec.SECP256R1())
    except (MalformedBase64, ValueError) as error:
        raise UnsuitableJwk("expected the private part of a P-256 key") from error
    if private.public_key() != public:
        raise UnsuitableJwk("expected a private part that belongs to the public one")
    return private


def thumbprint(key: ec.EllipticCurvePublicKey) -> str:
    """The SHA-256 thumbprint of a key (RFC 7638), base64url."""
    return base64url.encode(hashlib.sha256(canonical_json(public_jwk(key))).digest())


_Members = Mapping[str, JsonValue]


def _p256(value: JsonValue) -> _Members:
    members = value if isinstance(value, dict) else {}
    if members.get("kty") != "EC" or members.get("crv") != "P-256":
        raise UnsuitableJwk("expected a P-256 key as JWK")
    return members


def _require_public(members: _Members) -> None:
    if _PRIVATE & members.keys():
        raise UnsuitableJwk("expected a JWK without private members")


def _require_agreement(members: _Members, *, may_be_empty: bool) -> None:
    """`use` enc, `alg` ECDH-ES and `key_ops` deriveKey or deriveBits (RFC 7517 sections 4.2 to 4.4), where given."""
    if members.get("use", "enc") != "enc" or members.get("alg", "ECDH-ES") != "ECDH-ES":
        raise UnsuitableJwk("expected a JWK that is meant for encryption with ECDH-ES")
    if "key_ops" not in members:
        return
    operations = members["key_ops"]
    if not isinstance(operations, list) or not (
        _AGREEMENT & {str(operation) for operation in operations} or (may_be_empty and not operations)
    ):
        raise UnsuitableJwk("expected a JWK whose operations include deriveKey or deriveBits")


def _point(members: _Members) -> ec.EllipticCurvePublicKey:
    x, y = members.get("x"), members.get("y")
    try:
        point = [base64url.decode(number) for number in (x, y) if isinstance(number, str)]
        if [len(number) for number in point] != [32, 32]:
            raise UnsuitableJwk("expected coordinates of 32 bytes")
        return ec.EllipticCurvePublicNumbers(int.from_bytes(point[0]), int.from_bytes(point[1]), ec.SECP256R1()).public_key()
    except (MalformedBase64, ValueError) as error:
        raise UnsuitableJwk("expected a point on the curve P-256") from error


def _key_id(members: _Members) -> str | None:
    name = members.get("kid")
    if name is not None and not (isinstance(name, str) and len(name) <= _MAX_KEY_ID):
        raise UnsuitableJwk(f"expected a kid of at most {_MAX_KEY_ID} characters")
    return name
