"""Status lists at hand: fetched whole from their issuers, kept as long as they count, never asked for one document.

How often an issuer is asked depends on the clock alone: a list is asked for again when its `ttl` has passed, however many documents are
checked (threat T-26); or, at most once a minute, when who signed the one at hand is not trusted any more. What comes in must be a right
list of that issuer and newer than the one at hand (T-19), else the last good one stays until it ends by its own date. It is kept in
`$XDG_STATE_HOME/blauweknop/` too, for the next start and for when the network is away.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from blauweknop.adapters.state_files import write_in_one_step
from blauweknop.checking.status import may_be_asked
from blauweknop.checking.trust import Trust
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict
from blauweknop.standards.lote import ServiceKind, TrustedEntity, TrustList
from blauweknop.standards.status_list import MAX_TOKEN, ReceivedStatusList, StatusListProblem, read_status_list

__all__ = ["StatusStore"]

Fetch = Callable[[str], bytes]
Check = Callable[[Trust], Verdict]

_MOST_LISTS = 64
_USUAL_TTL = timedelta(hours=1)
_SHORTEST_TTL = timedelta(minutes=1)
_BETWEEN_TRIES = timedelta(minutes=1)
_MOST_FILE = MAX_TOKEN + 4096
_PREFIX, _SUFFIX = "status-list-", ".token"


class StatusStore:
    """The lists at hand by address; threads may share it. `fetch` None means offline: only what is kept in `state`."""

    def __init__(self, *, state: Path, fetch: Fetch | None) -> None:
        self._state = state
        self._fetch = fetch
        self._lock = Lock()
        self._tokens: dict[str, bytes] = {}
        self._found: dict[str, ReceivedStatusList] = {}
        self._tried: dict[str, datetime] = {}
        self._offered: Trust | None = None
        self._given: tuple[Trust, Trust] | None = None
        self._known = _Publishers(None)

    def check(self, check: Check, trust: Trust, now: datetime) -> Verdict:
        """The verdict with the lists at hand, and once more when it lacks a list that can be had."""
        self.take_up(trust, now)
        verdict = check(self.given(trust))
        uri = verdict.facts.status_uri
        if uri is None or not self.renew(uri, trust, now):
            return verdict
        return check(self.given(trust))

    def given(self, trust: Trust) -> Trust:
        """The trust with the lists at hand."""
        with self._lock:
            if self._given is None or self._given[0] is not trust:
                self._given = trust, replace(trust, status_lists={**trust.status_lists, **self._tokens})
            return self._given[1]

    def take_up(self, trust: Trust, now: datetime) -> None:
        """Take the lists that came with the trust, out of a bundle, by the same rules as fetched ones: none replaces a newer one."""
        if trust is self._offered:
            return
        with self._lock:
            before = self._offered.status_lists if self._offered is not None else {}
            for uri, token in trust.status_lists.items():
                publishers = self._publishers(uri, trust)
                if not publishers or before.get(uri) == token:
                    continue
                if uri not in self._found:
                    self._take_kept(uri, publishers, now)
                self._take(uri, token, publishers, now)
            self._offered = trust

    def renew(self, uri: str, trust: Trust, now: datetime) -> bool:
        """Whether a list that was not at hand is now. Asks only for what is due, and only an issuer on the trust list."""
        publishers = self._publishers(uri, trust)
        if not publishers:
            return False
        with self._lock:
            kept = uri not in self._found and self._take_kept(uri, publishers, now)
            if not self._due(uri, publishers, now) or self._fetch is None:
                return kept
            self._tried[uri] = now
        try:
            token = self._fetch(uri)
        except BlauweKnopError:
            return kept  # the list at hand counts until its own end, and the verdict tells when there is none
        with self._lock:
            fresh = self._take(uri, token, publishers, now)
        if fresh:
            # A full disk is no reason to be without the list today.
            with suppress(OSError):
                write_in_one_step(self._file(uri), uri.encode() + b"\n" + token)
        return kept or fresh

    def load_kept(self, trust: Trust, now: datetime) -> None:
        """Take up what earlier runs left, and what came with the trust."""
        for file in sorted(self._state.glob(f"{_PREFIX}*{_SUFFIX}"))[:_MOST_LISTS]:
            uri, token = _read_kept(file)
            publishers = self._publishers(uri, trust)
            with self._lock:
                if publishers and uri not in self._found:
                    self._take(uri, token, publishers, now)
        self.take_up(trust, now)

    def renew_all(self, trust: Trust, now: datetime) -> None:
        """Ask for every list at hand whose time has come."""
        for uri in [*self._found]:
            self.renew(uri, trust, now)

    def _take_kept(self, uri: str, publishers: Sequence[TrustedEntity], now: datetime) -> bool:
        found, token = _read_kept(self._file(uri))
        return found == uri and self._take(uri, token, publishers, now)

    def _take(self, uri: str, token: bytes, publishers: Sequence[TrustedEntity], now: datetime) -> bool:
        signers = _signers(publishers, now)
        try:
            received = read_status_list(token, uri=uri, signers=signers)
            received.require_current(now)
        except StatusListProblem:
            return False
        before = self._found.get(uri)
        if before is not None and before.signer in signers and received.issued_at <= before.issued_at:
            return False
        if before is None and len(self._found) >= _MOST_LISTS:
            gone = next(iter(self._found))
            del self._found[gone], self._tokens[gone]
        self._found[uri], self._tokens[uri] = received, token
        self._given = None
        return True

    def _publishers(self, uri: str, trust: Trust) -> tuple[TrustedEntity, ...]:
        known = self._known
        if known.trust_list is not trust.trust_list or len(known.by_uri) > _MOST_LISTS:
            known = self._known = _Publishers(trust.trust_list)
        return known.of(uri)

    def _due(self, uri: str, publishers: Sequence[TrustedEntity], now: datetime) -> bool:
        tried = self._tried.get(uri)
        if tried is not None and timedelta() <= now - tried < _BETWEEN_TRIES:
            return False
        found = self._found.get(uri)
        if found is None or found.signer not in _signers(publishers, now):
            return True
        return now >= found.issued_at + max(found.ttl or _USUAL_TTL, _SHORTEST_TTL)

    def _file(self, uri: str) -> Path:
        return self._state / f"{_PREFIX}{hashlib.sha256(uri.encode()).hexdigest()[:32]}{_SUFFIX}"


def _signers(publishers: Sequence[TrustedEntity], now: datetime) -> Sequence[bytes]:
    kinds = (ServiceKind.STATUS_LIST, ServiceKind.CREDENTIAL, ServiceKind.RECEIVER_REGISTRATION)
    return [certificate for entity in publishers for kind in kinds for certificate in entity.certificates(kind, now)]


def _read_kept(file: Path) -> tuple[str, bytes]:
    """The address and the token in a file; empty when there is none."""
    with suppress(OSError, UnicodeError), file.open("rb") as kept:
        uri, _, token = kept.read(_MOST_FILE).partition(b"\n")
        return uri.decode("ascii"), token
    return "", b""


@dataclass(frozen=True, slots=True)
class _Publishers:
    """Who on one trust list publishes status lists at an address: several share a host. Whose list it must be, the check knows."""

    trust_list: TrustList | None
    by_uri: dict[str, tuple[TrustedEntity, ...]] = field(default_factory=dict)

    def of(self, uri: str) -> tuple[TrustedEntity, ...]:
        """Looked for once in the list."""
        if self.trust_list is None:
            return ()
        if uri not in self.by_uri:
            exercise = self.trust_list.exercise
            self.by_uri[uri] = tuple(entity for entity in self.trust_list.entities if may_be_asked(uri, entity, exercise=exercise))
        return self.by_uri[uri]
