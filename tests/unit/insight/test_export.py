import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given

from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.export import as_csv, as_json
from blauweknop.insight.figures import FigureId
from tests.unit.insight import papers as p
from tests.unit.insight.lives import documents
from tests.unit.insight.test_properties import _quick, amounts


def rows(overview: Any, language: str = "en") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(overview, language), newline="")))


def test_a_row_says_what_the_figure_is_of_what_and_where_it_comes_from() -> None:
    overview = p.overview(p.owed("cak.betaaloverzicht", [p.case("A", 10_000, 2_550, omschrijving="Eigen bijdrage")], key="k1"))
    found = next(row for row in rows(overview) if row["figure"] == "debt")

    assert found == {
        "figure": "debt",
        "title": "Debt for each case",
        "about": "CAK: Eigen bijdrage",
        "period": "2026-11-23",
        "cents": "7450",
        "euro": "74.50",
        "state": "",
        "documents": "k1",
        "fields": " ".join(f"cak.betaaloverzicht:financiele_zaken.totaal_financieel_{what}" for what in ("verplicht", "vereffend")),
    }


@pytest.mark.parametrize("text", ["=1+1", "+31", "-2", "@SUM(A1)", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_could_take_for_a_formula_gets_a_quote(text: str) -> None:
    study = p.paper("duo.studieschuld", {"schuldsaldo_inclusief_rente": 5}, key=text)

    assert {row["documents"] for row in rows(p.overview(study)) if row["cents"] == "5"} == {f"'{text}"}


def test_money_below_zero_stands_as_it_is() -> None:
    credit = p.owed("cak.betaaloverzicht", [p.case("A", 0, 5)])

    assert [row["euro"] for row in rows(p.overview(credit)) if row["figure"] == "debt"] == ["-0.05"]


def test_a_month_without_data_has_a_row_without_an_amount() -> None:
    found = [row for row in rows(p.overview(months=12)) if row["figure"] == "income_month"]

    assert {(row["cents"], row["state"]) for row in found} == {("", "absent")}
    assert len(found) == 12


@_quick
@given(documents())
def test_every_amount_is_in_both_exports(found: list[InsightDocument]) -> None:
    overview = p.overview(*found)
    told = json.loads(as_json(overview, "nl"))

    assert {amount.cents for amount in amounts(overview)} <= {int(row["cents"]) for row in rows(overview) if row["cents"]}
    assert told["debts"]["total"] == (
        None if overview.debts.total is None else {**told["debts"]["total"], "cents": overview.debts.total.cents}
    )
    assert len(told["income"]["months"]) == 36


@_quick
@given(documents())
def test_in_json_every_amount_has_terms_that_add_up_and_origins(found: list[InsightDocument]) -> None:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "terms" in value:
                assert value["cents"] == sum(term["cents"] for term in value["terms"])
                assert all(term["origins"] and term["said"] for term in value["terms"])
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(json.loads(as_json(p.overview(*found), "en")))


def test_json_has_every_definition_and_says_which_documents_count() -> None:
    old, new = (p.paper("cak.wanbetalers", {}, on=day, key=str(day)) for day in (p.AT.replace(year=2025), p.AT))
    told = json.loads(as_json(p.overview(old, new), "nl"))

    assert {document["key"]: document["counts"] for document in told["documents"]} == {"2025-11-23": False, "2026-11-23": True}
    assert {definition["figure"] for definition in told["definitions"]} == {*FigureId}


def test_debts_month_by_month_are_in_both_forms() -> None:
    days = (p.AT.replace(month=9), p.AT)
    overview = p.overview(*(p.owed("cak.betaaloverzicht", [p.case("C", 100 * day.month)], on=day) for day in days))
    months = json.loads(as_json(overview, "nl"))["debt_months"]
    rows = [row for row in csv.DictReader(io.StringIO(as_csv(overview, "nl"))) if row["figure"] == "debt_month"]

    assert [(month["month"], month["state"], month["total"] and month["total"]["cents"]) for month in months] == [
        ("2026-09", "known", 900),
        ("2026-10", "absent", None),
        ("2026-11", "known", 1100),
    ]
    assert [(row["period"], row["cents"], row["state"]) for row in rows] == [("2026-09", "900", "known"), ("2026-11", "1100", "known")]
