"""Kept processes check many files: one that is lost costs the others nothing, and no file gets another verdict by its neighbours."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from blauweknop.adapters.sandbox import Limits, SandboxFailure
from blauweknop.adapters.sandbox_pool import Answer, Workers, check_in_order
from blauweknop.checking.check_document import check_document
from blauweknop.domain.verdict import Rejected, Verdict, VerdictFacts
from tests.unit.checking import exercise_documents as x

SMALL = Limits(cpu_seconds=1, wall_seconds=5.0, memory_bytes=300 << 20)
GOOD = b"good"
_kept: list[bytes] = []


def check(file: bytes) -> Verdict:
    """A stand-in that does what the file says."""
    match file:
        case b"endless":
            while True:
                pass
        case b"sleep":
            time.sleep(60)
        case b"greedy":
            return says(bytes(1 << 30))
        case b"hoard":
            _kept.append(bytes(180 << 20))
        case b"killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case b"first":  # ends every process that checked something before
            if _kept:
                os.kill(os.getpid(), signal.SIGKILL)
        case b"fault":
            raise RuntimeError
        case b"process":
            return says(str(os.getpid()).encode())
    _kept.append(b"")
    return says(file)


def says(name: bytes) -> Verdict:
    return Rejected(VerdictFacts(()), name.decode())


def answers(files: Sequence[bytes], workers: Workers) -> list[Answer]:
    found = list(check_in_order(files, lambda file: file, check, workers))
    assert [file for file, _ in found] == list(files), "in the order they came"
    return [answer for _, answer in found]


def words(files: Sequence[bytes], workers: Workers) -> list[str | None]:
    return [answer.sub_indication if isinstance(answer, Rejected) else type(answer).__name__ for answer in answers(files, workers)]


@pytest.mark.parametrize("bad", [b"endless", b"sleep", b"greedy", b"killed"])
@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_costs_a_process_gets_its_verdict_and_the_rest_goes_on(bad: bytes, processes: int) -> None:
    started = time.monotonic()

    found = answers([GOOD, bad, GOOD, GOOD], Workers(processes, SMALL))

    assert [answer.sub_indication for answer in found if isinstance(answer, Rejected)][0::2] == ["good", "good"]
    refused = found[1]
    assert isinstance(refused, Rejected)
    assert refused.facts.steps[0].reason == "beyond_limits"
    assert time.monotonic() - started < 30


def test_a_fault_of_ours_is_not_blamed_on_the_file() -> None:
    found = answers([GOOD, b"fault", GOOD], Workers(1, SMALL))

    assert isinstance(found[1], SandboxFailure)
    assert isinstance(found[2], Rejected)


def test_a_file_that_is_lost_with_a_used_process_gets_a_fresh_one() -> None:
    assert words([GOOD, b"first", GOOD, b"first"], Workers(1, SMALL)) == ["good", "first", "good", "first"]


def test_room_that_earlier_files_took_is_not_held_against_a_later_one() -> None:
    assert words([b"hoard"] * 4, Workers(1, SMALL)) == ["hoard"] * 4


def test_each_file_gets_its_own_time() -> None:
    def busy(file: bytes) -> Verdict:
        until = time.process_time() + 0.3
        while time.process_time() < until:
            pass
        return says(file)

    found = list(check_in_order([b"a", b"b", b"c", b"d"], lambda file: file, busy, Workers(1, SMALL)))

    assert [answer.sub_indication for _, answer in found if isinstance(answer, Rejected)] == ["a", "b", "c", "d"]


def test_a_process_is_replaced_after_its_files() -> None:
    processes = words([b"process"] * 6, Workers(1, SMALL, files_each=2))

    assert len(set(processes)) == 3


def test_a_file_that_cannot_be_read_costs_no_process() -> None:
    def read(file: bytes) -> bytes:
        if file == b"absent":
            raise FileNotFoundError
        return file

    found = list(check_in_order([b"absent", GOOD], read, check, Workers(1, SMALL)))

    assert isinstance(found[0][1], FileNotFoundError)
    assert isinstance(found[1][1], Rejected)


def test_no_process_is_left_behind() -> None:
    others = _children()

    for _ in check_in_order([GOOD] * 5, lambda file: file, check, Workers(2, SMALL)):
        break

    assert _children() == others


def _children() -> set[str]:
    """Of this process, those of other tests among them: the fourth field of /proc/PID/stat is the parent."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        if int(fields[1]) == os.getpid():
            found.add(status.parent.name)
    return found


def test_the_verdicts_are_those_of_a_process_of_its_own() -> None:
    documents = [x.good_document(), x.good_document() + b"\n", b"", x.good_letter()]

    def in_full(pdf: bytes) -> Verdict:
        return check_document(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())

    found = list(check_in_order(documents, lambda pdf: pdf, in_full, Workers(2)))

    assert [answer for _, answer in found] == [in_full(pdf) for pdf in documents]
