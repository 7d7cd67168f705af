"""Access tokens: a few minutes of what a client may do, encrypted for ourselves alone, so that nothing of them has to be kept.

A token names the credential that it was given for, and ends with it: take a credential out of the configuration and its tokens are worth
nothing. It is opaque to everyone else (RFC 6749 section 1.4).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.verifier.api.clients import ApiClient, Caller, Clients, Credential

__all__ = ["AccessTokens", "Sealer"]

_TABLE = "api_access_tokens"
_MOST_TOKEN = 2048  # characters


class Sealer(Protocol):
    """Encrypts for ourselves, bound to a purpose; all processes that must know each other's tokens share one key."""

    def encrypt(self, payload: bytes, *, table: str, row: bytes) -> bytes: ...

    def decrypt(self, stored: bytes, *, table: str, row: bytes) -> bytes:
        """Raises: BlauweKnopError, when it is not ours."""
        ...


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    client: str
    credential: str
    scopes: list[str]
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Gives tokens and reads them back."""

    sealer: Sealer = field(repr=False)
    life: timedelta = timedelta(minutes=10)

    def give(self, client: ApiClient, credential: Credential, scopes: frozenset[str], now: datetime) -> str:
        payload = _Payload(client.id, credential.name, sorted(scopes), now + self.life)
        return base64url.encode(self.sealer.encrypt(msgspec.json.encode(payload), table=_TABLE, row=b""))

    def caller_of(self, token: str, clients: Clients, now: datetime) -> Caller | None:
        """Whose token this is; None when it is not ours, ended, or its client or credential did."""
        payload = self._read(token)
        client = clients.get(payload.client) if payload else None
        if payload is None or client is None or now >= payload.ends_at:
            return None
        credential = next((credential for credential in client.credentials if credential.name == payload.credential), None)
        if credential is None or not credential.usable_at(now):
            return None
        return Caller(client, frozenset(payload.scopes) & credential.scopes)

    def _read(self, token: str) -> _Payload | None:
        if len(token) > _MOST_TOKEN:
            return None
        try:
            return msgspec.json.decode(self.sealer.decrypt(base64url.decode(token), table=_TABLE, row=b""), type=_Payload)
        except (MalformedBase64, BlauweKnopError, msgspec.DecodeError):
            return None
