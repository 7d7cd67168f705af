"""The letter of a document: what stands on its pages, block by block, composed from the content and the data set alone.

The issuer typesets these blocks; the check composes them again from `gegevens.json` and compares their text with the pages
(PROTOCOL 7.5 item 7). So nothing may enter here but content, data set and scheme addresses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from blauweknop.catalogue.texts import sentence
from blauweknop.document.blocks import Block, Heading, Letter, Listing, Panel, Paragraph, Rows, Table, letter_text
from blauweknop.document.content import IN_INVESTIGATION
from blauweknop.document.values import format_value, visible
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import PartialDate, date_in_words, moment_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.money import format_cents, format_euros
from blauweknop.domain.texts import Text

__all__ = ["Block", "Heading", "Letter", "Listing", "Panel", "Paragraph", "Rows", "Table", "compose_letter", "letter_text"]

_NUMBERS = {FieldType.EUROCENT, FieldType.EURO, FieldType.DECIMAL2, FieldType.INTEGER, FieldType.RATIO}


def compose_letter(content: Mapping[str, JsonValue], dataset: Dataset, *, check_url: str, exercise: bool) -> Letter:
    """The letter that says exactly what `content` holds; `content` fits the schema of `dataset`.

    Raises:
        MalformedValue: the content names parts or fields that the data set does not have.
    """
    composer = _Composer(content, dataset, str(content["language"]))
    address = check_url.removeprefix("https://").removeprefix("http://")
    reference = _grouped(str(content["document_id"]))
    language = composer.language
    valid_until = date_in_words(date.fromisoformat(str(content["valid_until"])), language)
    return Letter(
        title=dataset.title.in_language(language),
        language=language,
        sender=composer.source,
        header=sentence("letter.reference", language, reference=reference),
        footer=(
            sentence("letter.footer", language, address=address),
            sentence("letter.footer_valid", language, date=valid_until),
            *((sentence("letter.exercise", language),) if exercise else ()),
        ),
        blocks=tuple(composer.blocks(address)),
        qr_text=f"{check_url}#{content['document_id']}",
    )


@dataclass(frozen=True, slots=True)
class _Composer:
    content: Mapping[str, JsonValue]
    dataset: Dataset
    language: str

    @property
    def source(self) -> str:
        return str(_mapping(self.content["source"])["name"])

    def say(self, key: str, **values: object) -> str:
        return sentence(key, self.language, **values)

    def blocks(self, address: str) -> Iterator[Block]:
        yield Paragraph(self.say("letter.certified", source=self.source))
        yield self._person()
        yield Paragraph(self.dataset.letter_intro.in_language(self.language))
        yield from self._parts()
        yield Heading(2, self.say("letter.explanation"))
        yield Paragraph(self.dataset.letter_explanation.in_language(self.language))
        yield Heading(2, self.say("letter.not_included"))
        yield Listing(tuple(self._not_included()))
        yield Heading(2, self.say("letter.rights"))
        yield from self._rights()
        yield Panel(
            self.say("letter.check_title"),
            (self.say("letter.check_steps", address=address), self.say("letter.check_viewer"), self.say("letter.check_data")),
        )

    def _person(self) -> Rows:
        subject = _mapping(self.content["subject"])
        rows = [
            (self.say("letter.name"), visible(f"{subject['given_name']} {subject['family_name']}")),
            (self.say("letter.birth_date"), PartialDate.parse_json(subject["birth_date"]).in_words(self.language)),
        ]
        if "bsn" in subject:
            rows.append((self.say("letter.bsn"), str(subject["bsn"])))
        return Rows(
            (
                *rows,
                (self.say("letter.source"), self.source),
                (self.say("letter.reference_date"), self._day("reference_date")),
                (self.say("letter.issued_at"), moment_in_words(datetime.fromisoformat(str(self.content["issued_at"])), self.language)),
                (self.say("letter.valid_until"), self._day("valid_until")),
            )
        )

    def _day(self, name: str) -> str:
        return date_in_words(date.fromisoformat(str(self.content[name])), self.language)

    def _parts(self) -> Iterator[Block]:
        chosen = _strings(_mapping(self.content["selection"])["parts"])
        for part in self.dataset.parts:
            if part.id not in chosen:
                continue
            fields = [field for field in self.dataset.fields_of(part.id) if field.on_paper]
            yield Heading(2, part.title.in_language(self.language))
            scalars = [field for field in fields if field.type is not FieldType.LIST]
            if scalars:
                yield Rows(tuple(self._row(field, self.content["data"]) for field in scalars))
            for field in fields:
                if field.type is FieldType.LIST:
                    yield from self._list(field, _value_at(self.content["data"], field.path), level=3)

    def _row(self, field: Field, data: JsonValue) -> tuple[str, str]:
        shown = format_value(field, _value_at(data, field.path), self.language)
        return field.label.in_language(self.language), shown + self._doubt(field, data)

    def _doubt(self, field: Field, data: JsonValue) -> str:
        """What follows a value that the source is looking into."""
        place = (*field.path[:-1], IN_INVESTIGATION, field.path[-1])
        return f" {self.say('letter.in_investigation')}" if _value_at(data, place) is True else ""

    def _list(self, field: Field, value: JsonValue, level: int) -> Iterator[Block]:
        rows = value if isinstance(value, list) else []
        if not rows:
            yield Paragraph(f"{field.label.in_language(self.language)}: {self.say('letter.nothing', source=self.source)}")
            return
        nested = [inner for inner in field.fields if inner.type is FieldType.LIST and inner.on_paper]
        if not nested:
            yield self._table(field, rows)
            return
        scalars = [inner for inner in field.fields if inner.type is not FieldType.LIST and inner.on_paper]
        for row in rows:
            title, *others = [self._row(inner, row) for inner in scalars]
            yield Heading(level, title[1])
            if others:
                yield Rows(tuple(others))
            for inner in nested:
                yield from self._list(inner, _value_at(row, inner.path), level)

    def _table(self, field: Field, rows: Sequence[JsonValue]) -> Table:
        columns = [column for column in field.fields if column.on_paper]
        label = field.label.in_language(self.language)
        return Table(
            caption=label,
            header=tuple(column.label.in_language(self.language) for column in columns),
            rows=tuple(tuple(self._cell(column, row) for column in columns) for row in rows),
            numbers=tuple(column.type in _NUMBERS for column in columns),
            total=self._total(columns, rows),
        )

    def _cell(self, column: Field, row: JsonValue) -> str:
        value = _value_at(row, column.path)
        return ("" if value is None else format_value(column, value, self.language)) + self._doubt(column, row)

    def _total(self, columns: Sequence[Field], rows: Sequence[JsonValue]) -> tuple[str, ...] | None:
        if not any(column.total for column in columns):
            return None
        cells = []
        for column in columns:
            values = [value for row in rows if isinstance(value := _value_at(row, column.path), int)]
            shown = format_euros if column.type is FieldType.EURO else format_cents
            cells.append(shown(sum(values), self.language) if column.total else "")
        return (self.say("letter.total"), *cells[1:]) if not columns[0].total else tuple(cells)

    def _not_included(self) -> Iterator[str]:
        completeness = _mapping(self.content["volledigheid"])
        for part_id in _strings(completeness["weggelaten_subsets"]):
            if part_id == "burgerservicenummer":
                yield self.say("letter.without_bsn")
            else:
                yield self.say("letter.left_out_part", title=self._part_title(part_id))
        counts = completeness["aantallen"]
        for count in counts if isinstance(counts, list) else []:
            yield self._count(_mapping(count))
        doubted = [self._plain_label(name) for name in _strings(completeness["in_onderzoek"])]
        if doubted:
            yield self.say("letter.under_investigation", fields=", ".join(doubted), source=self.source)
        yield from (text.in_language(self.language) for text in self.dataset.not_included)

    def _count(self, count: Mapping[str, JsonValue]) -> str:
        label = _label_of(self.dataset.fields, str(count["lijst"])).in_language(self.language)
        included, available = count["opgenomen"], count["beschikbaar"]
        whole = {0: "letter.rows_none", 1: "letter.rows_one"}.get(int(str(available)), "letter.rows_all")
        key = whole if included == available else "letter.rows_cut"
        return self.say(key, list=label, included=included, available=available, source=self.source)

    def _plain_label(self, name: str) -> str:
        """The label of the value an indication is about; the indication's own label says besides that it is in doubt."""
        label = _label_of(self.dataset.fields, name).in_language(self.language)
        return label.removesuffix(f" {self.say('letter.in_investigation')}")

    def _part_title(self, part_id: str) -> str:
        if part_id not in {part.id for part in self.dataset.parts}:
            raise MalformedValue("the content names a part that its data set does not have")
        return self.dataset.part(part_id).title.in_language(self.language)

    def _rights(self) -> Iterator[Block]:
        basis = "; ".join(item.description.in_language(self.language) for item in self.dataset.legal_basis)
        objection = self.dataset.objection
        yield Paragraph(self.say("letter.legal_basis", basis=basis))
        about = objection.about.in_language(self.language)
        yield Paragraph(about if objection.kind == "geen" else f"{about} {self.say('letter.objection_at', url=objection.url)}")
        correction = self.dataset.correction.in_language(self.language)
        yield Paragraph(f"{correction} {self.say('letter.correction_at', url=self.content['correctie_url'])}")


def _value_at(data: JsonValue, path: Sequence[str]) -> JsonValue:
    for step in path:
        if not isinstance(data, dict):
            return None
        data = data.get(step)
    return data


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise MalformedValue("expected the content of a document that fits its schema")
    return value


def _strings(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _label_of(fields: Sequence[Field], name: str) -> Text:
    """Label of the field or, for `list.inner`, of the list inside the rows of a list."""
    for field in fields:
        if field.name == name:
            return field.label
        if field.fields and name.startswith(f"{field.name}."):
            return _label_of(field.fields, name.removeprefix(f"{field.name}."))
    raise MalformedValue("the content names a field that its data set does not have")


def _grouped(identifier: str) -> str:
    """`3f2a 90c1 ...`: easier to read aloud."""
    return " ".join(identifier[index : index + 4] for index in range(0, len(identifier), 4))
