"""A European trusted list (TS 119 612) as far as the general check needs it: services, since when, and their certificates.

Only a list that was read and verified by `eu_trusted_list_reading` becomes one of these; whoever only checks needs nothing of XML.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = ["EuPeriod", "EuPointer", "EuService", "EuServiceKind", "EuTrustedList"]


class EuServiceKind(StrEnum):
    """The services we use (clause 5.5.1.1)."""

    QUALIFIED_CERTIFICATES = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
    QUALIFIED_TIME_STAMPS = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"


@dataclass(frozen=True, slots=True)
class EuPeriod:
    """What held of a service from `starts` on, until the next period (clauses 5.5.4 and 5.6)."""

    starts: datetime
    granted: bool
    for_seals: bool  # its certificates are for electronic seals (clause 5.5.9.4, ForeSeals)


@dataclass(frozen=True, slots=True)
class EuService:
    """A service of a provider; `periods` from old to new, `certificates` are DER."""

    provider: str
    kind: EuServiceKind
    certificates: tuple[bytes, ...] = field(repr=False)
    periods: tuple[EuPeriod, ...]

    def period_at(self, moment: datetime) -> EuPeriod | None:
        """The period that held at the moment; None before the first."""
        return next((period for period in reversed(self.periods) if period.starts <= moment), None)


@dataclass(frozen=True, slots=True)
class EuPointer:
    """Where another list is, and by whose certificates (DER) it is signed (clause 5.3.13)."""

    territory: str
    list_type: str
    location: str
    signers: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class EuTrustedList:
    """One list. A list of lists names no services but pointers; `next_update` is None for a list that was closed."""

    territory: str
    list_type: str
    sequence: int
    issued: datetime
    next_update: datetime | None
    services: tuple[EuService, ...] = field(repr=False)
    pointers: tuple[EuPointer, ...] = field(default=(), repr=False)

    def usable_at(self, moment: datetime) -> bool:
        """Whether the list says how things are, or were, at this moment; one past its next update says nothing (clause 5.3.15)."""
        return self.next_update is not None and moment <= self.next_update

    def granted(self, kind: EuServiceKind, moment: datetime) -> tuple[tuple[bytes, EuPeriod], ...]:
        """Each certificate of services of this kind that were granted at the moment, with that period; of authorities those for seals."""
        found: list[tuple[bytes, EuPeriod]] = []
        for service in self.services:
            period = service.period_at(moment)
            if service.kind is kind and period is not None and period.granted:
                if kind is EuServiceKind.QUALIFIED_CERTIFICATES and not period.for_seals:
                    continue
                found += [(certificate, period) for certificate in service.certificates]
        return tuple(found)

    def signers_of(self, territory: str) -> tuple[bytes, ...]:
        """The certificates (DER) that this list says sign the list of another territory."""
        return tuple(signer for pointer in self.pointers if pointer.territory == territory for signer in pointer.signers)
