"""The command `python -m fuzz`: list the targets, attack one or all, or try one input."""

import argparse
import sys
from pathlib import Path
from random import Random

from fuzz.guided import guided_run, measured_targets
from fuzz.running import Report, run
from fuzz.target import Found, Target, attempt

_FOLDER = Path("var/fuzz")


def main(arguments: list[str]) -> int:
    """0: nothing found, 1: something found, 2: not understood."""
    asked = _parser().parse_args(arguments)
    targets = measured_targets() if asked.guided else _targets()
    if asked.target is None:
        for target in targets.values():
            print(f"{target.name:24} {target.about}")
        return 0
    if asked.target != "all" and asked.target not in targets:
        print(f"there is no target {asked.target}; `python -m fuzz` lists them", file=sys.stderr)
        return 2
    if asked.input is not None:
        return _try_one(targets[asked.target], asked.input)
    if asked.guided:
        return guided_run(targets[asked.target], seconds=asked.minutes * 60, folder=_FOLDER / asked.target)
    chosen = list(targets.values()) if asked.target == "all" else [targets[asked.target]]
    found = 0
    for target in chosen:
        report = run(target, seconds=asked.minutes * 60 / len(chosen), random=Random(asked.seed), folder=_FOLDER / target.name)
        _tell(target, report)
        found += len(report.found)
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Attack the parsers that take foreign bytes.")
    parser.add_argument("target", nargs="?", help="one of the list, or all")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long; for all targets together")
    parser.add_argument("--seed", type=int, default=0, help="another number gives other inputs")
    parser.add_argument("--guided", action="store_true", help="let coverage steer, with atheris")
    parser.add_argument("--input", type=Path, help="try this file only")
    return parser


def _targets() -> "dict[str, Target]":
    from fuzz.targets import TARGETS

    return dict(TARGETS)


def _try_one(target: Target, path: Path) -> int:
    try:
        print(attempt(target, path.read_bytes()))
    except Found as found:
        print(found)
        raise
    return 0


def _tell(target: Target, report: Report) -> None:
    print(f"{target.name}: {report.tried} inputs, {len(report.answers)} answers, slowest {report.slowest:.2f} s, {len(report.found)} found")
    for answer, count in report.answers.most_common(8):
        print(f"  {count:8} {answer[:120]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
