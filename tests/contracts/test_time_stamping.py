"""Time stamps from authorities on this machine that are dead, slow, broken or lying."""

import hashlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from blauweknop.adapters.certifying import new_certifier
from blauweknop.adapters.time_stamping import AuthorityRules, TimeStampService, TimeStampUnavailable, authority_at, fresh_nonce
from blauweknop.document.certified import Certifier
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.document import SourceIdentity
from blauweknop.domain.identifiers import Oin
from blauweknop.register.exercise_keys import TIME_STAMP_POLICY, ExerciseScheme, KeyHolder, new_exercise_scheme
from blauweknop.standards.pades import parse_cms
from blauweknop.standards.time_stamp_authority import TimeStampAuthority
from blauweknop.standards.timestamp import time_stamp_request, verify_token

DIGEST = hashlib.sha256(b"document").digest()
OTHER = hashlib.sha256(b"another document").digest()
NOW = datetime.now(UTC)
RULES = AuthorityRules(attempts=2, failures=5, rest_seconds=30.0)
_MADE: list[TimeStampService] = []
_SERIALS = itertools.count(1 << 70)

Answer = Callable[[bytes], bytes | None]
"""From a request to the body of the response; None is an answer 500."""


@dataclass
class Desk:
    """A stand-in authority behind HTTP; `answer` may be changed while it serves."""

    answer: Answer
    delay: float = 0.0
    asked: int = 0
    at_once: int = 0
    most_at_once: int = 0
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def respond(self, request: bytes) -> bytes | None:
        with self.lock:
            self.asked += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.delay)
        try:
            return self.answer(request)
        finally:
            with self.lock:
                self.at_once -= 1


@dataclass
class Clock:
    """A clock that goes on when told, and a bed that only notes how long one slept."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture(scope="module")
def scheme(tmp_path_factory: pytest.TempPathFactory) -> ExerciseScheme:
    holder = KeyHolder(Oin("00000099000000009000"), "Proefbron", "NTRNL-90000000", "proef")
    return new_exercise_scheme(tmp_path_factory.mktemp("scheme") / "keys", [holder], now=NOW)


def honest(scheme: ExerciseScheme) -> Answer:
    serial = itertools.count(next(_SERIALS) << 32).__next__
    authority = TimeStampAuthority(scheme.time_stamp_signer(), policy=TIME_STAMP_POLICY, now=lambda: datetime.now(UTC), serial=serial)
    return authority.respond


@contextmanager
def served(*desks: Desk) -> Iterator[None]:
    with ExitStack() as stack:
        for desk in desks:
            server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(desk))
            server.daemon_threads = True
            desk.url = f"http://127.0.0.1:{server.server_port}/tsa"
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
        yield


def _handler(desk: Desk) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            with desk.lock:
                desk.connections += 1

        def do_POST(self) -> None:
            body = desk.respond(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(500 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name is of the class above
            pass

    return Handler


def service(
    *desks: Desk, scheme: ExerciseScheme | None = None, rules: AuthorityRules = RULES, clock: Clock | None = None, timeout: float = 5.0
) -> TimeStampService:
    trusted = [scheme.authorities()[1]] if scheme else []
    authorities = [authority_at(desk.url, timeout_seconds=timeout, allow_loopback=True, trusted=trusted) for desk in desks]
    passing = clock or Clock()
    made = TimeStampService(authorities, rules, nonce=fresh_nonce, monotonic=passing.monotonic, sleep=passing.sleep)
    _MADE.append(made)
    return made


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _MADE:
        _MADE.pop().close()


def gone() -> Desk:
    """An authority where nothing listens any more."""
    desk = Desk(lambda _request: None)
    with served(desk):
        pass
    return desk


def test_a_right_time_stamp_is_given(scheme: ExerciseScheme) -> None:
    desk = Desk(honest(scheme))
    with served(desk):
        assert verify_token(service(desk, scheme=scheme)(DIGEST), DIGEST).policy == TIME_STAMP_POLICY


def lies(scheme: ExerciseScheme) -> dict[str, Answer]:
    right = honest(scheme)
    stranger = new_exercise_scheme(scheme.folder.parent / "stranger", [], now=NOW)
    expired = new_exercise_scheme(scheme.folder.parent / "expired", [], now=NOW - timedelta(days=4000))
    seal = TimeStampAuthority(scheme.seal_signer("proef"), policy=TIME_STAMP_POLICY, now=lambda: NOW, serial=lambda: 4711)
    kept: list[bytes] = []

    def earlier(request: bytes) -> bytes:
        kept.append(right(request) or b"")
        return kept[0]

    earlier(_request(DIGEST))
    return {
        "an error 500": lambda _request: None,
        "nothing": lambda _request: b"",
        "no DER": lambda _request: b"<html>busy</html>",
        "half of it": lambda request: (right(request) or b"")[:-200],
        "more than it": lambda request: (right(request) or b"") + b"\x00",
        "another digest": lambda request: right(request.replace(DIGEST, OTHER)),
        "an old nonce": earlier,
        "a changed byte": lambda request: _changed(right(request) or b""),
        "a stranger": honest(stranger),
        "an authority of long ago": honest(expired),
        "a certificate that may not stamp": seal.respond,
        "a refusal": lambda _request: bytes.fromhex("30053003020102"),
        "too much": lambda _request: bytes(200_000),
    }


def _request(digest: bytes) -> bytes:
    return time_stamp_request(digest, nonce=fresh_nonce())


def _changed(response: bytes) -> bytes:
    return response[:-1] + bytes([response[-1] ^ 1])


@pytest.mark.parametrize(
    "lie",
    [
        "an error 500",
        "nothing",
        "no DER",
        "half of it",
        "more than it",
        "another digest",
        "an old nonce",
        "a changed byte",
        "a stranger",
        "an authority of long ago",
        "a certificate that may not stamp",
        "a refusal",
        "too much",
    ],
)
def test_what_is_no_right_time_stamp_is_never_taken_and_the_next_authority_is_asked(
    scheme: ExerciseScheme, every_lie: dict[str, Answer], lie: str
) -> None:
    liar, truth = Desk(every_lie[lie]), Desk(honest(scheme))
    with served(liar, truth):
        with pytest.raises(TimeStampUnavailable):
            service(liar, scheme=scheme)(DIGEST)
        verify_token(service(liar, truth, scheme=scheme)(DIGEST), DIGEST)
    assert (liar.asked, truth.asked) == (4, 1)


@pytest.fixture(scope="module")
def every_lie(scheme: ExerciseScheme) -> dict[str, Answer]:
    return lies(scheme)


def test_a_dead_authority_is_followed_by_the_next(scheme: ExerciseScheme) -> None:
    dead, truth = gone(), Desk(honest(scheme))
    with served(truth):
        verify_token(service(dead, truth)(DIGEST), DIGEST)


def test_an_authority_that_is_too_slow_is_followed_by_the_next(scheme: ExerciseScheme) -> None:
    slow, truth = Desk(honest(scheme), delay=0.6), Desk(honest(scheme))
    with served(slow, truth):
        verify_token(service(slow, truth, timeout=0.2)(DIGEST), DIGEST)
    assert truth.asked == 1


def test_another_try_has_a_fresh_nonce_and_a_pause_before_it(scheme: ExerciseScheme) -> None:
    requests: list[bytes] = []
    right = honest(scheme)

    def second_time_right(request: bytes) -> bytes | None:
        requests.append(request)
        return right(request) if len(requests) == 3 else None

    desk, clock = Desk(second_time_right), Clock()
    with served(desk):
        verify_token(service(desk, rules=AuthorityRules(attempts=3), clock=clock)(DIGEST), DIGEST)
    assert len(set(requests)) == 3
    assert clock.slept == [0.1, 0.2]


def test_an_authority_that_keeps_failing_rests_and_is_tried_again_by_one(scheme: ExerciseScheme) -> None:
    desk, clock = Desk(lambda _request: None), Clock()
    with served(desk):
        stamp = service(desk, rules=AuthorityRules(attempts=1, failures=3, rest_seconds=30), clock=clock)
        for _ in range(10):
            with pytest.raises(TimeStampUnavailable):
                stamp(DIGEST)
        assert desk.asked == 3
        clock.now += 31
        for _ in range(2):
            with pytest.raises(TimeStampUnavailable):
                stamp(DIGEST)
        assert desk.asked == 4
        clock.now += 31
        desk.answer = honest(scheme)
        for _ in range(3):
            verify_token(stamp(DIGEST), DIGEST)
        assert desk.asked == 7


def test_many_at_once_overlap_on_connections_that_stay_open(scheme: ExerciseScheme) -> None:
    desk = Desk(honest(scheme), delay=0.2)
    with served(desk), ThreadPoolExecutor(200) as pool:
        stamp = service(desk, scheme=scheme)
        digests = [hashlib.sha256(bytes([number])).digest() for number in range(200)]
        begun = time.monotonic()
        tokens = list(pool.map(stamp, digests))
        took = time.monotonic() - begun
    for digest, token in zip(digests, tokens, strict=True):
        verify_token(token, digest)
    assert took < 10, "200 times 0.2 s, twenty at once, is two seconds and what it costs to make them"
    assert desk.most_at_once <= RULES.at_once
    assert desk.connections <= RULES.at_once + 5


def certifier(scheme: ExerciseScheme, stamp: Callable[[bytes], bytes], *, seal_without: bool, now: datetime = NOW) -> Certifier:
    return new_certifier(
        SourceIdentity("proef", "duo", Oin("00000099000000009000"), "Proefbron", "Proefbron"),
        seal_signer=scheme.seal_signer("proef"),
        credential_signer=scheme.credential_signer("proef"),
        revocation=scheme.crls,
        time_stamp=stamp,
        issuer_url="https://proef.example",
        accent="#000000",
        check_url="https://controle.example",
        exercise=True,
        typesetter=Typesetter(),
        seal_without=seal_without,
        now=lambda: now,
    )


def test_without_time_stamps_a_source_refuses_unless_told_otherwise(scheme: ExerciseScheme) -> None:
    with pytest.raises(TimeStampUnavailable):
        certifier(scheme, service(gone(), gone()), seal_without=False).seal(DIGEST)


def test_a_source_that_may_seal_without_says_that_it_did(scheme: ExerciseScheme) -> None:
    sealed = certifier(scheme, service(gone(), gone()), seal_without=True).seal(DIGEST)
    assert sealed.level == "B-B"
    assert parse_cms(sealed.cms).time_stamp is None


def test_a_source_that_may_seal_without_takes_a_time_stamp_when_there_is_one(scheme: ExerciseScheme) -> None:
    desk = Desk(honest(scheme))
    with served(desk):
        sealed = certifier(scheme, service(desk), seal_without=True).seal(DIGEST)
    assert sealed.level == "B-T"
    assert parse_cms(sealed.cms).time_stamp is not None
