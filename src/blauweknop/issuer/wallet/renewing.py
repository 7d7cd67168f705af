"""Give new copies of what a person agreed to before, without a new login, as long as nothing changed (PROTOCOL 2.11, ADR 0033).

A refresh token counts once, for one server and its key; the last of a row ends 90 days after the consent. In steps:
1. The server proves which one it is, and its key (`invalid_client`, `invalid_dpop_proof`, `use_dpop_nonce`).
2. The refresh token is one of ours, of this server and key, and was not used (`invalid_grant`). A second use ends all that came from it.
3. What is asked is among what it stands for (`invalid_authorization_details`), or it is all of that.
4. The systems of the source are asked again, as after a login. When none answers, nothing is used up (`temporarily_unavailable`).
5. What says the same as then, and has not ended, can be had again. When nothing does, the person has to log in (`invalid_grant`).
6. It is used up and gives new tokens at once, or not at all. Whoever used it meanwhile gets nothing, and we neither (`invalid_grant`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from blauweknop.document.wallet_credentials import batch_times
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Found, JsonValue, Outcome
from blauweknop.issuer.wallet.callers import Call, bound_key, wallet_of
from blauweknop.issuer.wallet.credentials import note
from blauweknop.issuer.wallet.entitlement import can_come
from blauweknop.issuer.wallet.ports import Kept, Kind, WalletServices
from blauweknop.issuer.wallet.refresh_tokens import Renewable, digest_of, next_refresh_token
from blauweknop.issuer.wallet.tokens import TOKEN_LIFE, token_answer
from blauweknop.standards.dpop import token_digest
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.openid4vci.token_request import read_refresh_request

__all__ = ["Renewal", "renew", "renewal_of"]


@dataclass(frozen=True, slots=True)
class Renewal:
    """A request for new copies, which are given when the systems say the same as before. `wanted` are configurations."""

    token: str = field(repr=False)
    kept: Kept = field(repr=False)
    renewable: Renewable = field(repr=False)
    wanted: tuple[str, ...]
    datasets: tuple[Dataset, ...]

    def waiting(self, dataset: Dataset) -> str:
        """Under which name the question to the system of the source waits."""
        return f"{token_digest(self.token)}|{dataset.id}"


def renewal_of(call: Call, form: Mapping[str, str], services: WalletServices, now: datetime) -> Renewal:
    """Steps 1 to 3.

    Raises:
        OAuthProblem: see the head of this module.
    """
    asked = read_refresh_request(form, issuer=services.identifier)
    # Step 1.
    wallet = wallet_of(call, form, services, now)
    if wallet is None:
        raise OAuthProblem("invalid_client", "expected a client that proves which one it is")
    key = bound_key(call, services, now)
    # Step 2: of a token that was used there are no contents any more to compare with.
    kept = services.references.read(Kind.REFRESH, asked.refresh_token, now=now)
    if kept is None:
        raise _no_grant("expected a refresh token of this issuer that has not ended")
    if kept.used:
        raise _used_twice(asked.refresh_token, services)
    renewable = Renewable.from_kept(kept)
    if (renewable.client_id, renewable.key) != (wallet.client_id, key):
        raise _no_grant("expected the client, and the key, that the refresh token was given to")
    # Step 3.
    if not {*asked.configuration_ids} <= renewable.said.keys():
        raise OAuthProblem("invalid_authorization_details", "expected what the refresh token was given for")
    if asked.configuration_ids:
        renewable = replace(renewable, by_identifier=True)
    wanted = tuple(name for name in asked.configuration_ids or renewable.said if name in services.configurations)
    datasets = {dataset.id: dataset for dataset in (services.configurations[name].dataset for name in wanted)}
    return Renewal(asked.refresh_token, kept, renewable, wanted, tuple(datasets.values()))


def renew(renewal: Renewal, outcomes: Mapping[str, Outcome | None], services: WalletServices, now: datetime) -> dict[str, JsonValue]:
    """Steps 4 to 6: the answer of the token endpoint. `outcomes` are by data set; None when there is no answer yet.

    Raises:
        OAuthProblem: see the head of this module.
    """
    judged = {name: _judged(name, renewal, outcomes, services, now) for name in renewal.wanted}
    same = {name: found for name, found in judged.items() if isinstance(found, Found)}
    # Step 4.
    if not same and "later" in judged.values():
        raise OAuthProblem("temporarily_unavailable", "the systems of the source do not answer; try again later")
    # Step 5.
    if not same:
        note(services, now, "not_renewed")
        raise _no_grant("expected data that are the same as when the person agreed; the person has to log in again")
    changed = {name for name, found in judged.items() if found == "changed"}
    renewable = replace(renewal.renewable, said={name: one for name, one in renewal.renewable.said.items() if name not in changed})
    values = {services.configurations[name].dataset.id: found for name, found in same.items()}
    content: dict[str, JsonValue] = {
        "client_id": renewable.client_id,
        "key": renewable.key,
        "entitlement": replace(renewable.entitlement, wanted=tuple(same), outcomes=values).as_json(),
        "agreed": [*same],
        "by_identifier": renewable.by_identifier,
    }
    # Step 6.
    with services.together():
        used = services.references.use(Kind.REFRESH, renewal.token, now=now)
        if used is not None and not used.used:
            token = services.references.keep(Kind.TOKEN, content, now=now, life=TOKEN_LIFE, parent=renewal.token)
            refresh = next_refresh_token(renewable, renewal.token, renewal.kept.ends_at, services, now)
            note(services, now, "renewed")
            return token_answer(token, TOKEN_LIFE, tuple(same), by_identifier=renewable.by_identifier, refresh=refresh)
    raise _used_twice(renewal.token, services)


def _judged(
    name: str, renewal: Renewal, outcomes: Mapping[str, Outcome | None], services: WalletServices, now: datetime
) -> Found | Literal["later", "changed"]:
    """The data, as of the moment that they were of when the person agreed, if a credential would say the same of them."""
    configuration, said = services.configurations[name], renewal.renewable.said[name]
    outcome, entitlement = outcomes.get(configuration.dataset.id), renewal.renewable.entitlement
    if not isinstance(outcome, Found):
        return "later" if can_come(outcome) else "changed"
    found = Found(replace(outcome.snapshot, reference_moment=said.reference))
    _, ends = batch_times(configuration.summary, services.wallet_issuer.signer, now, since=entitlement.since)
    return "changed" if ends <= now or digest_of(configuration, found, entitlement, services) != said.digest else found


def _used_twice(token: str, services: WalletServices) -> OAuthProblem:
    """By the wallet, or by a thief: neither gets anything with what came from it."""
    services.references.end_children(token)
    return _no_grant("expected a refresh token that was not used before")


def _no_grant(message: str) -> OAuthProblem:
    return OAuthProblem("invalid_grant", message)
