import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards.plain_json import LEVELS, NotPlain, plain_text, read_plain, read_plain_each
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json

TEXT = st.text(st.characters()) | st.text('"\\/\b\n\r\x00\x1f\x7fé\ud800\udc00\U0001f600\uffff', max_size=6)
NUMBERS = st.integers() | st.sampled_from([2**53 - 1, 2**53, -(2**53) + 1, -(2**53), 2**63 - 1, 2**63, 2**64]) | st.floats()
ANY = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
PIECES = st.sampled_from([*'{}[]:,"01.-eE', '"a"', '"\\u0061"', " ", "true", "null", "1.0", "-0", "1e2", '{"a":1,"a":1}', "\ud800", "😀"])


def outcome(data: bytes, *, carefully: bool) -> object:
    """What reading gives; a lower limit of levels leaves out the fast way."""
    try:
        return repr(parse_json(data, max_bytes=10_000, max_depth=LEVELS - 1 if carefully else 32))
    except MalformedJson as error:
        return str(error)


def levels(data: bytes) -> int:
    return max(data.count(b"["), 0) + data.count(b"{")


@given(st.lists(PIECES, max_size=9).map("".join) | ANY.map(lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)))
def test_the_fast_and_the_careful_way_read_every_text_alike(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    if levels(data) < LEVELS:
        assert outcome(data, carefully=False) == outcome(data, carefully=True)


def by_rfc_8785(value: JsonValue) -> str:
    """Written apart from the product: names sorted by UTF-16, nothing between."""
    match value:
        case dict():
            names = sorted(value, key=lambda name: name.encode("utf-16-be"))
            return "{" + ",".join(f"{by_rfc_8785(name)}:{by_rfc_8785(value[name])}" for name in names) + "}"
        case list():
            return "[" + ",".join(map(by_rfc_8785, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def has_no_text(value: object) -> bool:
    if isinstance(value, str):
        return any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > 2**53 - 1):
        return True
    parts: list[object] = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return any(map(has_no_text, parts))


@given(ANY)
def test_every_value_is_written_as_rfc_8785_says_or_refused(value: JsonValue) -> None:
    if has_no_text(value):
        with pytest.raises(MalformedJson):
            canonical_json(value)
    else:
        assert canonical_json(value) == by_rfc_8785(value).encode()


@pytest.mark.parametrize(
    "value", [1.0, 1e22, math.nan, math.inf, (1, 2), b"x", {1: 2}, {"a": 2**53}, {"\U0001f600": 1}, "\ud800", {"a": {"b": {1, 2}}}]
)
def test_a_value_that_writers_see_differently_is_not_plain(value: JsonValue) -> None:
    with pytest.raises(NotPlain):
        plain_text(value)


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":1}', '{"a": 1}', '"\\u0061"', "1.0", "-0", "1e3", "9007199254740992", " 1", "1\n", "[1,]", '"\\/"', ""]
)
def test_a_text_that_readers_may_see_differently_is_not_plain(text: str) -> None:
    with pytest.raises(NotPlain):
        read_plain(text.encode())


def test_texts_are_plain_each_by_itself() -> None:
    assert read_plain_each([b"[1]", b"[2]"]) == [[1], [2]]
    with pytest.raises(NotPlain):
        read_plain_each([b"[1],[2", b"3]"])


def test_a_value_that_holds_itself_is_refused() -> None:
    value: list[JsonValue] = []
    value.append(value)
    with pytest.raises(MalformedJson):
        canonical_json(value)
