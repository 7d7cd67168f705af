"""Which values of a document its holder keeps, as paths in its JSON: `data.naam`, `data.inkomstenverhoudingen[0].loonitems[2:5]`.

A path keeps what stands there and everything in it; `[2:5]` are the rows 2, 3 and 4, counted from 0, and either end may be left away.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.disclosures import Place

__all__ = ["KeptPath", "UnknownPath", "kept_places", "parse_path", "path_choices"]

_FORM = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[0-9]{0,6}(:[0-9]{0,6})?\]|\.[A-Za-z_][A-Za-z0-9_]*)*")
_STEP = re.compile(r"\[(?P<first>[0-9]*)(?P<range>:(?P<end>[0-9]*))?\]|\.?(?P<name>[A-Za-z_][A-Za-z0-9_]*)")
_LONGEST = 400


class UnknownPath(BlauweKnopError):
    """A path that is none, or that leads to nothing that can be kept or left out; the remedy lists those that do."""


@dataclass(frozen=True, slots=True)
class KeptPath:
    """A path that was read: names of members and ranges of rows."""

    steps: tuple[str | slice, ...]

    def holds(self, place: Place) -> bool:
        """Whether the place is the one of the path, or lies in it."""
        return len(place) >= len(self.steps) and all(map(_fits, self.steps, place))


def parse_path(text: str) -> KeptPath:
    """Raises: UnknownPath; the path does not have the form, or has rows that end before they begin."""
    if len(text) > _LONGEST or _FORM.fullmatch(text) is None:
        raise UnknownPath("a path to keep has not the form of data.list[0].name")
    steps: list[str | slice] = []
    for found in _STEP.finditer(text):
        name, first, end = found["name"], found["first"], found["end"]
        if name:
            steps.append(name)
        elif found["range"]:
            steps.append(slice(int(first or 0), int(end) if end else None))
        elif first:
            steps.append(slice(int(first), int(first) + 1))
        else:
            raise UnknownPath("a path to keep has a row without a number")
    return KeptPath(tuple(steps))


def kept_places(paths: Sequence[KeptPath], places: Sequence[Place]) -> frozenset[Place]:
    """Which of the places of disclosures these paths keep.

    Raises:
        UnknownPath: a path leads to none of them.
    """
    kept: set[Place] = set()
    for number, path in enumerate(paths, start=1):
        found = [place for place in places if path.holds(place)]
        if not found:
            choices = "\n  ".join(path_choices(places)) or "-"
            raise UnknownPath(f"path {number} to keep is not in this document", remedy=f"choose from these paths:\n  {choices}")
        kept.update(found)
    return frozenset(kept)


def path_choices(places: Sequence[Place]) -> list[str]:
    """The paths there are, names and numbers only; of a list all its rows as one range."""
    return list(dict.fromkeys(_written(place, places) for place in places))


def _written(place: Place, places: Sequence[Place]) -> str:
    if not isinstance(place[-1], int):
        return _joined(place)
    rows = [other[-1] for other in places if other[:-1] == place[:-1] and isinstance(other[-1], int)]
    last = f"[0:{max(rows) + 1}]" if len(rows) > 1 else "[0]"
    return _joined(place[:-1]) + last


def _joined(place: Place) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")


def _fits(step: str | slice, found: str | int) -> bool:
    if isinstance(step, str):
        return step == found
    return isinstance(found, int) and found >= step.start and (step.stop is None or found < step.stop)
