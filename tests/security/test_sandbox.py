"""Files that ask too much: the child is lost, the parent is well, and there is one clear answer."""

import os
import socket
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from blauweknop.adapters.sandbox import Limits, Sandbox, SandboxFailure, check_in_child, run_in_child
from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import NO_TRUST
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_syntax import Name, Stream, dictionary
from blauweknop.domain.verdict import Rejected, Verdict, Verified
from tests.unit.checking import exercise_documents as x
from tests.unit.document import pdf_samples

SMALL = Limits(cpu_seconds=1, wall_seconds=2.0, memory_bytes=300 << 20)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    kept = Sandbox(helpers=1)
    yield kept
    kept.close()


def first_reason(verdict: Verdict) -> str:
    return next(step.reason for step in verdict.facts.steps if step.reason not in ("ok", "skipped"))


def in_child(pdf: bytes) -> Verdict:
    return check_in_child(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())


def endless() -> bytes:
    while True:
        pass


def sleeping() -> bytes:
    time.sleep(60)
    return b""


def greedy() -> bytes:
    return bytes(1 << 30)


def chatty() -> bytes:
    return bytes(64 << 20)


def failing() -> bytes:
    raise RuntimeError


@pytest.mark.parametrize("work", [endless, sleeping, greedy, chatty], ids=lambda work: work.__name__)
def test_work_beyond_the_limits_ends_without_an_answer(work: object) -> None:
    started = time.monotonic()
    assert run_in_child(work, SMALL) is None  # type: ignore[arg-type] # one of the functions above
    assert time.monotonic() - started < 30


def test_a_fault_of_ours_is_not_blamed_on_the_file() -> None:
    with pytest.raises(SandboxFailure):
        run_in_child(failing, SMALL)


def test_a_child_writes_no_file(tmp_path: Path) -> None:
    def writing() -> bytes:
        (tmp_path / "kept").write_bytes(b"x" * 10_000)
        return b""

    with pytest.raises(SandboxFailure):
        run_in_child(writing, SMALL)
    assert not list(tmp_path.glob("kept")) or not (tmp_path / "kept").stat().st_size


def test_a_child_keeps_nothing_open_of_its_parent_but_the_way_back() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, tempfile.TemporaryFile() as secret:
        numbers = [ours.fileno(), theirs.fileno(), secret.fileno()]

        def looking() -> bytes:
            return b" ".join(b"open" if _is_open(number) else b"closed" for number in numbers)

        assert run_in_child(looking, SMALL) == b"closed closed closed"
        assert all(map(_is_open, numbers)), "the parent keeps its own"


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def test_work_within_the_limits_gives_its_answer() -> None:
    assert run_in_child(lambda: b"done", SMALL) == b"done"


def test_the_same_verdicts_in_a_child_as_without() -> None:
    for pdf in (x.good_document(), x.good_document() + b"\n", b"", x.good_letter()):
        assert in_child(pdf) == check_document(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())


def test_the_same_verdicts_in_a_warm_helper(sandbox: Sandbox) -> None:
    for trust in (x.trust(), NO_TRUST):
        for pdf in (x.good_document(), x.good_document() + b"\n", b"", x.good_letter()):
            expected = check_document(pdf, trust=trust, at=x.NOW, catalogue=x.catalogue())
            assert sandbox.check(pdf, trust=trust, at=x.NOW) == expected


def test_a_file_that_is_too_large_is_not_sent_to_a_helper(sandbox: Sandbox) -> None:
    assert first_reason(sandbox.check(b"%PDF-1.7" + bytes(21 << 20), trust=x.trust(), at=x.NOW)) == "file_size"


def test_a_lost_helper_is_replaced(sandbox: Sandbox) -> None:
    helper = sandbox._free.get()
    helper._process.kill()
    sandbox._free.put(helper)
    with pytest.raises(SandboxFailure):
        sandbox.check(x.good_document(), trust=x.trust(), at=x.NOW)
    assert isinstance(sandbox.check(x.good_document(), trust=x.trust(), at=x.NOW), Verified)


def test_limits_that_are_too_small_for_a_file_give_a_verdict() -> None:
    tiny = Sandbox(helpers=1, limits=Limits(cpu_seconds=10, wall_seconds=0.001))
    try:
        verdict = tiny.check(x.good_document(), trust=x.trust(), at=x.NOW)
    finally:
        tiny.close()
    assert isinstance(verdict, Rejected)
    assert first_reason(verdict) == "beyond_limits"


# Bombs that look like our documents.


def with_page_program(program: bytes) -> bytes:
    letter = x.good_letter()
    file = read_file(letter)
    page = file.objects[pdf_samples.number_of(file, "Type", "Page")]
    number = pdf_samples.entries_of(page)["Contents"].number  # type: ignore[union-attr] # a page of ours refers to its content
    packed = zlib.compress(program, 9)
    stream = Stream(dictionary({"Filter": Name("FlateDecode"), "Length": len(packed)}), packed)
    return x.sealed(pdf_samples.rewritten(letter, {number: stream}))


def test_a_page_that_unpacks_to_gigabytes() -> None:
    assert isinstance(in_child(with_page_program(bytes(200 << 20))), Rejected)


def test_a_page_of_endless_operations() -> None:
    started = time.monotonic()
    verdict = in_child(with_page_program(b"q Q " * 4_000_000))
    assert isinstance(verdict, Rejected)
    assert time.monotonic() - started < 12


def test_a_page_of_endless_nesting() -> None:
    assert isinstance(in_child(with_page_program(b"[" * 1_000_000)), Rejected)


def test_an_attachment_that_unpacks_to_gigabytes() -> None:
    letter = x.good_letter()
    file = read_file(letter)
    number = pdf_samples.number_of(file, "Type", "EmbeddedFile")
    packed = zlib.compress(bytes(200 << 20), 9)
    entries = {**pdf_samples.entries_of(file.objects[number]), "Filter": Name("FlateDecode"), "Length": len(packed)}
    pdf = x.sealed(pdf_samples.rewritten(letter, {number: Stream(dictionary(entries), packed)}))
    assert isinstance(in_child(pdf), Rejected)


def test_data_of_endless_nesting() -> None:
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    verdict = in_child(x.document_saying(x.content(), data=deep))
    assert isinstance(verdict, Rejected)
    assert first_reason(verdict) == "json_malformed"


def test_a_million_objects() -> None:
    body = b"".join(b"%d 0 obj\n<<>>\nendobj\n" % number for number in range(1, 200_000))
    verdict = in_child(b"%PDF-1.7\n%\x80\x80\x80\x80\n" + body)
    assert first_reason(verdict) == "too_many_objects"
