"""Attack one target for a while: change inputs that gave a new answer, keep those that do, and write down what was found."""

import hashlib
import math
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from fuzz.target import Found, Target, attempt

__all__ = ["Report", "kept_inputs", "place_of", "run", "save"]

_MOST_KEPT = 2000
_CORPUS = Path(__file__).parent / "corpus"


@dataclass(slots=True)
class Report:
    """How many inputs were tried, how often each answer came, the slowest input, and where each kind of finding was written."""

    tried: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    found: dict[str, Path] = field(default_factory=dict)


def run(
    target: Target, *, random: Random, folder: Path, seconds: float = math.inf, tries: float = math.inf, tell: Callable[[str], None] = print
) -> Report:
    """Attack for so many seconds or inputs with changes that know the format; new answers steer, no coverage is measured.

    Begins with the seeds and with what is kept in `fuzz/corpus`. Findings go to `folder`.
    """
    report = Report()
    pool = [*target.seeds(), *kept_inputs(target.name)]
    for data in pool:
        _try(target, data, report, folder, tell)
    started, until = report.tried, time.monotonic() + seconds
    while time.monotonic() < until and report.tried - started < tries:
        data = target.mutate(random, random.choice(pool))[: target.largest]
        if random.randrange(3) == 0:
            data = target.mutate(random, data)[: target.largest]
        new = _try(target, data, report, folder, tell)
        if new and len(pool) < _MOST_KEPT:
            pool.append(data)
    return report


def kept_inputs(name: str) -> list[bytes]:
    """What once was found for this target; see `fuzz/corpus/ORIGIN.md`."""
    return [path.read_bytes() for path in sorted((_CORPUS / name).glob("*"))]


def _try(target: Target, data: bytes, report: Report, folder: Path, tell: Callable[[str], None]) -> bool:
    """Whether the answer was new."""
    report.tried += 1
    started = time.process_time()
    try:
        answer = attempt(target, data)
    except Found as found:
        place = place_of(found)
        if place not in report.found:
            report.found[place] = save(folder, data)
            tell(f"{found} at {place}: {report.found[place]}")
        return False
    finally:
        report.slowest = max(report.slowest, time.process_time() - started)
    report.answers[answer] += 1
    return report.answers[answer] == 1


def place_of(found: Found) -> str:
    """Where it came out, so that a thousand inputs with one cause count once."""
    cause = found.__cause__
    frames = traceback.extract_tb(cause.__traceback__) if cause else []
    last = [frame for frame in frames if "blauweknop" in frame.filename or "targets" in frame.filename]
    return f"{Path(last[-1].filename).name}:{last[-1].lineno}" if last else str(found).partition(":")[0]


def save(folder: Path, data: bytes) -> Path:
    """Write an input under the name of its digest."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"found-{hashlib.sha256(data).hexdigest()[:16]}"
    path.write_bytes(data)
    return path
