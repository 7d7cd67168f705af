"""The data sets use the names, forms and codes of the shared data dictionary, or say why not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from blauweknop.catalogue.load import load_catalogue
from blauweknop.domain.dataset import Dataset, Field, FieldType

CATALOGUE = load_catalogue()

# Fields of the dictionary that stand at another place in ours, because a person can have more than one of them.
MOVED = {
    "uwv.uitkeringsspecificatie": {
        **{
            name: f"uitkeringen.{name}"
            for name in (
                "inkomstensoort_uitkering", "periodiciteit_uitbetaling", "loonheffingskorting", "toeslag_op_uitkering",
                "vakantiegeld_jaarlijks", "einddatum_recht",
            )
        },
        **{
            name: f"uitkeringen.specificaties.{name}"
            for name in ("periode_startdatum", "periode_einddatum", "bruto_bedrag", "netto_bedrag")
        },
        **{name: f"inhoudingen.{name}" for name in ("beslag_op_uitkering", "verlaagd_door_boete", "verlaagd_door_maatregel")},
    },
    "cak.eigen_bijdrage": {"bijdrage": "bijdrage.bedrag"},
    "gem.bijstand": {
        **{
            name: f"specificaties.{name}"
            for name in (
                "periode", "datum_laatste_betaling", "betaald_totaal", "betaald_aan_client", "betaald_aan_partner", "betaald_aan_derde",
                "overige_inhoudingen",
            )
        },
        "componenten": "specificaties.componenten",
    },
    "gem.pw_vordering": {
        **{
            name: f"vorderingen.{name}"
            for name in ("vorderingtype", "regeling", "periode_startdatum", "periode_einddatum", "fiscaal", "aflossingsafspraken")
        },
        "componenten.type": "vorderingen.componenten.type",
    },
    "gem.woz": {
        "identificatie": "wozObjecten.identificatie",
        "aanduiding": "wozObjecten.aanduiding.straat",
        "waarden.vastgesteldeWaarde": "wozObjecten.waarden.vastgesteldeWaarde",
        "waarden.waardepeildatum": "wozObjecten.waarden.waardepeildatum",
        "waarden.ingangsdatum": "wozObjecten.waarden.ingangsdatum",
        "waarden.beschikkingsStatussen": "wozObjecten.waarden.beschikkingsStatus",  # a list has rows, so only the present state
        "waarden.indicatieBezwaarBeroep": "wozObjecten.waarden.indicatieBezwaarBeroep",
        "belanghebbendeEigenaar": "wozObjecten.belanghebbendeEigenaar.naam",
        "grondoppervlakte": "wozObjecten.grondoppervlakte",
        "verantwoordelijkeGemeente": "wozObjecten.verantwoordelijkeGemeente",
    },
    "gem.brp": {"partners.naam": "partners.naam.geslachtsnaam", "opschortingBijhouding": "opschortingBijhouding.reden",
                "overlijden": "overlijden.datum", "inOnderzoek": "naam.inOnderzoek.geslachtsnaam"},
}  # fmt: skip

LEFT_OUT = {
    ("fcid", "bsn"): "in the subject, only in the variant with BSN",
    ("uwv.verzekeringsbericht", "aanvrager_naam"): "the subject of the document",
    ("gem.brp", "burgerservicenummer"): "in the subject, only in the variant with BSN",
    ("gem.brp", "ouders"): "left out by default in the dictionary, about others, and no package asks for it",
    ("gem.brp", "gezag.type"): "left out by default in the dictionary, about others, and no package asks for it",
    ("gem.brp", "verblijfstitel"): "left out by default in the dictionary, and no package asks for it",
    ("gem.woz", "adresseerbaarObjectIdentificaties"): "a list of bare keys; the address itself is there",
}
# The dictionary lets these extend the FCID shape. We hold its sums only: the events stand in gem.betaaloverzicht; no debt counts twice.
SUMS_ONLY = {"gem.belastingaanslag", "gem.pw_vordering"}
SUMS = {"totaal_financieel_verplicht", "totaal_financieel_vereffend", "saldo"}

FORMS = {
    "eurocent": FieldType.EUROCENT, "boolean": FieldType.BOOLEAN, "date": FieldType.DATE, "datetime": FieldType.DATETIME,
    "year": FieldType.YEAR, "year_month": FieldType.YEAR_MONTH, "decimal2": FieldType.DECIMAL2, "decimal4": FieldType.RATIO,
    "partial_date": FieldType.PARTIAL_DATE, "waardetabel": FieldType.CODE_TABLE, "integer": FieldType.INTEGER, "string": FieldType.TEXT,
}  # fmt: skip
PATTERNS = ("loonheffingennummer", "bag_id", "postcode", "woz_objectnummer", "fin_verplichting_type")
OTHER_FORM = {
    ("gem.bijstand", "regeling"): "codes",
    ("gem.woz", "waarden.vastgesteldeWaarde"): "whole euros",
    ("uwv.verzekeringsbericht", "inkomstenverhoudingen.verzekerde_wetten"): "text: a list has rows",
}


def test_every_name_of_the_dictionary_is_in_our_data_sets(shared_folder: Path) -> None:
    missing = [
        (dataset.id, name) for dataset, name, _, found in entries(shared_folder) if found is None and (dataset.id, name) not in LEFT_OUT
    ]
    assert missing == []


def test_what_is_left_out_is_really_in_the_dictionary(shared_folder: Path) -> None:
    named = {(dataset.id, name) for dataset, name, _, _ in entries(shared_folder)} | {("fcid", name) for name, _ in shape(shared_folder)}
    assert set(LEFT_OUT) <= named


def test_what_the_dictionary_requires_we_require(shared_folder: Path) -> None:
    loose = [
        (dataset.id, name)
        for dataset, name, entry, found in entries(shared_folder)
        if entry.get("required") and found and not found.required
    ]
    assert [entry for entry in loose if entry != ("gem.woz", "aanduiding")] == []


def test_values_have_the_form_of_the_dictionary(shared_folder: Path) -> None:
    wrong = [
        (dataset.id, name)
        for dataset, name, entry, found in entries(shared_folder)
        if found and entry["type"] in FORMS and found.type is not FORMS[entry["type"]] and (dataset.id, name) not in OTHER_FORM
    ]
    assert wrong == []


def test_woz_values_are_whole_euros() -> None:
    value = field_at(CATALOGUE.dataset("gem.woz").fields, "wozObjecten.waarden.vastgesteldeWaarde")
    assert value is not None
    assert value.type is FieldType.EURO


def test_numbers_have_the_patterns_of_the_dictionary(shared_folder: Path) -> None:
    types = dictionary(shared_folder)["types"]
    for dataset, name, entry, found in entries(shared_folder):
        if found and entry["type"] in PATTERNS:
            assert found.pattern == types[entry["type"]]["pattern"], (dataset.id, name)


def test_codes_are_those_of_the_dictionary(shared_folder: Path) -> None:
    lists = dictionary(shared_folder)["codelists"]
    for dataset, name, entry, found in entries(shared_folder):
        if found is not None and found.codes is not None and (expected := codes_of(entry["type"], lists)):
            assert set(found.codes) == expected, (dataset.id, name)


def dictionary(folder: Path) -> dict[str, Any]:
    return _read(folder / "spec" / "dictionary.yaml")


@cache
def _read(path: Path) -> dict[str, Any]:
    parsed = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(parsed, dict)
    return parsed


def entries(folder: Path) -> Iterator[tuple[Dataset, str, Mapping[str, Any], Field | None]]:
    """Each field of the dictionary for each data set that is ours, with our field or None."""
    for organisation in dictionary(folder)["organisations"]:
        for document in organisation["documents"]:
            if document["id"] not in CATALOGUE.datasets:
                continue
            dataset = CATALOGUE.dataset(document["id"])
            for name, entry in plain(document.get("fields", ())):
                yield dataset, name, entry, field_at(dataset.fields, MOVED.get(dataset.id, {}).get(name, name))
            if document.get("extends") == "fcid" and dataset.id not in SUMS_ONLY:
                for name, entry in shape(folder):
                    if ("fcid", name) not in LEFT_OUT:
                        yield dataset, name, entry, field_at(dataset.fields, name)


def shape(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    common = dictionary(folder)["organisations"][0]
    assert common["id"] == "common.fcid"
    yield from plain(common["documents"][0]["fields"])


def plain(fields: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in fields:
        yield str(entry["name"]).replace("[]", ""), entry


def field_at(fields: Sequence[Field], path: str) -> Field | None:
    for field in fields:
        if field.name == path:
            return field
        if field.fields and path.startswith(f"{field.name}."):
            return field_at(field.fields, path.removeprefix(f"{field.name}."))
    return None


def codes_of(kind: str, lists: Mapping[str, Any]) -> set[str] | None:
    if kind.startswith("code:"):
        found = lists[kind.removeprefix("code:")]
        return set(found["values"]) if "values" in found else {*found["vast"], *found["niet_vast"]}
    listed = re.fullmatch(r"enum\[(.*)\]", kind)
    return set(listed[1].split(", ")) if listed else None


@pytest.mark.parametrize("dataset_id", sorted(SUMS_ONLY))
def test_claims_and_assessments_have_the_sums_of_the_fcid_shape(dataset_id: str) -> None:
    dataset = CATALOGUE.dataset(dataset_id)
    assert {field.name for own in dataset.fields for field in (own, *own.fields)} >= SUMS
