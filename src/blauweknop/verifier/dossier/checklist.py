"""The checklist of a package: of each item whether it came, how sure it is, and what to do when it did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.questions import AskedItem, Question
from blauweknop.verifier.dossier.pieces import Piece

__all__ = ["ChecklistLine", "Standing", "checklist"]


class Standing(StrEnum):
    """How an item stands."""

    CERTIFIED = "certified"
    DOUBTFUL = "doubtful"  # it came, and a remark says what to ask
    REFUSED = "refused"  # it came, and does not count any more
    OTHERWISE = "otherwise"  # another item of the same choice came, which is enough
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    item: AskedItem
    standing: Standing
    pieces: tuple[Piece, ...]


def checklist(question: Question, pieces: Sequence[Piece]) -> tuple[ChecklistLine, ...]:
    """In the order of the question; an item that is asked of a whole family has a piece of each organisation."""
    came = {piece.asked.one_of for piece in pieces if piece.asked is not None and piece.asked.one_of is not None}
    return tuple(_line(item, tuple(piece for piece in pieces if piece.asked == item), came) for item in question.items)


def _line(item: AskedItem, pieces: tuple[Piece, ...], came: set[str]) -> ChecklistLine:
    colours = {piece.item.colour for piece in pieces}
    if not pieces:
        standing = Standing.OTHERWISE if item.one_of is not None and item.one_of in came else Standing.MISSING
    elif Colour.RED in colours:
        standing = Standing.REFUSED
    elif Colour.ORANGE in colours:
        standing = Standing.DOUBTFUL
    else:
        standing = Standing.CERTIFIED
    return ChecklistLine(item, standing, pieces)
