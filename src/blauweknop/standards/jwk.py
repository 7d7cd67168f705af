"""Public P-256 keys as JSON (RFC 7517, RFC 7518 section 6.2): the only kind of key that signs in this scheme's messages."""

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.strict_json import canonical_json

__all__ = ["UnsuitableJwk", "public_jwk", "read_public_jwk", "thumbprint"]

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})


class UnsuitableJwk(BlauweKnopError):
    """Not a public P-256 key that may verify signatures."""


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
    members = value if isinstance(value, dict) else {}
    x, y = members.get("x"), members.get("y")
    if members.get("kty") != "EC" or members.get("crv") != "P-256" or not isinstance(x, str) or not isinstance(y, str):
        raise UnsuitableJwk("expected a P-256 key as JWK")
    if _PRIVATE & members.keys():
        raise UnsuitableJwk("expected a JWK without private members")
    operations = members.get("key_ops", ["verify"])
    if members.get("use", "sig") != "sig" or members.get("alg", "ES256") != "ES256":
        raise UnsuitableJwk("expected a JWK that is meant for ES256 signatures")
    if not isinstance(operations, list) or "verify" not in operations:
        raise UnsuitableJwk("expected a JWK whose operations include verify")
    try:
        point = (base64url.decode(x), base64url.decode(y))
        if [len(number) for number in point] != [32, 32]:
            raise UnsuitableJwk("expected coordinates of 32 bytes")
        return ec.EllipticCurvePublicNumbers(int.from_bytes(point[0]), int.from_bytes(point[1]), ec.SECP256R1()).public_key()
    except (MalformedBase64, ValueError) as error:
        raise UnsuitableJwk("expected a point on the curve P-256") from error


def thumbprint(key: ec.EllipticCurvePublicKey) -> str:
    """The SHA-256 thumbprint of a key (RFC 7638), base64url."""
    return base64url.encode(hashlib.sha256(canonical_json(public_jwk(key))).digest())
