"""The letter of a document: what stands on its pages, block by block, composed from the content and the data set alone.

The issuer typesets these blocks; the check composes them again from `gegevens.json` and compares their text with the pages
(PROTOCOL 7.5 item 7). So nothing may enter here but content, data set and scheme addresses.

Most of a letter is the same in all letters of a source about one data set: that is worked out once, in a `_Plan`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from blauweknop.catalogue.texts import sentence
from blauweknop.document.blocks import Block, Heading, Letter, Listing, Panel, Paragraph, Rows, Table, letter_text
from blauweknop.document.field_blocks import BlockPrinter, part_printer
from blauweknop.document.plans import Plans
from blauweknop.document.reduced_letter import Notice, reduced_notice
from blauweknop.document.values import visible
from blauweknop.domain.dataset import Dataset, Field
from blauweknop.domain.dates import PartialDate, date_in_words, moment_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.names import full_name
from blauweknop.domain.representation import representative_in

__all__ = ["Block", "Heading", "Letter", "Listing", "Panel", "Paragraph", "Rows", "Table", "compose_letter", "letter_text"]

_BSN = "burgerservicenummer"
_MOST_PLANS = 256


def compose_letter(content: Mapping[str, JsonValue], dataset: Dataset, *, check_url: str, exercise: bool) -> Letter:
    """The letter that says exactly what `content` holds; `content` fits the schema of `dataset`.

    Raises:
        MalformedValue: the content names parts or fields that the data set does not have.
    """
    source = str(_mapping(content["source"])["name"])
    parts = tuple(_strings(_mapping(content["selection"])["parts"]))
    notice = reduced_notice(content, dataset, source)
    key = _Key(str(content["language"]), parts, source, check_url, exercise, notice is not None)
    plan = _plans.of(dataset if notice is None else notice.dataset, key)
    document_id = str(content["document_id"])
    valid_until = _day(str(content["valid_until"]), plan.language)
    return Letter(
        title=plan.title,
        language=plan.language,
        sender=source,
        header=plan.say("letter.reference", reference=_grouped(document_id)),
        footer=(
            plan.address_line,
            plan.say("letter.footer_valid", date=valid_until),
            *plan.exercise_line,
            *((notice.footer,) if notice else ()),
        ),
        blocks=tuple(_blocks(content, plan, notice, valid_until)),
        qr_text=f"{check_url}#{document_id}",
    )


class _Key(NamedTuple):
    """What a plan is made from, beside the data set."""

    language: str
    parts: tuple[str, ...]
    source: str
    check_url: str
    exercise: bool
    reduced: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """All of a letter that does not depend on the person."""

    language: str
    source: str
    title: str
    address_line: str
    exercise_line: tuple[str, ...]
    labels: Mapping[str, str]  # of the lines about the person and the document, by key of the catalogue
    field_labels: Mapping[str, str]  # of every field; `list.inner` for a field of rows
    in_doubt: str
    opening: Block
    intro: Block
    parts: tuple[tuple[Block, BlockPrinter], ...]
    explanation: tuple[Block, ...]
    left_out: Mapping[str, str]  # what to say of each part that may be left out
    never_included: tuple[str, ...]
    rights: tuple[Block, ...]
    correction: str
    closing: Block

    def say(self, key: str, **values: object) -> str:
        return sentence(key, self.language, **values)


def _blocks(content: Mapping[str, JsonValue], plan: _Plan, notice: Notice | None, valid_until: str) -> Iterator[Block]:
    yield notice.opening if notice else plan.opening
    yield from _fetched_by(content, plan)
    yield _person(content, plan, valid_until)
    yield from notice.blocks if notice else ()
    yield plan.intro
    data = content["data"]
    for heading, print_part in plan.parts:
        yield heading
        yield from print_part(data)
    yield from plan.explanation
    yield Listing(tuple(_not_included(_mapping(content["volledigheid"]), plan, notice)))
    yield from plan.rights
    yield Paragraph(f"{plan.correction} {plan.say('letter.correction_at', url=content['correctie_url'])}")
    yield plan.closing


def _person(content: Mapping[str, JsonValue], plan: _Plan, valid_until: str) -> Rows:
    subject, labels, language = _mapping(content["subject"]), plan.labels, plan.language
    issued_at = moment_in_words(datetime.fromisoformat(str(content["issued_at"])), language)
    return Rows(
        (
            *([(labels["letter.name"], name)] if (name := visible(full_name(subject))) else ()),
            *([(labels["letter.birth_date"], _born(subject, language))] if "birth_date" in subject else ()),
            *([(labels["letter.bsn"], str(subject["bsn"]))] if "bsn" in subject else ()),
            (labels["letter.source"], plan.source),
            (labels["letter.reference_date"], _day(str(content["reference_date"]), language)),
            (labels["letter.issued_at"], issued_at),
            (labels["letter.valid_until"], valid_until),
        )
    )


def _fetched_by(content: Mapping[str, JsonValue], plan: _Plan) -> Iterator[Block]:
    """Of a document that somebody fetched for another: both names."""
    representative = representative_in(content)
    if representative is None:
        return
    capacity = plan.say(f"acting.capacity.{representative.capacity.value}")
    person = visible(full_name(_mapping(content["subject"]))) or plan.say("acting.fetched_by.person")
    yield Paragraph(plan.say("acting.fetched_by", name=visible(representative.name), capacity=capacity, person=person))
    if representative.until is not None:
        yield Paragraph(plan.say("acting.mandate_until", date=date_in_words(representative.until, plan.language)))


def _born(subject: Mapping[str, JsonValue], language: str) -> str:
    return PartialDate.parse_json(subject["birth_date"]).in_words(language)


def _not_included(completeness: Mapping[str, JsonValue], plan: _Plan, notice: Notice | None) -> Iterator[str]:
    for part_id in _strings(completeness["weggelaten_subsets"]):
        if part_id not in plan.left_out:
            raise MalformedValue("the content names a part that its data set does not have")
        yield plan.left_out[part_id]
    counts = completeness["aantallen"]
    for count in counts if isinstance(counts, list) else []:
        if notice is None or not notice.cuts(str(_mapping(count)["lijst"])):
            yield _count(_mapping(count), plan)
    doubted = [_label_of(name, plan).removesuffix(plan.in_doubt) for name in _strings(completeness["in_onderzoek"])]
    if doubted:
        # The label of an indication says besides that the value is in doubt, which the sentence says already.
        yield plan.say("letter.under_investigation", fields=", ".join(doubted), source=plan.source)
    yield from plan.never_included


def _count(count: Mapping[str, JsonValue], plan: _Plan) -> str:
    label = _label_of(str(count["lijst"]), plan)
    included, available = count["opgenomen"], count["beschikbaar"]
    whole = {0: "letter.rows_none", 1: "letter.rows_one"}.get(int(str(available)), "letter.rows_all")
    key = whole if included == available else "letter.rows_cut"
    return plan.say(key, list=label, included=included, available=available, source=plan.source)


def _label_of(name: str, plan: _Plan) -> str:
    if name not in plan.field_labels:
        raise MalformedValue("the content names a field that its data set does not have")
    return plan.field_labels[name]


def _make_plan(dataset: Dataset, key: _Key) -> _Plan:
    language, source = key.language, key.source

    def say(name: str, **values: object) -> str:
        return sentence(name, language, **values)

    address = key.check_url.removeprefix("https://").removeprefix("http://")
    parts = [part for part in dataset.parts if part.id in key.parts]
    left_out = {part.id: say("letter.left_out_part", title=part.title.in_language(language)) for part in dataset.parts}
    about_person = ("name", "birth_date", "bsn", "source", "reference_date", "issued_at", "valid_until")
    return _Plan(
        language=language,
        source=source,
        title=dataset.title.in_language(language),
        address_line=say("letter.footer", address=address),
        exercise_line=(say("letter.exercise"),) if key.exercise else (),
        labels={f"letter.{name}": say(f"letter.{name}") for name in about_person},
        field_labels=dict(reversed(list(_field_labels(dataset.fields, language)))),
        in_doubt=f" {say('letter.in_investigation')}",
        opening=Paragraph(say("letter.certified", source=source)),
        intro=Paragraph(dataset.letter_intro.in_language(language)),
        parts=tuple(
            (
                Heading(2, part.title.in_language(language)),
                part_printer(tuple(dataset.fields_of(part.id)), language, source, reduced=key.reduced),
            )
            for part in parts
        ),
        explanation=(
            Heading(2, say("letter.explanation")),
            Paragraph(dataset.letter_explanation.in_language(language)),
            Heading(2, say("letter.not_included")),
        ),
        left_out={**left_out, _BSN: say("letter.without_bsn")},
        never_included=tuple(text.in_language(language) for text in dataset.not_included),
        rights=(Heading(2, say("letter.rights")), *_rights(dataset, language)),
        correction=dataset.correction.in_language(language),
        closing=Panel(
            say("letter.check_title"),
            (
                say("letter.check_steps", address=address),
                say("reduced.viewer" if key.reduced else "letter.check_viewer"),
                say("letter.check_data"),
            ),
        ),
    )


def _rights(dataset: Dataset, language: str) -> Iterator[Block]:
    basis = "; ".join(item.description.in_language(language) for item in dataset.legal_basis)
    yield Paragraph(sentence("letter.legal_basis", language, basis=basis))
    objection = dataset.objection
    about = objection.about.in_language(language)
    where = "" if objection.kind == "geen" else f" {sentence('letter.objection_at', language, url=objection.url)}"
    yield Paragraph(f"{about}{where}")


def _field_labels(fields: Sequence[Field], language: str, within: str = "") -> Iterator[tuple[str, str]]:
    for field in fields:
        yield f"{within}{field.name}", field.label.in_language(language)
        yield from _field_labels(field.fields, language, f"{within}{field.name}.")


_plans = Plans(_make_plan, most=_MOST_PLANS)


@lru_cache(maxsize=1024)
def _day(text: str, language: str) -> str:
    return date_in_words(date.fromisoformat(text), language)


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise MalformedValue("expected the content of a document that fits its schema")
    return value


def _strings(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _grouped(identifier: str) -> str:
    """`3f2a 90c1 ...`: easier to read aloud."""
    return " ".join([identifier[index : index + 4] for index in range(0, len(identifier), 4)])
