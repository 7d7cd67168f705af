"""What is wrong with JSON by a JSON Schema, said with the place and the rule. The library's own texts quote the values, so none is used."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jsonschema.exceptions import ValidationError

from blauweknop.checking.content_steps import schema_validator
from blauweknop.domain.document import JsonValue

__all__ = ["schema_faults"]

_KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
}
_FORMATS = {"date": "a date as YYYY-MM-DD", "date-time": "a moment with its zone, as 2026-11-03T15:12:00+01:00"}
_PLAIN_NAME = re.compile(r"[A-Za-z_]{1,60}")


def schema_faults(value: JsonValue, schema: Mapping[str, Any], place: str) -> list[str]:
    """Sentences such as `data.schulden[2].bedrag must be a whole number`, in the order of the places; empty when all is right."""
    errors = sorted(schema_validator(schema).iter_errors(value), key=_order)
    return [f"{_place(error, place)} {_rule(error)}" for error in errors]


def _order(error: ValidationError) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in error.absolute_path]


def _place(error: ValidationError, root: str) -> str:
    """Where it is; steps of the path are names that the schema knows, or numbers of rows counted from 1."""
    place = root + "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    if error.validator == "required" and isinstance(error.instance, Mapping):
        wanted: Any = error.validator_value
        missing = next(name for name in wanted if name not in error.instance)
        return f"{place}.{missing}"
    return place


def _rule(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    match error.validator:
        case "required":
            return "is missing"
        case "type":
            return f"must be {_KINDS.get(str(wanted), 'of another kind')}"
        case "additionalProperties":
            return _unknown_names(error)
        case "enum":
            return f"must be one of: {', '.join(map(str, wanted))}"
        case "const":
            return f"must be {wanted}"
        case "format":
            return f"must be {_FORMATS.get(str(wanted), str(wanted))}"
        case "pattern":
            return f"must have the form {wanted}"
        case "minimum" | "maximum":
            return f"is beyond the {error.validator} of {wanted}"
        case "maxLength" | "maxItems":
            return f"is longer than {wanted}"
        case "oneOf":
            return "must be a date in the Haal Centraal form"
    return f"breaks the rule {error.validator}"


def _unknown_names(error: ValidationError) -> str:
    """A name that is plain letters is said, since it is nearly always a misspelling; any other could be a value."""
    unknown = _names_beyond(error.instance, error.schema)
    shown = sorted(name for name in unknown if _PLAIN_NAME.fullmatch(name))
    return f"has a field that this data set does not have{': ' + shown[0] if shown else ''}"


def _names_beyond(instance: object, schema: object) -> Sequence[str]:
    known: Iterable[str] = schema.get("properties", {}) if isinstance(schema, Mapping) else ()
    return [str(name) for name in instance if name not in set(known)] if isinstance(instance, Mapping) else []
