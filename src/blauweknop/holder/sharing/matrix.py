"""Who has what until when, of one life event: receivers by things, so that a person sees at once who still has something (ADR 0040).

Only what stands is in it: what was refused, erased or is over is not. The life event is that of the package that the consent names; what
is of no package stands apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.domain.texts import Language
from blauweknop.holder.document_view import title_of
from blauweknop.holder.sharing.given import shown_sharing
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.requests import KeptRequest
from blauweknop.holder.sharing.withdrawing import can_withdraw
from blauweknop.standards import jose
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["Matrix", "MatrixLine", "event_of", "had_before", "matrices"]

_MOST_CONSENT = 512 * 1024
_STANDS = ("sent", "sending", "unsure", "withdrawn")


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One sharing: `has` tells for each thing of the matrix whether the receiver has it."""

    key: str
    receiver: str
    standing: str
    look: str
    ends_at: datetime
    has: tuple[bool, ...]
    can_withdraw: bool
    updates_until: datetime | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """`event` is the id of the life event, empty for what is of none."""

    event: str
    title: str
    things: tuple[str, ...] = field(repr=False)
    lines: tuple[MatrixLine, ...]

    @property
    def can_withdraw(self) -> tuple[str, ...]:
        """The keys of what can be taken back."""
        return tuple(line.key for line in self.lines if line.can_withdraw and line.standing != "withdrawn")


def matrices(answered: Iterable[KeptRequest], catalogue: Catalogue, now: datetime, language: Language) -> tuple[Matrix, ...]:
    """One for each life event of which something stands, by title; what is of none comes last."""
    standing = [kept for kept in answered if shown_sharing(kept, now).standing in _STANDS]
    by_event: dict[str, list[KeptRequest]] = {}
    for kept in standing:
        by_event.setdefault(event_of(kept.sharing), []).append(kept)
    events = load_life_events().events
    found = [
        _matrix(event, events[event].title.in_language(language) if event in events else "", kept, catalogue, now, language)
        for event, kept in by_event.items()
    ]
    return tuple(sorted(found, key=lambda one: (not one.event, one.title)))


def event_of(sharing: Sharing) -> str:
    """The life event of what was shared, by the use in its consent; empty when it is of no package."""
    try:
        claims = parse_json_object(jose.parse_jws(sharing.consent, jose.SHARING_CONSENT).payload, max_bytes=_MOST_CONSENT)
    except (jose.JwsProblem, MalformedJson):
        return ""
    match claims.get("record"):
        case {"purposes": [{"purpose_type": str(use)}, *_]}:
            return next((package.event for package in load_life_events().packages if package.id == use), "")
    return ""


def had_before(answered: Iterable[KeptRequest], event: str, now: datetime) -> Mapping[str, tuple[str, ...]]:
    """By data set which receivers of this life event have it now: a person who answers another one may want to give the same."""
    found: dict[str, dict[str, None]] = {}
    for kept in answered:
        if shown_sharing(kept, now).standing in _STANDS and event_of(kept.sharing) == event:
            for thing in kept.sharing.things:
                found.setdefault(thing.dataset, {})[kept.item.receiver] = None
    return {dataset: tuple(receivers) for dataset, receivers in found.items()}


def _matrix(event: str, title: str, answered: list[KeptRequest], catalogue: Catalogue, now: datetime, language: Language) -> Matrix:
    datasets = dict.fromkeys(thing.dataset for kept in answered for thing in kept.sharing.things)
    newest_first = sorted(answered, key=lambda kept: (kept.sharing.shared_at, kept.key), reverse=True)
    return Matrix(
        event,
        title,
        tuple(title_of(dataset, catalogue, language) for dataset in datasets),
        tuple(_line(kept, tuple(datasets), now) for kept in newest_first),
    )


def _line(kept: KeptRequest, datasets: tuple[str, ...], now: datetime) -> MatrixLine:
    shown, here = shown_sharing(kept, now), {thing.dataset for thing in kept.sharing.things}
    return MatrixLine(
        kept.key,
        kept.item.receiver,
        shown.standing,
        shown.look,
        shown.ends_at,
        tuple(dataset in here for dataset in datasets),
        can_withdraw(kept),
        kept.item.updates_until,
    )
