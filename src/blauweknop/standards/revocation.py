"""Revocation lists (RFC 5280 section 6.3): did an authority take a certificate back; silence is neither yes nor no.

A list counts, in steps:
1. It can be read, and no critical or partial extension narrows it (`crl_malformed`, `crl_critical`).
2. The issuer of the certificate signed it, with a strong digest, and may sign lists (`crl_signature`).
3. `thisUpdate` <= moment <= `nextUpdate`, give or take a minute (`crl_not_yet`, `crl_stale`).
4. The certificate is not on it with a revocation date at or before the moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID

from blauweknop.standards.kept import Kept
from blauweknop.standards.x509 import STRONG_DIGESTS, UNREADABLE_X509, key_identifiers_agree, key_usages, strong_key

__all__ = ["NotRevoked", "Revocation", "RevocationUnknown", "RevocationUnknownReason", "Revoked", "check_revocation"]

RevocationUnknownReason = Literal["no_crl", "crl_malformed", "crl_critical", "crl_signature", "crl_stale", "crl_not_yet"]

_CLOCK_SKEW = timedelta(seconds=60)
_MAX_CRL = 8 * 1024 * 1024
_MAX_LISTS = 40
_MAX_KNOWN = 256 * 1024
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


@dataclass(frozen=True, slots=True, eq=False)
class _List:
    """A list that can be read."""

    crl: x509.CertificateRevocationList = field(repr=False)
    starts: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class _Standing:
    """What one list says of one certificate, whatever the moment: why it does not count, or since when the certificate is gone."""

    problem: RevocationUnknownReason | None
    gone: tuple[datetime, str] | None


def _read(der: bytes) -> _List | None:
    if len(der) > _MAX_CRL:
        return None
    return _read_known(der) if len(der) <= _MAX_KNOWN else _read_new(der)


def _read_new(der: bytes) -> _List | None:
    try:
        crl = x509.load_der_x509_crl(der)
        _ = (crl.extensions, crl.issuer, crl.signature_hash_algorithm)
        return _List(crl, crl.last_update_utc, crl.next_update_utc)
    except UNREADABLE_X509:
        return None


# The lists of the few authorities stand in document after document.
_read_known = lru_cache(maxsize=64)(_read_new)


def _answer(place: int, certificate: x509.Certificate, issuer: x509.Certificate, lists: Sequence[_List | None], at: datetime) -> Revocation:
    reason: RevocationUnknownReason = "crl_malformed" if None in lists else "no_crl"
    until: datetime | None = None
    for known in lists:
        standing = None if known is None else _STANDINGS.of(known, certificate, issuer)
        if known is None or standing is None:
            continue
        problem = standing.problem or _problem_at(known, at)
        if problem is not None or known.ends is None:
            reason = problem or "crl_stale"
            continue
        # Step 4.
        if standing.gone is not None and standing.gone[0] <= at:
            return Revoked(place, *standing.gone)
        until = max(until or known.ends, known.ends)
    return NotRevoked(until) if until else RevocationUnknown(place, reason)


def _standing(known: _List, certificate: x509.Certificate, issuer: x509.Certificate) -> _Standing | None:
    """None for a list of another authority."""
    crl = known.crl
    if crl.issuer != certificate.issuer:
        return None
    # Step 1: delta, indirect and partial lists say so in a critical extension.
    if any(extension.critical or extension.oid in _PARTIAL for extension in crl.extensions):
        return _Standing("crl_critical", None)
    # Step 2.
    allowed = "crl_sign" in key_usages(issuer) and strong_key(issuer) and isinstance(crl.signature_hash_algorithm, STRONG_DIGESTS)
    if not allowed or not key_identifiers_agree(crl.extensions, issuer) or not _signed(crl, issuer):
        return _Standing("crl_signature", None)
    try:
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        return _Standing(None, None if entry is None else (entry.revocation_date_utc, _reason(entry)))
    except UNREADABLE_X509:
        return _Standing("crl_malformed", None)


_STANDINGS = Kept(_standing, most=256)


def _problem_at(known: _List, at: datetime) -> RevocationUnknownReason | None:
    # Step 3.
    if known.starts - at > _CLOCK_SKEW:
        return "crl_not_yet"
    if known.ends is None or at - known.ends > _CLOCK_SKEW:
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
