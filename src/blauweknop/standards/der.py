"""Strict DER (X.690 clause 10): signatures are over bytes, so there is one way to write a value and every other way is refused.

Reading is lazy: an `Element` knows its own bytes, its children are read when asked for. `require_der` reads all of them, and
remembers the certificates and lists it has seen, since those of a few authorities come back in message after message.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

from blauweknop.domain.errors import BlauweKnopError

__all__ = [
    "BIT_STRING",
    "BOOLEAN",
    "GENERALIZED_TIME",
    "INTEGER",
    "NULL",
    "OBJECT_IDENTIFIER",
    "OCTET_STRING",
    "SEQUENCE",
    "SET",
    "Element",
    "Fields",
    "MalformedDer",
    "context",
    "encode",
    "encode_generalized_time",
    "encode_integer",
    "encode_object_identifier",
    "encode_octets",
    "encode_sequence",
    "encode_set_of",
    "encoded_length",
    "parse",
    "read_bit_string",
    "read_boolean",
    "read_generalized_time",
    "read_integer",
    "read_null",
    "read_object_identifier",
    "remembering",
    "require_der",
    "require_set_order",
]

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31

_CONSTRUCTED = 0x20
_MAX_BYTES = 16 * 1024 * 1024
_MAX_DEPTH = 64
_MAX_CHILDREN = 200_000
_MOMENT = re.compile(rb"([0-9]{4})" + rb"([0-9]{2})" * 5 + rb"(?:\.([0-9]{0,5}[1-9]))?Z")
# Tag numbers in the long form, and the end of contents of BER.
_NO_TAGS = frozenset({0, *(octet for octet in range(256) if octet & 0x1F == 0x1F)})
_IN_ZERO = 0xA0
_LEAST_KNOWN, _MOST_KNOWN = 128, 4096


Fact = TypeVar("Fact")


class MalformedDer(BlauweKnopError):
    """Bytes that are not the DER of what was expected; the text names the part, never its content."""


class Element(NamedTuple):
    """One value: its identifier octet, its content, and its whole encoding."""

    tag: int
    content: bytes
    encoded: bytes
    depth: int = 0

    def children(self) -> "tuple[Element, ...]":
        """The values inside a constructed value.

        Raises:
            MalformedDer: a primitive value, or an inner value that is not DER.
        """
        if not self.tag & _CONSTRUCTED:
            raise MalformedDer("expected a constructed value")
        return _elements(self.content, self.depth + 1)


_new = tuple.__new__


def parse(data: bytes, *, max_bytes: int = _MAX_BYTES) -> Element:
    """Read exactly one value that fills `data`.

    Raises:
        MalformedDer: too large, cut off, followed by other bytes, or not DER.
    """
    if len(data) > max_bytes:
        raise MalformedDer(f"expected at most {max_bytes} bytes")
    tag, start, end = _header(data, 0, len(data))
    if end != len(data):
        raise MalformedDer("expected nothing after the value")
    return Element(tag, data[start:], data)


def require_der(element: Element) -> None:
    """Read everything inside, so that no part hides another encoding.

    Raises:
        MalformedDer: some inner value is not DER.
    """
    if element.tag & _CONSTRUCTED:
        _require_inside(element.content, element.tag, element.depth)
    elif element.tag in _PRIMITIVE_CHECKS:
        _PRIMITIVE_CHECKS[element.tag](element.content)


def require_set_order(children: tuple[Element, ...]) -> None:
    """Check the order of a SET OF (X.690 clause 11.6).

    Raises:
        MalformedDer: not ascending.
    """
    if any(later.encoded < earlier.encoded for earlier, later in pairwise(children)):
        raise MalformedDer("expected the members of a set in ascending order")


def encoded_length(data: bytes) -> int:
    """How many bytes the first value takes, for a value that stands in a padded room.

    Raises:
        MalformedDer: the first bytes are no identifier and length, or the value does not fit.
    """
    return _header(data, 0, len(data))[2]


class Fields:
    """The members of a SEQUENCE taken one by one, in their order; `end` proves that none was left."""

    def __init__(self, element: Element, name: str) -> None:
        """Raises: MalformedDer: `element` is no SEQUENCE."""
        self._name = name
        self._members = _expect(element, SEQUENCE, name).children()
        self._next = 0

    def take(self, tag: int, name: str) -> Element:
        """The next member, which must have this tag.

        Raises:
            MalformedDer: no member left, or another tag.
        """
        if self._next >= len(self._members):
            raise MalformedDer(f"expected {name} in {self._name}")
        element = _expect(self._members[self._next], tag, name)
        self._next += 1
        return element

    def optional(self, tag: int) -> Element | None:
        """The next member when it has this tag."""
        if self._next < len(self._members) and self._members[self._next].tag == tag:
            self._next += 1
            return self._members[self._next - 1]
        return None

    def end(self) -> None:
        """Raises: MalformedDer: members are left."""
        if self._next != len(self._members):
            raise MalformedDer(f"expected nothing more in {self._name}")


def remembering(read: Callable[[Element], Fact], *, most_bytes: int = 4096) -> Callable[[Element], Fact]:
    """A reader that remembers what it made of 64 elements of at most so many bytes: parts that come back in message after message.

    It must depend on nothing but the element. What it refuses it does not remember.
    """
    known = lru_cache(maxsize=64)(read)

    def reader(element: Element) -> Fact:
        return known(element) if len(element.encoded) <= most_bytes else read(element)

    return reader


def read_integer(element: Element) -> int:
    """Raises: MalformedDer: no INTEGER, or not minimal (X.690 clause 8.3.2)."""
    content = _expect(element, INTEGER, "an integer").content
    _require_integer(content)
    return int.from_bytes(content, signed=True)


def read_boolean(element: Element) -> bool:
    """Raises: MalformedDer: no BOOLEAN, or not 00 or FF (X.690 clause 11.1)."""
    content = _expect(element, BOOLEAN, "a boolean").content
    _require_boolean(content)
    return content == b"\xff"


def read_null(element: Element) -> None:
    """Raises: MalformedDer: no NULL."""
    _require_null(_expect(element, NULL, "a null").content)


def read_bit_string(element: Element) -> tuple[int, bytes]:
    """The number of unused bits and the bytes; unused bits are zero. Raises: MalformedDer: otherwise (X.690 clause 11.2)."""
    content = _expect(element, BIT_STRING, "a bit string").content
    _require_bit_string(content)
    return content[0], content[1:]


def read_object_identifier(element: Element) -> str:
    """Dotted numbers. Raises: MalformedDer: no OBJECT IDENTIFIER or not minimal (X.690 clause 8.19)."""
    return _dotted(_expect(element, OBJECT_IDENTIFIER, "an object identifier").content)


def read_generalized_time(element: Element) -> datetime:
    """An aware moment in UTC; fractions to the microsecond. Raises: MalformedDer: another form (X.690 clause 11.7)."""
    return _moment(_expect(element, GENERALIZED_TIME, "a time").content)


def encode(tag: int, *parts: bytes) -> bytes:
    """A value of this tag around the joined parts."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def encode_sequence(*parts: bytes) -> bytes:
    """SEQUENCE."""
    return encode(SEQUENCE, *parts)


def encode_set_of(*parts: bytes) -> bytes:
    """SET OF, sorted."""
    return encode(SET, *sorted(parts))


def context(number: int, *parts: bytes) -> bytes:
    """A constructed context-specific value: `[number] EXPLICIT` around one part, or `IMPLICIT` of a constructed type."""
    return encode(0xA0 | number, *parts)


def encode_integer(value: int) -> bytes:
    """INTEGER, minimal."""
    return encode(INTEGER, value.to_bytes(((value if value >= 0 else ~value).bit_length() // 8) + 1, signed=True))


def encode_octets(value: bytes) -> bytes:
    """OCTET STRING."""
    return encode(OCTET_STRING, value)


@lru_cache(maxsize=256)
def encode_object_identifier(dotted: str) -> bytes:
    """OBJECT IDENTIFIER of dotted numbers."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | (arc & 0x7F))
        content.extend(reversed(groups))
    return encode(OBJECT_IDENTIFIER, bytes(content))


def encode_generalized_time(moment: datetime) -> bytes:
    """An aware moment; the fraction is left out when it is zero and has no trailing zeros otherwise (X.690 clause 11.7)."""
    utc = moment.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}".rstrip("0") if utc.microsecond else ""
    return encode(GENERALIZED_TIME, f"{utc:%Y%m%d%H%M%S}{fraction}Z".encode())


def _expect(element: Element, tag: int, name: str) -> Element:
    if element.tag != tag:
        raise MalformedDer(f"expected {name} with tag {tag:02X}")
    return element


def _elements(content: bytes, depth: int) -> tuple[Element, ...]:
    if depth > _MAX_DEPTH:
        raise MalformedDer(f"expected at most {_MAX_DEPTH} levels")
    found: list[Element] = []
    position, limit = 0, len(content)
    while position < limit:
        # The short form of a length in place, as nearly all values have it.
        tag, start = content[position], position + 2
        end = start + content[position + 1] if start <= limit else limit + 1
        if end > limit or content[position + 1] >= 0x80 or tag in _NO_TAGS:
            tag, start, end = _header(content, position, limit)
        # As `Element(...)`, without the detour by keyword arguments.
        found.append(_new(Element, (tag, content[start:end], content[position:end], depth)))
        position = end
        if len(found) > _MAX_CHILDREN:
            raise MalformedDer(f"expected at most {_MAX_CHILDREN} values in one value")
    return tuple(found)


def _require_inside(data: bytes, outer: int, depth: int) -> None:
    """Read everything in the content of a constructed value with tag `outer`, without making elements of it."""
    waiting = [(0, len(data), outer, depth + 1)]
    while waiting:
        position, limit, around, level = waiting.pop()
        if level > _MAX_DEPTH:
            raise MalformedDer(f"expected at most {_MAX_DEPTH} levels")
        earlier = b""
        count = 0
        while position < limit:
            tag, start = data[position], position + 2
            end = start + data[position + 1] if start <= limit else limit + 1
            if end > limit or data[position + 1] >= 0x80 or tag in _NO_TAGS:
                tag, start, end = _header(data, position, limit)
            if tag & _CONSTRUCTED:
                # Certificates and lists stand in a [0], in signed data and in archived revocation data.
                if around == _IN_ZERO and _LEAST_KNOWN <= end - start <= _MOST_KNOWN:
                    _require_known(data[start:end], tag, level)
                else:
                    waiting.append((start, end, tag, level + 1))
            elif (check := _PRIMITIVE_CHECKS.get(tag)) is not None:
                check(data[start:end])
            if around == SET:
                if (encoded := data[position:end]) < earlier:
                    raise MalformedDer("expected the members of a set in ascending order")
                earlier = encoded
            position = end
            count += 1
            if count > _MAX_CHILDREN:
                raise MalformedDer(f"expected at most {_MAX_CHILDREN} values in one value")


# At most 256 values of 4 KiB; a refusal is not remembered.
_require_known = lru_cache(maxsize=256)(_require_inside)


def _header(data: bytes, position: int, limit: int) -> tuple[int, int, int]:
    """Identifier octet, start and end of the content, which must end at or before `limit` (X.690 clauses 8.1.2, 8.1.3 and 10.1)."""
    start = position + 2
    if start > limit:
        raise MalformedDer("expected an identifier and a length")
    tag, length = data[position], data[position + 1]
    if tag in _NO_TAGS:
        raise MalformedDer("expected a tag number between 1 and 30, or a context tag below 31")
    if length >= 0x80:
        length, start = _long_length(data, start, limit)
    end = start + length
    if end > limit:
        raise MalformedDer("expected as many bytes as the length says")
    return tag, start, end


def _long_length(data: bytes, start: int, limit: int) -> tuple[int, int]:
    """Length and start of the content, of a length in the long form whose bytes begin at `start`."""
    count = data[start - 1] & 0x7F
    if count == 0:
        raise MalformedDer("expected a definite length")
    if count > 4 or start + count > limit:
        raise MalformedDer("expected a length of at most four bytes")
    length = int.from_bytes(data[start : start + count])
    if length < 0x80 or length < 1 << (8 * (count - 1)):
        raise MalformedDer("expected a minimal length")
    return length, start + count


def _require_integer(content: bytes) -> None:
    if not content or (len(content) > 1 and ((content[0] == 0 and content[1] < 0x80) or (content[0] == 0xFF and content[1] >= 0x80))):
        raise MalformedDer("expected a minimal integer")


def _require_boolean(content: bytes) -> None:
    if content not in (b"\x00", b"\xff"):
        raise MalformedDer("expected a boolean of 00 or FF")


def _require_null(content: bytes) -> None:
    if content:
        raise MalformedDer("expected an empty null")


def _require_bit_string(content: bytes) -> None:
    if not content or content[0] > 7 or (content[0] and (len(content) == 1 or content[-1] & ((1 << content[0]) - 1))):
        raise MalformedDer("expected a bit string whose unused bits are zero")


def _moment(content: bytes) -> datetime:
    match = _MOMENT.fullmatch(content)
    if match is None:
        raise MalformedDer("expected a time as YYYYMMDDHHMMSS[.f]Z")
    year, month, day, hour, minute, second, fraction = match.groups(b"")
    try:
        return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), int(fraction.ljust(6, b"0")), tzinfo=UTC)
    except ValueError as error:
        raise MalformedDer("expected a time of the calendar") from error


@lru_cache(maxsize=256)
def _dotted(content: bytes) -> str:
    if not content or content[-1] & 0x80 or len(content) > 64:
        raise MalformedDer("expected a whole object identifier")
    arcs: list[int] = []
    arc = 0
    fresh = True
    for octet in content:
        if fresh and octet == 0x80:
            raise MalformedDer("expected a minimal object identifier")
        arc, fresh = (arc << 7) | (octet & 0x7F), not octet & 0x80
        if fresh:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


_PRIMITIVE_CHECKS: Mapping[int, Callable[[bytes], object]] = {
    BOOLEAN: _require_boolean,
    INTEGER: _require_integer,
    BIT_STRING: _require_bit_string,
    NULL: _require_null,
    OBJECT_IDENTIFIER: _dotted,
    GENERALIZED_TIME: _moment,
}
