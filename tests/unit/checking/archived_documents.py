"""Documents that are kept for years: a scheme whose certificates end, the lists of several days, and who stamps after that."""

import functools
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.document.archiving import ArchiveLevel, archive
from blauweknop.document.augmenting import add_document_time_stamp
from blauweknop.domain.identifiers import Oin
from blauweknop.domain.texts import Text
from blauweknop.domain.verdict import CheckResult, Verdict
from blauweknop.register.exercise_certificates import Authority, read_authority
from blauweknop.register.exercise_keys import ExerciseScheme, KeyHolder, new_exercise_scheme, open_exercise_scheme, renew_crls
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustedEntity, TrustList, TrustService
from blauweknop.standards.x509 import read_certificate
from tests.unit.checking import exercise_documents as x

NEXT_DAY = x.NOW + timedelta(days=1)
BEFORE_THE_END = x.NOW + timedelta(days=650)  # certificates of the scheme live until day 695
LONG_AFTER = x.NOW + timedelta(days=1000)


@dataclass(frozen=True, slots=True)
class Scheme:
    """The keys of a scheme, and its lists by the moment of their issue; `revoked...` are those of who took something back."""

    seal: KeySigner = field(repr=False)
    credential: KeySigner = field(repr=False)
    time_stamp: KeySigner = field(repr=False)
    authorities: tuple[bytes, ...] = field(repr=False)
    lists: dict[datetime, tuple[bytes, ...]] = field(repr=False)
    revoked: tuple[bytes, ...] = field(repr=False)
    revoked_authority: tuple[bytes, ...] = field(repr=False)
    revoked_time_stamp: tuple[bytes, ...] = field(repr=False)
    issuing: Authority = field(repr=False)


@functools.cache
def scheme() -> Scheme:
    moments = (x.NOW - timedelta(hours=2), x.NOW, NEXT_DAY, BEFORE_THE_END)
    return _scheme(x.NOW - timedelta(days=400), moments, taken_back=NEXT_DAY)


@functools.cache
def later_scheme() -> Scheme:
    """Authorities and time stamps of years later."""
    return _scheme(x.NOW + timedelta(days=600), (BEFORE_THE_END, LONG_AFTER), taken_back=BEFORE_THE_END)


def _scheme(made: datetime, moments: Sequence[datetime], *, taken_back: datetime) -> Scheme:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "scheme"
        made_scheme = new_exercise_scheme(folder, [KeyHolder(x.DUO.oin, x.DUO.legal_name, "NTRNL-90000001", "duo")], now=made)
        lists = {moment: _renewed(made_scheme, moment) for moment in moments}
        seal, stamps = (read_certificate(one.certificate) for one in (made_scheme.seal_signer("duo"), made_scheme.time_stamp_signer()))
        (issuing,) = (one for one in made_scheme.authorities() if one.subject != one.issuer)
        return Scheme(
            made_scheme.seal_signer("duo"),
            made_scheme.credential_signer("duo"),
            made_scheme.time_stamp_signer(),
            tuple(certificate.public_bytes(Encoding.DER) for certificate in made_scheme.authorities()),
            lists,
            _taken_back(folder, seal, taken_back),
            _taken_back(folder, issuing, taken_back),
            _taken_back(folder, stamps, taken_back),
            read_authority(folder / "ca" / "issuing.pem"),
        )


def _taken_back(folder: Path, gone: x509.Certificate, moment: datetime) -> tuple[bytes, ...]:
    """The lists of a moment, of a scheme that took this back two days earlier."""
    with tempfile.TemporaryDirectory() as name:
        other = Path(shutil.copytree(folder, Path(name) / "scheme"))
        renew_crls(other, now=moment - timedelta(days=2), revoked=[gone])
        return _renewed(open_exercise_scheme(other), moment)


def _renewed(made: ExerciseScheme, moment: datetime) -> tuple[bytes, ...]:
    renew_crls(made.folder, now=moment)
    return made.crls()


@functools.cache
def letter(language: str = "nl") -> bytes:
    said = x.content(language=language)
    return x.typeset(x.letter(said), x.attachments(said, sd_jwt=x.credential(said, signer=scheme().credential)))


def sealed(letter_pdf: bytes, *, stamped: bool = True) -> bytes:
    """Sealed an hour before `x.NOW` with the lists of an hour before that; each time with another signature, as long as the last."""
    keys = scheme()
    stamp = x.time_stamps(x.ISSUED, keys.time_stamp)
    return x.sealed(letter_pdf, signer=keys.seal, crls=keys.lists[x.NOW - timedelta(hours=2)], stamp=stamp, stamped=stamped)


@functools.cache
def document(*, stamped: bool = True) -> bytes:
    return sealed(letter(), stamped=stamped)


def archived(
    pdf: bytes, moment: datetime, *, level: ArchiveLevel = "B-LTA", crls: Sequence[bytes] | None = None, stamped_by: Scheme | None = None
) -> bytes:
    """The document with the lists of this moment, and the time stamp of a minute later."""
    lists = scheme().lists[moment] if crls is None else crls
    return archive(pdf, level, crls=lists, stamp=x.time_stamps(moment + timedelta(minutes=1), (stamped_by or scheme()).time_stamp))


@functools.cache
def kept(level: ArchiveLevel = "B-LTA") -> bytes:
    return archived(document(), NEXT_DAY, level=level)


@functools.cache
def renewed() -> bytes:
    """Kept the next day, and stamped again by the later authority just before the first certificates end."""
    lists = (*scheme().lists[BEFORE_THE_END], *later_scheme().lists[BEFORE_THE_END])
    return archived(kept(), BEFORE_THE_END, crls=lists, stamped_by=later_scheme())


def stamped(pdf: bytes, moment: datetime, signer: KeySigner | None = None) -> bytes:
    return add_document_time_stamp(pdf, x.time_stamps(moment, signer or scheme().time_stamp))


def stolen_time_stamps(moment: datetime) -> bytes:
    """The list of an hour after a moment at which the key of the time stamps was stolen."""
    issuing, made = scheme().issuing, moment + timedelta(hours=1)
    gone = x509.RevokedCertificateBuilder().serial_number(read_certificate(scheme().time_stamp.certificate).serial_number)
    gone = gone.revocation_date(moment).add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuing.certificate.subject).add_revoked_certificate(gone.build())
    builder = builder.last_update(made).next_update(made + timedelta(days=30))
    return builder.sign(issuing.key, hashes.SHA256()).public_bytes(Encoding.DER)


def trust(at: datetime, *, later: bool = True) -> Trust:
    """The trust list of that moment; `later`: with the authorities and time stamps that came later."""
    since, keys = x.NOW - timedelta(days=350), scheme()
    granted = ServiceStatus.GRANTED
    services = [
        TrustService(ServiceKind.CERTIFICATE_AUTHORITY, keys.authorities, granted, since),
        TrustService(ServiceKind.TIME_STAMP, (keys.time_stamp.certificate,), granted, since),
    ]
    if later:
        since_later = x.NOW + timedelta(days=601)
        services.append(TrustService(ServiceKind.CERTIFICATE_AUTHORITY, later_scheme().authorities, granted, since_later))
        services.append(TrustService(ServiceKind.TIME_STAMP, (later_scheme().time_stamp.certificate,), granted, since_later))
    operator = TrustedEntity(Oin.parse("00000099000000009999"), Text("Stelsel", "Scheme"), "OEFENING Stelsel Blauwe Knop", tuple(services))
    source = TrustedEntity(
        x.DUO.oin,
        Text(x.DUO.name, x.DUO.name),
        x.DUO.legal_name,
        (
            TrustService(ServiceKind.SEAL, (keys.seal.certificate,), granted, since),
            TrustService(ServiceKind.CREDENTIAL, (keys.credential.certificate,), granted, since),
        ),
        ("duo.studieschuld",),
        (),
    )
    issued = at - timedelta(days=1)
    return Trust(
        TrustList(7, issued, issued + timedelta(days=30), "OEFENING Stelsel Blauwe Knop", (operator, source), x.CHECK_URL, exercise=True)
    )


def verdict(pdf: bytes, at: datetime) -> Verdict:
    return check_document(pdf, trust=trust(at), at=at, catalogue=x.catalogue())


def reasons(pdf: bytes, at: datetime) -> dict[str, str]:
    """The steps that did not pass, and why."""
    return {step.id: step.reason for step in verdict(pdf, at).facts.steps if step.result is not CheckResult.OK}
