"""Papers of one's own that are newer here than those that a receiver has, and go with an update when the person picks them (ADR 0040).

Each comes in the place of one that went along with the answer, so nothing is added to what the person agreed to. Newer is what was put here
after the receiver got the one that it has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from blauweknop.domain.document import JsonValue
from blauweknop.holder.items import OwnPaperItem
from blauweknop.holder.kept_documents import kept_items
from blauweknop.holder.sharing.papers import MOST_BYTES, OwnPaper, ShownPaper
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.telling import NotUpdated
from blauweknop.holder.sharing.things import SentPaper
from blauweknop.holder.vault import Vault

__all__ = ["NewerPaper", "ReplaceablePaper", "picked_papers", "replaceable_papers"]

_MOST_OFFERED = 12


@dataclass(frozen=True, slots=True)
class ReplaceablePaper:
    """One that the receiver has, and what is newer here; the newest first."""

    number: int
    title: str = field(repr=False)
    newer: tuple[ShownPaper, ...]


@dataclass(frozen=True, slots=True)
class NewerPaper:
    """A paper that goes along, and what is kept of that."""

    sent: SentPaper
    paper: OwnPaper

    def as_json(self) -> dict[str, JsonValue]:
        return {**self.paper.as_json(), "replaces": self.sent.number}


def replaceable_papers(sharing: Sharing, vault: Vault) -> tuple[ReplaceablePaper, ...]:
    """All that the receiver has, also those of which nothing newer is here."""
    return _replaceable(sharing, kept_items(vault).papers)


def _replaceable(sharing: Sharing, here: Sequence[tuple[str, OwnPaperItem]]) -> tuple[ReplaceablePaper, ...]:
    found = []
    for number, (title, since) in enumerate(sharing.latest_papers, 1):
        newer = [ShownPaper(key, paper.title, paper.size <= MOST_BYTES) for key, paper in here if paper.kept_at > since]
        found.append(ReplaceablePaper(number, title, tuple(newer[:_MOST_OFFERED])))
    return tuple(found)


def picked_papers(picked: Mapping[int, str], sharing: Sharing, vault: Vault) -> tuple[NewerPaper, ...]:
    """What goes along: by the number of the one that it replaces the key of each paper that was picked.

    Raises:
        NotUpdated: `changed`, one of them is not offered, or not any more; `papers`, together they are too large.
    """
    if not picked:
        return ()
    here = kept_items(vault).papers
    known, offered = dict(here), {one.number: {paper.key for paper in one.newer} for one in _replaceable(sharing, here)}
    if any(key not in offered.get(number, ()) for number, key in picked.items()):
        raise NotUpdated("changed")
    if sum(known[key].size for key in picked.values()) > MOST_BYTES:
        raise NotUpdated("papers")
    found = []
    for number, key in sorted(picked.items()):
        item, read = known[key], vault.read_if_possible(bytes.fromhex(key))
        if read is None:
            raise NotUpdated("changed")
        found.append(NewerPaper(SentPaper(number, key, item.title), OwnPaper(item.title, item.media_type, read[1])))
    return tuple(found)
