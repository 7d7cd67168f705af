"""What a source keeps so that a server that acts for a person can have new copies of the same without a new login (PROTOCOL 2.11).

Of whom, which configurations, and a hash of what their credentials said; the answers of the systems are not kept. It opens only with the
refresh token itself, of which we keep a hash (ADR 0033).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from blauweknop.document.summary_claims import NoSummary, claims_of
from blauweknop.domain.document import Found, JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.issuer.wallet.configurations import Configuration
from blauweknop.issuer.wallet.entitlement import Entitlement, with_number
from blauweknop.issuer.wallet.ports import Kept, Kind, WalletServices
from blauweknop.standards.strict_json import canonical_json

__all__ = ["RENEWABLE_FOR", "RENEWALS", "Renewable", "Said", "digest_of", "first_refresh_token", "next_refresh_token"]

RENEWABLE_FOR = timedelta(days=90)
RENEWALS = 12
"""How often one consent gives new copies: each time takes a place in the status list for every copy."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a credential said when the person agreed: a hash of it, and the moment that its data were of."""

    digest: str = field(repr=False)
    reference: datetime

    def as_json(self) -> dict[str, JsonValue]:
        return {"digest": self.digest, "reference": self.reference.isoformat()}

    @classmethod
    def from_json(cls, kept: JsonValue) -> "Said":
        match kept:
            case {"digest": str(digest), "reference": str(reference)}:
                return cls(digest, datetime.fromisoformat(reference))
        raise MalformedValue("expected what a credential said, as this version keeps it")


@dataclass(frozen=True, slots=True)
class Renewable:
    """What a refresh token stands for. `said` is by configuration; `left` is how often it can be renewed."""

    client_id: str
    key: str
    entitlement: Entitlement = field(repr=False)
    """Of whom, with the burgerservicenummer or not, and since when; nothing of the data."""
    said: Mapping[str, Said] = field(repr=False)
    by_identifier: bool
    left: int

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "client_id": self.client_id,
            "key": self.key,
            "entitlement": self.entitlement.as_json(),
            "said": {name: one.as_json() for name, one in self.said.items()},
            "by_identifier": self.by_identifier,
            "left": self.left,
        }

    @classmethod
    def from_kept(cls, kept: Kept) -> "Renewable":
        match kept.content:
            case {
                "client_id": str(client_id),
                "key": str(key),
                "entitlement": entitlement,
                "said": dict(said),
                "by_identifier": bool(by_identifier),
                "left": int(left),
            }:
                names = {name: Said.from_json(one) for name, one in said.items()}
                return cls(client_id, key, Entitlement.from_json(entitlement), names, by_identifier, left)
        raise MalformedValue("expected a refresh token as this version keeps it")


def first_refresh_token(renewable: Renewable, services: WalletServices, now: datetime, *, code: str) -> str | None:
    """For the credentials whose data are there; None when there are none. What is still to come cannot be had again by it."""
    entitlement = renewable.entitlement
    said = {
        name: Said(digest, outcome.snapshot.reference_moment)
        for name in entitlement.wanted
        if (configuration := services.configurations.get(name))
        and isinstance(outcome := entitlement.outcomes.get(configuration.dataset.id), Found)
        and (digest := digest_of(configuration, outcome, entitlement, services))
    }
    if not said:
        return None
    bare = replace(entitlement, wanted=(), outcomes={}, since=now)
    content = replace(renewable, entitlement=bare, said=said).as_json()
    return services.references.keep(Kind.REFRESH, content, now=now, life=RENEWABLE_FOR, parent=code)


def next_refresh_token(renewable: Renewable, before: str, ends_at: datetime, services: WalletServices, now: datetime) -> str | None:
    """The one that comes after another, and ends when that would have; None after the last time."""
    if renewable.left <= 1:
        return None
    content = replace(renewable, left=renewable.left - 1).as_json()
    return services.references.keep(Kind.REFRESH, content, now=now, life=ends_at - now, parent=before)


def digest_of(configuration: Configuration, found: Found, entitlement: Entitlement, services: WalletServices) -> str | None:
    """Of everything that a credential says; None when there is nothing to say."""
    with_bsn = configuration.dataset.id in entitlement.with_bsn
    snapshot = with_number(found.snapshot, entitlement)
    try:
        claims = claims_of(snapshot, configuration.summary, services.wallet_issuer.source, with_bsn=with_bsn)
    except (NoSummary, MalformedValue):
        return None
    said: dict[str, JsonValue] = {name: value.isoformat() if isinstance(value, date) else value for name, value in claims.items()}
    return hashlib.sha256(canonical_json(said)).hexdigest()
