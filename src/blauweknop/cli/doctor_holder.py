"""Can people keep things in Mijn Blauwe Knop and fetch them there? Nothing is said when the configuration has no [holder].

1. Its database answers, unless that was said already, and the secrets of before can be read.
2. Passkeys work at the host of base_url: a name; on this machine one may come by localhost instead.
3. Our key for the sources can be used; each source is on the trust list and may certify, and its issuer answers under its own name.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from blauweknop.adapters.collecting_settings import CollectSettings, SourceAddress
from blauweknop.adapters.holder_settings import load_holder
from blauweknop.adapters.keys import load_private_key
from blauweknop.adapters.row_encryption import read_secret_key
from blauweknop.adapters.settings_storage import StorageSettings
from blauweknop.adapters.settings_table import read_toml
from blauweknop.cli.doctor_findings import Finding, fail, fault, ok, warn
from blauweknop.cli.doctor_systems import examine_database
from blauweknop.cli.doctor_wallets import fetch_metadata
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.standards.trust_list import ServiceKind, TrustList

__all__ = ["examine_holder"]

Fetch = Callable[[str], bytes]

_MAX_METADATA = 4 * 1024 * 1024
_AT_ONCE = 8


def examine_holder(
    config: Path, trust_list: TrustList | None, *, now: datetime, with_database: bool, fetch: Fetch | None = None
) -> Iterator[Finding]:
    """Everything of [holder]; `with_database` when nobody looked at it yet.

    Raises:
        SettingsError: the table is broken.
    """
    if "holder" not in read_toml(config):
        return
    scheme, storage, settings = load_holder(config)
    if with_database:
        yield from examine_database(storage)
    yield from _examine_earlier(storage)
    yield _examine_passkeys(scheme.base_url)
    if settings.collect is None:
        yield warn("holder_fetches_nothing")
    else:
        yield from _examine_sources(settings.collect, trust_list, now, fetch or partial(fetch_metadata, exercise=scheme.is_exercise))


def _examine_earlier(storage: StorageSettings) -> Iterator[Finding]:
    for path in storage.earlier_secret_key_files:
        try:
            read_secret_key(path)
        except BlauweKnopError as error:
            yield fault("secret_key", error)


def _examine_passkeys(base_url: str) -> Finding:
    host = urlsplit(base_url).hostname or ""
    try:
        is_this_machine = ip_address(host).is_loopback
    except ValueError:
        return ok("passkeys", host=host)
    return warn("passkeys_at_number", host=host) if is_this_machine else fail("passkeys_at_number", host=host)


def _examine_sources(collect: CollectSettings, trust_list: TrustList | None, now: datetime, fetch: Fetch) -> Iterator[Finding]:
    try:
        load_private_key(collect.key)
    except BlauweKnopError as error:
        yield fault("holder_key", error)
    for name, source in collect.sources.items():
        entity = next((known for known in trust_list.entities if known.oin == source.oin), None) if trust_list else None
        if trust_list is not None and (entity is None or not entity.certificates(ServiceKind.SEAL, at=now)):
            yield fail("holder_source_unknown", source=name)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(lambda item: _examine_source(item[0], item[1], fetch), collect.sources.items())


def _examine_source(name: str, source: SourceAddress, fetch: Fetch) -> Finding:
    parts = urlsplit(source.issuer)
    address = f"{parts.scheme}://{parts.netloc}/.well-known/openid-credential-issuer{parts.path}"
    try:
        said = parse_json_object(fetch(address), max_bytes=_MAX_METADATA)
    except (BlauweKnopError, MalformedJson) as error:
        return fault("holder_source", error, source=name, address=address)
    if said.get("credential_issuer") != source.issuer:
        return fail("holder_source_of_other", source=name, address=address)
    return ok("holder_source", source=name)
