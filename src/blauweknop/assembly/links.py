"""From settings to what links need: where they wait, and the register, which says to whom one can be given."""

import re
import ssl
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from urllib.parse import urlsplit

import structlog
from litestar import Router
from sqlalchemy.engine import Engine

from blauweknop.adapters.holder_links import HolderLinks
from blauweknop.adapters.holder_settings import HolderSettings
from blauweknop.adapters.http_client import FetchProblem, GuardedClient, Reach
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.links.following import look_at_link
from blauweknop.holder.links.items import link_in, made_link
from blauweknop.holder.links.ports import LinkServices
from blauweknop.holder.links.routes_fetch import link_routes
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.vault import Vault
from blauweknop.standards.json_members import MalformedMember, member_texts
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["PublishedReceivers", "link_pages_of", "link_services", "with_links"]

_EVERY, _AFTER_SILENCE = timedelta(minutes=5), timedelta(seconds=30)
_MOST_BYTES = 16 * 1024 * 1024
_MOST_RECEIVERS = 2000
_CERTIFICATE = re.compile(r"[A-Za-z0-9_.-]{1,524288}")
_LOG = structlog.get_logger("blauweknop.holder")


class PublishedReceivers:
    """The registrations that a register publishes, read anew every five minutes; the last ones while it is silent. Then it is asked again
    after half a minute and not for each page, since each that asks waits.

    Nothing of them is believed here: each is signed, and is verified whenever it is used.
    """

    def __init__(self, fetch: Callable[[], bytes]) -> None:
        self._fetch = fetch
        self._lock = Lock()
        self._kept: tuple[str, ...] = ()
        self._asked_at: datetime | None = None
        self._stands = _EVERY

    def __call__(self, now: datetime) -> Sequence[str]:
        with self._lock:
            if self._asked_at is None or not timedelta() <= now - self._asked_at < self._stands:
                self._renew(now)
            return self._kept

    def _renew(self, now: datetime) -> None:
        self._asked_at, self._stands = now, _AFTER_SILENCE
        try:
            members = parse_json_object(self._fetch(), max_bytes=_MOST_BYTES)
            self._kept = member_texts(members, "registrations", _CERTIFICATE, most=_MOST_RECEIVERS)
            self._stands = _EVERY
        except (FetchProblem, MalformedJson, MalformedMember) as error:
            _LOG.warning("receivers_unreadable", reason=type(error).__name__)


def link_services(
    settings: HolderSettings,
    sharing: SharingServices,
    engine: Engine,
    key: RowKey,
    *,
    exercise: bool,
    tls: ssl.SSLContext | None = None,
) -> LinkServices | None:
    """What links need; None without the address of a register."""
    if not settings.receivers:
        return None
    host = urlsplit(settings.receivers).netloc.lower()
    client = GuardedClient(Reach(frozenset({host}), allow_loopback=exercise, allow_private=True, max_bytes=_MOST_BYTES), tls=tls)

    def fetch() -> bytes:
        answer = client.send("GET", settings.receivers, headers={"Accept": "application/json"})
        return answer.body if answer.status == 200 else b""

    return LinkServices(sharing, HolderLinks(engine, key), PublishedReceivers(fetch), Typesetter().typeset)


def with_links(services: HolderServices, links: LinkServices | None) -> HolderServices:
    """The same, where what is known of links goes along with all else that a person takes along.

    A link that cannot be read or changed goes along as it is kept: it keeps nobody from the rest.
    """
    if links is None:
        return services

    def look(vault: Vault) -> None:
        for head in vault.heads():
            try:
                made = made_link(vault, head.id.hex()) if link_in(head.head) is not None else None
                if made is not None:
                    look_at_link(made, vault, links, services.now())
            except BlauweKnopError as error:
                _LOG.warning("link_passed_over", reason=type(error).__name__)

    return replace(services, before_taking_along=look)


def link_pages_of(services: HolderServices, links: LinkServices | None) -> list[Router]:
    """Their pages and addresses; none where no links are made."""
    return link_routes(services, links) if links is not None else []
