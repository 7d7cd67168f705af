"""What came in an answer, piece by piece: each has a number, by which the page and every export name where a figure is from."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from blauweknop.document.package_claims import SHORT
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import PERSON_DIFFERS, Answer, CheckedItem, current_items, replaced_items
from blauweknop.verifier.asking.questions import AskedItem

__all__ = [
    "SAME_TWICE",
    "STATUS_SUSPENDED",
    "STATUS_UNKNOWN",
    "STATUS_WITHDRAWN",
    "Piece",
    "StatusCheck",
    "pieces_of",
    "replaced_pieces_of",
    "without_summaries",
]

STATUS_WITHDRAWN = "status_withdrawn"
"""The remark of a piece that its source withdrew after it came."""
STATUS_SUSPENDED = "status_suspended"
STATUS_UNKNOWN = "status_unknown"
"""The remark of a piece of which it could not be told whether its source withdrew it: that is never green."""

SAME_TWICE = "same_twice"
"""The remark of a piece that says the same as an earlier one of its source, such as another copy of one delivery: it counts once."""

_MOBILE = "mso_mdoc"
_VALID, _WITHDRAWN, _SUSPENDED = "valid", "withdrawn", "suspended"
_SURE = frozenset({_VALID, _WITHDRAWN, _SUSPENDED})


@dataclass(frozen=True, slots=True)
class StatusCheck:
    """What the sources said of the pieces at a later moment, by their numbers: a word of `checking.status`, or that it is unknown."""

    at: datetime
    said: Mapping[int, str]

    def with_other(self, other: "StatusCheck") -> "StatusCheck":
        """What is known after both looks, whichever is kept first.

        1. What was withdrawn stays so.
        2. What the newer look says counts.
        3. Where that could not tell, what is known to be on hold stays so. What was good a while ago is not good by that.
        """
        older, newer = sorted((self, other), key=lambda check: check.at)
        return StatusCheck(
            newer.at, {**newer.said, **{number: word for number, word in older.said.items() if _stays(word, newer.said.get(number))}}
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that was shown, and the item of the question that it answers; `checked_at` is when its status was last looked at.

    `received` is how it came, `item` how it stands now.
    """

    number: int
    received: CheckedItem
    item: CheckedItem
    asked: AskedItem | None
    checked_at: datetime

    @property
    def key(self) -> str:
        """Its anchor on the page; it says nothing of a person."""
        return f"stuk-{self.number}"

    @property
    def is_document(self) -> bool:
        """Whether it is (a part of) the document itself, with rows; else single values of its summary."""
        return not self.item.credential.endswith(SHORT) and isinstance(self.item.claims.get("data"), dict)

    @property
    def values(self) -> Mapping[str, JsonValue]:
        """The data of the document, or the claims of the summary; of a mobile document they are by namespace."""
        claims = self.item.claims
        if self.is_document:
            data = claims["data"]
            return data if isinstance(data, dict) else {}
        if self.item.format == _MOBILE:
            return {name: value for space in claims.values() if isinstance(space, dict) for name, value in space.items()}
        return claims

    @property
    def source(self) -> tuple[str, str | None]:
        """A document and its summary have one source: the data set and the organisation."""
        return self.item.dataset, self.item.issuer_oin

    @property
    def counts(self) -> bool:
        """Whether figures are made of it. What is perhaps of somebody else, or here already, is shown and never added up."""
        return bool(self.item.claims) and self.item.colour is not Colour.RED and not {PERSON_DIFFERS, SAME_TWICE} & {*self.item.reasons}

    @property
    def reference_day(self) -> date | None:
        return _day(self.item.reference_date)

    @property
    def fresh_until(self) -> date | None:
        """The last day on which its data are as new as was asked; None when nothing was asked, or its day is not known."""
        age = self.asked.maximum_age if self.asked is not None else None
        return age.after(self.reference_day) if age is not None and self.reference_day is not None else None

    def old_on(self, day: date) -> bool:
        """Whether its data are older on this day than was asked for."""
        until = self.fresh_until
        return until is not None and until < day


def pieces_of(answer: Answer, check: StatusCheck | None = None) -> tuple[Piece, ...]:
    """In the order of the answer, with their numbers, without what was replaced; as the last check of their status left them."""
    return _said_once(_piece(number, item, answer, check) for number, item in current_items(answer.items))


def replaced_pieces_of(answer: Answer) -> tuple[Piece, ...]:
    """What something newer replaced, as it came."""
    return tuple(_piece(number, item, answer, None) for number, item in replaced_items(answer.items))


def without_summaries(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Of a document that came beside its summary the document only, so that nothing counts twice."""
    whole = {piece.source for piece in pieces if piece.is_document and piece.counts}
    return tuple(piece for piece in pieces if piece.is_document or piece.source not in whole)


def _stays(word: str, later: str | None) -> bool:
    return word == _WITHDRAWN or (word == _SUSPENDED and later not in _SURE)


def _said_once(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Remarks on each that says what an earlier one said. Copies of one delivery differ in their keys and their place in a status list."""
    said: set[str] = set()
    marked = []
    for piece in pieces:
        if piece.counts:
            same = _text_of(
                [*piece.source, piece.is_document, piece.item.reference_date, piece.item.claims.get("subject"), {**piece.values}]
            )
            if same in said:
                piece = replace(piece, item=piece.item.remarked(SAME_TWICE))
            said.add(same)
        marked.append(piece)
    return tuple(marked)


def _text_of(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _piece(number: int, item: CheckedItem, answer: Answer, check: StatusCheck | None) -> Piece:
    asked = answer.question.item_of(item.credential)
    said = check.said.get(number) if check is not None else None
    if check is None or said is None:
        return Piece(number, item, item, asked, item.came_at or answer.received_at)
    match said:
        case "valid":
            judged = item
        case "withdrawn":
            judged = replace(item, colour=Colour.RED, reasons=(*item.reasons, STATUS_WITHDRAWN))
        case "suspended":
            judged = item.remarked(STATUS_SUSPENDED)
        case _:
            judged = item.remarked(STATUS_UNKNOWN)
    return Piece(number, item, judged, asked, check.at)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        return None
