"""Whether a receiver asks for more than it is registered for (PROTOCOL 5.3 and 6.3): more data sets, more claims, or the BSN.

A claim is within a registered path when that path leads to it or to something that holds it; a place of a list is within all of that
list, and never the other way round. What can be had in more than one way must be registered in each of them. What is registered with values
may only be asked with some of them.
"""

from dataclasses import dataclass
from typing import Literal

from blauweknop.standards.dcql import CredentialQuery, DcqlQuery, Path
from blauweknop.standards.registration import Registration

__all__ = ["Excess", "ExcessKind", "asks_bsn", "beyond_registration", "may_hold_bsn"]

ExcessKind = Literal["request_data_set", "request_claim", "request_bsn"]

Values = tuple[str | int | bool, ...]

_BSN_NAMES = frozenset({"bsn", "burgerservicenummer", "personal_administrative_number"})
_BSN_HOLDERS: tuple[Path, ...] = (("subject",),)
"""Objects of this scheme's credentials that hold a BSN among other members."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Something that is asked for without a right to it: of which credential of the query, which type, and which claim."""

    kind: ExcessKind
    credential: str
    type: str
    path: Path = ()


def beyond_registration(query: DcqlQuery, registration: Registration) -> tuple[Excess, ...]:
    """Everything in the query that the registration does not allow; nothing when the query may be asked."""
    found: list[Excess] = []
    for credential in query.credentials:
        for asked in credential.types:
            found += _beyond(credential, asked, registration)
    return tuple(dict.fromkeys(found))


def asks_bsn(query: DcqlQuery) -> bool:
    """Whether an answer could hold the BSN."""
    return any(may_hold_bsn(claim.path) for credential in query.credentials for claim in credential.claims)


def _beyond(credential: CredentialQuery, asked: str, registration: Registration) -> list[Excess]:
    allowed = [item for item in registration.credentials if item.format == credential.format and asked in item.types]
    if not allowed:
        return [Excess("request_data_set", credential.id, asked)]
    paths = [(path, dict(item.limits).get(path)) for item in allowed for path in item.claims]
    found = [
        Excess("request_claim", credential.id, asked, claim.path)
        for claim in credential.claims
        if not any(_covers(path, claim.path) and _is_within(claim.values, limit) for path, limit in paths)
    ]
    if registration.bsn_law is None:
        found += [Excess("request_bsn", credential.id, asked, claim.path) for claim in credential.claims if may_hold_bsn(claim.path)]
    return found


def _covers(allowed: Path, asked: Path) -> bool:
    if len(allowed) > len(asked):
        return False
    return all(step == other or (step is None and isinstance(other, int)) for step, other in zip(allowed, asked, strict=False))


def _is_within(values: Values | None, limit: Values | None) -> bool:
    """By kind too, as JSON has it: 1 is not true."""
    if limit is None:
        return True
    known = {(type(value), value) for value in limit}
    return values is not None and {(type(value), value) for value in values} <= known


def may_hold_bsn(path: Path) -> bool:
    """Whether a claim is the number of a person, or an object that has it among other members."""
    named = any(isinstance(step, str) and step.casefold() in _BSN_NAMES for step in path)
    return named or path in _BSN_HOLDERS
