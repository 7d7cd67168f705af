"""Papers of one's own that go along with an answer: nobody certified them, and the receiver is told so. They travel in the one encrypted
message of the answer, so only small ones fit.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field

from blauweknop.domain.document import JsonValue
from blauweknop.holder.kept_documents import kept_items
from blauweknop.holder.vault import Vault
from blauweknop.standards import base64url

__all__ = ["MOST_BYTES", "MOST_PAPERS", "OwnPaper", "ShownPaper", "read_papers", "shown_papers"]

MOST_BYTES = 256 * 1024
"""Of all papers of one answer together: twice in base64 it is less than half of what a message may be."""
MOST_PAPERS = 10
"""In one answer."""


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """A paper that goes along as it is."""

    title: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "title": self.title,
            "media_type": self.media_type,
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "content": base64url.encode_standard(self.content),
        }


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """A paper that can be ticked, unless it is too large."""

    key: str
    title: str = field(repr=False)
    fits: bool


def shown_papers(vault: Vault, *, most_bytes: int = MOST_BYTES) -> tuple[ShownPaper, ...]:
    """All that are here, the newest first."""
    return tuple(ShownPaper(key, paper.title, paper.size <= most_bytes) for key, paper in kept_items(vault).papers)


def read_papers(keys: Collection[str], vault: Vault, *, most_bytes: int = MOST_BYTES) -> tuple[OwnPaper, ...] | None:
    """Those that were ticked; None when one is not here any more, or together they are too large or too many."""
    known = dict(kept_items(vault).papers)
    if len(keys) > MOST_PAPERS or not {*keys} <= known.keys() or sum(known[key].size for key in keys) > most_bytes:
        return None
    read = [(known[key], vault.read_if_possible(bytes.fromhex(key))) for key in sorted(keys)]
    papers = tuple(OwnPaper(item.title, item.media_type, kept[1]) for item, kept in read if kept is not None)
    return papers if len(papers) == len(keys) else None
