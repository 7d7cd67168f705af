"""A time stamp authority of one's own (RFC 3161): for the exercise scheme, and for whoever runs one on a key of theirs.

The clock and the serial numbers are arguments; a serial number must never come back for the same certificate.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from blauweknop.standards import cms, cms_algorithms, der
from blauweknop.standards.cms_encoding import (
    encode_attribute,
    encode_certificate_reference,
    encode_issuer_serial,
    encode_signature_algorithm,
    signed_attributes_around,
)
from blauweknop.standards.der import Fields, MalformedDer
from blauweknop.standards.signing import Signer
from blauweknop.standards.timestamp import TST_INFO
from blauweknop.standards.x509 import read_certificate

__all__ = ["TimeStampAuthority"]

_ONE = der.encode_integer(1)
_SHA256 = der.encode_sequence(der.encode_object_identifier(cms_algorithms.SHA256))
_TST_INFO = der.encode_object_identifier(TST_INFO)
_SIGNED_DATA = der.encode_object_identifier(cms.SIGNED_DATA)
_DATA_BEFORE = der.encode_integer(3) + der.encode_set_of(_SHA256)
_GRANTED = der.encode_sequence(der.encode_integer(0))
_REJECTION = 2
# PKIFailureInfo as named bits (RFC 3161 section 2.4.2): the bit's number is counted from the left.
_BAD_ALGORITHM = der.encode(der.BIT_STRING, b"\x07\x80")
_BAD_REQUEST = der.encode(der.BIT_STRING, b"\x05\x20")
_BAD_FORMAT = der.encode(der.BIT_STRING, b"\x02\x04")
_UNACCEPTED_POLICY = der.encode(der.BIT_STRING, b"\x00\x00\x01")
_UNACCEPTED_EXTENSION = der.encode(der.BIT_STRING, b"\x07\x00\x00\x80")
_MAX_REQUEST = 4096


class TimeStampAuthority:
    """Answers requests with tokens signed by one key under one policy."""

    def __init__(self, signer: Signer, *, policy: str, now: Callable[[], datetime], serial: Callable[[], int]) -> None:
        """`now` gives aware moments; `serial` gives positive numbers that do not repeat; `policy` is an object identifier.

        Raises:
            MalformedCertificate: the certificate of the signer can not be read.
        """
        certificate = read_certificate(signer.certificate)
        self._signer = signer
        self._policy = der.encode_object_identifier(policy)
        self._now = now
        self._serial = serial
        reference = encode_attribute(cms.SIGNING_CERTIFICATE_V2, encode_certificate_reference(certificate))
        content_type = encode_attribute(cms.CONTENT_TYPE, _TST_INFO)
        self._before_digest, self._after_digest = signed_attributes_around((content_type, reference))
        self._signer_before = _ONE + encode_issuer_serial(certificate) + _SHA256
        self._algorithm = encode_signature_algorithm(certificate)
        self._certificates = der.context(0, *sorted(dict.fromkeys((signer.certificate, *signer.chain))))

    def respond(self, request: bytes) -> bytes:
        """The TimeStampResp (DER) to a TimeStampReq; a request we can not serve gives a response that says so, no exception."""
        try:
            answer = self._token_for(request)
        except MalformedDer:
            return _rejection(_BAD_FORMAT)
        if isinstance(answer, _Rejected):
            return _rejection(answer.failure)
        return der.encode_sequence(_GRANTED, answer)

    def _token_for(self, request: bytes) -> "bytes | _Rejected":
        """RFC 3161 section 2.4.1."""
        fields = Fields(der.parse(request, max_bytes=_MAX_REQUEST), "the request")
        version = der.read_integer(fields.take(der.INTEGER, "a version"))
        imprint = fields.take(der.SEQUENCE, "an imprint")
        policy = fields.optional(der.OBJECT_IDENTIFIER)
        nonce = fields.optional(der.INTEGER)
        with_certificates = fields.optional(der.BOOLEAN)
        extensions = fields.optional(0xA0)
        fields.end()
        der.require_der(imprint)
        parts = Fields(imprint, "an imprint")
        algorithm = Fields(parts.take(der.SEQUENCE, "a digest algorithm"), "a digest algorithm")
        digest = parts.take(der.OCTET_STRING, "a digest").content
        parts.end()
        if nonce is not None:
            der.read_integer(nonce)
        if version != 1:
            return _Rejected(_BAD_REQUEST)
        if der.read_object_identifier(algorithm.take(der.OBJECT_IDENTIFIER, "a digest algorithm")) != cms_algorithms.SHA256:
            return _Rejected(_BAD_ALGORITHM)
        if len(digest) != 32:
            return _Rejected(_BAD_FORMAT)
        if policy is not None and policy.encoded != self._policy:
            return _Rejected(_UNACCEPTED_POLICY)
        if extensions is not None:
            return _Rejected(_UNACCEPTED_EXTENSION)
        wanted = with_certificates is not None and der.read_boolean(with_certificates)
        return self._token(imprint.encoded, nonce.encoded if nonce else b"", with_certificates=wanted)

    def _token(self, imprint: bytes, nonce: bytes, *, with_certificates: bool) -> bytes:
        moment = der.encode_generalized_time(self._now().replace(microsecond=0))
        serial = der.encode_integer(self._serial())
        information = der.encode_sequence(_ONE, self._policy, imprint, serial, moment, nonce)
        attributes = self._before_digest + hashlib.sha256(information).digest() + self._after_digest
        signature = self._signer.sign(hashlib.sha256(attributes).digest())
        # The signature is over the SET OF; in the message it has the tag [0] (RFC 5652 section 5.4).
        signer = der.encode_sequence(self._signer_before, b"\xa0", attributes[1:], self._algorithm, der.encode_octets(signature))
        content = der.encode_sequence(_TST_INFO, der.context(0, der.encode_octets(information)))
        certificates = self._certificates if with_certificates else b""
        signed = der.encode_sequence(_DATA_BEFORE, content, certificates, der.encode(der.SET, signer))
        return der.encode_sequence(_SIGNED_DATA, der.context(0, signed))


@dataclass(frozen=True, slots=True)
class _Rejected:
    """A request that is well formed and not served."""

    failure: bytes


def _rejection(failure: bytes) -> bytes:
    return der.encode_sequence(der.encode_sequence(der.encode_integer(_REJECTION), failure))
