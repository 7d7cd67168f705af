"""Steps 6 to 10: when was it sealed, and by whom; and may that organisation say this?

The seal is judged at the best-signature-time, so a document stays good when the certificate of its seal ends later, and a document that
was sealed after a certificate was taken back does not become good (EN 319 102-1 clauses 5.5 and 5.6). A time stamp is good as long as its
own certificate lives, or a later time stamp was put over it in that time.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from cryptography import x509
from cryptography.x509.oid import NameOID

from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.checking.trust import Trust
from blauweknop.document.pdf_revisions import DocumentTimeStamp, SecurityStore
from blauweknop.document.pdf_signature_bytes import covered_digest
from blauweknop.domain.document import JsonValue
from blauweknop.standards.revocation import Revocation, RevocationUnknown, Revoked, check_revocation
from blauweknop.standards.revocation_history import check_revocation_since, issued_at
from blauweknop.standards.timestamp import TimeStamp, TimeStampProblem, verify_token
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustedEntity, TrustList, TrustService
from blauweknop.standards.x509 import (
    MalformedCertificate,
    PathProblem,
    build_path,
    certificate_facts,
    key_usages,
    name_value,
    read_certificate,
    spares_in_order,
)

__all__ = [
    "LONG_TERM",
    "LONG_TERM_ARCHIVED",
    "anchors",
    "check_chain",
    "check_issuer",
    "check_revocation_of_chain",
    "check_service",
    "check_time_stamp",
    "check_trust_list",
    "credential_service",
    "encoded",
    "require_trust_list",
    "revocation_of",
]

LONG_TERM = "level_b_lt"
"""The remark of step 9 when the document also holds revocation lists after its seal; it is no reason."""
LONG_TERM_ARCHIVED = "level_b_lta"
"""The same, when a time stamp over these lists keeps it good after certificates have ended."""


_CLOCK_SKEW = timedelta(seconds=60)
_PATH_CODES = {
    "NO_CERTIFICATE_CHAIN_FOUND": "chain_not_found",
    "CHAIN_CONSTRAINTS_FAILURE": "chain_constraints",
    "CRYPTO_CONSTRAINTS_FAILURE": "chain_algorithm",
    "EXPIRED": "certificate_expired",
    "NOT_YET_VALID": "certificate_not_yet_valid",
}


def check_time_stamp(evidence: Evidence) -> None:
    """Step 6: a token over this signature, from a time that has passed (RFC 3161; EN 319 102-1 clause 5.4), and tokens over the file."""
    if evidence.verified_seal is None:
        raise SkipStep
    token, later = evidence.verified_seal.time_stamp, evidence.file.later if evidence.file else ()
    over_all = [step for step in later if isinstance(step, DocumentTimeStamp)]
    try:
        stamps = [verify_token(token, hashlib.sha256(evidence.verified_seal.signature).digest())] if token is not None else []
        stamps += [verify_token(step.token, covered_digest(evidence.pdf, step.byte_range)) for step in over_all]
    except TimeStampProblem as error:
        raise StopStep(error.code) from error
    if not stamps:
        raise StopStep("time_stamp_missing")
    if any(stamp.moment - evidence.at > _CLOCK_SKEW for stamp in stamps):
        raise StopStep("time_stamp_future")
    if any(earlier.moment - later.moment > _CLOCK_SKEW for earlier, later in pairwise(stamps)):
        raise StopStep("time_stamp_order")
    evidence.time_stamp, *archive = stamps
    evidence.archive = tuple(archive)


def check_trust_list(evidence: Evidence) -> None:
    """Step 7: there is a list, and it is not too old (PROTOCOL 5.2)."""
    require_trust_list(evidence.trust, evidence.at)


def require_trust_list(trust: Trust, at: datetime) -> None:
    """There is a list, and at that moment it was not too old.

    Raises:
        StopStep: `no_trust_list`, `trust_list_...`.
    """
    if trust.trust_list is None:
        raise StopStep(trust.problem or "no_trust_list")
    if trust.trust_list.stale_at(at):
        raise StopStep("trust_list_stale")


def check_chain(evidence: Evidence, use: ServiceKind = ServiceKind.SEAL) -> None:
    """Step 8: the seal and the time stamp are of certificates on the list for this use, with a path to an authority on the list."""
    trust_list, seal = evidence.trust.trust_list, evidence.verified_seal
    if trust_list is None or seal is None:
        raise SkipStep
    if evidence.time_stamp is None and (seal.time_stamp is not None or (evidence.file and evidence.file.later)):
        raise SkipStep  # stamped in the future: a clock that is wrong cannot judge certificates
    doubt = _doubt_about_stamps(trust_list, evidence)
    certificate = encoded(seal.certificate)
    known = trust_list.service_of(certificate, use)
    if known is None:
        others = (kind for kind in ServiceKind if kind is not use)
        raise StopStep("signer_wrong_use" if any(trust_list.service_of(certificate, kind) for kind in others) else "signer_unknown")
    evidence.entity, evidence.service = known
    if not key_usages(seal.certificate) or not key_usages(seal.certificate) <= {"content_commitment", "digital_signature"}:
        raise StopStep("signer_wrong_use")
    _message_path(seal.certificate, seal.others, trust_list, evidence.best_signature_time)
    if doubt is not None:
        raise doubt


def _doubt_about_stamps(trust_list: TrustList, evidence: Evidence) -> StopStep | None:
    """A time stamp of somebody we do not trust proves nothing: without any, all later steps judge at the moment of the check.

    From the last to the first: each must hold up to the next that is trusted, the last one up to now (EN 319 102-1 clause 5.6.3). One
    that has ended since leaves doubt, and still says at which moment all else is to be judged.
    """
    if evidence.time_stamp is None:
        return None
    doubt: StopStep | None = None
    trusted: list[TimeStamp] = []
    horizon = evidence.at
    for stamp in reversed((evidence.time_stamp, *evidence.archive)):
        try:
            _check_stamp_chain(stamp, trust_list)
        except StopStep as stop:
            doubt = stop
            continue
        if stamp.certificate.not_valid_after_utc < horizon:
            doubt = StopStep("time_stamp_aged")
        trusted.insert(0, stamp)
        horizon = stamp.moment
    evidence.time_stamp = trusted[0] if trusted else None
    evidence.archive = tuple(trusted[1:])
    return doubt


def _check_stamp_chain(stamp: TimeStamp, trust_list: TrustList) -> None:
    known = trust_list.service_of(encoded(stamp.certificate), ServiceKind.TIME_STAMP)
    if known is None or known[1].status_at(stamp.moment) is not ServiceStatus.GRANTED:
        raise StopStep("time_stamp_unknown")
    _message_path(stamp.certificate, stamp.others, trust_list, stamp.moment)


def _message_path(leaf: x509.Certificate, others: Sequence[x509.Certificate], trust_list: TrustList, moment: datetime) -> None:
    """Certificates in CMS, or beside an mdoc, are under no signature of the message (RFC 5652 5.1, RFC 9360 2): each must be in order."""
    path = _path(leaf, others, trust_list, moment)
    if not spares_in_order(others, (*path, *anchors(trust_list, moment))):
        raise StopStep("chain_constraints")


def _path(
    leaf: x509.Certificate, others: Sequence[x509.Certificate], trust_list: TrustList, moment: datetime
) -> tuple[x509.Certificate, ...]:
    try:
        return build_path(leaf, others, anchors(trust_list, moment), moment)
    except PathProblem as error:
        raise StopStep(_PATH_CODES[error.code]) from error


def credential_service(
    leaf: x509.Certificate, others: Sequence[x509.Certificate], trust_list: TrustList, moment: datetime
) -> tuple[TrustedEntity, TrustService]:
    """Step 8 for whoever signs credentials: the certificate itself is on the list for that, with a path to an authority on the list.

    Raises:
        StopStep: by the first rule that is broken.
    """
    certificate = encoded(leaf)
    known = trust_list.service_of(certificate, ServiceKind.CREDENTIAL)
    if known is None:
        listed = any(trust_list.service_of(certificate, kind) for kind in ServiceKind)
        raise StopStep("signer_wrong_use" if listed else "signer_unknown")
    if "digital_signature" not in key_usages(leaf):
        raise StopStep("signer_wrong_use")
    if leaf.subject == leaf.issuer:
        raise StopStep("chain_constraints")
    _message_path(leaf, others, trust_list, moment)
    return known


def check_revocation_of_chain(evidence: Evidence) -> str | None:
    """Step 9: lists in the seal and after it say of all paths that nothing was taken back (EN 319 102-1 clause 5.2.5).

    Gives the remark of the step: how far the document proves itself.
    """
    trust_list, seal, stamp = evidence.trust.trust_list, evidence.verified_seal, evidence.time_stamp
    if trust_list is None or seal is None:
        raise SkipStep
    _require_readable_store(evidence)
    moment = evidence.best_signature_time
    judged = [(seal.certificate, seal.others, moment, moment, "certificate_revoked")]
    stamps = () if stamp is None else (stamp, *evidence.archive)
    horizons = [*(later.moment for later in stamps[1:]), evidence.at]
    judged += [(one.certificate, one.others, one.moment, until, "time_stamp_revoked") for one, until in zip(stamps, horizons, strict=False)]
    unknown: str | None = None
    for leaf, others, used, horizon, revoked in judged:
        match revocation_of(_path(leaf, others, trust_list, used), evidence, moment=used, horizon=horizon):
            case Revoked(place=place):
                raise StopStep("authority_revoked" if place else revoked)
            case RevocationUnknown(reason=reason):
                unknown = unknown or reason
    if unknown is not None:
        raise StopStep(unknown)
    return _level(evidence)


def revocation_of(path: Sequence[x509.Certificate], evidence: Evidence, *, moment: datetime, horizon: datetime) -> Revocation:
    """What the lists in the document say of a path that was used at `moment`; see `check_revocation_since`.

    Without lists after the seal there are only those of the moment of sealing.
    """
    signed = evidence.verified_seal.crls if evidence.verified_seal else ()
    store = _last_store(evidence)
    if store is None:
        return check_revocation(path, signed, moment)
    return check_revocation_since(path, (*signed, *store.crls), moment=moment, horizon=horizon, now=evidence.at)


def _last_store(evidence: Evidence) -> SecurityStore | None:
    """The store of the document, which holds all earlier ones."""
    later = evidence.file.later if evidence.file else ()
    return next((step for step in reversed(later) if isinstance(step, SecurityStore)), None)


def _require_readable_store(evidence: Evidence) -> None:
    store = _last_store(evidence)
    if store is None:
        return
    try:
        for certificate in store.certificates:
            read_certificate(certificate)
    except MalformedCertificate as error:
        raise StopStep("security_store") from error
    if any(issued_at(crl) is None for crl in store.crls):
        raise StopStep("security_store")


def _level(evidence: Evidence) -> str | None:
    """The level of EN 319 142-1 clause 6 beyond B-T: with a store, and with a time stamp over that store."""
    later = evidence.file.later if evidence.file else ()
    first = next((place for place, step in enumerate(later) if isinstance(step, SecurityStore)), None)
    if first is None:
        return None
    return LONG_TERM_ARCHIVED if any(isinstance(step, DocumentTimeStamp) for step in later[first:]) else LONG_TERM


def check_service(evidence: Evidence) -> TrustedEntity:
    """The organisation of the seal, when the scheme stood behind that use at that time and the certificate names it."""
    entity, service, seal = evidence.entity, evidence.service, evidence.verified_seal
    if entity is None or service is None or seal is None:
        raise SkipStep
    match service.status_at(evidence.best_signature_time):
        case ServiceStatus.WITHDRAWN:
            raise StopStep("service_withdrawn")
        case None:
            raise StopStep("service_not_started")
    if name_value(seal.certificate.subject, NameOID.SERIAL_NUMBER) != entity.oin.digits:
        raise StopStep("certificate_oin")
    return entity


def check_issuer(evidence: Evidence) -> None:
    """Step 10: the scheme stood behind this organisation at that time, for this data set, and it speaks in its own name."""
    entity = check_service(evidence)
    content = evidence.content
    if content is None:
        raise SkipStep
    if content.get("type") not in entity.datasets:
        raise StopStep("issuer_not_entitled")
    source = content.get("source")
    if not isinstance(source, dict) or [source.get("oin"), content.get("issuing_authority_oin")] != [entity.oin.digits] * 2:
        raise StopStep("source_oin")
    if not _own_names(source, content, (entity.name.nl, entity.name.en, entity.legal_name)):
        raise StopStep("source_name")


def _own_names(source: dict[str, JsonValue], content: dict[str, JsonValue], names: Sequence[str]) -> bool:
    return source.get("name") in names and content.get("issuing_authority") in names


def anchors(trust_list: TrustList, moment: datetime) -> tuple[x509.Certificate, ...]:
    """The authorities that the scheme stood behind at the moment."""
    return tuple(map(read_certificate, trust_list.certificates(ServiceKind.CERTIFICATE_AUTHORITY, moment)))


def encoded(certificate: x509.Certificate) -> bytes:
    """DER."""
    return certificate_facts(certificate).encoded
