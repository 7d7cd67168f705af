import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict
from blauweknop.verifier.api.later import ChecksLater, LaterCheck
from blauweknop.verifier.api.memory import MemoryVerifications
from blauweknop.verifier.api.verifications import Verification
from tests.unit.checking import exercise_documents as x
from tests.unit.verifier.api.api_world import check, checked_by


@dataclass
class Gate:
    """A check that waits until it may go on, and fails as often as it is told."""

    fails: int = 0
    asked: int = 0
    opened: threading.Event = field(default_factory=threading.Event)

    def __call__(self, pdf: bytes, at: datetime) -> Verdict:
        self.asked += 1
        assert self.opened.wait(20)
        if self.asked <= self.fails:
            raise BlauweKnopError("too busy")
        return check(pdf, at)


def later_check(name: str, file: bytes = b"%PDF") -> LaterCheck:
    return LaterCheck(Verification(name, "one", "pending", "ab" * 32, x.NOW, x.NOW + timedelta(hours=24)), file)


@contextmanager
def line(
    gate: Callable[[bytes, datetime], Verdict], *, most_bytes: int = 1000, most_files: int = 10
) -> Iterator[tuple[ChecksLater, MemoryVerifications]]:
    kept = MemoryVerifications()
    checks = ChecksLater(checked_by(gate), kept, lambda: x.NOW, most_bytes=most_bytes, most_files=most_files, between_tries=0.01)
    yield checks, kept
    checks.stop()


def state(kept: MemoryVerifications, name: str) -> str:
    found = kept.find(name, "one", x.NOW)
    return found.state if found else "gone"


def settled(kept: MemoryVerifications, name: str) -> str:
    until = time.monotonic() + 20
    while state(kept, name) == "pending" and time.monotonic() < until:
        time.sleep(0.01)
    return state(kept, name)


@pytest.mark.parametrize(("most_bytes", "most_files"), [(10, 100), (1000, 2)], ids=["bytes", "files"])
def test_a_line_that_is_full_takes_no_more_until_one_has_left(most_bytes: int, most_files: int) -> None:
    gate = Gate()
    with line(gate, most_bytes=most_bytes, most_files=most_files) as (checks, kept):
        assert [checks.offer(later_check(name)) for name in "abc"] == [True, True, False]
        assert state(kept, "c") == "gone"
        gate.opened.set()
        assert [settled(kept, name) for name in "ab"] == ["completed", "completed"]
        until = time.monotonic() + 5
        while not checks.offer(later_check("d")) and time.monotonic() < until:
            time.sleep(0.01)
        assert settled(kept, "d") == "completed"


def test_a_check_that_is_too_busy_is_tried_again() -> None:
    gate = Gate(fails=2)
    gate.opened.set()
    with line(gate) as (checks, kept):
        checks.offer(later_check("a"))
        assert settled(kept, "a") == "completed"
    assert gate.asked == 3


def test_a_check_that_stays_too_busy_is_told() -> None:
    gate = Gate(fails=9)
    gate.opened.set()
    with line(gate) as (checks, kept):
        checks.offer(later_check("a"))
        assert settled(kept, "a") == "interrupted"


def test_a_server_that_stops_finishes_one_and_tells_of_the_rest() -> None:
    gate = Gate()
    with line(gate) as (checks, kept):
        for name in "abc":
            checks.offer(later_check(name))
        until = time.monotonic() + 5
        while not gate.asked and time.monotonic() < until:
            time.sleep(0.01)
        threading.Timer(0.2, gate.opened.set).start()
        checks.stop()
        assert [state(kept, name) for name in "abc"] == ["completed", "interrupted", "interrupted"]


def test_a_verification_that_cannot_be_kept_leaves_no_place_taken() -> None:
    gate = Gate()

    class Away(MemoryVerifications):
        def keep(self, verification: Verification, *, watch: object = None) -> None:
            raise BlauweKnopError("the database is away")

    checks = ChecksLater(checked_by(gate), Away(), lambda: x.NOW, most_files=1)
    for _ in range(3):
        with pytest.raises(BlauweKnopError):
            checks.offer(later_check("a"))
    checks.stop()
