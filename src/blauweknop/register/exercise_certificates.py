"""How certificates and keys of an exercise are made, written and read back; what they are for is for `exercise_keys` to say."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import der
from blauweknop.standards.signing import KeySigner, key_signer
from blauweknop.standards.x509 import certificates_from_pem

__all__ = [
    "OPERATOR_NAME",
    "YEAR",
    "Algorithm",
    "Authority",
    "ExerciseSchemeProblem",
    "Life",
    "PrivateKey",
    "authority_key",
    "certificate_builder",
    "end_entity",
    "for_seals",
    "issue",
    "new_key",
    "operator_certificate_name",
    "read_authority",
    "read_file",
    "read_key",
    "read_signer",
    "replace_file",
    "whole_seconds",
    "with_authority",
    "write_certificates",
    "write_pair",
]

Algorithm = Literal["P-256", "RSA-3072"]
OPERATOR_NAME = "OEFENING Stelsel Blauwe Knop"
YEAR = timedelta(days=365)

_QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_QC_TYPE = der.encode_object_identifier("0.4.0.1862.1.6")
_ESEAL = der.encode_object_identifier("0.4.0.1862.1.6.2")

Life = tuple[datetime, datetime]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class ExerciseSchemeProblem(BlauweKnopError):
    """The folder of an exercise scheme is not as it must be."""


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority of the exercise that can issue."""

    certificate: x509.Certificate
    key: PrivateKey


def operator_certificate_name(common_name: str) -> x509.Name:
    """A name of the operator of the exercise."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, OPERATOR_NAME),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def new_key(algorithm: Algorithm) -> PrivateKey:
    """A fresh key."""
    if algorithm == "P-256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 3072)


def certificate_builder(name: x509.Name, key: PrivateKey, life: Life) -> x509.CertificateBuilder:
    """A certificate for this name and key that already lives a day, for clocks that are behind."""
    public = key.public_key()
    builder = x509.CertificateBuilder().subject_name(name).public_key(public).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(whole_seconds(life[0]) - timedelta(days=1)).not_valid_after(whole_seconds(life[1]))
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)


def with_authority(builder: x509.CertificateBuilder, *, path_length: int) -> x509.CertificateBuilder:
    """What makes a certificate that of an authority."""
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    return builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)


def end_entity(
    name: x509.Name, key: PrivateKey, life: Life, usage: Literal["content_commitment", "digital_signature"]
) -> x509.CertificateBuilder:
    """The certificate of who is no authority and has one use."""
    builder = certificate_builder(name, key, life).add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    allowed = _usage(content_commitment=usage == "content_commitment", digital_signature=usage == "digital_signature")
    return builder.add_extension(allowed, critical=True)


def for_seals(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """EN 319 412-5 clause 4.2.3: meant for seals; that it is qualified is not said."""
    statements = der.encode_sequence(der.encode_sequence(_QC_TYPE, der.encode_sequence(_ESEAL)))
    return builder.add_extension(x509.UnrecognizedExtension(_QC_STATEMENTS, statements), critical=False)


def _usage(
    *, digital_signature: bool = False, content_commitment: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def issue(builder: x509.CertificateBuilder, authority: Authority) -> x509.Certificate:
    """The certificate, signed by the authority."""
    builder = builder.issuer_name(authority.certificate.subject)
    return builder.add_extension(authority_key(authority.certificate), critical=False).sign(authority.key, hashes.SHA256())


def authority_key(certificate: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """How a certificate says which key signed it."""
    own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def whole_seconds(moment: datetime) -> datetime:
    """Certificates know no smaller parts of time."""
    return moment.replace(microsecond=0)


def write_pair(file: Path, certificates: Sequence[x509.Certificate], key: PrivateKey) -> None:
    """Certificates in `file`, and a new key beside it for its owner only. Raises: OSError, also when there is a key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    secret = os.open(file.with_name(f"{file.stem}-key.pem"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(secret, "wb") as out:
        out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_certificates(file, certificates)


def write_certificates(file: Path, certificates: Sequence[x509.Certificate]) -> None:
    """PEM, the leaf first. Raises: OSError."""
    replace_file(file, b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates))


def replace_file(file: Path, content: bytes) -> None:
    """In one step, so that a reader never sees half a file."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_bytes(content)
    fresh.replace(file)


def read_file(file: Path) -> bytes:
    """Raises: ExerciseSchemeProblem."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise ExerciseSchemeProblem(f"expected the file {file.name} of the exercise scheme") from error


def read_key(file: Path) -> PrivateKey:
    """Raises: ExerciseSchemeProblem."""
    try:
        key = load_pem_private_key(read_file(file), password=None)
    except (ValueError, TypeError) as error:
        raise ExerciseSchemeProblem(f"expected a private key without a password in {file.name}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ExerciseSchemeProblem(f"expected an elliptic curve key or an RSA key in {file.name}")
    return key


def read_authority(file: Path) -> Authority:
    """An authority by its certificate file. Raises: ExerciseSchemeProblem."""
    return Authority(certificates_from_pem(read_file(file))[0], read_key(file.with_name(f"{file.stem}-key.pem")))


def read_signer(file: Path) -> KeySigner:
    """Who signs with the certificate in `file`, the leaf first. Raises: ExerciseSchemeProblem."""
    leaf, *chain = (certificate.public_bytes(Encoding.DER) for certificate in certificates_from_pem(read_file(file)))
    return key_signer(read_key(file.with_name(f"{file.stem}-key.pem")), leaf, chain)
