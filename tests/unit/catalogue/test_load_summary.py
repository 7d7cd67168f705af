"""Each way in which the file of a summary can be wrong, and that a data set without one is not for wallets."""

from collections.abc import Callable
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from blauweknop.catalogue.load import CatalogueError, load_catalogue, parse_dataset
from blauweknop.catalogue.load_summary import parse_summary
from blauweknop.domain.summary import ClaimKind, Summary
from tests.unit.catalogue.test_loading import column, listed, words
from tests.unit.catalogue.test_loading import source as dataset_source

Source = dict[str, Any]
Change = Callable[[Source], object]
SHAPES = Path(str(files("blauweknop.catalogue"))) / "data" / "shapes"
PERSON: Source = yaml.safe_load((SHAPES / "person.wallet.yaml").read_text("utf-8"))


def claim(name: str, **rule: object) -> Source:
    return {"name": name, "label": words("Naam"), "description": words(), **rule}


def pay_period() -> Source:
    dates = (column("van", "date", required=True), column("tot", "date", required=True), column("ooit", "date"))
    amounts = (column("loon", "eurocent", required=True), column("extra", "eurocent"), column("uren", "integer", required=True))
    return listed("perioden", *dates, *amounts, column("geheim", "eurocent", required=True, sensitive=True))


def of_data() -> Source:
    data = dataset_source()
    hidden = listed("schulden", column("bedrag", "eurocent", required=True))
    data["fields"] += [
        pay_period(),
        {**hidden, "sensitive": True},
        column("geboren", "partial_date", part="uitkering"),
        column("ziek", "boolean", part="uitkering", sensitive=True),
    ]
    return data


def source() -> Source:
    year = {"list": "perioden", "column": "loon", "first": "van", "last": "tot"}
    return {
        "claims": [
            claim("regeling", value="regeling"),
            claim("aantal", count="betalingen"),
            claim("totaal", total={"list": "betalingen", "column": "bedrag"}),
            claim("laatste", latest={"list": "betalingen", "by": "datum", "column": "bedrag"}),
            claim("enige", only={"list": "betalingen", "column": "datum"}),
            claim("loon", year_total=year),
            claim("jaar", year_of="loon"),
            claim("income_bracket", bracket={"claim": "loon", "cents": [100_00, 200_00]}),
            claim("income_at_least_100", at_least={"claim": "loon", "cents": 100_00}),
            claim("age_over_18", age_at_least={"field": "geboren", "years": 18}),
        ]
    }


def parsed(change: Change | None = None, person: Source | None = None) -> Summary:
    own = deepcopy(source())
    if change:
        change(own)
    dataset = parse_dataset(of_data(), {}, "svb/uitkering.yaml")
    return parse_summary(own, {"person.wallet": person or PERSON}, dataset, "svb/uitkering.wallet.yaml")


def with_rule(**rule: object) -> Change:
    return lambda own: own["claims"].append(claim("nieuw", **rule))


def test_a_whole_file_becomes_a_summary_with_the_claims_of_a_person_first() -> None:
    summary = parsed()
    assert list(summary.kinds)[:2] == ["given_name", "family_name"]
    assert summary.kinds["loon"] is summary.kinds["totaal"] is ClaimKind.MONEY
    assert (summary.kinds["enige"], summary.kinds["aantal"]) == (ClaimKind.DATE, ClaimKind.INTEGER)


def test_without_amounts_there_is_no_currency() -> None:
    assert "currency" not in parsed(lambda own: own.update(claims=own["claims"][:2])).kinds
    assert "currency" in parsed().kinds


@pytest.mark.parametrize("key", ["name", "label", "description", "value"])
def test_a_claim_that_lacks_something(key: str) -> None:
    with pytest.raises(CatalogueError):
        parsed(lambda own: own["claims"][0].pop(key))


@pytest.mark.parametrize("key", ["label", "description"])
@pytest.mark.parametrize("wrong", [{"nl": "Woorden."}, {"en": "Words."}, {"nl": " ", "en": "Words."}, {}, "Woorden."], ids=str)
def test_a_claim_without_words_in_both_languages(key: str, wrong: object) -> None:
    with pytest.raises(CatalogueError):
        parsed(lambda own: own["claims"][0].update({key: wrong}))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (with_rule(value="onbekend"), "onbekend is no field"),
        (with_rule(value="betalingen"), "is a list, and a wallet shows single values only"),
        (with_rule(value="adres"), "adres is no field"),
        (with_rule(value="land.code"), "land.code is no field"),
        (with_rule(value="ziek"), "is sensitive"),
        (with_rule(total={"list": "schulden", "column": "bedrag"}), "is sensitive"),
        (with_rule(total={"list": "perioden", "column": "geheim"}), "is sensitive"),
        (with_rule(total={"list": "perioden", "column": "extra"}), "only a required amount"),
        (with_rule(total={"list": "perioden", "column": "uren"}), "only a required amount"),
        (with_rule(total={"list": "perioden", "column": "weg"}), "is no field"),
        (with_rule(count="regeling"), "regeling is no list"),
        (with_rule(count="onbekend"), "onbekend is no list"),
        (with_rule(latest={"list": "perioden", "by": "ooit", "column": "loon"}), "is no required date"),
        (with_rule(latest={"list": "perioden", "by": "uren", "column": "loon"}), "is no required date"),
        (with_rule(year_total={"list": "perioden", "column": "loon", "first": "ooit", "last": "tot"}), "is no required date"),
        (with_rule(year_total={"list": "perioden", "column": "loon", "first": "van", "last": "uren"}), "is no required date"),
        (with_rule(year_of="totaal"), "is about no year"),
        (with_rule(year_of="onbekend"), "no claim before it"),
        (with_rule(at_least={"claim": "onbekend", "cents": 1}), "no claim before it"),
        (with_rule(at_least={"claim": "aantal", "cents": 1}), "is no amount"),
        (with_rule(bracket={"claim": "loon", "cents": []}), "must go up"),
        (with_rule(bracket={"claim": "loon", "cents": [200, 100]}), "must go up"),
        (with_rule(bracket={"claim": "loon", "cents": [100, 100]}), "must go up"),
        (with_rule(bracket={"claim": "loon", "cents": [150]}), "whole euros"),
        (with_rule(age_at_least={"field": "regeling", "years": 18}), "is no date"),
        (with_rule(age_at_least={"field": "weg", "years": 18}), "is no field"),
        (with_rule(value="regeling", count="betalingen"), "expected one of"),
        (with_rule(), "expected one of"),
        (with_rule(given="leeftijd"), "must be one of"),
        (with_rule(given="given_name"), "must be named given_name"),
        (with_rule(value="regeling", mandatory=True), "unknown mandatory"),
        (with_rule(total={"list": "betalingen", "column": "bedrag", "round": 1}), "unknown round"),
        (lambda own: own.update(extra=1), "unknown extra"),
        (lambda own: own.update(claims=[claim("regeling", value="regeling")] * 2), "stands there twice"),
        (lambda own: own.update(extends="fcid"), "shape fcid.wallet does not exist"),
        (lambda own: own["claims"].reverse(), "no claim before it"),
        (lambda own: own["claims"].append(claim("currency", value="regeling")), "must have claim currency"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_the_reason(change: Change, expected: str) -> None:
    with pytest.raises(CatalogueError, match=expected):
        parsed(change)


@pytest.mark.parametrize("name", ["exp", "status", "vct", "sub", "_sd", "...", "vct#integrity", "Naam", "", "n" * 65, "naam.deel"])
def test_a_name_that_the_format_uses_or_cannot_have(name: str) -> None:
    with pytest.raises(CatalogueError, match="needs a name"):
        parsed(lambda own: own["claims"][0].update(name=name))


@pytest.mark.parametrize("name", ["given_name", "family_name", "birth_date", "reference_date", "source_name"])
def test_what_every_credential_says_cannot_be_left_out(name: str) -> None:
    person = {"claims": [row for row in PERSON["claims"] if row["name"] != name]}
    with pytest.raises(CatalogueError, match=f"claim {name} must be in every summary"):
        parsed(person=person)


def written(folder: Path, *, summary: str | None, name: str = "uitkering") -> Path:
    (folder / "svb").mkdir()
    (folder / "shapes").mkdir()
    (folder / "svb" / "uitkering.yaml").write_text(yaml.safe_dump(of_data()), "utf-8")
    (folder / "shapes" / "person.wallet.yaml").write_text(yaml.safe_dump(PERSON), "utf-8")
    if summary is not None:
        (folder / "svb" / f"{name}.wallet.yaml").write_text(summary, "utf-8")
    return folder


def test_a_summary_beside_its_data_set_is_found(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path, summary=yaml.safe_dump(source())))
    assert catalogue.summaries["svb.uitkering"].dataset is catalogue.dataset("svb.uitkering")


def test_a_data_set_without_a_summary_is_not_for_wallets(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path, summary=None))
    assert (list(catalogue.datasets), catalogue.summaries) == (["svb.uitkering"], {})


def test_a_summary_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no data set beside it"):
        load_catalogue(written(tmp_path, summary=yaml.safe_dump(source()), name="pensioen"))


def test_a_summary_with_a_key_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="readable YAML"):
        load_catalogue(written(tmp_path, summary="claims: []\nclaims: []\n"))
