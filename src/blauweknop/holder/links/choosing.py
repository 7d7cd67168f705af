"""Which documents a receiver may have, and of each how much: the sealed file where all of it falls within the registration, else a smaller
document that leaves out the rest, such as the burgerservicenummer (PROTOCOL 5.3; `document.redaction`).

What goes is worked out again when the person says yes; a fingerprint of what was shown says whether it is still the same (threat T-21).
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.document.kept_paths import KeptPath
from blauweknop.document.pdf_file import read_file
from blauweknop.document.redaction import Reduced, lay_out_reduced, read_trusted, reduce_credential
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour
from blauweknop.holder.kept_documents import KeptDocument, kept_document, kept_items
from blauweknop.holder.links.ports import LinkServices
from blauweknop.holder.links.receivers import LinkReceiver
from blauweknop.holder.vault import Vault
from blauweknop.standards.dcql import Path
from blauweknop.standards.disclosures import Place
from blauweknop.standards.strict_json import canonical_json
from blauweknop.standards.undisclosed import take_inventory

__all__ = ["Fitting", "Goes", "file_of", "fingerprint_of", "fitting_documents"]


@dataclass(frozen=True, slots=True)
class Goes:
    """A document as it goes: the file, and its SHA-256."""

    fitting: "Fitting"
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Fitting:
    """A document that the receiver may have something of.

    `claims` is what it will see. `smaller` is there when something is left out; `left_out` are names of what that is.
    """

    document: KeptDocument
    dataset: Dataset
    paths: tuple[Path, ...]
    claims: dict[str, JsonValue] = field(repr=False)
    smaller: Reduced | None = field(default=None, repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.document.key

    @property
    def colour(self) -> Colour:
        return self.document.check.colour


def fitting_documents(receiver: LinkReceiver, vault: Vault, services: LinkServices, now: datetime) -> tuple[Fitting, ...]:
    """All that counts now and of which the receiver may have something, the newest first."""
    today = now.astimezone(AMSTERDAM).date()
    found: list[Fitting] = []
    for document in kept_items(vault).documents:
        dataset = services.catalogue.datasets.get(document.item.dataset)
        if dataset is None or not document.counts or document.item.standing != "current" or document.item.valid_until < today:
            continue
        paths = receiver.paths_of(dataset)
        fitting = _fitting(document, dataset, paths, vault, now) if paths else None
        if fitting is not None:
            found.append(fitting)
    return tuple(found)


def file_of(fitting: Fitting, vault: Vault, services: LinkServices, now: datetime) -> bytes | None:
    """The file that goes; None when the document was removed meanwhile.

    Raises:
        TypesettingFailed: a smaller document cannot be made.
    """
    kept = kept_document(vault, fitting.key)
    if kept is None or fitting.smaller is None:
        return kept[1] if kept is not None else None
    trusted, trust_list = read_trusted(read_file(kept[1])), services.sharing.trust(now).trust_list
    return lay_out_reduced(
        fitting.smaller,
        fitting.dataset,
        revocation=trusted.revocation,
        exercise=trust_list is not None and trust_list.exercise,
        made_at=now.replace(microsecond=0),
        lay_out=services.lay_out,
    )


def fingerprint_of(receiver: LinkReceiver, fitting: Sequence[Fitting], papers: Collection[str]) -> str:
    """Of all that the page shows, whatever is chosen of it."""
    documents: list[JsonValue] = [[each.key, each.claims, each.colour.value] for each in fitting]
    shown = canonical_json({"registration": receiver.text, "documents": documents, "papers": [*sorted(papers)]})
    return hashlib.sha256(shown).hexdigest()


def _fitting(document: KeptDocument, dataset: Dataset, paths: tuple[Path, ...], vault: Vault, now: datetime) -> Fitting | None:
    kept = kept_document(vault, document.key)
    if kept is None:
        return None
    credential = read_trusted(read_file(kept[1])).credential
    inventory = take_inventory(credential)
    places = [each.shown for each in inventory.disclosed]
    within = [place for place in places if any(_covers(path, place) for path in paths)]
    if not any(place[0] == "data" for place in within):
        return None
    if len(within) == len(places):
        return Fitting(document, dataset, _told(within), inventory.claims)
    made_at = now.replace(microsecond=0)
    smaller = reduce_credential(credential, [_kept(place) for place in within], dataset, made_at=made_at)
    left_out = tuple(dict.fromkeys(str(place[1]) for place in places if place not in within and len(place) > 1))
    return Fitting(document, dataset, _told(within), take_inventory(smaller.credential).claims, smaller, left_out)


def _covers(path: Path, place: Place) -> bool:
    """Whether a registered path leads to this place, or to something that holds it."""
    return len(path) <= len(place) and all(
        step == found or (step is None and isinstance(found, int)) for step, found in zip(path, place, strict=False)
    )


def _kept(place: Place) -> KeptPath:
    return KeptPath(tuple(step if isinstance(step, str) else slice(step, step + 1) for step in place))


def _told(places: Sequence[Place]) -> tuple[Path, ...]:
    """As the record of the sharing names them: of a list all its rows as one."""
    return tuple(dict.fromkeys(tuple(None if isinstance(step, int) else step for step in place) for place in places))
