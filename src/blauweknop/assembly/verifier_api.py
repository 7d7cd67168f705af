"""From settings to the API of the check: its services, and what works behind it from the start to the stop of a server."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from litestar import Router
from litestar.types import LifespanHook
from sqlalchemy.engine import Engine

from blauweknop.adapters.api_settings import ApiSettings
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.scheme_settings import SchemeSettings
from blauweknop.adapters.verification_store import UsedAssertions, VerificationStore
from blauweknop.adapters.verifier_dossiers import DossierStore
from blauweknop.adapters.watched_documents import WatchedDocuments
from blauweknop.adapters.webhook_delivery import WebhookPost
from blauweknop.adapters.webhook_outbox import Outbox
from blauweknop.assembly.upkeep import Upkeep
from blauweknop.verifier.api.access import Access
from blauweknop.verifier.api.access_tokens import AccessTokens
from blauweknop.verifier.api.asking import Receivers
from blauweknop.verifier.api.clients import Receiver
from blauweknop.verifier.api.events import status_changed
from blauweknop.verifier.api.household import LastChecks
from blauweknop.verifier.api.later import ChecksLater, new_id
from blauweknop.verifier.api.memory import MemoryUsedOnce, MemoryVerifications
from blauweknop.verifier.api.openapi import description, token_endpoint, token_metadata
from blauweknop.verifier.api.routes import API_PATH, API_VERSION, ApiServices, api_routes
from blauweknop.verifier.api.token_requests import TokenServices
from blauweknop.verifier.api.verifications import Verifications, Watch
from blauweknop.verifier.ports import CheckFile, MakeReport

__all__ = ["ApiParts", "StatusOf", "api_parts", "look_at_watched"]

_BETWEEN_LOOKS = 60.0  # seconds
_LOST_AFTER = timedelta(minutes=30)  # longer than any file waits in line
_FINAL = "withdrawn"

StatusOf = Callable[[Watch, datetime], str | None]
"""What the source says now of a watched document; None when it cannot be told."""


@dataclass(frozen=True, slots=True)
class ApiParts:
    """What an application needs to serve the API."""

    router: Router
    on_startup: tuple[LifespanHook, ...]
    on_shutdown: tuple[LifespanHook, ...]


class _Works(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


def api_parts(
    settings: ApiSettings,
    scheme: SchemeSettings,
    *,
    check: CheckFile,
    status_of: StatusOf,
    database: tuple[Engine, RowKey] | None,
    report: MakeReport | None = None,
    asking: Receivers | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ApiParts:
    """The API at `/v1` of the scheme's address. Without a database it remembers in this process only, and tells nobody anything later."""
    works: Sequence[_Works]
    if database is None:
        memory = MemoryVerifications()
        last_checks: LastChecks = {}
        works = (Upkeep([memory.sweep], every=_BETWEEN_LOOKS, now=now),)
        kept = _Kept(memory, MemoryUsedOnce(), RowKey.from_secret(secrets.token_bytes(32)))
    else:
        engine, key = database
        last_checks = {name: DossierStore(engine, key, name).last_check for name in asking or {}}
        receivers = {client.id: client.receiver for client in settings.clients.values() if client.receiver is not None}
        store = VerificationStore(engine, key, frozenset(receivers))
        works = _works(engine, key, store, receivers, status_of, now, allow_loopback=scheme.is_exercise)
        kept = _Kept(store, UsedAssertions(engine), key)
    services = _services(settings, scheme, check, kept, now, report, asking or {}, last_checks)
    return ApiParts(
        api_routes(services),
        tuple(work.start for work in works),
        (services.later.stop, *(work.stop for work in works), services.stop),
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where the API remembers, and the key of its tokens."""

    verifications: Verifications
    used: MemoryUsedOnce | UsedAssertions
    key: RowKey = field(repr=False)


def _services(
    settings: ApiSettings,
    scheme: SchemeSettings,
    check: CheckFile,
    kept: _Kept,
    now: Callable[[], datetime],
    report: MakeReport | None,
    receivers: Receivers,
    last_checks: LastChecks,
) -> ApiServices:
    address = f"{scheme.base_url}{API_PATH}"
    tokens = AccessTokens(kept.key, settings.token_life)
    access = Access(settings.clients, tokens, now)
    return ApiServices(
        check=check,
        now=now,
        access=access,
        tokens=TokenServices(settings.clients, tokens, kept.used, (address, token_endpoint(address)), access.allow_token),
        verifications=kept.verifications,
        later=ChecksLater(check, kept.verifications, now),
        description=description(address, API_VERSION, settings.contact, asks=bool(receivers)),
        metadata=token_metadata(address),
        report=report,
        receivers=receivers,
        last_checks=last_checks,
        keep=settings.keep,
    )


def _works(
    engine: Engine,
    key: RowKey,
    store: VerificationStore,
    receivers: Mapping[str, Receiver],
    status_of: StatusOf,
    now: Callable[[], datetime],
    *,
    allow_loopback: bool,
) -> Sequence[_Works]:
    outbox, watched = Outbox(engine, key), WatchedDocuments(engine, key)

    def sweep(moment: datetime) -> int:
        gone = store.sweep(moment) + watched.sweep(moment) + outbox.drop_strangers(receivers)
        gone += store.interrupt(begun_before=moment - _LOST_AFTER, now=moment)
        look_at_watched(watched, status_of, moment)
        return gone

    return Upkeep([sweep], every=_BETWEEN_LOOKS, now=now), WebhookPost(outbox, receivers, now, allow_loopback=allow_loopback)


def look_at_watched(watched: WatchedDocuments, status_of: StatusOf, now: datetime) -> int:
    """Put an event in the post for every watched document of which the source now says something else; how many.

    A status that cannot be told is no change: the client hears of it when it can.
    """
    changed = 0
    for watch in sorted(watched.each(now), key=lambda watch: watch.uri):  # each list is read once
        status = status_of(watch, now)
        if status is None or status == watch.status:
            continue
        event = status_changed(
            new_id(), watch.client, watch.verification_id, dataset=watch.dataset, before=watch.status, now=status, at=now
        )
        changed += watched.note(watch, status, event, final=status == _FINAL)
    return changed
