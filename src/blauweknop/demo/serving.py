"""`blauweknop demo`: the whole exercise scheme on one port of this machine, until Ctrl-C or for the scripted journeys only."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import typer
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from blauweknop.catalogue.texts import sentence
from blauweknop.demo.application import demo_application
from blauweknop.demo.checking import check_files
from blauweknop.demo.household_journey import play_household
from blauweknop.demo.journeys import Step, play_download
from blauweknop.demo.request_file import request_file
from blauweknop.demo.scheme import DemoScheme, prepare_scheme, renew_bundle, write_examples
from blauweknop.demo.screen import both, commands_after_play, commands_to_try, ready_lines
from blauweknop.demo.sharing_journeys import play_acting, play_sharing
from blauweknop.demo.sources import holder_base
from blauweknop.demo.withdrawal import play_withdrawal
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.web.request_log import configure_logging

__all__ = ["play_once", "serve_demo"]

_HOST = "127.0.0.1"
_USUAL_PORT = 8000
_JOURNEY_PEOPLE = 5
_PATIENCE_SECONDS = 30.0


def serve_demo(folder: Path, port: int | None, people: int) -> int:
    """Serve until Ctrl-C, which is how this is meant to end: 0.

    Raises:
        BlauweKnopError: the port is taken, or the folder cannot be used.
    """
    with _listen(_USUAL_PORT if port is None else port) as listener:
        scheme, server = _prepare(folder, listener, people)
        threading.Thread(target=_when_ready, args=(server, scheme, _address(listener), folder), daemon=True).start()
        with suppress(KeyboardInterrupt):  # the server ends in order, and then raises the signal again
            server.run(sockets=[listener])
    if not server.started:
        raise BlauweKnopError(both("demo.not_started"))
    renew_bundle(scheme, now=datetime.now(UTC))
    typer.echo(both("demo.stopped", folder=folder))
    return 0


def play_once(folder: Path, port: int | None, people: int) -> int:
    """Serve, play J1 for five people at all sources and J2 to J5 and J7 for one, check every document, write the report; 0 when all
    went well, else 1.

    Without a `port` it takes the usual one, or any other when that is taken: nobody needs to find these pages.

    Raises:
        BlauweKnopError: the port is taken, or the folder cannot be used.
    """
    started = time.perf_counter()
    with _listen_somewhere() if port is None else _listen(port) as listener:
        scheme, server = _prepare(folder, listener, people)
        for old in scheme.documents.glob("*.pdf"):
            old.unlink()
        with _serving(server, listener):
            ready = round((time.perf_counter() - started) * 1000)
            write_examples(scheme, now=datetime.now(UTC))
            steps = _play(scheme, _address(listener))
            renew_bundle(scheme, now=datetime.now(UTC))
    return _report(scheme, steps, ready, folder)


def _play(scheme: DemoScheme, base_url: str) -> list[Step]:
    sources = list(scheme.settings.sources.values())
    players = _players(scheme)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    steps: list[Step] = []
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("J1", total=len(players) * len(sources) + 3)
        for number, person_id in enumerate(players, start=1):
            for source in sources:
                progress.update(bar, description=f"J1 {number}/{len(players)} {source.identity.name}")
                steps += play_download(base_url, source.path, person_id, number=number, documents=scheme.documents)
                progress.advance(bar)
        progress.update(bar, description=sentence("demo.once.checking", "nl"))
        steps += check_files(scheme)
        progress.advance(bar)
        progress.update(bar, description=sentence("demo.once.sharing", "nl"))
        steps += play_sharing(base_url, holder_base(base_url), [source.identity.id for source in sources], players[0], number=1)
        if any(person.id == "anneke" for person in scheme.people):  # whom the administrator of the exercise acts for
            steps += play_acting(base_url, holder_base(base_url), "denhaag", "namens-bewind", number=2)
        steps += play_household(base_url, holder_base(base_url), _two(scheme), number=2)
        progress.advance(bar)
        progress.update(bar, description=sentence("demo.once.withdrawing", "nl"))
        steps += play_withdrawal(scheme, base_url, players[0])
        progress.advance(bar)
    return steps


def _players(scheme: DemoScheme) -> list[str]:
    """The first five people who live here."""
    return [person.id for person in scheme.people if person.suspension is None][:_JOURNEY_PEOPLE]


def _two(scheme: DemoScheme) -> list[tuple[str, str]]:
    """The second and third of them, who play two people that apply together."""
    chosen = _players(scheme)[1:3]
    return [(person.id, person.municipality) for person in scheme.people if person.id in chosen]


def _report(scheme: DemoScheme, steps: Sequence[Step], ready_milliseconds: int, folder: Path) -> int:
    documents = len(list(scheme.documents.glob("*.pdf")))
    green = sum(step.step == "check" and step.outcome == "ok" for step in steps)
    passed = sum(step.outcome == "ok" for step in steps)
    good = passed == len(steps) and green == documents > 0
    report = {
        "passed": good,
        "readyMilliseconds": ready_milliseconds,
        "documents": documents,
        "green": green,
        "steps": [step.as_json() for step in steps],
    }
    (scheme.folder / "report.json").write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    for step in steps:
        if step.outcome != "ok":
            typer.echo(f"{step.journey} {step.person} {step.source}: {step.step}: {step.outcome}", err=True)
    for language in ("nl", "en"):
        typer.echo(sentence("demo.once.done", language, passed=passed, steps=len(steps), documents=documents, green=green))
    for line in commands_after_play(scheme, folder):
        typer.echo(line)
    return 0 if good else 1


def _prepare(folder: Path, listener: socket.socket, people: int) -> tuple[DemoScheme, uvicorn.Server]:
    try:
        scheme = prepare_scheme(folder, _address(listener), people, now=datetime.now(UTC))
        configure_logging(request_file(scheme.folder / "requests.log"))
    except OSError as error:
        raise BlauweKnopError(both("demo.folder", folder=folder)) from error
    config = uvicorn.Config(
        demo_application(scheme),
        http="h11",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return scheme, uvicorn.Server(config)


def _when_ready(server: uvicorn.Server, scheme: DemoScheme, base_url: str, folder: Path) -> None:
    _wait_for(server)
    for line in ready_lines(scheme, base_url):
        typer.echo(line)
    write_examples(scheme, now=datetime.now(UTC))
    for line in commands_to_try(folder):
        typer.echo(line)


@contextmanager
def _serving(server: uvicorn.Server, listener: socket.socket) -> Iterator[None]:
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _wait_for(server)
        yield
    finally:
        server.should_exit = True
        thread.join(_PATIENCE_SECONDS)


def _wait_for(server: uvicorn.Server) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not server.started:
        if time.monotonic() > until:
            raise BlauweKnopError(both("demo.not_started"))
        time.sleep(0.02)


def _listen(port: int) -> socket.socket:
    """A socket of ours before anything else, so that the address is known and nobody else can take it.

    Raises:
        BlauweKnopError: the port is taken.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as `serve` does
    try:
        listener.bind((_HOST, port))
    except OSError as error:
        listener.close()
        raise BlauweKnopError(both("demo.port_taken", port=port)) from error
    return listener


def _listen_somewhere() -> socket.socket:
    try:
        return _listen(_USUAL_PORT)
    except BlauweKnopError:
        return _listen(0)


def _address(listener: socket.socket) -> str:
    return f"http://{_HOST}:{listener.getsockname()[1]}"
