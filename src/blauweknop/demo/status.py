"""The status lists of the exercise: as its sources publish them, and in the offline bundle that stays when the exercise has ended.

Documents of an earlier run on another port name lists at that address. Nobody answers there any more, so the trust list keeps the host
and the bundle the list.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import Engine

from blauweknop.adapters.keys import load_signer
from blauweknop.adapters.settings import Settings, SettingsError, SourceSettings
from blauweknop.adapters.status_lists import list_addresses
from blauweknop.assembly.issuers import status_list_publisher
from blauweknop.assembly.sealing import status_places
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.register.bundle_publishing import RenewedBundle
from blauweknop.register.exercise_receiver_keys import open_receivers, registration_status
from blauweknop.standards.signing import Signer

__all__ = ["open_lists", "published_lists", "registrations_list", "status_hosts"]

_MOST_LISTS = 64  # in a bundle


def open_lists(settings: Settings, engine: Engine, *, now: datetime) -> None:
    """Each source has a list from the beginning, so that a document that is made later stands in a list that the bundle has."""
    for source in settings.sources.values():
        status_places(settings, source, engine, at_once=1).open_list(now)


def status_hosts(engine: Engine) -> dict[str, Sequence[str]]:
    """By source the hosts of all its lists, of earlier runs too."""
    hosts: dict[str, set[str]] = {}
    for address in list_addresses(engine):
        hosts.setdefault(address.source, set()).add(urlsplit(address.uri).netloc)
    return {source: sorted(found) for source, found in hosts.items()}


def published_lists(settings: Settings, engine: Engine) -> Callable[[datetime], Mapping[str, bytes]]:
    """What all sources publish at a moment, by address: what a receiver has who asked just now."""
    signers = {name: _signer(source) for name, source in settings.sources.items()}
    here = settings.scheme.base_url

    def tokens(now: datetime) -> Mapping[str, bytes]:
        publishers = {name: status_list_publisher(engine, name, signer, now=lambda: now) for name, signer in signers.items()}
        found = {}
        of_this_run_first = sorted(list_addresses(engine), key=lambda address: not address.uri.startswith(f"{here}/"))
        for address in of_this_run_first[:_MOST_LISTS]:
            published = publishers[address.source](address.list_id) if address.source in publishers else None
            if published is not None:
                found[address.uri] = published.jwt
        return found

    return tokens


def registrations_list(keys: Path, base_url: str) -> tuple[str, Callable[[], bytes]]:
    """Where the register publishes which receivers may still ask, and what it says now, signed anew every few minutes.

    Raises:
        BlauweKnopError: the folder has no receivers.
    """
    receivers = open_receivers(keys)
    if receivers is None:
        raise BlauweKnopError("the exercise has no receivers", remedy="choose another folder with --data-dir")
    address, _ = registration_status(receivers, register_url=base_url, at=datetime.now(UTC))
    made = RenewedBundle(lambda now: registration_status(receivers, register_url=base_url, at=now)[1], now=lambda: datetime.now(UTC))
    return address, made


def _signer(source: SourceSettings) -> Signer:
    if source.credential is None:
        raise SettingsError(f"sources.{source.identity.id}.credential is missing", remedy="let the demo write its configuration anew")
    return load_signer(source.credential.key, source.credential.certificate, source.seal.chain)
