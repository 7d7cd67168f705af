"""How is this computed: a figure with its definition, its terms, and for each term links that open the document at the field."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.domain.dates import date_in_words
from blauweknop.domain.texts import Text
from blauweknop.holder.document_view import anchor_of, label_of, title_of
from blauweknop.insight import Amount, Definition, InsightDocument, Origin, Share

__all__ = ["MOST_LINKS", "Explained", "Link", "Links", "Step"]

MOST_LINKS = 6
"""A year of pay comes from dozens of fields; of such a term the first ones are linked, and its months have the others."""


@dataclass(frozen=True, slots=True)
class Link:
    """To a document, at the field."""

    words: str = field(repr=False)
    address: str


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the computation; `cents` is None for a step that is no sum of money. `more` links were left out."""

    words: str = field(repr=False)
    cents: int | None = field(repr=False)
    links: tuple[Link, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Explained:
    """A figure as a page shows it. `steps` end without the sum, which is `cents`; of a share `said` is the figure."""

    title: str
    counts: str
    not_counted: str
    steps: tuple[Step, ...]
    cents: int | None = field(repr=False)
    said: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Links:
    """Knows of every document of a collection what it is called and where its page is."""

    documents: dict[str, InsightDocument] = field(repr=False)
    catalogue: Catalogue = field(repr=False)
    path: str  # below which the pages of documents are: "/mijn/documenten"
    language: str
    _names: dict[str, str] = field(default_factory=dict, repr=False, compare=False)  # by the key of the document, made once

    @classmethod
    def to(cls, documents: Sequence[InsightDocument], catalogue: Catalogue, path: str, language: str) -> "Links":
        return cls({document.key: document for document in documents}, catalogue, path, language)

    def title(self, dataset: str) -> str:
        return title_of(dataset, self.catalogue, self.language)

    def document(self, key: str) -> Link:
        """To the page of a document: what it is, of whom and of when."""
        return Link(self._name(self.documents[key]), f"{self.path}/{key}")

    def field(self, origin: Origin) -> Link:
        """To the field in the document; to the document alone when nothing of it could be read into figures."""
        document = self.documents.get(origin.document)
        if document is None:
            return Link(self.title(origin.dataset), f"{self.path}/{origin.document}")
        label = self._label(origin)
        words = f"{self._name(document)}: {label}" if label else self._name(document)
        return Link(words, f"{self.path}/{origin.document}#{anchor_of(_shown_place(origin))}")

    def fields(self, origins: Sequence[Origin]) -> tuple[Link, ...]:
        """Each field once; two rows of one list that are named alike both stay, since they lead to different places."""
        return tuple({link.address: link for link in map(self.field, origins)}.values())

    def amount(self, amount: Amount) -> Explained:
        steps = tuple(
            Step(term.words.in_language(self.language), term.cents, self.fields(term.origins[:MOST_LINKS]), len(term.origins[MOST_LINKS:]))
            for term in amount.terms
        )
        known = Definition.of(amount.figure)
        return Explained(self._said(known.title), self._said(known.counts), self._said(known.not_counted), steps, amount.cents)

    def known(self, amount: Amount | None) -> Explained | None:
        return None if amount is None else self.amount(amount)

    def share(self, share: Share, said: str) -> Explained:
        known = Definition.of(share.figure)
        steps = tuple(Step(step, None) for step in share.steps(self.language))
        return Explained(self._said(known.title), self._said(known.counts), self._said(known.not_counted), steps, None, said)

    def _said(self, words: Text) -> str:
        return words.in_language(self.language)

    def _name(self, document: InsightDocument) -> str:
        name = self._names.get(document.key)
        if name is None:
            day, title = date_in_words(document.reference_day, self.language), self.title(document.dataset)
            name = sentence("holder.document.name", self.language, title=title, source=document.source_name, day=day)
            self._names[document.key] = name
        return name

    def _label(self, origin: Origin) -> str | None:
        dataset = self.catalogue.datasets.get(origin.dataset)
        if origin.path.startswith("data."):
            return label_of(dataset, origin.field_name, self.language) if dataset else None
        key = f"holder.document.field.{origin.path}"
        return sentence(key, self.language) if key in all_texts() else None


def _shown_place(origin: Origin) -> str:
    """Of a value that is absent its row, or else all of the data: the page of a document shows only what is there."""
    if origin.value is not None or not origin.path.startswith("data."):
        return origin.path
    row, bracket, _ = origin.path.rpartition("]")
    return f"{row}{bracket}" if bracket else "data"
