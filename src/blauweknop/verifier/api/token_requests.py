"""OAuth 2.0 client credentials (RFC 6749 section 4.4): a client proves who it is and gets an access token.

In steps:
1. The request is a form of bounded size with each parameter once, and nothing in the address (RFC 6749 3.2; `invalid_request`).
2. `grant_type` is `client_credentials` (`unsupported_grant_type`).
3. The client proves itself in one way (2.3; `invalid_request`): `private_key_jwt` (RFC 7523 section 2.2) or `client_secret_basic` (2.3.1).
4. That proof is right (`invalid_client`). An assertion: ES256 by a key of the client; `iss` and `sub` are the client; `aud` is us; `exp` is
   to come and at most five minutes away; `iat` and `nbf` are not to come; `jti` was not used before (RFC 7523 section 3).
5. What is asked is what the client may (`invalid_scope`); without `scope` it gets all of that (3.3).
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qsl, unquote_plus

from blauweknop.domain.document import JsonValue
from blauweknop.standards.jose import JwsProblem, Purpose, ReceivedJws, VerifiedJws, parse_jws, verify_jws
from blauweknop.verifier.api.access_tokens import AccessTokens
from blauweknop.verifier.api.clients import ApiClient, Clients, Credential, secret_holder

__all__ = ["ASSERTION_TYPE", "MOST_FORM", "TokenRefused", "TokenRequest", "TokenServices", "UsedOnce", "answer_token_request"]

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MOST_FORM = 16 * 1024
"""The largest token request in bytes."""

_ASSERTION = Purpose(None, "given")  # RFC 7523 asks for no type
_MOST_PARAMETERS = 20
_MOST_ASSERTION = 8 * 1024
_MOST_JTI = 256
_LONGEST_LIFE = timedelta(minutes=5)
_SKEW = timedelta(seconds=60)


class TokenRefused(Exception):
    """A request that is refused; `code` is of RFC 6749 section 5.2."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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
        TokenRefused: see the head of this module.
    """
    # Step 1.
    form = _form(request)
    # Step 2.
    if "grant_type" not in form:
        raise TokenRefused("invalid_request")
    if form["grant_type"] != "client_credentials":
        raise TokenRefused("unsupported_grant_type")
    # Steps 3 and 4.
    client, credential = _proved(form, request.authorization, services, now)
    services.allow(client)
    # Step 5.
    scopes = frozenset(form["scope"].split(" ")) if form.get("scope") else credential.scopes
    if not scopes <= credential.scopes:
        raise TokenRefused("invalid_scope")
    return {
        "access_token": services.tokens.give(client, credential, scopes, now),
        "token_type": "Bearer",
        "expires_in": int(services.tokens.life.total_seconds()),
        "scope": " ".join(sorted(scopes)),
    }


def _form(request: TokenRequest) -> dict[str, str]:
    if request.query or request.content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise TokenRefused("invalid_request")
    try:
        pairs = parse_qsl(
            request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError as error:
        raise TokenRefused("invalid_request") from error
    form = dict(pairs)
    if len(form) < len(pairs):
        raise TokenRefused("invalid_request")
    return form


def _proved(form: Mapping[str, str], authorization: str, services: TokenServices, now: datetime) -> tuple[ApiClient, Credential]:
    signed = "client_assertion" in form or "client_assertion_type" in form
    if (signed and authorization) or "client_secret" in form:
        raise TokenRefused("invalid_request")
    found = _by_assertion(form, services, now) if signed else _by_secret(authorization, services, now)
    if found is None:
        raise TokenRefused("invalid_client")
    if form.get("client_id", found[0].id) != found[0].id:
        raise TokenRefused("invalid_client")
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


def _by_assertion(form: Mapping[str, str], services: TokenServices, now: datetime) -> tuple[ApiClient, Credential] | None:
    if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
        raise TokenRefused("invalid_request")
    try:
        received = parse_jws(form["client_assertion"], _ASSERTION, max_bytes=_MOST_ASSERTION)
        # Whose it says to be decides which keys are tried; nothing of it counts before the signature does.
        claims = VerifiedJws(received.header, received.payload).claims()
    except JwsProblem:
        return None
    name = claims.get("sub")
    client = services.clients.get(name) if isinstance(name, str) else None
    credential = _signer(received, client, now) if client else None
    if client is None or credential is None or claims.get("iss") != client.id or not _is_for(claims.get("aud"), services.audiences):
        return None
    ends_at = _fresh_until(claims, now)
    jti = claims.get("jti")
    if ends_at is None or not isinstance(jti, str) or not 1 <= len(jti) <= _MOST_JTI:
        return None
    return (client, credential) if services.used.first_use(f"{client.id}|{jti}", until=ends_at + _SKEW, now=now) else None


def _signer(received: ReceivedJws, client: ApiClient, now: datetime) -> Credential | None:
    """The public key of this client that fits."""
    for credential in client.credentials:
        if credential.kind == "public-key" and credential.usable_at(now):
            try:
                verify_jws(received, credential.key)
            except JwsProblem:
                continue
            return credential
    return None


def _is_for(audience: JsonValue, ours: Sequence[str]) -> bool:
    """One audience: an assertion that is also for another could be used there by us, and here by the other."""
    named = audience if isinstance(audience, list) else [audience]
    return len(named) == 1 and named[0] in ours


def _fresh_until(claims: Mapping[str, JsonValue], now: datetime) -> datetime | None:
    ends_at = _moment(claims.get("exp"))
    if ends_at is None or not now - _SKEW < ends_at <= now + _LONGEST_LIFE + _SKEW:
        return None
    for name in ("iat", "nbf"):
        if name in claims:
            moment = _moment(claims[name])
            if moment is None or moment > now + _SKEW:
                return None
    return ends_at


def _moment(value: JsonValue) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 34:
        return None
    return datetime.fromtimestamp(value, UTC)
