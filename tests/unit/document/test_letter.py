from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.catalogue import load_catalogue
from blauweknop.document.blocks import BULLET, Heading, Letter, Listing, Paragraph, Rows, Table, letter_text, printed_text, without_space
from blauweknop.document.content import Content, compose_content
from blauweknop.document.letter import compose_letter
from blauweknop.document.values import format_value
from blauweknop.domain.dataset import Dataset, Field, FieldType, Objection
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Selection, Snapshot, Subject
from blauweknop.domain.errors import MalformedValue
from tests.unit.catalogue.samples import MOMENT, sample_data
from tests.unit.document.content_samples import CHECK_URL, FACTS, SOURCE, content_of, letter_of

CATALOGUE = load_catalogue()
ALL = [pytest.param(dataset, id=dataset.id) for dataset in CATALOGUE.datasets.values()]
PERSON = CATALOGUE.dataset("gem.brp")
DEBT = CATALOGUE.dataset("duo.studieschuld")
JOBS = CATALOGUE.dataset("uwv.verzekeringsbericht")
EVENTS = CATALOGUE.dataset("duo.betaaloverzicht")
_WORDS = st.text("abcdeé ĳŞ-'.", max_size=12)
_DAYS = st.dates().map(lambda day: day.isoformat())
_OF_TYPE: dict[FieldType, st.SearchStrategy[JsonValue]] = {
    FieldType.TEXT: _WORDS,
    FieldType.INTEGER: st.integers(-(10**6), 10**6),
    FieldType.EUROCENT: st.integers(-(10**12), 10**12),
    FieldType.EURO: st.integers(0, 10**9),
    FieldType.DECIMAL2: st.integers(-(10**6), 10**6).map(lambda number: f"{number}.05"),
    FieldType.RATIO: st.integers(0, 9999).map(lambda number: f"0.{number:04d}"),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.DATE: _DAYS,
    FieldType.PARTIAL_DATE: st.integers(1900, 2026).map(lambda year: {"type": "JaarDatum", "jaar": year}),
    FieldType.DATETIME: st.integers(0, 10**9).map(lambda second: datetime.fromtimestamp(second, UTC).isoformat()),
    FieldType.YEAR: st.integers(1900, 2100),
    FieldType.YEAR_MONTH: st.integers(1, 12).map(lambda month: f"2026-{month:02d}"),
    FieldType.CODE_TABLE: _WORDS.map(lambda words: {"omschrijving": words}),
    FieldType.URL: st.just("https://wetten.overheid.nl/BWBR0005537"),
}


def of(kind: type, letter: Letter) -> list[object]:
    return [block for block in letter.blocks if isinstance(block, kind)]


def letter_for(dataset: Dataset, data: Mapping[str, JsonValue], *, language: str = "nl", months: int | None = None) -> Letter:
    snapshot = Snapshot(dataset.id, Subject("Zoë", "van der Berg", PartialDate(1985, 8, 12)), data, MOMENT)
    selection = Selection(dataset.id, frozenset(part.id for part in dataset.parts), months)
    content = compose_content(snapshot, selection, dataset, SOURCE, replace(FACTS, language=language))
    return compose_letter(content, dataset, check_url=CHECK_URL, exercise=True)


def items(letter: Letter) -> str:
    return "\n".join(item for block in letter.blocks if isinstance(block, Listing) for item in block.items)


@st.composite
def data_for(draw: st.DrawFn, fields: Sequence[Field]) -> dict[str, JsonValue]:
    data: dict[str, JsonValue] = {}
    for field in fields:
        if not field.required and draw(st.booleans()):
            continue
        node = data
        for step in field.path[:-1]:
            inner = node.setdefault(step, {})
            assert isinstance(inner, dict)
            node = inner
        node[field.path[-1]] = _drawn(draw, field)
    return data


def _drawn(draw: st.DrawFn, field: Field) -> JsonValue:
    if field.type is FieldType.LIST:
        return [draw(data_for(field.fields)) for _ in range(draw(st.integers(0, 2)))]
    if field.codes:
        return draw(st.sampled_from(sorted(field.codes)))
    if field.pattern:
        value: JsonValue = sample_data([field])
        for step in field.path:
            assert isinstance(value, dict)
            value = value[step]
        return value
    return draw(_OF_TYPE[field.type])


def shown_values(fields: Sequence[Field], data: JsonValue, language: str) -> Iterator[str]:
    """What must be on paper: every value that is there, of every field that is for on paper."""
    for field in fields:
        value = data
        for step in field.path:
            value = value.get(step) if isinstance(value, dict) else None
        if not field.on_paper or value is None:
            continue
        if field.type is FieldType.LIST:
            assert isinstance(value, list)
            for row in value:
                yield from shown_values(field.fields, row, language)
        else:
            yield format_value(field, value, language)


@pytest.mark.parametrize("dataset", ALL)
@settings(max_examples=40)
@given(data=st.data(), language=st.sampled_from(["nl", "en"]))
def test_every_value_that_is_for_paper_is_on_paper(dataset: Dataset, data: st.DataObject, language: str) -> None:
    drawn = data.draw(data_for(dataset.fields))
    printed = printed_text(letter_for(dataset, drawn, language=language))
    missing = [words for words in shown_values(dataset.fields, drawn, language) if without_space(words) not in printed]
    assert missing == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("dataset", ALL)
def test_every_label_stands_beside_its_value_also_when_there_is_none(dataset: Dataset, language: str) -> None:
    printed = letter_text(letter_for(dataset, {}, language=language))
    fields = [field for field in dataset.fields if field.on_paper]
    assert [field.label.in_language(language) for field in fields if field.label.in_language(language) not in printed] == []


@pytest.mark.parametrize("dataset", ALL)
def test_a_part_that_was_not_chosen_is_named_and_not_shown(dataset: Dataset) -> None:
    required = [part.id for part in dataset.parts if part.required]
    letter = compose_letter(content_of(dataset, parts=required), dataset, check_url=CHECK_URL, exercise=True)
    headings = {block.text for block in letter.blocks if isinstance(block, Heading) and block.level == 2}
    for part in dataset.parts:
        assert (part.title.nl in headings) == (part.id in required)
        assert (f"{part.title.nl}." in items(letter)) == (part.id not in required)


def test_a_value_in_doubt_says_so_at_the_value_and_in_the_summary() -> None:
    data: dict[str, JsonValue] = {
        "naam": {"voornamen": "Zoë", "inOnderzoek": {"voornamen": True}},
        "partners": [{"naam": {"geslachtsnaam": "Jansen", "inOnderzoek": {"geslachtsnaam": True}}}, {"naam": {"geslachtsnaam": "Bos"}}],
    }
    letter = letter_for(PERSON, data)
    rows = {pair for block in letter.blocks if isinstance(block, Rows) for pair in block.rows}
    (partners,) = [block for block in letter.blocks if isinstance(block, Table)]
    assert ("Voornamen", "Zoë (in onderzoek)") in rows
    assert [row[partners.header.index("Achternaam")] for row in partners.rows] == ["Jansen (in onderzoek)", "Bos"]
    assert "In onderzoek bij Gemeente Dichtbij: Voornamen, Achternaam van uw partner." in items(letter)


def test_doubt_is_told_in_english_too() -> None:
    letter = letter_for(PERSON, {"naam": {"voornamen": "Zoë", "inOnderzoek": {"voornamen": True}}}, language="en")
    assert "Zoë (under investigation)" in letter_text(letter)
    assert "Under investigation by Gemeente Dichtbij: First names." in items(letter)


@pytest.mark.parametrize(
    ("moments", "sentence"),
    [
        ([], "Gebeurtenissen: Gemeente Dichtbij heeft hierover niets van u."),
        (["2026-11-01T00:00:00+01:00"], "Gebeurtenissen: de enige regel van Gemeente Dichtbij staat erin."),
        (["2026-11-01T00:00:00+01:00"] * 3, "Gebeurtenissen: alle 3 regels van Gemeente Dichtbij staan erin."),
        (
            ["1999-11-01T00:00:00+01:00", "2026-11-01T00:00:00+01:00"],
            "Gebeurtenissen: 1 van de 2 regels staan erin. De andere vallen buiten de periode die u koos.",
        ),
    ],
)
def test_the_letter_counts_its_rows(moments: list[str], sentence: str) -> None:
    rows: list[JsonValue] = [{"datumtijd_gebeurtenis": moment, "bedrag": 5} for moment in moments]
    assert sentence in items(letter_for(EVENTS, {"gebeurtenissen": rows}, months=12))


def test_a_list_without_rows_says_that_the_source_has_nothing() -> None:
    letter = letter_for(EVENTS, {"financiele_zaken": []})
    assert Paragraph("Zaken: Gemeente Dichtbij heeft hierover niets van u.") in letter.blocks


def test_a_table_ends_with_the_sum_of_its_amounts() -> None:
    rows: list[JsonValue] = [{"zaakkenmerk": "A", "saldo": amount} for amount in (250, -100, 1)]
    (table,) = of(Table, letter_for(EVENTS, {"financiele_zaken": rows}))
    assert isinstance(table, Table)
    assert table.total is not None
    assert (table.total[0], table.total[table.header.index("Nog open")]) == ("Totaal", "€\u00a01,51")


def test_where_to_object_is_said_only_of_what_is_a_decision() -> None:
    assert "Bezwaar: https://" in letter_text(letter_of(DEBT))
    no_decision = replace(DEBT, objection=Objection("geen", DEBT.objection.about, DEBT.objection.url))
    assert "Bezwaar: https://" not in letter_text(letter_of(no_decision))


def test_each_row_of_a_list_with_lists_has_its_own_heading() -> None:
    data: dict[str, JsonValue] = {"inkomstenverhoudingen": [{"werkgever_naam": name, "loonitems": []} for name in ("Bakkerij", "")]}
    headings = [block.text for block in letter_for(JOBS, data).blocks if isinstance(block, Heading) and block.level == 3]
    assert headings == ["Bakkerij", "niet vermeld"]


def test_the_letter_says_where_to_check_and_that_it_is_an_exercise() -> None:
    letter = letter_of(DEBT)
    assert letter.qr_text == f"{CHECK_URL}#{'3f2a90c1' * 4}"
    assert letter.footer[0] == "Controleer dit document op controle.blauweknop.example/controle"
    assert letter.footer[-1].startswith("Oefenomgeving")
    assert len(compose_letter(content_of(DEBT), DEBT, check_url=CHECK_URL, exercise=False).footer) == 2


def test_the_bsn_is_on_paper_only_when_it_is_in_the_content() -> None:
    assert "999990019" in letter_text(letter_of(DEBT, "extreme"))
    assert "Uw burgerservicenummer (BSN) staat er niet in." in items(letter_of(DEBT, "full"))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("weggelaten_subsets", ["bestaat_niet"]),
        ("in_onderzoek", ["bestaat_niet"]),
        ("in_onderzoek", ["partners.bestaat_niet"]),
        ("aantallen", [{"lijst": "bestaat_niet", "opgenomen": 1, "beschikbaar": 1}]),
        ("aantallen", ["geen telling"]),
    ],
)
def test_content_that_names_what_its_data_set_does_not_have_is_refused(member: str, value: JsonValue) -> None:
    content: Content = content_of(PERSON)
    completeness = content["volledigheid"]
    assert isinstance(completeness, dict)
    with pytest.raises(MalformedValue):
        compose_letter({**content, "volledigheid": {**completeness, member: value}}, PERSON, check_url=CHECK_URL, exercise=True)


def test_the_printed_text_has_the_marks_of_a_list_and_no_white_space() -> None:
    letter = Letter("Een brief", "nl", "", "", (), (Listing(("een", "twee e\u0301")), Paragraph("na\u00a0een")), "")
    assert printed_text(letter) == f"Eenbrief{BULLET}een{BULLET}tweeénaeen"
