"""Revocation lists (RFC 5280 section 6.3): did an authority take a certificate back; silence is neither yes nor no.

A list counts, in steps:
1. It can be read, and no critical or partial extension narrows it (`crl_malformed`, `crl_critical`).
2. The issuer of the certificate signed it, with a strong digest, and may sign lists (`crl_signature`).
3. `thisUpdate` <= moment <= `nextUpdate`, give or take a minute (`crl_not_yet`, `crl_stale`).
4. The certificate is not on it with a revocation date at or before the moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID

from blauweknop.standards.x509 import STRONG_DIGESTS, UNREADABLE_X509, key_identifiers_agree, key_usages, strong_key

__all__ = ["NotRevoked", "Revocation", "RevocationUnknown", "RevocationUnknownReason", "Revoked", "check_revocation"]

RevocationUnknownReason = Literal["no_crl", "crl_malformed", "crl_critical", "crl_signature", "crl_stale", "crl_not_yet"]

_CLOCK_SKEW = timedelta(seconds=60)
_MAX_CRL = 8 * 1024 * 1024
_MAX_LISTS = 40
_PARTIAL = frozenset({ExtensionOID.DELTA_CRL_INDICATOR, ExtensionOID.ISSUING_DISTRIBUTION_POINT})


@dataclass(frozen=True, slots=True)
class NotRevoked:
    """Every certificate of the path is on the good side of a fresh list; `until` is when the first of those grows old."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate was taken back before the moment asked for; `place` 0 is the leaf, higher is an authority."""

    place: int
    moment: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RevocationUnknown:
    """No list answers for the certificate at this place of the path."""

    place: int
    reason: RevocationUnknownReason


Revocation = NotRevoked | Revoked | RevocationUnknown


def check_revocation(path: Sequence[x509.Certificate], crls: Sequence[bytes], at: datetime) -> Revocation:
    """What the given lists (DER) say of every certificate of a built path, except its anchor, at the aware moment `at`."""
    lists = [_read(crl) for crl in crls[:_MAX_LISTS]]
    answers = [_answer(place, certificate, path[place + 1], lists, at) for place, certificate in enumerate(path[:-1])]
    for worst in (Revoked, RevocationUnknown):
        for answer in answers:
            if isinstance(answer, worst):
                return answer
    return NotRevoked(min((answer.until for answer in answers if isinstance(answer, NotRevoked) and answer.until), default=None))


@lru_cache(maxsize=64)
def _read(der: bytes) -> x509.CertificateRevocationList | None:
    if len(der) > _MAX_CRL:
        return None
    try:
        crl = x509.load_der_x509_crl(der)
        _ = (crl.extensions, crl.issuer, crl.signature_hash_algorithm, crl.last_update_utc, crl.next_update_utc)
    except UNREADABLE_X509:
        return None
    return crl


def _answer(
    place: int,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    crls: Sequence[x509.CertificateRevocationList | None],
    at: datetime,
) -> Revocation:
    reason: RevocationUnknownReason = "crl_malformed" if None in crls else "no_crl"
    until: datetime | None = None
    for crl in crls:
        if crl is None or crl.issuer != certificate.issuer:
            continue
        problem = _problem(crl, issuer, at)
        if problem is not None or crl.next_update_utc is None:
            reason = problem or "crl_stale"
            continue
        # Step 4.
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None and entry.revocation_date_utc <= at:
            return Revoked(place, entry.revocation_date_utc, _reason(entry))
        until = max(until or crl.next_update_utc, crl.next_update_utc)
    return NotRevoked(until) if until else RevocationUnknown(place, reason)


def _problem(crl: x509.CertificateRevocationList, issuer: x509.Certificate, at: datetime) -> RevocationUnknownReason | None:
    # Step 1: delta, indirect and partial lists say so in a critical extension.
    if any(extension.critical or extension.oid in _PARTIAL for extension in crl.extensions):
        return "crl_critical"
    # Step 2.
    allowed = "crl_sign" in key_usages(issuer) and strong_key(issuer) and isinstance(crl.signature_hash_algorithm, STRONG_DIGESTS)
    if not allowed or not key_identifiers_agree(crl.extensions, issuer) or not _signed(crl, issuer):
        return "crl_signature"
    # Step 3.
    if crl.last_update_utc > at + _CLOCK_SKEW:
        return "crl_not_yet"
    if crl.next_update_utc is None or crl.next_update_utc < at - _CLOCK_SKEW:
        return "crl_stale"
    return None


def _signed(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return False
    try:
        return crl.is_signature_valid(key)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


def _reason(entry: x509.RevokedCertificate) -> str:
    """The reason code of RFC 5280 section 5.3.1; a wrong or absent one does not make the certificate good again."""
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except (x509.ExtensionNotFound, *UNREADABLE_X509):
        return "unspecified"
