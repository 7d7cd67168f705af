"""What the benchmarks print: each figure beside its goal, and the machine it was found on; as tables or as JSON."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from blauweknop.catalogue.texts import sentence
from blauweknop.cli.bench_measuring import Cost

__all__ = ["Figure", "Machine", "Page", "Report", "print_report", "report_console", "this_machine"]

_LANGUAGE = "en"
_WIDTH_OF_FILE = 150  # letters


@dataclass(frozen=True, slots=True)
class Figure:
    """One number beside its goal: the most it may be, or with `at_least` the least; None when there is no goal for it.

    `count` is of what stands in its name; `rival` is the best that others reach, where it was measured before and elsewhere.
    """

    name: str
    value: float
    goal: float | None = None
    at_least: bool = False
    count: int | None = None
    rival: float | None = None

    @property
    def reached(self) -> bool | None:
        """None when there is no goal."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal


@dataclass(frozen=True, slots=True)
class Page:
    """What a page of `name` took, in seconds: CPU of the server for each, and for half and for 95 of 100 the time until it answered,
    in the server and for who asked. `goal` is for 95 of 100 in the server; None when there is none."""

    name: str
    visits: int
    cpu: float
    half: float
    most: float
    asked_half: float
    asked_most: float
    goal: float | None

    @property
    def reached(self) -> bool | None:
        """None when there is no goal."""
        return None if self.goal is None else self.most <= self.goal


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and when; `busy` is how many processes wanted a processor in the minute before."""

    processor: str
    cores: int
    python: str
    system: str
    day: str
    busy: float


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run; `subjects` says what was measured (`document`, `credential`) and the counts that its sentence names."""

    what: str
    machine: Machine
    costs: Sequence[Cost]
    figures: Sequence[Figure]
    subjects: Mapping[str, Mapping[str, int]]
    pages: Sequence[Page] = ()

    def show(self, console: Console) -> None:
        """Print the tables."""
        if self.costs:
            console.print(self._table_of_pipelines())
        if self.pages:
            console.print(self._table_of_pages())
        for cost in self.costs:
            console.print(f"{_say(f'bench.{cost.name}')}: {_say(f'bench.{cost.name}.gives')}")
        if self.figures:
            console.print(self._table_of_figures())
        for subject, counts in self.subjects.items():
            console.print(sentence(f"bench.{subject}", _LANGUAGE, **counts))
        machine = self.machine
        busy = f"{machine.busy:.1f}"
        known = {"processor": machine.processor, "cores": machine.cores, "python": machine.python, "system": machine.system}
        console.print(sentence("bench.machine", _LANGUAGE, **known, day=machine.day, busy=busy))

    def as_json(self) -> str:
        """The same for programs; times in seconds of CPU."""
        machine = self.machine
        return json.dumps(
            {
                "benchmark": self.what,
                "machine": {name: getattr(machine, name) for name in ("processor", "cores", "python", "system", "day", "busy")},
                **self.subjects,
                "pipelines": [_cost_as_json(cost) for cost in self.costs],
                "pages": [_page_as_json(page) for page in self.pages],
                "figures": [_figure_as_json(figure) for figure in self.figures],
            },
            indent=2,
        )

    def _table_of_pipelines(self) -> Table:
        documents = max([cost.documents for cost in self.costs])
        table = Table(title=sentence(f"bench.{self.what}.title", _LANGUAGE, count=documents), title_justify="left")
        for key in ("way", "median", "range", "rate", "goal", "result", "size"):
            table.add_column(_say(f"bench.{key}"), justify="left" if key == "way" else "right")
        for cost in self.costs:
            median = cost.median
            table.add_row(
                _say(f"bench.{cost.name}"),
                _milliseconds(median),
                f"{_milliseconds(min(cost.rounds))}-{_milliseconds(max(cost.rounds))}",
                f"{1 / median:,.0f}",
                _goal_of(cost),
                _result(cost.reached),
                "-" if cost.size is None else f"{cost.size:,}",
            )
        return table

    def _table_of_pages(self) -> Table:
        table = Table(title=_say(f"bench.{self.what}.title"), title_justify="left")
        for key in ("page", "visits", "cpu", "half", "most", "goal", "result", "asked_half", "asked_most"):
            table.add_column(_say(f"bench.{key}"), justify="left" if key == "page" else "right")
        for page in self.pages:
            table.add_row(
                _say(f"bench.page.{page.name}"),
                f"{page.visits:,}",
                *(_milliseconds(seconds) for seconds in (page.cpu, page.half, page.most)),
                "-" if page.goal is None else f"≤ {page.goal * 1000:g} ms",
                _result(page.reached),
                *(_milliseconds(seconds) for seconds in (page.asked_half, page.asked_most)),
            )
        return table

    def _table_of_figures(self) -> Table:
        table = Table()
        rivals = any(figure.rival is not None for figure in self.figures)
        for key in ("figure", "value", "goal", "result", *(["rival"] if rivals else [])):
            table.add_column(_say(f"bench.{key}"), justify="left" if key == "figure" else "right")
        for figure in self.figures:
            sign = "≥" if figure.at_least else "≤"
            goal = "-" if figure.goal is None else f"{sign} {_number(figure.goal)}"
            name = sentence(f"bench.{figure.name}", _LANGUAGE, count=figure.count)
            rival = ["-" if figure.rival is None else _number(figure.rival)] if rivals else []
            table.add_row(name, _number(figure.value), goal, _result(figure.reached), *rival)
        return table


def this_machine() -> Machine:
    """As it is before the work begins."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        day=datetime.now(UTC).date().isoformat(),
        busy=os.getloadavg()[0],
    )


def report_console(as_json: bool) -> Console:
    """Where tables go, and words while JSON goes to standard output; in a file a table has the room it needs."""
    console = Console(stderr=as_json)
    return console if console.is_terminal else Console(stderr=as_json, width=_WIDTH_OF_FILE)


def print_report(report: Report, console: Console, *, as_json: bool) -> None:
    """As tables on this console, or as JSON on standard output."""
    if as_json:
        print(report.as_json())
    else:
        report.show(console)


def _cost_as_json(cost: Cost) -> dict[str, object]:
    return {
        "name": cost.name,
        "median": cost.median,
        "lowest": min(cost.rounds),
        "highest": max(cost.rounds),
        "per_second_and_core": 1 / cost.median,
        "goal_per_second_and_core": cost.goal if cost.limit is None else 1 / cost.limit,
        "reached": cost.reached,
        "documents": cost.documents,
        "bytes": cost.size,
    }


def _figure_as_json(figure: Figure) -> dict[str, object]:
    rival = {} if figure.rival is None else {"rival": figure.rival}
    return {"name": figure.name, "value": figure.value, "goal": figure.goal, "reached": figure.reached, **rival}


def _page_as_json(page: Page) -> dict[str, object]:
    return {
        "name": page.name,
        "visits": page.visits,
        "server_cpu": page.cpu,
        "server_half": page.half,
        "server_95": page.most,
        "asked_half": page.asked_half,
        "asked_95": page.asked_most,
        "goal": page.goal,
        "reached": page.reached,
    }


def _goal_of(cost: Cost) -> str:
    if cost.limit is not None:
        return f"≤ {cost.limit * 1000:g} ms"
    return "-" if cost.goal is None else f"≥ {cost.goal:,.0f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _milliseconds(seconds: float) -> str:
    thousandth = seconds * 1000
    return f"{thousandth:.1f}" if thousandth >= 10 else f"{thousandth:.3f}"


def _result(reached: bool | None) -> str:
    return "-" if reached is None else _say("bench.reached" if reached else "bench.missed")


def _say(key: str) -> str:
    return sentence(key, _LANGUAGE)


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text("utf-8").splitlines() if listing.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor() or "?")
