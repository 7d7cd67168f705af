"""What was shared, as its pages show it: who has what, until when, and how it stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.domain.names import OF_PERSON
from blauweknop.domain.texts import Language
from blauweknop.holder.document_view import member_name, title_of
from blauweknop.holder.sharing.news import fingerprint_of, is_followed, news_of
from blauweknop.holder.sharing.requests import KeptRequest, RequestState
from blauweknop.holder.sharing.things import SentUpdate, SharedThing
from blauweknop.holder.vault import Vault

__all__ = ["ShownSharing", "ShownThing", "ShownUpdates", "shown_sharing", "shown_things", "shown_updates"]

_LOOKS: dict[str, str] = {"sent": "ok", "over": "plain", "erased": "plain", "refused": "plain"}
_SUBJECT, _DATA = "subject", "data"


@dataclass(frozen=True, slots=True)
class ShownSharing:
    """One answer in the list."""

    key: str
    receiver: str
    standing: RequestState | Literal["over"]
    look: str
    shared_at: datetime
    ends_at: datetime
    until: Literal["until", "until.perhaps", "erased_at"] | None
    """What `ends_at` is; None when the receiver has nothing."""


@dataclass(frozen=True, slots=True)
class ShownThing:
    """One credential that went along; `link` opens the document, while it is here."""

    title: str
    source: str
    is_document: bool
    labels: tuple[str, ...] = field(repr=False)
    link: str


@dataclass(frozen=True, slots=True)
class ShownUpdates:
    """Until when the receiver is kept up to date, None when not any more; whether there is news; and what was sent, the newest first."""

    until: datetime | None
    has_news: bool
    sent: tuple[SentUpdate, ...] = field(repr=False)
    has_ended: bool
    """By the clock, and not because somebody stopped it."""


def shown_sharing(kept: KeptRequest, now: datetime) -> ShownSharing:
    item = kept.item
    standing: RequestState | Literal["over"] = "over" if item.state == "sent" and item.expires_at <= now else item.state
    ends_at = item.at if standing == "erased" else item.expires_at
    return ShownSharing(kept.key, item.receiver, standing, _LOOKS.get(standing, "wait"), kept.sharing.shared_at, ends_at, _until(standing))


def _until(standing: RequestState | Literal["over"]) -> Literal["until", "until.perhaps", "erased_at"] | None:
    match standing:
        case "refused":
            return None
        case "erased":
            return "erased_at"
        case "sending" | "unsure":
            return "until.perhaps"
    return "until"


def shown_updates(kept: KeptRequest, vault: Vault, catalogue: Catalogue, now: datetime) -> ShownUpdates | None:
    """How it stands with keeping the receiver up to date; None when the person never agreed to that."""
    sharing = kept.sharing
    if not any(thing.follows for thing in sharing.things) or not sharing.update_uri:
        return None
    until = kept.item.updates_until
    stands = is_followed(kept, now)
    news = news_of(sharing, vault, catalogue, now) if stands else ()
    return ShownUpdates(
        until if stands else None,
        bool(news) and fingerprint_of(news) != sharing.set_aside,
        tuple(replace(update, state=update.state_at(now)) for update in reversed(sharing.updates)),
        until is not None,
    )


def shown_things(things: tuple[SharedThing, ...], here: frozenset[str], catalogue: Catalogue, language: Language) -> Iterator[ShownThing]:
    """`here` are the keys of documents that are still kept."""
    for thing in things:
        labels = tuple(dict.fromkeys(_label(claim, thing, catalogue, language) for claim in thing.claims))
        yield ShownThing(
            title_of(thing.dataset, catalogue, language),
            thing.source_name,
            thing.is_document,
            labels or (sentence("given.what.nothing", language),),
            thing.item if thing.is_document and thing.item in here else "",
        )


def _label(claim: str, thing: SharedThing, catalogue: Catalogue, language: Language) -> str:
    """What a claim is called; its name when the catalogue does not know it."""
    first, _, rest = claim.partition("/")
    if not thing.is_document:
        summary = catalogue.summaries.get(thing.dataset)
        name = claim.rpartition("/")[2]  # of an mdoc behind its namespace
        known = next((each for each in summary.claims if each.name == name), None) if summary else None
        return known.label.in_language(language) if known else name
    if first == _SUBJECT and rest in OF_PERSON:
        return sentence(f"sharing.subject.{rest}", language)
    if first == _DATA and not rest:
        return sentence("given.what.all", language)
    name = rest.split("/")[0]
    dataset = catalogue.datasets.get(thing.dataset)
    label = member_name(dataset, name, language) if dataset and first == _DATA else None
    return label or name or claim
