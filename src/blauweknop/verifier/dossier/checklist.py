"""The checklist of a package: of each item whether it came, how sure it is, and what to do when it did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import TOO_OLD
from blauweknop.verifier.asking.questions import AskedItem, Question
from blauweknop.verifier.dossier.pieces import Piece

__all__ = ["ChecklistLine", "Standing", "checklist", "most_urgent_first", "most_urgent_pieces", "standing_of"]


class Standing(StrEnum):
    """How an item stands."""

    CERTIFIED = "certified"
    DOUBTFUL = "doubtful"  # it came, and a remark says what to ask
    OLD = "old"  # it came and is real, and its data are older by now than was asked for
    REFUSED = "refused"  # it came, and does not count any more
    OTHERWISE = "otherwise"  # another item of the same choice came, which is enough
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    item: AskedItem
    standing: Standing
    pieces: tuple[Piece, ...]


_FIRST = (Standing.REFUSED, Standing.DOUBTFUL, Standing.OLD, Standing.MISSING, Standing.CERTIFIED, Standing.OTHERWISE)


def checklist(question: Question, pieces: Sequence[Piece], *, on: date) -> tuple[ChecklistLine, ...]:
    """In the order of the question; an item that is asked of a whole family has a piece of each organisation.

    `on` is the day of looking.
    """
    came = {piece.asked.one_of for piece in pieces if piece.asked is not None and piece.asked.one_of is not None}
    return tuple(_line(item, tuple(piece for piece in pieces if piece.asked == item), came, on) for item in question.items)


def most_urgent_first(lines: Sequence[ChecklistLine]) -> tuple[ChecklistLine, ...]:
    """What somebody must do something about stands before the rest; of what is missing what is required."""
    return tuple(sorted(lines, key=lambda line: (_FIRST.index(line.standing), not line.item.required)))


def most_urgent_pieces(pieces: Sequence[Piece], *, on: date) -> tuple[Piece, ...]:
    """The same for pieces."""
    return tuple(sorted(pieces, key=lambda piece: _FIRST.index(standing_of(piece, on=on))))


def standing_of(piece: Piece, *, on: date) -> Standing:
    """How one piece stands."""
    reasons = {*piece.item.reasons}
    if piece.item.colour is Colour.RED:
        return Standing.REFUSED
    if piece.item.colour is Colour.ORANGE and reasons != {TOO_OLD}:
        return Standing.DOUBTFUL
    return Standing.OLD if piece.old_on(on) or TOO_OLD in reasons else Standing.CERTIFIED


def _line(item: AskedItem, pieces: tuple[Piece, ...], came: set[str], on: date) -> ChecklistLine:
    standings = {standing_of(piece, on=on) for piece in pieces}
    if not pieces:
        standing = Standing.OTHERWISE if item.one_of is not None and item.one_of in came else Standing.MISSING
    else:
        standing = min(standings, key=_FIRST.index)
    return ChecklistLine(item, standing, pieces)
