"""Certificates, lists and signers for tests, with every part that a test wants to break."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from blauweknop.standards.signing import KeySigner, key_signer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Extension = tuple[x509.ExtensionType, bool]


@dataclass(frozen=True)
class Issued:
    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def signer(self, *chain: "Issued") -> KeySigner:
        return key_signer(self.key, self.der, [above.der for above in chain])


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def usage(*names: str) -> Extension:
    every = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    every += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{name: name in names for name in every}), True


def constraints(*, authority: bool, path_length: int | None = None) -> Extension:
    return x509.BasicConstraints(ca=authority, path_length=path_length), True


AUTHORITY: tuple[Extension, ...] = (constraints(authority=True), usage("key_cert_sign", "crl_sign"))
SEAL: tuple[Extension, ...] = (constraints(authority=False), usage("content_commitment"))
MESSAGES: tuple[Extension, ...] = (constraints(authority=False), usage("digital_signature"))
STAMPING: tuple[Extension, ...] = (*MESSAGES, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True))


def name(common_name: str, organisation: str = "Proef") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def certify(
    common_name: str,
    issuer: Issued | None = None,
    extensions: Sequence[Extension] = AUTHORITY,
    *,
    key: Key | None = None,
    starts: datetime = NOW - YEAR,
    ends: datetime = NOW + YEAR,
    digest: hashes.SHA224 | hashes.SHA256 | hashes.SHA384 | None = None,
    authority_key: bytes | None = None,
    organisation: str = "Proef",
) -> Issued:
    """A certificate; without `issuer` it signs itself."""
    own = key or p256()
    signing = issuer.key if issuer else own
    subject = name(common_name, organisation)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.certificate.subject if issuer else subject)
    builder = builder.public_key(own.public_key()).serial_number(x509.random_serial_number()).not_valid_before(starts)
    builder = builder.not_valid_after(ends).add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
    if issuer:
        identifier = authority_key or x509.SubjectKeyIdentifier.from_public_key(signing.public_key()).digest
        builder = builder.add_extension(x509.AuthorityKeyIdentifier(identifier, None, None), critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return Issued(builder.sign(signing, digest or hashes.SHA256()), own)


def revocation_list(
    issuer: Issued,
    gone: Sequence[tuple[Issued, datetime]] = (),
    *,
    starts: datetime = NOW - timedelta(days=1),
    ends: datetime = NOW + timedelta(days=1),
    extensions: Sequence[Extension] = (),
    key: Key | None = None,
) -> bytes:
    """A revocation list (DER) of `issuer`."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject).last_update(starts).next_update(ends)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    for issued, moment in gone:
        entry = x509.RevokedCertificateBuilder().serial_number(issued.certificate.serial_number).revocation_date(moment)
        entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key or issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)
