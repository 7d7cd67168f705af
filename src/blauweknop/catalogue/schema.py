"""The JSON Schema (2020-12) of `gegevens.json` per data set, made from the same fields that letters and pages are made from.

Which fields must be there depends on the parts a person chose, so a required field is required by the schema only when its part is
always in the document; the check compares the rest with `selection` (see document/content.py).
"""

from collections.abc import Iterable
from typing import Any

from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.representation import Capacity

__all__ = ["SCHEMA_BASE", "json_schema", "schema_uri"]

Schema = dict[str, Any]

SCHEMA_BASE = "https://register.blauweknop.example/schemas"
_TEXT: Schema = {"type": "string", "maxLength": 4000}
_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_WHOLE: Schema = {"type": "integer", "minimum": -(2**53) + 1, "maximum": 2**53 - 1}


def schema_uri(dataset: Dataset) -> str:
    """Where the register publishes the schema; also `$schema` of the document."""
    return f"{SCHEMA_BASE}/{dataset.id}/{dataset.version}"


def json_schema(dataset: Dataset) -> Schema:
    """Schema of a whole document: envelope (PROTOCOL 7.2, dictionary `envelope`), subject and data; nothing else is allowed."""
    required_parts = {part.id for part in dataset.parts if part.required}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_uri(dataset),
        "title": dataset.title.nl,
        "description": dataset.about.nl,
        **_object(
            _envelope(dataset) | {"data": _data(dataset.fields, required_parts)},
            optional={"purpose", "representative", "status", "trace_id"},
        ),
    }


def _object(properties: Schema, optional: Iterable[str] = ()) -> Schema:
    required = [name for name in properties if name not in set(optional)]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _envelope(dataset: Dataset) -> Schema:
    random_128_bit = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
    moment = {"type": "string", "format": "date-time"}
    day = {"type": "string", "format": "date"}
    text_list = {"type": "array", "items": _TEXT}
    return {
        "$schema": {"const": schema_uri(dataset)},
        "document_id": random_128_bit,
        "snapshot_id": random_128_bit,
        "document_type": {"const": dataset.type_uri},
        "type": {"const": dataset.id},
        "version": {"const": dataset.version},
        "language": {"enum": ["nl", "en"]},
        "source": _object({"oin": {"type": "string", "pattern": "^[0-9]{20}$"}, "name": _TEXT}),
        "issuing_authority": _TEXT,
        "issuing_authority_oin": {"type": "string", "pattern": "^[0-9]{20}$"},
        "issuing_country": {"const": "NL"},
        "attestation_legal_category": {"enum": ["EAA", "PuB-EAA"]},
        "reference_date": day,
        "saldo_datumtijd": moment,
        "issued_at": moment,
        "valid_until": day,
        "subject": _object(
            {
                "given_name": _TEXT,
                "family_name": _TEXT,
                "birth_date": _value(FieldType.PARTIAL_DATE),
                "bsn": {"type": "string", "pattern": "^[0-9]{9}$"},
            },
            optional={"bsn"},
        ),
        "representative": _object(
            {"name": {**_TEXT, "maxLength": 200}, "capacity": {"enum": [capacity.value for capacity in Capacity]}, "until": day},
            optional={"until"},
        ),
        "selection": _object(
            {
                "parts": {"type": "array", "items": {"enum": [part.id for part in dataset.parts]}, "uniqueItems": True},
                "months": {**_WHOLE, "minimum": 1},
            },
            optional={"months"},
        ),
        "volledigheid": _object(
            {
                "compleet": {"type": "boolean"},
                "weggelaten_subsets": text_list,
                "in_onderzoek": text_list,
                "aantallen": {"type": "array", "items": _object({"lijst": _TEXT, "opgenomen": _COUNT, "beschikbaar": _COUNT})},
            }
        ),
        "juridische_grondslag": {"type": "array", "items": _object({"omschrijving": _TEXT, "bron": _TEXT})},
        "rechtsmiddel": _object(
            {"soort": {"enum": ["bezwaar", "beroep", "verzet", "geen"]}, "termijn_weken": _COUNT, "intake_url": _TEXT},
            optional={"termijn_weken"},
        ),
        "correctie_url": _TEXT,
        "controle_url": _TEXT,
        "status": _object({"status_list": _object({"idx": _COUNT, "uri": _TEXT})}),
        "purpose": _TEXT,
        "trace_id": random_128_bit,
    }


def _data(fields: Iterable[Field], required_parts: set[str]) -> Schema:
    """Fields with dotted names become nested objects; an object is required when something in it is."""
    root = _object({})
    for field in fields:
        required = field.required and field.part in required_parts
        node = root
        for step in field.path[:-1]:
            if required and step not in node["required"]:
                node["required"].append(step)
            node = node["properties"].setdefault(step, _object({}))
        node["properties"][field.path[-1]] = _field(field)
        if required:
            node["required"].append(field.path[-1])
    return root


def _field(field: Field) -> Schema:
    described = {"title": field.label.nl} | ({"description": field.help.nl} if field.help else {})
    if field.type is FieldType.LIST:
        return described | {"type": "array", "items": _data(field.fields, {field.part}), "maxItems": 5000}
    if field.codes is not None:
        return described | {"enum": list(field.codes)}
    if field.pattern:
        return described | {**_TEXT, "pattern": field.pattern}
    return described | _value(field.type)


def _value(kind: FieldType) -> Schema:
    words = {"langFormaat": _TEXT}
    match kind:
        case FieldType.INTEGER | FieldType.EUROCENT | FieldType.EURO:
            return dict(_WHOLE)
        case FieldType.YEAR:
            return {"type": "integer", "minimum": 1, "maximum": 9999}
        case FieldType.DECIMAL2:
            return {"type": "string", "pattern": "^-?[0-9]{1,12}\\.[0-9]{2}$"}
        case FieldType.RATIO:
            return {"type": "string", "pattern": "^-?[0-9]{1,3}\\.[0-9]{4}$"}
        case FieldType.BOOLEAN:
            return {"type": "boolean"}
        case FieldType.DATE:
            return {"type": "string", "format": "date"}
        case FieldType.DATETIME:
            return {"type": "string", "format": "date-time"}
        case FieldType.YEAR_MONTH:
            return {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}
        case FieldType.CODE_TABLE:
            return _object({"code": _TEXT, "omschrijving": _TEXT}, optional={"code"})  # a place abroad has a name and no code
        case FieldType.PARTIAL_DATE:
            year, month = {"type": "integer", "minimum": 1, "maximum": 9999}, {"type": "integer", "minimum": 1, "maximum": 12}
            return {
                "oneOf": [
                    _object({"type": {"const": "Datum"}, "datum": {"type": "string", "format": "date"}} | words),
                    _object({"type": {"const": "JaarMaandDatum"}, "jaar": year, "maand": month} | words),
                    _object({"type": {"const": "JaarDatum"}, "jaar": year} | words),
                    _object({"type": {"const": "DatumOnbekend"}, "onbekend": {"const": True}} | words),
                ]
            }
        case _:
            return dict(_TEXT)
