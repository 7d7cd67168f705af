"""Changes of bytes without knowledge of what they are."""

from random import Random

__all__ = ["NUMBERS", "change_octets", "some_number"]

NUMBERS = (0, 1, 2, 7, 8, 127, 128, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, 10**31, -1, -(2**63))
"""Numbers at which something ends."""

_WORDS = (b"\x00", b"\xff", b"\r\n", b"\n\n", b"\x80" * 8, b"\x00" * 16, b"A" * 300, b"(", b")", b"<<", b">>", b"[", b"]", b"{", b"}", b'"')


def some_number(random: Random) -> int:
    """One of NUMBERS, or one beside it, or a small one."""
    return random.choice((random.choice(NUMBERS), random.choice(NUMBERS) + random.choice((-1, 1)), random.randrange(300)))


def change_octets(random: Random, data: bytes) -> bytes:
    """The bytes with one to four places changed."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        _change(random, changed)
    return bytes(changed)


def _change(random: Random, data: bytearray) -> None:
    place = random.randrange(len(data) + 1)
    length = random.choice((1, 1, 2, 4, 16, 200))
    match random.randrange(6):
        case 0 if place < len(data):
            data[place] ^= 1 << random.randrange(8)
        case 1 if place < len(data):
            data[place] = random.randrange(256)
        case 2:
            del data[place : place + length]
        case 3:
            data[place:place] = random.choice(_WORDS)
        case 4:
            other = random.randrange(len(data) + 1)
            data[place:place] = data[other : other + length]
        case _:
            other = random.randrange(len(data) + 1)
            data[place : place + length] = data[other : other + length]
