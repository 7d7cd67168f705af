import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest

from blauweknop.domain.verdict import Colour
from blauweknop.holder.kept_documents import LastCheck, keep_checks
from blauweknop.holder.remembered import Remembered
from tests.unit.holder.filled_vaults import PDF, keep, keep_paper, vault_of
from tests.unit.holder.holder_world import NOON, HolderWorld, Person, words
from tests.unit.insight import papers as p

ON = date(2026, 11, 23)
PAY: dict[str, Any] = {
    "aanmaakdatum": "2026-11-23",
    "inkomstenverhoudingen": [p.relation(p.pay("2026-09-01", "2026-09-30", 210_000), p.pay("2026-10-01", "2026-10-31", 215_000))],
}
DEBT: dict[str, Any] = {"schuldsaldo_inclusief_rente": 1_234_56, "achterstand": 50_00, "fase": "aflosfase"}
DUO: dict[str, Any] = {"correctie_url": "https://duo.example/klopt-niet", "reference_date": "2026-11-23"}


def filled(world: HolderWorld) -> tuple[Person, str, str]:
    """Somebody with a statement of pay and a student debt, and the keys of these."""
    person = world.person().settle()
    vault = vault_of(person)
    pay = keep(vault, p.content("uwv.verzekeringsbericht", PAY, on=ON), NOON)
    debt = keep(vault, {**p.content("duo.studieschuld", DEBT, on=ON), **DUO}, NOON)
    return person, pay, debt


def test_somebody_without_documents_is_told_what_will_be_here_and_what_to_do(world: HolderWorld) -> None:
    shown = words(world.person().settle().open("/overzicht").text)
    assert "Er is nog niets opgehaald" in shown
    assert "€" not in shown


def test_the_overview_says_what_comes_in_and_what_is_owed(world: HolderWorld) -> None:
    person, _, _ = filled(world)
    shown = words(person.open("/overzicht").text)
    assert "Uit 2 gewaarmerkte documenten van 2 organisaties" in shown
    assert "Inkomen in oktober 2026 €\u00a02.150,00" in shown.replace("€ ", "€\u00a0")
    assert "€\u00a01.234,56" in person.open("/overzicht").text
    assert "€\u00a050,00 te laat" in person.open("/overzicht").text


def test_with_one_source_it_is_said_that_this_is_not_all(world: HolderWorld) -> None:
    person = world.person().settle()
    keep(vault_of(person), p.content("duo.studieschuld", DEBT, on=ON), NOON)
    shown = words(person.open("/overzicht").text)
    assert "Dit is nog niet het hele verhaal" in shown
    assert "Uit 1 gewaarmerkt document" in shown


def test_every_figure_has_a_way_to_its_field(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    page = person.open("/overzicht").text
    assert f'href="/mijn/documenten/{pay}#data.inkomstenverhoudingen.0.loonitems.1.sv_loon"' in page
    assert f'href="/mijn/documenten/{debt}#data.schuldsaldo_inclusief_rente"' in page
    assert 'id="data.inkomstenverhoudingen.0.loonitems.1.sv_loon"' in person.open(f"/documenten/{pay}").text
    assert 'id="data.schuldsaldo_inclusief_rente"' in person.open(f"/documenten/{debt}").text


@pytest.mark.parametrize(("asked", "rows"), [("", 12), ("?maanden=24", 24), ("?maanden=36", 36), ("?maanden=13", 12), ("?maanden=x", 12)])
def test_income_goes_back_as_far_as_is_offered(world: HolderWorld, asked: str, rows: int) -> None:
    person, _, _ = filled(world)
    assert f"van de {rows} maanden weten wij uw inkomen" in words(person.open(f"/overzicht{asked}").text)


def test_the_page_to_print_has_every_computation_open(world: HolderWorld) -> None:
    person, _, _ = filled(world)
    page = person.open("/overzicht/afdrukken").text
    assert page.count("<details") == page.count(" open>")


def test_debts_of_one_month_are_no_history_and_the_page_says_so(world: HolderWorld) -> None:
    person, _, _ = filled(world)
    page = person.open("/overzicht").text
    assert "Uw documenten over schulden zijn van één maand: november 2026." in words(page)
    assert 'id="debt-months-title"' not in page


def test_debts_of_several_months_are_a_chart_and_a_table_that_opens_their_fields(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    old = keep(vault_of(person), p.content("duo.studieschuld", {**DEBT, "schuldsaldo_inclusief_rente": 200_000}, on=date(2026, 9, 1)), NOON)
    keep(vault_of(person), p.content("cak.betaaloverzicht", {"financiele_zaken": [p.case("Z", 100)], "gebeurtenissen": []}, on=ON), NOON)
    page = person.open("/overzicht").text
    history = page.partition('<h3 id="schulden-per-maand">')[2].partition("</div>\n<h3>")[0]
    assert 'id="debt-months-title"' in history
    assert "september 2026 Nog zonder: Betaaloverzicht CAK (CAK) € 50,00 € 2.000,00" in words(history)
    assert "oktober 2026 Geen document van deze maand" in words(history)
    assert "november 2026 € 50,00 € 1.235,56" in words(history)
    for key in (old, debt):
        assert f'href="/mijn/documenten/{key}#data.schuldsaldo_inclusief_rente"' in history


def test_totals_of_creditors_and_kinds_and_what_is_late_have_their_computation(world: HolderWorld) -> None:
    person, _, _ = filled(world)
    shown = words(person.open("/overzicht").text)
    assert "Hoe is berekend wat te laat is? : DUO" in shown
    assert "Hoe is dit berekend? : Studieschuld" in shown


def test_an_old_document_says_so_where_it_stands(world: HolderWorld) -> None:
    person = world.person().settle()
    key = keep(vault_of(person), p.content("duo.studieschuld", DEBT, on=ON - timedelta(days=91)), NOON)
    assert "3 maanden oud: haal opnieuw op" in words(person.open("/overzicht").text)
    assert "3 maanden oud: haal opnieuw op" in words(person.open(f"/documenten/{key}").text)


def test_a_document_of_somebody_else_stands_apart_and_counts_nowhere(world: HolderWorld) -> None:
    person, _, _ = filled(world)
    other = p.content("cak.betaaloverzicht", {"financiele_zaken": [p.case("Z", 777_77)], "gebeurtenissen": []}, on=ON)
    key = keep(vault_of(person), other, NOON, standing="apart")
    shown = words(person.open("/overzicht").text)
    assert "Niet van u?" in shown
    assert "777,77" not in shown
    page = person.open(f"/documenten/{key}").text
    assert "Dit document is misschien niet van u" in words(page)
    assert 'href="/mijn/ophalen">Kijk of het van u is</a>' in page


def test_own_papers_are_told_as_not_certified(world: HolderWorld) -> None:
    person = world.person().settle()
    keep_paper(vault_of(person), "Huurcontract", NOON)
    assert "Huurcontract 30 november 2026 Niet gewaarmerkt" in words(person.open("/overzicht").text)


def test_a_document_that_was_withdrawn_counts_no_more(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    keep_checks(vault_of(person), {debt: LastCheck(Colour.RED, NOON, is_withdrawn=True)})
    shown = person.open("/overzicht").text
    assert "1.234,56" not in shown
    assert "Ingetrokken, telt niet mee" in shown
    assert "Niet meer te gebruiken" in person.open(f"/documenten/{debt}").text


def test_each_page_is_of_what_is_there_then_and_in_its_own_language_and_months(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    before = words(person.open("/overzicht").text)
    assert words(person.open("/overzicht").text) == before
    assert "van de 24 maanden" in words(person.open("/overzicht?maanden=24").text)
    keep_checks(vault_of(person), {debt: LastCheck(Colour.RED, NOON, is_withdrawn=True)})
    assert "1.234,56" in before
    assert "1.234,56" not in words(person.open("/overzicht").text)
    world.wait(days=1)
    person.unlock()
    assert "1 december 2026" in words(person.open("/overzicht").text)


def test_what_was_made_for_a_person_is_forgotten_when_they_go_out(world: HolderWorld) -> None:
    kept = Remembered()
    world.changes["remembered"] = kept
    person, _, _ = filled(world)
    account = vault_of(person).account
    person.open("/overzicht")
    assert account in kept
    person.send("/uitloggen", "/gegevens")
    assert account not in kept


def test_a_replaced_document_leads_to_the_newest(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    old = keep(vault_of(person), p.content("duo.studieschuld", DEBT, on=date(2026, 9, 1)), NOON, standing="replaced")
    assert f'href="/mijn/documenten/{debt}"' in person.open(f"/documenten/{old}").text


def test_the_file_of_a_document_is_the_one_of_its_source(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    answer = person.open(f"/documenten/{debt}/pdf")
    assert answer.content == PDF
    assert answer.headers["content-disposition"] == 'attachment; filename="duo.studieschuld-2026-11-23.pdf"'
    assert answer.headers["cache-control"] == "no-store"


def test_the_data_of_a_document_can_be_saved(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    assert person.open(f"/documenten/{debt}/json").json()["data"] == DEBT


def test_the_figures_can_be_saved_for_a_program_and_for_a_spreadsheet(world: HolderWorld) -> None:
    person, _, _ = filled(world)
    figures = json.loads(person.open("/overzicht/cijfers/json").text)
    assert figures["debts"]["total"]["cents"] == 1_234_56
    rows = list(csv.DictReader(io.StringIO(person.open("/overzicht/cijfers/csv").content.decode("utf-8-sig"))))
    assert [row["cents"] for row in rows if row["figure"] == "debt_total"] == ["123456"]


def test_no_text_of_a_source_becomes_a_formula_in_the_file_for_a_spreadsheet(world: HolderWorld) -> None:
    person = world.person().settle()
    case = p.case("Z", 100, omschrijving='=HYPERLINK("https://evil.example")')
    keep(vault_of(person), p.content("cak.betaaloverzicht", {"financiele_zaken": [case], "gebeurtenissen": []}, on=ON), NOON)
    cells = [cell for row in csv.reader(io.StringIO(person.open("/overzicht/cijfers/csv").content.decode("utf-8-sig"))) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(cell.startswith("=") for cell in cells)


def test_markup_in_the_text_of_a_source_stays_text(world: HolderWorld) -> None:
    person = world.person().settle()
    case = p.case("Z", 100, omschrijving="<script>alert(1)</script>")
    key = keep(vault_of(person), p.content("cak.betaaloverzicht", {"financiele_zaken": [case], "gebeurtenissen": []}, on=ON), NOON)
    for path in ("/overzicht", f"/documenten/{key}"):
        assert "<script>alert" not in person.open(path).text


PATHS = ("", "/pdf", "/json")


@pytest.mark.parametrize("path", PATHS)
def test_a_document_of_another_account_is_not_there(world: HolderWorld, path: str) -> None:
    _, pay, _ = filled(world)
    other = world.person().settle("Ander")
    assert other.open(f"/documenten/{pay}{path}").status_code == 404


@pytest.mark.parametrize("key", ["", "x", "0" * 31, "0" * 32, "0" * 33, "A" * 32])
def test_a_key_of_nothing_is_not_found(world: HolderWorld, key: str) -> None:
    person, _, _ = filled(world)
    assert person.open(f"/documenten/{key}").status_code == 404


def test_a_paper_is_no_document(world: HolderWorld) -> None:
    person = world.person().settle()
    key = keep_paper(vault_of(person), "Huurcontract", NOON)
    assert [person.open(f"/documenten/{key}{path}").status_code for path in PATHS] == [404, 404, 404]


@pytest.mark.parametrize(
    "path", ["/overzicht", "/overzicht/afdrukken", "/overzicht/cijfers/csv", "/documenten/{key}", "/documenten/{key}/pdf"]
)
def test_a_locked_account_shows_nothing_and_leads_back(world: HolderWorld, path: str) -> None:
    person, _, debt = filled(world)
    place = path.format(key=debt)
    world.wait(minutes=16)
    assert person.open(place).headers["location"] == f"/mijn/vergrendeld?naar={place}"
