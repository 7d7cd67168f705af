"""Changes of CBOR by its items: heads, lengths, tags, order and content, also of CBOR inside byte strings.

Written apart from the product's own reader, so that both do not share a mistake.
"""

from dataclasses import dataclass, field
from random import Random

from fuzz.mutators.octets import change_octets, some_number

__all__ = ["change_cbor"]

_RAW = (
    b"\xf7", b"\xf8\xff", b"\xf9\x3c\x00", b"\xfa\x3f\x80\x00\x00", b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00", b"\xff", b"\x1c", b"\x9f\xff",
    b"\x5f\x41a\xff", b"\xbf\xff", b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", b"\x5a\xff\xff\xff\xff", b"\xba\x00\x10\x00\x00", b"\x18\x05",
    b"\x1b" + b"\xff" * 8, b"\x3b" + b"\xff" * 8, b"\xc2\x49\x01" + bytes(8), b"\xc0\x74" + b"2026-11-23T12:00:00Z", b"\x62\xff\xfe",
    b"\xa2\x01\x02\x01\x03",
)  # fmt: skip
_KINDS = 8


@dataclass(slots=True)
class _Item:
    kind: int
    number: int
    content: bytes = b""
    inner: "list[_Item]" = field(default_factory=list)
    within: bool = False  # whether `inner` is CBOR inside a byte string
    wide: bool = False
    raw: bytes | None = None

    def encoded(self) -> bytes:
        if self.raw is not None:
            return self.raw
        content = b"".join(item.encoded() for item in self.inner) if self.inner else self.content
        number = len(content) if self.kind in (2, 3) else self.number
        return _head(self.kind, number, wide=self.wide) + content

    def copied(self) -> "_Item":
        """The same bytes, so that no item comes to be inside itself."""
        return _Item(self.kind, self.number, raw=self.encoded())


def change_cbor(random: Random, data: bytes) -> bytes:
    """The item with one to three inner items changed; bytes that are no CBOR are changed as bytes."""
    items = _items(data)
    if not items or not random.randrange(12):
        return change_octets(random, data)
    for _ in range(random.randint(1, 3)):
        _change(random, items)
    return b"".join(item.encoded() for item in items)


def _head(kind: int, number: int, *, wide: bool) -> bytes:
    number = abs(number)
    if number < 24 and not wide:
        return bytes((kind << 5 | number,))
    size = next((size for size in (1, 2, 4, 8) if number < 1 << 8 * size), 8)
    size = min(size * 2, 8) if wide else size
    return bytes((kind << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size],)) + (number & (1 << 8 * size) - 1).to_bytes(size)


def _items(data: bytes) -> list[_Item]:
    """All items in these bytes; none when they are not CBOR to the end."""
    found, place = [], 0
    try:
        while place < len(data):
            item, place = _item(data, place, 0)
            found.append(item)
    except (IndexError, ValueError):
        return []
    return found


def _item(data: bytes, place: int, depth: int) -> tuple[_Item, int]:
    first = data[place]
    kind, number, place = first >> 5, first & 31, place + 1
    if depth > 40 or number > 27 or (kind == 7 and number > 23):
        raise ValueError
    if number > 23:
        size = 1 << number - 24
        number, place = int.from_bytes(data[place : place + size]), place + size
    item = _Item(kind, number)
    if kind in (2, 3):
        item.content, place = data[place : place + number], place + number
        if place > len(data):
            raise ValueError
        item.inner = (
            _items(item.content) if kind == 2 and item.content[:1] in (b"\xa1", b"\xa2", b"\xa4", b"\xa6", b"\xa7", b"\xd8") else []
        )
    for _ in range({4: number, 5: 2 * number, 6: 1}.get(kind, 0)):
        inner, place = _item(data, place, depth + 1)
        item.inner.append(inner)
    return item, place


def _change(random: Random, items: list[_Item]) -> None:
    holders = _holders(items)
    holder = random.choice(holders)
    place = random.randrange(len(holder))
    item = holder[place]
    match random.randrange(11):
        case 0:
            item.kind = random.randrange(_KINDS)
        case 1:
            item.number = some_number(random)
        case 2:
            item.wide = True
        case 3:
            holder.insert(place, item.copied())
        case 4 if len(holder) > 1:
            del holder[place]
        case 5 if len(holder) > 1:
            holder.insert(random.randrange(len(holder)), holder.pop(place))
        case 6:
            holder[place] = random.choice(random.choice(holders)).copied()
        case 7:
            for _ in range(random.choice((1, 15, 17, 2000))):
                holder[place] = _Item(0, 0, raw=b"\x81" + holder[place].encoded())
        case 8:
            item.raw = random.choice(_RAW)
        case 9:
            holder[place] = _Item(6, random.choice((0, 1, 2, 18, 24, 61, 1004, 55799)), inner=[item])
        case _:
            item.inner, item.content = [], change_octets(random, item.content)


def _holders(items: list[_Item]) -> list[list[_Item]]:
    found, waiting = [], [items]
    while waiting:
        holder = waiting.pop()
        found.append(holder)
        waiting.extend(item.inner for item in holder if item.inner)
    return found
