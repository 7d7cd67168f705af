from typing import Any

import pytest
from hypothesis import given, settings

from blauweknop.holder.document_view import anchor_of, label_of, shown_parts, values_at
from blauweknop.insight import InsightDocument
from tests.unit.insight import papers as p
from tests.unit.insight.lives import documents

JOB = p.relation(p.pay("2026-09-01", "2026-09-30", 210_000), p.pay("2026-10-01", "2026-10-31", 215_000))
DEBT: dict[str, Any] = {"schuldsaldo_inclusief_rente": 1_234_56, "schuldonderdelen": [{"onderdeel": "lening", "bedrag": 1_234_56}]}


def shown(document: InsightDocument, language: str = "nl") -> Any:
    return shown_parts(document.data, p.CATALOGUE.datasets[document.dataset], language)


def test_a_path_becomes_an_anchor_without_brackets() -> None:
    assert anchor_of("data.rijen[3].delen[0].bedrag") == "data.rijen.3.delen.0.bedrag"


def test_a_value_inside_rows_of_rows_has_the_anchor_of_its_path() -> None:
    (value,) = values_at(shown(p.insured(JOB)), "data.inkomstenverhoudingen.0.loonitems.1.sv_loon")
    assert (value.label, value.words) == ("SV-loon", "€\u00a02.150,00")


def test_the_anchor_of_a_row_gives_all_its_values() -> None:
    values = values_at(shown(p.insured(JOB)), "data.inkomstenverhoudingen.0.loonitems.1")
    assert "€\u00a02.150,00" in [value.words for value in values]
    assert len(values) == 4


def test_an_anchor_of_nothing_gives_nothing() -> None:
    assert values_at(shown(p.insured(JOB)), "data.inkomstenverhoudingen.7") == ()


def test_what_is_absent_is_not_shown_and_not_zero() -> None:
    parts = shown(p.paper("duo.studieschuld", DEBT))
    assert [value.anchor for part in parts for value in part.values] == ["data.schuldsaldo_inclusief_rente"]


def test_a_part_with_nothing_in_it_is_left_out() -> None:
    assert [part.title for part in shown(p.paper("duo.studieschuld", {"schuldsaldo_inclusief_rente": 5}))] == ["Uw schuld"]


@pytest.mark.parametrize(("language", "label"), [("nl", "SV-loon"), ("en", "SV pay")])
def test_a_field_in_rows_is_found_by_its_whole_name(language: str, label: str) -> None:
    dataset = p.CATALOGUE.datasets["uwv.verzekeringsbericht"]
    assert label_of(dataset, "inkomstenverhoudingen.loonitems.sv_loon", language) == label


def test_a_field_that_the_data_set_does_not_have_has_no_label() -> None:
    assert label_of(p.CATALOGUE.datasets["duo.studieschuld"], "schuldonderdelen.onbekend", "nl") is None


@given(documents())
@settings(max_examples=30, deadline=None)
def test_no_two_values_of_a_document_have_one_anchor(found: list[InsightDocument]) -> None:
    for document in found:
        parts = shown(document)
        rows = [row for part in parts for table in part.tables for row in table.rows]
        anchors = [value.anchor for part in parts for value in part.values]
        anchors += [row.anchor for row in rows] + [value.anchor for row in rows for value in row.values]
        assert len(anchors) == len(set(anchors))
