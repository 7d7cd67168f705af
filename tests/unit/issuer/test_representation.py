"""Somebody fetches the document of another: every page says so, the document names both, and no wallet gets it."""

from dataclasses import replace
from datetime import date

from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.issuer.login import Mandate
from blauweknop.standards.sd_jwt_vc import disclose
from blauweknop.standards.undisclosed import take_inventory
from tests.security.bsn_scan import bsns_in
from tests.unit.issuer.source_world import ANNA, BERT, DEBT, GRANT, Browser, World, words
from tests.unit.issuer.test_download import data_in

GUARD = Representative("Bewindvoering Laakhof", Capacity.ADMINISTRATOR, date(2027, 3, 1))
FOR_ANNA = replace(ANNA, mandate=Mandate(GUARD, BERT.bsn.digits, None, "Anna de Vries"))


def acting(world: World, mandate: Mandate | None = FOR_ANNA.mandate) -> Browser:
    world.login.person = replace(ANNA, mandate=mandate)
    browser = world.browser()
    browser.log_in()
    return browser


def test_every_page_says_for_whom_somebody_acts(world: World) -> None:
    browser = acting(world)
    browser.choose(DEBT)
    for path in ("/kiezen", "/bekijken", "/klaar"):
        assert "U doet dit voor Anna de Vries, als bewindvoerder. De gegevens zijn van Anna de Vries" in words(browser.open(path).text)


def test_a_provider_that_gives_no_name_leaves_it_at_somebody_else(world: World) -> None:
    page = acting(world, Mandate(GUARD, "pairwise-7")).open("/kiezen").text
    assert "U doet dit voor iemand anders, als bewindvoerder" in words(page)


def test_who_acts_for_themselves_reads_nothing_of_it(world: World) -> None:
    page = acting(world, None).open("/kiezen").text
    assert "U doet dit voor" not in words(page)


def test_the_records_are_told_of_both_to_be_found_by_either(world: World) -> None:
    browser = acting(world)
    browser.choose(DEBT)
    browser.look()
    browser.download()
    assert [(row["person"], row["acting"]) for row in world.records.issued] == [(ANNA.bsn, BERT.bsn.digits)]


def test_preview_and_document_name_both(world: World) -> None:
    browser = acting(world)
    browser.choose(DEBT)
    said = "Opgehaald door Bewindvoering Laakhof (bewindvoerder), namens"
    assert said in words(browser.look())
    content = data_in(browser.download().content)
    assert content["representative"] == {"name": "Bewindvoering Laakhof", "capacity": "bewindvoerder", "until": "2027-03-01"}


def test_no_number_of_who_acts_is_in_the_document(world: World) -> None:
    browser = acting(world)
    browser.choose(DEBT)
    pdf = browser.download().content
    assert not bsns_in(b"".join(file.content for file in embedded_files(read_file(pdf)).values()))


def test_the_credential_inside_names_who_acts_whatever_is_left_out(world: World) -> None:
    browser = acting(world)
    browser.choose(DEBT)
    credential = embedded_files(read_file(browser.download().content))["gegevens.sd-jwt"].content.decode("ascii")
    assert take_inventory(disclose(credential, lambda _: False)).claims["representative"] == GUARD.as_json()


def test_only_what_the_source_gives_to_who_acts_can_be_chosen(world: World) -> None:
    browser = acting(world, Mandate(GUARD, "pairwise-7", frozenset({DEBT.id})))
    page = words(browser.open("/kiezen?alles").text)
    assert (DEBT.title.nl in page, GRANT.title.nl in page) == (True, False)
    assert browser.choose(GRANT).status_code == 422


def test_what_was_chosen_for_oneself_is_not_there_for_another(world: World) -> None:
    browser = acting(world, None)
    browser.choose(GRANT)
    world.login.person = FOR_ANNA
    browser.log_in()
    assert browser.open("/bekijken").headers["location"] == "/duo/kiezen"


def test_no_wallet_is_offered_to_who_acts(world: World) -> None:
    browser = acting(world)
    browser.choose(DEBT)
    assert "wallet" not in words(browser.look()).lower()
