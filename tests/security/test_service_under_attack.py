"""The served check page while bombs are sent to it: each ends within its limits, and everybody else is answered meanwhile."""

import gzip
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest

from blauweknop.adapters.sandbox import Limits, check_in_child
from blauweknop.domain.verdict import Verified
from tests.security.bombs import BOMBS
from tests.suites import PROJECT
from tests.unit.checking import exercise_documents as x
from tests.unit.cli.installation import DATASET, exit_of, install, seal_input
from tests.unit.web.test_upload import form

LIMITS = Limits()
# The wall clock of one check, with room for a machine that does other things as well.
MOST_FOR_A_BOMB = LIMITS.wall_seconds + 5
MOST_FOR_A_PAGE = 3.0
MOST_FOR_OTHERS = 40.0
HEAVY = (
    "a page of endless operations",
    "a page that unpacks to gigabytes",
    "pictures in pictures",
    "a long way up in the structure",
    "data of sixty thousand rows",
    "a million numbers",
    "60,000 objects",
)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_within_the_limits_and_is_never_green(name: str) -> None:
    pdf = BOMBS[name]()
    assert len(pdf) <= 20 << 20, "a bomb that is not sent at all proves nothing"
    started = time.monotonic()
    verdict = check_in_child(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())
    assert not isinstance(verdict, Verified)
    assert time.monotonic() - started < MOST_FOR_A_BOMB


@dataclass(frozen=True)
class Served:
    """The check page of an installation, and a document that is green there."""

    address: str
    document: bytes

    def look(self) -> float:
        """How long the page took to come."""
        started = time.monotonic()
        assert httpx.get(self.address, timeout=60).status_code == 200
        return time.monotonic() - started

    def upload(self, pdf: bytes, sender: str, **headers: str) -> httpx.Response:
        said = {"Content-Type": "multipart/form-data; boundary=grens", "X-Forwarded-For": sender, **headers}
        return httpx.post(self.address, content=form(pdf), headers=said, timeout=120)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("attacked")
    config = install(folder)
    document = folder / "document.pdf"
    (folder / "input.json").write_text(json.dumps(seal_input()), "utf-8")
    assert exit_of(["seal", str(folder / "input.json"), "--dataset", DATASET, "--config", str(config), "-o", str(document)]) == 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from blauweknop.cli.main import run; run()", "serve", "verifier", "--config", str(config)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "src"), "STATE_DIRECTORY": str(folder / "state")}
    server = subprocess.Popen([*command, "--port", str(port)], env=environment, stderr=subprocess.DEVNULL)
    found = Served(f"http://127.0.0.1:{port}/controle", document.read_bytes())
    try:
        _wait_for(found)
        yield found
    finally:
        server.terminate()
        server.wait(40)


def _wait_for(served: Served) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            served.look()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the check page did not start")


def test_everybody_else_is_answered_while_bombs_go_off(served: Served) -> None:
    hostile = [BOMBS[name]() for name in HEAVY]
    looks: list[float] = []
    others: list[float] = []
    codes: set[int] = set()
    with ThreadPoolExecutor(len(hostile)) as pool:
        attacks = [pool.submit(served.upload, pdf, f"192.0.2.{number}") for number, pdf in enumerate(hostile)]
        number = 0
        while not all(attack.done() for attack in attacks):
            looks.append(served.look())
            started = time.monotonic()
            answer = served.upload(served.document, f"198.51.100.{number % 250}")
            others.append(time.monotonic() - started)
            codes.add(answer.status_code)
            number += 1
        answers = [attack.result() for attack in attacks]
    assert {200} <= codes <= {200, 503}, "an answer, or the honest word that it is busy"
    assert max(looks) < MOST_FOR_A_PAGE
    assert max(others) < MOST_FOR_OTHERS
    assert {answer.status_code for answer in answers} <= {200, 413, 422, 503}
    assert "Ja, dit document is echt" in served.upload(served.document, "198.51.100.251", **{"Accept-Language": "nl"}).text


def test_who_sends_bombs_waits_behind_the_own_ones(served: Served) -> None:
    bomb = BOMBS["data of sixty thousand rows"]()
    with ThreadPoolExecutor(8) as pool:
        attacks = [pool.submit(served.upload, bomb, "203.0.113.7") for _ in range(8)]
        time.sleep(0.5)
        started = time.monotonic()
        answer = served.upload(served.document, "198.51.100.252", **{"Accept-Language": "nl"})
        took = time.monotonic() - started
        codes = sorted(attack.result().status_code for attack in attacks)
    assert "Ja, dit document is echt" in answer.text, "one attacker never has both helpers"
    assert took < MOST_FOR_A_PAGE
    assert codes.count(503) >= 4


def test_a_header_of_semicolons_holds_up_nobody(served: Served) -> None:
    headers = {"Content-Type": 'multipart/form-data; x="' + ";" * 50_000}
    with ThreadPoolExecutor(4) as pool:
        attacks = [pool.submit(served.upload, b"", f"192.0.2.{number}", **headers) for number in range(100, 110)]
        looks = [served.look() for _ in range(5)]
        assert {attack.result().status_code for attack in attacks} <= {400, 422, 431}
    assert max(looks) < MOST_FOR_A_PAGE


def test_a_header_without_end_is_refused_before_it_ends(served: Served) -> None:
    place = urlsplit(served.address)
    with socket.create_connection((place.hostname, place.port), timeout=60) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 100_000)
        assert line.recv(64).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_packed_body_is_never_unpacked(served: Served, encoding: str) -> None:
    body = gzip.compress(form(bytes(200 << 20)))
    answer = httpx.post(
        served.address,
        content=body,
        headers={"Content-Type": "multipart/form-data; boundary=grens", "Content-Encoding": encoding, "X-Forwarded-For": "192.0.2.77"},
        timeout=60,
    )
    assert answer.status_code == 422
