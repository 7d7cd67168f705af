"""Letters of somebody else, sealed with pyHanko as a signer that knows nothing of us; and the means to tamper with them."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

import typst
from asn1crypto import keys
from asn1crypto import x509 as asn1
from asn1crypto.cms import ContentInfo
from asn1crypto.crl import CertificateList
from asn1crypto.ocsp import OCSPResponse
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pikepdf import Pdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from blauweknop.checking.trust import Trust
from blauweknop.domain.texts import Text
from blauweknop.standards import der
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustedEntity, TrustService
from tests.unit.checking import exercise_documents as x
from tests.unit.standards import pki

__all__ = ["DAY", "YEAR", "Change", "Stamp", "Stranger", "letter", "pki", "sealed", "stamped_over", "stranger", "trust_in", "with_proofs"]

_STATEMENTS = der.encode_sequence(
    der.encode_sequence(der.encode_object_identifier("0.4.0.1862.1.1")),
    der.encode_sequence(
        der.encode_object_identifier("0.4.0.1862.1.6"), der.encode_sequence(der.encode_object_identifier("0.4.0.1862.1.6.2"))
    ),
)
QUALIFIED_SEAL: pki.Extension = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3"), _STATEMENTS), False)
"""Says that a certificate is a qualified one for seals (EN 319 412-5)."""

Change = Callable[[Pdf], None]
Stamp = Callable[[bytes], bytes]
DAY, YEAR = timedelta(days=1), timedelta(days=365)


@dataclass(frozen=True)
class Stranger:
    """An organisation with a seal of its own, and the authority above it."""

    authority: pki.Issued = field(repr=False)
    seal: pki.Issued = field(repr=False)

    def signer(self) -> SimpleSigner:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call] # it has no types
        store.register_multiple([_asn1(self.authority), _asn1(self.seal)])
        key = self.seal.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return SimpleSigner(_asn1(self.seal), keys.PrivateKeyInfo.load(key), store, signature_mechanism=None)

    def revocation_list(self, *gone: pki.Issued, days_ago: int = 1, ends: timedelta = timedelta(days=2)) -> bytes:
        starts = x.NOW - timedelta(days=days_ago)
        return pki.revocation_list(self.authority, [(one, x.NOW - timedelta(hours=20)) for one in gone], starts=starts, ends=starts + ends)


def _asn1(issued: pki.Issued) -> asn1.Certificate:
    return asn1.Certificate.load(issued.der)


@functools.cache
def stranger(
    name: str = "Brief van een ander", *, organisation: str = "Proef", bits: int = 0, ended: bool = False, qualified: bool = False
) -> Stranger:
    """`bits` for an RSA key of that size; `ended` for a certificate that ended a week ago."""
    authority = pki.certify(f"Uitgever van {name}", starts=x.NOW - 2 * YEAR, ends=x.NOW + YEAR)
    key = rsa.generate_private_key(65537, bits) if bits else None
    ends = x.NOW - timedelta(days=7) if ended else x.NOW + YEAR
    extensions = (*pki.SEAL, QUALIFIED_SEAL) if qualified else pki.SEAL
    return Stranger(authority, pki.certify(name, authority, extensions, key=key, starts=x.NOW - YEAR, ends=ends, organisation=organisation))


@functools.cache
def letter(words: str = "Beste mevrouw, u krijgt 100 euro.") -> bytes:
    """As another organisation would make it; nothing in it says that it is ours."""
    return typst.compile(f'= Brief\n{words} #link("https://brief.example")[Meer]'.encode(), timestamp=0)


def sealed(
    pdf: bytes,
    who: Stranger,
    *,
    field_name: str = "Zegel",
    crls: Sequence[bytes] = (),
    certify: fields.MDPPerm | None = None,
    box: tuple[int, int, int, int] | None = None,
    pades: bool = True,
    digest: str = "sha256",
    stamped: bool = False,
    stamp_moment: datetime = x.ISSUED,
    stamp: Stamp | None = None,
    signer: SimpleSigner | None = None,
    lists_inside: Sequence[bytes] = (),
    answers_inside: Sequence[bytes] = (),
) -> bytes:
    """One more signature; with `crls` the proofs of that moment are added in a revision after it, those inside are among what is signed."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    metadata = signers.PdfSignatureMetadata(
        field_name=field_name,
        md_algorithm=digest,
        subfilter=fields.SigSeedSubFilter.PADES if pades else fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
        certify=certify is not None,
        docmdp_permissions=certify or fields.MDPPerm.FILL_FORMS,
        embed_validation_info=bool(lists_inside or answers_inside),
        validation_context=_context(who, lists_inside, answers_inside) if lists_inside or answers_inside else None,
    )
    spec = fields.SigFieldSpec(field_name, box=box)
    stamper = _Stamper(stamp or x.time_stamps(stamp_moment)) if stamped or stamp else None
    pdf_signer = _Signer(metadata, signer or who.signer(), new_field_spec=spec, timestamper=stamper)
    signed = bytes(pdf_signer.sign_pdf(writer).getvalue())
    return with_proofs(signed, crls) if crls else signed


def with_proofs(pdf: bytes, crls: Sequence[bytes] = (), *, answers: Sequence[bytes] = (), certificates: Sequence[bytes] = ()) -> bytes:
    """A store with these lists, answers and certificates in a revision of its own, whatever they say."""
    out = BytesIO(pdf)
    DocumentSecurityStore.add_dss(
        out,
        None,
        certs=[asn1.Certificate.load(certificate) for certificate in certificates],
        ocsps=[OCSPResponse.load(answer) for answer in answers],
        crls=[CertificateList.load(crl) for crl in crls],
    )
    return out.getvalue()


def stamped_over(pdf: bytes, stamp: Stamp) -> bytes:
    """A time stamp over the whole document, in a revision of its own."""
    stamping = signers.PdfTimeStamper(_Stamper(stamp), field_name="Tijd")
    return bytes(stamping.timestamp_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), "sha256").getvalue())


def _context(who: Stranger, lists: Sequence[bytes], answers: Sequence[bytes]) -> ValidationContext:
    return ValidationContext(
        trust_roots=[_asn1(who.authority)],
        crls=[CertificateList.load(one) for one in lists],
        ocsps=[OCSPResponse.load(one) for one in answers],
        allow_fetching=False,
        moment=x.NOW,
    )


class _Stamper(TimeStamper):
    """The time stamps of the exercise, asked for in pyHanko's way."""

    def __init__(self, stamp: Stamp) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # it has no types
        self._stamp = stamp

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> ContentInfo:
        return ContentInfo.load(self._stamp(message_digest))


class _Signer(signers.PdfSigner):
    """Signs also where an earlier seal says that nothing may follow, as an attacker would."""

    def _enforce_certification_constraints(self, reader: PdfFileReader) -> None:
        return


def trust_in(*who: Stranger, status: ServiceStatus = ServiceStatus.GRANTED) -> Trust:
    """The scheme's list with these strangers on it, each as a source with a seal and an authority."""
    since = x.NOW - timedelta(days=300)
    entities = [
        TrustedEntity(
            x.UWV.oin,
            Text("Ander", "Other"),
            "Ander",
            (
                TrustService(ServiceKind.SEAL, (one.seal.der,), status, since),
                TrustService(ServiceKind.CERTIFICATE_AUTHORITY, (one.authority.der,), ServiceStatus.GRANTED, since),
            ),
            ("duo.studieschuld",),
        )
        for one in who
    ]
    return x.trust(*entities)
