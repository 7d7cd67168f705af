"""Can the documents of a source be looked up: its status lists, as a receiver meets them (PROTOCOL 5.1).

1. The trust list names the host of the lists when the source gives documents a place, and no host when it does not.
2. Each list of this year answers at its address, is signed by a certificate of this source on the trust list, and counts now.
3. It is no older than a quarter of an hour: an older one comes from a cache that keeps it too long.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from blauweknop.adapters.database import StorageError, open_database
from blauweknop.adapters.settings import Settings, SourceSettings
from blauweknop.adapters.status_fetching import fetch_status_list
from blauweknop.adapters.status_lists import ListAddress, list_addresses
from blauweknop.checking.status import may_be_asked
from blauweknop.cli.doctor_findings import Finding, fail, fault, ok, warn
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.lote import ServiceKind, TrustedEntity
from blauweknop.standards.status_list import read_status_list
from blauweknop.standards.trust_list import TrustList

__all__ = ["examine_status_lists"]

Fetch = Callable[[str], bytes]

_OLDEST = timedelta(minutes=16)
_AT_ONCE = 8


def examine_status_lists(
    settings: Settings, trust_list: TrustList, *, now: datetime, fetch: Fetch = fetch_status_list
) -> Iterator[Finding]:
    """All sources that the trust list knows; what the others lack is said elsewhere."""
    known = [(source, trust_list.entity(source.identity.oin)) for source in settings.sources.values()]
    listed = [(source, entity) for source, entity in known if entity is not None]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        examine = partial(_examine, settings, exercise=trust_list.exercise, now=now, fetch=fetch)
        for findings in pool.map(lambda pair: [*examine(*pair)], listed):
            yield from findings


def _examine(
    settings: Settings, source: SourceSettings, entity: TrustedEntity, *, exercise: bool, now: datetime, fetch: Fetch
) -> Iterator[Finding]:
    named = {"source": source.identity.id}
    if not source.status_lists:
        yield fail("status_lists_off", **named) if entity.status_list_hosts else warn("status_lists_none", **named)
        return
    # 1
    if not may_be_asked(f"{settings.scheme.base_url}/", entity, exercise=exercise):
        yield fail("status_host", **named, host=urlsplit(settings.scheme.base_url).netloc)
        return
    try:
        lists = list_addresses(open_database(settings.storage.url), source.identity.id)
    except StorageError:
        return  # said by the examination of the database
    this_year = [address for address in lists if address.year >= now.astimezone(AMSTERDAM).year]
    if not this_year:
        yield ok("status_lists_new", **named)
    for address in this_year:
        yield _examine_list(address, entity, now, fetch)


def _examine_list(address: ListAddress, entity: TrustedEntity, now: datetime, fetch: Fetch) -> Finding:
    """Steps 2 and 3."""
    named = {"source": address.source, "list": address.list_id}
    signers = (*entity.certificates(ServiceKind.STATUS_LIST, now), *entity.certificates(ServiceKind.CREDENTIAL, now))
    try:
        received = read_status_list(fetch(address.uri), uri=address.uri, signers=signers)
        received.require_current(now)
    except BlauweKnopError as error:
        return fault("status_list", error, **named)
    minutes = round((now - received.issued_at).total_seconds() / 60)
    old = now - received.issued_at > _OLDEST
    return warn("status_list_old", **named, minutes=minutes) if old else ok("status_list", **named, minutes=max(0, minutes))
