"""Where a value stands in data: the names of objects, one inside the other."""

from collections.abc import Mapping, Sequence

from blauweknop.domain.document import JsonValue

__all__ = ["value_at"]


def value_at(data: JsonValue | Mapping[str, JsonValue], path: Sequence[str]) -> JsonValue:
    """The value at the end of the path; None when there is none, as for a field that is not filled in."""
    value = data
    for step in path:
        # What is read is nearly always a dict, which needs no question about what counts as a mapping.
        if type(value) is not dict and not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value if not isinstance(value, Mapping) or isinstance(value, dict) else dict(value)
