"""JSON that every parser reads alike: no duplicate names, no odd numbers, no half characters; and one way to write it.

What two parsers read differently, an attacker can sign once and show twice (PROTOCOL 4.2). Written JSON is that of RFC 8785 for
the values we have: no fractions.
"""

import json
import math
from collections.abc import Callable
from typing import NoReturn

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.plain_json import LEVELS, NotPlain, plain_text, read_plain, write_checked

__all__ = ["MalformedJson", "canonical_json", "parse_json", "parse_json_object", "same_json"]

_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_EXACT = (1 << 53) - 1
_MAX_DEPTH = 32
_LONGEST_FRACTION = 40  # characters


class MalformedJson(BlauweKnopError):
    """Not JSON, or JSON that could be read in two ways; the text names the rule, never a value."""


def parse_json(data: bytes, *, max_bytes: int, max_depth: int = _MAX_DEPTH, fractions: bool = False) -> JsonValue:
    """Read one JSON text in UTF-8; numbers must be whole and fit in 64 bits, unless `fractions` are allowed, as doubles.

    Raises:
        MalformedJson: too large or deep, not UTF-8, a name twice in an object, a fraction, NaN, a lone surrogate.
    """
    if len(data) > max_bytes:
        raise MalformedJson(f"expected JSON of at most {max_bytes} bytes")
    if max_depth >= LEVELS:
        try:
            return read_plain(data)
        except NotPlain:
            pass
    return _parse_carefully(data, max_depth, _fraction if fractions else _no_fraction)


def parse_json_object(data: bytes, *, max_bytes: int, max_depth: int = _MAX_DEPTH, fractions: bool = False) -> dict[str, JsonValue]:
    """As `parse_json`, for a text that must be an object.

    Raises:
        MalformedJson: also when it is something else.
    """
    value = parse_json(data, max_bytes=max_bytes, max_depth=max_depth, fractions=fractions)
    if not isinstance(value, dict):
        raise MalformedJson("expected a JSON object")
    return value


def canonical_json(value: JsonValue) -> bytes:
    """The one encoding of a value (RFC 8785): names sorted by UTF-16 code units, no spaces, UTF-8.

    Raises:
        MalformedJson: a fraction, a whole number beyond 2^53 - 1 (RFC 8785 appendix D), a lone surrogate, more than 32 levels.
    """
    try:
        return plain_text(value)
    except NotPlain:
        return _write_carefully(value)


def same_json(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values that were read are the same JSON: `true` is not 1 there."""
    return one == other and write_checked(one) == write_checked(other)


def _write_carefully(value: JsonValue) -> bytes:
    try:
        return json.dumps(_sorted(value, 1), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except UnicodeError as error:
        raise MalformedJson("expected text of whole characters") from error


def _parse_carefully(data: bytes, max_depth: int, fraction: Callable[[str], JsonValue]) -> JsonValue:
    try:
        value: JsonValue = json.loads(
            data.decode("utf-8"), object_pairs_hook=_object, parse_int=_integer, parse_float=fraction, parse_constant=_no_fraction
        )
        _require_depth(value, max_depth)
        if b"\\u" in data:
            # An escape may hold half a character, which no UTF-8 can write (RFC 8259 section 8.2).
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise MalformedJson(f"expected JSON of at most {max_depth} levels") from error
    except UnicodeError as error:
        raise MalformedJson("expected JSON in UTF-8 with whole characters") from error
    except ValueError as error:
        raise MalformedJson("expected well-formed JSON") from error
    return value


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJson("expected each name once in an object")
    return members


def _integer(text: str) -> int:
    value = int(text) if len(text) <= 20 else _MOST + 1
    if not _LEAST <= value <= _MOST:
        raise MalformedJson("expected whole numbers of at most 64 bits")
    return value


def _fraction(text: str) -> JsonValue:
    """A number with a point or an exponent; whole ones are as if they had been written without (RFC 8785 section 3.2.2.3)."""
    value = float(text) if len(text) <= _LONGEST_FRACTION else math.inf
    if not math.isfinite(value):
        raise MalformedJson("expected numbers that a double can hold")
    return int(value) if value.is_integer() and abs(value) <= _EXACT else value


def _no_fraction(_: str) -> NoReturn:
    raise MalformedJson("expected whole numbers only")


def _require_depth(value: JsonValue, max_depth: int) -> None:
    level: list[JsonValue] = [value]
    for _ in range(max_depth):
        inner: list[JsonValue] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        level = [item for item in inner if isinstance(item, dict | list)]
        if not level:
            return
    raise MalformedJson(f"expected JSON of at most {max_depth} levels")


def _sorted(value: JsonValue, depth: int) -> JsonValue:
    if depth > _MAX_DEPTH and isinstance(value, dict | list):
        raise MalformedJson(f"expected a value of at most {_MAX_DEPTH} levels")
    match value:
        case dict():
            if not all(isinstance(name, str) for name in value):
                raise MalformedJson("expected names that are text")
            return {name: _sorted(value[name], depth + 1) for name in sorted(value, key=_utf16)}
        case list():
            return [_sorted(item, depth + 1) for item in value]
        case bool() | str() | None:
            return value
        case int() if -_EXACT <= value <= _EXACT:
            return value
    raise MalformedJson("expected text, whole numbers up to 2^53 - 1, booleans, null, lists and objects")


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be")
