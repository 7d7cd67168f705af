"""A short attack on every parser that takes foreign bytes; `python -m fuzz` does the same for as long as one likes (docs/fuzzing.md)."""

import re
from pathlib import Path
from random import Random

import pytest

from fuzz.running import kept_inputs, run
from fuzz.target import Found, Target, attempt
from fuzz.targets import TARGETS
from tests.suites import PROJECT


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_changed_inputs_are_answered_or_refused_within_bounds(target: Target, tmp_path: Path) -> None:
    found: list[str] = []
    report = run(target, random=Random(1), folder=tmp_path, tries=target.tries, tell=found.append)
    assert found == []
    assert len(report.answers) > 1, "changes that never make a difference attack nothing"


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_the_seeds_of_a_target_are_accepted(target: Target) -> None:
    refusals = re.compile(r"refused|malformed|not_understood|not for this target|expected")
    assert [answer for answer in map(target.check, target.seeds()) if refusals.fullmatch(answer.split(" ")[0])] == []


def test_each_kept_input_belongs_to_a_target() -> None:
    folders = {path.name for path in (PROJECT / "fuzz" / "corpus").iterdir() if path.is_dir()}
    assert folders <= TARGETS.keys()
    assert all(kept_inputs(name) for name in folders)


# The attack itself notices what it is there for.


def target_that(check: str) -> Target:
    def broken(_: bytes) -> str:
        match check:
            case "raises":
                raise KeyError
            case "hangs":
                return str(sum(range(40_000_000)))
            case "grows":
                return str(len(bytearray(400 << 20)))
        return "accepted"

    return Target("proof", "", lambda: [b""], broken, lambda _, data: data, seconds=0.2, mebibytes=100)


@pytest.mark.parametrize(
    ("check", "words"), [("raises", "KeyError came out"), ("hangs", "more than 0.2 s"), ("grows", "more than 100 MiB")]
)
def test_what_goes_beyond_the_bounds_is_found(check: str, words: str) -> None:
    with pytest.raises(Found, match=words):
        attempt(target_that(check), b"")


def test_a_finding_is_told_once_and_written_down(tmp_path: Path) -> None:
    told: list[str] = []
    report = run(target_that("raises"), random=Random(1), folder=tmp_path, tries=5, tell=told.append)
    assert (report.tried, len(told)) == (6, 1)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b""]
