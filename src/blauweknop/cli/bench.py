"""`blauweknop bench`: what a document and a check cost in CPU time (user and system, all threads), beside what one would use today.

Every round gives each pipeline one document that nobody has seen before, so that no cache helps and a busy machine hinders all alike.
"""

import gc
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from rich.console import Console
from rich.table import Table

from blauweknop.adapters.sandbox import check_in_child
from blauweknop.catalogue.texts import sentence
from blauweknop.checking.check_document import check_document
from blauweknop.cli.bench_exercise import BenchExercise, Order, bench_exercise
from blauweknop.cli.bench_rivals import pyhanko_judge, pyhanko_sealer, unsealed_by_typst, unsealed_by_weasyprint
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import pages
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verified

__all__ = ["BenchmarkFailed", "bench_checking", "bench_sealing", "require_good"]

_LANGUAGE = "en"
_WARM_UP = 2
Given = TypeVar("Given")


class BenchmarkFailed(BlauweKnopError):
    """What was measured did not do its work, so its figures mean nothing."""


@dataclass(slots=True)
class _Pipeline(Generic[Given]):
    """One way of doing the work, and what it cost each time (seconds of CPU)."""

    name: str
    work: Callable[[Given], object]
    costs: list[float] = field(default_factory=list)
    size: int | None = None


def bench_sealing(count: int) -> int:
    """Print what it costs to make `count` documents, each by every pipeline; the exit code is 0.

    Raises:
        BenchmarkFailed: a document that was made is not found good.
    """
    console = Console()
    with bench_exercise() as exercise:
        example = _good_document(exercise)
        pipelines = [
            _Pipeline[Order]("ours", lambda order: exercise.make(order).pdf),
            _Pipeline[Order]("typst", unsealed_by_typst(exercise)),
            *_available("pyHanko", console, lambda: [_typst_and_pyhanko(exercise)]),
            *_available("WeasyPrint", console, lambda: [_weasyprint_and_pyhanko(exercise)]),
        ]
        _measure(pipelines, exercise.order, count)
    _report(console, sentence("bench.seal.title", _LANGUAGE, count=count), pipelines, example)
    return 0


def bench_checking(count: int) -> int:
    """Print what it costs to check `count` documents, each by every pipeline; the exit code is 0.

    Raises:
        BenchmarkFailed: a check does not find a good document good.
    """
    console = Console()
    with bench_exercise() as exercise:
        example = _good_document(exercise)
        pipelines = [
            _Pipeline[bytes]("check", lambda pdf: require_good(exercise, pdf, child=False)),
            _Pipeline[bytes]("child", lambda pdf: require_good(exercise, pdf, child=True)),
            *_available("pyHanko", console, lambda: [_judged_by_pyhanko(exercise)]),
        ]
        _measure(pipelines, lambda: exercise.make(exercise.order()).pdf, count)
    _report(console, sentence("bench.verify.title", _LANGUAGE, count=count), pipelines, example)
    return 0


def _typst_and_pyhanko(exercise: BenchExercise) -> _Pipeline[Order]:
    unsealed, seal = unsealed_by_typst(exercise), pyhanko_sealer(exercise)
    return _Pipeline("typst_pyhanko", lambda order: seal(unsealed(order)))


def _weasyprint_and_pyhanko(exercise: BenchExercise) -> _Pipeline[Order]:
    unsealed, seal = unsealed_by_weasyprint(exercise), pyhanko_sealer(exercise)
    return _Pipeline("weasyprint_pyhanko", lambda order: seal(unsealed(order)))


def _judged_by_pyhanko(exercise: BenchExercise) -> _Pipeline[bytes]:
    judge = pyhanko_judge(exercise)

    def work(pdf: bytes) -> None:
        if not judge(pdf, datetime.now(UTC)):
            raise BenchmarkFailed("pyHanko does not call the seal of the example good")

    return _Pipeline("pyhanko", work)


def _available(program: str, console: Console, build: Callable[[], list[_Pipeline[Given]]]) -> list[_Pipeline[Given]]:
    """A rival is optional; one that is not here is named with what installs it. A missing system library is an OSError."""
    try:
        return build()
    except (ImportError, OSError):
        console.print(sentence("bench.missing", _LANGUAGE, program=program))
        return []


def _good_document(exercise: BenchExercise) -> bytes:
    pdf = exercise.make(exercise.order()).pdf
    require_good(exercise, pdf, child=False)
    return pdf


def require_good(exercise: BenchExercise, pdf: bytes, *, child: bool) -> None:
    """Check the example, in a process of its own or in this one.

    Raises:
        BenchmarkFailed: it is not found good.
    """
    check = check_in_child if child else check_document
    verdict = check(pdf, trust=exercise.trust, at=datetime.now(UTC), catalogue=exercise.catalogue)
    if not isinstance(verdict, Verified):
        reasons = ", ".join(step.reason for step in verdict.facts.steps if step.reason != "ok")
        raise BenchmarkFailed(f"the check does not find the example good: {reasons}")


def _measure(pipelines: Sequence[_Pipeline[Given]], fresh: Callable[[], Given], count: int) -> None:
    for pipeline in pipelines:
        made = [pipeline.work(fresh()) for _ in range(_WARM_UP)][-1]
        pipeline.size = len(made) if isinstance(made, bytes) else None
    gc.collect()
    gc.freeze()
    for _ in range(count):
        for pipeline in pipelines:
            given = fresh()
            before = _cpu_seconds()
            pipeline.work(given)
            pipeline.costs.append(_cpu_seconds() - before)


def _cpu_seconds() -> float:
    """User and system time of this process, all its threads, and of the processes it started that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _report(console: Console, title: str, pipelines: Sequence[_Pipeline[Given]], example: bytes) -> None:
    table = Table(title=title, title_justify="left")
    for key in ("way", "median", "range", "rate", "size"):
        table.add_column(sentence(f"bench.{key}", _LANGUAGE), justify="left" if key == "way" else "right")
    for pipeline in pipelines:
        median = statistics.median(pipeline.costs)
        table.add_row(
            sentence(f"bench.{pipeline.name}", _LANGUAGE),
            f"{median * 1000:.1f}",
            f"{min(pipeline.costs) * 1000:.1f}-{max(pipeline.costs) * 1000:.1f}",
            f"{1 / median:.0f}",
            "-" if pipeline.size is None else f"{pipeline.size}",
        )
    console.print(table)
    for pipeline in pipelines:
        console.print(f"{sentence(f'bench.{pipeline.name}', _LANGUAGE)}: {sentence(f'bench.{pipeline.name}.gives', _LANGUAGE)}")
    console.print(sentence("bench.letter", _LANGUAGE, pages=len(pages(read_file(example)))))
    console.print(_machine())


def _machine() -> str:
    return sentence(
        "bench.machine",
        _LANGUAGE,
        processor=_processor(),
        cores=os.cpu_count(),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        day=datetime.now(UTC).date(),
    )


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text("utf-8").splitlines() if listing.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor() or "?")
