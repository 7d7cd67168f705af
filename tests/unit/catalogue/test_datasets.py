"""The data sets of the product, one test per promise they make."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from blauweknop.catalogue.load import load_catalogue
from blauweknop.catalogue.schema import json_schema
from blauweknop.document.content import DocumentFacts, choose, compose_content
from blauweknop.document.letter import compose_letter, letter_text
from blauweknop.domain.dataset import AssuranceLevel, Dataset, Field, FieldType
from blauweknop.domain.document import Selection, SourceIdentity
from blauweknop.domain.identifiers import Oin
from blauweknop.domain.texts import Text
from tests.unit.catalogue.samples import MOMENT, sample_data, sample_document, sample_snapshot

CATALOGUE = load_catalogue()
EVERY_DATASET = [pytest.param(dataset, id=dataset.id) for dataset in CATALOGUE.datasets.values()]
every_dataset = pytest.mark.parametrize("dataset", EVERY_DATASET)

# What the product promises to have from the start.
PROMISED = {
    "duo": {"duo.studieschuld", "duo.studiefinanciering", "duo.betaaloverzicht"},
    "uwv": {"uwv.verzekeringsbericht", "uwv.uitkeringsspecificatie", "uwv.betaaloverzicht"},
    "cak": {"cak.eigen_bijdrage", "cak.wanbetalers", "cak.betaaloverzicht"},
    "gemeente": {"gem.brp", "gem.bijstand", "gem.belastingaanslag", "gem.woz", "gem.pw_vordering", "gem.betaaloverzicht"},
}
# Parts that say something about health, origin, income or other people: a person chooses them, they are never a default.
NEVER_PRESELECTED = {
    "uwv.verzekeringsbericht": {"sv_dagen", "arbeidsverleden"},
    "uwv.uitkeringsspecificatie": {"inhoudingen"},
    "cak.eigen_bijdrage": {"inkomen", "zorg"},
    "gem.brp": {"partner", "huishouden", "kinderen", "nationaliteiten", "curatele"},
    "gem.bijstand": {"leefsituatie", "inkomsten", "rekening", "gestopt"},
    "gem.belastingaanslag": {"kwijtschelding", "invordering"},
}
LONGEST_SENTENCE = 25
MOST_COLUMNS = 6


@pytest.mark.parametrize("kind", PROMISED)
def test_each_kind_of_source_has_its_data_sets(kind: str) -> None:
    assert {dataset.id for dataset in CATALOGUE.of_kind(kind)} == PROMISED[kind]


@every_dataset
def test_the_schema_is_valid_json_schema_2020_12(dataset: Dataset) -> None:
    schema = json_schema(dataset)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@every_dataset
def test_the_schema_accepts_a_document_with_everything(dataset: Dataset) -> None:
    Draft202012Validator(json_schema(dataset)).validate(sample_document(dataset))


@every_dataset
def test_the_schema_accepts_a_document_with_only_what_is_required(dataset: Dataset) -> None:
    document = sample_document(dataset) | {"data": dict(sample_data(dataset.fields, only_required=True))}
    Draft202012Validator(json_schema(dataset)).validate(document)


@every_dataset
def test_the_schema_refuses_a_member_it_does_not_know(dataset: Dataset) -> None:
    document = sample_document(dataset)
    document["data"] = {**sample_data(dataset.fields), "burgerservicenummer": "onbekend"}
    assert not Draft202012Validator(json_schema(dataset)).is_valid(document)


@every_dataset
def test_the_schema_refuses_data_without_a_required_field_of_a_required_part(dataset: Dataset) -> None:
    required = {part.id for part in dataset.parts if part.required}
    validator = Draft202012Validator(json_schema(dataset)["properties"]["data"])
    for field in dataset.fields:
        if field.required and field.part in required:
            data = sample_data([other for other in dataset.fields if other is not field])
            assert not validator.is_valid(data), field.name


@every_dataset
def test_labels_are_words_and_not_names_of_fields(dataset: Dataset) -> None:
    for field in all_fields(dataset.fields):
        for label in (field.label.nl, field.label.en):
            assert label != field.name, field.name
            assert "_" not in label, field.name
            assert label[0].isupper() or label[0].isdigit(), field.name


@every_dataset
def test_labels_beside_each_other_differ(dataset: Dataset) -> None:
    for fields in levels_of(dataset.fields):
        for language in ("nl", "en"):
            labels = [(field.part, field.label.in_language(language)) for field in fields]
            assert len(set(labels)) == len(labels)


@every_dataset
@pytest.mark.parametrize("language", ["nl", "en"])
def test_sentences_are_short(dataset: Dataset, language: str) -> None:
    too_long = [
        sentence
        for text in all_texts(dataset)
        for sentence in sentences(text.in_language(language))
        if len(sentence.split()) > LONGEST_SENTENCE
    ]
    assert too_long == []


@every_dataset
def test_people_are_addressed_as_u(dataset: Dataset) -> None:
    familiar = re.compile(r"\b(je|jij|jouw|jou)\b", re.IGNORECASE)
    assert [text.nl for text in all_texts(dataset) if familiar.search(text.nl)] == []


@every_dataset
def test_a_document_is_valid_for_90_days(dataset: Dataset) -> None:
    assert dataset.validity_days == 90


@every_dataset
def test_every_law_is_named_with_its_page(dataset: Dataset) -> None:
    assert dataset.legal_basis
    assert all(re.fullmatch(r"https://wetten\.overheid\.nl/BWBR[0-9]{7}", basis.url) for basis in dataset.legal_basis)


@every_dataset
def test_a_decision_has_a_term_and_an_overview_has_none(dataset: Dataset) -> None:
    assert (dataset.objection.weeks is None) == (dataset.objection.kind == "geen")


@every_dataset
def test_something_is_required_and_something_is_said_about_what_is_left_out(dataset: Dataset) -> None:
    assert any(part.required for part in dataset.parts)
    assert len(dataset.not_included) >= 2


@every_dataset
def test_income_benefits_and_care_need_level_substantial(dataset: Dataset) -> None:
    low = {"duo.studieschuld", "gem.woz"}
    assert dataset.level is (AssuranceLevel.LOW if dataset.id in low else AssuranceLevel.SUBSTANTIAL)


@pytest.mark.parametrize("dataset_id", NEVER_PRESELECTED)
def test_sensitive_parts_are_the_persons_own_choice(dataset_id: str) -> None:
    dataset = CATALOGUE.dataset(dataset_id)
    assert {part.id for part in dataset.parts if not part.preselected} == NEVER_PRESELECTED[dataset_id]


@every_dataset
def test_no_field_holds_a_burgerservicenummer(dataset: Dataset) -> None:
    assert [field.name for field in all_fields(dataset.fields) if re.search("bsn|burgerservice", field.name, re.IGNORECASE)] == []


@every_dataset
def test_a_table_fits_on_paper(dataset: Dataset) -> None:
    for field in all_fields(dataset.fields):
        nested = any(inner.type is FieldType.LIST for inner in field.fields)
        if field.type is FieldType.LIST and not nested:
            assert 1 <= len([column for column in field.fields if column.on_paper]) <= MOST_COLUMNS, field.name


def test_only_technical_fields_stay_off_paper() -> None:
    off_paper = {
        (dataset.id, field.name) for dataset in CATALOGUE.datasets.values() for field in all_fields(dataset.fields) if not field.on_paper
    }
    events = {
        "gebeurtenis_kenmerk", "datumtijd_opgelegd", "beschikkingsnummer", "primaire_verplichting", "type", "categorie",
        "betalingsverplichting_type", "betalingskenmerk", "betaalwijze", "juridische_grondslag_omschrijving", "juridische_grondslag_bron",
    }  # fmt: skip
    refusing = {"opschortingBijhouding.reden", "opschortingBijhouding.datum", "overlijden.datum"}
    keys = {
        "verblijfplaats.verblijfadres.korteStraatnaam",
        "verblijfplaats.adresseerbaarObjectIdentificatie",
        "verblijfplaats.nummeraanduidingIdentificatie",
    }
    unexplained = {
        (dataset, name)
        for dataset, name in off_paper
        if not (
            (dataset.endswith(".betaaloverzicht") and name in events)
            or (dataset == "gem.brp" and ("inOnderzoek" in name or name in refusing | keys))
            or (dataset, name) == ("gem.bijstand", "componentcode")
        )
    }
    assert unexplained == set()


@every_dataset
@pytest.mark.parametrize("language", ["nl", "en"])
def test_everything_that_belongs_on_paper_is_in_the_letter(dataset: Dataset, language: str) -> None:
    content = compose_content(
        sample_snapshot(dataset),
        Selection(dataset.id, frozenset(part.id for part in dataset.parts)),
        dataset,
        SourceIdentity("bron", dataset.source_kinds[0], Oin.parse("00000099000000001000"), "Bron", "Bron"),
        DocumentFacts("0" * 32, "1" * 32, "2" * 32, MOMENT, language, "https://bron.example/correctie"),
    )
    written = letter_text(compose_letter(content, dataset, check_url="https://controle.example", exercise=True))
    missing = [
        field.name
        for field in all_fields(dataset.fields)
        if shown_with_label(field, dataset) and field.label.in_language(language) not in written
    ]
    assert missing == []


@pytest.mark.parametrize("dataset", [dataset for dataset in CATALOGUE.datasets.values() if dataset.period], ids=lambda dataset: dataset.id)
def test_rows_before_the_chosen_period_are_left_out(dataset: Dataset) -> None:
    assert dataset.period is not None
    path, date_field = dataset.period.list.split("."), dataset.period.date_field
    snapshot = sample_snapshot(dataset)
    rows = rows_at(dict(snapshot.data), path)
    rows[0][date_field] = "2010-01-31T12:00:00+01:00" if "datumtijd" in date_field else "2010-01-31"
    chosen, _ = choose(
        snapshot, Selection(dataset.id, frozenset(part.id for part in dataset.parts), months=dataset.period.preselected), dataset
    )
    assert len(rows_at(chosen, path)) == len(rows) - 1


def test_under_investigation_is_in_the_part_of_the_value_it_is_about() -> None:
    fields = {field.name: field for field in CATALOGUE.dataset("gem.brp").fields}
    for name, field in fields.items():
        if "inOnderzoek." in name:
            about = name.replace("inOnderzoek.", "")
            about = "adressering.aanschrijfwijze.naam" if about == "adressering.aanschrijfwijze" else about
            assert fields[about].part == field.part, name


def test_every_value_of_a_brp_extract_can_be_under_investigation() -> None:
    dataset = CATALOGUE.dataset("gem.brp")
    names = {field.name for field in dataset.fields}
    without = {
        "adressering.aanschrijfwijze.naam",  # as adressering.inOnderzoek.aanschrijfwijze
        "opschortingBijhouding.reden", "opschortingBijhouding.datum", "overlijden.datum",  # never in an extract
        "geheimhoudingPersoonsgegevens", "verblijfplaats.indicatieVastgesteldVerblijftNietOpAdres",  # statements of the municipality itself
        "leeftijd_18_plus", "aantal_bewoners_adres", "kinderen_onder_18_aantal",  # derived
    }  # fmt: skip
    for field in dataset.fields:
        if field.type is not FieldType.LIST and "inOnderzoek" not in field.name and field.name not in without:
            group, _, member = field.name.rpartition(".")
            assert f"{group}.inOnderzoek.{member}".lstrip(".") in names, field.name


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("overlijden.datum", None, "deceased"),
        ("opschortingBijhouding.reden.code", "O", "deceased"),
        ("verblijfplaats.type", "VerblijfplaatsOnbekend", "address_unknown"),
        ("opschortingBijhouding.reden.code", "E", "emigrated"),
        ("verblijfplaats.type", "VerblijfplaatsBuitenland", "emigrated"),
        ("opschortingBijhouding.reden.code", "M", "suspended"),
        ("opschortingBijhouding.reden.code", "R", "suspended"),
        ("opschortingBijhouding.reden.code", "F", "suspended"),
        ("opschortingBijhouding.reden.code", None, "suspended"),
        ("opschortingBijhouding.datum", None, "suspended"),
    ],
)
def test_an_extract_is_refused_with_its_own_code(field: str, value: str | None, code: str) -> None:
    refusals = [refusal for refusal in CATALOGUE.dataset("gem.brp").refusals if refusal.when.field == field]
    found = next(
        refusal for refusal in refusals if (value in refusal.when.equals if value and refusal.when.equals else not refusal.when.equals)
    )
    assert found.code == code


def test_each_reason_to_suspend_has_its_own_sentence() -> None:
    messages = {
        refusal.when.equals: refusal.message.nl
        for refusal in CATALOGUE.dataset("gem.brp").refusals
        if refusal.when.field == "opschortingBijhouding.reden.code"
    }
    assert len(set(messages.values())) == len(messages) == 6


def test_nobody_knows_the_reason_is_the_last_reason_asked() -> None:
    refusals = [
        refusal.when for refusal in CATALOGUE.dataset("gem.brp").refusals if refusal.when.field == "opschortingBijhouding.reden.code"
    ]
    assert [when.equals is None for when in refusals] == [False] * 5 + [True]


@pytest.mark.parametrize("kind", ["duo", "uwv", "cak", "gem"])
def test_payment_overviews_share_one_shape(kind: str) -> None:
    overview, model = CATALOGUE.dataset(f"{kind}.betaaloverzicht"), CATALOGUE.dataset("duo.betaaloverzicht")
    assert (overview.family, overview.fields, overview.parts, overview.period) == ("fcid", model.fields, model.parts, model.period)


def all_fields(fields: Sequence[Field]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from all_fields(field.fields)


def levels_of(fields: Sequence[Field]) -> Iterator[Sequence[Field]]:
    yield fields
    for field in fields:
        if field.fields:
            yield from levels_of(field.fields)


def all_texts(dataset: Dataset) -> Iterator[Text]:
    yield from (dataset.title, dataset.about, dataset.letter_intro, dataset.letter_explanation, dataset.correction, dataset.objection.about)
    yield from dataset.not_included
    yield from (basis.description for basis in dataset.legal_basis)
    yield from (refusal.message for refusal in dataset.refusals)
    for part in dataset.parts:
        yield from (part.title, part.about)
    for field in all_fields(dataset.fields):
        yield field.label
        yield from (text for text in (field.help, field.unit) if text)
        yield from (field.codes or {}).values()


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?:;])\s+", text)


def shown_with_label(field: Field, dataset: Dataset) -> bool:
    """A list of lists shows the first value of a row as heading, without its label, and has no label of its own."""
    lists = [other for other in all_fields(dataset.fields) if any(inner.type is FieldType.LIST for inner in other.fields)]
    heads = [next(inner for inner in other.fields if inner.on_paper and inner.type is not FieldType.LIST) for other in lists]
    return field.on_paper and field not in lists and field not in heads


def rows_at(data: dict[str, Any], path: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = data[path[0]]
    return rows if len(path) == 1 else list(rows[0][path[1]])
