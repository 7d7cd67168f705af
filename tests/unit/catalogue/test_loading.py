"""Each way in which a catalogue file can be wrong, and that adding a data set takes files only."""

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from blauweknop.catalogue.load import CatalogueError, load_catalogue, parse_dataset
from blauweknop.catalogue.schema import json_schema
from blauweknop.domain.dataset import AssuranceLevel, Dataset, FieldType
from tests.unit.catalogue.samples import sample_document

Source = dict[str, Any]
Change = Callable[[Source], object]


def words(text: str = "Woorden.") -> Source:
    return {"nl": text, "en": "Words."}


def listed(name: str, *fields: Source) -> Source:
    return {"name": name, "type": "list", "part": "uitkering", "label": words("Lijst"), "fields": list(fields)}


def column(name: str, kind: str, **more: object) -> Source:
    return {"name": name, "type": kind, "label": words("Kolom"), **more}


def source() -> Source:
    """A whole data set of an organisation that the product does not know."""
    payments = listed("betalingen", column("datum", "date", required=True), column("bedrag", "eurocent", required=True, total=True))
    return {
        "id": "svb.uitkering",
        "version": 1,
        "source_kinds": ["svb"],
        "level": "substantial",
        "validity_days": 90,
        "title": words("AOW"),
        "about": words(),
        "letter_intro": words(),
        "letter_explanation": words(),
        "not_included": [words()],
        "legal_basis": [{"description": words("Algemene Ouderdomswet"), "url": "https://wetten.overheid.nl/BWBR0002221"}],
        "objection": {"kind": "bezwaar", "weeks": 6, "url": "https://www.svb.nl", "about": words()},
        "correction": words(),
        "parts": [{"id": "uitkering", "title": words("Uw uitkering"), "about": words(), "required": True}],
        "period": {"list": "betalingen", "date_field": "datum", "months": [3, 12], "preselected": 3},
        "refusals": [{"field": "regeling", "equals": ["AIO"], "code": "not_here", "message": words()}],
        "fields": [
            column("regeling", "code", part="uitkering", required=True, codes={"AOW": words("AOW"), "AIO": words("AIO")}),
            column("adres.postcode", "text", part="uitkering", pattern="^[1-9][0-9]{3}[A-Z]{2}$"),
            column("land", "code_table", part="uitkering"),
            payments,
        ],
    }


def parsed(change: Change | None = None) -> Dataset:
    own = deepcopy(source())
    if change:
        change(own)
    return parse_dataset(own, {}, "svb/uitkering.yaml")


def test_a_whole_source_becomes_a_data_set() -> None:
    dataset = parsed()
    assert (dataset.id, dataset.level, dataset.parts[0].preselected) == ("svb.uitkering", AssuranceLevel.SUBSTANTIAL, True)
    assert dataset.type_uri == "urn:eudi:nl:blauweknop:svb:uitkering:v1"
    assert [field.type for field in dataset.fields] == [FieldType.CODE, FieldType.TEXT, FieldType.CODE_TABLE, FieldType.LIST]
    assert {inner.part for inner in dataset.fields[3].fields} == {"uitkering"}


@pytest.mark.parametrize("key", sorted(set(source()) - {"period", "refusals"}))
def test_a_missing_key_is_named_with_its_file(key: str) -> None:
    with pytest.raises(CatalogueError, match=rf"^svb/uitkering\.yaml: {key} (is missing|must be)"):
        parsed(lambda own: own.pop(key))


@pytest.mark.parametrize("key", ["period", "refusals"])
def test_a_data_set_may_do_without_period_and_refusals(key: str) -> None:
    parsed(lambda own: own.pop(key))


WRONG: dict[str, tuple[Change, str]] = {
    "unknown key": (lambda own: own.update(colour="blue"), "unknown colour"),
    "unknown key of a field": (lambda own: own["fields"][0].update(lable=words()), r"fields\[0\]: unknown lable"),
    "unknown key of a text": (lambda own: own["title"].update(fr="AOW"), "title: unknown fr"),
    "missing language": (lambda own: own["title"].pop("en"), "title: en is missing"),
    "empty text": (lambda own: own["title"].update(en=" "), "title: a text is empty"),
    "text that is no mapping": (lambda own: own.update(title="AOW"), "title must be a mapping"),
    "version that is no number": (lambda own: own.update(version="1"), "version must be a whole number"),
    "version that is a boolean": (lambda own: own.update(version=True), "version must be a whole number"),
    "version below one": (lambda own: own.update(version=0), "start at 1"),
    "no validity": (lambda own: own.update(validity_days=0), "start at 1"),
    "identifier with capitals": (lambda own: own.update(id="SVB.uitkering"), "id must be"),
    "identifier without a kind": (lambda own: own.update(id="uitkering"), "id must be"),
    "no kind of source": (lambda own: own.update(source_kinds=[]), "names no kind"),
    "kinds that are no words": (lambda own: own.update(source_kinds=[1]), "list of words"),
    "unknown level": (lambda own: own.update(level="midden"), "level must be one of low, substantial, high"),
    "unknown type": (lambda own: own["fields"][1].update(type="bedrag"), r"fields\[1\]: type must be one of"),
    "parts that are no list": (lambda own: own.update(parts={}), "parts must be a list"),
    "parts that are no mappings": (lambda own: own.update(parts=["uitkering"]), "list of mappings"),
    "part twice": (lambda own: own["parts"].append(own["parts"][0]), "a part stands there twice"),
    "part without fields": (lambda own: own["parts"].append({**own["parts"][0], "id": "leeg"}), "parts have no field: leeg"),
    "unknown part": (lambda own: own["fields"][0].update(part="elders"), "parts that do not exist: elders"),
    "field twice": (lambda own: own["fields"].append(own["fields"][1]), "field adres.postcode stands there twice"),
    "column twice": (lambda own: own["fields"][3]["fields"].append(column("datum", "date")), "field betalingen.datum stands there twice"),
    "field inside a value": (lambda own: own["fields"].append(column("land.code", "text", part="uitkering")), "field land is a value"),
    "code without codes": (lambda own: own["fields"][0].pop("codes"), "type code needs codes"),
    "codes on a text": (lambda own: own["fields"][1].update(codes={"A": words()}), "type code needs codes"),
    "code without words": (lambda own: own["fields"][0]["codes"].update(AOW="AOW"), "AOW must be a mapping"),
    "list without fields": (lambda own: own["fields"][3].update(fields=[]), "type list needs fields"),
    "fields on a text": (lambda own: own["fields"][1].update(fields=[column("a", "text")]), "unknown fields"),
    "part in a row": (lambda own: own["fields"][3]["fields"][0].update(part="uitkering"), r"fields\[3\] fields\[0\]: unknown part"),
    "pattern that is none": (lambda own: own["fields"][1].update(pattern="["), "no regular expression"),
    "pattern on a number": (lambda own: own["fields"][1].update(type="integer"), "only a text can have"),
    "total of what may be absent": (lambda own: own["fields"][3]["fields"][1].pop("required"), "has a total"),
    "total of dates": (lambda own: own["fields"][3]["fields"][0].update(total=True), "has a total"),
    "total outside a list": (lambda own: own["fields"][1].update(total=True), "has a total"),
    "list with nothing on paper": (
        lambda own: [row.update(on_paper=False) for row in own["fields"][3]["fields"]],
        "list betalingen has no column that stands on paper",
    ),
    "period of an unknown list": (lambda own: own["period"].update(list="loon"), "no required date in a list"),
    "period of an unknown date": (lambda own: own["period"].update(date_field="dag"), "no required date in a list"),
    "period of an amount": (lambda own: own["period"].update(date_field="bedrag"), "no required date in a list"),
    "period with another preselection": (lambda own: own["period"].update(preselected=4), "preselected of period"),
    "period that goes down": (lambda own: own["period"].update(months=[12, 3]), "must go up"),
    "period of words": (lambda own: own["period"].update(months=["3", 12]), "list of whole numbers"),
    "refusal of an unknown field": (lambda own: own["refusals"][0].update(field="leeftijd"), "looks at leeftijd, which is no field"),
    "law without https": (lambda own: own["legal_basis"][0].update(url="http://wetten.overheid.nl"), "must start with https"),
    "objection without https": (lambda own: own["objection"].update(url="www.svb.nl"), "must start with https"),
    "unknown objection": (lambda own: own["objection"].update(kind="klacht"), "kind must be one of"),
    "unknown shape": (lambda own: own.update(extends="fcid"), "shape fcid, which does not exist"),
    "shape that is no word": (lambda own: own.update(extends=["fcid"]), "which does not exist"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_with_its_place(name: str) -> None:
    change, message = WRONG[name]
    with pytest.raises(CatalogueError, match=message) as caught:
        parsed(change)
    assert str(caught.value).startswith("svb/uitkering.yaml")


def test_a_condition_may_look_at_the_code_of_a_code_table() -> None:
    parsed(lambda own: own["refusals"][0].update(field="land.code"))


def test_all_contradictions_are_told_at_once() -> None:
    def change(own: Source) -> None:
        own.update(version=0, id="SVB")

    with pytest.raises(CatalogueError, match=r"id must be .*; version and validity_days"):
        parsed(change)


def test_a_shape_gives_fields_before_those_of_the_data_set_itself() -> None:
    shape = {"validity_days": 30, "level": "low", "fields": [column("eerst", "text", part="uitkering")]}
    own = source() | {"extends": "kort"}
    del own["level"]
    dataset = parse_dataset(own, {"kort": shape}, "svb/uitkering.yaml")
    assert dataset.fields[0].name == "eerst"
    assert (dataset.level, dataset.validity_days) == (AssuranceLevel.LOW, 90)


def test_a_shape_with_fields_that_are_no_list_is_refused() -> None:
    with pytest.raises(CatalogueError, match="fields must be a list of mappings"):
        parse_dataset(source() | {"extends": "kort"}, {"kort": {"fields": "eerst"}}, "svb/uitkering.yaml")


def test_a_new_file_is_a_working_data_set_without_python(tmp_path: Path) -> None:
    (tmp_path / "svb").mkdir()
    (tmp_path / "svb" / "uitkering.yaml").write_text(yaml.safe_dump(source(), allow_unicode=True), "utf-8")
    catalogue = load_catalogue(tmp_path)
    dataset = catalogue.dataset("svb.uitkering")
    assert catalogue.of_kind("svb") == (dataset,)
    document = sample_document(dataset)
    document["data"] = {"regeling": "AOW", "betalingen": [{"datum": "2026-11-03", "bedrag": 150000}]}
    Draft202012Validator(json_schema(dataset)).validate(document)


def test_a_new_file_may_extend_a_shape(tmp_path: Path) -> None:
    own = source()
    shape = {"parts": own.pop("parts"), "fields": own.pop("fields")}
    for folder, name, content in (("shapes", "kort", shape), ("svb", "uitkering", own | {"extends": "kort"})):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    assert load_catalogue(tmp_path).dataset("svb.uitkering").fields[0].name == "regeling"


def test_a_data_set_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "svb").mkdir()
    for name in ("een", "twee"):
        (tmp_path / "svb" / f"{name}.yaml").write_text(yaml.safe_dump(source()), "utf-8")
    with pytest.raises(CatalogueError, match=r"twee\.yaml: data set svb\.uitkering stands in two files"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id: [", r"kapot\.yaml line \d+: this is not readable YAML"),
        (b"id: een\nversion: 1\nid: twee\n", r"kapot\.yaml line 3: .* twice"),
        (b"a: {b: 1, b: 2}\n", r"kapot\.yaml line 1: .* twice"),
        (b"day: 2026-13-45\n", r"kapot\.yaml: this is not readable YAML"),
        (b"\xff\xfe\x00", r"kapot\.yaml: this is not readable YAML"),
        (b"a: !!python/object:os.system {}\n", r"kapot\.yaml line 1: this is not readable YAML"),
        (b"- een\n- twee\n", r"kapot\.yaml: expected a mapping"),
        (b"", r"kapot\.yaml: expected a mapping"),
    ],
)
def test_a_file_that_is_no_catalogue_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "svb").mkdir()
    (tmp_path / "svb" / "kapot.yaml").write_bytes(content)
    with pytest.raises(CatalogueError, match=message):
        load_catalogue(tmp_path)


def test_asking_for_a_data_set_that_is_not_there_lists_what_there_is() -> None:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue().dataset("duo.alles")
    assert "duo.studieschuld" in caught.value.remedy


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
FIELD_KEYS = ("name", "type", "part", "label", "codes", "fields", "pattern", "required", "help", "unit")


@given(key=st.sampled_from(sorted(source())), value=JSON)
def test_any_value_at_any_key_is_a_data_set_or_a_catalogue_error(key: str, value: object) -> None:
    assert_data_set_or_error(source() | {key: value})


@given(index=st.integers(0, 3), key=st.sampled_from(FIELD_KEYS), value=JSON)
def test_any_value_at_any_key_of_a_field_is_a_data_set_or_a_catalogue_error(index: int, key: str, value: object) -> None:
    own = source()
    own["fields"][index][key] = value
    assert_data_set_or_error(own)


def assert_data_set_or_error(own: Source) -> None:
    with suppress(CatalogueError):
        assert parse_dataset(own, {}, "svb/uitkering.yaml").fields is not None
