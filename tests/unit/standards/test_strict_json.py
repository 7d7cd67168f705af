import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json, parse_json_object, same_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20)


def read(text: str | bytes) -> JsonValue:
    return parse_json(text if isinstance(text, bytes) else text.encode(), max_bytes=10_000)


@given(VALUES)
def test_what_is_written_comes_back(value: JsonValue) -> None:
    assert parse_json(canonical_json(value), max_bytes=1_000_000) == value


@given(VALUES)
def test_there_is_one_way_to_write_a_value(value: JsonValue) -> None:
    once = canonical_json(value)
    assert canonical_json(json.loads(once)) == once


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_one_error(data: bytes) -> None:
    try:
        read(data)
    except MalformedJson:
        return
    json.loads(data)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="cut off"),
        pytest.param("{} {}", id="two values"),
        pytest.param("{'a':1}", id="other quotes"),
        pytest.param('{"a":1,"a":1}', id="name twice"),
        pytest.param('{"x":{"a":1,"\\u0061":2}}', id="name twice, once escaped"),
        pytest.param("1.0", id="fraction"),
        pytest.param("1e3", id="exponent"),
        pytest.param("NaN", id="not a number"),
        pytest.param("-Infinity", id="infinity"),
        pytest.param("9223372036854775808", id="65 bits"),
        pytest.param("-9223372036854775809", id="65 bits below zero"),
        pytest.param("9" * 9000, id="a very long number"),
        pytest.param('"\\ud800"', id="half a character"),
        pytest.param('{"\\udc00":1}', id="half a character in a name"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param(b'"\xff"', id="no utf-8"),
        pytest.param('{"a":1}'.encode("utf-16"), id="utf-16"),
        pytest.param("[" * 33 + "]" * 33, id="33 levels"),
        pytest.param("[" * 5000, id="a tower"),
        pytest.param('"' + "a" * 10_000 + '"', id="too large"),
    ],
)
def test_what_two_parsers_may_read_differently_is_refused(text: str | bytes) -> None:
    with pytest.raises(MalformedJson):
        read(text)


@pytest.mark.parametrize(("text", "value"), [("3.14", 3.14), ("-0.5e-2", -0.005), ("1e300", 1e300)])
def test_a_fraction_is_read_where_it_is_allowed(text: str, value: float) -> None:
    assert parse_json(text.encode(), max_bytes=100, fractions=True) == value


@pytest.mark.parametrize(("text", "value"), [("1.0", 1), ("-0.0", 0), ("12e2", 1200)])
def test_a_whole_number_is_whole_however_it_is_written(text: str, value: int) -> None:
    found = parse_json(text.encode(), max_bytes=100, fractions=True)
    assert (found, type(found)) == (value, int)


@pytest.mark.parametrize("text", ["1e400", "NaN", "-Infinity", "0." + "3" * 60, "9223372036854775808", '{"a":0.5,"a":0.5}', "1.", ".5"])
def test_where_fractions_are_allowed_all_other_rules_hold(text: str) -> None:
    with pytest.raises(MalformedJson):
        parse_json(text.encode(), max_bytes=100, fractions=True)


def test_a_truth_is_no_number_and_the_order_of_names_says_nothing() -> None:
    assert not same_json({"a": [True]}, {"a": [1]})
    assert same_json({"a": 1, "b": [None, "x"]}, {"b": [None, "x"], "a": 1})


def test_a_tower_of_any_height_is_refused_with_one_error() -> None:
    with pytest.raises(MalformedJson):
        parse_json(b"[" * 400_000 + b"]" * 400_000, max_bytes=1_000_000)


def test_thirty_two_levels_and_sixty_four_bits_are_read() -> None:
    assert read("[" * 32 + "]" * 32)
    assert read("[9223372036854775807,-9223372036854775808]") == [2**63 - 1, -(2**63)]


def test_a_pair_of_halves_is_one_character() -> None:
    assert read('"\\ud83d\\ude00"') == "😀"


def test_a_list_is_no_object() -> None:
    with pytest.raises(MalformedJson):
        parse_json_object(b"[]", max_bytes=10)


def test_the_example_of_rfc_8785_is_sorted_by_utf_16() -> None:
    value: JsonValue = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    names = list(json.loads(canonical_json(value)))
    assert names == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_text_is_escaped_as_rfc_8785_says() -> None:
    assert canonical_json('€$\u000f\nA\'B"\\\\"/') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()


@pytest.mark.parametrize("value", [2**53, 1.5, "\ud800", b"", {1: 2}], ids=["beyond 2^53", "fraction", "half", "bytes", "number as name"])
def test_a_value_without_one_encoding_is_not_written(value: JsonValue) -> None:
    with pytest.raises(MalformedJson):
        canonical_json(value)
