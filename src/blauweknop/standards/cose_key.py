"""Public P-256 keys in CBOR (COSE_Key, RFC 9052 section 7, RFC 9053 section 7.1.1), as `jwk` has them in JSON."""

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.strict_cbor import CborValue

__all__ = ["UnsuitableCoseKey", "public_cose_key", "read_public_cose_key"]

_KTY, _ALG, _KEY_OPS = 1, 3, 4
_CRV, _X, _Y, _D = -1, -2, -3, -4
_EC2, _P256 = 2, 1
_ES256, _ESP256 = -7, -9
_VERIFY = 2


class UnsuitableCoseKey(BlauweKnopError):
    """Not a public P-256 key that may verify signatures."""


def public_cose_key(key: ec.EllipticCurvePublicKey) -> dict[int | str, CborValue]:
    """`kty`, `crv`, `x` and `y` of a P-256 key."""
    numbers = key.public_numbers()
    return {_KTY: _EC2, _CRV: _P256, _X: numbers.x.to_bytes(32), _Y: numbers.y.to_bytes(32)}


def read_public_cose_key(value: CborValue) -> ec.EllipticCurvePublicKey:
    """A P-256 key, both coordinates given, whose `alg` and `key_ops`, where given, allow verifying ES256.

    Raises:
        UnsuitableCoseKey: another kind of key, a point off the curve, a private member, another purpose.
    """
    members = value if isinstance(value, dict) else {}
    kind = (members.get(_KTY), members.get(_CRV))
    x, y = members.get(_X), members.get(_Y)
    if kind != (_EC2, _P256) or bool in map(type, kind) or not isinstance(x, bytes) or not isinstance(y, bytes):
        raise UnsuitableCoseKey("expected a P-256 key as COSE_Key with both coordinates")
    if _D in members:
        raise UnsuitableCoseKey("expected a COSE_Key without private members")
    operations = members.get(_KEY_OPS, [_VERIFY])
    if members.get(_ALG, _ES256) not in (_ES256, _ESP256) or not isinstance(operations, list) or _VERIFY not in operations:
        raise UnsuitableCoseKey("expected a COSE_Key that is meant for verifying ES256")
    if [len(x), len(y)] != [32, 32]:
        raise UnsuitableCoseKey("expected coordinates of 32 bytes")
    try:
        return ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()).public_key()
    except ValueError as error:
        raise UnsuitableCoseKey("expected a point on the curve P-256") from error
