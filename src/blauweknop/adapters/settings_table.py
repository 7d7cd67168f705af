"""Read a TOML file strictly: every key is read once or is an error, and every error names the file, the line and a remedy."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["SettingsError", "Table", "read_toml"]


class SettingsError(BlauweKnopError):
    """The configuration file does not say what it must; the text names file and line, never a value."""


def read_toml(path: Path) -> "Table":
    """The whole file as a table.

    Raises:
        SettingsError: not there or not TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{path.name}: this file cannot be read", remedy="check the path and the rights of the file") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.name}: this file is not UTF-8 text", remedy="save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        place = str(error).rpartition("(at ")[2].rstrip(")")  # "line 3, column 7": the rest can hold a value
        raise SettingsError(f"{path.name}, {place}: this is not TOML", remedy="mend the notation on that line") from None
    return Table(values, (), path, tuple(_places(text)))


@dataclass(slots=True)
class Table:
    """A table of which every key must be read; `finish` refuses the keys that nobody read."""

    values: Mapping[str, Any] = field(repr=False)
    name: tuple[str, ...]
    path: Path
    places: tuple[tuple[tuple[str, ...], int], ...] = field(repr=False)  # where each header and key stands
    read: set[str] = field(default_factory=set)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def error(self, key: str, problem: str, remedy: str) -> SettingsError:
        """An error about `key` of this table; the empty key means the table itself."""
        place = (*self.name, key) if key else self.name
        shown = ".".join(f'"{step}"' if "." in step else step for step in place)
        line = _line_of(place, self.places)
        return SettingsError(f"{self.path.name}, line {line}: {shown} {problem}", remedy=remedy)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, str, "a text", default)
        if value == "" and default is None:
            raise self.error(key, "is empty", "give it a value")
        return str(value)

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._get(key, bool, "true or false", default))

    def seconds(self, key: str, default: float) -> float:
        value = self._get(key, (int, float), "a number of seconds", default)
        if isinstance(value, bool) or not 0 < value <= 600:
            raise self.error(key, "must be a number of seconds between 0 and 600", "give a number, such as 5")
        return float(value)

    def count(self, key: str, default: int, *, most: int) -> int:
        value = self._get(key, int, "a whole number", default)
        if not 1 <= value <= most:
            raise self.error(key, f"must be a number from 1 to {most}", f"give a number, such as {default}")
        return int(value)

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise self.error(key, "has an unknown value", f"choose one of: {', '.join(allowed)}")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        values = self._get(key, (list, tuple), "a list of texts", default)
        if not all(isinstance(value, str) and value for value in values):
            raise self.error(key, "must be a list of texts", 'write it as ["...", "..."]')
        return tuple(values)

    def existing_file(self, key: str) -> Path:
        """A file, relative to the folder of the configuration file, that is there."""
        return self._existing(key, self.text(key))

    def optional_file(self, key: str) -> Path | None:
        return self.existing_file(key) if key in self else None

    def existing_files(self, key: str) -> tuple[Path, ...]:
        return tuple(self._existing(key, name) for name in self.texts(key, ()))

    def place(self, key: str) -> Path:
        """A file or folder that may still have to be made."""
        return self.path.parent / self.text(key)

    def table(self, key: str) -> "Table":
        return Table(self._get(key, dict, "a table"), (*self.name, key), self.path, self.places)

    def optional_table(self, key: str) -> "Table | None":
        return self.table(key) if key in self else None

    def tables(self) -> Iterator[tuple[str, "Table"]]:
        """Every key of this table as a table of its own."""
        for key in self.values:
            yield key, self.table(key)

    def text_map(self, key: str) -> Mapping[str, str]:
        """A table of texts; empty when it is not there."""
        values = self._get(key, dict, "a table of texts", {})
        if not all(isinstance(value, str) for value in values.values()):
            raise self.error(key, "must be a table of texts", 'write it as { name = "text" }')
        return dict(values)

    def raw(self, key: str) -> object:
        self.read.add(key)
        return self.values[key]

    def finish(self) -> None:
        """Refuse keys that nobody read.

        Raises:
            SettingsError: names the first.
        """
        unknown = [key for key in self.values if key not in self.read]
        if unknown:
            raise self.error(unknown[0], "is not a known setting", "check the spelling, or take it out")

    def _get(self, key: str, kind: type | tuple[type, ...], what: str, default: Any = None) -> Any:
        self.read.add(key)
        if key not in self.values:
            if default is None:
                raise self.error(key, "is missing", f"add it: {key} must be {what}")
            return default
        value = self.values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(key, f"must be {what}", "correct it")
        return value

    def _existing(self, key: str, name: str) -> Path:
        path = self.path.parent / name
        if not path.is_file():
            raise self.error(key, f"names a file that is not there: {name}", "check the path; it counts from the folder of this file")
        return path


def _places(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every header and key with its line. Each line is read by itself, so a line inside a longer text can look like a key; harmless."""
    header: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            header = _steps(stripped.split("#")[0] if '"' not in stripped else stripped) or header
            yield header, number
        elif "=" in stripped and not stripped.startswith("#"):
            key = _steps(stripped.partition("=")[0] + "= 0")
            if key:
                yield (*header, *key), number


def _steps(line: str) -> tuple[str, ...]:
    try:
        node: object = tomllib.loads(line + "\n")
    except tomllib.TOMLDecodeError:
        return ()
    steps: list[str] = []
    while isinstance(node, dict) and len(node) == 1:
        key, node = next(iter(node.items()))
        steps.append(key)
    return tuple(steps)


def _line_of(place: tuple[str, ...], places: Sequence[tuple[tuple[str, ...], int]]) -> int:
    """The line of the longest known beginning of `place`; line 1 when nothing fits."""
    best, line = 0, 1
    for steps, number in places:
        if len(steps) > best and place[: len(steps)] == steps:
            best, line = len(steps), number
    return line
