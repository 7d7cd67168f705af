"""YAML in which a key that stands twice is an error: the plain loader silently keeps the last one."""

from collections.abc import Hashable
from typing import Any

import yaml

__all__ = ["parse_yaml"]


def parse_yaml(text: str) -> object:
    """What a YAML text holds; only plain values, no objects of a program.

    Raises:
        yaml.YAMLError: not YAML, or a key stands twice; a `yaml.MarkedYAMLError` when the place is known.
    """
    return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a safe loader, only stricter


class _StrictLoader(yaml.CSafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(problem="a key stands there twice", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)
