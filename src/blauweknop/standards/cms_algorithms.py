"""The algorithms that a signer in CMS may use: SHA-2 with ECDSA, RSA or RSA-PSS, and nothing the message could talk us into."""

import hashlib
from collections.abc import Mapping
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import der
from blauweknop.standards.der import Element, Fields, MalformedDer

__all__ = [
    "ECDSA_SHA256",
    "RSA_SHA256",
    "SHA256",
    "CmsProblem",
    "CmsProblemCode",
    "Scheme",
    "digest_name",
    "signature_right",
    "signature_scheme",
]

CmsProblemCode = Literal[
    "FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "NO_SIGNING_CERTIFICATE_FOUND", "CRYPTO_CONSTRAINTS_FAILURE"
]

Scheme = Literal["ecdsa", "rsa", "rsa-pss"]

SHA256 = "2.16.840.1.101.3.4.2.1"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"
RSA_SHA256 = "1.2.840.113549.1.1.11"

_RSA = "1.2.840.113549.1.1.1"
_RSA_PSS = "1.2.840.113549.1.1.10"
_MGF1 = "1.2.840.113549.1.1.8"
_DIGESTS = {SHA256: "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
_PREHASHED = {name: utils.Prehashed(algorithm) for name, algorithm in _HASHES.items()}
_SIGNATURES = {
    ECDSA_SHA256: ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
    RSA_SHA256: ("rsa", "sha256"),
    "1.2.840.113549.1.1.12": ("rsa", "sha384"),
    "1.2.840.113549.1.1.13": ("rsa", "sha512"),
}


class CmsProblem(BlauweKnopError):
    """Signed data that is refused; `code` is the sub-indication of EN 319 102-1."""

    def __init__(self, code: CmsProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: CmsProblemCode = code


@der.remembering
def digest_name(element: Element) -> str:
    """The name of a digest algorithm in DER (`sha256`, ...); parameters absent or NULL (RFC 5754 section 2).

    Raises:
        CmsProblem: CRYPTO_CONSTRAINTS_FAILURE. MalformedDer: another form.
    """
    fields = Fields(element, "a digest algorithm")
    name = _DIGESTS.get(der.read_object_identifier(fields.take(der.OBJECT_IDENTIFIER, "a digest algorithm")))
    if name is None:
        raise CmsProblem("CRYPTO_CONSTRAINTS_FAILURE", "expected SHA-256, SHA-384 or SHA-512")
    _end_with_null(fields)
    return name


def _end_with_null(fields: Fields) -> None:
    null = fields.optional(der.NULL)
    if null is not None:
        der.read_null(null)
    fields.end()


def signature_scheme(element: Element, digest: str) -> tuple[Scheme, int]:
    """A signature algorithm in DER that uses the digest algorithm of the signer, and the salt length of PSS (else 0).

    Raises:
        CmsProblem: CRYPTO_CONSTRAINTS_FAILURE. MalformedDer: another form.
    """
    fields = Fields(element, "a signature algorithm")
    kind = der.read_object_identifier(fields.take(der.OBJECT_IDENTIFIER, "a signature algorithm"))
    if kind == _RSA_PSS:
        return "rsa-pss", _pss_salt(fields, digest)
    scheme, own_digest = ("rsa", digest) if kind == _RSA else _SIGNATURES.get(kind, ("", ""))
    if own_digest != digest:
        raise CmsProblem("CRYPTO_CONSTRAINTS_FAILURE", "expected ECDSA or RSA with the digest algorithm of the signer")
    if scheme == "ecdsa":
        fields.end()
        return "ecdsa", 0
    der.read_null(fields.take(der.NULL, "null parameters"))
    fields.end()
    return "rsa", 0


def _pss_salt(fields: Fields, digest: str) -> int:
    """RFC 4055 section 3.1: the same digest inside and in MGF1, trailer 1; the defaults are SHA-1 and therefore refused."""
    parameters = Fields(fields.take(der.SEQUENCE, "parameters"), "parameters")
    fields.end()
    inner = parameters.take(0xA0, "a digest algorithm").children()
    mask = parameters.take(0xA1, "a mask function").children()
    salt = parameters.take(0xA2, "a salt length").children()
    parameters.end()
    if not len(inner) == len(mask) == len(salt) == 1:
        raise MalformedDer("expected one value in each parameter")
    generator = Fields(mask[0], "a mask function")
    if der.read_object_identifier(generator.take(der.OBJECT_IDENTIFIER, "a mask function")) != _MGF1:
        raise CmsProblem("CRYPTO_CONSTRAINTS_FAILURE", "expected the mask function MGF1")
    masked = digest_name(generator.take(der.SEQUENCE, "a digest algorithm"))
    generator.end()
    length = der.read_integer(salt[0])
    if {digest_name(inner[0]), masked} != {digest} or not 32 <= length <= 64:
        raise CmsProblem("CRYPTO_CONSTRAINTS_FAILURE", "expected one digest algorithm and a salt of 32 to 64 bytes")
    return length


def signature_right(
    certificate: x509.Certificate, signature: bytes, signed: bytes, *, digest: str, scheme: Scheme, salt_length: int
) -> bool:
    """Whether the key of the certificate made this signature over these bytes."""
    algorithm, prehashed = _HASHES[digest], _PREHASHED[digest]
    hashed = hashlib.new(digest, signed).digest()
    key = certificate.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and scheme == "ecdsa":
            key.verify(signature, hashed, ec.ECDSA(prehashed))
        elif isinstance(key, rsa.RSAPublicKey) and scheme == "rsa":
            key.verify(signature, hashed, padding.PKCS1v15(), prehashed)
        elif isinstance(key, rsa.RSAPublicKey) and scheme == "rsa-pss":
            key.verify(signature, hashed, padding.PSS(padding.MGF1(algorithm), salt_length), prehashed)
        else:
            return False
    except InvalidSignature:
        return False
    return True
