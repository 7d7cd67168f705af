"""Who may ask: the systems of receivers that the configuration names, with what they prove themselves by and what they may do."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

__all__ = [
    "API_KEY_PREFIX",
    "DATA",
    "REQUEST",
    "REQUEST_DATA",
    "SCOPES",
    "VERIFY",
    "WATCH",
    "ApiClient",
    "Caller",
    "Clients",
    "Credential",
    "CredentialKind",
    "Receiver",
    "key_holder",
    "secret_digest",
    "secret_holder",
]

VERIFY = "verify"
DATA = "verify:data"
WATCH = "verify:watch"
REQUEST = "request"
REQUEST_DATA = "request:data"
SCOPES = (VERIFY, DATA, WATCH, REQUEST, REQUEST_DATA)
"""Ask for verdicts; get the certified data of a green one too; be told when a document is withdrawn. Ask people for data; get what they
answered."""

API_KEY_PREFIX = "bk_"
CredentialKind = Literal["api-key", "client-secret", "public-key"]
_MOST_SECRET = 256  # characters; ours have fewer


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing by which a client is known, so that another can take its place while both work.

    `digest` is the SHA-256 of a key or secret of 256 random bits: with so much chance in it, a slow hash would add nothing.
    """

    name: str
    kind: CredentialKind
    scopes: frozenset[str]
    digest: bytes = field(default=b"", repr=False)
    key: ec.EllipticCurvePublicKey | None = field(default=None, repr=False)
    ends_at: datetime | None = None

    def usable_at(self, moment: datetime) -> bool:
        return self.ends_at is None or moment < self.ends_at


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a client is told things, and the secrets by which it knows that it is us: the newest first, while it changes two."""

    url: str
    secrets: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiClient:
    id: str
    credentials: tuple[Credential, ...]
    requests_per_hour: int = 600
    receiver: Receiver | None = None
    asks_for: frozenset[str] = frozenset()
    """Short names of the receivers for which it may ask people for data."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that proved who it is, and what it may do with what it proved it by."""

    client: ApiClient
    scopes: frozenset[str]


Clients = Mapping[str, ApiClient]


def secret_digest(secret: str) -> bytes:
    """What is kept of a key or a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def key_holder(key: str, clients: Clients, now: datetime) -> Caller | None:
    """Whose API key this is. Every key is compared, each in constant time: how long it takes says nothing about how near it was."""
    pairs = ((client, credential) for client in clients.values() for credential in client.credentials if credential.kind == "api-key")
    return _holder(key, pairs, now)


def secret_holder(client_id: str, secret: str, clients: Clients, now: datetime) -> tuple[ApiClient, Credential] | None:
    """The client of this id, when the secret is one of its own."""
    client = clients.get(client_id)
    pairs = ((client, credential) for credential in client.credentials if credential.kind == "client-secret") if client else ()
    return _matching(secret, iter(pairs), now)


def _holder(key: str, pairs: Iterator[tuple[ApiClient, Credential]], now: datetime) -> Caller | None:
    found = _matching(key, pairs, now)
    return Caller(found[0], found[1].scopes) if found else None


def _matching(secret: str, pairs: Iterator[tuple[ApiClient, Credential]], now: datetime) -> tuple[ApiClient, Credential] | None:
    digest = secret_digest(secret[:_MOST_SECRET])
    found = None
    for client, credential in pairs:
        if hmac.compare_digest(credential.digest, digest) and credential.usable_at(now):
            found = client, credential
    return found if len(secret) <= _MOST_SECRET else None
