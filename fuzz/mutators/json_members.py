"""Changes of JSON by its members: values, names, order, nesting, and other ways to write the same."""

import json
from random import Random
from typing import TypeAlias, Union

from fuzz.mutators.octets import change_octets, some_number

__all__ = ["Json", "change_json"]

Json: TypeAlias = Union[bool, int, float, str, "list[Json]", "Members", None]


class Members(list[tuple[str, Json]]):
    """An object that may have a name twice."""


_TEXTS = (
    "",
    "sha-256",
    "_sd",
    "...",
    "_sd_alg",
    "ES256",
    "none",
    "HS256",
    "é",
    "\u202e",
    "\ud800",
    "\x00",
    "a" * 600,
    "2026-11-23",
    "9999-12-31",
)
_RAW = ("NaN", "-Infinity", "1e400", "1.0", "-0", "01", '"\\ud800"', '"\\u0000"', "tru", "[1,]", "{", '"', "9" * 40, "9" * 5000, "\ufeff1")
_DEPTHS = (1, 8, 9, 10, 31, 33, 2000, 100_000)


class _Raw(str):
    """Written as it is."""


def change_json(random: Random, data: bytes) -> bytes:
    """The text with one to three values changed; bytes that are no JSON are changed as bytes."""
    try:
        value = [json.loads(data, object_pairs_hook=Members)]
    except (ValueError, RecursionError):
        return change_octets(random, data)
    if not random.randrange(12):
        return change_octets(random, data)
    for _ in range(random.randint(1, 3)):
        _change(random, value)
    return _written(value[0], random).encode("utf-8", random.choice(("surrogatepass", "replace")))


def _change(random: Random, value: list[Json]) -> None:
    holder = random.choice(_holders(value))
    if not holder:
        holder.append(("a", 1) if isinstance(holder, Members) else 1)  # type: ignore[arg-type] # what the holder holds
    place = random.randrange(len(holder))
    if isinstance(holder, Members):
        name, inner = holder[place]
        match random.randrange(5):
            case 0:
                holder.append((name, random.choice((inner, _other(random, inner)))))
            case 1:
                holder[place] = (random.choice((*_TEXTS, name + "x")), inner)
            case 2:
                del holder[place]
            case _:
                holder[place] = (name, _other(random, inner))
        return
    match random.randrange(4):
        case 0:
            holder.append(holder[place])
        case 1 if holder is not value:
            del holder[place]
        case _:
            holder[place] = _other(random, holder[place])


def _holders(value: list[Json]) -> list[list[Json] | Members]:
    found: list[list[Json] | Members] = []
    waiting: list[list[Json] | Members] = [value]
    while waiting and len(found) < 3000:
        holder = waiting.pop()
        found.append(holder)
        inner = [item for _, item in holder] if isinstance(holder, Members) else holder
        waiting.extend(item for item in inner if isinstance(item, list))
    return found


def _other(random: Random, value: Json) -> Json:
    match random.randrange(9):
        case 0:
            return some_number(random)
        case 1:
            return random.choice(_TEXTS)
        case 2:
            return _Raw(random.choice(_RAW))
        case 3:
            depth = random.choice(_DEPTHS)
            opened, closed = random.choice((("[", "]"), ('{"a":', "}")))
            return _Raw(opened * depth + "1" + closed * depth)
        case 4:
            return random.choice((None, True, False, 0.5, -0.0))
        case 5:
            return [value] * random.choice((1, 2, 600))
        case 6:
            return Members([("a", value), ("a", value)])
        case _ if isinstance(value, str):
            return change_octets(random, value.encode("utf-8", "replace")).decode("utf-8", "replace")
        case _ if isinstance(value, int):
            return value + random.choice((-1, 1, 10**9))
    return value


def _written(value: Json, random: Random) -> str:
    gap = random.choice(("", "", "", " ", "\n", "\t "))
    if isinstance(value, _Raw):
        return value
    if isinstance(value, Members):
        return "{" + f",{gap}".join(f"{_written(name, random)}:{gap}{_written(inner, random)}" for name, inner in value) + "}"
    if isinstance(value, list):
        return "[" + f"{gap},".join(_written(inner, random) for inner in value) + "]"  # type: ignore[arg-type] # no Members, see above
    return json.dumps(value, ensure_ascii=random.randrange(4) != 0)
