"""The seal of a document: CMS as PAdES baseline wants it (EN 319 142-1, EN 319 122-1), from a digest and back.

What is constant for a signer and its revocation lists is encoded once in a `SealTemplate`; a seal is then two hashes, one
signature and a join. The revocation lists stand in the signed attribute adbe-revocationInfoArchival (ISO 32000-1 clause 12.8.3.3.2):
validators do not look at lists elsewhere in the signed revision.

Checks on reading, above the steps of `cms`:
9. The content is of type data and absent (detached) (FORMAT_FAILURE); the digest is SHA-256 (CRYPTO_CONSTRAINTS_FAILURE).
10. No signing-time: the document says the time in /M, the time stamp proves it (EN 319 142-1 clause 6.3; FORMAT_FAILURE).
11. Nothing unsigned but one signature-time-stamp (FORMAT_FAILURE).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography import x509

from blauweknop.standards import cms, cms_algorithms, der
from blauweknop.standards.cms import ReceivedSignedData
from blauweknop.standards.cms_algorithms import CmsProblem
from blauweknop.standards.cms_encoding import (
    encode_attribute,
    encode_certificate_reference,
    encode_issuer_serial,
    encode_signature_algorithm,
    signed_attributes_around,
)
from blauweknop.standards.der import Element, Fields, MalformedDer
from blauweknop.standards.signing import Signer
from blauweknop.standards.x509 import read_certificate

__all__ = [
    "MAX_TIME_STAMP",
    "SealCms",
    "SealTemplate",
    "VerifiedSeal",
    "cms_size_limit",
    "parse_cms",
    "prepare_seal",
    "seal_digest",
    "unpad_cms",
    "verify_cms",
]

MAX_TIME_STAMP = 12 * 1024
"""The largest time stamp token, in bytes, for which room is kept."""

_REVOCATION_ARCHIVAL = "1.2.840.113583.1.1.8"
_SIGNATURE_TIME_STAMP = "1.2.840.113549.1.9.16.2.14"
_SIGNING_TIME = "1.2.840.113549.1.9.5"
_SIGNED_DATA = der.encode_object_identifier(cms.SIGNED_DATA)
_LEAST_ROOM = 16 * 1024
_MAX_LISTS = 20


@dataclass(frozen=True, slots=True)
class SealCms:
    """A seal that was read and not yet verified."""

    signed_data: ReceivedSignedData
    crls: tuple[bytes, ...] = field(repr=False)
    time_stamp: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedSeal:
    """A seal whose signature is right; whether its certificate is to be trusted is the next question.

    `crls` are signed along; `time_stamp` is a token (DER) over `signature`, still to be verified.
    """

    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]
    crls: tuple[bytes, ...] = field(repr=False)
    signature: bytes = field(repr=False)
    time_stamp: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealTemplate:
    """The constant bytes around the digest, the signature and the time stamp of the seals of one signer."""

    signer: Signer
    signed_before: bytes = field(repr=False)
    signed_after: bytes = field(repr=False)
    data_before: bytes = field(repr=False)
    signer_before: bytes = field(repr=False)
    algorithm: bytes = field(repr=False)

    def seal(self, digest: bytes, time_stamp: Callable[[bytes], bytes] | None) -> bytes:
        """The DER of a seal over a SHA-256 digest; see `seal_digest`."""
        attributes = self.signed_before + digest + self.signed_after
        signature = self.signer.sign(hashlib.sha256(attributes).digest())
        # The signature is over the SET OF; in the message it has the tag [0] (RFC 5652 section 5.4).
        parts = [self.signer_before, b"\xa0", attributes[1:], self.algorithm, der.encode_octets(signature)]
        if time_stamp is not None:
            token = time_stamp(hashlib.sha256(signature).digest())
            parts.append(der.context(1, encode_attribute(_SIGNATURE_TIME_STAMP, token)))
        signers = der.encode(der.SET, der.encode_sequence(*parts))
        body = der.context(0, der.encode_sequence(self.data_before, signers))
        return der.encode_sequence(_SIGNED_DATA, body)


def seal_digest(digest: bytes, *, signer: Signer, revocation: Sequence[bytes], time_stamp: Callable[[bytes], bytes] | None) -> bytes:
    """The CMS (DER) that seals a document of which this is the SHA-256 digest.

    `revocation` are fresh lists (DER) for the chains of the seal and of the time stamp. `time_stamp` gives the token (DER) for
    the SHA-256 digest of the signature; without it the seal is of level B-B.
    """
    return prepare_seal(signer, revocation).seal(digest, time_stamp)


def prepare_seal(signer: Signer, revocation: Sequence[bytes]) -> SealTemplate:
    """Encode once what all seals with this signer and these lists have in common.

    Raises:
        MalformedCertificate: the certificate of the signer can not be read.
    """
    certificate = read_certificate(signer.certificate)
    before, after = signed_attributes_around(_other_attributes(certificate, revocation))
    sha256 = der.encode_sequence(der.encode_object_identifier(cms_algorithms.SHA256))
    held = sorted(dict.fromkeys((signer.certificate, *signer.chain)))
    data_before = b"".join(
        (
            der.encode_integer(1),
            der.encode_set_of(sha256),
            der.encode_sequence(der.encode_object_identifier(cms.DATA)),
            der.context(0, *held),
        )
    )
    signer_before = der.encode_integer(1) + encode_issuer_serial(certificate) + sha256
    return SealTemplate(signer, before, after, data_before, signer_before, encode_signature_algorithm(certificate))


def cms_size_limit(signer: Signer, revocation: Sequence[bytes]) -> int:
    """How many bytes to reserve for a seal with a time stamp; never less than 16 KiB (PROTOCOL 7.3)."""
    template = prepare_seal(signer, revocation)
    constant = sum(map(len, (template.signed_before, template.signed_after, template.data_before, template.signer_before)))
    return max(_LEAST_ROOM, constant + MAX_TIME_STAMP + 2048)


def unpad_cms(contents: bytes) -> bytes:
    """The seal without the zero bytes that fill its room in the file.

    Raises:
        CmsProblem: FORMAT_FAILURE; something else than zeros follows, or there is no value.
    """
    try:
        length = der.encoded_length(contents)
    except MalformedDer as error:
        raise CmsProblem("FORMAT_FAILURE", f"seal: {error}") from error
    if contents[length:].strip(b"\x00"):
        raise CmsProblem("FORMAT_FAILURE", "expected only zeros after the seal")
    return contents[:length]


def parse_cms(data: bytes) -> SealCms:
    """Read a seal (DER, without padding) strictly.

    Raises:
        CmsProblem: FORMAT_FAILURE or CRYPTO_CONSTRAINTS_FAILURE.
    """
    signed_data = cms.parse_signed_data(data)
    signer = signed_data.signer
    # Step 9; the digest is asked for in `verify_cms`.
    if signed_data.content_type != cms.DATA or signed_data.content is not None:
        raise CmsProblem("FORMAT_FAILURE", "expected a seal that does not hold what it seals")
    # Step 10.
    if _SIGNING_TIME in signer.signed:
        raise CmsProblem("FORMAT_FAILURE", "expected no signing time in the seal")
    # Step 11.
    if signer.unsigned.keys() - {_SIGNATURE_TIME_STAMP}:
        raise CmsProblem("FORMAT_FAILURE", "expected no unsigned attribute but a time stamp")
    archival = signer.signed.get(_REVOCATION_ARCHIVAL)
    token = signer.unsigned.get(_SIGNATURE_TIME_STAMP)
    try:
        crls = _archived_crls(archival) if archival else ()
    except MalformedDer as error:
        raise CmsProblem("FORMAT_FAILURE", f"revocation lists: {error}") from error
    return SealCms(signed_data, crls, token.encoded if token else None)


def verify_cms(seal: SealCms, document_digest: bytes) -> VerifiedSeal:
    """Verify the signature of a seal over a document of which this is the SHA-256 digest (step 9, and 5 to 8 of `cms`).

    Raises:
        CmsProblem: any of its codes.
    """
    # Step 9.
    if seal.signed_data.signer.digest != "sha256":
        raise CmsProblem("CRYPTO_CONSTRAINTS_FAILURE", "expected a seal with SHA-256")
    certificate = cms.verify_signer(seal.signed_data, {"sha256": document_digest})
    others = tuple(read for encoded in seal.signed_data.certificates if (read := read_certificate(encoded)) != certificate)
    return VerifiedSeal(certificate, others, seal.crls, seal.signed_data.signer.signature, seal.time_stamp)


def _other_attributes(certificate: x509.Certificate, revocation: Sequence[bytes]) -> list[bytes]:
    attributes = [
        encode_attribute(cms.CONTENT_TYPE, der.encode_object_identifier(cms.DATA)),
        encode_attribute(cms.SIGNING_CERTIFICATE_V2, encode_certificate_reference(certificate)),
    ]
    if revocation:
        lists = der.context(0, der.encode_sequence(*dict.fromkeys(revocation)))
        attributes.append(encode_attribute(_REVOCATION_ARCHIVAL, der.encode_sequence(lists)))
    return attributes


def _read_archived_crls(element: Element) -> tuple[bytes, ...]:
    """RevocationInfoArchival: lists in [0], OCSP answers in [1] and others in [2], which we do not use."""
    fields = Fields(element, "archived revocation data")
    lists = fields.optional(0xA0)
    fields.optional(0xA1)
    fields.optional(0xA2)
    fields.end()
    if lists is None:
        return ()
    inner = lists.children()
    if len(inner) != 1 or inner[0].tag != der.SEQUENCE:
        raise MalformedDer("expected a sequence of lists")
    found = tuple(crl.encoded for crl in inner[0].children())
    if len(found) > _MAX_LISTS:
        raise MalformedDer(f"expected at most {_MAX_LISTS} lists")
    return found


_archived_crls = der.remembering(_read_archived_crls, most_bytes=256 * 1024)
