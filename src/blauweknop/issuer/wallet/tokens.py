"""Exchange a code for an access token (PROTOCOL 2.2 step 4 and 2.3).

In steps:
1. The form is one of the two grants (`invalid_request`, `unsupported_grant_type`).
2. The wallet proves which one it is (`invalid_client`); only for a pre-authorised code may it be unknown, where the source allows that.
3. It proves a key to bind the token to (`invalid_dpop_proof`, `use_dpop_nonce`).
4. The code is one of ours, of this wallet, and was not used (`invalid_grant`). A second use ends all that came from the first.
5. With a code from the browser: the same `redirect_uri`, the verifier of its challenge, and the key that was announced (`invalid_grant`).
   With a pre-authorised one: the transaction code that the person sees, in at most three tries (`invalid_request`, `invalid_grant`).
6. Nobody used the same code while the token was made: who did so found no token to end (`invalid_grant`).

A server that acts for a person gets a refresh token too, for credentials whose data are there (ADR 0033); not where somebody agreed for
another, for their mandate may end.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from blauweknop.domain.document import Found, JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.issuer.wallet.callers import Call, bound_key, wallet_of
from blauweknop.issuer.wallet.entitlement import Entitlement
from blauweknop.issuer.wallet.ports import Kept, Kind, Wallet, WalletServices
from blauweknop.issuer.wallet.pushing import PushedRequest
from blauweknop.issuer.wallet.refresh_tokens import RENEWALS, Renewable, first_refresh_token
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.openid4vci.token_request import CodeRequest, PreAuthorizedRequest, read_token_request
from blauweknop.standards.pkce import code_challenge

__all__ = ["LATER_LIFE", "TOKEN_LIFE", "TRIES", "exchange", "token_answer"]

TOKEN_LIFE = timedelta(minutes=5)
LATER_LIFE = timedelta(days=7)
"""How long a wallet may come back for what the source has to look up first."""
TRIES = 3
"""How often a transaction code may be typed wrong."""


def exchange(call: Call, form: Mapping[str, str], services: WalletServices, now: datetime) -> dict[str, JsonValue]:
    """The answer of RFC 6749 section 5.1 and OpenID4VCI section 6.2.

    Raises:
        OAuthProblem: see the head of this module.
    """
    # Step 1.
    asked = read_token_request(form, issuer=services.identifier)
    # Step 2.
    wallet = wallet_of(call, form, services, now)
    if wallet is None and not (services.unknown_wallets and isinstance(asked, PreAuthorizedRequest)):
        raise OAuthProblem("invalid_client", "expected a wallet that proves which one it is")
    # Step 3.
    key = bound_key(call, services, now)
    # Steps 4 and 5.
    grant = _by_code(asked, wallet, key, services, now) if isinstance(asked, CodeRequest) else _by_offer(asked, services, now)
    entitlement, life = grant.entitlement, TOKEN_LIFE
    if any(not isinstance(entitlement.outcomes.get(_dataset_id(name, services)), Found) for name in entitlement.wanted):
        entitlement, life = entitlement.without_values(), LATER_LIFE
    content: dict[str, JsonValue] = {
        "client_id": wallet.client_id if wallet else None,
        "key": key,
        "entitlement": entitlement.as_json(),
        "agreed": list(entitlement.wanted),
        "by_identifier": grant.by_identifier,
    }
    token = services.references.keep(Kind.TOKEN, content, now=now, life=life, parent=asked.code)
    refresh = None
    if wallet is not None and wallet.keys and grant.kind is Kind.CODE and entitlement.mandate is None:
        renewable = Renewable(wallet.client_id, key, grant.entitlement, {}, grant.by_identifier, RENEWALS)
        refresh = first_refresh_token(renewable, services, now, code=asked.code)
    # Step 6.
    code = services.references.read(grant.kind, asked.code, now=now)
    if code is None or code.tries > grant.tries:
        services.references.end_children(asked.code)
        raise _no_grant("expected a code that was not used before")
    return token_answer(token, life, entitlement.wanted, by_identifier=grant.by_identifier, refresh=refresh)


def token_answer(
    token: str, life: timedelta, wanted: Sequence[str], *, by_identifier: bool, refresh: str | None = None
) -> dict[str, JsonValue]:
    """The answer of RFC 6749 section 5.1 and OpenID4VCI section 6.2."""
    answer: dict[str, JsonValue] = {"access_token": token, "token_type": "DPoP", "expires_in": int(life.total_seconds())}
    if refresh is not None:
        answer["refresh_token"] = refresh
    if by_identifier:
        answer["authorization_details"] = [
            {"type": "openid_credential", "credential_configuration_id": name, "credential_identifiers": [name]} for name in wanted
        ]
    return answer


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a code stood for; `tries` is how often it was tried until it was used."""

    kind: Kind
    tries: int
    entitlement: Entitlement = field(repr=False)
    by_identifier: bool


def _by_code(asked: CodeRequest, wallet: Wallet | None, key: str, services: WalletServices, now: datetime) -> _Grant:
    kept = _used(Kind.CODE, asked.code, services, now)
    request = PushedRequest.from_json(_members(kept.content["request"]))
    if wallet is None or wallet.client_id != request.client_id:
        raise _no_grant("expected a code of this wallet")
    if asked.redirect_uri != request.redirect_uri:
        raise _no_grant("expected the redirect_uri of the request")
    try:
        fits = hmac.compare_digest(code_challenge(asked.code_verifier).encode(), request.code_challenge.encode())
    except MalformedValue as error:
        raise _no_grant("expected a code_verifier in the form of RFC 7636") from error
    if not fits:
        raise _no_grant("expected the code_verifier that belongs to the code_challenge")
    if request.key not in (None, key):
        raise _no_grant("expected a DPoP proof by the key of the request")
    return _Grant(Kind.CODE, kept.tries, Entitlement.from_json(kept.content["entitlement"]), request.by_details)


def _by_offer(asked: PreAuthorizedRequest, services: WalletServices, now: datetime) -> _Grant:
    """A try is counted before it is judged, so that many at the same time are no way around; a wrong one costs a try and not the offer."""
    kept = services.references.read(Kind.PRE_AUTHORIZED, asked.code, now=now)
    if kept is None:
        raise _no_grant("expected a pre-authorised code of this issuer that has not ended")
    if not kept.used:
        if not {*asked.configuration_ids} <= {*Entitlement.from_json(kept.content["entitlement"]).wanted}:
            raise OAuthProblem("invalid_authorization_details", "expected configurations that were offered")
        if asked.tx_code is None:
            raise OAuthProblem("invalid_request", "expected the tx_code that the person sees")
        tries = services.references.count_try(Kind.PRE_AUTHORIZED, asked.code)
        right = hmac.compare_digest(asked.tx_code.encode(), str(kept.content["tx_code"]).encode())
        if tries > TRIES or not right:
            if tries >= TRIES:
                services.references.end(Kind.PRE_AUTHORIZED, asked.code)
            raise _no_grant("expected the tx_code that the person sees")
    used = _used(Kind.PRE_AUTHORIZED, asked.code, services, now)
    entitlement = Entitlement.from_json(used.content["entitlement"])
    if asked.configuration_ids:
        entitlement = replace(entitlement, wanted=tuple(name for name in entitlement.wanted if name in asked.configuration_ids))
    return _Grant(Kind.PRE_AUTHORIZED, used.tries, entitlement, bool(asked.configuration_ids))


def _used(kind: Kind, code: str, services: WalletServices, now: datetime) -> Kept:
    kept = services.references.use(kind, code, now=now)
    if kept is None:
        raise _no_grant("expected a code of this issuer that has not ended")
    if kept.used:
        services.references.count_try(kind, code)  # for step 6 of the first use, where that is not over yet
        services.references.end_children(code)
        raise _no_grant("expected a code that was not used before")
    return kept


def _dataset_id(name: str, services: WalletServices) -> str:
    dataset = services.dataset_of(name)
    return dataset.id if dataset else ""


def _members(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _no_grant(message: str) -> OAuthProblem:
    return OAuthProblem("invalid_grant", message)
