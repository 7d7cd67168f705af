from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from blauweknop.adapters.database import METADATA, reading
from blauweknop.catalogue.texts import sentence
from tests.unit.verifier.staff.staff_world import StaffWorld

PAGES = ("/verzoeken", "/verzoeken/nieuw/huurwoning.vrije_sector.contract", "/verzoeken/" + "0" * 64)


def test_who_logs_in_comes_where_they_wanted_to_be(world: StaffWorld) -> None:
    with world.browser() as browser:
        answer = browser.log_in("sanne", place="/verzoeken/nieuw/huurwoning.vrije_sector.contract")
        assert (answer.status_code, answer.headers["location"]) == (303, "/huur/verzoeken/nieuw/huurwoning.vrije_sector.contract")
        page = browser.get("/verzoeken")
    assert page.status_code == 200
    assert "Sanne Oefening" in page.text


@pytest.mark.parametrize("page", PAGES)
def test_without_a_login_every_page_leads_to_it(world: StaffWorld, page: str) -> None:
    with world.browser() as browser:
        answer = browser.get(page)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/huur/inloggen?naar={page}")


@pytest.mark.parametrize("place", ["//aanvaller.example", "https://aanvaller.example", "/../x\\", "/verzoeken?x=1", "", "/" + "a" * 300])
def test_a_login_leads_to_no_other_place(world: StaffWorld, place: str) -> None:
    with world.browser() as browser:
        assert browser.log_in(place=place).headers["location"] == "/huur/verzoeken"


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ("els", "staff_no_role"),
        ("zonder-naam", "staff_claims"),
        ("rare-naam", "staff_claims"),
        ("namens-iemand", "staff_represents"),
    ],
)
def test_who_has_no_role_or_no_name_does_not_come_in(world: StaffWorld, person: str, code: str) -> None:
    with world.browser() as browser:
        answer = browser.log_in(person)
        assert answer.status_code == 403
        assert sentence(f"staff.problem.{code}", "nl") in answer.text
        assert browser.get("/verzoeken").status_code == 303


def test_a_role_may_stand_alone(world: StaffWorld) -> None:
    with world.browser() as browser:
        assert browser.log_in("losse-rol").status_code == 303


def test_staff_of_another_receiver_cannot_be_chosen(world: StaffWorld) -> None:
    with world.browser() as browser:
        assert browser.choose(browser.begin(), "sanne-schuldhulp") == ""


def test_a_session_of_one_receiver_is_none_at_another(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        own = world.services["huur"].session_cookie.name
        reference = browser.client.cookies[own]
        assert world.services["huur"].sessions.touch(reference, now=world.now) is not None
        assert world.services["schuldhulp"].sessions.touch(reference, now=world.now) is None


def test_a_callback_in_another_browser_is_refused(world: StaffWorld) -> None:
    with world.browser() as mine, world.browser() as other:
        callback = mine.choose(mine.begin(), "sanne-huur")
        assert other.client.get(callback).status_code == 403
        assert other.get("/verzoeken").status_code == 303


def test_a_callback_counts_once(world: StaffWorld) -> None:
    with world.browser() as browser:
        callback = browser.choose(browser.begin(), "sanne-huur")
        cookie = browser.client.cookies[world.services["huur"].login_cookie.name]
        assert browser.client.get(callback).status_code == 303
        browser.client.cookies.set(world.services["huur"].login_cookie.name, cookie)
        assert browser.client.get(callback).status_code == 403


def test_who_stops_at_the_login_is_told_so_kindly(world: StaffWorld) -> None:
    with world.browser() as browser:
        address = browser.begin()
        back = world.provider.cancel(parse_qs(urlsplit(address).query)["request_uri"][0])
        assert back is not None
        page = browser.client.get(back)
    assert page.status_code == 403
    assert "U hebt het inloggen gestopt" in page.text


def test_each_login_gives_a_new_reference_and_ends_the_one_before(world: StaffWorld) -> None:
    services = world.services["huur"]
    with world.browser() as browser:
        browser.log_in()
        first = browser.client.cookies[services.session_cookie.name]
        browser.log_in()
        second = browser.client.cookies[services.session_cookie.name]
    assert first != second
    assert services.sessions.touch(first, now=world.now) is None
    assert services.sessions.touch(second, now=world.now) is not None


def test_after_fifteen_idle_minutes_a_session_ends_kindly(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        world.later(minutes=14)
        assert browser.get("/verzoeken").status_code == 200
        world.later(minutes=15)
        page = browser.get("/verzoeken")
    assert page.status_code == 401
    assert "Uw bezoek is gestopt" in page.text
    assert "Clear-Site-Data" in page.headers
    assert world.services["huur"].session_cookie.name not in browser.client.cookies


def test_no_session_lasts_longer_than_a_working_day(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        statuses = []
        for _ in range(48):
            world.later(minutes=10)
            statuses.append(browser.get("/verzoeken").status_code)
    assert statuses == [200] * 47 + [401]


def test_logging_out_ends_it_here_and_at_the_provider(world: StaffWorld) -> None:
    services = world.services["huur"]
    with world.browser() as browser:
        browser.log_in()
        reference = browser.client.cookies[services.session_cookie.name]
        out = browser.post("/uitloggen")
        assert out.headers["location"].startswith("https://proef.example/medewerkers/uitloggen?")
        assert "Clear-Site-Data" in out.headers
        back = browser.client.get(out.headers["location"])
        assert back.headers["location"].startswith("https://proef.example/huur/uitgelogd")
    assert services.sessions.touch(reference, now=world.now) is None


def test_logging_out_needs_a_form_of_ours(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        assert browser.client.post("https://proef.example/huur/uitloggen").status_code == 403
        assert browser.get("/verzoeken").status_code == 200


def test_a_page_of_the_staff_is_not_kept(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        assert browser.get("/verzoeken").headers["cache-control"] == "no-store"


def test_a_stolen_database_gives_no_names_and_no_references(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in()
        reference = browser.client.cookies[world.services["huur"].session_cookie.name]
    with reading(world.engine) as connection:
        cells = [cell for table in METADATA.sorted_tables for row in connection.execute(select(table)) for cell in row]
    kept = b"\n".join(bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in cells)
    assert reference.encode() not in kept
    assert b"Sanne" not in kept
    assert world.services["huur"].sessions.idle == timedelta(minutes=15)
