import base64
from dataclasses import replace
from datetime import timedelta

from blauweknop.domain.document import JsonValue
from blauweknop.domain.texts import Text
from blauweknop.domain.verdict import Colour
from blauweknop.standards.sharing_receipts import ErasureReason
from blauweknop.verifier.afterwards.erasing import erase
from blauweknop.verifier.afterwards.ports import AfterwardsServices, KeptSharing
from blauweknop.verifier.asking.answers import TOO_OLD
from tests.unit.verifier.dossier.dossier_world import Desk, DossierWorld, asked, family, payments, study_debt, total_only, wages

PAPER: dict[str, JsonValue] = {
    "title": "Huur <b>contract</b>",
    "media_type": "application/pdf",
    "sha256": "",
    "content": base64.b64encode(b"%PDF-1.7 huur").decode(),
}
FILES = ("dossier.json", "fcid.json", "schulden.csv", "inkomen.csv", "stukken.csv")
GONE = "Dit dossier is er niet meer"


def test_the_page_shows_items_debts_and_the_data_of_each_piece(world: DossierWorld, desk: Desk) -> None:
    page = desk.get(world.answered([payments(family()), study_debt()], reference="zaak 4711")).text
    for words in ("Titel betalingen", "zaak 4711", "CJIB", "Verkeersboete", "12.345,67", 'href="#stuk-2"', 'id="stuk-2"', "Niet ontvangen"):
        assert words in page


def test_a_remark_stands_with_its_item(world: DossierWorld, desk: Desk) -> None:
    page = desk.get(world.answered([study_debt(colour=Colour.ORANGE, reasons=(TOO_OLD,))])).text
    assert "Gewaarmerkt, te oud" in page
    assert "ouder dan u vraagt" in page


def test_income_stands_by_month(world: DossierWorld, desk: Desk) -> None:
    page = desk.get(world.answered([wages()])).text
    assert "2.500,00" in page
    assert "september 2026" in page


def test_data_that_were_new_enough_grow_old_in_the_dossier(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    assert "ouder dan u vroeg" not in desk.get(dossier).text
    world.asking.later(days=60)
    page = desk.get(dossier).text
    assert "ouder dan u vroeg" in page
    assert "Gewaarmerkt, te oud" in page


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


def test_a_paper_that_took_the_place_of_another_says_when_and_is_as_little_certified(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()], papers=[PAPER])
    assert "in de plaats van een eerder papier" not in desk.get(dossier).text
    newer = {**PAPER, "title": "Nieuw contract", "came_at": world.asking.now.isoformat()}
    assert world.services().answers.replace_papers(dossier, {1: newer})
    page = desk.get(dossier).text
    assert "in de plaats van een eerder papier" in page
    assert ("Nieuw contract" in page, "Niet gewaarmerkt" in page, "<b>contract" in page) == (True, True, False)
    (told,) = desk.get(dossier, "/dossier.json").json()["own_papers"]
    assert (told["came_at"], told["certified"]) == (world.asking.now.isoformat(), False)


def test_the_printed_page_has_every_fold_open(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    assert 'id="stuk-1" open' in desk.get(dossier, "?afdrukken=ja").text
    assert 'id="stuk-1" open' not in desk.get(dossier).text


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


def test_what_needs_attention_stands_before_what_is_in_order(world: DossierWorld, desk: Desk) -> None:
    page = desk.get(world.answered([payments(family()), study_debt(colour=Colour.RED)])).text
    first, well = page.index("Kijk hier eerst naar (1)"), page.index("In orde (1)")
    assert first < page.index('id="stuk-2"') < well < page.index('id="stuk-1"')
    assert page.index("telt niet meer") < page.index("Ontvangen en gewaarmerkt")


def test_of_what_needs_attention_what_counts_no_more_stands_first(world: DossierWorld, desk: Desk) -> None:
    page = desk.get(world.answered([wages(colour=Colour.ORANGE, reasons=(TOO_OLD,)), study_debt(colour=Colour.RED)])).text
    assert page.index('id="stuk-2"') < page.index('id="stuk-1"')


def test_staff_read_the_title_that_is_for_them(world: DossierWorld, desk: Desk) -> None:
    world.items = (asked("studieschuld", "duo.studieschuld", staff_title=Text("Studieschuld van de persoon", "Study debt of the person")),)
    dossier = world.answered([study_debt()])
    assert "Studieschuld van de persoon" in desk.get(dossier).text
    assert "Titel studieschuld" not in desk.get(dossier).text
    assert desk.get(dossier, "/dossier.json").json()["checklist"][0]["title"]["nl"] == "Studieschuld van de persoon"


def test_ten_copies_of_one_credential_count_once_and_say_so(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()] * 10)
    page = desk.get(dossier).text
    assert "Dit zegt hetzelfde als een ander stuk" in page
    found = desk.get(dossier, "/dossier.json").json()
    assert found["debts"]["total"] == 1234567
    assert [piece["colour"] for piece in found["pieces"]] == ["green"] + ["orange"] * 9


def test_pieces_of_one_source_that_contradict_each_other_are_told(world: DossierWorld, desk: Desk) -> None:
    other = replace(study_debt(), claims={"family_name": "Jansen-Pietersen", "schuldsaldo_inclusief_rente": 999})
    assert "van dezelfde dag, en zeggen iets anders" in desk.get(world.answered([study_debt(), other])).text


def test_the_page_names_who_shared_it_and_for_whom(world: DossierWorld, desk: Desk) -> None:
    acting: dict[str, JsonValue] = {
        "given_name": "Xantippe",
        "family_name": "Jansen",
        "representative": {"name": "Laakhof <b>", "capacity": "bewindvoerder"},
    }
    dossier = world.answered([replace(study_debt(), claims=acting), wages()])
    page = desk.get(dossier).text
    assert "Gedeeld door Laakhof &lt;b&gt; (bewindvoerder), namens Xantippe Jansen." in page
    assert "Opgehaald door een vertegenwoordiger" in page
    saved = desk.get(dossier, "/dossier.json").json()
    assert (saved["representative"], saved["representatives"]) == (True, [acting["representative"]])


def test_the_page_of_who_shared_for_themselves_says_nothing_of_it(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    assert "vertegenwoordiger" not in desk.get(dossier).text
    assert desk.get(dossier, "/dossier.json").json()["representative"] is False
