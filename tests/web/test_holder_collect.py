"""Journey J2 in a real browser: an account, then documents from two sources, and nothing half-done when one goes away in between."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from blauweknop.demo.sources import holder_base
from tests.demo_scheme import RunningDemo, running_demo
from tests.web.demo_tour import Tour, log_in, new_page

_GROUP = re.compile(r"<span>([0-9A-Z]{4})</span>")
_PHRASE = "vier groene paarden zingen"

pytestmark = pytest.mark.suite("chromium")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("collect") / "scheme") as running:
        yield running


def make_account(page: Page, base: str, name: str) -> None:
    page.goto(f"{base}/mijn/nieuw")
    page.fill('input[name="name"]', name)
    page.fill('input[name="passphrase"]', _PHRASE)
    page.fill('input[name="again"]', _PHRASE)
    page.locator('form[action="/mijn/nieuw"] button').last.click()
    page.wait_for_url("**/mijn/herstelcode*")
    page.fill('input[name="code"]', " ".join(_GROUP.findall(page.content())))
    page.locator('form[action="/mijn/herstelcode"] button').last.click()
    page.wait_for_url("**/mijn/gegevens*")


def fetch_at(page: Page, source: str, tour: Tour) -> None:
    """From the list of sources to the page that says how it stands."""
    page.locator(f'button[name="source"][value="{source}"]').click()
    give(page, source, tour)


def give(page: Page, source: str, tour: Tour | None = None, *, person: str = "samira") -> None:
    """Log in at the source if it asks, and agree; a tour looks at what is agreed to."""
    page.wait_for_url(re.compile(rf"/digid/|/{source}/wallet/toestemming"))
    if "/digid/" in page.url:
        log_in(page, person, then=f"**/{source}/wallet/toestemming*")
    page.wait_for_url(f"**/{source}/wallet/toestemming*")
    if tour is not None:
        tour.stop(f"holder-consent-{source}")
    page.locator('button[name="answer"][value="agree"]').click()
    page.wait_for_url(re.compile(r"/mijn/ophalen/[0-9a-f]{32}"))
    page.wait_for_selector("main .actions a", timeout=60_000)


def test_a_person_collects_from_two_sources(demo: RunningDemo, chromium: Browser) -> None:
    base = holder_base(demo.base_url)
    with new_page(chromium) as page:
        make_account(page, base, "samira")
        tour = Tour(base, page, "nl")
        tour.go("/mijn/ophalen", "holder-sources-empty")
        for source in ("duo", "uwv"):
            page.goto(f"{base}/mijn/ophalen")
            fetch_at(page, source, tour)
            tour.stop(f"holder-standing-{source}")
            expect(page.locator("ul.states .state.ok").first).to_be_visible()
            assert page.locator("ul.states .state.no").count() == 0
        tour.go("/mijn/ophalen", "holder-sources")
        tour.go("/mijn/toevoegen", "holder-add")
        assert [judged.status for judged in tour.judged] == [200] * 7
        assert [judged.violations + judged.complaints for judged in tour.judged] == [()] * len(tour.judged)
        assert [judged.name for judged in tour.judged if judged.widest > 320] == []


def test_a_round_goes_past_the_sources_without_script(demo: RunningDemo, chromium: Browser) -> None:
    base = holder_base(demo.base_url)
    with new_page(chromium, script=False) as page:
        make_account(page, base, "samira in de ronde")
        page.goto(f"{base}/mijn/ophalen")
        page.locator('button[name="round"]').click()
        give(page, "duo")
        page.locator('button[name="round"]').click()
        give(page, "uwv")
        expect(page.locator("main")).to_contain_text("2 van 5 organisaties gehad")
