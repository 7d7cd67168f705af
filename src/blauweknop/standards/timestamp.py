"""Time stamps (RFC 3161, RFC 5816): proof that bytes existed at a moment, asked for and verified.

Giving them is for `time_stamp_authority`.

Checks of a token, in steps:
1. It is signed data around a TSTInfo, verified as in `cms` (RFC 3161 section 2.4.2).
2. TSTInfo: version 1, a policy, the SHA-256 imprint of our bytes, minimal serial number, a time in UTC, our nonce.
3. The certificate may only stamp time: extended key usage timeStamping, critical and alone (RFC 3161 section 2.3).
4. The certificate was valid at the time it stamped.

Whether its certificate leads to an authority that we trust is the caller's next question (`x509.build_path`).
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import cms, cms_algorithms, der
from blauweknop.standards.cms_algorithms import CmsProblem
from blauweknop.standards.der import Element, Fields, MalformedDer
from blauweknop.standards.kept import Kept
from blauweknop.standards.x509 import certificate_facts, key_usages, read_certificate

__all__ = [
    "TST_INFO",
    "TimeStamp",
    "TimeStampProblem",
    "TimeStampProblemCode",
    "stamper",
    "time_stamp_request",
    "token_of_response",
    "verify_token",
]

TimeStampProblemCode = Literal[
    "time_stamp_malformed",
    "time_stamp_refused",
    "time_stamp_imprint",
    "time_stamp_nonce",
    "time_stamp_signature",
    "time_stamp_certificate",
    "time_stamp_expired",
]

TST_INFO = "1.2.840.113549.1.9.16.1.4"
_SHA256_IMPRINT = der.encode_sequence(der.encode_object_identifier(cms_algorithms.SHA256), der.encode(der.NULL))
_SHA256_IMPRINT_BARE = der.encode_sequence(der.encode_object_identifier(cms_algorithms.SHA256))
_GRANTED = 0
_MAX_RESPONSE = 64 * 1024


class TimeStampProblem(BlauweKnopError):
    """A time stamp that is refused; `code` says by which rule."""

    def __init__(self, code: TimeStampProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: TimeStampProblemCode = code


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A verified time stamp: the moment (UTC), who stamped, and the other certificates that came along."""

    moment: datetime
    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]
    policy: str
    serial: int


@dataclass(frozen=True, slots=True)
class _Information:
    """TSTInfo, read but not verified."""

    policy: str
    imprint_algorithm: bytes
    imprint: bytes = field(repr=False)
    serial: int
    moment: datetime
    nonce: int | None


def stamper(send: Callable[[bytes], bytes], nonce: Callable[[], int]) -> Callable[[bytes], bytes]:
    """What `pades.seal_digest` needs: from a SHA-256 digest to a verified token (DER), by way of `send` (request to response).

    `nonce` gives a fresh number of at least 64 random bits. The result raises TimeStampProblem.
    """

    def stamp(digest: bytes) -> bytes:
        number = nonce()
        token = token_of_response(send(time_stamp_request(digest, nonce=number)))
        verify_token(token, digest, nonce=number)
        return token

    return stamp


def time_stamp_request(digest: bytes, *, nonce: int) -> bytes:
    """A TimeStampReq (DER) for a SHA-256 digest; asks for the certificate of the authority (RFC 3161 section 2.4.1)."""
    imprint = der.encode_sequence(_SHA256_IMPRINT, der.encode_octets(digest))
    return der.encode_sequence(der.encode_integer(1), imprint, der.encode_integer(nonce), der.encode(der.BOOLEAN, b"\xff"))


def token_of_response(response: bytes) -> bytes:
    """The token (DER, still to be verified) inside a TimeStampResp.

    Raises:
        TimeStampProblem: time_stamp_refused when the authority granted nothing, time_stamp_malformed otherwise.
    """
    try:
        fields = Fields(der.parse(response, max_bytes=_MAX_RESPONSE), "the response")
        status = Fields(fields.take(der.SEQUENCE, "a status"), "a status")
        granted = der.read_integer(status.take(der.INTEGER, "a status"))
        # 1 is "granted with modifications": a token other than the one asked for.
        if granted != _GRANTED:
            raise TimeStampProblem("time_stamp_refused", "expected the time stamp authority to grant")
        token = fields.take(der.SEQUENCE, "a token")
        fields.end()
    except MalformedDer as error:
        raise TimeStampProblem("time_stamp_malformed", f"time stamp: {error}") from error
    return token.encoded


def verify_token(token: bytes, digest: bytes, *, nonce: int | None = None) -> TimeStamp:
    """Verify a TimeStampToken (DER) over bytes with this SHA-256 digest; `nonce` when we asked for it ourselves.

    Raises:
        TimeStampProblem: by the first rule that is broken; see the steps of this module.
    """
    # Step 1.
    try:
        signed = cms.parse_signed_data(token)
        if signed.content_type != TST_INFO or signed.content is None:
            raise TimeStampProblem("time_stamp_malformed", "expected a token around time stamp information")
        content = signed.content
        digest_of_content = hashlib.new(signed.signer.digest, content).digest()
        certificate = cms.verify_signer(signed, {signed.signer.digest: digest_of_content}, old_certificate_reference=True)
    except CmsProblem as error:
        code: TimeStampProblemCode = "time_stamp_malformed" if error.code == "FORMAT_FAILURE" else "time_stamp_signature"
        raise TimeStampProblem(code, f"time stamp: {error}") from error
    # Step 2.
    information = _read_information(content)
    if information.imprint_algorithm not in (_SHA256_IMPRINT, _SHA256_IMPRINT_BARE):
        raise TimeStampProblem("time_stamp_imprint", "expected a time stamp over a SHA-256 digest")
    if not hmac.compare_digest(information.imprint, digest):
        raise TimeStampProblem("time_stamp_imprint", "expected a time stamp over these bytes")
    if nonce is not None and information.nonce != nonce:
        raise TimeStampProblem("time_stamp_nonce", "expected the nonce of the request in the time stamp")
    # Steps 3 and 4.
    _TIME_STAMPING.of(certificate)
    facts = certificate_facts(certificate)
    if not facts.starts <= information.moment <= facts.ends:
        raise TimeStampProblem("time_stamp_expired", "expected a time stamp within the validity of its certificate")
    others = tuple(read for encoded in signed.certificates if (read := read_certificate(encoded)) != certificate)
    return TimeStamp(information.moment, certificate, others, information.policy, information.serial)


def _read_information(content: bytes) -> _Information:
    try:
        return _information(der.parse(content, max_bytes=_MAX_RESPONSE))
    except MalformedDer as error:
        raise TimeStampProblem("time_stamp_malformed", f"time stamp information: {error}") from error


def _information(element: Element) -> _Information:
    """RFC 3161 section 2.4.2, in its order; accuracy, ordering and name say nothing we act on."""
    der.require_der(element)
    fields = Fields(element, "time stamp information")
    if der.read_integer(fields.take(der.INTEGER, "a version")) != 1:
        raise MalformedDer("expected version 1")
    policy = der.read_object_identifier(fields.take(der.OBJECT_IDENTIFIER, "a policy"))
    imprint = Fields(fields.take(der.SEQUENCE, "an imprint"), "an imprint")
    algorithm = imprint.take(der.SEQUENCE, "a digest algorithm")
    digest = imprint.take(der.OCTET_STRING, "a digest")
    imprint.end()
    serial = der.read_integer(fields.take(der.INTEGER, "a serial number"))
    moment = der.read_generalized_time(fields.take(der.GENERALIZED_TIME, "a time"))
    fields.optional(der.SEQUENCE)
    ordering = fields.optional(der.BOOLEAN)
    if ordering is not None and not der.read_boolean(ordering):
        raise MalformedDer("expected the default to be left out")
    nonce = fields.optional(der.INTEGER)
    fields.optional(0xA0)
    extensions = fields.optional(0xA1)
    if extensions is not None and any(_critical(extension) for extension in extensions.children()):
        raise MalformedDer("expected no critical extension")
    fields.end()
    return _Information(policy, algorithm.encoded, digest.content, serial, moment, der.read_integer(nonce) if nonce else None)


def _critical(extension: Element) -> bool:
    fields = Fields(extension, "an extension")
    fields.take(der.OBJECT_IDENTIFIER, "an extension type")
    critical = fields.optional(der.BOOLEAN)
    return critical is not None and der.read_boolean(critical)


def _require_time_stamping(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as error:
        raise TimeStampProblem("time_stamp_certificate", "expected a certificate with an extended key usage") from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise TimeStampProblem("time_stamp_certificate", "expected a certificate that may only stamp time, said critically")
    if key_usages(certificate) - {"digital_signature", "content_commitment"}:
        raise TimeStampProblem("time_stamp_certificate", "expected a certificate that may only sign")


_TIME_STAMPING = Kept(_require_time_stamping, most=64)
