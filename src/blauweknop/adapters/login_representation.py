"""Somebody logged in for somebody else: whose data it is about, who acts, and whether the mandate is for here and for now.

In OIDC NL GOV the one who logs in is the `sub`, and the person whose data it is about stands in `represents`: the other way round than in
RFC 8693. Who overlooked it would give the representative their own data, or worse. `mandate_of` walks these steps, all part of step 14 of
`login_tokens`; the first that fails is the reason:

a. the source takes representatives (`representation`);
b. `represents` is one object with texts `sub`, `iss` and `sub_id_type` (`represents_malformed`);
c. nobody stands between them: no `represents` or `act` inside (`represents_nested`);
d. `iss` is who was agreed to give out the number (`represents_issuer`);
e. the number is a BSN, and a right one (`represents_identifier`);
f. of somebody else than who logged in (`represents_self`);
g. the capacity is one that the source takes (`mandate_capacity`);
h. the mandate is for a service of the source (`mandate_service`);
i. and did not end (`mandate_ended`);
j. the provider names who acts (`mandate_nameless`).
"""

from collections.abc import Mapping
from datetime import date, datetime

from blauweknop.adapters.representation_settings import RepresentationSettings
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.representation import Representative, is_shown_name
from blauweknop.issuer.login import LoginProblemCode, Mandate

__all__ = ["BSN_TYPE", "MandateRefused", "mandate_of"]

BSN_TYPE = "urn:nl-eid-gdi:1.0:id:BSN"
_MOST_SERVICES = 1000


class MandateRefused(MalformedValue):
    """A step failed; `code` says which."""

    def __init__(self, code: LoginProblemCode) -> None:
        super().__init__(f"a mandate as was agreed: {code.value}")
        self.code = code


def mandate_of(claims: Mapping[str, object], settings: RepresentationSettings | None, *, acting: str, at: datetime) -> tuple[Bsn, Mandate]:
    """The person whose data it is about, and who acts for them. `acting` is what the provider knows the one by who logged in.

    Raises:
        MandateRefused: with the code of the first step that failed.
    """
    # a
    if settings is None:
        raise MandateRefused(LoginProblemCode.REPRESENTATION)
    represented, called = _represented(claims.get("represents"), settings)
    # f
    if acting == represented.digits or not acting:
        raise MandateRefused(LoginProblemCode.REPRESENTS_SELF)
    # g
    said = claims.get(settings.capacity_claim)
    capacity = settings.capacities.get(said) if isinstance(said, str) else None
    if capacity is None:
        raise MandateRefused(LoginProblemCode.MANDATE_CAPACITY)
    # h
    if not settings.services & _services(claims.get(settings.service_claim)):
        raise MandateRefused(LoginProblemCode.MANDATE_SERVICE)
    # i
    until = _last_day(claims.get(settings.until_claim))
    if until is not None and until < at.astimezone(AMSTERDAM).date():
        raise MandateRefused(LoginProblemCode.MANDATE_ENDED)
    # j
    name = claims.get(settings.name_claim)
    try:
        representative = Representative(name if isinstance(name, str) else "", capacity, until)
    except MalformedValue as error:
        raise MandateRefused(LoginProblemCode.MANDATE_NAMELESS) from error
    return represented, Mandate(representative, acting, settings.datasets, called)


def _represented(claim: object, settings: RepresentationSettings) -> tuple[Bsn, str]:
    """The number, and the name where the provider gives one to show."""
    # b
    match claim:
        case {"sub": str(number), "iss": str(issuer), "sub_id_type": str(kind), **others}:
            pass
        case _:
            raise MandateRefused(LoginProblemCode.REPRESENTS_MALFORMED)
    # c
    if others.get("represents") is not None or others.get("act") is not None:
        raise MandateRefused(LoginProblemCode.REPRESENTS_NESTED)
    # d
    if issuer != settings.issuer:
        raise MandateRefused(LoginProblemCode.REPRESENTS_ISSUER)
    # e
    try:
        if kind != BSN_TYPE:
            raise MandateRefused(LoginProblemCode.REPRESENTS_IDENTIFIER)
        represented = Bsn.parse(number)
    except MalformedValue as error:
        raise MandateRefused(LoginProblemCode.REPRESENTS_IDENTIFIER) from error
    name = others.get("name")
    return represented, name if isinstance(name, str) and is_shown_name(name) else ""


def _services(claim: object) -> frozenset[str]:
    """One name, or several; nothing for any other form."""
    named = [claim] if isinstance(claim, str) else claim
    if not isinstance(named, list) or len(named) > _MOST_SERVICES:
        return frozenset()
    return frozenset(name for name in named if isinstance(name, str))


def _last_day(claim: object) -> date | None:
    """None for a mandate without an end; one whose end cannot be read counts as ended."""
    if claim is None:
        return None
    try:
        return date.fromisoformat(claim) if isinstance(claim, str) and len(claim) == 10 else date.min
    except ValueError:
        return date.min
