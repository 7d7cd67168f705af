"""The keys of those who vouch for the receivers of the exercise, and of the receivers themselves.

Files, below the folder of an exercise scheme:

    receivers/authority.pem  authority-key.pem            issues access certificates, and nothing else
    receivers/registrar.pem  registrar-key.pem            signs registrations and their status list
    receivers/<id>/access.pem  access-key.pem             signs the requests of a receiver; a year
    receivers/<id>/seal.pem  seal-key.pem                 seals its dossiers (contentCommitment); a year
    receivers/<id>/link-key.pem                           opens documents that people send it without a wallet
    receivers/<id>/<package>.jwt                          what it may ask with one package; made anew when asked for

The authority is no part of the scheme's own: it says nothing about seals, and that of seals says nothing about receivers. The seal of a
receiver is of the authority of the scheme, which says what the organisation is called and not that it may certify anything (ADR 0036).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import text
from blauweknop.domain.identifiers import Oin
from blauweknop.register.exercise_certificates import (
    OPERATOR_NAME,
    YEAR,
    ExerciseSchemeProblem,
    PrivateKey,
    certificate_builder,
    end_entity,
    for_seals,
    issue,
    new_key,
    operator_certificate_name,
    read_authority,
    read_file,
    read_key,
    read_signer,
    replace_file,
    with_authority,
    write_certificates,
    write_pair,
)
from blauweknop.register.exercise_receivers import (
    EXERCISE_RECEIVERS,
    RECEIVERS_SITE,
    ExerciseReceiver,
    exercise_registration,
    exercise_uses,
)
from blauweknop.register.receivers import publish_registration_status, register_receiver
from blauweknop.standards.access_certificate import NCP_LEGAL
from blauweknop.standards.jwk import EncryptionKey, thumbprint
from blauweknop.standards.lote import ServiceKind, ServiceStatus, TrustedEntity, TrustService
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.x509 import certificates_from_pem

__all__ = [
    "REGISTER_URL",
    "REGISTRAR_OIN",
    "ExerciseReceivers",
    "add_receivers",
    "open_receivers",
    "published_registrations",
    "registrar_entity",
    "registration_status",
    "write_registrations",
]

REGISTER_URL = "https://register.example"
"""Where the register is when nobody says where."""
REGISTRAR_OIN = Oin("00000099000000000003")

_RENEW_BEFORE = timedelta(days=30)
_LINK_KEY = "link-key.pem"


@dataclass(frozen=True, slots=True)
class ExerciseReceivers:
    """The receivers of an exercise scheme on disk."""

    folder: Path

    def authority(self) -> x509.Certificate:
        """Who issues access certificates. Raises: ExerciseSchemeProblem."""
        return certificates_from_pem(read_file(self.folder / "authority.pem"))[0]

    def registrar(self) -> KeySigner:
        """The key of the registrar. Raises: ExerciseSchemeProblem."""
        return read_signer(self.folder / "registrar.pem")

    def access(self, receiver: str) -> KeySigner:
        """The key that signs the requests of the receiver with this short name. Raises: ExerciseSchemeProblem."""
        return read_signer(self.folder / receiver / "access.pem")

    def seal(self, receiver: str) -> KeySigner:
        """The key that seals the dossiers of the receiver with this short name. Raises: ExerciseSchemeProblem."""
        return read_signer(self.folder / receiver / "seal.pem")

    def link_key(self, receiver: str) -> EncryptionKey:
        """What people encrypt documents to for the receiver with this short name. Raises: ExerciseSchemeProblem."""
        key = read_key(self.folder / receiver / _LINK_KEY)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ExerciseSchemeProblem("expected a P-256 key for links", remedy=f"remove {_LINK_KEY}; it is made anew")
        return EncryptionKey(key.public_key(), thumbprint(key.public_key()))

    def registration(self, receiver: str, package: str | None = None) -> str:
        """The registration certificate of the receiver with this short name, for a package or its main one.

        Raises:
            ExerciseSchemeProblem: there is none, or it can not be read.
        """
        main = next((known.main for known in EXERCISE_RECEIVERS if known.id == receiver), receiver)
        return read_file(self.folder / receiver / f"{package or main}.jwt").decode("ascii")


def open_receivers(scheme_folder: Path) -> ExerciseReceivers | None:
    """The receivers of a scheme; None in a folder that was made before there were any."""
    folder = scheme_folder / "receivers"
    return ExerciseReceivers(folder) if folder.exists() else None


def add_receivers(scheme_folder: Path, *, now: datetime, years: int = 3) -> ExerciseReceivers:
    """Make what is missing of the receivers of a scheme, and renew access certificates in their last month with the same key.

    Raises:
        ExerciseSchemeProblem: the folder can not be read or written.
    """
    folder = scheme_folder / "receivers"
    try:
        if not (folder / "authority.pem").exists():
            _new_authority(folder / "authority.pem", now)
            _new_registrar(folder / "registrar.pem", now, years)
        for receiver in EXERCISE_RECEIVERS:
            _renew_access(folder, receiver, now)
            _renew_seal(scheme_folder, receiver, now)
            _add_link_key(folder / receiver.id / _LINK_KEY)
    except OSError as error:
        raise ExerciseSchemeProblem("expected a folder in which keys can be written", remedy="check the rights of the folder") from error
    return ExerciseReceivers(folder)


def write_registrations(receivers: ExerciseReceivers, catalogue: Catalogue, *, register_url: str = REGISTER_URL, now: datetime) -> None:
    """Write the registrations of each receiver anew.

    Raises:
        ExerciseSchemeProblem: the keys can not be read, or the folder can not be written.
    """
    registrar = receivers.registrar()
    for receiver, package in exercise_uses():
        registration = exercise_registration(
            receiver,
            package,
            catalogue,
            status_uri=_status_uri(register_url),
            now=now,
            link_key=receivers.link_key(receiver.id),
        )
        try:
            replace_file(receivers.folder / receiver.id / f"{package.id}.jwt", register_receiver(registration, registrar).encode("ascii"))
        except OSError as error:
            raise ExerciseSchemeProblem("expected a folder in which registrations can be written") from error


def published_registrations(receivers: ExerciseReceivers) -> tuple[str, ...]:
    """All registrations as they were written last. Raises: ExerciseSchemeProblem."""
    return tuple(receivers.registration(receiver.id, package.id) for receiver, package in exercise_uses())


def registration_status(
    receivers: ExerciseReceivers, *, register_url: str = REGISTER_URL, at: datetime, withdrawn: tuple[str, ...] = ()
) -> tuple[str, bytes]:
    """The address of the status list of registrations, and the list of now; `withdrawn` are short names of receivers.

    Raises:
        ExerciseSchemeProblem: the keys can not be read.
    """
    places = [place for place, (receiver, _) in enumerate(exercise_uses()) if receiver.id in withdrawn]
    uri = _status_uri(register_url)
    return uri, publish_registration_status(places, receivers.registrar(), uri=uri, at=at).encode("ascii")


def registrar_entity(receivers: ExerciseReceivers, *, register_url: str = REGISTER_URL, since: datetime) -> TrustedEntity:
    """Who vouches for receivers, as it stands on the trust list. Raises: ExerciseSchemeProblem."""
    authority = receivers.authority().public_bytes(Encoding.DER)
    certificates = {ServiceKind.RECEIVER_ACCESS: authority, ServiceKind.RECEIVER_REGISTRATION: receivers.registrar().certificate}
    return TrustedEntity(
        oin=REGISTRAR_OIN,
        name=text("receiver.registrar"),
        legal_name=OPERATOR_NAME,
        services=tuple(TrustService(kind, (encoded,), ServiceStatus.GRANTED, since) for kind, encoded in certificates.items()),
        status_list_hosts=(urlsplit(register_url).netloc.lower(),),
    )


def _status_uri(register_url: str) -> str:
    return f"{register_url}/register/statuslists/ontvangers"


def _new_authority(file: Path, now: datetime) -> None:
    key = new_key("P-256")
    name = operator_certificate_name("OEFENING toegang van ontvangers")
    builder = with_authority(certificate_builder(name, key, (now, now + 10 * YEAR)).issuer_name(name), path_length=0)
    write_pair(file, (builder.sign(key, hashes.SHA256()),), key)


def _new_registrar(file: Path, now: datetime, years: int) -> None:
    """Known by its own certificate, which stands on the trust list, so it needs no authority."""
    key = new_key("P-256")
    name = operator_certificate_name("OEFENING register van ontvangers")
    builder = end_entity(name, key, (now, now + years * YEAR), "digital_signature").issuer_name(name)
    write_pair(file, (builder.sign(key, hashes.SHA256()),), key)


def _add_link_key(file: Path) -> None:
    """In one step: a stop in between leaves none, and no empty one."""
    if not file.exists():
        fresh = file.with_name(f".{file.name}.new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(new_key("P-256").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        fresh.replace(file)


def _renew_access(folder: Path, receiver: ExerciseReceiver, now: datetime) -> None:
    file = folder / receiver.id / "access.pem"
    key = _key_to_certify(file, now)
    if key is None:
        return
    builder = end_entity(_subject(receiver), key, (now, now + YEAR), "digital_signature")
    contact = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"{RECEIVERS_SITE}/{receiver.id}")])
    builder = builder.add_extension(contact, critical=False)
    policy = x509.PolicyInformation(x509.ObjectIdentifier(NCP_LEGAL), None)
    builder = builder.add_extension(x509.CertificatePolicies([policy]), critical=False)
    _write(file, (issue(builder, read_authority(folder / "authority.pem")),), key)


def _renew_seal(scheme_folder: Path, receiver: ExerciseReceiver, now: datetime) -> None:
    """In a folder without an authority for seals there are none."""
    file = scheme_folder / "receivers" / receiver.id / "seal.pem"
    authority = scheme_folder / "ca" / "issuing.pem"
    key = _key_to_certify(file, now) if authority.exists() else None
    if key is not None:
        issuing = read_authority(authority)
        builder = for_seals(end_entity(_subject(receiver), key, (now, now + YEAR), "content_commitment"))
        _write(file, (issue(builder, issuing), issuing.certificate), key)


def _key_to_certify(file: Path, now: datetime) -> PrivateKey | None:
    """A new key, or that of a certificate in its last month; None when there is nothing to do."""
    if not file.exists():
        return new_key("P-256")
    ends = certificates_from_pem(read_file(file))[0].not_valid_after_utc
    return read_key(file.with_name(f"{file.stem}-key.pem")) if ends - now <= _RENEW_BEFORE else None


def _subject(receiver: ExerciseReceiver) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, receiver.legal_name),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, receiver.identifier),
            x509.NameAttribute(NameOID.COMMON_NAME, receiver.name),
        ]
    )


def _write(file: Path, certificates: Sequence[x509.Certificate], key: PrivateKey) -> None:
    if file.exists():
        write_certificates(file, certificates)
    else:
        write_pair(file, certificates, key)
