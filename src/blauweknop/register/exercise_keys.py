"""A scheme PKI for exercise: every key that a scheme needs, made in a moment and worth nothing.

All certificates carry the word OEFENING in their names. Real seals come from a qualified trust service, real keys from hardware.

Files, below one folder (certificates PEM, leaf first and the issuing authority after it; keys PKCS #8 PEM with mode 0600):

    ca/root.pem  ca/root-key.pem  ca/root.crl            revocation lists in DER
    ca/issuing.pem  ca/issuing-key.pem  ca/issuing.crl
    sources/<id>/seal.pem  seal-key.pem                   seals documents (contentCommitment)
    sources/<id>/credential.pem  credential-key.pem       signs credentials and status lists (digitalSignature), always P-256
    sources/<id>/seal-2.pem ...                           the next pairs of a source, see `exercise_roll_over`
    check-service/seal.pem  credential.pem                the same two of who runs the check, for its reports
    time-stamp/time-stamp.pem  time-stamp-key.pem         the time stamp authority
    trust-list/trust-list.pem  trust-list-key.pem         signs the trust list, always P-256
    receivers/                                            who vouches for receivers, and three of them: see `exercise_receiver_keys`
    wallets/                                              who vouches for wallets: see `exercise_wallets`
    trust-anchor.pem                                      the certificate to pin: that of the trust list signer
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Oin
from blauweknop.register.exercise_certificates import (
    OPERATOR_NAME,
    YEAR,
    Algorithm,
    Authority,
    ExerciseSchemeProblem,
    Life,
    authority_key,
    certificate_builder,
    end_entity,
    for_seals,
    issue,
    new_key,
    operator_certificate_name,
    read_authority,
    read_file,
    read_signer,
    replace_file,
    whole_seconds,
    with_authority,
    write_pair,
)
from blauweknop.register.exercise_receiver_keys import add_receivers
from blauweknop.register.exercise_wallets import add_wallets
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.x509 import certificates_from_pem

__all__ = [
    "CHECK_SERVICE",
    "OPERATOR_NAME",
    "TIME_STAMP_POLICY",
    "Algorithm",
    "ExerciseScheme",
    "ExerciseSchemeProblem",
    "KeyHolder",
    "add_check_service",
    "new_exercise_scheme",
    "open_exercise_scheme",
    "renew_crls",
]

TIME_STAMP_POLICY = "2.16.528.1.9999.1"
"""The policy of the exercise time stamps: a number under the Dutch arc that stands for nothing."""

_CRL_LIFE = timedelta(days=30)
_AUTHORITY_YEARS = 10
_ORGANIZATION_IDENTIFIER = NameOID.ORGANIZATION_IDENTIFIER
_TRUST_LIST_SIGNING = x509.ObjectIdentifier("0.4.0.2231.3.0")


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A source organisation as it stands in its certificates; `id` is its short name in file names.

    `seal_algorithm` is of its seal key, when that is another than the scheme's. `address` is where it issues credentials; its certificate
    for credentials names it, because wallets believe an `iss` only when the certificate says the same.
    """

    oin: Oin
    name: str
    organization_identifier: str
    id: str
    seal_algorithm: Algorithm | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", self.id):
            raise MalformedValue("expected a short name of lower case letters, digits and hyphens")


CHECK_SERVICE = KeyHolder(Oin("00000099000000000002"), "OEFENING Controledienst Blauwe Knop", "NTRNL-99999999", "controle")
"""Who runs the check in the exercise."""


@dataclass(frozen=True, slots=True)
class ExerciseScheme:
    """An exercise scheme on disk."""

    folder: Path

    def seal_signer(self, source: str) -> KeySigner:
        """The seal key of the source with this short name. Raises: ExerciseSchemeProblem."""
        return read_signer(self.folder / "sources" / source / "seal.pem")

    def credential_signer(self, source: str) -> KeySigner:
        """The credential key of the source with this short name. Raises: ExerciseSchemeProblem."""
        return read_signer(self.folder / "sources" / source / "credential.pem")

    def source_certificates(self, source: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Of all pairs of the source with this short name: the certificates (DER) for seals, and those for credentials.

        Raises:
            ExerciseSchemeProblem: there are none.
        """
        folder = self.folder / "sources" / source
        numbers = [_next_pair(file) for file in folder.glob("seal-*.pem")]
        endings = ["", *(f"-{number}" for number in sorted(number for number in numbers if number is not None))]
        seals, credentials = ([_leaf(folder / f"{use}{ending}.pem") for ending in endings] for use in ("seal", "credential"))
        return tuple(seals), tuple(credentials)

    def check_service_signers(self) -> tuple[KeySigner, KeySigner] | None:
        """The seal key and the signing key of who runs the check; None in an older folder. Raises: ExerciseSchemeProblem."""
        folder = self.folder / "check-service"
        return (read_signer(folder / "seal.pem"), read_signer(folder / "credential.pem")) if folder.exists() else None

    def time_stamp_signer(self) -> KeySigner:
        """The key of the time stamp authority. Raises: ExerciseSchemeProblem."""
        return read_signer(self.folder / "time-stamp" / "time-stamp.pem")

    def trust_list_signer(self) -> KeySigner:
        """The key of the trust list. Raises: ExerciseSchemeProblem."""
        return read_signer(self.folder / "trust-list" / "trust-list.pem")

    def authorities(self) -> tuple[x509.Certificate, x509.Certificate]:
        """The certificates of the root and of the issuing authority. Raises: ExerciseSchemeProblem."""
        return _authority(self.folder, "root").certificate, _authority(self.folder, "issuing").certificate

    def trust_anchor(self) -> x509.Certificate:
        """The certificate to pin. Raises: ExerciseSchemeProblem."""
        return certificates_from_pem(read_file(self.folder / "trust-anchor.pem"))[0]

    def crls(self) -> tuple[bytes, ...]:
        """The revocation lists (DER) of both authorities. Raises: ExerciseSchemeProblem."""
        return tuple(read_file(self.folder / "ca" / f"{authority}.crl") for authority in ("issuing", "root"))


def new_exercise_scheme(
    folder: Path, sources: Sequence[KeyHolder], *, now: datetime, algorithm: Algorithm = "P-256", years: int = 3
) -> ExerciseScheme:
    """Make a whole scheme in an empty or new folder; certificates of sources live `years`, those of authorities ten.

    `algorithm` is of the authorities, the seals and the time stamps; credentials and the trust list are always P-256.

    Raises:
        ExerciseSchemeProblem: the folder already holds keys, or can not be written.
    """
    if (folder / "ca").exists():
        raise ExerciseSchemeProblem(
            "expected a folder without keys; this one already holds an exercise scheme",
            remedy="choose another folder, or remove this one first",
        )
    ends = now + years * YEAR
    try:
        root = _new_root(folder, algorithm, now)
        issuing = _new_issuing(folder, algorithm, now, root)
        for source in sources:
            _new_source(folder / "sources" / source.id, source, source.seal_algorithm or algorithm, (now, ends), issuing)
        _new_source(folder / "check-service", CHECK_SERVICE, algorithm, (now, ends), issuing)
        _new_time_stamp(folder / "time-stamp", algorithm, (now, ends), issuing)
        _new_trust_list(folder, (now, ends))
        add_receivers(folder, now=now, years=years)
        add_wallets(folder, now=now, years=years)
        renew_crls(folder, now=now)
    except OSError as error:
        raise ExerciseSchemeProblem("expected a folder in which keys can be written", remedy="check the rights of the folder") from error
    return ExerciseScheme(folder)


def add_check_service(folder: Path, *, now: datetime, years: int = 3) -> None:
    """The keys of who runs the check, in a scheme that was made before it had them; nothing when they are there.

    Raises:
        ExerciseSchemeProblem: the authorities can not be read, or the folder can not be written.
    """
    if (folder / "check-service").exists():
        return
    issuing = _authority(folder, "issuing")
    try:
        _new_source(folder / "check-service", CHECK_SERVICE, "P-256", (now, now + years * YEAR), issuing)
    except OSError as error:
        raise ExerciseSchemeProblem("expected a folder in which keys can be written", remedy="check the rights of the folder") from error


def open_exercise_scheme(folder: Path) -> ExerciseScheme:
    """A scheme made before.

    Raises:
        ExerciseSchemeProblem: nothing there.
    """
    if not (folder / "ca" / "root.pem").is_file():
        raise ExerciseSchemeProblem("expected a folder with an exercise scheme", remedy="make one first: blauweknop keys new")
    return ExerciseScheme(folder)


def renew_crls(folder: Path, *, now: datetime, revoked: Sequence[x509.Certificate] = ()) -> None:
    """Write fresh revocation lists of both authorities, good for thirty days; what was on them stays, `revoked` is added.

    Raises:
        ExerciseSchemeProblem: the authorities can not be read.
    """
    for name in ("root", "issuing"):
        authority = _authority(folder, name)
        certificate = authority.certificate
        builder = x509.CertificateRevocationListBuilder().issuer_name(certificate.subject)
        builder = builder.last_update(whole_seconds(now)).next_update(whole_seconds(now) + _CRL_LIFE)
        builder = builder.add_extension(authority_key(certificate), critical=False)
        builder = builder.add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        file = folder / "ca" / f"{name}.crl"
        for entry in x509.load_der_x509_crl(file.read_bytes()) if file.exists() else ():
            builder = builder.add_revoked_certificate(entry)
        for gone in revoked:
            if gone.issuer == certificate.subject:
                fresh = x509.RevokedCertificateBuilder().serial_number(gone.serial_number).revocation_date(whole_seconds(now))
                fresh = fresh.add_extension(x509.CRLReason(x509.ReasonFlags.cessation_of_operation), critical=False)
                builder = builder.add_revoked_certificate(fresh.build())
        replace_file(file, builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER))


def _new_root(folder: Path, algorithm: Algorithm, now: datetime) -> Authority:
    key = new_key(algorithm)
    name = operator_certificate_name("OEFENING wortel")
    builder = certificate_builder(name, key, (now, now + _AUTHORITY_YEARS * YEAR)).issuer_name(name)
    builder = with_authority(builder, path_length=1)
    certificate = builder.sign(key, hashes.SHA256())
    write_pair(folder / "ca" / "root.pem", (certificate,), key)
    return Authority(certificate, key)


def _new_issuing(folder: Path, algorithm: Algorithm, now: datetime, root: Authority) -> Authority:
    key = new_key(algorithm)
    builder = certificate_builder(operator_certificate_name("OEFENING uitgever"), key, (now, now + _AUTHORITY_YEARS * YEAR))
    certificate = issue(with_authority(builder, path_length=0), root)
    write_pair(folder / "ca" / "issuing.pem", (certificate,), key)
    return Authority(certificate, key)


def _new_source(folder: Path, source: KeyHolder, algorithm: Algorithm, life: Life, issuing: Authority) -> None:
    key = new_key(algorithm)
    builder = for_seals(end_entity(_source_name(source, "zegel"), key, life, "content_commitment"))
    write_pair(folder / "seal.pem", (issue(builder, issuing), issuing.certificate), key)
    credential = new_key("P-256")
    builder = end_entity(_source_name(source, "attesten"), credential, life, "digital_signature")
    if source.address is not None:
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(source.address)])
        builder = builder.add_extension(names, critical=False)
    write_pair(folder / "credential.pem", (issue(builder, issuing), issuing.certificate), credential)


def _new_time_stamp(folder: Path, algorithm: Algorithm, life: Life, issuing: Authority) -> None:
    key = new_key(algorithm)
    builder = end_entity(operator_certificate_name("OEFENING tijdstempel"), key, life, "digital_signature")
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    write_pair(folder / "time-stamp.pem", (issue(builder, issuing), issuing.certificate), key)


def _new_trust_list(folder: Path, life: Life) -> None:
    key = new_key("P-256")
    name = operator_certificate_name("OEFENING vertrouwenslijst")
    builder = end_entity(name, key, life, "digital_signature").issuer_name(name)
    builder = builder.add_extension(x509.ExtendedKeyUsage([_TRUST_LIST_SIGNING]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    write_pair(folder / "trust-list" / "trust-list.pem", (certificate,), key)
    replace_file(folder / "trust-anchor.pem", certificate.public_bytes(Encoding.PEM))


def _next_pair(file: Path) -> int | None:
    """The number in `seal-2.pem`; None for another file, such as a key."""
    number = file.stem.removeprefix("seal-")
    return int(number) if number.isascii() and number.isdigit() else None


def _leaf(file: Path) -> bytes:
    return certificates_from_pem(read_file(file))[0].public_bytes(Encoding.DER)


def _source_name(source: KeyHolder, use: str) -> x509.Name:
    """EN 319 412-3 clause 4.2.1; the OIN stands in serialNumber, as in certificates of PKIoverheid."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, source.name),
            x509.NameAttribute(_ORGANIZATION_IDENTIFIER, source.organization_identifier),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, source.oin.digits),
            x509.NameAttribute(NameOID.COMMON_NAME, f"OEFENING {use} {source.id}"),
        ]
    )


def _authority(folder: Path, name: str) -> Authority:
    return read_authority(folder / "ca" / f"{name}.pem")
