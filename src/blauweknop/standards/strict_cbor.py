"""CBOR that every parser reads alike (RFC 8949): no duplicate keys, no fractions, only tags that were asked for; and one way to write it.

What two parsers read differently, an attacker can sign once and show twice. Reading makes room for no more than the bytes at hand can
hold: a declared length is a claim of the sender. Written CBOR is that of section 4.2.1 (deterministic encoding).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from blauweknop.domain.errors import BlauweKnopError

__all__ = [
    "ARRAY",
    "BYTES",
    "MAP",
    "TAG",
    "TEXT",
    "UNSIGNED",
    "CborValue",
    "Encoded",
    "MalformedCbor",
    "Tagged",
    "Writable",
    "read_cbor",
    "write_cbor",
    "write_head",
]

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)
"""The major types (section 3.1)."""

_MAX_DEPTH = 16
_MAX_ITEMS = 20_000
_OPEN = -1  # a length that is not given: the items end with a break
_BREAK = 0xFF
_MOST = (1 << 63) - 1
_SIZES = {24: 1, 25: 2, 26: 4, 27: 8}
_LEAST = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
_SIMPLE_VALUES: Mapping[int, bool | None] = {0xF4: False, 0xF5: True, 0xF6: None}
_SHORT_HEADS = [
    [bytes((kind << 5 | number,)) if number < 24 else bytes((kind << 5 | 24, number)) for number in range(256)] for kind in range(8)
]
# How many items each kind of container holds for one of its length; a string that is open holds pieces.
_LENGTHS = {BYTES: 1, TEXT: 1, ARRAY: 1, MAP: 2}
_KEY_TYPES = frozenset({int, str})


class MalformedCbor(BlauweKnopError):
    """Not CBOR, or CBOR that could be read in two ways; the text names the rule, never a value."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value with a tag before it (section 3.4)."""

    number: int
    value: "CborValue" = field(repr=False)


@dataclass(frozen=True, slots=True)
class Encoded:
    """One item that was written before."""

    data: bytes = field(repr=False)


CborValue = None | bool | int | str | bytes | list["CborValue"] | dict[int | str, "CborValue"] | Tagged
Writable = CborValue | Encoded | Sequence["Writable"] | Mapping[int, "Writable"] | Mapping[str, "Writable"]


def read_cbor(
    data: bytes,
    *,
    max_bytes: int,
    tags: Collection[int] = (),
    max_depth: int = _MAX_DEPTH,
    max_items: int = _MAX_ITEMS,
    any_lengths: bool = False,
) -> CborValue:
    """Read the one item that `data` is; numbers fit in 64 bits, keys are numbers or text, `tags` are the only ones allowed.

    Numbers and lengths are as short as can be, and lengths stand before their items (preferred serialization, section 4.1); with
    `any_lengths` they may be longer than needed, or left open.

    Raises:
        MalformedCbor: too large, deep or many; cut off; something after the item; a key twice; a fraction; another simple value than
            false, true and null; another tag; text that is not UTF-8.
    """
    if len(data) > max_bytes:
        raise MalformedCbor(f"expected CBOR of at most {max_bytes} bytes")
    try:
        (value,), end = _Reading(data, tags, max_items, any_lengths).items(0, 1, max_depth)
    except IndexError as error:
        raise MalformedCbor("expected a whole item of CBOR") from error
    except UnicodeDecodeError as error:
        raise MalformedCbor("expected text of CBOR in UTF-8") from error
    if end != len(data):
        raise MalformedCbor("expected one whole item of CBOR and nothing after it")
    return value


def write_cbor(value: Writable) -> bytes:
    """The one encoding of a value.

    Raises:
        MalformedCbor: a number beyond 64 bits, text with half a character, a kind of value that this scheme does not write.
    """
    try:
        return _encoded(value)
    except UnicodeEncodeError as error:
        raise MalformedCbor("expected text of whole characters") from error


def write_head(kind: int, number: int) -> bytes:
    """What an item begins with: its major type, and its number, length or tag (section 3).

    Raises:
        MalformedCbor: a number beyond 64 bits.
    """
    if number < 256:
        return _SHORT_HEADS[kind][number]
    for info, size in _SIZES.items():
        if number < 1 << 8 * size and number <= _MOST:
            return bytes((kind << 5 | info,)) + number.to_bytes(size)
    raise MalformedCbor("expected whole numbers of at most 64 bits")


class _Reading:
    """What may still be read of these bytes."""

    __slots__ = ("_any_lengths", "_data", "_left", "_tags")

    def __init__(self, data: bytes, tags: Collection[int], max_items: int, any_lengths: bool) -> None:
        self._data = data
        self._tags = tags
        self._left = max_items
        self._any_lengths = any_lengths

    def items(self, at: int, count: int, levels: int) -> tuple[list[CborValue], int]:
        """So many items from this place, and where they end.

        A string that is cut off ends beyond the bytes, where no item begins and where the whole does not end.
        """
        data = self._data
        if count > len(data) - at:
            raise MalformedCbor("expected one whole item of CBOR and nothing after it")
        self._left -= count
        if self._left < 0:
            raise MalformedCbor("expected fewer items of CBOR")
        found: list[CborValue] = []
        for _ in range(count):
            first = data[at]
            at += 1
            kind, number = first >> 5, first & 31
            if number > 23:
                number, at = self._long_number(first, at)
            if number >= 0 and kind <= TEXT:
                if kind == TEXT:
                    start, at = at, at + number
                    found.append(data[start:at].decode())
                elif kind == BYTES:
                    start, at = at, at + number
                    found.append(data[start:at])
                else:
                    found.append(number if kind == UNSIGNED else -1 - number)
            elif first in _SIMPLE_VALUES:
                found.append(_SIMPLE_VALUES[first])
            else:
                value, at = self._container(kind, number, at, levels - 1)
                found.append(value)
        return found, at

    def _long_number(self, first: int, at: int) -> tuple[int, int]:
        """The number after the first byte, and where it ends; none for a length that is left open."""
        info = first & 31
        if info == 24 and first < SIMPLE << 5:
            number = self._data[at]
            end = at + 1
        elif info == 31 and self._any_lengths:
            return _OPEN, at
        elif info in _SIZES and first < SIMPLE << 5:
            end = at + _SIZES[info]
            number = int.from_bytes(self._data[at:end])
        else:
            raise MalformedCbor("expected CBOR of known lengths, without fractions")
        if number > _MOST:
            raise MalformedCbor("expected whole numbers of at most 64 bits")
        if number < _LEAST[info] and not self._any_lengths:
            raise MalformedCbor("expected numbers of CBOR as short as can be")
        return number, end

    def _container(self, kind: int, number: int, at: int, levels: int) -> tuple[CborValue, int]:
        if levels < 0:
            raise MalformedCbor("expected CBOR of fewer levels")
        if kind == TAG and number in self._tags:
            (value,), at = self.items(at, 1, levels)
            return Tagged(number, value), at
        if kind not in _LENGTHS:
            raise MalformedCbor("expected only known tags and simple values in CBOR")
        if number == _OPEN:
            items, at = self._until_break(kind, at, levels)
        else:
            items, at = self.items(at, number * _LENGTHS[kind], levels)
        if kind == MAP:
            return _map(items), at
        return (items if kind == ARRAY else _joined(kind, items)), at

    def _until_break(self, kind: int, at: int, levels: int) -> tuple[list[CborValue], int]:
        items: list[CborValue] = []
        while self._data[at] != _BREAK:
            if kind <= TEXT and self._data[at] & 31 == 31:
                raise MalformedCbor("expected pieces of a string of CBOR with their lengths")
            (item,), at = self.items(at, 1, levels)
            items.append(item)
        return items, at + 1


def _map(items: list[CborValue]) -> dict[int | str, CborValue]:
    names, values = items[::2], items[1::2]
    if not _KEY_TYPES.issuperset(map(type, names)):
        raise MalformedCbor("expected keys of CBOR that are numbers or text")
    if len(names) != len(values):
        raise MalformedCbor("expected a value for each key of CBOR")
    found = dict(zip(names, values, strict=True))
    if len(found) != len(names):
        raise MalformedCbor("expected each key once in a map of CBOR")
    return found  # type: ignore[return-value] # the types of the keys were looked at


def _joined(kind: int, pieces: list[CborValue]) -> CborValue:
    texts = [piece for piece in pieces if isinstance(piece, str)]
    parts = [piece for piece in pieces if isinstance(piece, bytes)]
    if len(pieces) != len(texts if kind == TEXT else parts):
        raise MalformedCbor("expected pieces of a string of CBOR to be of its own kind")
    return "".join(texts) if kind == TEXT else b"".join(parts)


def _encoded(value: Writable) -> bytes:
    if isinstance(value, str):
        encoded = value.encode("utf-8")
        return write_head(TEXT, len(encoded)) + encoded
    if value is None or isinstance(value, bool):
        return b"\xf6" if value is None else b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return write_head(UNSIGNED, value) if value >= 0 else write_head(NEGATIVE, -1 - value)
    if isinstance(value, bytes):
        return write_head(BYTES, len(value)) + value
    if isinstance(value, Encoded):
        return value.data
    if isinstance(value, Tagged):
        return write_head(TAG, value.number) + _encoded(value.value)
    if isinstance(value, Mapping):
        members = sorted([(_key(name), inner) for name, inner in value.items()])
        return b"".join([write_head(MAP, len(members)), *(name + _encoded(inner) for name, inner in members)])
    if isinstance(value, Sequence):
        return b"".join([write_head(ARRAY, len(value)), *map(_encoded, value)])
    raise MalformedCbor("expected a value that CBOR of this scheme has")


@lru_cache(maxsize=1024, typed=True)
def _key(name: int | str) -> bytes:
    """Keys come back again and again."""
    if type(name) not in _KEY_TYPES:
        raise MalformedCbor("expected keys of CBOR that are numbers or text")
    return _encoded(name)
