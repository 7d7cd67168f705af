"""ES256 (RFC 7518 section 3.4, RFC 9053 section 2.1): the signature of this scheme's messages, 64 bytes as JOSE and COSE write it."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from blauweknop.standards.signing import Signer, UnsuitableKey

__all__ = ["sign_es256", "signature_fits"]

_SHA256 = ec.ECDSA(hashes.SHA256())


def sign_es256(message: bytes, signer: Signer) -> bytes:
    """The two numbers of the signature, 32 bytes each.

    Raises:
        UnsuitableKey: the signer has no P-256 key.
    """
    signature = signer.sign(hashlib.sha256(message).digest())
    try:
        r, s = utils.decode_dss_signature(signature)
        return r.to_bytes(32) + s.to_bytes(32)
    except (ValueError, OverflowError) as error:
        raise UnsuitableKey("expected a P-256 key to sign messages with") from error


def signature_fits(signature: bytes, message: bytes, key: object) -> bool:
    """Whether these are 64 bytes that the owner of the key, a P-256 key, made over the message."""
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1) or len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    try:
        key.verify(utils.encode_dss_signature(r, s), message, _SHA256)
    except InvalidSignature:
        return False
    return True
