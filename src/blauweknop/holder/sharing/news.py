"""What is newer here than what a receiver has, of the things with which a person keeps it up to date (ADR 0040).

News, in steps:
1. The sharing stands, and the person agreed to updates until later than now.
2. Of each thing that follows, the newest of the same data set, source and kind that is here now is looked at, unless it is of an earlier
   day.
3. It is news when it says something else at the claims that were shared. New copies that say the same are no news.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.catalogue import Catalogue
from blauweknop.document.type_metadata import vct_of
from blauweknop.domain.document import JsonValue
from blauweknop.holder.presenting import disclosed
from blauweknop.holder.sharing.holdings import holdings_for
from blauweknop.holder.sharing.matching import Holding
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.requests import KeptRequest, answered_requests
from blauweknop.holder.sharing.things import SharedThing, path_of, said_at
from blauweknop.holder.vault import Vault
from blauweknop.standards.strict_json import canonical_json
from blauweknop.standards.undisclosed import take_inventory

__all__ = ["News", "fingerprint_of", "followed", "is_followed", "news_of", "series_of", "types_of", "waiting_news"]


@dataclass(frozen=True, slots=True)
class News:
    """Something newer: `thing` is what the receiver has, `said` and `claims` are of what is here now."""

    thing: SharedThing
    holding: Holding
    said: str = field(repr=False)
    claims: dict[str, JsonValue] = field(repr=False)


def is_followed(kept: KeptRequest, now: datetime) -> bool:
    """Step 1."""
    return kept.item.state == "sent" and kept.item.updates_until is not None and now < kept.item.updates_until


def followed(vault: Vault, now: datetime) -> tuple[KeptRequest, ...]:
    """The sharings that are kept up to date, with their bodies."""
    return answered_requests(vault, lambda kept: is_followed(kept, now))


def waiting_news(vault: Vault, catalogue: Catalogue, now: datetime) -> tuple[KeptRequest, ...]:
    """Those for which there is news that the person did not set aside."""
    found = []
    for kept in followed(vault, now):
        news = news_of(kept.sharing, vault, catalogue, now)
        if news and fingerprint_of(news) != kept.sharing.set_aside:
            found.append(kept)
    return tuple(found)


def types_of(things: Sequence[SharedThing], catalogue: Catalogue) -> frozenset[str]:
    """The types of credentials of things; of a data set that is not known any more there are none."""
    known = [(thing, catalogue.datasets.get(thing.dataset)) for thing in things]
    return frozenset((dataset.type_uri if thing.is_document else vct_of(dataset)) for thing, dataset in known if dataset is not None)


def news_of(sharing: Sharing, vault: Vault, catalogue: Catalogue, now: datetime) -> tuple[News, ...]:
    """Steps 2 and 3."""
    things = [thing for thing in sharing.latest.values() if thing.follows and thing.said]
    holdings = holdings_for(types_of(things, catalogue), vault, catalogue, now)
    news = []
    for thing in things:
        holding = next((each for each in holdings if series_of(each) == thing.series), None)
        if holding is None or (holding.reference is not None and holding.reference.isoformat() < thing.reference):
            continue
        said = said_at(holding, thing.claims)
        if said != thing.said:
            claims = take_inventory(disclosed(holding.text, [path_of(claim) for claim in thing.claims])).claims
            news.append(News(thing, holding, said, claims))
    return tuple(news)


def fingerprint_of(news: Sequence[News]) -> str:
    """The same exactly when it is the same news: what the person sees is what is sent (threat T-21)."""
    told: list[JsonValue] = [[*one.thing.series, one.said] for one in news]
    return hashlib.sha256(canonical_json({"news": told})).hexdigest()


def series_of(holding: Holding) -> tuple[str, str, bool]:
    """The series of a thing that it is a newer one of."""
    return holding.dataset.id, holding.source_name, not holding.is_bound
