"""Register receivers: what one may ask for one use, signed by the registrar, and the list that says which registrations still count.

A registration that names the burgerservicenummer without the law that allows it is not signed.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.dcql import ClaimQuery, CredentialQuery, DcqlQuery
from blauweknop.standards.registration import Registration, sign_registration
from blauweknop.standards.request_scope import beyond_registration
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import INVALID, StatusList, sign_status_list

__all__ = ["RegistrationRefused", "publish_registration_status", "register_receiver"]

_STATUS_LIFE, _STATUS_TTL = timedelta(hours=24), timedelta(hours=1)
_LONGEST = timedelta(days=366)


class RegistrationRefused(BlauweKnopError):
    """A registration that the register does not sign."""


def register_receiver(registration: Registration, registrar: Signer) -> str:
    """The registration certificate.

    Raises:
        RegistrationRefused: more than twelve months, or the number of people without a right to it.
        UnsuitableKey: the registrar has no P-256 key.
    """
    if not timedelta() < registration.expires_at - registration.issued_at <= _LONGEST:
        raise RegistrationRefused("expected a registration of at most twelve months")
    everything = DcqlQuery(
        tuple(
            CredentialQuery(f"c{place}", item.format, item.types, tuple(map(ClaimQuery, item.claims)))
            for place, item in enumerate(registration.credentials)
        )
    )
    if beyond_registration(everything, registration):
        raise RegistrationRefused(
            "expected the article of law that entitles this receiver to the burgerservicenummer",
            remedy="leave the burgerservicenummer out of the claims, or name the law",
        )
    return sign_registration(registration, registrar)


def publish_registration_status(withdrawn: Collection[int], registrar: Signer, *, uri: str, at: datetime, size: int = 8192) -> str:
    """The status list of registrations to publish at `uri`, good for a day; `withdrawn` are places in it.

    Raises:
        UnsuitableKey: the registrar has no P-256 key.
    """
    statuses = StatusList.of_size(size).with_statuses(dict.fromkeys(withdrawn, INVALID))
    return sign_status_list(statuses, uri=uri, issued_at=at, expires_at=at + _STATUS_LIFE, ttl=_STATUS_TTL, signer=registrar)
