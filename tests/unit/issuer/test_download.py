import io
import json
import zipfile
from dataclasses import replace

import pytest
from httpx import Response

from blauweknop.document.certified import DATA_NAME, SealedDigest
from blauweknop.document.content import Content
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.domain.document import NoData, Unavailable
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.status_list import read_reference
from tests.security.bsn_scan import bsns_in
from tests.unit.document.pdf_samples import stand_in_cms
from tests.unit.issuer.source_world import ANNA, BERT, DEBT, GRANT, LIST_URI, LOW_ANNA, Browser, World, changed, found, words

_BALANCE = "schuldsaldo_inclusief_rente"


def logged_in(world: World) -> Browser:
    browser = world.browser()
    browser.log_in()
    return browser


def chosen(world: World) -> Browser:
    browser = logged_in(world)
    browser.choose(DEBT)
    return browser


def data_in(pdf: bytes) -> Content:
    content = json.loads(embedded_files(read_file(pdf))[DATA_NAME].content)
    assert isinstance(content, dict)
    return content


def entries(answer: Response) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_one_choice_gives_one_pdf_as_a_file_that_is_not_kept(world: World) -> None:
    answer = chosen(world).download()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="blauwe-knop-duo-studieschuld-2026-11-23.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"%PDF-")


def test_the_records_are_told_no_value_of_a_document_and_by_whom_to_find_it(world: World) -> None:
    answer = chosen(world).download()
    content = data_in(answer.content)
    assert world.records.issued == [
        {
            "document_id": content["document_id"],
            "source": "duo",
            "dataset_id": DEBT.id,
            "dataset_version": DEBT.version,
            "issued_at": world.now,
            "valid_until": world.records.issued[0]["valid_until"],
            "with_bsn": False,
            "status": read_reference(content["status"]),
            "person": ANNA.bsn,
            "acting": None,
        }
    ]
    assert [event["activity"] for event in world.records.events] == ["gather", "certify"]


def test_the_document_says_what_the_preview_showed_also_when_the_source_changed_meanwhile(world: World) -> None:
    browser = chosen(world)
    page = browser.look()
    world.answers[DEBT.id] = changed(found(DEBT), **{_BALANCE: 999})
    content = data_in(browser.download(page).content)
    assert "€ 1.234,56" in words(page).replace("\N{NO-BREAK SPACE}", " ")
    assert isinstance(content["data"], dict)
    assert content["data"][_BALANCE] == 123456


def test_a_choice_in_another_tab_is_looked_at_first(world: World) -> None:
    browser = chosen(world)
    page = browser.look()
    browser.choose(DEBT, bsn="with")
    answer = browser.download(page)
    assert answer.headers["location"] == "/duo/bekijken?veranderd"
    assert world.records.issued == []
    assert "Uw keuze is veranderd" in browser.open("/bekijken?veranderd").text


def test_a_download_without_a_preview_is_looked_at_first(world: World) -> None:
    assert chosen(world).send("/download").headers["location"] == "/duo/bekijken?veranderd"
    assert logged_in(world).send("/download").headers["location"] == "/duo/bekijken?veranderd"
    assert world.records.issued == []


def test_a_view_of_somebody_else_opens_nothing(world: World) -> None:
    page = chosen(world).look()
    world.login.person = BERT
    other = logged_in(world)
    other.choose(GRANT)
    other.look()
    assert other.download(page).headers["location"] == "/duo/bekijken?veranderd"


def test_the_document_speaks_the_language_of_the_preview(world: World) -> None:
    browser = chosen(world)
    page = browser.open("/bekijken?taal=en").text
    browser.open("/kiezen?taal=nl")
    assert data_in(browser.download(page).content)["language"] == "en"


def test_the_bsn_is_in_the_document_only_when_it_was_chosen(world: World) -> None:
    browser = logged_in(world)
    browser.choose(DEBT)
    without = browser.download().content
    browser.choose(DEBT, bsn="with")
    with_bsn = browser.download().content
    assert bsns_in(without) == ()
    assert data_in(with_bsn)["subject"] == {**_subject(without), "bsn": ANNA.bsn.digits}


def _subject(pdf: bytes) -> Content:
    subject = data_in(pdf)["subject"]
    assert isinstance(subject, dict)
    return subject


def test_a_part_that_was_left_out_is_not_in_the_document(world: World) -> None:
    browser = logged_in(world)
    browser.choose(DEBT, **{f"part.{DEBT.id}": "schuld"})
    data = data_in(browser.download().content)["data"]
    assert isinstance(data, dict)
    assert "te_betalen_maandbedrag" not in data


def test_several_choices_give_a_zip_with_a_page_that_says_what_is_in_it(world: World) -> None:
    browser = logged_in(world)
    browser.choose(DEBT, GRANT)
    answer = browser.download()
    assert answer.headers["content-type"] == "application/zip"
    files = entries(answer)
    assert sorted(files) == [
        "LEESMIJ.txt",
        "blauwe-knop-duo-studiefinanciering-2026-11-23.pdf",
        "blauwe-knop-duo-studieschuld-2026-11-23.pdf",
    ]
    assert DEBT.title.nl in files["LEESMIJ.txt"].decode()


def test_each_document_of_a_zip_has_a_place_of_its_own(world: World) -> None:
    browser = logged_in(world)
    browser.choose(DEBT, GRANT)
    found_in = [content for name, content in entries(browser.download()).items() if name.endswith(".pdf")]
    places = [read_reference(data_in(content)["status"]) for content in found_in]
    assert len({place.index for place in places}) == 2
    assert {place.uri for place in places} == {LIST_URI}


def test_what_is_missing_from_the_zip_is_named_with_the_reason(world: World) -> None:
    world.answers[GRANT.id] = Unavailable("timeout")
    browser = logged_in(world)
    browser.choose(DEBT, GRANT)
    files = entries(browser.download())
    assert len(files) == 2
    assert f"{GRANT.title.nl}: Het systeem van DUO is traag" in files["LEESMIJ.txt"].decode()


def test_with_nothing_found_there_is_nothing_to_download(world: World) -> None:
    world.answers[DEBT.id] = NoData()
    browser = chosen(world)
    browser.look()
    assert browser.download().headers["location"] in ("/duo/bekijken", "/duo/bekijken?veranderd")
    assert world.records.issued == []


def test_a_login_of_more_than_fifteen_minutes_ago_is_done_again_and_nothing_is_lost(world: World) -> None:
    browser = chosen(world)
    page = browser.look()
    world.later(minutes=10)
    browser.look()
    world.later(minutes=6)
    answer = browser.download(page)
    assert answer.headers["location"] == "https://login.example/start"
    assert world.login.asked[-1] == (ANNA.level, "/duo/bekijken?ingelogd", True)
    assert browser.open("/terug?code=x&state=y").headers["location"] == "/duo/bekijken?ingelogd"
    again = browser.open("/bekijken?ingelogd").text
    assert "U bent opnieuw ingelogd" in again
    assert browser.download(again).content.startswith(b"%PDF-")
    assert world.asked == [DEBT.id]


def test_somebody_else_who_logs_in_for_the_download_gets_nothing_of_the_first(world: World) -> None:
    browser = chosen(world)
    page = browser.look()
    world.later(minutes=10)
    browser.look()
    world.later(minutes=6)
    browser.download(page)
    world.login.person = BERT
    browser.open("/terug?code=x&state=y")
    assert browser.open("/bekijken").headers["location"] == "/duo/kiezen"


def test_a_seal_that_fails_leaves_the_choice_and_says_what_to_do(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_digest: bytes) -> SealedDigest:
        raise BlauweKnopError("the key does not answer")

    world.certifier = replace(world.certifier, seal=broken)
    browser = chosen(world)
    answer = browser.download()
    assert answer.status_code == 503
    shown = words(answer.text)
    assert f"Het lukte niet om het document '{DEBT.title.nl}' te maken" in shown
    number = shown.split("Noem dan dit nummer: ")[1][:9]
    assert 'action="/duo/download"' in answer.text
    assert number in capsys.readouterr().out
    assert world.records.issued == []
    assert world.records.events[-1]["outcome"] == "failed"


def test_a_document_without_time_stamp_is_said_in_the_record_and_to_the_person(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def unstamped(digest: bytes) -> SealedDigest:
        return SealedDigest(stand_in_cms(digest), "B-B")

    world.certifier = replace(world.certifier, seal=unstamped)
    browser = chosen(world)
    assert "geen tijdstempel" not in words(browser.open("/klaar").text)
    assert browser.download().status_code == 200
    assert world.records.events[-1]["outcome"] == "made_without_time_stamp"
    assert "certified_without_time_stamp" in capsys.readouterr().out
    assert "Er zit geen tijdstempel in" in words(browser.open("/klaar").text)


def test_a_zip_says_which_document_has_no_time_stamp(world: World) -> None:
    def unstamped(digest: bytes) -> SealedDigest:
        return SealedDigest(stand_in_cms(digest), "B-B")

    world.certifier = replace(world.certifier, seal=unstamped)
    browser = logged_in(world)
    browser.choose(DEBT, GRANT)
    text = entries(browser.download())["LEESMIJ.txt"].decode()
    assert text.count("(zonder tijdstempel") == 2


def test_pressing_twice_makes_two_documents_with_their_own_numbers(world: World) -> None:
    browser = chosen(world)
    page = browser.look()
    first, second = (data_in(browser.download(page).content) for _ in range(2))
    assert first["document_id"] != second["document_id"]
    assert first["data"] == second["data"]


def test_no_address_page_header_or_log_of_a_visit_holds_the_bsn(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    browser = logged_in(world)
    answers = [browser.choose(DEBT, GRANT), browser.open("/bekijken"), browser.open("/kiezen"), browser.download(), browser.open("/klaar")]
    for answer in answers:
        assert bsns_in(str(answer.url) + str(answer.headers.multi_items())) == ()
        assert bsns_in(answer.content) == ()
    assert bsns_in(capsys.readouterr().out) == ()


def test_after_the_download_the_page_leads_to_the_check_and_to_logging_out(world: World) -> None:
    page = chosen(world).open("/klaar").text
    assert 'href="https://controle.example/controle"' in page
    assert page.count('action="/duo/uitloggen"') == 2


def test_a_choice_with_bsn_does_not_outlive_a_login_at_a_lower_level(world: World) -> None:
    browser = logged_in(world)
    browser.choose(DEBT, bsn="with")
    world.login.person = LOW_ANNA
    browser.log_in()
    assert browser.open("/bekijken").headers["location"] == "/duo/kiezen"
