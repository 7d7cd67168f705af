"""Time stamps from authorities that may be slow, broken or gone: another try, the next authority, and a rest for one that keeps failing.

For each time stamp:
1. The authorities are asked in their order; each of them several times, with a short pause and a fresh nonce.
2. One that failed some times in a row rests: it costs nobody its time-out until one request finds it well again.
3. What comes back is verified whole (`standards.timestamp`), and is of an authority that the configuration names. Anything else is a
   failure of that authority like silence is, and is never used.
Many threads may ask at once; that is how waiting overlaps. Not more than `at_once` requests are under way at one authority.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from urllib.parse import urlsplit

import structlog
from cryptography import x509

from blauweknop.adapters.http_client import GuardedClient, Reach
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.timestamp import TimeStamp, TimeStampProblem, time_stamp_request, token_of_response, verify_token
from blauweknop.standards.x509 import PathProblem, build_path

__all__ = ["Authority", "AuthorityRules", "TimeStampService", "TimeStampUnavailable", "authority_at", "fresh_nonce"]

_LOG = structlog.get_logger("blauweknop.time_stamps")
_MOST_BYTES = 64 * 1024


class TimeStampUnavailable(BlauweKnopError):
    """No authority gave a time stamp that can be used."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A time stamp authority: `send` brings a request there and its response back. With `trusted` only stamps of these certificates,
    or of certificates below them, are taken."""

    name: str
    send: Callable[[bytes], bytes] = field(repr=False)
    trusted: tuple[x509.Certificate, ...] = field(default=(), repr=False)
    close: Callable[[], None] = field(default=lambda: None, repr=False)


@dataclass(frozen=True, slots=True)
class AuthorityRules:
    """How patient we are. After `failures` in a row an authority rests for `rest_seconds`."""

    attempts: int = 2
    pause_seconds: float = 0.1  # before the second attempt; then twice as long each time
    failures: int = 5
    rest_seconds: float = 30.0
    at_once: int = 20
    longest_wait_seconds: float = 30.0  # for a place among those


def authority_at(url: str, *, timeout_seconds: float, allow_loopback: bool, trusted: Sequence[x509.Certificate] = ()) -> Authority:
    """The authority at an address, over connections that stay open."""
    host = urlsplit(url).netloc.lower()
    reach = Reach(frozenset({host}), allow_loopback=allow_loopback, timeout_seconds=timeout_seconds, max_bytes=_MOST_BYTES)
    client = GuardedClient(reach)

    def send(request: bytes) -> bytes:
        answer = client.send("POST", url, headers={"Content-Type": "application/timestamp-query"}, content=request)
        if answer.status != 200:
            raise TimeStampProblem("time_stamp_refused", f"the time stamp authority answered {answer.status}, not with a time stamp")
        return answer.body

    return Authority(host, send, tuple(trusted), client.close)


def fresh_nonce() -> int:
    """128 bits, of which 127 random: the length never varies."""
    return secrets.randbits(127) | 1 << 127


class TimeStampService:
    """From a SHA-256 digest to a verified time stamp token (DER); may be shared by threads."""

    def __init__(
        self,
        authorities: Sequence[Authority],
        rules: AuthorityRules,
        *,
        nonce: Callable[[], int],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._authorities = tuple(authorities)
        self._desks = tuple(_Desk(authority, rules, monotonic) for authority in authorities)
        self._rules = rules
        self._nonce = nonce
        self._sleep = sleep

    def __call__(self, digest: bytes) -> bytes:
        """The token.

        Raises:
            TimeStampUnavailable: no authority gave one that is right.
        """
        last: BlauweKnopError | None = None
        for desk in self._desks:  # 1
            for attempt in range(self._rules.attempts):
                if attempt:
                    self._sleep(self._rules.pause_seconds * 2 ** (attempt - 1))
                try:
                    return desk.ask(digest, self._nonce())
                except _NotAsked:
                    break
                except BlauweKnopError as error:
                    last = error
                    reason = getattr(error, "code", type(error).__name__)
                    _LOG.warning("time_stamp_failed", place=desk.name, reason=str(reason), count=attempt + 1)
        said = f": {last}" if last is not None else "; those that failed before are left alone for a moment"
        raise TimeStampUnavailable(
            f"no time stamp authority gave a time stamp{said}", remedy="try again in a minute; see: doctor"
        ) from last

    def close(self) -> None:
        """Close the connections that were kept open."""
        for authority in self._authorities:
            authority.close()


class _NotAsked(BlauweKnopError):
    """It rests, or there was no place in time."""


class _Desk:
    """One authority with what we remember of it."""

    def __init__(self, authority: Authority, rules: AuthorityRules, monotonic: Callable[[], float]) -> None:
        self.name = authority.name
        self._authority = authority
        self._rules = rules
        self._monotonic = monotonic
        self._places = BoundedSemaphore(rules.at_once)
        self._lock = Lock()
        self._failures = 0
        self._rests_until = 0.0
        self._trying = False  # one request finds out whether a resting authority is well again

    def ask(self, digest: bytes, nonce: int) -> bytes:
        if not self._places.acquire(timeout=self._rules.longest_wait_seconds):
            raise _NotAsked("busy")
        try:
            if not self._may_ask():  # 2: after the wait, so that a crowd does not follow the one that found it dead
                raise _NotAsked("resting")
            well = False
            try:
                token = token_of_response(self._authority.send(time_stamp_request(digest, nonce=nonce)))
                self._require_trusted(verify_token(token, digest, nonce=nonce))  # 3
                well = True
            finally:
                self._remember(well=well)
            return token
        finally:
            self._places.release()

    def _may_ask(self) -> bool:
        with self._lock:
            if self._failures < self._rules.failures:
                return True
            if self._trying or self._monotonic() < self._rests_until:
                return False
            self._trying = True
            return True

    def _remember(self, *, well: bool) -> None:
        with self._lock:
            self._trying = False
            self._failures = 0 if well else self._failures + 1
            if self._failures >= self._rules.failures:
                self._rests_until = self._monotonic() + self._rules.rest_seconds
                _LOG.error("time_stamp_authority_rests", place=self.name, count=self._failures)

    def _require_trusted(self, stamp: TimeStamp) -> None:
        trusted = self._authority.trusted
        if not trusted or stamp.certificate in trusted:
            return
        try:
            build_path(stamp.certificate, stamp.others, trusted, stamp.moment)
        except PathProblem as error:
            raise TimeStampProblem(
                "time_stamp_certificate", "expected a time stamp of an authority that the configuration names"
            ) from error
