"""JSON from a login provider, read so that two readers cannot understand it differently (PROTOCOL 4.2)."""

import json
from collections.abc import Mapping

from blauweknop.domain.errors import MalformedValue

__all__ = ["read_json_object"]

_DEPTH = 32


def read_json_object(content: bytes, *, max_bytes: int) -> Mapping[str, object]:
    """One JSON object in UTF-8: no member twice, no deeper than 32, whole numbers of 64 bits, no NaN.

    Raises:
        MalformedValue: anything else.
    """
    if len(content) > max_bytes:
        raise MalformedValue("expected a smaller JSON object")
    try:
        value = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_int=_whole_number,
        )
    except (ValueError, RecursionError) as error:
        raise MalformedValue("expected a JSON object") from error
    if not isinstance(value, dict) or _depth(value) > _DEPTH:
        raise MalformedValue("expected a JSON object")
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _whole_number(digits: str) -> int:
    if len(digits) > 20 or not -(1 << 63) <= int(digits) < 1 << 63:
        raise ValueError("a number is too large")
    return int(digits)


def _depth(value: object) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())]
    return deepest
