"""What went along with an answer, thing by thing, and what followed later. No value is kept a second time, only whether it changed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Self, get_args

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.sharing.matching import Holding
from blauweknop.standards.dcql import Path
from blauweknop.standards.dcql_answers import values_at
from blauweknop.standards.strict_json import canonical_json

__all__ = ["SENDING_LASTS", "SentPaper", "SentState", "SentUpdate", "SharedThing", "path_of", "said_at"]

SentState = Literal["sending", "sent", "unsure", "refused"]
SENDING_LASTS = timedelta(minutes=5)
"""Longer than sending takes: whoever is sending still then is gone."""
_STATES: Mapping[str, SentState] = {state: state for state in get_args(SentState)}


@dataclass(frozen=True, slots=True)
class SharedThing:
    """One credential that went along: its place in the vault, what it is, and which claims of it. `reference` is its day, if it has one.

    `said` tells what it said apart from what a newer one says; `follows` that the person keeps the receiver up to date with it.
    """

    item: str
    is_document: bool
    dataset: str
    source_name: str
    reference: str
    claims: tuple[str, ...]
    said: str = field(default="", repr=False)
    follows: bool = False

    @property
    def series(self) -> tuple[str, str, bool]:
        """What a newer one has the same."""
        return self.dataset, self.source_name, self.is_document

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "item": self.item,
            "is_document": self.is_document,
            "dataset": self.dataset,
            "source_name": self.source_name,
            "reference": self.reference,
            "claims": [*self.claims],
            "said": self.said,
            "follows": self.follows,
        }

    @classmethod
    def from_json(cls, kept: JsonValue) -> Self:
        """What was shared before updates were there has no `said` and does not follow. Raises: MalformedValue."""
        match kept:
            case {
                "item": str(item),
                "is_document": bool(is_document),
                "dataset": str(dataset),
                "source_name": str(source),
                "reference": str(reference),
                "claims": list(claims),
                **later,
            }:
                said, follows = str(later.get("said", "")), later.get("follows") is True
                return cls(item, is_document, dataset, source, reference, tuple(map(str, claims)), said, follows)
        raise MalformedValue("expected what was shared as this version keeps it")


@dataclass(frozen=True, slots=True)
class SentPaper:
    """A paper of one's own that took the place of the one with this number, from 1; `item` is its place in the vault."""

    number: int
    item: str
    title: str = field(repr=False)

    def as_json(self) -> dict[str, JsonValue]:
        return {"number": self.number, "item": self.item, "title": self.title}

    @classmethod
    def from_json(cls, kept: JsonValue) -> Self:
        """Raises: MalformedValue."""
        match kept:
            case {"number": int(number), "item": str(item), "title": str(title)}:
                return cls(number, item, title)
        raise MalformedValue("expected a paper of an update as this version keeps it")


@dataclass(frozen=True, slots=True)
class SentUpdate:
    """One time that a receiver got something newer; `receipt` is what it signed for it.

    `update_id` is the name by which the receiver knows it again, `asked` the hashes of the questions that it answered under that name, for
    any of them may be the one that arrived; updates of before have neither.
    """

    at: datetime
    state: SentState
    things: tuple[SharedThing, ...]
    receipt: str = field(default="", repr=False)
    update_id: str = field(default="", repr=False)
    asked: tuple[str, ...] = field(default=(), repr=False)
    papers: tuple[SentPaper, ...] = field(default=(), repr=False)

    @property
    def brings(self) -> tuple[dict[tuple[str, str, bool], str], dict[int, str]]:
        """What it says of each thing, and which papers: the same exactly when sending it again brings nothing else."""
        return {thing.series: thing.said for thing in self.things}, {paper.number: paper.item for paper in self.papers}

    def state_at(self, moment: datetime) -> SentState:
        """Of what somebody began to send and never ended nobody knows whether it arrived."""
        return "unsure" if self.state == "sending" and moment >= self.at + SENDING_LASTS else self.state

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "at": self.at.isoformat(),
            "state": self.state,
            "things": [thing.as_json() for thing in self.things],
            "receipt": self.receipt,
            "update_id": self.update_id,
            "asked": [*self.asked],
            "papers": [paper.as_json() for paper in self.papers],
        }

    @classmethod
    def from_json(cls, kept: JsonValue) -> Self:
        """Raises: MalformedValue."""
        match kept:
            case {"at": str(at), "state": str(state), "things": list(things), "receipt": str(receipt), **later} if state in _STATES:
                return cls(
                    datetime.fromisoformat(at),
                    _STATES[state],
                    tuple(map(SharedThing.from_json, things)),
                    receipt,
                    str(later.get("update_id", "")),
                    _read_asked(later.get("asked")),
                    tuple(map(SentPaper.from_json, papers)) if isinstance(papers := later.get("papers"), list) else (),
                )
        raise MalformedValue("expected an update as this version keeps it")


def _read_asked(kept: object) -> tuple[str, ...]:
    """Before more than one was kept it was a text, empty when there was none."""
    return tuple(map(str, kept)) if isinstance(kept, list) else (kept,) if isinstance(kept, str) and kept else ()


def path_of(claim: str) -> Path:
    """The path that a claim of a thing is the text of."""
    return tuple(None if step == "*" else step for step in claim.split("/"))


def said_at(holding: Holding, claims: Sequence[str]) -> str:
    """What a holding says at these claims, as a hash: the same exactly when it says the same."""
    found: dict[str, JsonValue] = {claim: [*values_at(holding.claims, path_of(claim))] for claim in claims}
    return hashlib.sha256(canonical_json(found)).hexdigest()
