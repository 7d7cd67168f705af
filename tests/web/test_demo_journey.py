"""Journey J1 by the people it is for: with the keyboard only, without script, and in few clicks."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser

from tests.demo_scheme import RunningDemo, running_demo
from tests.web.demo_tour import log_in, new_page
from tests.web.keyboard import press

_MOST_CLICKS = 4

pytestmark = pytest.mark.suite("chromium")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("demo") / "scheme") as running:
        yield running


def test_a_person_gets_a_document_with_the_keyboard_only(demo: RunningDemo, chromium: Browser) -> None:
    with new_page(chromium) as page:
        page.goto(f"{demo.base_url}/")
        press(page, 'blauwe-knop[bron="DUO"]', "Enter")
        page.wait_for_url("**/duo*")
        press(page, 'main a[href^="/duo/inloggen"]', "Enter")
        page.wait_for_url("**/digid/inloggen*")
        press(page, 'input[name="person"]', "Space")
        press(page, 'button[value="go"]', "Enter")
        page.wait_for_url("**/duo/kiezen*")
        press(page, 'input[name="dataset"]', "Space", unless_checked=True)
        press(page, 'form[action="/duo/kiezen"] button', "Enter")
        page.wait_for_url("**/duo/bekijken*")
        with page.expect_download() as waiting:
            press(page, 'form[action="/duo/download"] button', "Enter")
        assert _starts(Path(waiting.value.path()))
        press(page, 'header form[action="/duo/uitloggen"] button', "Enter", backwards=True)
        page.wait_for_url("**/duo/uitgelogd*")


def test_a_person_gets_a_document_without_script(demo: RunningDemo, chromium: Browser) -> None:
    with new_page(chromium, script=False) as page:
        page.goto(f"{demo.base_url}/")
        page.locator('main a[href^="/uwv"]').first.click()
        page.locator('main a[href^="/uwv/inloggen"]').first.click()
        log_in(page, "samira")
        page.locator('input[name="dataset"]').first.check()
        page.locator('form[action="/uwv/kiezen"] button').last.click()
        with page.expect_download() as waiting:
            page.locator('form[action="/uwv/download"] button').first.click()
        assert _starts(Path(waiting.value.path()))
        page.locator('form[action="/uwv/uitloggen"] button').first.click()
        page.wait_for_url("**/uwv/uitgelogd*")


def test_after_the_login_four_clicks_bring_all_documents_of_a_source(
    demo: RunningDemo, chromium: Browser, record_property: Callable[[str, object], None]
) -> None:
    with new_page(chromium) as page:
        page.goto(f"{demo.base_url}/duo/")
        page.locator('main a[href^="/duo/inloggen"]').first.click()
        log_in(page, "samira")
        started = monotonic()
        clicks = ['a[href$="?alles"]', 'form[action="/duo/kiezen"] button', 'form[action="/duo/download"] button']
        for selector in clicks[:-1]:
            page.locator(selector).first.click()
        with page.expect_download() as waiting:
            page.locator(clicks[-1]).first.click()
        assert _starts(Path(waiting.value.path()))
        record_property("clicks after login", len(clicks))
        record_property("seconds after login", round(monotonic() - started, 2))
        assert len(clicks) <= _MOST_CLICKS


def _starts(file: Path) -> bool:
    return file.read_bytes()[:4] in (b"%PDF", b"PK\x03\x04")
