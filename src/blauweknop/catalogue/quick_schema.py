"""A quick yes on JSON that fits a JSON Schema of ours, for where a thousand documents a second are looked at.

A library for JSON Schema takes a millisecond for one document. Our schemas (`schema.py`) use few words, so they can be turned into
functions once. The answer is yes only when the schema accepts the value; a no means "ask the library", which also says what is wrong.
A schema with a word that is not known here never gets a yes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from blauweknop.catalogue.patterns import compiled_pattern

__all__ = ["Accepts", "quick_acceptor"]

Accepts = Callable[[object], bool]
"""Whether a value that came out of a JSON parser surely fits."""

_Schema = Mapping[str, Any]

_ANNOTATIONS = frozenset({"$schema", "$id", "title", "description"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")


def quick_acceptor(schema: Mapping[str, Any]) -> Accepts:
    """The function of a schema; make it once and keep it."""
    words = schema.keys() - _ANNOTATIONS
    match schema:
        case {"const": str() | int() as only} if words == {"const"}:
            return _one_of((only,))
        case {"enum": list(values)} if words == {"enum"}:
            return _one_of(values)
        case {"oneOf": list(kinds)} if words == {"oneOf"}:
            return _by_type(kinds)
        case {"type": "boolean"} if words == {"type"}:
            return lambda value: value is True or value is False
        case {"type": "integer"} if words <= {"type", "minimum", "maximum"}:
            return _integer(schema)
        case {"type": "string"} if words <= {"type", "maxLength", "pattern", "format"}:
            return _string(schema)
        case {"type": "array", "items": items} if words <= {"type", "items", "maxItems", "uniqueItems"}:
            return _array(quick_acceptor(items), schema)
        case {"type": "object", "additionalProperties": False} if words == {"type", "properties", "required", "additionalProperties"}:
            return _object({name: quick_acceptor(inside) for name, inside in schema["properties"].items()}, schema["required"])
    return _never


def _never(_: object) -> bool:
    return False


def _one_of(values: Sequence[object]) -> Accepts:
    """Of texts, whole numbers, true and false; true is not 1 here."""
    if not all(type(value) in (str, int, bool) for value in values):
        return _never
    if all(type(value) is str for value in values):
        texts = frozenset(values)
        return lambda value: type(value) is str and value in texts
    known = frozenset((type(value), value) for value in values)
    return lambda value: type(value) in (str, int, bool) and (type(value), value) in known


def _integer(schema: _Schema) -> Accepts:
    least, most = schema.get("minimum"), schema.get("maximum")
    if type(least) is not int or type(most) is not int:
        return _never
    return lambda value: type(value) is int and least <= value <= most


def _string(schema: _Schema) -> Accepts:
    longest = schema.get("maxLength", 1 << 30)
    pattern = schema.get("pattern")
    if "format" in schema:
        return _formatted(schema) if schema.keys() - _ANNOTATIONS == {"type", "format"} else _never
    if pattern is None:
        return lambda value: type(value) is str and len(value) <= longest
    found = compiled_pattern(pattern).search
    return lambda value: type(value) is str and len(value) <= longest and found(value) is not None


def _formatted(schema: _Schema) -> Accepts:
    return {"date": _is_day, "date-time": _is_moment}.get(str(schema["format"]), _never)


def _is_day(value: object) -> bool:
    if type(value) is not str or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_moment(value: object) -> bool:
    if type(value) is not str or not _MOMENT.fullmatch(value):
        return False
    try:
        return 1 < datetime.fromisoformat(value).year < 9999  # at the very ends of the calendar other zones fall off it
    except ValueError:
        return False


def _array(item: Accepts, schema: _Schema) -> Accepts:
    most = schema.get("maxItems", 1 << 30)

    def accepts(value: object) -> bool:
        return type(value) is list and len(value) <= most and all(map(item, value))

    if not schema.get("uniqueItems"):
        return accepts
    return lambda value: accepts(value) and type(value) is list and _all_different(value)


def _all_different(value: list[object]) -> bool:
    return all(type(item) is str for item in value) and len(frozenset(value)) == len(value)


def _object(members: Mapping[str, Accepts], required: Sequence[str]) -> Accepts:
    needed = frozenset(required)

    def accepts(value: object) -> bool:
        if type(value) is not dict or not value.keys() >= needed:
            return False
        for name, inside in value.items():
            member = members.get(name)
            if member is None or not member(inside):
                return False
        return True

    return accepts


def _by_type(kinds: Sequence[_Schema]) -> Accepts:
    """One of several objects that say in `type` which one they are: then no value fits two of them."""
    by_type: dict[str, Accepts] = {}
    for kind in kinds:
        match kind:
            case {"properties": {"type": {"const": str(name)}}, "required": list(required)} if "type" in required and name not in by_type:
                by_type[name] = quick_acceptor(kind)
            case _:
                return _never

    def accepts(value: object) -> bool:
        if type(value) is not dict or type(value.get("type")) is not str:
            return False
        return by_type.get(value["type"], _never)(value)

    return accepts
