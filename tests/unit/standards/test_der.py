from datetime import UTC, datetime, timedelta, timezone

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import der
from blauweknop.standards.der import Element, Fields, MalformedDer


@given(st.integers())
def test_a_number_comes_back_and_others_write_it_alike(value: int) -> None:
    encoded = der.encode_integer(value)
    assert der.read_integer(der.parse(encoded)) == value
    assert core.Integer(value).dump() == encoded


@given(st.tuples(st.integers(0, 2), st.integers(0, 39), st.integers(0, 2**40), st.integers(0, 2**20)))
def test_an_object_identifier_comes_back_and_others_write_it_alike(arcs: tuple[int, ...]) -> None:
    dotted = ".".join(map(str, arcs))
    encoded = der.encode_object_identifier(dotted)
    assert der.read_object_identifier(der.parse(encoded)) == dotted
    assert core.ObjectIdentifier(dotted).dump() == encoded


@given(st.binary(max_size=70_000))
def test_a_value_of_any_length_comes_back(content: bytes) -> None:
    element = der.parse(der.encode_octets(content))
    assert element.content == content


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(9999, 1, 1)))  # noqa: DTZ001 - the zone is added below
def test_a_moment_comes_back(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert der.read_generalized_time(der.parse(der.encode_generalized_time(aware))) == aware


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_one_error(data: bytes) -> None:
    try:
        der.require_der(der.parse(data))
    except MalformedDer:
        return
    assert data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("", id="nothing"),
        pytest.param("30", id="no length"),
        pytest.param("3080020101 0000", id="indefinite length"),
        pytest.param("04810141", id="long form of a short length"),
        pytest.param("0482000141", id="length with a leading zero"),
        pytest.param("0485000000000141", id="length of five bytes"),
        pytest.param("040241", id="cut off"),
        pytest.param("04014100", id="something behind it"),
        pytest.param("1f0100", id="tag in the long form"),
        pytest.param("0000", id="tag zero"),
        pytest.param("02020001", id="number with a leading zero"),
        pytest.param("0202ff80", id="negative number with a leading ff"),
        pytest.param("0200", id="number without bytes"),
        pytest.param("010101", id="true that is not ff"),
        pytest.param("03020101", id="unused bits that are not zero"),
        pytest.param("030108", id="eight unused bits"),
        pytest.param("0300", id="bit string without count"),
        pytest.param("050100", id="null with content"),
        pytest.param("0600", id="identifier without bytes"),
        pytest.param("06022a80", id="identifier cut off"),
        pytest.param("0603 2a8001", id="identifier with a leading 80"),
        pytest.param("180d3230323631313233313230305a", id="time without seconds"),
        pytest.param("3106020102020101", id="set out of order"),
    ],
)
def test_another_encoding_of_a_value_is_refused(data: str) -> None:
    with pytest.raises(MalformedDer):
        der.require_der(der.parse(bytes.fromhex(data)))


@pytest.mark.parametrize("text", ["20261123120000.50Z", "20261123120000.Z", "20261123120000+0100", "20261123120000", "20261323120000Z"])
def test_a_time_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedDer):
        der.read_generalized_time(der.parse(der.encode(der.GENERALIZED_TIME, text.encode())))


def test_a_fraction_of_a_second_is_kept() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(milliseconds=500)
    encoded = der.encode_generalized_time(moment)
    assert encoded.endswith(b"00.5Z")
    assert der.read_generalized_time(der.parse(encoded)) == moment


def test_a_tower_of_values_is_refused() -> None:
    data = b""
    for _ in range(200):
        data = der.encode_sequence(data)
    with pytest.raises(MalformedDer, match="levels"):
        der.require_der(der.parse(data))


def test_a_value_over_the_limit_is_refused() -> None:
    with pytest.raises(MalformedDer, match="at most 10 bytes"):
        der.parse(der.encode_octets(bytes(20)), max_bytes=10)


def test_members_that_are_left_over_are_refused() -> None:
    fields = Fields(der.parse(der.encode_sequence(der.encode_integer(1), der.encode_integer(2))), "a pair")
    fields.take(der.INTEGER, "a number")
    with pytest.raises(MalformedDer, match="nothing more"):
        fields.end()


def test_a_member_that_is_missing_is_refused() -> None:
    with pytest.raises(MalformedDer, match="a number"):
        Fields(der.parse(der.encode_sequence()), "a pair").take(der.INTEGER, "a number")


def test_a_padded_value_says_its_own_length() -> None:
    assert der.encoded_length(der.encode_octets(bytes(300)) + bytes(50)) == 304


def certificates(*values: bytes) -> bytes:
    return der.encode_sequence(der.context(0, *values))


def test_a_value_like_one_that_was_seen_is_read_in_full() -> None:
    good = der.encode_sequence(der.encode_octets(bytes(150)), der.encode_integer(127))
    broken = good[:-3] + b"\x02\x02\x00\x01"
    broken = b"\x30" + good[1:2] + bytes([good[2] + 1]) + broken[3:]
    for _ in range(2):
        der.require_der(der.parse(certificates(good)))
        with pytest.raises(MalformedDer, match="minimal integer"):
            der.require_der(der.parse(certificates(good, broken)))


def test_depth_counts_from_the_outside_also_for_a_value_that_was_seen() -> None:
    tower = der.encode_octets(bytes(150))
    for _ in range(40):
        tower = der.encode_sequence(tower)
    der.require_der(der.parse(certificates(tower)))
    deep = certificates(tower)
    for _ in range(40):
        deep = der.encode_sequence(deep)
    with pytest.raises(MalformedDer, match="levels"):
        der.require_der(der.parse(deep))


def test_what_a_reader_refused_it_refuses_again() -> None:
    read = der.remembering(der.read_integer)
    for _ in range(2):
        assert read(der.parse(b"\x02\x01\x05")) == 5
        with pytest.raises(MalformedDer):
            read(der.parse(b"\x02\x02\x00\x05"))


@pytest.mark.parametrize(
    ("size", "head"), [(0, "0400"), (127, "047f"), (128, "048180"), (255, "0481ff"), (256, "04820100"), (65_536, "0483010000")]
)
def test_a_length_is_written_in_its_shortest_form(size: int, head: str) -> None:
    encoded = der.encode_octets(bytes(size))
    assert encoded.hex().startswith(head)
    assert len(encoded) == len(head) // 2 + size
    assert der.parse(encoded).content == bytes(size)


@pytest.mark.parametrize("value", [0, 127, 128, 255, 256, -1, -128, -129, -255, -256, -(2**63)])
def test_a_number_at_the_edge_of_its_bytes_comes_back(value: int) -> None:
    encoded = der.encode_integer(value)
    assert core.Integer(value).dump() == encoded
    assert der.read_integer(der.parse(encoded)) == value


def test_so_many_bytes_and_no_more() -> None:
    encoded = der.encode_octets(b"x" * 98)
    assert der.parse(encoded, max_bytes=100).content == b"x" * 98
    with pytest.raises(MalformedDer):
        der.parse(encoded, max_bytes=99)


def tower(levels: int) -> bytes:
    encoded = der.encode(der.NULL)
    for _ in range(levels):
        encoded = der.encode_sequence(encoded)
    return encoded


def levels_of(element: Element) -> int:
    levels = 0
    while element.tag == der.SEQUENCE:
        (element,) = element.children()
        levels += 1
    return levels


def test_so_many_levels_and_no_more() -> None:
    assert levels_of(der.parse(tower(64))) == 64
    with pytest.raises(MalformedDer, match="levels"):
        levels_of(der.parse(tower(65)))


@pytest.mark.parametrize("bits", ["030100", "03020640", "03020780", "030200ff", "030300ff01", "030304fff0"])
def test_a_string_of_bits_is_read(bits: str) -> None:
    data = bytes.fromhex(bits)
    unused, content = der.read_bit_string(der.parse(data))
    assert (unused, content) == (data[2], data[3:])


@pytest.mark.parametrize("bits", ["0300", "030101", "030107", "030208ff", "03020900", "03020781", "030201ff", "030306ff41"])
def test_a_string_of_bits_of_another_form_is_refused(bits: str) -> None:
    with pytest.raises(MalformedDer):
        der.read_bit_string(der.parse(bytes.fromhex(bits)))


def test_a_null_holds_nothing() -> None:
    der.read_null(der.parse(b"\x05\x00"))
    with pytest.raises(MalformedDer):
        der.read_null(der.parse(b"\x05\x01\x00"))


def test_a_moment_of_another_zone_is_written_in_utc_without_needless_zeros() -> None:
    summer = timezone(timedelta(hours=2))
    moment = datetime(2026, 7, 1, 0, 30, 0, 250_000, tzinfo=summer)
    assert der.encode_generalized_time(moment) == b"\x18\x12" + b"20260630223000.25Z"
