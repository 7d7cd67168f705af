"""Where a value stands in data: the names of objects, one inside the other."""

from collections.abc import Mapping, Sequence

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue

__all__ = ["put_at", "value_at"]


def value_at(data: JsonValue | Mapping[str, JsonValue], path: Sequence[str]) -> JsonValue:
    """The value at the end of the path; None when there is none, as for a field that is not filled in."""
    value = data
    for step in path:
        # What is read is nearly always a dict, which needs no question about what counts as a mapping.
        if type(value) is not dict and not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value if value is None or isinstance(value, str | int | float | list | dict) else dict(value)


def put_at(target: dict[str, JsonValue], path: Sequence[str], value: JsonValue) -> None:
    """Set a value at its place; objects on the way there are copied, so that what they came from stays as it was.

    Raises:
        MalformedValue: something on the way is a value.
    """
    node = target
    for step in path[:-1]:
        inner = node.get(step, {})
        if not isinstance(inner, dict):
            raise MalformedValue("a field name of the data set nests below a value")
        copy = dict(inner)
        node[step] = copy
        node = copy
    node[path[-1]] = value
