"""Signed data of which a test can break any part; written apart from the product's own writer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from blauweknop.standards import der
from tests.unit.standards.pki import Issued

DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
REFERENCE = "1.2.840.113549.1.9.16.2.12"
REFERENCE_V2 = "1.2.840.113549.1.9.16.2.47"
TIME_STAMP = "1.2.840.113549.1.9.16.2.14"
REVOCATION = "1.2.840.113583.1.1.8"
DIGESTS = {"sha1": "1.3.14.3.2.26", "sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2"}
ECDSA_SHA256 = "1.2.840.10045.4.3.2"
RSA_SHA256 = "1.2.840.113549.1.1.11"


def algorithm(identifier: str, *parameters: bytes) -> bytes:
    return der.encode_sequence(der.encode_object_identifier(identifier), *parameters)


def attribute(kind: str, *values: bytes) -> bytes:
    return der.encode_sequence(der.encode_object_identifier(kind), der.encode(der.SET, *values))


def reference(issued: Issued, *parts: bytes) -> bytes:
    digest = der.encode_octets(hashlib.sha256(issued.der).digest())
    return der.encode_sequence(der.encode_sequence(der.encode_sequence(digest, *parts)))


def pss(digest: str, salt: int) -> bytes:
    inner = algorithm(DIGESTS[digest])
    mask = algorithm("1.2.840.113549.1.1.8", inner)
    parameters = der.encode_sequence(der.context(0, inner), der.context(1, mask), der.context(2, der.encode_integer(salt)))
    return algorithm("1.2.840.113549.1.1.10", parameters)


@dataclass(frozen=True)
class Message:
    """The parts of signed data; `attributes` None means the ordinary three."""

    signer: Issued
    content_digest: bytes
    content_type: str = DATA
    signed_content_type: str | None = None
    content: bytes | None = None
    version: int | None = None
    digest: str = "sha256"
    digest_algorithms: Sequence[str] = ("sha256",)
    attributes: Sequence[bytes] | None = None
    more_attributes: Sequence[bytes] = ()
    sort: bool = True
    signature_algorithm: bytes = algorithm(ECDSA_SHA256)
    signature: bytes | None = None
    unsigned: Sequence[bytes] = ()
    certificates: Sequence[bytes] | None = None
    issuer: bytes | None = None
    signer_version: int = 1
    signers: int = 1
    tail: bytes = b""
    outer_type: str = SIGNED_DATA
    salt: int | None = field(default=None)

    def but(self, **changes: object) -> "Message":
        return replace(self, **changes)  # type: ignore[arg-type] # the names are those of the fields above

    def encoded(self) -> bytes:
        signer = self._signer()
        signers = der.encode(der.SET, *(signer for _ in range(self.signers)))
        certificates = [self.signer.der] if self.certificates is None else self.certificates
        content = der.context(0, der.encode_octets(self.content)) if self.content is not None else b""
        version = self.version if self.version is not None else (1 if self.content_type == DATA else 3)
        body = der.encode_sequence(
            der.encode_integer(version),
            der.encode_set_of(*(algorithm(DIGESTS[name]) for name in self.digest_algorithms)),
            der.encode_sequence(der.encode_object_identifier(self.content_type), content),
            der.context(0, *certificates),
            signers,
            self.tail,
        )
        return der.encode_sequence(der.encode_object_identifier(self.outer_type), der.context(0, body))

    def ordinary_attributes(self) -> list[bytes]:
        return [
            attribute(CONTENT_TYPE, der.encode_object_identifier(self.signed_content_type or self.content_type)),
            attribute(MESSAGE_DIGEST, der.encode_octets(self.content_digest)),
            attribute(REFERENCE_V2, reference(self.signer)),
        ]

    def _signer(self) -> bytes:
        attributes = [*(self.ordinary_attributes() if self.attributes is None else self.attributes), *self.more_attributes]
        signed = der.encode(der.SET, *sorted(attributes, reverse=not self.sort))
        certificate = self.signer.certificate
        return der.encode_sequence(
            der.encode_integer(self.signer_version),
            der.encode_sequence(self.issuer or certificate.issuer.public_bytes(), der.encode_integer(certificate.serial_number)),
            algorithm(DIGESTS[self.digest]),
            b"\xa0" + signed[1:],
            self.signature_algorithm,
            der.encode_octets(self.signature or self._sign(signed)),
            der.context(1, *sorted(self.unsigned)) if self.unsigned else b"",
        )

    def _sign(self, signed: bytes) -> bytes:
        chosen = hashes.SHA384() if self.digest == "sha384" else hashes.SHA256()
        if isinstance(self.signer.key, ec.EllipticCurvePrivateKey):
            return self.signer.key.sign(signed, ec.ECDSA(chosen))
        assert isinstance(self.signer.key, rsa.RSAPrivateKey)
        scheme = padding.PKCS1v15() if self.salt is None else padding.PSS(padding.MGF1(chosen), self.salt)
        return self.signer.key.sign(signed, scheme, chosen)
