"""Steps 6 to 10: when was it sealed, and by whom; and may that organisation say this?

All certificates are judged at the best-signature-time, so a document stays good when the certificate of its seal ends later, and a
document that was sealed after a certificate was taken back does not become good (EN 319 102-1 clauses 5.5 and 5.6).
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.domain.document import JsonValue
from blauweknop.standards.revocation import RevocationUnknown, Revoked, check_revocation
from blauweknop.standards.timestamp import TimeStamp, TimeStampProblem, verify_token
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustList
from blauweknop.standards.x509 import PathProblem, build_path, key_usages, name_value, read_certificate

__all__ = ["anchors", "check_chain", "check_issuer", "check_revocation_of_chain", "check_time_stamp", "check_trust_list", "encoded"]

_CLOCK_SKEW = timedelta(seconds=60)
_PATH_CODES = {
    "NO_CERTIFICATE_CHAIN_FOUND": "chain_not_found",
    "CHAIN_CONSTRAINTS_FAILURE": "chain_constraints",
    "CRYPTO_CONSTRAINTS_FAILURE": "chain_algorithm",
    "EXPIRED": "certificate_expired",
    "NOT_YET_VALID": "certificate_not_yet_valid",
}


def check_time_stamp(evidence: Evidence) -> None:
    """Step 6: a token over this signature, from a time that has passed (RFC 3161; EN 319 102-1 clause 5.4)."""
    if evidence.verified_seal is None:
        raise SkipStep
    token = evidence.verified_seal.time_stamp
    if token is None:
        raise StopStep("time_stamp_missing")
    try:
        stamp = verify_token(token, hashlib.sha256(evidence.verified_seal.signature).digest())
    except TimeStampProblem as error:
        raise StopStep(error.code) from error
    if stamp.moment > evidence.at + _CLOCK_SKEW:
        raise StopStep("time_stamp_future")
    evidence.time_stamp = stamp


def check_trust_list(evidence: Evidence) -> None:
    """Step 7: there is a list, and it is not too old (PROTOCOL 5.2)."""
    if evidence.trust.trust_list is None:
        raise StopStep(evidence.trust.problem or "no_trust_list")
    if evidence.trust.trust_list.stale_at(evidence.at):
        raise StopStep("trust_list_stale")


def check_chain(evidence: Evidence) -> None:
    """Step 8: the seal and the time stamp are of certificates on the list, with a path to an authority on the list."""
    trust_list, seal = evidence.trust.trust_list, evidence.verified_seal
    if trust_list is None or seal is None:
        raise SkipStep
    if seal.time_stamp is not None and evidence.time_stamp is None:
        raise SkipStep  # stamped in the future: a clock that is wrong cannot judge certificates
    doubt = _doubt_about_stamp(trust_list, evidence)
    certificate = encoded(seal.certificate)
    known = trust_list.service_of(certificate, ServiceKind.SEAL)
    if known is None:
        others = (kind for kind in ServiceKind if kind is not ServiceKind.SEAL)
        raise StopStep("signer_wrong_use" if any(trust_list.service_of(certificate, kind) for kind in others) else "signer_unknown")
    evidence.entity, evidence.service = known
    if not key_usages(seal.certificate) or not key_usages(seal.certificate) <= {"content_commitment", "digital_signature"}:
        raise StopStep("signer_wrong_use")
    _path(seal.certificate, seal.others, trust_list, evidence)
    if doubt is not None:
        raise doubt


def _doubt_about_stamp(trust_list: TrustList, evidence: Evidence) -> StopStep | None:
    """A time stamp of somebody we do not trust proves nothing: all later steps then judge at the moment of the check."""
    if evidence.time_stamp is None:
        return None
    try:
        _check_stamp_chain(evidence.time_stamp, trust_list, evidence)
    except StopStep as stop:
        evidence.time_stamp = None
        return stop
    return None


def _check_stamp_chain(stamp: TimeStamp, trust_list: TrustList, evidence: Evidence) -> None:
    known = trust_list.service_of(encoded(stamp.certificate), ServiceKind.TIME_STAMP)
    if known is None or known[1].status_at(stamp.moment) is not ServiceStatus.GRANTED:
        raise StopStep("time_stamp_unknown")
    _path(stamp.certificate, stamp.others, trust_list, evidence)


def _path(
    leaf: x509.Certificate, others: Sequence[x509.Certificate], trust_list: TrustList, evidence: Evidence
) -> tuple[x509.Certificate, ...]:
    try:
        return build_path(leaf, others, anchors(trust_list, evidence), evidence.best_signature_time)
    except PathProblem as error:
        raise StopStep(_PATH_CODES[error.code]) from error


def check_revocation_of_chain(evidence: Evidence) -> None:
    """Step 9: lists inside the seal say of both paths that nothing was taken back (EN 319 102-1 clause 5.2.5)."""
    trust_list, seal, stamp = evidence.trust.trust_list, evidence.verified_seal, evidence.time_stamp
    if trust_list is None or seal is None:
        raise SkipStep
    leaves = [(seal.certificate, seal.others, "certificate_revoked")]
    if stamp is not None:
        leaves.append((stamp.certificate, stamp.others, "time_stamp_revoked"))
    unknown: str | None = None
    for leaf, others, revoked in leaves:
        path = _path(leaf, others, trust_list, evidence)
        match check_revocation(path, seal.crls, evidence.best_signature_time):
            case Revoked(place=place):
                raise StopStep("authority_revoked" if place else revoked)
            case RevocationUnknown(reason=reason):
                unknown = unknown or reason
    if unknown is not None:
        raise StopStep(unknown)


def check_issuer(evidence: Evidence) -> None:
    """Step 10: the scheme stood behind this organisation at that time, for this data set, and it speaks in its own name."""
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


def anchors(trust_list: TrustList, evidence: Evidence) -> tuple[x509.Certificate, ...]:
    """The authorities that the scheme stood behind at the best-signature-time."""
    return tuple(map(read_certificate, trust_list.certificates(ServiceKind.CERTIFICATE_AUTHORITY, evidence.best_signature_time)))


def encoded(certificate: x509.Certificate) -> bytes:
    """DER."""
    return certificate.public_bytes(Encoding.DER)
