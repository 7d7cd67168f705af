"""What an issuer offers a wallet, and the link or QR code that leads to it (OpenID4VCI 1.0 section 4.1; PROTOCOL 2.2 and 2.3).

An offer proves nothing to anybody: a wallet does not trust it, and `issuer_state` is no login.
"""

from dataclasses import dataclass, field
from urllib.parse import quote

from blauweknop.domain.document import JsonValue
from blauweknop.standards.openid4vci.token_request import AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE

__all__ = ["Offer", "PreAuthorized", "offer_link", "offer_members"]


@dataclass(frozen=True, slots=True)
class PreAuthorized:
    """A code in an offer, worth nothing without the digits that the person reads on the page: so many, with a text about where."""

    code: str = field(repr=False)
    length: int
    description: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One issuer, one or more credential configurations, and the ways to get them."""

    issuer: str
    configuration_ids: tuple[str, ...]
    issuer_state: str | None = field(default=None, repr=False)
    pre_authorized: PreAuthorized | None = None


def offer_members(offer: Offer) -> JsonValue:
    """The offer as the wallet fetches it (section 4.1.1): with the pre-authorised code where there is one, else for a login."""
    return {
        "credential_issuer": offer.issuer,
        "credential_configuration_ids": [*offer.configuration_ids],
        "grants": _pre_authorized_grant(offer.pre_authorized) if offer.pre_authorized else _code_grant(offer.issuer_state),
    }


def offer_link(scheme: str, offer_uri: str) -> str:
    """The link that opens a wallet (section 4.1.3); `scheme` with its colon and slashes, or the https address of a wallet."""
    return f"{scheme}?credential_offer_uri={quote(offer_uri, safe='')}"


def _code_grant(issuer_state: str | None) -> dict[str, JsonValue]:
    return {AUTHORIZATION_CODE: {} if issuer_state is None else {"issuer_state": issuer_state}}


def _pre_authorized_grant(pre_authorized: PreAuthorized) -> dict[str, JsonValue]:
    typed: JsonValue = {"input_mode": "numeric", "length": pre_authorized.length, "description": pre_authorized.description}
    return {PRE_AUTHORIZED_CODE: {"pre-authorized_code": pre_authorized.code, "tx_code": typed}}
