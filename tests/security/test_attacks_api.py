"""The API on a real port: files and senders that mean harm, many at once, and an API that keeps answering."""

import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime

import httpx
import pytest
import structlog
import uvicorn

from blauweknop.adapters.sandbox import Limits, Sandbox
from blauweknop.domain.verdict import Verdict
from blauweknop.web.request_log import configure_logging
from tests.security.bsn_scan import bsns_in
from tests.security.test_sandbox import with_page_program
from tests.unit.checking import exercise_documents as x
from tests.unit.verifier.api.api_world import KEY, OTHER_KEY, Clock, application, assertion, assertion_form, headers

PDF = "application/pdf"


@contextmanager
def served(sandbox: Sandbox) -> Iterator[str]:
    """The address of the API; files are checked in the processes of the sandbox."""

    def check(pdf: bytes, at: datetime) -> Verdict:
        return sandbox.check(pdf, trust=x.trust(), at=at)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        app = application(Clock(), check=check, requests_per_hour=100_000)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + 30
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    sandbox = Sandbox(helpers=2, limits=Limits(cpu_seconds=3, wall_seconds=6.0), patience_seconds=60)
    with served(sandbox) as found:
        yield found
    sandbox.close()


def verify(address: str, pdf: bytes, key: str = KEY) -> httpx.Response:
    return httpx.post(f"{address}/verifications", content=pdf, headers=headers(key), timeout=90)


def test_twenty_at_once_all_get_their_own_verdict(address: str) -> None:
    good, changed = x.good_document(), x.good_document() + b"\n"
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda number: verify(address, good if number % 2 else changed), range(20)))
    assert [answer.status_code for answer in found] == [201] * 20
    assert [answer.json()["verdict"] for answer in found] == ["red", "green"] * 10
    assert len({answer.json()["id"] for answer in found}) == 20


def test_who_only_looks_does_not_wait_for_checks() -> None:
    going = threading.Event()

    class Waiting(Sandbox):
        def check(self, data: bytes, **how: object) -> Verdict:
            assert going.wait(60)
            return super().check(data, **how)  # type: ignore[arg-type] # handed on as it came

    sandbox = Waiting(helpers=1)
    with served(sandbox) as address, ThreadPoolExecutor(60) as pool:
        checks = [pool.submit(verify, address, b"%PDF-small") for _ in range(60)]
        time.sleep(0.5)
        looked = httpx.get(f"{address}/verifications/x", headers=headers(), timeout=20).status_code
        waiting = not any(check.done() for check in checks)
        going.set()
        found = {check.result().status_code for check in checks}
    sandbox.close()
    assert (looked, waiting, found) == (404, True, {201})


def test_hostile_files_cost_only_who_sends_them(address: str) -> None:
    hostile = [with_page_program(b"q Q " * 4_000_000), with_page_program(bytes(200 << 20)), b"%PDF-1.7\n" + b"1 0 obj\n" * 500_000]
    with ThreadPoolExecutor(6) as pool:
        attacks = [pool.submit(verify, address, pdf, OTHER_KEY) for pdf in hostile * 2]
        answered = 0
        while not all(attack.done() for attack in attacks):
            assert httpx.get(f"{address}/openapi.json", timeout=20).status_code == 200
            assert httpx.get(f"{address}/verifications/x", headers=headers(), timeout=20).status_code == 404
            answered += 1
            time.sleep(0.05)
        found = [attack.result() for attack in attacks]
    assert answered > 0
    assert {(answer.status_code, answer.json()["verdict"]) for answer in found} == {(201, "red")}
    assert verify(address, x.good_document()).json()["verdict"] == "green"


def test_a_body_without_end_is_stopped_at_the_limit(address: str) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 2000:
            sent += 1
            yield bytes(1 << 20)

    answer: httpx.Response | None = None
    with suppress(httpx.TransportError):  # the server hangs up while more is being sent
        answer = httpx.post(f"{address}/verifications", content=endless(), headers=headers(), timeout=60)
    assert answer is None or answer.status_code == 413
    assert sent < 2000
    assert verify(address, x.good_document()).status_code == 201


def raw(address: str, request: bytes) -> socket.socket:
    host, port = address.removeprefix("http://").removesuffix("/v1").split(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    connection.sendall(request)
    return connection


def head(*lines: str) -> bytes:
    return "\r\n".join(("POST /v1/verifications HTTP/1.1", "Host: controle.example", f"X-API-Key: {KEY}", *lines, "", "")).encode()


def test_a_stranger_is_refused_before_the_body_is_sent(address: str) -> None:
    request = head(f"Content-Type: {PDF}", "Content-Length: 20000000").replace(KEY.encode(), b"nobody")
    with raw(address, request) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


def test_a_length_beyond_the_limit_is_refused_before_the_body_is_sent(address: str) -> None:
    with raw(address, head(f"Content-Type: {PDF}", "Content-Length: 99999999999")) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_senders_that_stop_halfway_hold_up_nobody(address: str) -> None:
    slow = [raw(address, head(f"Content-Type: {PDF}", "Content-Length: 1000000") + b"%PDF") for _ in range(50)]
    began = time.monotonic()
    assert verify(address, x.good_document()).json()["verdict"] == "green"
    assert time.monotonic() - began < 20
    for connection in slow:
        connection.close()
    assert verify(address, x.good_document()).status_code == 201


def test_half_a_file_of_a_sender_that_goes_away_is_not_checked() -> None:
    checked: list[bytes] = []

    class Watching(Sandbox):
        def check(self, data: bytes, **how: object) -> Verdict:
            checked.append(data)
            return super().check(data, **how)  # type: ignore[arg-type] # handed on as it came

    sandbox = Watching(helpers=1)
    with served(sandbox) as address:
        connection = raw(address, head(f"Content-Type: {PDF}", "Content-Length: 100") + b"%PDF-half")
        time.sleep(0.3)
        connection.close()
        time.sleep(0.3)
        verify(address, b"%PDF-whole")
    sandbox.close()
    assert checked == [b"%PDF-whole"]


@pytest.mark.parametrize(
    "request_line",
    [b"GET /v1/verifications/%00 HTTP/1.1", b"GET /v1/verifications/..%2f..%2fetc HTTP/1.1", b"GET /v1/verifications/' HTTP/1.1"],
)
def test_a_strange_address_is_not_there(address: str, request_line: bytes) -> None:
    with raw(address, request_line + f"\r\nHost: x\r\nX-API-Key: {KEY}\r\nConnection: close\r\n\r\n".encode()) as connection:
        assert connection.recv(100).startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))


def test_the_log_says_nothing_of_who_or_what(address: str) -> None:
    stream = io.StringIO()
    configure_logging(stream)
    try:
        answer = verify(address, x.good_document())
        place = f"{address}/verifications/{answer.json()['id']}"
        httpx.get(f"{place}?language=en", headers=headers())
        httpx.get(f"{place}?123456782=900000107", headers=headers("bk_wrong_secret"))
        httpx.post(f"{address}/verifications", files={"a": ("naam van een mens.pdf", b"%PDF", PDF)}, headers={"X-API-Key": KEY})
        token = httpx.post(f"{address}/access-tokens", data=assertion_form(assertion(x.NOW))).json()["access_token"]
        httpx.get(place, headers={"Authorization": f"Bearer {token}"})
    finally:
        structlog.reset_defaults()
    said = stream.getvalue()
    events = [json.loads(line) for line in said.splitlines()]
    assert [event["status"] for event in events] == [201, 200, 401, 201, 200, 200]
    assert {event["route"] for event in events} == {"/v1/verifications", "/v1/verifications/{verification_id}", "/v1/access-tokens"}
    for secret in (answer.json()["id"], KEY, "bk_wrong", token, "naam van", "Łukasz", "127.0.0.1", "language"):
        assert secret not in said
    assert not bsns_in(said, place="the log")
