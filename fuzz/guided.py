"""The same attacks steered by coverage, with atheris (libFuzzer for Python), which is no dependency: `pip install atheris`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

from fuzz.running import kept_inputs, place_of, save
from fuzz.target import Found, Target, attempt

__all__ = ["guided_run", "measured_targets"]

_MOST_MEMORY = 2048  # MiB, of the whole process


def measured_targets() -> Mapping[str, Target]:
    """The targets, with our own modules loaded so that atheris sees which branches an input takes; before anything else loads them.

    Raises:
        ImportError: atheris is not installed.
    """
    import atheris

    with atheris.instrument_imports(include=["blauweknop"]):
        from fuzz.targets import TARGETS
    return TARGETS


def guided_run(target: Target, *, seconds: float, folder: Path) -> int:
    """Never returns: libFuzzer ends the process. Findings and the corpus go to `folder`; a finding does not stop the run."""
    import atheris

    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate([*target.seeds(), *kept_inputs(target.name)]):
        (corpus / f"seed-{number}").write_bytes(seed)
    seen: set[str] = set()

    def try_one(data: bytes) -> None:
        try:
            attempt(target, data)
        except Found as found:
            place = place_of(found)
            if place not in seen:
                seen.add(place)
                print(f"{found} at {place}: {save(folder, data)}", file=sys.stderr)

    def change(data: bytes, most: int, seed: int) -> bytes:
        return target.mutate(Random(seed), data)[:most]

    options = [f"-max_total_time={seconds:.0f}", f"-max_len={target.largest}", "-timeout=60", f"-rss_limit_mb={_MOST_MEMORY}"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], try_one, custom_mutator=change)
    atheris.Fuzz()
    return 0
