"""What pyHanko says of the signatures in a foreign file: the second judge, behind our own reading of it (`document.foreign`).

pyHanko is the extra `[seals]` and is loaded only here, when a file needs it. It gets no network: nothing is fetched, all certificates,
revocation lists and answers are those in the file. Its own reading of the file must agree with ours, and its answers become codes of
`reasons`; none of its objects leaves this module. For each signature:

1. it is DER, with signed attributes, by one signer                                                   EN 319 122-1 clause 5.1
2. digest and signature are right, it covers its revision, and what follows is no change              EN 319 102-1 clause 5.2.7
3. its time stamp, or one over the whole document, is of a trusted authority                          5.4
4. a path leads to an anchor, with keys and digests that are strong enough, at that time or else now  5.2.6
5. nothing on that path was taken back, by lists and answers in the file                              5.2.5
"""

import struct
import zlib
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, TypeVar

from cryptography.exceptions import InvalidSignature

from blauweknop.document.foreign.signatures import ForeignSignature
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import der
from blauweknop.standards.der import MalformedDer
from blauweknop.standards.x509 import UNREADABLE_X509

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureStatus
    from pyhanko_certvalidator import ValidationContext

__all__ = ["Anchors", "JudgeMissing", "Judgement", "judge_signatures", "load_judge"]

_SMALLEST_RSA = 3072
_WEAK_DIGESTS = frozenset({"md2", "md5", "sha1"})
_MOST_PROOFS = 64
_ABOVE_ALL = 1000  # no message of a log is as grave
_MOST_CMS = 2 * 1024 * 1024
# What comes out of hostile bytes beside the errors of pyHanko itself (`_unreadable`): it looks things up that are not there, and its
# parts unpack and read binary data.
_UNREADABLE = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, RuntimeError, TypeError, ValueError),
    *UNREADABLE_X509,
    *(InvalidSignature, MalformedDer, struct.error, zlib.error),
)
_Result = TypeVar("_Result")


class JudgeMissing(BlauweKnopError):
    """pyHanko is not installed."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Certificates (DER) that a path may end at: for signers, with what may stand `between`, and for time stamps of since when."""

    signers: tuple[bytes, ...] = field(default=(), repr=False)
    between: tuple[bytes, ...] = field(default=(), repr=False)
    stamps: Mapping[bytes, datetime] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """On one signature, as codes of `reasons`; None where there is nothing to say against it.

    `broken` is about the bytes, `stamp` about its time stamps, `chain` about the path to an anchor, `revocation` about what was taken back
    of it. `certificate` is that of the signer and `anchor` where its path ends (DER); `stamped` is the earliest moment that is proved.
    """

    broken: str | None = None
    certificate: bytes | None = field(default=None, repr=False)
    stamped: datetime | None = None
    stamp: str | None = None
    chain: str | None = None
    anchor: bytes | None = field(default=None, repr=False)
    revocation: str | None = None


def judge_signatures(pdf: bytes, signatures: Sequence[ForeignSignature], anchors: Anchors, at: datetime) -> tuple[Judgement, ...]:
    """A judgement on each signature that is no time stamp, in their order; `signatures` are those that we read ourselves.

    Raises: JudgeMissing.
    """
    if not load_judge():
        raise JudgeMissing("other seals need pyHanko", remedy="pip install 'blauweknop[seals]'")
    own = [signature for signature in signatures if not signature.is_time_stamp]
    try:
        court = _Court(pdf, signatures, anchors, at)
        over_all = court.document_stamps()
        return tuple(court.judge(signature, over_all) for signature in own)
    except _unreadable():
        # Our reading of the file was good and that of pyHanko is not: two readers see two files.
        return tuple(Judgement("seal_format") for _ in own)


def load_judge() -> bool:
    """Load pyHanko, which takes half a second; False where it is not installed."""
    try:
        import pyhanko.sign.validation.pdf_embedded
    except ModuleNotFoundError:
        return False
    return pyhanko is not None


def _unreadable() -> tuple[type[Exception], ...]:
    """What pyHanko raises for files, paths, lists and answers that it cannot make sense of; these have nothing above them in common."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko_certvalidator.errors import CRLValidationError, OCSPValidationError, PathError, ValidationError

    return *_UNREADABLE, PdfError, CRLValidationError, OCSPValidationError, PathError, ValidationError


class _Broken(Exception):
    """A signature is not in order, for this reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Court:
    """pyHanko with the file before it."""

    def __init__(self, pdf: bytes, signatures: Sequence[ForeignSignature], anchors: Anchors, at: datetime) -> None:
        from pyhanko.pdf_utils.reader import PdfFileReader

        _keep_quiet()
        self._at, self._anchors = at, anchors
        self._reader = PdfFileReader(BytesIO(pdf), strict=True)
        found = {tuple(int(part) for part in one.byte_range): one for one in self._reader.embedded_signatures}
        self._found: Mapping[tuple[int, ...], EmbeddedPdfSignature] = found
        self._stamps = [signature for signature in signatures if signature.is_time_stamp]
        if found.keys() != {signature.byte_range for signature in signatures}:
            raise ValueError("expected the signatures that we found ourselves")
        self._proofs = _proofs_of(self._reader)

    def document_stamps(self) -> Sequence[tuple[int, datetime]]:
        """The time stamps over the whole document that are right and trusted, each with its revision; one that is wrong counts for none."""
        from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_timestamp

        right: list[tuple[int, datetime]] = []
        for signature in self._stamps:
            embedded = self._found[signature.byte_range]
            _require_der(signature.cms)
            status = _finish(async_validate_pdf_timestamp(embedded, self._context(tuple(self._anchors.stamps), self._at, "require")))
            if not status.intact or not status.valid:
                raise ValueError("expected each document time stamp to fit the file")
            if status.trusted and self._recognised_since(status) <= status.timestamp <= self._at:
                right.append((signature.revision, status.timestamp))
        return right

    def judge(self, signature: ForeignSignature, over_all: Sequence[tuple[int, datetime]]) -> Judgement:
        try:
            return self._judge(signature, over_all)
        except _Broken as broken:
            return Judgement(broken.code)

    def _judge(self, signature: ForeignSignature, over_all: Sequence[tuple[int, datetime]]) -> Judgement:
        from pyhanko.sign.validation.errors import SignatureValidationError

        # 1
        embedded = self._found[signature.byte_range]
        try:
            _require_der(signature.cms)
            _require_attributes(embedded)
            status = self._status(embedded, self._at, "none")
            certificate = embedded.signer_cert.dump()
        except SignatureValidationError as error:
            missing = getattr(error.ades_subindication, "standard_name", "") == "NO_SIGNING_CERTIFICATE_FOUND"
            raise _Broken("seal_certificate_missing" if missing else "seal_format") from error
        except _unreadable() as error:
            raise _Broken("seal_format") from error
        # 2
        _require_intact(status)
        # 3
        moments = [moment for revision, moment in over_all if revision > signature.revision]
        stamp = self._stamp_problem(status)
        if stamp is None and status.timestamp_validity is not None:
            moments.append(status.timestamp_validity.timestamp)
        stamped = min(moments, default=None)
        # 4, 5
        proofs = _archived_in(embedded)
        moment = stamped or self._at
        timed = self._status(embedded, moment, "none", proofs)
        chain, revocation = _chain_problem(timed, begun=embedded.signer_cert.not_valid_before <= moment), None
        if chain is None:
            revocation = _revocation_problem(self._status(embedded, moment, "require", proofs))
        return Judgement(None, certificate, stamped, None if stamped else stamp, chain, _anchor_of(timed), revocation)

    def _stamp_problem(self, status: "PdfSignatureStatus") -> str | None:
        stamp = status.timestamp_validity
        if stamp is None:
            return "time_stamp_missing"
        if not stamp.intact:
            raise _Broken("time_stamp_imprint")
        if not stamp.valid:
            raise _Broken("time_stamp_signature")
        if not stamp.trusted or stamp.timestamp < self._recognised_since(stamp):
            return "time_stamp_unknown"
        return "time_stamp_future" if stamp.timestamp > self._at else None

    def _recognised_since(self, status: "SignatureStatus") -> datetime:
        anchor = _anchor_of(status)
        return self._anchors.stamps.get(anchor, self._at) if anchor else self._at

    def _status(
        self, embedded: "EmbeddedPdfSignature", moment: datetime, revocation: str, proofs: "_Proofs | None" = None
    ) -> "PdfSignatureStatus":
        from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_signature
        from pyhanko.sign.validation.settings import KeyUsageConstraints

        usage = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
        return _finish(
            async_validate_pdf_signature(
                embedded,
                self._context(self._anchors.signers, moment, revocation, proofs),
                ts_validation_context=self._context(tuple(self._anchors.stamps), self._at, "require", proofs),
                key_usage_settings=usage,
            )
        )

    def _context(self, anchors: Sequence[bytes], moment: datetime, revocation: str, proofs: "_Proofs | None" = None) -> "ValidationContext":
        from asn1crypto import x509
        from pyhanko_certvalidator import ValidationContext
        from pyhanko_certvalidator.policy_decl import DisallowWeakAlgorithmsPolicy

        more = proofs or _Proofs()
        return ValidationContext(
            trust_roots=[x509.Certificate.load(anchor) for anchor in anchors],
            other_certs=[x509.Certificate.load(certificate) for certificate in (*self._proofs.certificates, *self._anchors.between)],
            crls=[*self._proofs.crls, *more.crls],
            ocsps=[*self._proofs.answers, *more.answers],
            moment=moment,
            allow_fetching=False,
            revocation_mode=revocation,
            # A list of after the moment says what was taken back by then; dates on it are compared with the moment.
            retroactive_revinfo=True,
            algorithm_usage_policy=DisallowWeakAlgorithmsPolicy(  # type: ignore[no-untyped-call] # it has no types
                _WEAK_DIGESTS, rsa_key_size_threshold=_SMALLEST_RSA
            ),
        )


@dataclass(frozen=True, slots=True)
class _Proofs:
    """Certificates, revocation lists and answers (OCSP) that came with the file, DER."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    answers: tuple[bytes, ...] = ()


def _keep_quiet() -> None:
    """pyHanko would log what is wrong with whose certificate; the names of signers are nobody's business but the verdict's."""
    from pyhanko.sign.validation import generic_cms

    for name in ("pyhanko", "pyhanko_certvalidator"):
        generic_cms.logger.manager.getLogger(name).setLevel(_ABOVE_ALL)


def _proofs_of(reader: "PdfFileReader") -> _Proofs:
    """Those below /DSS."""
    root = reader.root
    if "/DSS" not in root:
        return _Proofs()
    store = root["/DSS"]  # unlike `get`, this follows a reference

    def read(key: str) -> tuple[bytes, ...]:
        if key not in store:
            return ()
        listed = list(store[key])
        if len(listed) > _MOST_PROOFS:
            raise ValueError("expected fewer proofs")
        return tuple(item.get_object().data for item in listed)

    return _Proofs(read("/Certs"), read("/CRLs"), read("/OCSPs"))


def _archived_in(embedded: "EmbeddedPdfSignature") -> _Proofs:
    """Those in the signed attribute adbe-revocationInfoArchival (PROTOCOL 7.3)."""
    for attribute in embedded.signer_info["signed_attrs"]:
        if attribute["type"].native == "adobe_revocation_info_archival":
            archived = attribute["values"][0]
            crls, answers = (tuple(item.dump() for item in archived[name] or ()) for name in ("crl", "ocsp"))
            if len(crls) + len(answers) <= _MOST_PROOFS:
                return _Proofs((), crls, answers)
    return _Proofs()


def _require_der(cms: bytes) -> None:
    der.require_der(der.parse(cms, max_bytes=_MOST_CMS))


def _require_attributes(embedded: "EmbeddedPdfSignature") -> None:
    """The digest of the file must be among what was signed, or other attributes could be read for it (RFC 5652 section 11)."""
    kinds = [attribute["type"].native for attribute in embedded.signer_info["signed_attrs"]]
    if kinds.count("message_digest") != 1 or kinds.count("content_type") != 1:
        raise ValueError("expected the digest and the type of the content among the signed attributes")


def _require_intact(status: "PdfSignatureStatus") -> None:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    if not status.intact:
        raise _Broken("seal_hash")
    if not status.valid:
        raise _Broken("seal_signature")
    if status.coverage not in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION):
        raise _Broken("seal_coverage")
    if status.modification_level not in (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING):
        raise _Broken("other_changed")
    if not status.docmdp_ok or not status.seed_value_ok:
        raise _Broken("other_changed")


_CHAIN = {
    "NO_CERTIFICATE_CHAIN_FOUND": "other_seal_unknown",
    "OUT_OF_BOUNDS_NO_POE": "other_seal_ended",
    "CHAIN_CONSTRAINTS_FAILURE": "chain_constraints",
    "CRYPTO_CONSTRAINTS_FAILURE": "seal_algorithm",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "seal_algorithm",
}
_REVOCATION = {"REVOKED_NO_POE": "certificate_revoked", "REVOKED_CA_NO_POE": "authority_revoked", "TRY_LATER": "crl_stale"}


def _chain_problem(status: "PdfSignatureStatus", *, begun: bool) -> str | None:
    """`begun` says whether the certificate of the signer was valid by then: pyHanko has one word for that and for all else on a path."""
    problem = status.trust_problem_indic
    if problem is None:
        return None
    if problem.standard_name == "CERTIFICATE_CHAIN_GENERAL_FAILURE" and not begun:
        return "certificate_not_yet_valid"
    return _CHAIN.get(problem.standard_name, "chain_not_found")


def _revocation_problem(status: "PdfSignatureStatus") -> str | None:
    problem = status.trust_problem_indic
    return None if problem is None else _REVOCATION.get(problem.standard_name, "no_crl")


def _anchor_of(status: "SignatureStatus") -> bytes | None:
    from pyhanko_certvalidator.authority import AuthorityWithCert

    if status.validation_path is None or status.trust_problem_indic is not None:
        return None
    authority = status.validation_path.trust_anchor.authority
    return authority.certificate.dump() if isinstance(authority, AuthorityWithCert) else None


def _finish(work: Coroutine[object, object, _Result]) -> _Result:
    """What a coroutine gives that waits for nothing, since nothing is fetched; so no event loop and no socket is needed."""
    try:
        work.send(None)
    except StopIteration as finished:
        result: _Result = finished.value
        return result
    work.close()
    raise RuntimeError("expected a check that waits for nothing")
