"""QR codes of texts that differ only in their last 32 hex digits, each in two microseconds.

With one mask and one version each module of a QR code is a sum modulo 2 of bits of its text (ISO/IEC 18004, 7.5: Reed-Solomon codes are
linear; 7.8: the mask is a constant). So the code of any text is that of one text, with the differences that single bits make added to it.
"""

from functools import lru_cache

import segno

__all__ = ["QrFamily", "qr_family"]

_DIGITS = 32
_HEXADECIMAL = "0123456789abcdef"
_BITS = (1, 2, 4, 8, 16, 64)  # in which the code of a hex digit differs from that of "0"


class QrFamily:
    """The codes of all texts with the same beginning; `side` is the number of modules in a row, without quiet zone."""

    def __init__(self, beginning: str) -> None:
        zeros = "0" * _DIGITS
        self.side, self._base = _modules(beginning + zeros)
        self._size = -(-self.side // 8) * self.side
        self._differences: list[dict[str, int]] = []
        for place in range(_DIGITS):
            before, after = beginning + zeros[:place], zeros[place + 1 :]
            bits = {bit: _modules(before + chr(ord("0") ^ bit) + after)[1] ^ self._base for bit in _BITS}
            self._differences.append({digit: _sum(bits, ord(digit) ^ ord("0")) for digit in _HEXADECIMAL})

    def bits(self, number: str) -> bytes:
        """The modules row by row, each row filled up to whole bytes; a dark module is 1. `number`: 32 lower case hex digits."""
        code = self._base
        for differences, digit in zip(self._differences, number, strict=True):
            code ^= differences[digit]
        return code.to_bytes(self._size, "big")


@lru_cache(maxsize=16)
def qr_family(beginning: str) -> QrFamily:
    """The family of this beginning; to make it takes some 200 codes, 0.2 s."""
    return QrFamily(beginning)


def _sum(bits: dict[int, int], wanted: int) -> int:
    result = 0
    for bit, difference in bits.items():
        if wanted & bit:
            result ^= difference
    return result


def _modules(words: str) -> tuple[int, int]:
    # The same settings as `typesetting.qr_svg`.
    matrix = segno.make(words, error="m", boost_error=False, mask=0, mode="byte").matrix
    width = -(-len(matrix) // 8) * 8
    number = 0
    for row in matrix:
        number = number << width | int("".join(map(str, row)), 2) << width - len(row)
    return len(matrix), number
