"""Can wallets be served: which ones are known, and does a source tell them what it has, at the place where they look (PROTOCOL 2.1)?

1. A wallet is known by certificates of now, or by keys that can be read; and it has an address to go back to.
2. A source can issue: it gives each document a place in a status list, so that what is in a wallet can be taken back too.
3. What wallets read of a source is at its address below the root of the site, and is of this very source.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from blauweknop.adapters.http_client import GuardedClient, Reach
from blauweknop.adapters.keys import load_certificates
from blauweknop.adapters.settings import Settings, SourceSettings
from blauweknop.adapters.wallet_keys import load_wallet
from blauweknop.adapters.wallet_settings import KnownWallet
from blauweknop.cli.doctor_findings import Finding, fail, fault, ok, warn
from blauweknop.domain.dates import date_in_words
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["examine_wallets", "fetch_metadata"]

Fetch = Callable[[str], bytes]

_SOON = timedelta(days=30)
_MAX_METADATA = 4 * 1024 * 1024
_AT_ONCE = 8


def examine_wallets(settings: Settings, *, now: datetime, language: str, fetch: Fetch | None = None) -> Iterator[Finding]:
    """Nothing without [wallets]."""
    if settings.wallets is None:
        return
    for name, wallet in settings.wallets.known.items():
        yield from _examine_wallet(name, wallet, now, language)  # 1
    if not settings.wallets.known and not settings.wallets.unknown:
        yield fail("wallets_none")
    answered = fetch or partial(fetch_metadata, exercise=settings.scheme.is_exercise)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(lambda source: _examine_source(settings, source, answered), settings.sources.values())


def fetch_metadata(address: str, *, exercise: bool) -> bytes:
    """What a source tells wallets at this address.

    Raises:
        BlauweKnopError: no answer that can be used.
    """
    client = GuardedClient(Reach(frozenset({urlsplit(address).netloc.lower()}), allow_loopback=exercise, max_bytes=_MAX_METADATA))
    try:
        answer = client.send("GET", address, headers={"Accept": "application/json"})
    finally:
        client.close()
    if answer.status != 200:
        raise BlauweKnopError(f"the address answered {answer.status}")
    return answer.body


def _examine_wallet(name: str, wallet: KnownWallet, now: datetime, language: str) -> Iterator[Finding]:
    try:
        load_wallet(wallet)
        certificates = [certificate for path in wallet.providers for certificate in load_certificates(path)]
    except BlauweKnopError as error:
        yield fault("wallet_keys", error, wallet=name)
        return
    for certificate in certificates:
        day = date_in_words(certificate.not_valid_after_utc.date(), language)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            yield fail("wallet_certificate", wallet=name, day=day)
        elif certificate.not_valid_after_utc - now < _SOON:
            yield warn("wallet_certificate_ends", wallet=name, day=day)
    if not wallet.redirect_uris:
        yield warn("wallet_no_way_back", wallet=name)
    yield ok("wallet", wallet=name, name=wallet.name)


def _examine_source(settings: Settings, source: SourceSettings, fetch: Fetch) -> Finding:
    name = source.identity.id
    if not source.status_lists:
        return fail("wallets_without_status", source=name)  # 2
    identifier = f"{settings.scheme.base_url}{source.path}"
    address = f"{settings.scheme.base_url}/.well-known/openid-credential-issuer{source.path}"
    try:
        said = parse_json_object(fetch(address), max_bytes=_MAX_METADATA)  # 3
    except (BlauweKnopError, MalformedJson) as error:
        return fault("wallet_metadata", error, source=name, address=address)
    if said.get("credential_issuer") != identifier:
        return fail("wallet_metadata_of_other", source=name, address=address)
    return ok("wallet_metadata", source=name)
