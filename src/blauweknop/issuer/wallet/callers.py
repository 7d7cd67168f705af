"""Who calls: which wallet it is, with which key, and with what right (PROTOCOL 2.4 and 2.5).

Three questions, each with its own proof and its own error word:
- Which wallet? `attest_jwt_client_auth` (attestation of its provider) or `private_key_jwt` (RFC 7523): `invalid_client` and its kin.
- Which key does the token belong to? A DPoP proof: `invalid_dpop_proof`, `use_dpop_nonce`.
- What may it fetch? The access token, by that key: `invalid_token`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.issuer.wallet.entitlement import Entitlement
from blauweknop.issuer.wallet.ports import Kept, Kind, Wallet, WalletServices
from blauweknop.standards.client_assertion import assertion_in, verify_client_assertion
from blauweknop.standards.dpop import PROOFS_LIVE, BoundToken, DpopProblem, verify_dpop
from blauweknop.standards.json_members import Members
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.openid4vci.client_attestation import (
    ATTESTATION_HEADER,
    POP_HEADER,
    POPS_LIVE,
    attestation_in,
    verify_client_attestation,
)

__all__ = ["Call", "Permit", "bound_key", "entitlement_in", "issued_to", "permit_of", "wallet_of"]

_SCHEME = "dpop "


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a machine, as far as these questions go. Names of `headers` are in small letters, each with all its values."""

    method: str
    address: str
    """The public address that was called, without query."""
    query: bytes = field(repr=False)
    headers: Mapping[str, tuple[str, ...]] = field(repr=False)

    def header(self, name: str) -> str | None:
        """The only value of a header; None when there is none.

        Raises:
            OAuthProblem: `invalid_request`, it came more than once.
        """
        values = self.values(name)
        if len(values) > 1:
            raise OAuthProblem("invalid_request", f"expected the header {name} once")
        return values[0] if values else None

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a header."""
        return self.headers.get(name.lower(), ())


@dataclass(frozen=True, slots=True)
class Permit:
    """An access token that holds for this call."""

    token: str = field(repr=False)
    kept: Kept = field(repr=False)
    entitlement: Entitlement | None = field(repr=False)
    """None when all of it was delivered."""
    client_id: str | None
    thumbprint: str

    @property
    def who(self) -> dict[str, str | None]:
        """What later references of this wallet are bound to."""
        return {"client_id": self.client_id, "key": self.thumbprint}


def wallet_of(call: Call, form: Mapping[str, str], services: WalletServices, now: datetime) -> Wallet | None:
    """The wallet that calls; None for one that does not say, or is not known.

    Raises:
        OAuthProblem: what it says is not proved.
    """
    attested = attestation_in(call.values(ATTESTATION_HEADER), call.values(POP_HEADER))
    assertion = assertion_in(form)
    if attested is not None and assertion is not None:
        raise OAuthProblem("invalid_request", "expected one proof of which wallet it is")  # RFC 6749 section 2.3
    if attested is not None:
        return _attested(*attested, form, services, now)
    return _asserted(assertion, services, now) if assertion is not None else None


def bound_key(call: Call, services: WalletServices, now: datetime, *, bound: BoundToken | None = None) -> str:
    """The thumbprint (RFC 7638) of the key that proves, with DPoP, to be behind this call.

    Raises:
        OAuthProblem: `invalid_dpop_proof`, `use_dpop_nonce`.
    """
    proof = call.header("DPoP")
    if proof is None:
        raise OAuthProblem("invalid_dpop_proof", "expected a DPoP proof in the header DPoP")
    try:
        verified = verify_dpop(
            proof,
            method=call.method,
            address=call.address,
            at=now,
            nonce_counts=lambda nonce: services.dpop_nonces.counts(nonce, now),
            bound=bound,
        )
    except DpopProblem as problem:
        raise OAuthProblem(problem.code, str(problem)) from problem
    until = verified.issued_at + PROOFS_LIVE
    if not services.used.first_use(f"dpop|{services.identifier}|{verified.thumbprint}|{verified.proof_id}", until=until, now=now):
        raise OAuthProblem("invalid_dpop_proof", "expected a DPoP proof that was not used before")
    return verified.thumbprint


def permit_of(call: Call, services: WalletServices, now: datetime) -> Permit:
    """What the access token of this call gives a right to; the call proves the key that the token is bound to.

    Raises:
        OAuthProblem: `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`.
    """
    given = call.header("Authorization")
    if given is None or not given.lower().startswith(_SCHEME):
        raise OAuthProblem("invalid_token", "expected an access token in the header Authorization, with the scheme DPoP")
    token = given[len(_SCHEME) :].strip()
    kept = services.references.read(Kind.TOKEN, token, now=now)
    if kept is None or kept.used:
        raise OAuthProblem("invalid_token", "expected an access token of this issuer that has not ended")
    client_id, thumbprint = kept.content.get("client_id"), str(kept.content.get("key"))
    bound_key(call, services, now, bound=BoundToken(token, thumbprint))
    return Permit(token, kept, entitlement_in(kept.content), client_id if isinstance(client_id, str) else None, thumbprint)


def entitlement_in(token: Members) -> Entitlement | None:
    """What is still to be delivered by a token; None when nothing is, so that it holds nothing of the person any more."""
    kept = token.get("entitlement")
    return Entitlement.from_json(kept) if kept is not None else None


def issued_to(content: Members, permit: Permit) -> bool:
    """Whether a reference was given to the wallet that calls, and to its key."""
    return content.get("client_id") == permit.client_id and content.get("key") == permit.thumbprint


def _attested(attestation: str, proof: str, form: Mapping[str, str], services: WalletServices, now: datetime) -> Wallet:
    client = verify_client_attestation(
        attestation,
        proof,
        wallet_providers=lambda client_id: services.wallets[client_id].providers if client_id in services.wallets else None,
        audience=services.identifier,
        at=now,
        challenge_counts=lambda challenge: services.challenges.counts(challenge, now),
        challenge_needed=lambda client_id: services.wallets[client_id].challenges,
    )
    if form.get("client_id", client.client_id) != client.client_id:
        raise OAuthProblem("invalid_client", "expected the client_id of the attestation")
    name = f"attestation|{services.identifier}|{client.thumbprint}|{client.proof_id}"
    if not services.used.first_use(name, until=now + POPS_LIVE, now=now):
        raise OAuthProblem("invalid_client_attestation", "expected a proof of possession that was not used before")
    return services.wallets[client.client_id]


def _asserted(assertion: str, services: WalletServices, now: datetime) -> Wallet:
    verified = verify_client_assertion(
        assertion,
        keys_of=lambda client_id: services.wallets[client_id].keys if client_id in services.wallets else (),
        audiences=(services.identifier, f"{services.address}/token", f"{services.address}/par"),
        at=now,
    )
    name = f"assertion|{services.identifier}|{verified.client_id}|{verified.proof_id}"
    if not services.used.first_use(name, until=verified.counts_until, now=now):
        raise OAuthProblem("invalid_client", "expected an assertion that was not used before")
    return services.wallets[verified.client_id]
