import base64
import csv
import io
from datetime import timedelta

from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour
from blauweknop.standards.sharing_receipts import ErasureReason
from blauweknop.verifier.afterwards.erasing import erase
from blauweknop.verifier.afterwards.ports import AfterwardsServices, KeptSharing
from blauweknop.verifier.asking.answers import TOO_OLD
from tests.unit.verifier.dossier.dossier_world import Desk, DossierWorld, family, payments, study_debt, total_only, wages

PAPER: dict[str, JsonValue] = {
    "title": "Huur <b>contract</b>",
    "media_type": "application/pdf",
    "sha256": "",
    "content": base64.b64encode(b"%PDF-1.7 huur").decode(),
}
FILES = ("dossier.json", "fcid.json", "schulden.csv", "inkomen.csv")
GONE = "Dit dossier is er niet meer"


def test_the_page_shows_items_debts_and_the_data_of_each_piece(world: DossierWorld, desk: Desk) -> None:
    page = desk.get(world.answered([payments(family()), study_debt()], reference="zaak 4711")).text
    for words in ("Titel betalingen", "zaak 4711", "CJIB", "Verkeersboete", "12.345,67", 'href="#stuk-2"', 'id="stuk-2"', "Niet ontvangen"):
        assert words in page


def test_a_remark_stands_with_its_item(world: DossierWorld, desk: Desk) -> None:
    page = desk.get(world.answered([study_debt(colour=Colour.ORANGE, reasons=(TOO_OLD,))])).text
    assert "Ontvangen, niet zeker" in page
    assert "ouder dan u vraagt" in page


def test_income_stands_by_month(world: DossierWorld, desk: Desk) -> None:
    page = desk.get(world.answered([wages()])).text
    assert "2.500,00" in page
    assert "september 2026" in page
    assert desk.get(world.answered([wages()]), "/inkomen.csv").text.splitlines()[1] == "2026-09,250000,,,250000,1,ja"


def test_data_that_were_new_enough_grow_old_in_the_dossier(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    assert "ouder dan u vroeg" not in desk.get(dossier).text
    world.asking.later(days=60)
    assert "ouder dan u vroeg" in desk.get(dossier).text


def test_an_organisation_with_only_a_total_stands_apart(world: DossierWorld, desk: Desk) -> None:
    assert "Alleen een totaal" in desk.get(world.answered([total_only(family())])).text


def test_own_papers_stand_apart_and_are_only_ever_saved(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()], papers=[PAPER])
    page = desk.get(dossier).text
    assert "Niet gewaarmerkt" in page
    assert "<b>contract" not in page
    paper = desk.get(dossier, "/papieren/1")
    assert paper.content == b"%PDF-1.7 huur"
    assert paper.headers["content-disposition"] == 'attachment; filename="eigen-papier-1.pdf"'
    assert paper.headers["content-type"] == "application/octet-stream"
    assert desk.get(dossier, "/papieren/2").status_code == 404


def test_the_printed_page_has_every_fold_open(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    assert '<details class="fold" open' in desk.get(dossier, "?afdrukken=ja").text
    assert '<details class="fold" open' not in desk.get(dossier).text


def test_a_request_without_an_answer_says_so(world: DossierWorld, desk: Desk) -> None:
    path = world.asking.request()
    request = world.services().requests.by_token(path.rpartition("/")[2], now=world.asking.now)
    assert request is not None
    assert "Er is nog geen antwoord" in desk.get(request.id).text
    assert desk.get(request.id, "/dossier.json").status_code == 404


def test_a_dossier_that_was_taken_back_says_so_kindly(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    services = world.services()
    sharings, now = services.sharings, world.asking.now
    kept = services.answers.of_request(dossier)
    assert kept is not None
    sharings.keep(KeptSharing("r" * 43, "", None, None), link=dossier[:43], attempt="00" * 32, erase_at=now + timedelta(days=9))
    assert sharings.bind("r" * 43, kept.id)
    erase("r" * 43, ErasureReason.WITHDRAWN, AfterwardsServices(services.receiver.signer, sharings, lambda: now), at=now)
    answer = desk.get(dossier)
    assert answer.status_code == 404
    assert GONE in answer.text
    assert [desk.get(dossier, f"/{name}").status_code for name in FILES] == [404] * len(FILES)


def test_what_never_was_and_what_one_may_not_see_look_the_same(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    world.allowed = False
    hidden = desk.get(dossier)
    assert (hidden.status_code, GONE in hidden.text, "DUO" in hidden.text) == (404, True, False)
    assert [desk.get(dossier, f"/{name}").status_code for name in (*FILES, "papieren/1")] == [404] * (len(FILES) + 1)
    world.allowed = True
    for never in ("00" * 32, "geen-nummer", "zz"):
        assert GONE in desk.get(never).text


def test_cells_that_a_spreadsheet_takes_for_a_formula_are_made_harmless(world: DossierWorld, desk: Desk) -> None:
    answer = desk.get(world.answered([payments(family()), total_only("duo.studieschuld")]), "/schulden.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["schuldeiser"], row["referentie"], row["bedrag_cent"], row["telt_mee"]) for row in rows] == [
        ("CJIB", "4711", "25000", "ja"),
        ("CJIB", '\'=HYPERLINK("x")', "7000", "ja"),
        ("CJIB", "", "32000", "nee"),
    ]
    assert answer.headers["cache-control"] == "no-store"


def test_all_of_a_dossier_is_in_its_json(world: DossierWorld, desk: Desk) -> None:
    found = desk.get(world.answered([study_debt()], papers=[PAPER]), "/dossier.json").json()
    assert found["debts"]["lines"][0]["pieces"] == [1]
    assert found["pieces"][0]["claims"]["schuldsaldo_inclusief_rente"] == 1234567
    assert {line["item"]: line["standing"] for line in found["checklist"]}["studieschuld"] == "certified"
    assert found["own_papers"][0]["certified"] is False


def test_debts_by_organisation_have_the_names_of_payment_overviews(world: DossierWorld, desk: Desk) -> None:
    found = desk.get(world.answered([payments(family())]), "/fcid.json").json()
    (organisation,) = found["bronorganisaties"]
    assert (organisation["naam"], organisation["saldo"]) == ("CJIB", 32000)
    assert [case["zaakkenmerk"] for case in organisation["financiele_zaken"]] == ["4711", '=HYPERLINK("x")']


def test_an_unknown_file_is_not_there(world: DossierWorld, desk: Desk) -> None:
    assert desk.get(world.answered([study_debt()]), "/alles.exe").status_code == 404
