"""Trust for the commands that check: from options, environment or configuration file, over the network when that is allowed."""

import os
from dataclasses import replace
from datetime import MAXYEAR, UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from blauweknop.adapters.eu_lists import NO_EU_LISTS, EuListPlaces, load_eu_lists
from blauweknop.adapters.scheme_settings import load_scheme
from blauweknop.adapters.trust_store import LoadedTrust, TrustPlaces, find_trust_places, load_trust_and_bundle, state_folder
from blauweknop.cli.configuration import find_configuration
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["parse_moment", "trust_of_options"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_FIRST_YEAR = 1970
_MOST_ANSWER = 48 * 1024 * 1024


def trust_of_options(
    trust_list: str | None,
    trust_anchor: Path | None,
    *,
    offline: bool,
    config: Path | None,
    now: datetime,
    eu_lists: EuListPlaces = NO_EU_LISTS,
    bundle: str | None = None,
) -> LoadedTrust:
    """Whom the user trusts; see `adapters.trust_store` for the order.

    European lists that are not given come from the configuration file, when that names the trust list too.

    Raises:
        TrustStoreProblem, EuListProblem, SettingsError: what was given cannot be used.
    """
    european = eu_lists

    def configured() -> TrustPlaces:
        nonlocal european
        # Never a file beside the document: who sends a document must not say whom to trust.
        path = find_configuration(config)
        if path is None:
            return TrustPlaces()
        scheme = load_scheme(path)
        european = eu_lists if eu_lists != NO_EU_LISTS else scheme.eu_lists
        return TrustPlaces(str(scheme.trust_list), scheme.trust_anchor, scheme.bundle)

    given = TrustPlaces(trust_list, trust_anchor, bundle)
    places = find_trust_places(given, environment=os.environ, configured=configured)
    state = state_folder(os.environ)
    loaded = load_trust_and_bundle(places, now=now, state=state, fetch=None if offline else _fetch)
    return replace(loaded, trust=replace(loaded.trust, eu_lists=load_eu_lists(european, now=now, state=state)))


def parse_moment(text: str | None, now: datetime, *, option: str = "--at") -> datetime:
    """The moment of an option, with its zone; `now` when there is none.

    Raises:
        BlauweKnopError: not a moment with a zone.
    """
    if text is None:
        return now
    try:
        moment = datetime.fromisoformat(text)
        zoned = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BlauweKnopError(f"expected {option} as a moment", remedy=f"for example {option} 2026-11-23T14:00:00+01:00") from error
    if moment.tzinfo is None:
        raise BlauweKnopError(f"expected {option} with a time zone", remedy=f"for example {option} 2026-11-23T14:00:00+01:00")
    if not _FIRST_YEAR <= zoned.year < MAXYEAR:  # what is counted from it must be in the calendar too
        raise BlauweKnopError(f"expected {option} in the years {_FIRST_YEAR} to {MAXYEAR - 1}", remedy="check the year")
    return zoned


def _fetch(address: str) -> bytes:
    from blauweknop.adapters.http_client import GuardedClient, Reach  # what is in a file needs no network parts

    parts = urlsplit(address)
    loopback = parts.hostname in _LOOPBACK
    client = GuardedClient(Reach(frozenset({parts.netloc.lower()}), allow_loopback=loopback, allow_private=True, max_bytes=_MOST_ANSWER))
    try:
        answer = client.send("GET", address, headers={"Accept": "application/jose, application/json"})
    finally:
        client.close()
    if answer.status != 200:
        raise BlauweKnopError(f"the address of the trust list or bundle answered {answer.status}", remedy="check the address")
    return answer.body
