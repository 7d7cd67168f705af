"""What a server trusts: trust list, bundle and status lists, read anew on time, the last good ones kept when others are silent."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

import structlog

from blauweknop.adapters.eu_lists import load_eu_lists
from blauweknop.adapters.http_client import GuardedClient, Reach
from blauweknop.adapters.scheme_settings import SchemeSettings
from blauweknop.adapters.status_store import StatusStore
from blauweknop.adapters.trust_store import TrustPlaces, load_trust_and_bundle, state_folder
from blauweknop.checking.status import status_in_words, status_now
from blauweknop.checking.steps import StopStep
from blauweknop.checking.trust import Trust
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.eu_trusted_list import EuTrustedList
from blauweknop.standards.status_list import StatusReference
from blauweknop.verifier.api.verifications import Watch

__all__ = ["KeptTrust", "StatusUpkeep", "fetch_trust_list", "state_place", "status_teller"]

_EVERY = timedelta(minutes=5)
_BETWEEN_LOOKS = 60.0  # seconds
_MOST_ANSWER = 48 * 1024 * 1024

_log = structlog.get_logger()


class KeptTrust:
    """Gives the trust of now. A list grows old by its own date, so keeping one is safe; a list that is refused is not kept."""

    def __init__(self, scheme: SchemeSettings, *, state: Path, fetch: Callable[[str], bytes] | None) -> None:
        self._places = TrustPlaces(scheme.trust_list, scheme.trust_anchor, scheme.bundle)
        self._eu_places = scheme.eu_lists
        self._state = state
        self._fetch = fetch
        self._lock = Lock()
        self._kept = Trust(None, "trust_list_unreachable")
        self._read_at: datetime | None = None

    def __call__(self, now: datetime) -> Trust:
        with self._lock:
            if self._read_at is None or not timedelta() <= now - self._read_at < _EVERY:
                self._read_at = now
                self._renew(now)
            return self._kept

    def _renew(self, now: datetime) -> None:
        try:
            loaded = load_trust_and_bundle(self._places, now=now, state=self._state, fetch=self._fetch)
        except BlauweKnopError as error:
            _log.error("trust_list_unusable", reason=type(error).__name__)
            return
        found = loaded.trust
        if loaded.bundle_problem is not None:
            _log.warning("bundle_refused", reason=loaded.bundle_problem)
        if found.trust_list is None:
            _log.warning("trust_list_refused", reason=found.problem)
        if found.trust_list is not None or self._kept.trust_list is None:
            self._kept = replace(found, eu_lists=self._eu_lists(now))

    def _eu_lists(self, now: datetime) -> tuple[EuTrustedList, ...]:
        """Those of now; the last ones when a new one cannot be used, which end by their own date."""
        try:
            return load_eu_lists(self._eu_places, now=now, state=self._state)
        except BlauweKnopError as error:
            _log.error("eu_trusted_list_unusable", reason=type(error).__name__)
            return self._kept.eu_lists


class StatusUpkeep:
    """A thread that keeps the status lists at hand fresh, so that a check seldom waits for one; from the start to the stop of a server."""

    def __init__(self, store: StatusStore, trust: KeptTrust) -> None:
        self._store, self._trust = store, trust
        self._stop = Event()
        self._thread = Thread(target=self._run, name="status-lists", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(6.0)  # a fetch ends within five seconds

    def _run(self) -> None:
        now = datetime.now(UTC)
        self._store.load_kept(self._trust(now), now)
        while not self._stop.wait(_BETWEEN_LOOKS):
            now = datetime.now(UTC)
            self._store.renew_all(self._trust(now), now)


def status_teller(trust_with: Callable[[str, datetime], Trust]) -> Callable[[Watch, datetime], str | None]:
    """What the source says now of a watched document, in the words of a report; None when that cannot be told.

    `trust_with` gives the trust with the status list at an address, when that can be had.
    """

    def tell(watch: Watch, now: datetime) -> str | None:
        trust = trust_with(watch.uri, now)
        entities = trust.trust_list.entities if trust.trust_list else ()
        source = next((entity for entity in entities if entity.oin.digits == watch.issuer_oin), None)
        if source is None:
            return None
        try:
            return status_in_words(status_now(StatusReference(watch.index, watch.uri), source, trust, now))[0]
        except StopStep:
            return None

    return tell


def fetch_trust_list(address: str) -> bytes:
    """The trust list or bundle at an https address.

    Raises:
        FetchProblem: no answer that can be used.
        BlauweKnopError: an answer that says there is none.
    """
    client = GuardedClient(Reach(frozenset({urlsplit(address).netloc.lower()}), allow_private=True, max_bytes=_MOST_ANSWER))
    try:
        answer = client.send("GET", address, headers={"Accept": "application/jose, application/json"})
    finally:
        client.close()
    if answer.status != 200:
        raise BlauweKnopError(f"the address of the trust list answered {answer.status}", remedy="check scheme.trust_list and scheme.bundle")
    return answer.body


def state_place(environment: Mapping[str, str]) -> Path:
    """Where a server remembers which trust list it saw: the folder that systemd gives it, else that of its user."""
    given = environment.get("STATE_DIRECTORY")
    return Path(given.split(":")[0]) if given else state_folder(environment)
