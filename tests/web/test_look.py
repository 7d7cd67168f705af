from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page

from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.interop.web_validators import axe_violations, html_errors
from tests.serving import serving
from tests.suites import CHROMIUM_PATIENCE

_PAGES = ["/stijl", "/stijl?taal=en", "/wat-is-dit", "/hulp", "/toegankelijkheid", "/nergens"]
_SIZES = {"wide": 1100, "small": 320}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The pages of the shared look on a port of this machine."""
    application = web_application([], WebSettings(csrf_secret="s" * 40, secure=False, exercise=True))
    with serving(application) as address:
        yield address


@pytest.mark.suite("vnu")
def test_the_html_checker_finds_no_error(site: str) -> None:
    pages = {path: httpx.get(site + path).text for path in _PAGES}
    assert {path: errors for path, errors in html_errors(pages).items() if errors} == {}


@pytest.mark.suite("chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", _SIZES)
def test_axe_finds_no_violation(site: str, chromium: Browser, size: str, scheme: Literal["light", "dark"]) -> None:
    page = _open(chromium, width=_SIZES[size], color_scheme=scheme)
    for path in _PAGES:
        page.goto(site + path)
        assert axe_violations(page) == (), path


@pytest.mark.suite("chromium")
@pytest.mark.parametrize("path", _PAGES)
def test_nothing_sticks_out_at_320_pixels(site: str, chromium: Browser, path: str) -> None:
    page = _open(chromium, width=320)
    page.goto(site + path)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.suite("chromium")
def test_the_browser_complains_about_nothing(site: str, chromium: Browser) -> None:
    page = _open(chromium)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site + "/stijl")
    page.wait_for_load_state("networkidle")
    assert complaints == []


@pytest.mark.suite("chromium")
def test_the_font_is_ours_also_for_letters_outside_latin_1(site: str, chromium: Browser) -> None:
    page = _open(chromium)
    page.goto(site + "/stijl")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('400 18px \"Atkinson Hyperlegible Next\"', 'Đł'))")


@pytest.mark.suite("chromium")
def test_the_first_stop_of_the_keyboard_skips_to_the_content(site: str, chromium: Browser) -> None:
    page = _open(chromium)
    page.goto(site + "/wat-is-dit")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "inhoud"


@pytest.mark.suite("chromium")
def test_everything_is_there_without_script(site: str, chromium: Browser) -> None:
    page = _open(chromium, java_script_enabled=False)
    page.goto(site + "/stijl?taal=nl")
    assert page.get_by_role("link", name="Download uw gegevens van UWV").is_visible()
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "What does the Blue Button look like?"


@pytest.mark.suite("chromium")
def test_the_blue_button_is_large_enough_and_speaks_the_language_of_its_place(site: str, chromium: Browser) -> None:
    page = _open(chromium)
    page.goto(site + "/stijl?taal=en")
    button = page.get_by_role("link", name="Download your data from UWV with the Blue Button")
    box = button.bounding_box()
    assert box is not None
    assert min(box["height"], box["width"]) >= 44
    assert button.get_attribute("href") == f"{site}/stijl"


@pytest.mark.suite("chromium")
@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://elsewhere.example/", "data:text/html,x"])
def test_the_blue_button_is_not_drawn_for_an_address_that_is_not_https(site: str, chromium: Browser, address: str) -> None:
    page = _open(chromium)
    page.goto(site + "/stijl")
    drawn = page.evaluate(
        "address => { const knop = document.createElement('blauwe-knop'); const link = document.createElement('a');"
        " link.setAttribute('href', address); knop.append(link); document.body.append(knop); return knop.shadowRoot !== null }",
        address,
    )
    assert drawn is False


@pytest.mark.suite("chromium")
def test_a_form_is_sent_once(site: str, chromium: Browser) -> None:
    page = _open(chromium)
    page.goto(site + "/stijl")
    prevented = page.evaluate(
        "() => { const form = document.querySelector('main form'); const send = () => {"
        " const event = new Event('submit', {cancelable: true, bubbles: true});"
        " form.dispatchEvent(event); return event.defaultPrevented }; return [send(), send()] }"
    )
    assert prevented == [False, True]


@pytest.mark.suite("chromium")
def test_a_session_that_is_about_to_end_says_so_and_can_be_kept(site: str, chromium: Browser) -> None:
    page = _open(chromium)
    page.clock.install()
    page.goto(site + "/stijl?taal=nl")
    warning = page.get_by_role("alert").filter(has_text="Over 3 minuten loggen wij u uit")
    page.clock.fast_forward("11:59")
    assert not warning.is_visible()
    page.clock.fast_forward("00:02")
    assert warning.is_visible()
    page.get_by_role("link", name="Blijf ingelogd").click()
    warning.wait_for(state="hidden")


@pytest.mark.suite("chromium")
def test_the_page_prints_without_buttons_and_menu(site: str, chromium: Browser, tmp_path: Path) -> None:
    page = _open(chromium)
    page.goto(site + "/stijl?taal=nl")
    page.emulate_media(media="print")
    assert not page.get_by_role("link", name="Uitloggen").is_visible()
    assert not page.get_by_role("link", name="Bekijk het document").is_visible()
    assert page.get_by_role("heading", name="Ja, dit document is echt").is_visible()


def _open(browser: Browser, *, width: int = 1100, **options: Any) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, **options).new_page()
    page.set_default_timeout(CHROMIUM_PATIENCE)
    return page
