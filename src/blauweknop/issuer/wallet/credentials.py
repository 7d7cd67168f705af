"""Issue what a person agreed to, to the keys of the wallet that they chose (PROTOCOL 2.7 and 2.8).

In steps:
1. The token and its key (`invalid_token`, `invalid_dpop_proof`): first, so that strangers cost no decryption.
2. The request is JSON, or JSON encrypted to our key (`invalid_credential_request`, `invalid_encryption_parameters`).
3. What it asks was agreed to and not delivered yet (`unknown_credential_configuration`, `unknown_credential_identifier`,
   `credential_request_denied`).
4. Its proofs are right, and give the keys (`invalid_proof`, `invalid_nonce`).
5. The data are there, or are asked of the source now. When it has none, or gives none, the request is denied; when it takes long, the
   wallet comes back later.
6. One copy for each key, each with a place of its own in a status list. What was delivered is forgotten at once: the token remains
   without its values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.document.summary_claims import NoSummary
from blauweknop.document.wallet_credentials import CopyOrder, batch_times, issue_batch
from blauweknop.domain.document import Found, JsonValue, Outcome
from blauweknop.domain.errors import MalformedValue
from blauweknop.issuer.wallet.callers import Permit, entitlement_in, issued_to
from blauweknop.issuer.wallet.configurations import Configuration
from blauweknop.issuer.wallet.entitlement import Entitlement, can_come, require_mandate, with_number
from blauweknop.issuer.wallet.ports import Kept, Kind, WalletServices
from blauweknop.issuer.wallet.tokens import LATER_LIFE
from blauweknop.standards.jwk import public_jwk, read_public_jwk
from blauweknop.standards.oauth import OAuthErrorCode, OAuthProblem
from blauweknop.standards.openid4vci.credential_request import CredentialRequest, ResponseEncryption
from blauweknop.standards.openid4vci.key_proofs import KeyProofProblem, ProofRules, keys_of_proofs

__all__ = [
    "INTERVAL",
    "Answer",
    "Order",
    "agreed_names",
    "deliver",
    "later",
    "note",
    "order_of",
    "postpone",
    "taken_out",
    "transaction_of",
]

INTERVAL = timedelta(seconds=60)
"""How long a wallet waits before it asks again for what is still to come."""

_LOG = structlog.get_logger("blauweknop.issuer")
_A_SECOND = timedelta(seconds=1)
_UNKNOWN_CONFIGURATION: OAuthErrorCode = "unknown_credential_configuration"
_UNKNOWN_IDENTIFIER: OAuthErrorCode = "unknown_credential_identifier"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be issued: one configuration of an entitlement, a copy for each key.

    `settle` forgets what was delivered, and lets what remains end at another moment; False when somebody else was first.
    """

    configuration: Configuration
    entitlement: Entitlement = field(repr=False)
    keys: tuple[ec.EllipticCurvePublicKey, ...] = field(repr=False)
    settle: Callable[[datetime | None], bool] = field(repr=False)
    encryption: ResponseEncryption | None
    outcome: Outcome | None = field(repr=False)
    """What is known of the data; None when the source was not asked yet."""
    notified: bool
    """Whether the wallet is to say what became of it; not when it came later: optional there (section 9.2), and wallets trip over it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """200 with credentials, or 202 when they are still to come."""

    status: int
    members: Mapping[str, JsonValue] = field(repr=False)


def order_of(request: CredentialRequest, permit: Permit, services: WalletServices, now: datetime) -> Order:
    """Steps 3 and 4.

    Raises:
        OAuthProblem: see the head of this module.
    """
    configuration = _configuration(request, permit, services)
    _require_encryption(request.encryption, services)
    keys = _keys(request, permit, services, now)
    entitlement = permit.entitlement
    if entitlement is None or configuration.id not in entitlement.wanted:
        raise OAuthProblem("credential_request_denied", "this was delivered already; begin anew for more copies")

    def settle(ends_at: datetime | None) -> bool:
        return taken_out(configuration.id, configuration.dataset.id, permit, services, now, ends_at)

    outcome = entitlement.outcomes.get(configuration.dataset.id)
    return Order(configuration, entitlement, keys, settle, request.encryption, outcome, notified=True)


def transaction_of(transaction_id: str, encryption: ResponseEncryption | None, permit: Permit, services: WalletServices) -> Order:
    """What a wallet comes back for.

    Raises:
        OAuthProblem: `invalid_transaction_id`, there is no such transaction of this wallet any more; `invalid_encryption_parameters`.
    """
    now = services.now
    _require_encryption(encryption, services)
    kept = services.references.read(Kind.TRANSACTION, transaction_id, now=now)
    if kept is None or kept.used or not issued_to(kept.content, permit):
        raise OAuthProblem("invalid_transaction_id", "expected a transaction of this wallet that is not over")
    entitlement = Entitlement.from_json(kept.content["entitlement"])
    configuration = services.configurations.get(entitlement.wanted[0])
    if configuration is None:
        raise OAuthProblem("credential_request_denied", "this issuer has this no more")

    def settle(_: datetime | None) -> bool:
        used = services.references.use(Kind.TRANSACTION, transaction_id, now=now)
        return used is not None and not used.used

    outcome = entitlement.outcomes.get(configuration.dataset.id)
    return Order(configuration, entitlement, _kept_keys(kept), settle, encryption, outcome, notified=False)


def deliver(order: Order, outcome: Outcome, permit: Permit, services: WalletServices, now: datetime) -> Answer | None:
    """Step 6; None when the data are still to come.

    Raises:
        OAuthProblem: `credential_request_denied`, there is nothing to issue, a mandate ended, or somebody else was first.
        BlauweKnopError: it could not be signed or kept; nothing was delivered, so the wallet may try again.
    """
    require_mandate(order.entitlement, now)
    if not isinstance(outcome, Found):
        if can_come(outcome):
            return None
        order.settle(None)
        note(services, now, outcome.kind.value)
        raise OAuthProblem("credential_request_denied", "the source has no data for this, or gives none")
    places = tuple(services.status_place(now) for _ in order.keys)
    orders = [CopyOrder(key, place) for key, place in zip(order.keys, places, strict=True)]
    with_bsn = order.configuration.dataset.id in order.entitlement.with_bsn
    try:
        credentials = issue_batch(
            with_number(outcome.snapshot, order.entitlement),
            order.configuration.summary,
            orders,
            services.wallet_issuer,
            form=order.configuration.format,
            at=now,
            since=order.entitlement.since,
            with_bsn=with_bsn,
            representative=order.entitlement.mandate.representative if order.entitlement.mandate else None,
        )
    except (NoSummary, MalformedValue) as error:
        _LOG.error("credential_not_made", source=services.issuer.source.id, dataset=order.configuration.dataset.id)
        raise OAuthProblem("credential_request_denied", "the data cannot be said in a credential") from error
    dataset = order.configuration.dataset
    with services.together():
        services.issuer.records.credentials_issued(
            places,
            source=services.issuer.source.id,
            dataset_id=dataset.id,
            dataset_version=dataset.version,
            issued_at=now,
            valid_until=batch_times(order.configuration.summary, services.wallet_issuer.signer, now, since=order.entitlement.since)[1],
            with_bsn=with_bsn,
            person=order.entitlement.bsn,
            acting=order.entitlement.mandate.identifier if order.entitlement.mandate else None,
        )
        notification = _notification(permit, services, now) if order.notified else None
        if not order.settle(None):
            raise OAuthProblem("credential_request_denied", "this was delivered already")
        note(services, now, "made")
    members: dict[str, JsonValue] = {"credentials": [{"credential": credential} for credential in credentials]}
    return Answer(200, members if notification is None else {**members, "notification_id": notification})


def postpone(order: Order, permit: Permit, services: WalletServices, now: datetime) -> Answer:
    """Let the wallet come back: its keys and what the person agreed to wait, encrypted, for a week. The token waits as long.

    Raises:
        OAuthProblem: `credential_request_denied`, somebody else was first.
    """
    configuration = order.configuration
    waiting = order.entitlement.only(configuration.id, configuration.dataset.id)
    content: dict[str, JsonValue] = {
        **permit.who,
        "entitlement": waiting.as_json(),
        "keys": [{**public_jwk(key)} for key in order.keys],
    }
    with services.together():
        if not order.settle(max(permit.kept.ends_at, now + LATER_LIFE)):
            raise OAuthProblem("credential_request_denied", "this was asked for already")
        transaction = services.references.keep(Kind.TRANSACTION, content, now=now, life=LATER_LIFE, parent=permit.token)
        note(services, now, "later")
    return later(transaction)


def later(transaction_id: str) -> Answer:
    """The wallet comes back, not too soon."""
    return Answer(202, {"transaction_id": transaction_id, "interval": INTERVAL // _A_SECOND})


def _notification(permit: Permit, services: WalletServices, now: datetime) -> str:
    return services.references.keep(Kind.NOTIFICATION, {**permit.who}, now=now, life=permit.kept.ends_at - now, parent=permit.token)


def taken_out(name: str, dataset_id: str, permit: Permit, services: WalletServices, now: datetime, ends_at: datetime | None = None) -> bool:
    """Whether it was still in the token, which is without it now. A wallet may fetch several things at once, so it is looked at again when
    something else was taken out meanwhile. In a token that is to wait longer no values wait: they can be asked again."""
    seen: Kept | None = permit.kept
    while seen is not None:
        entitlement = entitlement_in(seen.content)
        if entitlement is None or name not in entitlement.wanted:
            return False
        left = entitlement.without(name, dataset_id)
        if ends_at is not None:
            left = left.without_values()
        content = {**seen.content, "entitlement": left.as_json() if left.wanted else None}
        if services.references.change(Kind.TOKEN, permit.token, content, seen=seen, ends_at=ends_at):
            return True
        seen = services.references.read(Kind.TOKEN, permit.token, now=now)
    return False


def _require_encryption(encryption: ResponseEncryption | None, services: WalletServices) -> None:
    if services.encrypted_only and encryption is None:
        raise OAuthProblem("invalid_encryption_parameters", "expected credential_response_encryption")


def _configuration(request: CredentialRequest, permit: Permit, services: WalletServices) -> Configuration:
    """Step 3. What was asked with authorization_details comes by identifier, everything else by configuration (section 8.2).

    Which name is not known is said first, also to a wallet that uses the other kind of name: without details no identifier is known.
    """
    by_identifier = permit.kept.content.get("by_identifier") is True
    name, code = request.configuration_id, _UNKNOWN_CONFIGURATION
    if request.identifier is not None:
        name, code = (request.identifier if by_identifier else None), _UNKNOWN_IDENTIFIER
    configuration = services.configurations.get(name or "")
    if configuration is None or configuration.id not in agreed_names(permit):
        raise OAuthProblem(code, "expected something that the access token was given for")
    if by_identifier and request.identifier is None:
        raise OAuthProblem("invalid_credential_request", "expected credential_identifier, as the token was given")
    return configuration


def agreed_names(permit: Permit) -> Sequence[str]:
    """What the token was given for, delivered or not."""
    agreed = permit.kept.content.get("agreed")
    return [str(name) for name in agreed] if isinstance(agreed, list) else ()


def _keys(request: CredentialRequest, permit: Permit, services: WalletServices, now: datetime) -> tuple[ec.EllipticCurvePublicKey, ...]:
    """Step 4."""
    wallet = services.wallets.get(permit.client_id or "")
    rules = ProofRules(
        services.identifier,
        permit.client_id,
        services.batch_size,
        providers=wallet.providers if wallet else None,
        level=services.key_level if wallet and wallet.providers else None,
        first_signs=services.rules.first_signs,
    )

    def counts(nonce: str) -> bool:
        if not services.proof_nonces.counts(nonce, now):
            return False
        return services.used.first_use(f"nonce|{services.identifier}|{nonce}", until=now + timedelta(minutes=10), now=now)

    try:
        return keys_of_proofs(request.proofs, rules, at=now, nonce_counts=counts)
    except KeyProofProblem as problem:
        raise OAuthProblem(problem.code, str(problem)) from problem


def _kept_keys(kept: Kept) -> tuple[ec.EllipticCurvePublicKey, ...]:
    keys = kept.content.get("keys")
    return tuple(read_public_jwk(key) for key in keys) if isinstance(keys, list) else ()


def note(services: WalletServices, now: datetime, outcome: str) -> None:
    """A line in the processing log of the source: that it happened, no more."""
    records, source = services.issuer.records, services.issuer.source.id
    records.event(time=now, source=source, activity="wallet", outcome=outcome, trace_id=services.issuer.random_id())
