"""Changes of DER by its values: tags, lengths, order and content; the lengths around a change fit again, unless they are the change.

Written apart from the product's own reader, so that both do not share a mistake.
"""

from dataclasses import dataclass, field
from random import Random

from fuzz.mutators.octets import change_octets

__all__ = ["change_der"]

_TAGS = (0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x13, 0x17, 0x18, 0x30, 0x31, 0xA0, 0xA1, 0xA2, 0x80, 0x00, 0x1F, 0x3F, 0xBF)
_CONTENTS = (
    b"", b"\x00", b"\xff", b"\x80", b"\x00\x01", b"\xff\xff", b"\x7f" * 21, b"\x08\x00", b"\x2a\x80\x01", b"\x2a\xff\xff\xff\x7f",
    b"\x81" * 70, b"20261123120000Z", b"00000101000000Z", b"99991231235959.999999Z", b"20260230000000Z", b"991231235959Z", b"a" * 300,
)  # fmt: skip


@dataclass(slots=True)
class _Value:
    tag: int
    content: bytes
    inner: "list[_Value]" = field(default_factory=list)
    length: bytes | None = None  # instead of the right one

    def encoded(self) -> bytes:
        content = b"".join(value.encoded() for value in self.inner) if self.inner else self.content
        return bytes((self.tag,)) + (_length(len(content)) if self.length is None else self.length) + content

    def copied(self) -> "_Value":
        """The same bytes, so that no value comes to be inside itself."""
        return _Value(self.tag, b"".join(value.encoded() for value in self.inner) if self.inner else self.content)


def change_der(random: Random, data: bytes) -> bytes:
    """The value with one to three inner values changed; bytes that are no DER are changed as bytes."""
    values = _read(data, 0)
    if not values or not random.randrange(12):
        return change_octets(random, data)
    for _ in range(random.randint(1, 3)):
        _change(random, values)
    return b"".join(value.encoded() for value in values)


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((0x80 | len(octets),)) + octets


def _read(data: bytes, depth: int) -> list[_Value]:
    """The values in these bytes; none when they are not DER to the end."""
    values, place = [], 0
    while place < len(data):
        if place + 2 > len(data):
            return []
        tag, size, start = data[place], data[place + 1], place + 2
        if size & 0x80:
            count = size & 0x7F
            size, start = int.from_bytes(data[start : start + count]), start + count
        end = start + size
        if end > len(data):
            return []
        content = data[start:end]
        # An octet string often holds DER, and a bit string after its first byte.
        inner = _read(content, depth + 1) if depth < 40 and (tag & 0x20 or (tag == 0x04 and content[:1] == b"\x30")) else []
        values.append(_Value(tag, content, inner))
        place = end
    return values


def _change(random: Random, values: list[_Value]) -> None:
    lists = _lists(values)
    siblings = random.choice(lists)
    place = random.randrange(len(siblings))
    value = siblings[place]
    match random.randrange(12):
        case 0:
            value.tag = random.choice(_TAGS)
        case 1:
            value.tag ^= 1 << random.randrange(8)
        case 2:
            value.length = random.choice(
                (b"\x80", b"\x81\x05", b"\x82\x00\xff", b"\x84\xff\xff\xff\xff", b"\x85\x01\x00\x00\x00\x00", b"\xff")
            )
        case 3:
            siblings.insert(place, value)
        case 4 if len(siblings) > 1:
            del siblings[place]
        case 5 if len(siblings) > 1:
            siblings.insert(random.randrange(len(siblings)), siblings.pop(place))
        case 6:
            siblings[place] = random.choice(random.choice(lists)).copied()
        case 7:
            for _ in range(random.choice((1, 3, 40, 70))):
                siblings[place] = _Value(random.choice((0x30, 0x31, 0xA0)), b"", [siblings[place]])
        case 8 if value.inner:
            siblings[place] = _Value(value.tag, change_octets(random, b"".join(inner.encoded() for inner in value.inner)))
        case 9:
            value.inner, value.content = [], random.choice(_CONTENTS)
        case 10:
            value.inner, value.content = [], value.content + random.choice(_CONTENTS)
        case _:
            value.inner, value.content = [], change_octets(random, value.content)


def _lists(values: list[_Value]) -> list[list[_Value]]:
    found, waiting = [], [values]
    while waiting:
        siblings = waiting.pop()
        found.append(siblings)
        waiting.extend(value.inner for value in siblings if value.inner)
    return found
