"""Signed data of CMS (RFC 5652), as narrow as a seal and a time stamp need it: DER, one signer, signed attributes.

Reading, in steps:
1. The bytes are DER of a SignedData in its ContentInfo (FORMAT_FAILURE).
2. Exactly one SignerInfo, identified by issuer and serial number (FORMAT_FAILURE).
3. Attributes in DER order, each kind once, each with one value (RFC 5652 section 5.3; FORMAT_FAILURE).
4. Digest and signature algorithms are on our list and agree (CRYPTO_CONSTRAINTS_FAILURE).

Verifying, in steps (RFC 5652 section 5.6, EN 319 122-1 clause 5.2.2):
5. The certificate of the signer is among the certificates (NO_SIGNING_CERTIFICATE_FOUND), its key is strong (CRYPTO_CONSTRAINTS_FAILURE).
6. The signed attribute signing-certificate(-v2) names that certificate (NO_SIGNING_CERTIFICATE_FOUND).
7. The signed content type is the one expected (FORMAT_FAILURE), the signed digest is that of the content (HASH_FAILURE).
8. The signature is right (SIG_CRYPTO_FAILURE).
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography import x509

from blauweknop.standards import der
from blauweknop.standards.cms_algorithms import CmsProblem, Scheme, digest_name, signature_right, signature_scheme
from blauweknop.standards.der import Element, Fields, MalformedDer
from blauweknop.standards.x509 import MalformedCertificate, certificate_facts, read_certificate, strong_key

__all__ = [
    "CONTENT_TYPE",
    "DATA",
    "MESSAGE_DIGEST",
    "SIGNED_DATA",
    "SIGNING_CERTIFICATE",
    "SIGNING_CERTIFICATE_V2",
    "ReceivedSignedData",
    "ReceivedSigner",
    "parse_signed_data",
    "signer_certificate",
    "verify_signer",
]

SIGNED_DATA = "1.2.840.113549.1.7.2"
DATA = "1.2.840.113549.1.7.1"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"

_MAX_CERTIFICATES = 20
_MAX_CMS = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReceivedSigner:
    """The one SignerInfo, read but not verified. `signed_bytes` is what the signature is over."""

    issuer: bytes
    serial: int
    digest: str
    scheme: Scheme
    salt_length: int
    signed_bytes: bytes = field(repr=False)
    signed: Mapping[str, Element] = field(repr=False)
    signature: bytes = field(repr=False)
    unsigned: Mapping[str, Element] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReceivedSignedData:
    """SignedData, read but not verified; certificates are DER in the order of the message."""

    content_type: str
    content: bytes | None = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    signer: ReceivedSigner


def parse_signed_data(data: bytes) -> ReceivedSignedData:
    """Read a ContentInfo that holds SignedData (steps 1 to 4).

    Raises:
        CmsProblem: FORMAT_FAILURE or CRYPTO_CONSTRAINTS_FAILURE.
    """
    try:
        return _signed_data(data)
    except MalformedDer as error:
        raise CmsProblem("FORMAT_FAILURE", f"signed data: {error}") from error


def signer_certificate(signed: ReceivedSignedData) -> x509.Certificate:
    """The certificate that the SignerInfo points at (step 5).

    Raises:
        CmsProblem: NO_SIGNING_CERTIFICATE_FOUND or CRYPTO_CONSTRAINTS_FAILURE.
    """
    found: list[x509.Certificate] = []
    for encoded in signed.certificates:
        try:
            certificate = read_certificate(encoded)
        except MalformedCertificate as error:
            raise CmsProblem("FORMAT_FAILURE", "expected readable certificates in the signed data") from error
        facts = certificate_facts(certificate)
        if facts.serial == signed.signer.serial and facts.issuer == signed.signer.issuer:
            found.append(certificate)
    if len(found) != 1:
        raise CmsProblem("NO_SIGNING_CERTIFICATE_FOUND", "expected exactly one certificate of the signer in the signed data")
    if not strong_key(found[0]):
        raise CmsProblem("CRYPTO_CONSTRAINTS_FAILURE", "expected a P-256 key or an RSA key of at least 3072 bits")
    return found[0]


def verify_signer(
    signed: ReceivedSignedData, content_digest: Mapping[str, bytes], *, old_certificate_reference: bool = False
) -> x509.Certificate:
    """Verify the signer over a content of which the digests are given by name (`sha256`, ...); gives its certificate (steps 5 to 8).

    `old_certificate_reference` lets signing-certificate (with its SHA-1) do as well, which RFC 3161 tokens may carry.

    Raises:
        CmsProblem: any of its codes.
    """
    signer = signed.signer
    certificate = signer_certificate(signed)
    # Step 6.
    if not _reference_agrees(signer, certificate, old_certificate_reference):
        raise CmsProblem("NO_SIGNING_CERTIFICATE_FOUND", "expected the signing-certificate attribute to name the certificate of the signer")
    # Step 7.
    try:
        content_type = der.read_object_identifier(_attribute(signer, CONTENT_TYPE))
        message_digest = _octets(_attribute(signer, MESSAGE_DIGEST))
    except MalformedDer as error:
        raise CmsProblem("FORMAT_FAILURE", f"signed attributes: {error}") from error
    if content_type != signed.content_type:
        raise CmsProblem("FORMAT_FAILURE", "expected the signed content type to be that of the content")
    if not hmac.compare_digest(message_digest, content_digest.get(signer.digest, b"")):
        raise CmsProblem("HASH_FAILURE", "expected the signed digest to be that of the content")
    # Step 8.
    right = signature_right(
        certificate,
        signer.signature,
        signer.signed_bytes,
        digest=signer.digest,
        scheme=signer.scheme,
        salt_length=signer.salt_length,
    )
    if not right:
        raise CmsProblem("SIG_CRYPTO_FAILURE", "expected a signature that fits the certificate of the signer")
    return certificate


def _signed_data(data: bytes) -> ReceivedSignedData:
    # Step 1.
    outer = Fields(der.parse(data, max_bytes=_MAX_CMS), "content info")
    if der.read_object_identifier(outer.take(der.OBJECT_IDENTIFIER, "a content type")) != SIGNED_DATA:
        raise MalformedDer("expected the content type of signed data")
    wrapped = outer.take(0xA0, "the signed data").children()
    outer.end()
    if len(wrapped) != 1:
        raise MalformedDer("expected one signed data")
    fields = Fields(wrapped[0], "signed data")
    version = der.read_integer(fields.take(der.INTEGER, "a version"))
    digests = [digest_name(element) for element in fields.take(der.SET, "digest algorithms").children()]
    content_type, content = _content(fields.take(der.SEQUENCE, "the content"))
    if version != (1 if content_type == DATA else 3):
        raise MalformedDer("expected the version that belongs to the content type")
    held = fields.optional(0xA0)
    certificates = _certificates(held.children() if held else ())
    # Step 2. Lists in the crls field are not looked at by validators of PAdES, so they have no business here.
    signers = fields.take(der.SET, "the signers").children()
    fields.end()
    if len(signers) != 1:
        raise MalformedDer("expected exactly one signer")
    signer = _signer(signers[0])
    if digests != [signer.digest]:
        raise MalformedDer("expected only the digest algorithm of the signer")
    return ReceivedSignedData(content_type, content, certificates, signer)


def _content(element: Element) -> tuple[str, bytes | None]:
    fields = Fields(element, "the content")
    content_type = der.read_object_identifier(fields.take(der.OBJECT_IDENTIFIER, "a content type"))
    wrapped = fields.optional(0xA0)
    fields.end()
    if wrapped is None:
        return content_type, None
    inner = wrapped.children()
    if len(inner) != 1:
        raise MalformedDer("expected one content")
    return content_type, _octets(inner[0])


def _certificates(elements: tuple[Element, ...]) -> tuple[bytes, ...]:
    if len(elements) > _MAX_CERTIFICATES:
        raise MalformedDer(f"expected at most {_MAX_CERTIFICATES} certificates")
    if any(element.tag != der.SEQUENCE for element in elements):
        raise MalformedDer("expected only X.509 certificates")
    encoded = tuple(element.encoded for element in elements)
    if len(set(encoded)) != len(encoded):
        raise MalformedDer("expected each certificate once")
    return encoded


def _signer(element: Element) -> ReceivedSigner:
    fields = Fields(element, "signer info")
    if der.read_integer(fields.take(der.INTEGER, "a version")) != 1:
        raise MalformedDer("expected a signer that is identified by issuer and serial number")
    issuer, serial = _identity(fields.take(der.SEQUENCE, "issuer and serial number"))
    digest = digest_name(fields.take(der.SEQUENCE, "a digest algorithm"))
    raw = fields.take(0xA0, "signed attributes")
    # Step 3. The signature is over the SET OF, not over the implicit tag (RFC 5652 section 5.4).
    signed = _attributes(raw)
    scheme, salt = signature_scheme(fields.take(der.SEQUENCE, "a signature algorithm"), digest)
    signature = _octets(fields.take(der.OCTET_STRING, "a signature"))
    more = fields.optional(0xA1)
    unsigned = _attributes(more) if more else {}
    fields.end()
    return ReceivedSigner(issuer, serial, digest, scheme, salt, bytes((der.SET,)) + raw.encoded[1:], signed, signature, unsigned)


@der.remembering
def _identity(element: Element) -> tuple[bytes, int]:
    """Name of the issuer (DER) and serial number."""
    identity = Fields(element, "issuer and serial number")
    issuer = identity.take(der.SEQUENCE, "an issuer")
    der.require_der(issuer)
    serial = der.read_integer(identity.take(der.INTEGER, "a serial number"))
    identity.end()
    return issuer.encoded, serial


def _attributes(element: Element) -> dict[str, Element]:
    children = element.children()
    if not children:
        raise MalformedDer("expected at least one attribute")
    der.require_set_order(children)
    attributes: dict[str, Element] = {}
    for child in children:
        kind, value = _read_attribute(child)
        if kind in attributes:
            raise MalformedDer("expected each attribute once")
        attributes[kind] = value
    return attributes


@der.remembering
def _read_attribute(element: Element) -> tuple[str, Element]:
    fields = Fields(element, "an attribute")
    kind = der.read_object_identifier(fields.take(der.OBJECT_IDENTIFIER, "an attribute type"))
    values = fields.take(der.SET, "attribute values").children()
    fields.end()
    if len(values) != 1:
        raise MalformedDer("expected one value in an attribute")
    der.require_der(values[0])
    return kind, values[0]


def _attribute(signer: ReceivedSigner, kind: str) -> Element:
    if kind not in signer.signed:
        raise MalformedDer("expected the signed attributes content type and message digest")
    return signer.signed[kind]


def _octets(element: Element) -> bytes:
    if element.tag != der.OCTET_STRING:
        raise MalformedDer("expected an octet string")
    return element.content


def _reference_agrees(signer: ReceivedSigner, certificate: x509.Certificate, old_allowed: bool) -> bool:
    """Step 6 (RFC 5035 sections 4 and 5): the first reference is the signer's."""
    newer = signer.signed.get(SIGNING_CERTIFICATE_V2)
    older = signer.signed.get(SIGNING_CERTIFICATE)
    reference = newer or (older if old_allowed else None)
    if reference is None:
        return False
    try:
        name, digest, named = _newer_reference(reference) if newer else _older_reference(reference)
    except (MalformedDer, IndexError) as error:
        raise CmsProblem("FORMAT_FAILURE", "expected a readable signing-certificate attribute") from error
    if named is not None and named != _issuer_serial(signer.issuer, signer.serial):
        return False
    return hmac.compare_digest(digest, _digest(name, certificate_facts(certificate).encoded))


@der.remembering
def _newer_reference(element: Element) -> tuple[str, bytes, bytes | None]:
    """Digest algorithm, digest, and issuer and serial number (DER) in the first reference of signing-certificate-v2."""
    fields = _first_reference(element)
    algorithm = fields.optional(der.SEQUENCE)
    return digest_name(algorithm) if algorithm else "sha256", *_reference(fields)


@der.remembering
def _older_reference(element: Element) -> tuple[str, bytes, bytes | None]:
    """As `_newer_reference`, for signing-certificate."""
    return "sha1", *_reference(_first_reference(element))


def _first_reference(element: Element) -> Fields:
    return Fields(Fields(element, "a signing certificate").take(der.SEQUENCE, "references").children()[0], "a reference")


def _reference(fields: Fields) -> tuple[bytes, bytes | None]:
    digest = _octets(fields.take(der.OCTET_STRING, "a certificate digest"))
    named = fields.optional(der.SEQUENCE)
    fields.end()
    return digest, named.encoded if named else None


@lru_cache(maxsize=64)
def _digest(name: str, encoded: bytes) -> bytes:
    return hashlib.new(name, encoded, usedforsecurity=False).digest()


def _issuer_serial(issuer: bytes, serial: int) -> bytes:
    return der.encode_sequence(der.encode_sequence(der.context(4, issuer)), der.encode_integer(serial))
