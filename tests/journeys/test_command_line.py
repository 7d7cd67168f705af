"""The command line as others script against it: real processes, real exit codes, a real server behind the doctor."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn

from blauweknop.demo.application import demo_application
from blauweknop.demo.scheme import DemoScheme, prepare_scheme, write_examples
from tests.demo_scheme import NO_BSN
from tests.security.bsn_scan import bsns_in

_PROGRAM = (sys.executable, "-c", "from blauweknop.cli.main import run; run()")
_PATIENCE_SECONDS = 60.0
_WEB_AND_LETTERS = (
    "alembic", "fontTools", "httpcore", "httpx", "jinja2", "joserfc", "litestar", "psycopg", "segno", "sqlalchemy", "structlog", "typst",
    "uvicorn",
)  # fmt: skip
_SMALL_PROGRAM = (
    sys.executable,
    "-c",
    f"""
import importlib, pkgutil, sys
class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {_WEB_AND_LETTERS}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, NotInstalled())
import blauweknop.checking
for module in pkgutil.walk_packages(blauweknop.checking.__path__, "blauweknop.checking."):
    importlib.import_module(module.name)
from blauweknop.cli.main import run
run()
""",
)
"""The program as a receiver may have installed it: without the extras for serving and sealing."""


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BLAUWEKNOP_")}
    return {**kept, "PYTHONPATH": "src", "XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "200"}


def blauweknop(arguments: Sequence[str | Path], folder: Path, program: Sequence[str] = _PROGRAM) -> subprocess.CompletedProcess[str]:
    """Run it to its end; whatever it says on standard error holds no burgerservicenummer and no trace."""
    done = subprocess.run(
        [*program, *map(str, arguments)], env=environment(folder), capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
    )
    assert not bsns_in(done.stderr, place="standard error")
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoScheme]:
    """The exercise scheme, served: its login, its register of persons, and its examples."""
    folder = tmp_path_factory.mktemp("exercise")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        scheme = prepare_scheme(folder, f"http://127.0.0.1:{listener.getsockname()[1]}", 36, now=datetime.now(UTC))
        config = uvicorn.Config(demo_application(scheme), log_config=None, log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + _PATIENCE_SECONDS
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        write_examples(scheme, now=datetime.now(UTC))
        yield scheme
        server.should_exit = True
        thread.join(_PATIENCE_SECONDS)


def config_of(scheme: DemoScheme) -> Path:
    return scheme.folder / "blauweknop.toml"


def example_of(scheme: DemoScheme) -> Path:
    return scheme.folder / "examples" / "gem.brp.json"


def trust_of(scheme: DemoScheme) -> list[str | Path]:
    return ["--trust-list", scheme.folder / "trust-list.json", "--trust-anchor", scheme.folder / "trust-anchor.pem"]


@pytest.fixture(scope="module")
def sealed(exercise: DemoScheme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One document, made of an example by `seal`."""
    folder = tmp_path_factory.mktemp("sealed")
    done = blauweknop(["seal", example_of(exercise), "--dataset", "gem.brp", "-o", folder / "uittreksel.pdf"], folder)
    assert done.returncode == 0, done.stderr
    return folder / "uittreksel.pdf"


def test_there_is_one_example_per_data_set(exercise: DemoScheme) -> None:
    assert {path.stem for path in (exercise.folder / "examples").glob("*.json")} == set(exercise.catalogue.datasets)


def test_a_sealed_example_is_green_and_gives_its_data_back(exercise: DemoScheme, sealed: Path, tmp_path: Path) -> None:
    verified = blauweknop(["verify", sealed, "--json", *trust_of(exercise)], tmp_path)
    extracted = blauweknop(["extract", sealed, *trust_of(exercise)], tmp_path)

    assert (verified.returncode, extracted.returncode) == (0, 0), verified.stderr + extracted.stderr
    assert json.loads(verified.stdout)["verdict"] == "green"
    data = json.loads(extracted.stdout)["data"]
    assert data == json.loads(example_of(exercise).read_text("utf-8"))["data"]
    assert not bsns_in(sealed.read_bytes(), place="the document", allowed=NO_BSN)


def test_a_receiver_checks_without_the_parts_for_serving_and_sealing(exercise: DemoScheme, sealed: Path, tmp_path: Path) -> None:
    verified = blauweknop(["verify", sealed, "--json", *trust_of(exercise)], tmp_path, _SMALL_PROGRAM)

    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["verdict"] == "green"


def test_what_a_small_installation_cannot_do_is_named_with_what_to_install(tmp_path: Path) -> None:
    done = blauweknop(["db", "check", "--config", tmp_path / "blauweknop.toml"], tmp_path, _SMALL_PROGRAM)

    assert done.returncode == 3
    assert re.match(r"blauweknop: this needs the package \w+, which is not installed\n  install all parts: ", done.stderr)


def test_the_doctor_finds_nothing_to_mend_in_a_scheme_that_runs(exercise: DemoScheme, tmp_path: Path) -> None:
    found = blauweknop(["doctor", "--config", config_of(exercise), "--language", "en"], tmp_path)

    assert found.returncode == 0, found.stdout
    assert "0 failed" in found.stdout
    assert "source denhaag: gem.brp answers" in found.stdout
    assert not found.stderr


def test_the_doctor_names_each_system_that_does_not_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    scheme = prepare_scheme(tmp_path / "scheme", address, 36, now=datetime.now(UTC))  # nobody listens there any more
    with sqlite3.connect(scheme.folder / "sources" / "duo.db") as database:
        database.execute("ALTER TABLE klant RENAME TO klanten")
    (scheme.folder / "blauweknop.db").unlink()

    found = blauweknop(["doctor", "--config", config_of(scheme)], tmp_path)

    assert found.returncode == 1
    lines = found.stdout.splitlines()
    for words in (
        "fout    bron duo: oefen-DigiD is niet bereikbaar",
        "fout    bron duo: duo.studieschuld past niet bij het systeem van de bron",
        "fout    bron denhaag: gem.brp geeft geen bruikbaar antwoord",
        "fout    database: het bestand is er nog niet",
    ):
        assert any(line.startswith(words) for line in lines), words
    assert all(line.startswith(("goed", "let op", "fout", "   ")) for line in lines[:-1])


def get(url: str) -> tuple[int, Mapping[str, str]]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers)


@contextmanager
def serving(arguments: Sequence[str | Path], folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server process and its address, once it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = (folder / "log").open("w+")
    process = subprocess.Popen([*_PROGRAM, *map(str, arguments), "--port", str(port)], env=environment(folder), stderr=log, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(address, process)
        yield address, process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(_PATIENCE_SECONDS)
        log.close()
    said = (folder / "log").read_text("utf-8")
    assert "Traceback" not in said
    assert all(json.loads(line) for line in said.splitlines())


def _wait_until_ready(address: str, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            if get(f"{address}/readyz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not become ready")


@pytest.mark.parametrize(
    ("arguments", "page"),
    [(["issuer"], "/duo/"), (["issuer", "--workers", "2"], "/duo/"), (["verifier"], "/controle/")],
    ids=["issuer", "issuer over two processes", "verifier"],
)
def test_a_server_serves_until_it_is_told_to_stop(arguments: list[str], page: str, exercise: DemoScheme, tmp_path: Path) -> None:
    with serving(["serve", *arguments, "--config", config_of(exercise)], tmp_path) as (address, process):
        status, headers = get(address + page)
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE_SECONDS)

    assert status == 200
    assert "server" not in {name.lower() for name in headers}
    assert process.returncode in (0, -signal.SIGTERM)


def test_a_port_that_is_taken_is_named(exercise: DemoScheme, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = blauweknop(["serve", "verifier", "--config", config_of(exercise), "--port", str(port)], tmp_path)

    assert done.returncode == 3
    assert f"port {port} of 127.0.0.1 cannot be used" in done.stderr


def test_a_reader_that_stops_reading_is_no_fault_to_talk_about(exercise: DemoScheme, tmp_path: Path) -> None:
    call = [*_PROGRAM, "doctor", "--config", str(config_of(exercise))]
    with subprocess.Popen(call, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert process.returncode == 141
    assert not said
