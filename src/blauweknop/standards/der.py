"""Strict DER (X.690 clause 10): signatures are over bytes, so there is one way to write a value and every other way is refused.

Reading is lazy: an `Element` knows its own bytes, its children are read when asked for. `require_der` reads all of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

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
_MOMENT = re.compile(rb"([0-9]{14})(?:\.([0-9]{0,5}[1-9]))?Z")


class MalformedDer(BlauweKnopError):
    """Bytes that are not the DER of what was expected; the text names the part, never its content."""


@dataclass(frozen=True, slots=True)
class Element:
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
        return tuple(_elements(self.content, self.depth + 1))


def parse(data: bytes, *, max_bytes: int = _MAX_BYTES) -> Element:
    """Read exactly one value that fills `data`.

    Raises:
        MalformedDer: too large, cut off, followed by other bytes, or not DER.
    """
    if len(data) > max_bytes:
        raise MalformedDer(f"expected at most {max_bytes} bytes")
    element = _element(data, 0, 0)
    if len(element.encoded) != len(data):
        raise MalformedDer("expected nothing after the value")
    return element


def require_der(element: Element) -> None:
    """Read everything inside, so that no part hides another encoding.

    Raises:
        MalformedDer: some inner value is not DER.
    """
    waiting = [element]
    while waiting:
        current = waiting.pop()
        if current.tag & _CONSTRUCTED:
            children = current.children()
            if current.tag == SET:
                require_set_order(children)
            waiting.extend(children)
        elif current.tag in _PRIMITIVE_CHECKS:
            _PRIMITIVE_CHECKS[current.tag](current)


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
    return _header(data, 0)[2]


class Fields:
    """The members of a SEQUENCE taken one by one, in their order; `end` proves that none was left."""

    def __init__(self, element: Element, name: str) -> None:
        """Raises: MalformedDer: `element` is no SEQUENCE."""
        self._name = name
        self._members = list(_expect(element, SEQUENCE, name).children())
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


def read_integer(element: Element) -> int:
    """Raises: MalformedDer: no INTEGER, or not minimal (X.690 clause 8.3.2)."""
    content = _expect(element, INTEGER, "an integer").content
    if not content or (len(content) > 1 and ((content[0] == 0 and content[1] < 0x80) or (content[0] == 0xFF and content[1] >= 0x80))):
        raise MalformedDer("expected a minimal integer")
    return int.from_bytes(content, signed=True)


def read_boolean(element: Element) -> bool:
    """Raises: MalformedDer: no BOOLEAN, or not 00 or FF (X.690 clause 11.1)."""
    content = _expect(element, BOOLEAN, "a boolean").content
    if content not in (b"\x00", b"\xff"):
        raise MalformedDer("expected a boolean of 00 or FF")
    return content == b"\xff"


def read_null(element: Element) -> None:
    """Raises: MalformedDer: no NULL."""
    if _expect(element, NULL, "a null").content:
        raise MalformedDer("expected an empty null")


def read_bit_string(element: Element) -> tuple[int, bytes]:
    """The number of unused bits and the bytes; unused bits are zero. Raises: MalformedDer: otherwise (X.690 clause 11.2)."""
    content = _expect(element, BIT_STRING, "a bit string").content
    if not content or content[0] > 7 or (content[0] and (len(content) == 1 or content[-1] & ((1 << content[0]) - 1))):
        raise MalformedDer("expected a bit string whose unused bits are zero")
    return content[0], content[1:]


def read_object_identifier(element: Element) -> str:
    """Dotted numbers. Raises: MalformedDer: no OBJECT IDENTIFIER or not minimal (X.690 clause 8.19)."""
    return _dotted(_expect(element, OBJECT_IDENTIFIER, "an object identifier").content)


def read_generalized_time(element: Element) -> datetime:
    """An aware moment in UTC; fractions to the microsecond. Raises: MalformedDer: another form (X.690 clause 11.7)."""
    match = _MOMENT.fullmatch(_expect(element, GENERALIZED_TIME, "a time").content)
    if match is None:
        raise MalformedDer("expected a time as YYYYMMDDHHMMSS[.f]Z")
    try:
        moment = datetime.strptime(match[1].decode() + "+0000", "%Y%m%d%H%M%S%z")
    except ValueError as error:
        raise MalformedDer("expected a time of the calendar") from error
    return moment.replace(microsecond=int((match[2] or b"").ljust(6, b"0")))


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


def _elements(content: bytes, depth: int) -> Iterator[Element]:
    if depth > _MAX_DEPTH:
        raise MalformedDer(f"expected at most {_MAX_DEPTH} levels")
    position = count = 0
    while position < len(content):
        element = _element(content, position, depth)
        position += len(element.encoded)
        count += 1
        if count > _MAX_CHILDREN:
            raise MalformedDer(f"expected at most {_MAX_CHILDREN} values in one value")
        yield element


def _element(data: bytes, position: int, depth: int) -> Element:
    tag, start, end = _header(data, position)
    return Element(tag, data[start:end], data[position:end], depth)


def _header(data: bytes, position: int) -> tuple[int, int, int]:
    """Identifier octet, start and end of the content (X.690 clauses 8.1.2, 8.1.3 and 10.1)."""
    if position + 2 > len(data):
        raise MalformedDer("expected an identifier and a length")
    tag, length, start = data[position], data[position + 1], position + 2
    if tag & 0x1F == 0x1F or tag == 0:
        raise MalformedDer("expected a tag number between 1 and 30, or a context tag below 31")
    if length == 0x80:
        raise MalformedDer("expected a definite length")
    if length > 0x80:
        count = length & 0x7F
        if count > 4 or start + count > len(data):
            raise MalformedDer("expected a length of at most four bytes")
        length, start = int.from_bytes(data[start : start + count]), start + count
        if length < 0x80 or length < 1 << (8 * (count - 1)):
            raise MalformedDer("expected a minimal length")
    if start + length > len(data):
        raise MalformedDer("expected as many bytes as the length says")
    return tag, start, start + length


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


_PRIMITIVE_CHECKS = {
    BOOLEAN: read_boolean,
    INTEGER: read_integer,
    BIT_STRING: read_bit_string,
    NULL: read_null,
    OBJECT_IDENTIFIER: read_object_identifier,
    GENERALIZED_TIME: read_generalized_time,
}
