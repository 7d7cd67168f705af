"""Which systems may use the API of the check, and how they are known: the table [api].

[api]
keep_hours = 24             # how long a verdict can be asked again; no value of a person is in it
token_seconds = 600         # life of an access token
requests_per_hour = 600     # of each client, unless it has its own

[api.contact]               # whom builders can ask; stands in /v1/openapi.json
name = "Team controle"
email = "api@organisatie.example"
url = "https://organisatie.example/api"

[api.clients.zaaksysteem]
scopes = ["verify", "verify:data", "verify:watch", "request", "request:data"]
asks_for = ["schuldhulp"]   # receivers of [requests] for which it may ask people for data; goes with the scope "request"

[api.clients.zaaksysteem.credentials.2026-11]      # `blauweknop keys api-client` makes these lines
kind = "api-key"            # or "client-secret", or "public-key" with jwk = { kty = "EC", ... }
sha256 = "..."
scopes = ["verify"]         # fewer than the client, when wanted
expires = 2027-06-30        # the last day; revoked = true ends it at once

[api.clients.zaaksysteem.webhook]                  # needs [storage]
url = "https://zaken.organisatie.example/blauwe-knop"
secret_files = ["zaaksysteem-webhook"]             # two while it is changed, the newest first
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import get_args

from blauweknop.adapters.row_encryption import SecretKeyError, read_secret_key
from blauweknop.adapters.scheme_settings import SchemeSettings, web_address
from blauweknop.adapters.settings_table import Table
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.standards.jwk import UnsuitableJwk, read_public_jwk
from blauweknop.verifier.api.clients import REQUEST, SCOPES, WATCH, ApiClient, Credential, CredentialKind, Receiver
from blauweknop.verifier.api.openapi import Contact

__all__ = ["ApiSettings", "api_settings"]

_MOST_HOURS = 24 * 7
_LONGEST_TOKEN = 3600
_MOST_REQUESTS = 1_000_000
_MOST_CLIENTS = 1000
_MOST_CREDENTIALS = 20
_KINDS: Mapping[str, CredentialKind] = {kind: kind for kind in get_args(CredentialKind)}


@dataclass(frozen=True, slots=True)
class ApiSettings:
    contact: Contact
    clients: Mapping[str, ApiClient]
    keep: timedelta
    token_life: timedelta


def api_settings(table: Table, scheme: SchemeSettings, *, has_storage: bool) -> ApiSettings:
    """The table [api].

    Raises:
        SettingsError: the first thing that is wrong.
    """
    usual = table.count("requests_per_hour", 600, most=_MOST_REQUESTS)
    named = table.table("clients")
    clients = {name: _client(name, child, scheme, usual, has_storage=has_storage) for name, child in named.tables()}
    if len(clients) > _MOST_CLIENTS:
        raise named.error("", f"has more than {_MOST_CLIENTS} clients", "give some a server of their own")
    _refuse_same_secrets(clients, named)
    settings = ApiSettings(
        _contact(table.table("contact")),
        clients,
        timedelta(hours=table.count("keep_hours", 24, most=_MOST_HOURS)),
        timedelta(seconds=table.count("token_seconds", 600, most=_LONGEST_TOKEN)),
    )
    table.finish()
    return settings


def _contact(table: Table) -> Contact:
    contact = Contact(table.text("name"), table.text("email"), table.text("url"))
    table.finish()
    return contact


def _client(name: str, table: Table, scheme: SchemeSettings, usual: int, *, has_storage: bool) -> ApiClient:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,62}", name):
        raise table.error("", "has an unsuitable name", "use small letters, digits and hyphens: it is the client_id")
    scopes = _scopes(table, frozenset(SCOPES), None)
    receiver = _receiver(table.table("webhook"), scheme) if "webhook" in table else None
    if receiver and not has_storage:
        raise table.error("webhook", "needs a database", "add a table [storage]: what is to be told must outlive this process")
    if WATCH in scopes and receiver is None:
        raise table.error("scopes", "lets this client watch documents, but it has no webhook", f"add one, or leave {WATCH} out")
    asks_for = frozenset(table.texts("asks_for", ()))
    if bool(asks_for) != (REQUEST in scopes):
        raise table.error("asks_for", f"goes with the scope {REQUEST}", "name the receivers for which it may ask, or leave both out")
    named = table.table("credentials")
    credentials = [_credential(key, child, scopes) for key, child in named.tables()]
    if not 1 <= len(credentials) <= _MOST_CREDENTIALS:
        raise named.error("", f"must have one to {_MOST_CREDENTIALS} credentials", f"make one: blauweknop keys api-client {name}")
    client = ApiClient(
        name,
        tuple(credential for credential in credentials if credential is not None),
        table.count("requests_per_hour", usual, most=_MOST_REQUESTS),
        receiver,
        asks_for,
    )
    table.finish()
    return client


def _credential(name: str, table: Table, scopes: frozenset[str]) -> Credential | None:
    """None for one that was revoked."""
    kind = _KINDS[table.choice("kind", tuple(_KINDS))]
    revoked = table.flag("revoked", False)
    digest, key = b"", None
    if kind == "public-key":
        try:
            key = read_public_jwk(dict(table.table("jwk").values))
        except UnsuitableJwk as error:
            raise table.error(
                "jwk", "is not a public P-256 key", 'write it as { kty = "EC", crv = "P-256", x = "...", y = "..." }'
            ) from error
    else:
        text = table.text("sha256")
        if not re.fullmatch(r"[0-9a-f]{64}", text):
            raise table.error("sha256", "must be a SHA-256 of 64 hexadecimal digits", "take the line of: blauweknop keys api-client")
        digest = bytes.fromhex(text)
    credential = Credential(name, kind, _scopes(table, scopes, scopes), digest, key, _end(table))
    table.finish()
    return None if revoked else credential


def _scopes(table: Table, allowed: frozenset[str], default: frozenset[str] | None) -> frozenset[str]:
    scopes = frozenset(table.texts("scopes", tuple(default) if default else None))
    if not scopes or not scopes <= allowed:
        raise table.error(
            "scopes", "has an unknown scope, or one that the client does not have", f"choose from: {', '.join(sorted(allowed))}"
        )
    return scopes


def _end(table: Table) -> datetime | None:
    """The end of the day, on Dutch clocks."""
    if "expires" not in table:
        return None
    day = table.raw("expires")
    if not isinstance(day, date) or isinstance(day, datetime):
        raise table.error("expires", "must be a day", "write it without quotes, as 2027-06-30")
    return datetime.combine(day + timedelta(days=1), time(), AMSTERDAM)


def _receiver(table: Table, scheme: SchemeSettings) -> Receiver:
    url = web_address(table, "url", scheme.is_exercise)
    files = table.existing_files("secret_files")
    if not 1 <= len(files) <= 2:
        raise table.error("secret_files", "must name one or two files", "make one: blauweknop keys api-client NAME --webhook ADDRESS")
    try:
        receiver = Receiver(url, tuple(read_secret_key(file) for file in files))
    except SecretKeyError as error:
        raise table.error("secret_files", f"cannot be used: {error}", error.remedy) from error
    table.finish()
    return receiver


def _refuse_same_secrets(clients: Mapping[str, ApiClient], table: Table) -> None:
    seen: set[bytes] = set()
    for name, client in clients.items():
        for credential in client.credentials:
            if credential.digest and credential.digest in seen:
                raise table.error(name, "has the same key or secret as another", "make one for each: blauweknop keys api-client")
            seen.add(credential.digest)
