import sys
from dataclasses import replace

import pytest

from blauweknop.checking.trust import NO_TRUST
from blauweknop.cli import bench
from blauweknop.cli.bench_exercise import bench_exercise


def test_sealing_is_measured_beside_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.bench_sealing(1) == 0
    shown = capsys.readouterr().out
    assert "typst + pyHanko" in " ".join(shown.split())
    assert "Python" in shown


def test_checking_is_measured_in_this_process_and_in_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.bench_checking(1) == 0
    shown = capsys.readouterr().out
    assert "pyHanko" in shown
    assert "2 pages" in shown


def test_a_program_that_is_not_here_is_named_with_what_installs_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert bench.bench_sealing(1) == 0
    assert "WeasyPrint is not here. Install it with: make bench" in capsys.readouterr().out


def test_no_two_people_of_the_benchmark_are_alike() -> None:
    with bench_exercise() as exercise:
        first, second = exercise.order(), exercise.order()
        assert first.snapshot.subject != second.snapshot.subject
        assert first.snapshot.data != second.snapshot.data


def test_a_check_that_fails_gives_no_figures() -> None:
    with bench_exercise() as exercise:
        pdf = exercise.make(exercise.order()).pdf
        with pytest.raises(bench.BenchmarkFailed, match="no_trust_list"):
            bench.require_good(replace(exercise, trust=NO_TRUST), pdf, child=False)
