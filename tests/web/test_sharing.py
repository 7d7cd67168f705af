"""Journeys J3, J4 and J5 in a real browser: a receiver of the exercise asks, a person answers from Mijn Blauwe Knop, and it arrives."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from blauweknop.demo.sources import holder_base
from tests.demo_scheme import RunningDemo, running_demo
from tests.web.demo_tour import Tour, new_page
from tests.web.test_holder_collect import give, make_account

pytestmark = pytest.mark.suite("chromium")

_MINE = re.compile(r"/mijn/delen/[0-9a-f]{32}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("sharing") / "scheme") as running:
        yield running


def ask(page: Page, demo: RunningDemo, receiver: str, package: str, **numbers: str) -> str:
    """The link that the staff of a receiver gives to a person."""
    page.goto(f"{demo.base_url}/{receiver}")
    form = page.locator(f'form:has(input[name="package"][value="{package}"])')
    for name, number in numbers.items():
        form.locator(f'input[name="{name}"]').fill(number)
    form.locator("button").click()
    return page.locator("#verzoek").get_attribute("href") or ""


def test_j3_and_j7_a_person_answers_a_debt_helper_and_takes_it_back(demo: RunningDemo, chromium: Browser) -> None:
    with new_page(chromium) as page:
        link = ask(page, demo, "schuldhulp", "schuldhulp.intake")
        make_account(page, holder_base(demo.base_url), "samira")
        tour = Tour(demo.base_url, page, "nl")
        page.goto(link)
        page.locator("form[action$='/mijn'] button").click()
        page.wait_for_url(_MINE)
        tour.stop("share-missing")
        while page.locator('button[name="source"]:not(details button)').count():
            source = page.locator('button[name="source"]:not(details button)').first
            name = source.get_attribute("value") or ""
            source.click()
            give(page, name)
            page.locator("main .actions a").first.click()
            page.wait_for_url(_MINE)
        tour.stop("share")
        page.locator('button[name="answer"][value="yes"]').click()
        page.wait_for_url("**/schuldhulp/klaar")
        tour.stop("share-done")
        assert [judged.violations + judged.complaints for judged in tour.judged] == [()] * len(tour.judged)
        assert [judged.name for judged in tour.judged if judged.widest > 320] == []
        take_back(page, demo)


def take_back(page: Page, demo: RunningDemo) -> None:
    """J7: the person withdraws, the receiver erases at once and proves it."""
    page.goto(f"{holder_base(demo.base_url)}/mijn/gedeeld")
    page.locator("main a[href*='/gedeeld/']").first.click()
    page.locator("main .actions a[href$='/intrekken']").click()
    page.locator("form[action$='/intrekken'] button").click()
    with page.expect_download() as proof:
        page.locator("a[href$='/bewijs-van-wissen']").click()
    assert proof.value.path().read_text("ascii").count(".") == 2
