"""Mijn Blauwe Knop in a real browser: with a passkey, without script, with the keyboard only, and each page judged."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.interop.web_validators import html_errors
from tests.unit.holder.holder_world import PHRASE
from tests.web.demo_tour import SMALL, PageJudged, Tour, new_page
from tests.web.holder_server import add_authenticator, served_holder

pytestmark = pytest.mark.suite("chromium")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_holder(tmp_path_factory.mktemp("holder")) as base_url:
        yield base_url


def code_on(page: Page) -> str:
    return " ".join(page.locator(".sheet .code span").all_inner_texts())


def type_code_back(page: Page) -> str:
    code = code_on(page)
    page.get_by_label("Herstelcode", exact=True).fill(code)
    page.get_by_role("button", name="Ik heb de code bewaard").click()
    page.wait_for_url("**/mijn/gegevens")
    return code


def make_with_passphrase(page: Page, address: str, name: str) -> str:
    page.goto(f"{address}/mijn/nieuw")
    page.get_by_label("Naam").fill(name)
    page.get_by_label("Wachtzin", exact=True).fill(PHRASE)
    page.get_by_label("Dezelfde wachtzin nog een keer").fill(PHRASE)
    page.get_by_role("button", name="Maak mijn account").click()
    page.wait_for_url("**/mijn/herstelcode")
    return type_code_back(page)


def make_with_passkey(page: Page, address: str) -> None:
    page.goto(f"{address}/mijn/nieuw")
    page.get_by_role("button", name="Maak een passkey").click()
    page.wait_for_url("**/mijn/herstelcode")
    type_code_back(page)


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Uitloggen").click()
    page.wait_for_url("**/mijn/uitgelogd")


def open_with_passkey(page: Page, address: str) -> None:
    page.goto(f"{address}/mijn/openen")
    page.get_by_role("button", name="Open met mijn passkey").click()


def test_a_passkey_makes_an_account_and_opens_it_again(address: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        add_authenticator(page)
        make_with_passkey(page, address)
        log_out(page)
        open_with_passkey(page, address)
        page.wait_for_url("**/mijn/gegevens")
        assert page.get_by_role("heading", level=1).inner_text() == "Mijn gegevens"


def test_a_second_passkey_on_another_device_opens_the_same_account(address: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        first = add_authenticator(page)
        make_with_passkey(page, address)
        first.remove()
        add_authenticator(page)
        page.goto(f"{address}/mijn/toegang")
        page.get_by_label("Hoe noemt u dit apparaat?").fill("Mijn telefoon")
        page.get_by_role("button", name="Voeg een passkey toe").click()
        page.get_by_role("heading", name="Mijn telefoon").wait_for()
        log_out(page)
        open_with_passkey(page, address)
        page.wait_for_url("**/mijn/gegevens")
        page.goto(f"{address}/mijn/toegang")
        page.get_by_role("heading", name="Mijn telefoon").wait_for()


def test_a_passkey_that_was_taken_away_opens_nothing(address: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        add_authenticator(page)
        make_with_passphrase(page, address, "Weg")
        page.goto(f"{address}/mijn/toegang")
        page.get_by_role("button", name="Voeg een passkey toe").click()
        way = page.locator(".ways li").filter(has=page.get_by_role("heading", name="Passkey"))
        way.get_by_role("button", name="Haal weg").click()
        way.wait_for(state="detached")
        log_out(page)
        open_with_passkey(page, address)
        page.get_by_role("heading", name="Deze passkey opent niets").wait_for()


def test_a_device_that_does_not_recognise_its_owner_opens_nothing(address: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        device = add_authenticator(page)
        make_with_passkey(page, address)
        log_out(page)
        device.recognises(False)
        open_with_passkey(page, address)
        page.get_by_text("Het is gestopt. Er is niets veranderd.").wait_for()


def test_a_device_that_gives_no_secret_leads_to_a_passphrase(address: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        add_authenticator(page, prf=False)
        page.goto(f"{address}/mijn/nieuw")
        page.get_by_role("button", name="Maak een passkey").click()
        page.get_by_text("Dit apparaat kan dit nog niet").wait_for()


def test_one_device_cannot_be_added_twice(address: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        device = add_authenticator(page)
        make_with_passkey(page, address)
        page.goto(f"{address}/mijn/toegang")
        page.get_by_role("button", name="Voeg een passkey toe").click()
        page.locator("[data-problem]:not([hidden])").wait_for()
        assert len(device.passkeys()) == 1


def test_without_script_a_passphrase_does_everything(address: str, chromium: Browser) -> None:
    with new_page(chromium, script=False) as page:
        code = make_with_passphrase(page, address, "Zonder script")
        assert not page.get_by_role("button", name="passkey").is_visible()
        log_out(page)
        page.goto(f"{address}/mijn/openen/herstelcode")
        page.get_by_label("Herstelcode", exact=True).fill(code.lower())
        page.get_by_role("button", name="Open mijn account").click()
        page.get_by_text("Uw herstelcode is gebruikt").wait_for()
        page.goto(f"{address}/mijn/wissen")
        page.get_by_label("Ja, wis mijn account").check()
        page.get_by_role("button", name="Wis alles").click()
        page.get_by_role("heading", name="Alles is gewist").wait_for()


def test_the_keyboard_alone_makes_and_opens_an_account(address: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        page.goto(f"{address}/mijn/nieuw")
        for label, value in (("Naam", "Toetsen"), ("Wachtzin", PHRASE), ("Dezelfde wachtzin nog een keer", PHRASE)):
            tab_to(page, label)
            page.keyboard.type(value)
        page.keyboard.press("Enter")
        page.wait_for_url("**/mijn/herstelcode")
        code = code_on(page)
        tab_to(page, "Herstelcode")
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        page.wait_for_url("**/mijn/gegevens")


def tab_to(page: Page, label: str) -> None:
    wanted = page.get_by_label(label, exact=True).get_attribute("id")
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == wanted:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {label}")


def test_the_way_back_after_logging_out_shows_nothing(address: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        make_with_passphrase(page, address, "Terug")
        page.goto(f"{address}/mijn/toegang")
        log_out(page)
        page.go_back()
        page.wait_for_url("**/mijn/openen?**")


def test_a_page_goes_from_the_screen_when_its_time_is_over(address: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        make_with_passphrase(page, address, "Vergeten")
        page.clock.install()
        page.goto(f"{address}/mijn/toegang")
        page.clock.fast_forward("12:01")
        page.get_by_role("link", name="Blijf", exact=False).wait_for()
        page.clock.fast_forward("03:10")
        page.wait_for_url("**/mijn/gegevens")


@pytest.fixture(scope="module")
def judged(address: str, chromium: Browser) -> list[PageJudged]:
    """Every page in Dutch, and the longest ones in English."""
    found: list[PageJudged] = []
    with new_page(chromium) as page:
        add_authenticator(page)
        walk_everything(Tour(address, page, "nl", found))
    with new_page(chromium, language="en") as page:
        add_authenticator(page)
        tour = Tour(address, page, "en", found)
        for path in ("/", "/nieuw", "/openen", "/openen/herstelcode", "/vergrendeld", "/uitgelogd", "/gewist"):
            tour.go(f"/mijn{path}", f"mijn {path.strip('/') or 'begin'}")
    return found


def walk_everything(tour: Tour) -> None:
    page = tour.page
    for path in ("/", "/openen", "/openen/herstelcode", "/vergrendeld", "/uitgelogd", "/gewist"):
        tour.go(f"/mijn{path}", f"mijn {path.strip('/').replace('/', ' ') or 'begin'}")
    tour.go("/mijn/nieuw", "mijn nieuw")
    page.get_by_role("button", name="Maak mijn account").click()
    tour.stop("mijn nieuw met fouten")
    page.goto(f"{tour.base_url}/mijn/openen")
    page.get_by_label("Naam").fill("Niemand")
    page.get_by_label("Wachtzin").fill("niet de goede woorden")
    page.get_by_role("button", name="Open mijn account").click()
    tour.stop("mijn openen onbekend")
    page.goto(f"{tour.base_url}/mijn/nieuw")
    page.get_by_label("Naam").fill("Rondleiding")
    page.get_by_label("Wachtzin", exact=True).fill(PHRASE)
    page.get_by_label("Dezelfde wachtzin nog een keer").fill(PHRASE)
    page.get_by_role("button", name="Maak mijn account").click()
    tour.stop("mijn herstelcode")
    code = code_on(page)
    page.get_by_role("button", name="Ik heb de code bewaard").click()
    tour.stop("mijn herstelcode fout")
    type_code_back(page)
    tour.stop("mijn gegevens")
    tour.go("/mijn/toegang")
    page.get_by_role("button", name="Voeg een passkey toe").click()
    page.locator(".ways li").nth(2).wait_for()
    tour.go("/mijn/herstelcode", "mijn nieuwe herstelcode")
    for path in ("/toegang", "/toegang/wachtzin", "/opnieuw-openen", "/wissen"):
        tour.go(f"/mijn{path}", f"mijn {path.strip('/').replace('/', ' ')}")
    page.get_by_role("button", name="Wis alles").click()
    tour.stop("mijn wissen zonder vinkje")
    log_out(page)
    page.goto(f"{tour.base_url}/mijn/openen/herstelcode")
    page.get_by_label("Herstelcode", exact=True).fill(code)
    page.get_by_role("button", name="Open mijn account").click()
    tour.stop("mijn toegang na herstel")
    page.goto(f"{tour.base_url}/mijn/nieuw")
    page.evaluate("document.querySelector('[data-problem=unsuitable]').hidden = false")
    tour.stop("mijn nieuw passkey gaat niet")


def test_the_walk_met_what_it_was_made_for(judged: list[PageJudged]) -> None:
    assert {page.name: page.status for page in judged if page.status != 200} == {
        "mijn nieuw met fouten (nl)": 422,
        "mijn openen onbekend (nl)": 403,
        "mijn herstelcode fout (nl)": 422,
        "mijn wissen zonder vinkje (nl)": 422,
    }


def test_axe_finds_no_violation(judged: list[PageJudged]) -> None:
    assert {page.name: page.violations for page in judged if page.violations} == {}


@pytest.mark.suite("vnu")
def test_the_html_checker_finds_no_error(judged: list[PageJudged]) -> None:
    assert {name: errors for name, errors in html_errors({page.name: page.html for page in judged}).items() if errors} == {}


def test_the_browser_complains_about_nothing(judged: list[PageJudged]) -> None:
    assert {page.name: page.complaints for page in judged if page.complaints} == {}


def test_nothing_sticks_out_at_320_pixels(judged: list[PageJudged]) -> None:
    assert {page.name: page.widest for page in judged if page.widest > SMALL} == {}
