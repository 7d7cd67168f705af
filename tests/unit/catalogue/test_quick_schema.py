"""A quick yes is never a yes that the library would not give, and what is right gets it."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from blauweknop.catalogue.load import load_catalogue
from blauweknop.catalogue.quick_schema import quick_acceptor
from blauweknop.catalogue.schema import json_schema
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue
from tests.unit.catalogue.samples import sample_data, sample_document

EVERY_DATASET = [pytest.param(dataset, id=dataset.id) for dataset in load_catalogue().datasets.values()]
every_dataset = pytest.mark.parametrize("dataset", EVERY_DATASET)
BROKEN: tuple[JsonValue, ...] = (
    None,
    True,
    -1,
    2**53,
    "",
    "x" * 4001,
    "2026-02-30",
    "20261103",
    "2026-11-03",
    [],
    ["a", "a"],
    {},
    {"type": "Datum"},
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.sampled_from(BROKEN) | st.text(max_size=12),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(("type", "datum", "jaar", "maand", "x")), inside, max_size=3)
    ),
    max_leaves=6,
)


def places(value: JsonValue, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inside in members:
        yield from places(inside, (*path, step))


def changed(value: JsonValue, path: tuple[str | int, ...], new: JsonValue) -> JsonValue:
    if not path:
        return new
    whole = copy.deepcopy(value)
    node: Any = whole
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = new
    return whole


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@every_dataset
def test_right_documents_get_a_quick_yes(dataset: Dataset) -> None:
    schema = json_schema(dataset)
    accepts = quick_acceptor(schema)

    assert accepts(sample_document(dataset))
    assert accepts(sample_document(dataset) | {"data": dict(sample_data(dataset.fields, only_required=True))})


@every_dataset
def test_no_broken_value_at_any_place_gets_a_yes_that_the_library_would_not_give(dataset: Dataset) -> None:
    schema = json_schema(dataset)["properties"]["data"]
    accepts, judge = quick_acceptor(schema), validator(schema)
    right = sample_data(dataset.fields)
    for path in places(right):
        for new in BROKEN:
            broken = changed(right, path, new)
            assert not accepts(broken) or judge.is_valid(broken), (path, new)


@every_dataset
def test_a_member_too_many_or_too_few_gets_no_yes(dataset: Dataset) -> None:
    accepts = quick_acceptor(json_schema(dataset))
    document = sample_document(dataset)

    assert not accepts(document | {"burgerservicenummer": "x"})
    assert not accepts({name: value for name, value in document.items() if name != "subject"})


@given(st.data(), anything)
def test_any_value_at_any_place_of_any_data_set(data: st.DataObject, new: JsonValue) -> None:
    dataset = data.draw(st.sampled_from([param.values[0] for param in EVERY_DATASET]))
    assert isinstance(dataset, Dataset)
    schema = json_schema(dataset)
    right = sample_document(dataset)
    broken = changed(right, data.draw(st.sampled_from(list(places(right)))), new)

    assert not quick_acceptor(schema)(broken) or validator(schema).is_valid(broken)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "string", "minLength": 1},
        {"type": "integer", "minimum": 0},
        {"type": "object", "properties": {}, "required": []},
        {"oneOf": [{"type": "string"}, {"type": "integer", "minimum": 0, "maximum": 9}]},
        {"type": "string", "format": "uri"},
        {"enum": [1.5]},
    ],
    ids=str,
)
def test_a_schema_with_words_that_are_not_known_never_gets_a_yes(schema: dict[str, Any]) -> None:
    accepts = quick_acceptor(schema)

    assert not any(map(accepts, ("a", 1, 1.5, {}, [], None)))
