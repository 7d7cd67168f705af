import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import TOO_OLD
from blauweknop.verifier.dossier.dossier import OwnPaper
from blauweknop.verifier.dossier.tables import debts_csv, income_csv, pieces_csv
from tests.unit.verifier.dossier.dossier_world import (
    CJIB,
    Desk,
    DossierWorld,
    family,
    made_dossier,
    payments,
    piece,
    study_debt,
    total_only,
    wages,
)

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_each_debt_has_its_amounts_in_cents_and_in_euros_and_says_how_sure_it_is() -> None:
    found = rows(debts_csv(made_dossier(payments(family(), colour=Colour.ORANGE, reasons=(TOO_OLD,)), study_debt())))
    assert [(row["schuldeiser"], row["bedrag_cent"], row["bedrag_euro"], row["achterstand_euro"], row["waarmerk"]) for row in found] == [
        ("DUO", "1234567", "12345.67", "50.00", "gewaarmerkt"),
        ("CJIB", "25000", "250.00", "100.00", "niet_zeker"),
        ("CJIB", "7000", "70.00", "", "niet_zeker"),
    ]
    assert {row["peildatum"] for row in found} == {"2026-11-20"}


def test_a_total_is_a_row_that_counts_in_nothing() -> None:
    (row,) = rows(debts_csv(made_dossier(total_only(family()))))
    assert (row["soort"], row["telt_mee"], row["bedrag_cent"]) == ("totaal", "nee", "32000")


def test_a_month_of_which_nothing_is_known_is_missing_and_not_zero() -> None:
    found = rows(income_csv(made_dossier(wages())))
    assert [row["maand"] for row in found] == sorted(row["maand"] for row in found)
    assert len(found) == 12
    assert {(row["totaal_cent"], row["waarmerk"]) for row in found} == {("250000", "gewaarmerkt"), ("", "ontbreekt")}


def test_the_list_of_pieces_tells_what_is_certified_what_is_missing_and_what_is_an_own_paper() -> None:
    dossier = made_dossier(study_debt(), papers=(OwnPaper(1, "Huurcontract", "application/pdf", ""),))
    found = {row["naam"]: row for row in rows(pieces_csv(dossier, "nl"))}
    assert found["Titel studieschuld"]["waarmerk"] == "gewaarmerkt"
    assert (found["Titel betalingen"]["waarmerk"], found["Titel betalingen"]["verplicht"]) == ("ontbreekt", "ja")
    assert (found["Huurcontract"]["waarmerk"], found["Huurcontract"]["telt_mee"]) == ("eigen_papier", "nee")


def test_the_files_begin_with_the_mark_by_which_a_spreadsheet_knows_their_letters(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    for name in ("schulden.csv", "inkomen.csv", "stukken.csv"):
        answer = desk.get(dossier, f"/{name}")
        assert answer.content.startswith(b"\xef\xbb\xbf")
        assert answer.headers["cache-control"] == "no-store"


@given(st.text(max_size=30))
def test_no_text_of_others_becomes_a_formula_or_a_row(text: str) -> None:
    case: JsonValue = {"zaakkenmerk": text, "omschrijving": text, "saldo": 100}
    item = piece("betalingen", family(), (CJIB[0], text), {"data": {"financiele_zaken": [case]}})
    dossier = made_dossier(item, papers=(OwnPaper(1, text, "application/pdf", ""),))
    for table in (debts_csv(dossier), pieces_csv(dossier, "nl")):
        for row in rows(table):
            assert not any(str(cell).startswith(FORMULAS) for cell in row.values())
            assert None not in row
