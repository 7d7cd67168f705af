"""The form of a data set in which a person left things out: what can be left out may be absent, all that is there has its form."""

import copy
from typing import Any

from jsonschema.protocols import Validator

from blauweknop.catalogue import json_schema
from blauweknop.checking.content_steps import schema_validator
from blauweknop.document.plans import Plans
from blauweknop.document.reduction import REDUCED
from blauweknop.domain.dataset import Dataset

__all__ = ["credential_validator", "reduced_validator"]


def reduced_validator(dataset: Dataset) -> Validator:
    """Of `gegevens.json` in a reduced document, which says what was left out."""
    return _validators.of(dataset, True)


def credential_validator(dataset: Dataset) -> Validator:
    """Of the claims of a document's credential that travels alone, without what a credential says of itself."""
    return _validators.of(dataset, False)


def _make_validator(dataset: Dataset, says_what_is_left_out: bool) -> Validator:
    schema: dict[str, Any] = copy.deepcopy(json_schema(dataset))
    properties = schema["properties"]
    properties["subject"]["required"] = []
    for field in dataset.fields:
        node = properties["data"]
        for step in field.path:
            node["required"] = []
            node = node["properties"][step]
    if says_what_is_left_out:
        properties[REDUCED] = _left_out()
        schema["required"].append(REDUCED)
    else:
        del properties["$schema"]
        schema["required"].remove("$schema")
    return schema_validator(schema)


def _left_out() -> dict[str, Any]:
    count = {"type": "integer", "minimum": 1}
    place = {"type": "object", "properties": {"path": {"type": "string"}, "values": count, "rows": count}, "required": ["path"]}
    return {
        "type": "object",
        "properties": {
            "made_at": {"type": "string", "format": "date-time"},
            "left_out": {"type": "array", "items": {**place, "additionalProperties": False}, "maxItems": 5000},
        },
        "required": ["made_at", "left_out"],
        "additionalProperties": False,
    }


_validators = Plans(_make_validator, most=128)
