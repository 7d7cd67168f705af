"""The pieces of CMS that a seal and a time stamp write alike."""

import hashlib
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.standards import cms, cms_algorithms, der

__all__ = [
    "encode_attribute",
    "encode_certificate_reference",
    "encode_issuer_serial",
    "encode_signature_algorithm",
    "signed_attributes_around",
]


def encode_attribute(kind: str, value: bytes) -> bytes:
    """An Attribute with one value (RFC 5652 section 5.3)."""
    return der.encode_sequence(der.encode_object_identifier(kind), der.encode(der.SET, value))


def encode_issuer_serial(certificate: x509.Certificate) -> bytes:
    """IssuerAndSerialNumber (RFC 5652 section 10.2.4)."""
    return der.encode_sequence(certificate.issuer.public_bytes(), der.encode_integer(certificate.serial_number))


def encode_certificate_reference(certificate: x509.Certificate) -> bytes:
    """SigningCertificateV2 with one reference; SHA-256 is its default and is left out (RFC 5035 section 3)."""
    names = der.encode_sequence(der.context(4, certificate.issuer.public_bytes()))
    issuer_serial = der.encode_sequence(names, der.encode_integer(certificate.serial_number))
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    reference = der.encode_sequence(der.encode_octets(digest), issuer_serial)
    return der.encode_sequence(der.encode_sequence(reference))


def encode_signature_algorithm(certificate: x509.Certificate) -> bytes:
    """What `Signer.sign` makes with the key of this certificate: ECDSA or RSA (PKCS #1 v1.5), with SHA-256."""
    if isinstance(certificate.public_key(), ec.EllipticCurvePublicKey):
        return der.encode_sequence(der.encode_object_identifier(cms_algorithms.ECDSA_SHA256))
    return der.encode_sequence(der.encode_object_identifier(cms_algorithms.RSA_SHA256), der.encode(der.NULL))


def signed_attributes_around(others: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The signed attributes (DER, SET OF) before and after the SHA-256 digest of the content in message-digest.

    The order of the set does not change with the digest, for each attribute begins with a type of its own.
    """
    attribute = encode_attribute(cms.MESSAGE_DIGEST, der.encode_octets(bytes(32)))
    encoded = der.encode_set_of(*others, attribute)
    end = encoded.index(attribute) + len(attribute)
    return encoded[: end - 32], encoded[end:]
