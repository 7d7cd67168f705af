from datetime import timedelta

from blauweknop.domain.verdict import Colour
from blauweknop.standards import sd_jwt_vc
from blauweknop.standards.sharing_messages import request_hash
from blauweknop.standards.sharing_receipts import verify_receipt
from tests.unit.checking import credentials as c
from tests.unit.checking import mdocs as m
from tests.unit.standards import receivers as r
from tests.unit.verifier.asking.asking_world import (
    BOTH,
    MDOC_QUESTION,
    NONCE,
    PATH,
    SITE,
    SUMMARY,
    WHOLE,
    AskingWorld,
    Browser,
    led_back,
    refused,
)


def test_what_was_asked_and_shown_is_kept_when_its_browser_comes_back(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    back = led_back(browser.begin(path).answer())
    assert world.kept(path) is None
    assert browser.come_back(back).headers["location"] == f"{PATH}/klaar"
    kept = world.kept(path)
    assert kept is not None
    (item,) = kept.answer.items
    assert (item.item, item.colour, item.dataset) == ("schuld", Colour.GREEN, "duo.studieschuld")
    assert item.claims == {"given_name": "Çağla Đorđe", "family_name": "van der Łukasz", "schuldsaldo_inclusief_rente": 1234567}


def test_where_the_source_tells_of_withdrawal_later_is_kept(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    browser.come_back(led_back(browser.begin(path).answer()))
    kept = world.kept(path)
    assert kept is not None
    (item,) = kept.answer.items
    assert item.status_uri is not None
    assert item.status_index is not None


def test_the_page_says_who_asks_why_by_which_law_and_for_how_long(world: AskingWorld, browser: Browser) -> None:
    page = browser.get(f"{world.request()}?taal=nl").text
    for words in ("Gemeente Proef", "Een betalingsregeling maken", "Wgs artikel 4", "5 jaar", "Wordt niet gevraagd", "Studieschuld"):
        assert words in page


def test_what_nobody_asked_for_is_not_kept(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    holder = browser.begin(path)
    browser.come_back(led_back(holder.answer({"schuld-kort": [holder.shown(names=(*SUMMARY, "source_name", "reference_date"))]})))
    kept = world.kept(path)
    assert kept is not None
    assert set(kept.answer.items[0].claims) == set(SUMMARY)


def test_the_document_itself_comes_beside_its_summary(world: AskingWorld, browser: Browser) -> None:
    path = world.request(BOTH)
    holder = browser.begin(path)
    whole = sd_jwt_vc.disclose(c.of_document(), lambda place: place[:1] in (("subject",), ("data",)) or place[:2] in WHOLE)
    browser.come_back(led_back(holder.answer({"schuld": [whole], "schuld-kort": [holder.shown()]})))
    kept = world.kept(path)
    assert kept is not None
    document, summary = kept.answer.items
    assert document.claims["data"] == {"schuldsaldo_inclusief_rente": 1234567}
    assert (document.colour, summary.colour) == (Colour.GREEN, Colour.GREEN)


def test_a_mobile_document_answers_too(world: AskingWorld, browser: Browser) -> None:
    path = world.request(MDOC_QUESTION)
    holder = browser.begin(path)
    browser.come_back(led_back(holder.answer({"schuld-mdoc": [m.as_text(holder.device_response()).decode()]})))
    kept = world.kept(path)
    assert kept is not None
    assert kept.answer.items[0].claims == {m.DOCTYPE: {"given_name": "Çağla Đorđe"}}


def test_a_mobile_document_of_another_session_is_no_answer(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request(MDOC_QUESTION))
    holder.known()
    assert refused(holder.answer({"schuld-mdoc": [m.as_text(m.presented()).decode()]})) == "response_incomplete"


def test_who_sends_no_consent_can_save_a_receipt(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    holder = browser.begin(path)
    signed = holder.fetch().text
    asked = holder.read(signed)
    browser.come_back(led_back(holder.answer()))
    file = browser.get(f"{PATH}/klaar/bewijs")
    receipt = verify_receipt(
        file.text, client_id=holder.client_id, asked=request_hash(signed), consent=None, trust_list=r.trust_list(), at=world.now
    )
    assert receipt.withdrawal_uri == f"{SITE}{PATH}/intrekken"
    assert {item.attribute for item in receipt.record.purposes[0].pii} == set(SUMMARY)
    assert asked.nonce != NONCE


def test_an_answer_is_kept_as_long_as_was_promised(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    browser.come_back(led_back(browser.begin(path).answer()))
    kept = world.kept(path)
    assert kept is not None
    assert timedelta(days=5 * 365) < kept.erase_at - world.now < timedelta(days=5 * 366 + 1)
