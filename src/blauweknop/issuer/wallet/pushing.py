"""A wallet says behind the back of the browser what it wants (PAR, RFC 9126; PROTOCOL 2.2 steps 2 and 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from blauweknop.domain.document import JsonValue
from blauweknop.issuer.wallet.callers import Call, bound_key, wallet_of
from blauweknop.issuer.wallet.ports import Kept, Kind, Wallet, WalletServices
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.openid4vci.authorization_request import AuthorizationRequest, read_authorization_request

__all__ = ["REQUEST_LIFE", "PushedRequest", "begin_visit", "push_request", "visit_of"]

REQUEST_LIFE = timedelta(seconds=60)
_VISIT_LIFE = timedelta(minutes=15)  # to log in and to decide
_PREFIX = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """What a known wallet asks for, and how to go back to it. `key` is the thumbprint of the key that its token must be bound to."""

    client_id: str
    redirect_uri: str
    wanted: tuple[str, ...]
    state: str | None
    code_challenge: str
    key: str | None
    by_details: bool
    """Whether it asked with authorization_details, so that the token answers with them."""

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "wanted": list(self.wanted),
            "state": self.state,
            "code_challenge": self.code_challenge,
            "key": self.key,
            "by_details": self.by_details,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "PushedRequest":
        wanted, state, key = kept["wanted"], kept["state"], kept["key"]
        return cls(
            str(kept["client_id"]),
            str(kept["redirect_uri"]),
            tuple(str(name) for name in wanted) if isinstance(wanted, list) else (),
            str(state) if state is not None else None,
            str(kept["code_challenge"]),
            str(key) if key is not None else None,
            kept["by_details"] is True,
        )


def push_request(call: Call, form: Mapping[str, str], services: WalletServices, now: datetime) -> str:
    """Keep a request for a minute; the `request_uri` to come with.

    Raises:
        OAuthProblem: the wallet is not known, or asks what it may not.
    """
    wallet = wallet_of(call, form, services, now)
    if wallet is None:
        raise OAuthProblem("invalid_client", "expected a wallet that proves which one it is")
    asked = read_authorization_request(form, issuer=services.identifier)
    if asked.client_id != wallet.client_id:
        raise OAuthProblem("invalid_client", "expected the client_id of the wallet that asks")
    if asked.redirect_uri not in wallet.redirect_uris:
        raise OAuthProblem("invalid_request", "expected a redirect_uri that is registered for this wallet")
    key = asked.dpop_thumbprint
    if call.header("DPoP") is not None:
        proved = bound_key(call, services, now)
        if key not in (None, proved):
            raise OAuthProblem("invalid_dpop_proof", "expected a DPoP proof by the key of dpop_jkt")
        key = proved
    request = PushedRequest(
        asked.client_id,
        asked.redirect_uri,
        _known(asked, wallet, services),
        asked.state,
        asked.code_challenge,
        key,
        bool(asked.configuration_ids),
    )
    reference = services.references.keep(Kind.REQUEST, request.as_json(), now=now, life=REQUEST_LIFE)
    return f"{_PREFIX}{reference}"


def begin_visit(request_uri: str, client_id: str, services: WalletServices, now: datetime) -> str | None:
    """Use up a pushed request; the reference of the visit of this person. None when there is no such request of this wallet any more."""
    if not request_uri.startswith(_PREFIX):
        return None
    reference = request_uri.removeprefix(_PREFIX)
    kept = services.references.read(Kind.REQUEST, reference, now=now)
    if kept is None or kept.used or kept.content.get("client_id") != client_id:
        return None
    used = services.references.use(Kind.REQUEST, reference, now=now)
    if used is None or used.used:
        return None
    return services.references.keep(Kind.VISIT, used.content, now=now, life=_VISIT_LIFE)


def visit_of(reference: str, services: WalletServices, now: datetime) -> PushedRequest | None:
    """What the person of this visit was asked; None when it ended or was decided upon."""
    kept: Kept | None = services.references.read(Kind.VISIT, reference, now=now)
    return PushedRequest.from_json(kept.content) if kept is not None and not kept.used else None


def _known(asked: AuthorizationRequest, wallet: Wallet, services: WalletServices) -> tuple[str, ...]:
    """What is asked, each once. A scope that means nothing here is left out (RFC 6749 section 3.3), one of all may not.

    A document is for servers alone: a wallet has no place for it.
    """

    def may_have(name: str) -> bool:
        return name in services.configurations or (bool(wallet.keys) and services.dataset_of(name) is not None)

    if not all(may_have(name) for name in asked.configuration_ids):
        raise OAuthProblem("invalid_authorization_details", "expected configurations that this issuer has")
    known = tuple(name for name in asked.configuration_ids_or_scopes if may_have(name))
    if not known:
        raise OAuthProblem("invalid_scope", "expected a scope of this issuer")
    return known
