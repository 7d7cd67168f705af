"""An amount that is known exactly, or only as far as a conclusion about it says; and the sum of two of them."""

from dataclasses import dataclass, field
from enum import StrEnum

from blauweknop.domain.errors import MalformedValue

__all__ = ["AmountRange", "Reach"]


class Reach(StrEnum):
    """Whether an amount reaches another."""

    ENOUGH = "enough"
    TOO_LITTLE = "too_little"
    OPEN = "open"  # it may or may not: the range has both


@dataclass(frozen=True, slots=True)
class AmountRange:
    """Whole cents from `least` up to, and not including, `below`; without `below` there is no end."""

    least: int = field(repr=False)
    below: int | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.below is not None and self.below <= self.least:
            raise MalformedValue("expected a range with an amount in it")

    @classmethod
    def exactly(cls, cents: int) -> "AmountRange":
        return cls(cents, cents + 1)

    @property
    def exact(self) -> int | None:
        """The amount, when there is only one."""
        return self.least if self.below == self.least + 1 else None

    def plus(self, other: "AmountRange") -> "AmountRange":
        """Where the sum of an amount in each of them lies, and no wider."""
        below = None if self.below is None or other.below is None else self.below + other.below - 1
        return AmountRange(self.least + other.least, below)

    def and_in(self, other: "AmountRange") -> "AmountRange | None":
        """What is in both; None when nothing is, so that they contradict each other."""
        ends = [end for end in (self.below, other.below) if end is not None]
        least, below = max(self.least, other.least), min(ends, default=None)
        return None if below is not None and below <= least else AmountRange(least, below)

    def reaches(self, needed: int) -> Reach:
        """Whether every amount in it is `needed` or more, or every one is less."""
        if self.least >= needed:
            return Reach.ENOUGH
        return Reach.TOO_LITTLE if self.below is not None and self.below <= needed else Reach.OPEN
