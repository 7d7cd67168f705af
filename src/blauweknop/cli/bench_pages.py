"""What the benchmarks measure of Mijn Blauwe Knop: its pages, for many people at once, over a store full of accounts.

Everybody opens the same page at the same moment and asks for it again as soon as it is there, which is harder than people are. The time of
the server is what its log says of each request; its CPU time is that of all its processes, divided by the visits.
"""

import http.client
import json
import re
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.holder_settings import load_holder
from blauweknop.adapters.row_encryption import RowKey, read_secret_key
from blauweknop.assembly.holder import holder_services
from blauweknop.cli.bench_report import Figure, Page, Report, print_report, report_console, this_machine
from blauweknop.cli.bench_servers import HOST, BenchServer, ServerFailed, bench_server, free_port
from blauweknop.cli.bench_vaults import PASSPHRASE, KeptPerson, VaultPlan, fill_vaults
from blauweknop.cli.configuration import FILE_NAME
from blauweknop.demo.scheme import prepare_scheme

__all__ = ["PagesPlan", "bench_pages"]

_GOAL_SECONDS = 0.300
_GOAL_MEMORY = 250
_PEOPLE = 60  # made up; accounts share their lives
_PATIENCE_SECONDS = 120.0
_AT_THE_DOOR = threading.BoundedSemaphore(4)  # at once; who waits longer than ten seconds for a turn is asked to come back
_TOKEN = re.compile(rb'name="_csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class PagesPlan:
    """How many accounts, people who are in at once, and times that each opens each page; with which processes and database."""

    accounts: int
    visitors: int
    rounds: int
    workers: int
    database: str | None = field(default=None, repr=False)
    documents: int = 25

    @classmethod
    def quick(cls, database: str | None = None) -> "PagesPlan":
        """Whether everything works; its figures mean little."""
        return cls(5, 2, 1, 1, database)


def bench_pages(plan: PagesPlan, *, as_json: bool = False) -> int:
    """Print what pages cost and how long they take; the exit code is 0, also when a goal is missed.

    Raises:
        ServerFailed: the server does not start, or answers with something else than its pages.
    """
    console, machine = report_console(as_json), this_machine()
    with TemporaryDirectory() as folder:
        port = free_port()
        people, megabytes = _filled(Path(folder), port, plan)
        with bench_server("holder", Path(folder), port, plan.workers) as server:
            before = server.memory()
            pages = _visited(server, people, plan)
            figures = [
                Figure("web_memory", server.memory(), _GOAL_MEMORY),
                Figure("web_memory_before", before),
                Figure("web_start", server.start_seconds),
            ]
    store = {"accounts": plan.accounts, "documents": plan.documents, "visitors": plan.visitors, "workers": plan.workers}
    report = Report("web", machine, (), figures, {"store": {**store, "megabytes": megabytes}}, pages)
    print_report(report, console, as_json=as_json)
    return 0


def _filled(folder: Path, port: int, plan: PagesPlan) -> tuple[tuple[KeptPerson, ...], int]:
    """The people who will be in, and the size of the database in MB; 0 where it is no file."""
    scheme = prepare_scheme(folder, f"http://{HOST}:{port}", _PEOPLE, now=datetime.now(UTC))
    file = folder / FILE_NAME
    if plan.database is not None:
        file.write_text(re.sub(r"(?m)^url = \"sqlite:.*$", f"url = {json.dumps(plan.database)}", file.read_text("utf-8"), count=1), "utf-8")
    loaded, storage, settings = load_holder(file)
    engine = open_database(storage.url)
    upgrade(engine)
    row_key = RowKey.from_secret(read_secret_key(storage.secret_key_file))
    services = holder_services(engine, row_key, settings, base_url=loaded.base_url)
    people = fill_vaults(scheme, services, VaultPlan(plan.accounts, plan.documents, plan.visitors))
    engine.dispose()
    files = folder.glob("blauweknop.db*") if plan.database is None else ()
    return people, sum(part.stat().st_size for part in files) // 1_000_000


def _visited(server: BenchServer, people: Sequence[KeptPerson], plan: PagesPlan) -> list[Page]:
    browsers = [_Browser(server.port, person, f"192.0.2.{number}") for number, person in enumerate(people)]
    phases: list[tuple[str, int, float | None, Callable[[_Browser], None]]] = [
        ("unlock", 1, None, _Browser.unlock),
        ("overview_first", 1, _GOAL_SECONDS, _page("/overzicht")),
        ("overview", plan.rounds, _GOAL_SECONDS, _page("/overzicht")),
        ("overview_36_first", 1, _GOAL_SECONDS, _page("/overzicht?maanden=36")),
        ("overview_36", plan.rounds, _GOAL_SECONDS, _page("/overzicht?maanden=36")),
        ("list", plan.rounds, _GOAL_SECONDS, _page("/gegevens")),
        ("document", plan.rounds, _GOAL_SECONDS, lambda browser: browser.open(f"/documenten/{browser.person.document}")),
        ("log", plan.rounds, _GOAL_SECONDS, _page("/rechten/logboek")),
        ("rights", plan.rounds, _GOAL_SECONDS, _page("/rechten")),
    ]
    pages = [_phase(name, rounds, goal, visit, browsers, server) for name, rounds, goal, visit in phases]
    for browser in browsers:
        browser.hang_up()
    return pages


def _page(path: str) -> "Callable[[_Browser], None]":
    return lambda browser: browser.open(path)


def _phase(
    name: str, rounds: int, goal: float | None, visit: "Callable[[_Browser], None]", browsers: Sequence["_Browser"], server: BenchServer
) -> Page:
    """All at the same moment, each `rounds` times."""
    together = threading.Barrier(len(browsers))
    asked: list[float] = []
    problems: list[BaseException] = []

    def work(browser: _Browser) -> None:
        browser.hang_up()
        together.wait()
        try:
            for _ in range(rounds):
                began = time.perf_counter()
                visit(browser)
                asked.append(time.perf_counter() - began)
        except (OSError, http.client.HTTPException, ServerFailed) as problem:
            problems.append(problem)

    said, before = server.log.stat().st_size, server.cpu_seconds()
    threads = [threading.Thread(target=work, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise ServerFailed(f"a page could not be opened: {problems[0]}") from problems[0]
    cpu = (server.cpu_seconds() - before) / len(asked)
    served = _times_of_server(server.log, said, "POST" if name == "unlock" else "GET")
    (half, most), (asked_half, asked_most) = _half_and_most(served), _half_and_most(asked)
    return Page(name, len(asked), cpu, half, most, asked_half, asked_most, goal)


def _half_and_most(seconds: Sequence[float]) -> tuple[float, float]:
    if not seconds:
        raise ServerFailed("expected a line in the log for each page")
    return statistics.median(seconds), sorted(seconds)[len(seconds) * 95 // 100]


def _times_of_server(log: Path, since: int, method: str) -> list[float]:
    """What its log says of the requests since this place in it, in seconds."""
    with log.open("rb") as opened:
        opened.seek(since)
        lines = [json.loads(line) for line in opened if line.startswith(b"{")]
    return [line["milliseconds"] / 1000 for line in lines if line.get("event") == "request" and line["method"] == method]


class _Browser:
    """One person with a connection of their own; as a proxy says, from an address of their own."""

    def __init__(self, port: int, person: KeptPerson, address: str) -> None:
        self.person, self._address = person, address
        self._connection = http.client.HTTPConnection(HOST, port, timeout=_PATIENCE_SECONDS)
        self._cookies: dict[str, str] = {}

    def hang_up(self) -> None:
        """The next page comes over a new connection; the server closes what is silent for some seconds."""
        self._connection.close()

    def unlock(self) -> None:
        with _AT_THE_DOOR:
            self._unlock()

    def _unlock(self) -> None:
        token = _TOKEN.search(self._ask("GET", "/openen"))
        form = {"_csrf_token": token[1].decode() if token else "", "name": self.person.name, "passphrase": PASSPHRASE, "place": ""}
        self._ask("POST", "/openen", urlencode(form), status=303)

    def open(self, path: str) -> None:
        self._ask("GET", path)

    def _ask(self, method: str, path: str, form: str | None = None, *, status: int = 200) -> bytes:
        headers = {"X-Forwarded-For": self._address, "Sec-Fetch-Site": "same-origin"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, f"/mijn{path}", form, headers)
        with closing(self._connection.getresponse()) as answer:
            content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status != status:
            raise ServerFailed(f"{path} answered {answer.status}")
        return content
