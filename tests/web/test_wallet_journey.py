"""From the page of a source into a wallet and out of it to the check, by the people it is for: by eye, by keyboard, without script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.demo_scheme import RunningDemo, running_demo
from tests.interop.web_validators import html_errors
from tests.security.bsn_scan import bsns_in
from tests.web.demo_tour import SMALL, PageJudged, Tour, log_in, new_page
from tests.web.keyboard import press

pytestmark = pytest.mark.suite("chromium")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("demo") / "scheme") as running:
        yield running


@pytest.fixture(scope="module")
def judged(demo: RunningDemo, chromium: Browser) -> list[PageJudged]:
    found: list[PageJudged] = []
    for language in ("nl", "en"):
        with new_page(chromium, language=language) as page:
            _walk_wallet(Tour(demo.base_url, page, "en" if language == "en" else "nl", found))
    return found


def _walk_wallet(tour: Tour) -> None:
    page = tour.page
    tour.go("/oefenwallet", "oefenwallet leeg")
    tour.go("/oefenwallet/aanbod?link=onzin", "oefenwallet geen link")
    tour.go("/oefenwallet/terug?state=onbekend&code=x", "oefenwallet onbekende vraag")
    _put_ready(page, tour.base_url, "duo", "samira")
    tour.stop("klaar voor de wallet")
    link, digits = _link_and_digits(page)
    page.locator('a[href*="/oefenwallet/aanbod"]').click()
    tour.stop("oefenwallet aanbod")
    page.locator('form[action="/oefenwallet/ophalen"] button').click()
    page.wait_for_url("**/duo/wallet/toestemming*")
    tour.stop("toestemming")
    page.locator('button[value="agree"]').click()
    page.wait_for_url("**/oefenwallet?gelukt")
    for fold in page.locator(".wallet-card summary").all():
        fold.click()
    tour.stop("oefenwallet met kaarten")
    tour.go("/duo/wallet", "opgehaald door de wallet")
    _paste(page, tour.base_url, link)
    tour.stop("oefenwallet aanbod dat voorbij is")
    page.goto(f"{tour.base_url}/duo/wallet")
    _put_ready_again(page, tour.base_url)
    link, digits = _link_and_digits(page)
    _paste(page, tour.base_url, link)
    tour.stop("oefenwallet cijfers")
    page.locator('input[name="cijfers"]').fill(f"{(int(digits) + 1) % 1_000_000:06}")
    page.locator('form[action="/oefenwallet/ophalen"] button').click()
    tour.stop("oefenwallet verkeerde cijfers")


def _put_ready(page: Page, base_url: str, source: str, person: str) -> None:
    page.goto(f"{base_url}/{source}/inloggen")
    log_in(page, person)
    page.goto(f"{base_url}/{source}/kiezen?alles")
    page.locator(f'form[action="/{source}/kiezen"] button').last.click()
    page.locator(f'button[formaction="/{source}/wallet"]').click()
    page.wait_for_url(f"**/{source}/wallet")


def _put_ready_again(page: Page, base_url: str) -> None:
    page.goto(f"{base_url}/duo/bekijken")
    page.locator('button[formaction="/duo/wallet"]').click()
    page.wait_for_url("**/duo/wallet")


def _link_and_digits(page: Page) -> tuple[str, str]:
    link = page.locator(".address code").text_content()
    digits = page.locator(".digits span").first.text_content()
    assert link is not None
    assert digits is not None
    return link, digits.replace(" ", "")


def _paste(page: Page, base_url: str, link: str) -> None:
    page.goto(f"{base_url}/oefenwallet")
    page.locator('input[name="link"]').fill(link)
    page.locator('form[action="/oefenwallet/aanbod"] button').click()


def test_the_walk_met_what_it_was_made_for(judged: list[PageJudged]) -> None:
    assert [page.status for page in judged] == [200, 400, 400, 200, 200, 200, 200, 200, 400, 200, 422] * 2


def test_axe_finds_no_violation(judged: list[PageJudged]) -> None:
    assert {page.name: page.violations for page in judged if page.violations} == {}


@pytest.mark.suite("vnu")
def test_the_html_checker_finds_no_error(judged: list[PageJudged]) -> None:
    assert {name: errors for name, errors in html_errors({page.name: page.html for page in judged}).items() if errors} == {}


def test_the_browser_complains_about_nothing(judged: list[PageJudged]) -> None:
    assert {page.name: page.complaints for page in judged if page.complaints} == {}


def test_nothing_sticks_out_at_320_pixels(judged: list[PageJudged]) -> None:
    assert {page.name: page.widest for page in judged if page.widest > SMALL} == {}


def test_no_page_shows_what_only_programmers_understand(judged: list[PageJudged]) -> None:
    signs = ("Traceback", "Error(", "Exception", "None<", ">None", "undefined", "{{", "wallet.offer", "wallet.consent", "oefenwallet.")
    shown = {page.name: [sign for sign in signs if sign in page.html.partition("<main")[2].partition("</main>")[0]] for page in judged}
    assert {name: found for name, found in shown.items() if found} == {}


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_person_puts_data_in_a_wallet_on_another_device_and_has_it_checked(
    script: bool, demo: RunningDemo, chromium: Browser, tmp_path: Path
) -> None:
    with new_page(chromium, script=script) as at_home, new_page(chromium, script=script, width=SMALL) as phone:
        _put_ready(at_home, demo.base_url, "uwv", "samira")
        link, digits = _link_and_digits(at_home)
        _paste(phone, demo.base_url, link)
        phone.locator('input[name="cijfers"]').fill(digits)
        phone.locator('form[action="/oefenwallet/ophalen"] button').click()
        phone.wait_for_url("**/oefenwallet?gelukt")
        assert "Verzekeringsbericht" in phone.locator(".wallet-card h3").all_text_contents()
        at_home.locator('.actions a[href="/uwv/wallet"]').click()
        assert at_home.locator("h1").inner_text() == "Uw wallet heeft het opgehaald"
        with phone.expect_download() as waiting:
            phone.locator(".wallet-card a[download]").first.click()
        file = Path(waiting.value.path()).rename(tmp_path / "bewijs.sd-jwt")
        phone.goto(f"{demo.base_url}/controle")
        phone.locator('input[type="file"]').set_input_files(file)
        phone.locator("main form button").last.click()
        assert phone.locator(".verdict.orange").count() == 1  # real, but nobody proved whose it is


def test_a_person_puts_data_in_a_wallet_with_the_keyboard_only(demo: RunningDemo, chromium: Browser) -> None:
    with new_page(chromium) as page:
        page.goto(f"{demo.base_url}/duo/inloggen")
        log_in(page, "samira")
        press(page, 'input[name="dataset"]', "Space", unless_checked=True)
        press(page, 'form[action="/duo/kiezen"] button', "Enter")
        page.wait_for_url("**/duo/bekijken*")
        press(page, 'button[formaction="/duo/wallet"]', "Enter")
        page.wait_for_url("**/duo/wallet")
        press(page, 'a[href*="/oefenwallet/aanbod"]', "Enter")
        page.wait_for_url("**/oefenwallet/aanbod*")
        press(page, 'form[action="/oefenwallet/ophalen"] button', "Enter")
        page.wait_for_url("**/duo/wallet/toestemming*")
        press(page, 'button[value="agree"]', "Enter")
        page.wait_for_url("**/oefenwallet?gelukt")
        assert page.locator(".wallet-card").count() == 1


def test_who_says_no_at_the_source_has_nothing_in_the_wallet(demo: RunningDemo, chromium: Browser) -> None:
    with new_page(chromium) as page:
        _put_ready(page, demo.base_url, "duo", "samira")
        page.locator('a[href*="/oefenwallet/aanbod"]').click()
        page.locator('form[action="/oefenwallet/ophalen"] button').click()
        page.locator('button[value="refuse"]').click()
        page.wait_for_url("**/oefenwallet/terug*")
        assert page.get_by_text("U zei nee bij de bron. Er is niets opgehaald.").is_visible()
        assert page.locator(".wallet-card").count() == 0


def test_a_person_begins_in_the_wallet_and_logs_in_on_the_way(demo: RunningDemo, chromium: Browser) -> None:
    with new_page(chromium) as page:
        _put_ready(page, demo.base_url, "duo", "samira")
        address = page.locator('a[href*="/oefenwallet/aanbod"]').get_attribute("href")
    with new_page(chromium) as other:
        other.goto(str(address))
        other.locator('form[action="/oefenwallet/ophalen"] button').click()
        other.wait_for_url("**/digid/inloggen*")
        log_in(other, "samira", then="**/duo/wallet/toestemming*")
        other.locator('button[value="agree"]').click()
        other.wait_for_url("**/oefenwallet?gelukt")
        assert other.locator(".wallet-card").count() > 0


def test_a_wallet_holds_nothing_of_another_browser_and_can_be_emptied(demo: RunningDemo, chromium: Browser) -> None:
    with new_page(chromium) as page, new_page(chromium) as stranger:
        _put_ready(page, demo.base_url, "duo", "samira")
        link, digits = _link_and_digits(page)
        _paste(page, demo.base_url, link)
        page.locator('input[name="cijfers"]').fill(digits)
        page.locator('form[action="/oefenwallet/ophalen"] button').click()
        page.wait_for_url("**/oefenwallet?gelukt")
        copy = page.locator(".wallet-card a[download]").first.get_attribute("href")
        stranger.goto(f"{demo.base_url}/oefenwallet")
        assert stranger.locator(".wallet-card").count() == 0
        assert stranger.request.get(f"{demo.base_url}{copy}").status == 404
        page.locator('form[action="/oefenwallet/leegmaken"] button').click()
        assert page.locator(".wallet-card").count() == 0


def test_nothing_that_was_logged_on_the_way_holds_a_bsn(judged: list[PageJudged], demo: RunningDemo) -> None:
    assert judged
    assert bsns_in(demo.logged()) == ()
