"""Memory that typesetting left free goes back to the system."""

import platform
from dataclasses import replace
from pathlib import Path

import pytest

from blauweknop.adapters.memory import give_back_memory
from blauweknop.cli.bench_exercise import bench_exercise
from blauweknop.document.certified import certify
from blauweknop.document.shapes.cache import Shapes

_MIB = 1 << 20


def _resident() -> int:
    line = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps freed memory in this way")
def test_what_was_freed_goes_back() -> None:
    blocks = [bytes(60_000) for _ in range(2_000)]
    held = blocks[::200]  # so that the C library cannot shrink its heap from the top by itself
    del blocks
    before = _resident()
    give_back_memory()
    assert len(held) == 10
    assert before - _resident() > 50 * _MIB


def test_only_a_compiled_shape_gives_memory_back() -> None:
    calls: list[bool] = []
    with bench_exercise() as exercise:
        shapes = Shapes(exercise.certifier.typesetter, after_compiling=lambda: calls.append(True))
        certifier = replace(exercise.certifier, shapes=shapes)
        counts = []
        for _ in range(4):
            order = exercise.order()
            certify(order.snapshot, order.selection, exercise.dataset, certifier, order.facts)
            counts.append(len(calls))
    assert counts == [0, 1, 1, 1]
