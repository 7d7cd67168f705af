"""All documents of one person: which of them count in figures now, and which are history.

Of each series the newest counts. A series is a data set of a source; of tax bills each bill is one, and the population register is one
register in the whole country. A document that its holder made smaller counts only where there is no whole one. Own papers never count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.insight.documents import InsightDocument, Place

__all__ = ["READABLE", "Collection", "KeyTwice", "Layer", "collect"]

READABLE = {
    "cak.eigen_bijdrage": 1,
    "cak.wanbetalers": 1,
    "duo.studiefinanciering": 1,
    "duo.studieschuld": 1,
    "gem.belastingaanslag": 1,
    "gem.bijstand": 1,
    "gem.brp": 1,
    "gem.pw_vordering": 1,
    "gem.woz": 1,
    "uwv.uitkeringsspecificatie": 1,
    "uwv.verzekeringsbericht": 1,
}
"""The data sets that figures are made of, and the version whose fields they know; beside these all of the family fcid."""

_FCID_VERSION = 1


class KeyTwice(BlauweKnopError):
    """Two different documents came in under one key."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A document and the days that it answers for: from `since` up to the day before `until`, or without end."""

    document: InsightDocument
    since: date
    until: date | None

    def answers_for(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Collection:
    """`series` holds, by series, the readable certified documents, newest first; `unread` those of a version or data set not known here."""

    documents: tuple[InsightDocument, ...]
    series: tuple[tuple[InsightDocument, ...], ...]
    unread: tuple[InsightDocument, ...]
    obligations: frozenset[str]  # ids of the data sets of the family fcid

    @property
    def current(self) -> tuple[InsightDocument, ...]:
        return tuple(versions[0] for versions in self.series)

    @property
    def own_papers(self) -> tuple[InsightDocument, ...]:
        return tuple(document for document in self.documents if not document.certified)

    def of(self, dataset: str) -> tuple[Place, ...]:
        """The data of the documents of this data set that count, one for each series."""
        return tuple(document.root for document in self.current if document.dataset == dataset)

    def payment_overviews(self) -> tuple[Place, ...]:
        return tuple(document.root for document in self.current if document.dataset in self.obligations)

    def layers(self, dataset: str) -> tuple[Layer, ...]:
        """The documents of which rows count: the newest, and earlier ones for the days before its rows begin."""
        found: list[Layer] = []
        for versions in self.series:
            if versions[0].dataset != dataset:
                continue
            until: date | None = None
            for document in versions:
                if (until is None or document.since < until) and document.reduced == versions[0].reduced:
                    found.append(Layer(document, document.since, until))
                    until = document.since
        return tuple(found)


def collect(documents: Iterable[InsightDocument], obligations: Iterable[str]) -> Collection:
    """The collection; the order of documents, and the same one twice, make no difference. `obligations` are the data sets of family fcid.

    Raises:
        KeyTwice: one key names two different documents.
    """
    by_key: dict[str, InsightDocument] = {}
    for document in documents:
        if by_key.setdefault(document.key, document) != document:
            raise KeyTwice("expected every document to have a key of its own")
    family = frozenset(obligations)
    kept = _without_copies(sorted(by_key.values(), key=lambda document: document.key))
    certified = [document for document in kept if document.certified]
    readable = [document for document in certified if document.version == _version_of(document.dataset, family)]
    series: dict[tuple[str, ...], list[InsightDocument]] = {}
    for document in sorted(readable, key=_rank, reverse=True):
        series.setdefault(_series_of(document), []).append(document)
    unread = tuple(document for document in certified if document.version != _version_of(document.dataset, family))
    ordered = tuple(tuple(series[name]) for name in sorted(series))
    return Collection(tuple(kept), ordered, unread, family)


def _version_of(dataset: str, family: frozenset[str]) -> int | None:
    return _FCID_VERSION if dataset in family else READABLE.get(dataset)


def _without_copies(documents: Sequence[InsightDocument]) -> list[InsightDocument]:
    """One of each: the number of a document is of the source, and a smaller version keeps it."""
    first: dict[tuple[str, bool, bool], InsightDocument] = {}
    smaller: dict[str, list[InsightDocument]] = {}
    for document in documents:
        if document.reduced:
            same = smaller.setdefault(document.document_id, [])
            if all(document.data != other.data for other in same):
                same.append(document)
        else:
            first.setdefault((document.document_id, document.certified, document.reduced), document)
    return sorted([*first.values(), *(each for same in smaller.values() for each in same)], key=lambda document: document.key)


def _rank(document: InsightDocument) -> tuple[bool, float, float, float, str, str]:
    reach = float("inf") if document.months is None else float(document.months)
    moment = document.reference.timestamp()
    return (not document.reduced, moment, reach, document.issued_at.timestamp(), document.document_id, document.key)


def _series_of(document: InsightDocument) -> tuple[str, ...]:
    if document.dataset == "gem.brp":
        return (document.dataset,)
    bill = document.root.text("aanslagbiljetnummer") if document.dataset == "gem.belastingaanslag" else None
    return (document.dataset, document.source_oin, bill or "")
