"""Read a file of the catalogue strictly: every key is asked for, and a fault names the file and the place in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from blauweknop.catalogue.strict_yaml import parse_yaml
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.texts import Text

__all__ = ["CatalogueError", "Reader", "read_mapping"]


class CatalogueError(BlauweKnopError):
    """A catalogue file does not say what it must; the text names the file and the place in it."""


def read_mapping(path: Path) -> dict[str, Any]:
    """What a file of the catalogue holds.

    Raises:
        CatalogueError: it is no YAML, or no mapping.
    """
    try:
        parsed = parse_yaml(path.read_text("utf-8"))
    except yaml.MarkedYAMLError as error:
        place = f" line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise CatalogueError(f"{path.name}{place}: this is not readable YAML: {error.problem}") from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CatalogueError(f"{path.name}: this is not readable YAML") from error
    if not isinstance(parsed, dict):
        raise CatalogueError(f"{path.name}: expected a mapping")
    return parsed


_KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a mapping"}


class Reader:
    """A mapping of which every key must be read exactly once; errors name the place."""

    def __init__(self, source: Mapping[str, Any], where: str) -> None:
        self._source = source
        self.where = where
        self._unread = set(source)

    def _get(self, key: str, kind: type) -> Any:
        self._unread.discard(key)
        if key not in self._source:
            raise CatalogueError(f"{self.where}: {key} is missing")
        value = self._source[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise CatalogueError(f"{self.where}: {key} must be {_KINDS[kind]}")
        return value

    def string(self, key: str, default: str | None = None) -> str:
        if default is not None and key not in self._source:
            return default
        return str(self._get(key, str))

    def integer(self, key: str) -> int:
        return int(self._get(key, int))

    def flag(self, key: str, default: bool = False) -> bool:
        return bool(self._get(key, bool)) if key in self._source else default

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.string(key)
        if value not in allowed:
            raise CatalogueError(f"{self.where}: {key} must be one of {', '.join(allowed)}")
        return value

    def strings(self, key: str) -> list[str]:
        values = self._get(key, list)
        if not all(isinstance(value, str) for value in values):
            raise CatalogueError(f"{self.where}: {key} must be a list of words")
        return list(values)

    def integers(self, key: str) -> list[int]:
        values = self._get(key, list)
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            raise CatalogueError(f"{self.where}: {key} must be a list of whole numbers")
        return list(values)

    def rows(self, key: str) -> list[Mapping[str, Any]]:
        values = self._get(key, list)
        if not all(isinstance(value, dict) for value in values):
            raise CatalogueError(f"{self.where}: {key} must be a list of mappings")
        return list(values)

    def mapping(self, key: str) -> Mapping[str, Any]:
        return dict(self._get(key, dict))

    def text(self, key: str) -> Text:
        return self.child(key, self.mapping(key)).as_text()

    def optional_text(self, key: str) -> Text | None:
        return self.text(key) if key in self._source else None

    def as_text(self) -> Text:
        text = Text(nl=self.string("nl").strip(), en=self.string("en").strip())
        self.finish()
        if not text.nl or not text.en:
            raise CatalogueError(f"{self.where}: a text is empty")
        return text

    def has(self, key: str) -> bool:
        return key in self._source

    def child(self, name: str, source: Mapping[str, Any]) -> "Reader":
        return Reader(source, f"{self.where} {name}")

    def finish(self) -> None:
        if self._unread:
            raise CatalogueError(f"{self.where}: unknown {', '.join(sorted(self._unread))}")
