"""Revocation looked at later: lists that came after the moment in question say more than those of that moment.

A list counts as in `revocation`; beside lists of the moment itself, in steps (EN 319 102-1 clauses 5.2.5 and 5.6.2):
1. A list issued after the moment says what happened up to its own issue, however long ago that is.
2. Not when the certificate had ended by then: an authority may drop ended certificates from its lists (RFC 5280 section 3.3).
3. Not when it claims to be issued after now.
4. A certificate that was taken back after the moment was good at the moment. For a time stamp that is not enough: who stole its key
   can stamp the past, so it must have been in order until the next proof, unless the authority says it was no theft (RFC 3161 section 4).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509

from blauweknop.standards.revocation import NotRevoked, Revocation, RevocationUnknown, RevocationUnknownReason, Revoked, check_revocation
from blauweknop.standards.x509 import UNREADABLE_X509

__all__ = ["check_revocation_since", "issued_at", "issuer_of"]

_CLOCK_SKEW = timedelta(seconds=60)
_NO_THEFT = frozenset({"affiliationChanged", "superseded", "cessationOfOperation"})


def check_revocation_since(
    path: Sequence[x509.Certificate], crls: Sequence[bytes], *, moment: datetime, horizon: datetime, now: datetime
) -> Revocation:
    """What the lists (DER) say of a path that was used at `moment` and must not have been misused before `horizon`.

    For a seal both are the time of sealing; for a time stamp `horizon` is that of the next one, or now.
    """
    answers = [_answer((certificate, path[place + 1]), crls, moment, horizon, now) for place, certificate in enumerate(path[:-1])]
    for place, answer in enumerate(answers):
        if isinstance(answer, Revoked):
            return Revoked(place, answer.moment, answer.reason)
    for place, answer in enumerate(answers):
        if isinstance(answer, RevocationUnknown):
            return RevocationUnknown(place, answer.reason)
    return NotRevoked(None)


def _answer(
    pair: tuple[x509.Certificate, x509.Certificate], crls: Sequence[bytes], moment: datetime, horizon: datetime, now: datetime
) -> Revocation:
    reason: RevocationUnknownReason = "no_crl"
    known = False
    for crl in crls:
        issued = issued_at(crl)
        if issued is None or issuer_of(crl) != pair[0].issuer:
            continue
        later = issued - moment > _CLOCK_SKEW
        if later and (issued > pair[0].not_valid_after_utc or issued - now > _CLOCK_SKEW):  # 2, 3
            reason = "crl_not_yet"
            continue
        match check_revocation(pair, [crl], issued if later else moment):  # 1
            case Revoked() as revoked if _counts(revoked, moment, horizon):
                return revoked
            case RevocationUnknown(reason=found):
                reason = found
            case _:
                known = True
    return NotRevoked(None) if known else RevocationUnknown(0, reason)


def _counts(revoked: Revoked, moment: datetime, horizon: datetime) -> bool:
    # 4
    return revoked.moment <= moment or (revoked.moment <= horizon and revoked.reason not in _NO_THEFT)


def issued_at(crl: bytes) -> datetime | None:
    """When a list (DER) was issued by its own words; None when it cannot be read."""
    read = _read(crl)
    return read[0] if read else None


def issuer_of(crl: bytes) -> x509.Name | None:
    """Who says to have issued a list (DER); None when it cannot be read."""
    read = _read(crl)
    return read[1] if read else None


@lru_cache(maxsize=64)
def _read(crl: bytes) -> tuple[datetime, x509.Name] | None:
    try:
        read = x509.load_der_x509_crl(crl)
        return read.last_update_utc, read.issuer
    except UNREADABLE_X509:
        return None
