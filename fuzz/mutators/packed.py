"""Changes of zlib streams: their content, their head and their end, and ones that unpack to very much."""

import zlib
from random import Random

from fuzz.mutators.octets import change_octets

__all__ = ["change_packed"]


def change_packed(random: Random, packed: bytes) -> bytes:
    """Another stream, most of them whole."""
    try:
        content = zlib.decompressobj().decompress(packed, 1 << 20)
    except zlib.error:
        content = b""
    match random.randrange(60):
        case 0:
            return zlib.compress(bytes(random.choice((1 << 22, (1 << 22) + 1, 1 << 25))), 9)
        case number if number % 6 == 1:
            return packed + random.choice((b"\x00", packed, b"\xff" * 9))
        case number if number % 6 == 2:
            return packed[: -random.randint(1, 6)]
        case number if number % 6 == 3:
            return zlib.compress(content, random.randrange(10))
        case number if number % 6 == 4:
            empty = zlib.compressobj(wbits=-15)
            return packed[:2] + (empty.flush(zlib.Z_FULL_FLUSH) * random.choice((1, 1000))) + packed[2:]
        case number if number % 6 == 5:
            return zlib.compress(change_octets(random, content))
    return change_octets(random, packed)
