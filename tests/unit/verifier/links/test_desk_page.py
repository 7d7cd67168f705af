"""The page on which staff take a link: who may, what it says, and that it keeps the link to itself."""

from collections.abc import Iterator

import pytest

from blauweknop.assembly.staff import staff_routes
from blauweknop.demo.staff_login import staff_login_router
from blauweknop.verifier.links.ports import Replied
from blauweknop.verifier.links.routes import link_desk_router
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.holder.holder_world import words
from tests.unit.verifier.links.desk_world import LINK, PIN, RECEIVER, DeskWorld
from tests.unit.verifier.staff.staff_world import StaffBrowser

PAGE = "/link-ontvangen"


@pytest.fixture
def browser(world: DeskWorld) -> Iterator[StaffBrowser]:
    """At the receiver that takes links, with nobody in."""
    desk, settings = world.desk(), WebSettings(csrf_secret="s" * 32, secure=True, exercise=True)
    pages = [*staff_routes([desk.staff], []), link_desk_router(desk), staff_login_router(world.staff.provider, world.staff.tell)]
    world.staff.application = web_application(pages, settings)
    with world.staff.browser(RECEIVER) as opened:
        yield opened


@pytest.mark.parametrize(("name", "status"), [("sanne", 200), ("youssef", 200), ("karin", 403), ("tom", 403)])
def test_links_are_for_workers(browser: StaffBrowser, name: str, status: int) -> None:
    browser.log_in(name)
    assert browser.get(PAGE).status_code == status
    assert browser.post(PAGE, link="x", pin="x").status_code == (422 if status == 200 else 403)


def test_who_is_not_in_logs_in_first_and_nothing_is_fetched(world: DeskWorld, browser: StaffBrowser) -> None:
    assert browser.get(PAGE).headers["location"].endswith(f"/inloggen?naar={PAGE}")
    assert browser.post(PAGE, link=LINK.as_text(), pin=PIN).status_code == 303
    assert world.asked == []


def test_a_link_and_its_pin_lead_to_the_dossier(world: DeskWorld, browser: StaffBrowser) -> None:
    browser.log_in("sanne")
    answer = browser.post(PAGE, link=LINK.as_text(), pin=PIN, reference="zaak 12")
    assert answer.status_code == 303
    request_id = answer.headers["location"].rpartition("/")[2]
    kept = world.desk().asking.requests.by_id(request_id)
    assert kept is not None
    assert kept.reference == "zaak 12"


def test_what_came_by_a_link_is_for_who_took_it(world: DeskWorld, browser: StaffBrowser) -> None:
    browser.log_in("sanne")
    taken = browser.post(PAGE, link=LINK.as_text(), pin=PIN, reference="zaak 12").headers["location"].rpartition("/")[2]
    assert browser.get(f"/verzoeken/{taken}").status_code == 200
    with world.staff.browser(RECEIVER) as other:
        other.log_in("youssef")
        assert other.get(f"/verzoeken/{taken}").status_code == 403
        assert "zaak 12" not in other.get("/verzoeken").text


def test_a_wrong_pin_says_how_often_one_can_try_and_leaves_the_link_in_place(world: DeskWorld, browser: StaffBrowser) -> None:
    browser.log_in("sanne")
    world.behind.reply = Replied(403, b'{"error":"link_pin","tries_left":2}')
    answer = browser.post(PAGE, link=LINK.as_text(), pin="999999")
    assert "nog 2 keer proberen" in words(answer.text)
    assert LINK.as_text() in answer.text
    assert "999999" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("code", ["link_gone", "link_closed", "link_receiver"])
def test_a_link_that_is_of_no_use_any_more_does_not_stay_on_the_page(world: DeskWorld, browser: StaffBrowser, code: str) -> None:
    browser.log_in("sanne")
    world.behind.reply = Replied(410, f'{{"error":"{code}"}}'.encode())
    answer = browser.post(PAGE, link=LINK.as_text(), pin=PIN)
    assert "Deze link levert niets op" in words(answer.text)
    assert LINK.id not in answer.text


def test_a_reference_that_is_too_long_asks_nothing_yet(world: DeskWorld, browser: StaffBrowser) -> None:
    browser.log_in("sanne")
    assert "hoogstens 40" in words(browser.post(PAGE, link=LINK.as_text(), pin=PIN, reference="x" * 41).text)
    assert world.asked == []


def test_the_list_of_requests_leads_to_the_page_where_links_are_taken(world: DeskWorld, browser: StaffBrowser) -> None:
    browser.log_in("sanne")
    assert f"/{RECEIVER}{PAGE}" in browser.get("/verzoeken").text
