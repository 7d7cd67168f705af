"""Documents to attack: a small exercise scheme with two sources, and certified documents that are right but for one thing.

Keys are made once; a letter is typeset once for each content, and sealed as often as a test wants it.
"""

import functools
import itertools
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from blauweknop.catalogue import Catalogue, load_catalogue
from blauweknop.checking.trust import Trust
from blauweknop.document.attachment import Attachment
from blauweknop.document.certified import CREDENTIAL_NAME, DATA_NAME, disclosable
from blauweknop.document.content import Content, DocumentFacts, compose_content
from blauweknop.document.letter import Letter, compose_letter
from blauweknop.document.sealing import seal_pdf
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Selection, Snapshot, SourceIdentity, Subject
from blauweknop.domain.identifiers import Bsn, Oin
from blauweknop.domain.representation import Representative
from blauweknop.domain.texts import Text
from blauweknop.register import exercise_keys
from blauweknop.register.exercise_keys import TIME_STAMP_POLICY, ExerciseScheme, new_exercise_scheme, renew_crls
from blauweknop.register.exercise_receiver_keys import add_receivers
from blauweknop.standards import sd_jwt_vc
from blauweknop.standards.pades import cms_size_limit, prepare_seal
from blauweknop.standards.signing import KeySigner, key_signer
from blauweknop.standards.strict_json import canonical_json
from blauweknop.standards.time_stamp_authority import TimeStampAuthority
from blauweknop.standards.timestamp import stamper
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustedEntity, TrustList, TrustService
from blauweknop.standards.x509 import certificates_from_pem, read_certificate

NOW = datetime(2026, 11, 23, 14, 12, tzinfo=UTC)
ISSUED = NOW - timedelta(hours=1)
CHECK_URL = "https://controle.example"
DUO = SourceIdentity("duo", "duo", Oin.parse("00000099000000001000"), "DUO", "Dienst Uitvoering Onderwijs (oefening)")
UWV = SourceIdentity("uwv", "uwv", Oin.parse("00000099000000002000"), "UWV", "Uitvoeringsinstituut (oefening)")
BSN = "900000107"

DATA: dict[str, JsonValue] = {
    "schuldsaldo_inclusief_rente": 1234567,
    "rentepercentage": "0.0257",
    "rente_geldig_tot": "2026-12-31",
    "achterstand": 0,
    "terugbetaalregime": "SF35",
    "fase": "aflosfase",
    "wettelijk_maandbedrag": 9876,
    "te_betalen_maandbedrag": 4321,
    "resterende_maanden": 240,
    "schuldonderdelen": [{"soort": "lening", "bedrag": 1000000}, {"soort": "ov", "bedrag": 234567}],
}


@dataclass(frozen=True, slots=True)
class Exercise:
    """The keys and lists of the scheme; `revoked_crls` say that DUO's seal and the signing of reports were taken back."""

    seals: Mapping[str, KeySigner] = field(repr=False)
    credentials: Mapping[str, KeySigner] = field(repr=False)
    time_stamp: KeySigner = field(repr=False)
    list_signer: KeySigner = field(repr=False)
    anchor: x509.Certificate
    authorities: tuple[bytes, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)
    revoked_crls: tuple[bytes, ...] = field(repr=False)
    stale_crls: tuple[bytes, ...] = field(repr=False)
    check_service: tuple[KeySigner, KeySigner] = field(repr=False)
    receiver: KeySigner


@functools.cache
def exercise() -> Exercise:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "scheme"
        identities = [exercise_keys.KeyHolder(source.oin, source.legal_name, "NTRNL-90000001", source.id) for source in (DUO, UWV)]
        scheme = new_exercise_scheme(folder, identities, now=NOW - timedelta(days=400))
        stale = scheme.crls()
        renew_crls(folder, now=NOW - timedelta(hours=2))
        fresh = scheme.crls()
        gone = certificates_from_pem((folder / "sources" / "duo" / "seal.pem").read_bytes())[0]
        signing_of_reports = read_certificate(_check_service_of(scheme)[1].certificate)
        renew_crls(folder, now=NOW - timedelta(hours=2), revoked=[gone, signing_of_reports])
        return Exercise(
            {source: scheme.seal_signer(source) for source in ("duo", "uwv")},
            {source: scheme.credential_signer(source) for source in ("duo", "uwv")},
            scheme.time_stamp_signer(),
            scheme.trust_list_signer(),
            scheme.trust_anchor(),
            tuple(certificate.public_bytes(Encoding.DER) for certificate in scheme.authorities()),
            fresh,
            scheme.crls(),
            stale,
            _check_service_of(scheme),
            add_receivers(folder, now=NOW - timedelta(days=2)).seal("schuldhulp"),
        )


def _check_service_of(scheme: ExerciseScheme) -> tuple[KeySigner, KeySigner]:
    signers = scheme.check_service_signers()
    assert signers is not None
    return signers


def catalogue() -> Catalogue:
    return load_catalogue()


def dataset() -> Dataset:
    return catalogue().dataset("duo.studieschuld")


def content(
    *,
    source: SourceIdentity = DUO,
    parts: Sequence[str] = ("schuld", "terugbetalen", "onderdelen"),
    data: Mapping[str, JsonValue] | None = None,
    language: str = "nl",
    with_bsn: bool = False,
    issued_at: datetime = ISSUED,
    representative: Representative | None = None,
) -> Content:
    """What DUO says of a made-up person."""
    subject = Subject("Çağla Đorđe", "van der Łukasz", PartialDate(1985, 8), Bsn.parse(BSN) if with_bsn else None)
    snapshot = Snapshot("duo.studieschuld", subject, {**DATA, **(data or {})}, issued_at - timedelta(minutes=5))
    selection = Selection("duo.studieschuld", frozenset(parts), with_bsn=with_bsn)
    facts = DocumentFacts(
        "0f" * 16,
        "1e" * 16,
        "2d" * 16,
        issued_at,
        language,
        "https://duo.example/melden",
        check_url=CHECK_URL,
        representative=representative,
    )
    return compose_content(snapshot, selection, dataset(), source, facts)


def letter(said: Content) -> Letter:
    return compose_letter(said, dataset(), check_url=CHECK_URL, exercise=True)


def credential(said: Content, *, signer: KeySigner | None = None, vct: str | None = None, exp: datetime | None = None) -> str:
    """The SD-JWT over the same content, by DUO's own key unless another signs."""
    salts = random.Random(7)
    return sd_jwt_vc.issue(
        {name: value for name, value in said.items() if name != "$schema"},
        disclosable=disclosable(dataset()),
        signer=signer or exercise().credentials["duo"],
        vct=vct or dataset().type_uri,
        issuer="https://duo.example",
        issued_at=ISSUED.replace(hour=0, minute=0),
        expires_at=exp or ISSUED + timedelta(days=91),
        random_bytes=salts.randbytes,
    )


@functools.cache
def _typesetter() -> Typesetter:
    return Typesetter()


def attachments(said: Content, *, data: bytes | None = None, sd_jwt: str | None = None) -> list[Attachment]:
    return [
        Attachment(DATA_NAME, canonical_json(said) if data is None else data, "application/json", "data", "gegevens"),
        Attachment(
            CREDENTIAL_NAME, (credential(said) if sd_jwt is None else sd_jwt).encode(), "application/dc+sd-jwt", "alternative", "bewijs"
        ),
    ]


def typeset(shown: Letter, attached: Sequence[Attachment]) -> bytes:
    return _typesetter().typeset(shown, accent="#0b4a8f", attachments=attached, made_at=ISSUED)


def typeset_at(shown: Letter, *, accent: str, attachments: Sequence[Attachment], made_at: datetime) -> bytes:
    """The one way from a letter to a PDF, as documents without a seal take it."""
    return _typesetter().typeset(shown, accent=accent, attachments=attachments, made_at=made_at)


def time_stamps(moment: datetime = ISSUED, signer: KeySigner | None = None) -> Callable[[bytes], bytes]:
    serials = itertools.count(4711)
    authority = TimeStampAuthority(
        signer or exercise().time_stamp, policy=TIME_STAMP_POLICY, now=lambda: moment, serial=lambda: next(serials)
    )
    return stamper(authority.respond, lambda: 2**70 + next(serials))


def sealed(
    letter_pdf: bytes,
    *,
    signer: KeySigner | None = None,
    crls: Sequence[bytes] | None = None,
    stamp: Callable[[bytes], bytes] | None = None,
    stamped: bool = True,
) -> bytes:
    """The letter with the seal of DUO, fresh lists and a time stamp of an hour ago, unless told otherwise."""
    own = signer or exercise().seals["duo"]
    template = prepare_seal(own, exercise().crls if crls is None else crls)
    time_stamp = (stamp or time_stamps()) if stamped else None
    return seal_pdf(
        letter_pdf,
        seal=lambda digest: template.seal(digest, time_stamp),
        cms_size=cms_size_limit(own, exercise().stale_crls),
        alternate_text="Digitaal zegel van DUO",
        signer_name="DUO (oefening)",
        reason="Gewaarmerkt document van de bron",
        moment=ISSUED,
    )


@functools.cache
def good_letter() -> bytes:
    return typeset(letter(content()), attachments(content()))


@functools.cache
def good_document() -> bytes:
    return sealed(good_letter())


def stranger_document(organisation: str) -> bytes:
    """Right but for its seal, whose certificate nobody but its owner made, in this name."""
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)])
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(NOW - timedelta(days=9)).not_valid_after(NOW + timedelta(days=9))
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    return sealed(good_letter(), signer=key_signer(key, certificate, []))


def document_saying(said: Content, *, shown: Content | None = None, data: bytes | None = None, sd_jwt: str | None = None) -> bytes:
    """Sealed with the real key: `said` is in the data, `shown` (if other) on the page, `data` and `sd_jwt` replace an attachment."""
    return sealed(typeset(letter(shown or said), attachments(said, data=data, sd_jwt=sd_jwt)))


def changed(said: Content, **members: JsonValue) -> Content:
    return {**said, **members}


def entity(
    source: SourceIdentity,
    *,
    datasets: Sequence[str] = ("duo.studieschuld",),
    status: ServiceStatus = ServiceStatus.GRANTED,
    since: datetime = NOW - timedelta(days=300),
    hosts: Sequence[str] = (),
) -> TrustedEntity:
    keys = exercise()
    return TrustedEntity(
        source.oin,
        Text(source.name, source.name),
        source.legal_name,
        (
            TrustService(ServiceKind.SEAL, (keys.seals[source.id].certificate,), status, since),
            TrustService(
                ServiceKind.CREDENTIAL, (keys.credentials[source.id].certificate,), ServiceStatus.GRANTED, NOW - timedelta(days=300)
            ),
        ),
        tuple(datasets),
        tuple(hosts),
    )


def operator() -> TrustedEntity:
    """The scheme itself: its authorities and its time stamps."""
    since = NOW - timedelta(days=350)
    return TrustedEntity(
        Oin.parse("00000099000000009999"),
        Text("Stelsel", "Scheme"),
        "OEFENING Stelsel Blauwe Knop",
        (
            TrustService(ServiceKind.CERTIFICATE_AUTHORITY, exercise().authorities, ServiceStatus.GRANTED, since),
            TrustService(ServiceKind.TIME_STAMP, (exercise().time_stamp.certificate,), ServiceStatus.GRANTED, since),
        ),
    )


def trust_list(*entities: TrustedEntity, sequence: int = 7, issued: datetime = NOW - timedelta(days=1)) -> TrustList:
    members = entities or (entity(DUO), entity(UWV, datasets=("uwv.verzekeringsbericht",)))
    return TrustList(
        sequence, issued, issued + timedelta(days=30), "OEFENING Stelsel Blauwe Knop", (operator(), *members), CHECK_URL, exercise=True
    )


def trust(*entities: TrustedEntity) -> Trust:
    return Trust(trust_list(*entities))


def without_time_stamp_service() -> Trust:
    listed = trust_list()
    kept = tuple(service for service in operator().services if service.kind is not ServiceKind.TIME_STAMP)
    return Trust(replace(listed, entities=(replace(operator(), services=kept), *listed.entities[1:])))


def read(signer: KeySigner) -> x509.Certificate:
    return read_certificate(signer.certificate)
