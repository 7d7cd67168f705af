"""A system of a receiver, as its builder meets it: the commands of the guide, keys of the command line, and servers that are killed."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest

from blauweknop.adapters.row_encryption import read_secret_key
from blauweknop.standards.webhook_signature import verify_webhook
from tests.contracts.json_service import json_answer, json_service
from tests.demo_scheme import RunningDemo, running_demo
from tests.suites import PROJECT

_PROGRAM = [sys.executable, "-c", "from blauweknop.cli.main import run; run()"]
_GUIDE = PROJECT / "docs" / "roles" / "verifier.md"
_PATIENCE = 60.0
_STRICT_CURL = 'curl() { command curl --fail-with-body "$@" && echo; }'  # an error ends the script, an answer its line


@dataclass(frozen=True, slots=True)
class Place:
    """A running demo, a document of it, and the configuration of a check service of one's own beside it."""

    demo: RunningDemo
    document: Path
    config: Path


def blauweknop(*arguments: str | Path, codes: Sequence[int] = (0,)) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "src")}
    done = subprocess.run(
        [*_PROGRAM, *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    assert done.returncode in codes, done.stderr
    return done


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("api")
    with running_demo(folder / "demo") as demo:
        example = demo.folder / "examples" / "duo.studieschuld.json"
        wait_until(example.exists)
        document = folder / "studieschuld.pdf"
        blauweknop("seal", example, "--dataset", "duo.studieschuld", "-o", document, "--config", demo.folder / "blauweknop.toml")
        config = demo.folder / "verifier.toml"  # beside the keys and lists of the demo, with a database of its own
        text = (demo.folder / "blauweknop.toml").read_text("utf-8")
        config.write_text(text.replace("sqlite:///blauweknop.db", "sqlite:///verifier.db"), "utf-8")
        yield Place(demo, document, config)


def wait_until(done: Callable[[], object], seconds: float = _PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


def new_client(place: Place, name: str, *more: str) -> str:
    """Make a client and paste its lines; what was shown once."""
    made = blauweknop("keys", "api-client", name, "--config", place.config, *more)
    place.config.write_text(f"{place.config.read_text('utf-8')}\n{made.stdout}", "utf-8")
    (secret, *_) = re.findall(r"^  (\S+)$", made.stderr, re.MULTILINE)
    return str(secret)


@contextmanager
def verifier(place: Place) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """`serve verifier` on a free port: its address and its process."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "src"), "STATE_DIRECTORY": str(place.demo.folder / "verifier-state")}
    command = [*_PROGRAM, "serve", "verifier", "--config", str(place.config), "--port", "0"]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    lines: list[bytes] = []
    try:
        for line in process.stderr:
            lines.append(line)
            if b'"serving"' in line:
                break
        port = json.loads(lines[-1])["port"]
        threading.Thread(target=process.stderr.read, daemon=True).start()  # so that the server never waits for who reads its log
        address = f"http://127.0.0.1:{port}/v1"
        wait_until(lambda: answers(address))
        yield address, process
    finally:
        process.kill()
        process.wait(60)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/openapi.json", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def commands_of_the_guide() -> str:
    section = _GUIDE.read_text("utf-8").partition("## From a system")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"```bash\n(.*?)```", section, re.DOTALL))


def run_guide(place: Place, address: str, variables: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    commands = commands_of_the_guide()
    for written, here in (
        ("ADDRESS=http://127.0.0.1:8000/v1", f"ADDRESS={address}"),
        ("var/demo/api-key", str(place.demo.folder / "api-key")),
    ):
        assert written in commands
        commands = commands.replace(written, here)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{_STRICT_CURL}\n{commands}"],
        cwd=place.document.parent,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


@pytest.mark.suite("curl")
def test_the_commands_of_the_guide_work(place: Place) -> None:
    secret = new_client(place, "zaaksysteem", "--kind", "client-secret")
    with verifier(place) as (address, _):
        done = run_guide(place, address, {"CLIENT": "zaaksysteem", "SECRET": secret})
    assert done.returncode == 0, done.stdout + done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [answer["state"] for answer in said] in (["completed"] * 4, ["completed", "completed", "pending", "completed"])
    assert {answer["verdict"] for answer in said if answer["state"] == "completed"} == {"green"}
    assert ["data" in answer for answer in said] == [False, True, False, False]
    assert set(said[0]["texts"]) == {"nl", "en"}


def test_the_exercise_serves_the_api_too(place: Place) -> None:
    key = (place.demo.folder / "api-key").read_text("ascii").strip()
    answer = httpx.post(
        f"{place.demo.base_url}/v1/verifications",
        content=place.document.read_bytes(),
        headers={"X-API-Key": key, "Content-Type": "application/pdf"},
        timeout=30,
    )
    assert (answer.status_code, answer.json()["verdict"]) == (201, "green")
    assert httpx.get(f"{place.demo.base_url}/v1/openapi.json").json()["servers"] == [{"url": f"{place.demo.base_url}/v1"}]


@pytest.mark.parametrize(("form", "kind"), [("pdf", "application/pdf"), ("sd-jwt", "application/dc+sd-jwt")])
def test_a_system_hears_what_the_command_line_says(place: Place, form: str, kind: str, tmp_path: Path) -> None:
    key = (place.demo.folder / "api-key").read_text("ascii").strip()
    trust: list[str | Path] = [
        "--trust-list",
        place.demo.folder / "trust-list.json",
        "--trust-anchor",
        place.demo.folder / "trust-anchor.pem",
    ]
    file = place.document
    if form == "sd-jwt":
        file = tmp_path / "claims"
        blauweknop("extract", place.document, "--to", "sd-jwt", "-o", file, *trust)
    said = json.loads(blauweknop("verify", file, "--json", *trust, codes=range(3)).stdout)
    heard = httpx.post(
        f"{place.demo.base_url}/v1/verifications",
        content=file.read_bytes(),
        headers={"X-API-Key": key, "Content-Type": kind},
        timeout=30,
    ).json()
    assert {name: heard.get(name) for name in said if name != "file"} == {name: said[name] for name in said if name != "file"}


def test_an_answer_on_an_open_connection_does_not_wait_for_the_other_side(place: Place) -> None:
    with verifier(place) as (address, _), httpx.Client() as client:
        took = [client.get(f"{address}/verifications/x").elapsed.total_seconds() for _ in range(30)]
        demo = [client.get(f"{place.demo.base_url}/v1/verifications/x").elapsed.total_seconds() for _ in range(30)]
    assert min(took[1:]) < 0.03  # the waiting takes 0.04, each time
    assert min(demo[1:]) < 0.03


def test_a_key_that_was_revoked_is_refused_after_a_new_start(place: Place) -> None:
    key = new_client(place, "tijdelijk", "--credential", "eerste")
    asked = {"X-API-Key": key}
    with verifier(place) as (address, _):
        assert httpx.get(f"{address}/verifications/x", headers=asked).status_code == 404
    text = place.config.read_text("utf-8")
    head = "[api.clients.tijdelijk.credentials.eerste]\n"
    place.config.write_text(text.replace(head, f"{head}revoked = true\n"), "utf-8")
    with verifier(place) as (address, _):
        assert httpx.get(f"{address}/verifications/x", headers=asked).status_code == 401


class Receiver:
    """A webhook that refuses until it is told to take."""

    def __init__(self) -> None:
        self.takes = False
        self.heard: list[tuple[dict[str, str], bytes]] = []

    def __call__(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        self.heard.append(({name.lower(): value for name, value in handler.headers.items()}, body))
        json_answer({}, 200 if self.takes else 500)(handler, body)


def test_a_message_outlives_a_server_that_is_killed(place: Place) -> None:
    receiver = Receiver()
    with json_service(receiver) as service:
        key = new_client(place, "luisteraar", "--webhook", service.url)
        asked = {"X-API-Key": key, "Content-Type": "application/pdf"}
        with verifier(place) as (address, process):
            later = {**asked, "Prefer": "respond-async"}
            answer = httpx.post(f"{address}/verifications", content=place.document.read_bytes(), headers=later, timeout=30)
            assert answer.status_code == 202
            wait_until(lambda: receiver.heard)
            process.send_signal(signal.SIGKILL)
            process.wait(60)
        receiver.takes = True
        refused = len(receiver.heard)
        with verifier(place) as (address, _):
            wait_until(lambda: len(receiver.heard) > refused, 90)
            found = httpx.get(f"{address}{answer.headers['location'].removeprefix('/v1')}", headers=asked)
    secret = read_secret_key(place.config.parent / "luisteraar-webhook")
    ids = [verify_webhook(headers, body, secret, now=datetime.now(UTC)) for headers, body in receiver.heard]
    told: Sequence[Any] = [json.loads(body) for _, body in receiver.heard]
    assert len(set(ids)) == 1
    assert {event["type"] for event in told} == {"verification.completed"}
    assert told[-1]["data"]["verificationId"] == answer.json()["id"]
    assert found.json()["verdict"] == "green"
