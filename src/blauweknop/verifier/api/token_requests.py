"""OAuth 2.0 client credentials (RFC 6749 section 4.4): a client proves who it is and gets an access token.

In steps:
1. The request is a form of bounded size with each parameter once, and nothing in the address (RFC 6749 3.2; `invalid_request`).
2. `grant_type` is `client_credentials` (`unsupported_grant_type`).
3. The client proves itself in one way (2.3; `invalid_request`): `private_key_jwt` (RFC 7523 section 2.2) or `client_secret_basic` (2.3.1).
4. That proof is right (`invalid_client`), and an assertion comes once; `standards/client_assertion` has its rules.
5. What is asked is what the client may (`invalid_scope`); without `scope` it gets all of that (3.3).
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import unquote_plus

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.standards.client_assertion import assertion_in, verify_client_assertion
from blauweknop.standards.oauth import OAuthProblem, read_form, required_parameter
from blauweknop.verifier.api.access_tokens import AccessTokens
from blauweknop.verifier.api.clients import ApiClient, Clients, Credential, secret_holder

__all__ = ["TokenRequest", "TokenServices", "UsedOnce", "answer_token_request"]


class UsedOnce(Protocol):
    """Remembers what may be used once; shared by all processes that take the same assertions."""

    def first_use(self, name: str, *, until: datetime, now: datetime) -> bool:
        """Whether this is the first time; after `until` it may be forgotten."""
        ...


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request as it came in."""

    query: bytes
    content_type: str
    authorization: str = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenServices:
    """What giving tokens needs; `audiences` are the names under which we are addressed: our issuer name and the token endpoint."""

    clients: Clients
    tokens: AccessTokens
    used: UsedOnce
    audiences: Sequence[str]
    allow: Callable[[ApiClient], None]  # raises when this client asks too often


def answer_token_request(request: TokenRequest, services: TokenServices, now: datetime) -> dict[str, JsonValue]:
    """The answer of RFC 6749 section 5.1.

    Raises:
        OAuthProblem: see the head of this module.
    """
    # Step 1.
    form = read_form(request.body, request.content_type, request.query)
    # Step 2.
    if required_parameter(form, "grant_type") != "client_credentials":
        raise OAuthProblem("unsupported_grant_type", "expected grant_type client_credentials")
    # Steps 3 and 4.
    client, credential = _proved(form, request.authorization, services, now)
    services.allow(client)
    # Step 5.
    scopes = frozenset(form["scope"].split(" ")) if "scope" in form else credential.scopes
    if not scopes <= credential.scopes:
        raise OAuthProblem("invalid_scope", "expected scopes that the client has")
    return {
        "access_token": services.tokens.give(client, credential, scopes, now),
        "token_type": "Bearer",
        "expires_in": int(services.tokens.life.total_seconds()),
        "scope": " ".join(sorted(scopes)),
    }


def _proved(form: Mapping[str, str], authorization: str, services: TokenServices, now: datetime) -> tuple[ApiClient, Credential]:
    assertion = assertion_in(form)
    if (assertion is not None and authorization) or "client_secret" in form:
        raise OAuthProblem("invalid_request", "expected one proof of the client, and no secret in the form")
    found = _by_secret(authorization, services, now) if assertion is None else _by_assertion(assertion, services, now)
    if found is None or form.get("client_id", found[0].id) != found[0].id:
        raise OAuthProblem("invalid_client", "expected a proof of a client that is known")
    return found


def _by_secret(authorization: str, services: TokenServices, now: datetime) -> tuple[ApiClient, Credential] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return secret_holder(unquote_plus(name), unquote_plus(secret), services.clients, now) if colon else None


def _by_assertion(assertion: str, services: TokenServices, now: datetime) -> tuple[ApiClient, Credential] | None:
    verified = verify_client_assertion(
        assertion,
        keys_of=lambda client_id: [key for key, _ in _keys(services.clients.get(client_id), now)],
        audiences=services.audiences,
        at=now,
    )
    client = services.clients[verified.client_id]
    if not services.used.first_use(f"{client.id}|{verified.proof_id}", until=verified.counts_until, now=now):
        return None
    return client, next(credential for key, credential in _keys(client, now) if key == verified.key)


def _keys(client: ApiClient | None, now: datetime) -> list[tuple[ec.EllipticCurvePublicKey, Credential]]:
    """The public keys of a client that count now, each with what it is in the configuration."""
    credentials = client.credentials if client else ()
    return [(credential.key, credential) for credential in credentials if credential.key and credential.usable_at(now)]
