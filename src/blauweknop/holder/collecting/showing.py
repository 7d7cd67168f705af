"""How collecting stands, as a page shows it: for each source and each data set one word, and a sentence where something is wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.domain.texts import Language
from blauweknop.holder.collecting.ports import Source
from blauweknop.holder.collecting.refusals import refusal_in_words
from blauweknop.holder.credentials import LOW
from blauweknop.holder.document_view import title_and_source, title_of
from blauweknop.holder.items import ConnectionItem, CredentialItem, DocumentItem, Item, Part, UncheckedItem
from blauweknop.holder.vault import ItemHead

__all__ = [
    "ROUND",
    "ShownConnection",
    "ShownPart",
    "ShownSource",
    "apart_of",
    "next_source",
    "shown_connection",
    "shown_sources",
    "unchecked_of",
]

ROUND = timedelta(hours=12)
"""A source that a person was at so lately is done in a round."""

_LOOK = {"fetched": "ok", "to_do": "wait", "waiting": "wait", "failed": "no", "nothing": "plain", "not_given": "plain"}
_MAY_PASS = ("silent", "busy")


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One data set: how its document stands, and whether its credential is missing."""

    title: str
    look: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class ShownConnection:
    """What a person let us fetch at a source, and how it stands. `done` of `number` have come to an end."""

    id: str
    source_name: str
    begun_at: datetime
    parts: tuple[ShownPart, ...]
    done: int
    number: int
    waits: bool
    can_retry: bool
    fetched: int


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A source that can be asked; `last` is how it stood the last time, `low` what runs low and can only be had with a login."""

    id: str
    name: str
    titles: tuple[str, ...]
    last: ShownConnection | None = field(default=None, repr=False)
    low: tuple[str, ...] = ()


def shown_sources(
    sources: Sequence[Source], items: Iterable[tuple[ItemHead, Item]], catalogue: Catalogue, language: Language, now: datetime
) -> tuple[ShownSource, ...]:
    known = list(items)
    renewable = {head.id.hex() for head, item in known if isinstance(item, ConnectionItem) and item.renewable}
    credentials = [item for _, item in known if isinstance(item, CredentialItem) and item.unused < LOW]
    low = [item for item in credentials if item.needs_login or item.connection not in renewable]
    last: dict[str, tuple[ItemHead, ConnectionItem]] = {}
    for head, item in known:
        if isinstance(item, ConnectionItem) and (item.source not in last or last[item.source][1].begun_at < item.begun_at):
            last[item.source] = (head, item)
    return tuple(
        ShownSource(
            source.id,
            source.name,
            tuple(title_of(dataset, catalogue, language) for dataset in source.datasets),
            shown_connection(*last[source.id], catalogue, language, now) if source.id in last else None,
            tuple(title_of(item.dataset, catalogue, language) for item in low if item.source_oin == source.oin),
        )
        for source in sources
    )


def next_source(sources: Sequence[Source], items: Iterable[tuple[ItemHead, Item]], now: datetime) -> Source | None:
    """Where a round goes on: the first source that the person was not at lately; None when it is done."""
    lately = {item.source for _, item in items if isinstance(item, ConnectionItem) and now - item.begun_at < ROUND}
    return next((source for source in sources if source.id not in lately), None)


def shown_connection(head: ItemHead, item: ConnectionItem, catalogue: Catalogue, language: Language, now: datetime) -> ShownConnection:
    datasets = dict.fromkeys(part.dataset for part in item.parts)
    leading = [max((part for part in item.parts if part.dataset == dataset), key=_is_document) for dataset in datasets]
    bare = {part.dataset for part in item.parts if part.state == "failed" and not part.is_document}
    ended = sum(part.state not in ("to_do", "waiting") for part in item.parts)
    alive = item.token_ends_at is not None and item.token_ends_at > now
    return ShownConnection(
        head.id.hex(),
        item.source_name,
        item.begun_at,
        tuple(_shown(part, item, catalogue, language, bare=part.dataset in bare) for part in leading),
        ended,
        len(item.parts),
        waits=any(part.state == "waiting" for part in item.parts),
        can_retry=alive and any(part.state == "failed" and part.reason in _MAY_PASS for part in item.parts),
        fetched=sum(part.state == "fetched" and part.is_document for part in item.parts),
    )


def apart_of(items: Iterable[tuple[ItemHead, Item]], catalogue: Catalogue, language: Language) -> tuple[tuple[str, str, DocumentItem], ...]:
    """The documents that were put apart, with id and title."""
    return tuple(
        (head.id.hex(), title_of(item.dataset, catalogue, language), item)
        for head, item in items
        if isinstance(item, DocumentItem) and item.standing == "apart"
    )


def unchecked_of(items: Iterable[tuple[ItemHead, Item]], catalogue: Catalogue, language: Language) -> tuple[str, ...]:
    """What waits for its check: what it should be, and of whom."""
    waiting = (item for _, item in items if isinstance(item, UncheckedItem))
    return tuple(
        title_and_source(item.dataset, item.source_name, catalogue, language) if item.dataset else item.source_name for item in waiting
    )


def _is_document(part: Part) -> bool:
    return part.is_document


def _shown(part: Part, item: ConnectionItem, catalogue: Catalogue, language: Language, *, bare: bool) -> ShownPart:
    title = title_of(part.dataset, catalogue, language)
    state = sentence(f"holder.collect.state.{part.state}", language)
    words = _words(part, item, language)
    if bare and part.state == "fetched" and not words:
        words = sentence("holder.collect.fetched.bare", language)
    return ShownPart(title, _LOOK[part.state], state, words)


def _words(part: Part, item: ConnectionItem, language: Language) -> str:
    """What is to be said beside the word; nothing where the word is enough."""
    names = {"source": item.source_name}
    match part.state, part.reason:
        case "waiting", _:
            return sentence("holder.collect.waiting", language, **names)
        case "nothing", _:
            return sentence("holder.collect.nothing", language, **names)
        case "not_given", _:
            return sentence("holder.collect.not_given", language, **names)
        case "fetched", ("apart" | "unchecked" | "older" | "already") as reason:
            return sentence(f"holder.collect.fetched.{reason}", language, **names)
        case "failed", reason:
            return refusal_in_words("holder.collect.failed", reason, language, otherwise="other", **names)
    return ""
