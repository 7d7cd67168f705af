"""What the preview shows: per chosen data set its outcome, and when found the very letter that the document will be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from blauweknop.document.content import DocumentFacts, compose_content
from blauweknop.document.letter import Heading, Letter, Listing, Panel, Paragraph, Rows, Table, compose_letter
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Found, Outcome, OutcomeKind, Selection, Unavailable
from blauweknop.issuer.login import Mandate
from blauweknop.issuer.outcome_words import outcome_words
from blauweknop.issuer.ports import IssuerServices

__all__ = ["PreviewItem", "block_kind", "preview_items"]


@dataclass(frozen=True, slots=True)
class PreviewItem:
    """One data set on the preview page; `letter` only when there will be a document."""

    dataset: Dataset
    kind: OutcomeKind
    words: str
    can_retry: bool
    letter: Letter | None = field(repr=False)


def preview_items(
    selections: Sequence[Selection],
    outcomes: Mapping[str, Outcome],
    services: IssuerServices,
    *,
    language: str,
    mandate: Mandate | None = None,
) -> tuple[PreviewItem, ...]:
    """In the order of the selections.

    Raises:
        SelectionRefused: a selection does not fit its data set.
    """
    return tuple(_item(selection, outcomes.get(selection.dataset_id), services, language, mandate) for selection in selections)


def block_kind(block: object) -> str:
    """The name by which the template knows a block of the letter."""
    kinds = {Heading: "heading", Paragraph: "paragraph", Rows: "rows", Table: "table", Listing: "listing", Panel: "panel"}
    return kinds[type(block)]


def _item(selection: Selection, outcome: Outcome | None, services: IssuerServices, language: str, mandate: Mandate | None) -> PreviewItem:
    dataset = services.by_id[selection.dataset_id]
    words = outcome_words(outcome, source=services.source.name, language=language)
    retry = outcome is None or (isinstance(outcome, Unavailable) and outcome.retry_worthwhile)
    if not isinstance(outcome, Found):
        return PreviewItem(dataset, outcome.kind if outcome else OutcomeKind.UNAVAILABLE, words, retry, None)
    # The number and the moment of the document come into being at the download.
    unnumbered = DocumentFacts("0" * 32, "0" * 32, "0" * 32, services.now().replace(microsecond=0), language, services.correction_url)
    unnumbered = replace(unnumbered, representative=mandate.representative if mandate else None)
    content = compose_content(outcome.snapshot, selection, dataset, services.source, unnumbered)
    certifier = services.certifier
    letter = compose_letter(content, dataset, check_url=certifier.check_url, exercise=certifier.exercise)
    return PreviewItem(dataset, outcome.kind, words, False, letter)
