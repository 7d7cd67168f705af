"""What a target is, and one input tried against it within its bounds."""

import contextlib
import resource
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from types import FrameType

__all__ = ["Found", "Target", "attempt"]

_KIBI = 1024
_HARD_SECONDS = 30.0  # after which an input is given up at the next step of Python


class Found(Exception):
    """An input that got more out of a parser than an answer or one of its own refusals."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parser under attack.

    `check` answers with a word for what happened (`accepted`, or the code of a refusal); anything else that comes out is a finding, and so
    is an `assert` of its own that two readers agree. `mutate` makes another input of one. `seconds` and `mebibytes` bound each input;
    `tries` is how many changed inputs the tests try.
    """

    name: str
    about: str
    seeds: Callable[[], Sequence[bytes]]
    check: Callable[[bytes], str]
    mutate: Callable[[Random, bytes], bytes]
    seconds: float = 2.0
    mebibytes: int = 256
    largest: int = 256 * _KIBI
    tries: int = 120


def attempt(target: Target, data: bytes) -> str:
    """What the target answered to these bytes.

    Raises:
        Found: it raised what it does not say it raises, two readers disagreed, or it took too much time or memory.
    """
    memory, started = _begin_of_memory(), time.process_time()
    try:
        with _hard_limit(_HARD_SECONDS):
            answer = target.check(data)
    except BaseException as error:  # also what is no Exception: an extension module that panics must not pass for a refusal
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise Found(f"{target.name}: {type(error).__name__} came out") from error
    took, grew = time.process_time() - started, _peak() - memory
    if grew > target.mebibytes * _KIBI:
        raise Found(f"{target.name}: {grew // _KIBI} MiB, more than {target.mebibytes} MiB")
    if took > target.seconds:
        raise Found(f"{target.name}: {took:.1f} s, more than {target.seconds} s")
    return answer


def _begin_of_memory() -> int:
    """What this process has now, in KiB; from here on `_peak` counts, where the system lets a process begin anew (Linux)."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w", encoding="ascii") as references:
        references.write("5")
    return _peak()


def _peak() -> int:
    """The most memory that this process had, in KiB."""
    with contextlib.suppress(OSError), open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@contextlib.contextmanager
def _hard_limit(seconds: float) -> Iterator[None]:
    def stop(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
