"""Where pieces of one source say different things: figures take one of them, and somebody must ask which is right.

What `insight` finds within the pieces that count is in its remarks; this is about pieces beside each other.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.document import JsonValue
from blauweknop.verifier.dossier.pieces import Piece

__all__ = ["differences"]

_MANY_OF_ONE = frozenset({"gem.belastingaanslag"})
"""Data sets of which a source gives one for each bill."""


def differences(pieces: Sequence[Piece], language: str) -> tuple[str, ...]:
    """Of pieces that count, in words, each pair once."""
    return tuple(
        sentence(f"dossier.differs.{kind}", language, source=one.item.issuer or "", one=one.number, other=other.number)
        for one, other in combinations(pieces, 2)
        if (kind := _between(one, other)) is not None
    )


def _between(one: Piece, other: Piece) -> Literal["same_day", "newest", "summary"] | None:
    if one.source != other.source or one.item.dataset in _MANY_OF_ONE:
        return None
    same_day = one.reference_day == other.reference_day
    if one.is_document == other.is_document:
        return "same_day" if same_day else "newest"
    return "summary" if same_day and _contradict(one.values, other.values) else None


def _contradict(one: Mapping[str, JsonValue], other: Mapping[str, JsonValue]) -> bool:
    """A document and its summary: in amounts, numbers and yes or no, which have one form in both."""
    return any(
        isinstance(one[name], int) and isinstance(other[name], int) and one[name] != other[name] for name in one.keys() & other.keys()
    )
