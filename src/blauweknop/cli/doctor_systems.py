"""Do the systems around a source answer: its database, its login provider, and where its data comes from.

1. The database answers and has the tables of this version; the secret key of its rows can be read.
2. Each source system answers a question about nobody: a burgerservicenummer of the exercise range that is not given out.
3. The login provider's metadata can be had and agrees with what was agreed, and our own keys for it can be used.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import structlog
from sqlalchemy.engine import make_url

from blauweknop.adapters.database import open_database, pending
from blauweknop.adapters.http_client import GuardedClient, Reach
from blauweknop.adapters.login_provider import Provider
from blauweknop.adapters.login_tokens import LoginRefused
from blauweknop.adapters.row_encryption import read_secret_key
from blauweknop.adapters.settings import Settings, SourceSettings
from blauweknop.adapters.settings_storage import StorageSettings
from blauweknop.adapters.sources.open import open_source
from blauweknop.assembly.issuers import client_keys
from blauweknop.cli.doctor_findings import Finding, fail, fault, ok, warn
from blauweknop.domain.document import Unavailable
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.identifiers import Bsn

__all__ = ["examine_database", "examine_reach"]

_NOBODY = Bsn.parse("999999990")
_AT_ONCE = 8
_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)


def examine_database(storage: StorageSettings) -> Iterator[Finding]:
    """Step 1; opens nothing that is not there yet."""
    try:
        file = _sqlite_file(storage)
        if file is not None and not file.is_file():
            yield fail("database_new")
        elif pending(open_database(storage.url)):
            yield fail("database_pending")
        else:
            yield ok("database", kind=_kind(storage))
    except BlauweKnopError as error:
        yield fault("database", error)
    # From 3.12 on the durable work needs RETURNING as SQLite has it since 3.42.
    if _kind(storage).startswith("SQLite") and sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42):
        yield warn("sqlite_old", version=sqlite3.sqlite_version)
    try:
        read_secret_key(storage.secret_key_file)
    except BlauweKnopError as error:
        yield fault("secret_key", error)


def _sqlite_file(storage: StorageSettings) -> Path | None:
    prefix = "sqlite:///"
    url = storage.url
    return Path(make_url(url).database or "") if url.startswith(prefix) else None


def _kind(storage: StorageSettings) -> str:
    return f"SQLite {sqlite3.sqlite_version}" if storage.url.startswith("sqlite") else "PostgreSQL"


def examine_reach(settings: Settings) -> Iterator[Finding]:
    """Steps 2 and 3 for all sources, side by side, since each may take its whole time-out."""
    questions: list[Callable[[], Finding]] = []
    for source in settings.sources.values():
        questions += [_source_question(source, dataset_id) for dataset_id in source.datasets]
        questions.append(_login_question(settings, source))
    structlog.configure(processors=[_listen], cache_logger_on_first_use=False)
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from pool.map(lambda question: question(), questions)
    finally:
        structlog.reset_defaults()


def _listen(_logger: Any, _method: str, event: Any) -> NoReturn:
    """What the adapters would log of a fault becomes part of the finding."""
    heard = _heard.get()
    if heard is not None:
        heard.append(str(event.get("reason", "")))
    raise structlog.DropEvent


def _source_question(source: SourceSettings, dataset_id: str) -> Callable[[], Finding]:
    def ask() -> Finding:
        settings = source.datasets[dataset_id]
        named = {"source": source.identity.id, "dataset": dataset_id}
        heard: list[str] = []
        _heard.set(heard)
        outcome = open_source(settings).fetch(_NOBODY, settings.mapping.dataset, at=datetime.now(UTC))
        if isinstance(outcome, Unavailable):
            code = "source_configuration" if outcome.cause == "configuration" else "source"
            return fail(code, **named, reason=next(iter(heard), outcome.cause))
        return ok("source", **named)

    return ask


def _login_question(settings: Settings, source: SourceSettings) -> Callable[[], Finding]:
    def ask() -> Finding:
        named = {"source": source.identity.id, "login": source.login.name}
        own = f"{settings.scheme.base_url}{source.path}"
        agreement = source.login.settings(redirect_uri=f"{own}/terug", post_logout_redirect_uri=f"{own}/uitgelogd")
        reach = Reach(frozenset({urlsplit(agreement.issuer).netloc.lower()}), allow_loopback=settings.scheme.is_exercise)
        try:
            client_keys(source)
            Provider(agreement, GuardedClient(reach)).metadata(datetime.now(UTC))
        except LoginRefused as refused:
            return fail(f"login_{refused.code.value}", **named)
        except BlauweKnopError as error:
            return fault("login", error, **named)
        return ok("login", **named)

    return ask
