"""What the letter of a reduced document has more and less than that of a whole one; composed from content and data set, as all letters are.

A field that is absent where the credential holds something back is not called absent: whether the source did not state it or the holder
left it out cannot be seen. It stands in the list of what is not in this version. What is absent elsewhere, the source did not state.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from blauweknop.catalogue.texts import sentence
from blauweknop.document.blocks import Block, Heading, Listing, Paragraph
from blauweknop.document.places import value_at
from blauweknop.document.plans import Plans
from blauweknop.document.reduction import Reduction, reduction_of, without_positions
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import AMSTERDAM, date_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.names import OF_PERSON

__all__ = ["Notice", "absent_fields", "absent_of_person", "reduced_notice"]


@dataclass(frozen=True, slots=True)
class Notice:
    """For the letter of a reduced document: the data set with nothing for paper of what is not in it, and the words that say so."""

    dataset: Dataset
    opening: Block
    blocks: tuple[Block, ...] = field(repr=False)
    footer: str
    cut_lists: frozenset[str]

    def cuts(self, name: str) -> bool:
        """Whether rows are left out of this list of the data set, or of a list around it."""
        return any(name == cut or name.startswith(f"{cut}.") for cut in self.cut_lists)


def reduced_notice(content: Mapping[str, JsonValue], dataset: Dataset, source: str) -> Notice | None:
    """None for a whole document. Raises: MalformedValue (see `reduction_of`)."""
    reduction = reduction_of(content)
    if reduction is None:
        return None
    language = str(content["language"])
    parts = _chosen_parts(content)
    absent = absent_fields(content, dataset, reduction)
    day = date_in_words(reduction.made_at.astimezone(AMSTERDAM).date(), language)
    items = tuple(_items(content, dataset, reduction, absent, language)) or (sentence("reduced.whole", language),)
    return Notice(
        _without.of(dataset, (parts, frozenset(row.name for row in absent))),
        Paragraph(sentence("reduced.opening", language, source=source, date=day)),
        (
            Paragraph(sentence("reduced.about", language, source=source)),
            Heading(2, sentence("reduced.title", language)),
            Listing(items),
        ),
        sentence("reduced.footer", language, date=day),
        reduction.lists,
    )


def absent_fields(content: Mapping[str, JsonValue], dataset: Dataset, reduction: Reduction) -> list[Field]:
    """The single values of chosen parts that are not there, in objects of which something is left out."""
    parts, data = _chosen_parts(content), content["data"]
    return [
        row
        for row in dataset.fields
        if row.type is not FieldType.LIST
        and row.part in parts
        and ".".join(("data", *row.path[:-1])) in reduction.values
        and value_at(data, row.path) is None
    ]


def absent_of_person(content: Mapping[str, JsonValue]) -> list[str]:
    """What of the person was in the whole document and is not in this one; a document without BSN never had it."""
    subject, completeness = content["subject"], content["volledigheid"]
    left_out = completeness.get("weggelaten_subsets") if isinstance(completeness, dict) else None
    without_bsn = isinstance(left_out, list) and "burgerservicenummer" in left_out
    there = subject.keys() if isinstance(subject, dict) else ()
    return [name for name in OF_PERSON if name not in there and not (name == "bsn" and without_bsn)]


def _chosen_parts(content: Mapping[str, JsonValue]) -> frozenset[str]:
    parts = value_at(content, ("selection", "parts"))
    return frozenset(part for part in parts if isinstance(part, str)) if isinstance(parts, list) else frozenset()


def _items(
    content: Mapping[str, JsonValue], dataset: Dataset, reduction: Reduction, absent: Sequence[Field], language: str
) -> Iterator[str]:
    """One sentence for the person, for each part, and for each list that was made shorter."""
    if "subject" in reduction.values:
        names = [sentence(f"reduced.{name}", language) for name in absent_of_person(content)]
        yield f"{sentence('letter.person', language)}: {', '.join(names)}."
    for part in dataset.parts:
        labels = [row.label.in_language(language) for row in absent if row.part == part.id and row.on_paper]
        if labels:
            yield f"{part.title.in_language(language)}: {', '.join(labels)}."
    counts: dict[str, int] = {}
    for path, number in reduction.rows.items():
        name = without_positions(path).removeprefix("data.")
        counts[name] = counts.get(name, 0) + number
    for name, label in _list_labels(dataset.fields, language):
        if name in counts:
            key = "reduced.row" if counts[name] == 1 else "reduced.rows"
            yield sentence(key, language, list=label, count=counts[name])


def _list_labels(fields: Sequence[Field], language: str, within: str = "") -> Iterator[tuple[str, str]]:
    for row in fields:
        if row.type is FieldType.LIST:
            yield f"{within}{row.name}", row.label.in_language(language)
            yield from _list_labels(row.fields, language, f"{within}{row.name}.")


def _make_without(dataset: Dataset, key: tuple[frozenset[str], frozenset[str]]) -> Dataset:
    """The data set with these fields not for paper, and without those of its chosen parts of which then nothing is."""
    chosen, names = key
    fields = tuple(replace(row, on_paper=False) if row.name in names else row for row in dataset.fields)
    shown = {row.part for row in fields if row.on_paper}
    return replace(dataset, fields=fields, parts=tuple(part for part in dataset.parts if part.id in shown or part.id not in chosen))


_without = Plans(_make_without, most=64)
