"""Numbers that identify people and organisations; parsed once at the border, right ever after."""

import re
from dataclasses import dataclass, field
from typing import Self

from blauweknop.domain.errors import MalformedValue

__all__ = ["Bsn", "Oin", "eleven_test"]

_BSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def eleven_test(digits: str) -> bool:
    """Whether nine digits pass the 11-test of the burgerservicenummer (Wabb; weights 9..2 and -1, not all zero)."""
    if not re.fullmatch(r"[0-9]{9}", digits) or digits == "000000000":
        return False
    return sum(weight * int(digit) for weight, digit in zip(_BSN_WEIGHTS, digits, strict=True)) % 11 == 0


@dataclass(frozen=True, slots=True)
class Bsn:
    """A burgerservicenummer: nine digits, leading zeros significant, hidden from `repr` and `str`."""

    digits: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read nine digits.

        Raises:
            MalformedValue: not nine digits, or the 11-test fails.
        """
        if not eleven_test(text):
            raise MalformedValue("expected a burgerservicenummer: nine digits that pass the 11-test")
        return cls(text)

    def __str__(self) -> str:
        return "Bsn(hidden)"


@dataclass(frozen=True, slots=True)
class Oin:
    """An organisatie-identificatienummer: twenty digits (Logius OIN-Stelsel ch. 6); test numbers start with 00000099."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read twenty digits.

        Raises:
            MalformedValue: anything else.
        """
        if not re.fullmatch(r"[0-9]{20}", text):
            raise MalformedValue("expected an OIN: twenty digits")
        return cls(text)

    def __str__(self) -> str:
        return self.digits
