import resource
import time

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.strict_cbor import CborValue, Encoded, MalformedCbor, Tagged, read_cbor, write_cbor

MOST = 1 << 16
NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.binary(max_size=300),
    lambda inner: (
        st.lists(inner, max_size=30) | st.dictionaries(NUMBERS | TEXTS, inner, max_size=30) | st.builds(Tagged, st.just(24), inner)
    ),
    max_leaves=40,
)


def read(data: bytes, *, any_lengths: bool = False) -> CborValue:
    return read_cbor(data, max_bytes=MOST, tags={0, 24, 1004}, any_lengths=any_lengths)


def refused(data: bytes, *, any_lengths: bool = False) -> str:
    with pytest.raises(MalformedCbor) as caught:
        read(data, any_lengths=any_lengths)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("18ff", 255),
        ("190100", 256),
        ("1a00010000", 65536),
        ("1b000000e8d4a51000", 1000000000000),
        ("1b7fffffffffffffff", (1 << 63) - 1),
        ("20", -1),
        ("3863", -100),
        ("3b7fffffffffffffff", -(1 << 63)),
        ("f4", False),
        ("f5", True),
        ("f6", None),
        ("40", b""),
        ("4401020304", b"\x01\x02\x03\x04"),
        ("60", ""),
        ("62c3bc", "ü"),
        ("64f0908591", "\U00010151"),
        ("80", []),
        ("8301820203820405", [1, [2, 3], [4, 5]]),
        ("a0", {}),
        ("a201020304", {1: 2, 3: 4}),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
        ("d818456449455446", Tagged(24, b"dIETF")),
        ("c074323031332d30332d32315432303a30343a30305a", Tagged(0, "2013-03-21T20:04:00Z")),
        ("d903ec6a323032362d31312d3233", Tagged(1004, "2026-11-23")),
    ],
)
def test_an_example_is_read_and_written(written: str, value: CborValue) -> None:
    assert read(bytes.fromhex(written)) == value
    assert type(read(bytes.fromhex(written))) is type(value)
    assert write_cbor(value) == bytes.fromhex(written)


@given(VALUES)
def test_what_is_written_is_read_back(value: CborValue) -> None:
    assert read(write_cbor(value)) == value


@given(st.recursive(st.booleans() | NUMBERS | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=40))
def test_a_second_opinion_writes_the_same(value: CborValue) -> None:
    assert write_cbor(value) == cbor2.dumps(value, canonical=True)


@given(st.binary(max_size=60) | VALUES.map(write_cbor).flatmap(lambda data: st.binary(max_size=4).map(lambda more: data + more)))
def test_any_bytes_are_refused_or_have_one_reading_and_one_writing(data: bytes) -> None:
    try:
        value = read_cbor(data, max_bytes=MOST)
    except MalformedCbor:
        return
    assert cbor2.loads(data) == value
    assert len(write_cbor(value)) == len(data)


@given(st.binary(max_size=60))
def test_any_bytes_with_any_lengths_only_raise_what_is_documented(data: bytes) -> None:
    try:
        value = read(data, any_lengths=True)
    except MalformedCbor:
        return
    assert read(write_cbor(value)) == value


@given(VALUES.map(write_cbor), st.data())
def test_no_beginning_of_an_item_is_an_item(data: bytes, choice: st.DataObject) -> None:
    refused(data[: choice.draw(st.integers(0, len(data) - 1))])


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ("", "whole item"),
        ("0000", "nothing after it"),
        ("a201020103", "each key once"),
        ("a2616101616102", "each key once"),
        ("a1f501", "keys"),
        ("a1f601", "keys"),
        ("a1410001", "keys"),
        ("a1800001", "keys"),
        ("f93c00", "without fractions"),
        ("fa3f800000", "without fractions"),
        ("fb3ff0000000000000", "without fractions"),
        ("f7", "simple values"),
        ("e0", "simple values"),
        ("f8ff", "without fractions"),
        ("1c", "known lengths"),
        ("c249010000000000000000", "known tags"),
        ("d81c80", "known tags"),
        ("d81d00", "known tags"),
        ("d9010080", "known tags"),
        ("1bffffffffffffffff", "64 bits"),
        ("3bffffffffffffffff", "64 bits"),
        ("1817", "as short as can be"),
        ("1900ff", "as short as can be"),
        ("1a0000ffff", "as short as can be"),
        ("1b00000000ffffffff", "as short as can be"),
        ("580161", "as short as can be"),
        ("9f00ff", "known lengths"),
        ("5f4100ff", "known lengths"),
        ("ff", "known lengths"),
        ("61ff", "UTF-8"),
        ("63eda080", "UTF-8"),
        ("62c080", "UTF-8"),
    ],
)
def test_what_has_two_readings_or_none_is_refused(data: str, rule: str) -> None:
    assert rule in refused(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("1817", 23),
        ("1b0000000000000000", 0),
        ("9f0102ff", [1, 2]),
        ("9fff", []),
        ("bf616101ff", {"a": 1}),
        ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("5fff", b""),
    ],
)
def test_lengths_may_be_long_or_open_when_asked(data: str, value: CborValue) -> None:
    assert read(bytes.fromhex(data), any_lengths=True) == value


@pytest.mark.parametrize(
    "data",
    [
        "9f01",
        "bf6161ff",
        "5f6161ff",
        "7f4161ff",
        "5f01ff",
        "5f5f4100ffff",
        "7f7f6161ffff",
        "81ff",
        "ff",
        "1f",
        "3f",
        "df00",
        "a1ff",
        "d818ff",
        "7f61c361bcff",
    ],
)
def test_open_lengths_must_end_well(data: str) -> None:
    refused(bytes.fromhex(data), any_lengths=True)


def test_bytes_beyond_the_limit_are_not_read() -> None:
    assert read_cbor(bytes(1), max_bytes=1) == 0
    with pytest.raises(MalformedCbor, match="at most 1 bytes"):
        read_cbor(b"\x41\x00", max_bytes=1)


def test_levels_are_counted() -> None:
    assert read_cbor(b"\x81" * 3 + b"\x00", max_bytes=MOST, max_depth=3) == [[[0]]]
    with pytest.raises(MalformedCbor, match="levels"):
        read_cbor(b"\x81" * 4 + b"\x00", max_bytes=MOST, max_depth=3)


def test_tags_are_levels_too() -> None:
    with pytest.raises(MalformedCbor, match="levels"):
        read_cbor(b"\xd8\x18" * 17 + b"\x00", max_bytes=MOST, tags={24})


@pytest.mark.parametrize("data", ["1817", "9fff", "5f4100ff"])
def test_lengths_are_the_shortest_and_known_unless_asked(data: str) -> None:
    with pytest.raises(MalformedCbor):
        read_cbor(bytes.fromhex(data), max_bytes=MOST)


@pytest.mark.parametrize(("data", "count"), [("83000000", 4), ("81818100", 4), ("a10000", 3), ("9f000000ff", 4)])
def test_so_many_items_and_no_more(data: str, count: int) -> None:
    whole = bytes.fromhex(data)
    assert read_cbor(whole, max_bytes=MOST, max_items=count, any_lengths=True)
    with pytest.raises(MalformedCbor, match="fewer items"):
        read_cbor(whole, max_bytes=MOST, max_items=count - 1, any_lengths=True)


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x5b\x7f" + b"\xff" * 7,
        b"\x9b\x7f" + b"\xff" * 7,
        b"\xbb\x7f" + b"\xff" * 7,
        b"\x9a\xff\xff\xff\xff" + b"\x00" * 1000,
        b"\x81" * 1_000_000,
        b"\xd8\x18" * 1_000_000,
        b"\x9f" * 1_000_000,
        b"\x9f" + b"\xa0" * 4_000_000,
        b"\x9a\x00\x3d\x09\x00" + b"\xa0" * 4_000_000,
        b"\x5f" + b"\x40" * 4_000_000,
    ],
    ids=["bytes", "array", "map", "long-array", "deep", "deep-tags", "deep-open", "open-full", "full", "pieces"],
)
def test_a_bomb_ends_soon_and_takes_no_room(bomb: bytes) -> None:
    before, room = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(MalformedCbor):
        read_cbor(bomb, max_bytes=8 << 20, tags={24}, any_lengths=True)
    assert time.process_time() - before < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - room < 32 * 1024


def test_what_was_written_before_is_taken_as_it_is() -> None:
    assert write_cbor({"a": Encoded(b"\x01")}) == write_cbor({"a": 1})


def test_keys_are_in_the_order_of_their_bytes() -> None:
    value: CborValue = {"aa": 0, "b": 0, -1: 0, 100: 0, 10: 0}
    assert write_cbor(value).hex() == "a50a00186400200061620062616100"


@pytest.mark.parametrize("value", [1 << 63, -(1 << 63) - 1, "\ud800", 1.5, {1.5: 0}])
def test_a_value_that_has_no_place_in_cbor_of_this_scheme_is_not_written(value: CborValue) -> None:
    with pytest.raises(MalformedCbor):
        write_cbor(value)
