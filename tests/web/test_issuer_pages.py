"""The pages of a source that the demo seldom shows: everything that can go wrong, judged in a real browser."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from playwright.sync_api import Browser

from blauweknop.document.certified import SealedDigest
from blauweknop.domain.document import Incomplete, NoData, Refused, Unavailable
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.texts import Text
from blauweknop.issuer.login import LoginProblemCode
from blauweknop.issuer.withdraw import Reason
from blauweknop.issuer.withdrawn import WithdrawnItem
from tests.interop.web_validators import html_errors
from tests.serving import serving
from tests.unit.issuer.source_world import CATALOGUE, DEBT, GRANT, JOBS, LOW_ANNA, NOON, World, storage
from tests.web.demo_tour import SMALL, PageJudged, Tour, new_page

_PAYMENTS = CATALOGUE.dataset("duo.betaaloverzicht")
_CARE = CATALOGUE.dataset("cak.eigen_bijdrage")
_WITHDRAWN = [
    WithdrawnItem(dataset.id, is_credential, NOON - timedelta(days=days), NOON - timedelta(days=days // 2), reason)
    for days, (dataset, is_credential, reason) in enumerate(product((DEBT, GRANT), (False, True), Reason), start=3)
]

pytestmark = pytest.mark.suite("chromium")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A source where every data set has another outcome, and no seal can be made."""

    def broken(_digest: bytes) -> SealedDigest:
        raise BlauweKnopError("the key does not answer")

    with storage(tmp_path_factory.mktemp("sessions")) as engine:
        made = World(engine)
        made.datasets = (DEBT, GRANT, JOBS, _PAYMENTS, _CARE)
        made.certifier = replace(made.certifier, seal=broken)
        made.answers[GRANT.id] = NoData()
        made.answers[JOBS.id] = Incomplete(("x",))
        made.answers[_PAYMENTS.id] = Unavailable("timeout")
        made.answers[_CARE.id] = Refused("deceased", Text("Deze persoon is overleden.", "This person died."))
        yield made


@pytest.fixture(scope="module")
def site(world: World) -> Iterator[str]:
    with serving(world.application()) as address:
        world.login.address = f"{address}/duo/terug?code=x&state=y"
        yield address


@pytest.fixture(scope="module")
def judged(world: World, site: str, chromium: Browser) -> list[PageJudged]:
    found: list[PageJudged] = []
    for language in ("nl", "en"):
        with new_page(chromium, language=language) as page:
            tour = Tour(site, page, "en" if language == "en" else "nl", found)
            _walk(tour, world)
    return found


def _walk(tour: Tour, world: World) -> None:
    page = tour.page
    world.login.problem = LoginProblemCode.LEVEL_TOO_LOW
    tour.go("/duo/inloggen", "niveau te laag")
    world.login.problem, person = None, world.login.person
    world.login.person = LOW_ANNA
    tour.go("/duo/inloggen", "kiezen met een laag niveau")
    world.login.person = person
    world.withdrawn.items[person.bsn] = _WITHDRAWN
    tour.go("/duo/inloggen", "kiezen na een intrekking")
    world.withdrawn.items.clear()
    tour.go("/duo/inloggen")
    page.goto(f"{tour.base_url}/duo/kiezen?alles")
    page.locator('input[name="bsn"][value="with"]').check()
    page.locator("summary").first.click()
    page.locator("summary").nth(2).click()
    tour.stop("kiezen met alles open")
    page.locator('form[action="/duo/kiezen"] button').click()
    tour.stop("bekijken met alle uitkomsten")
    tour.go("/duo/bekijken?ingelogd", "bekijken na opnieuw inloggen")
    tour.go("/duo/bekijken?veranderd", "bekijken na een andere keuze")
    page.locator('form[action="/duo/download"] button').click()
    tour.stop("het document is niet gemaakt")


def test_the_walk_met_what_it_was_made_for(judged: list[PageJudged]) -> None:
    assert [page.status for page in judged] == [403, 200, 200, 200, 200, 200, 200, 503] * 2
    outcomes = next(page.html for page in judged if page.name == "bekijken met alle uitkomsten (nl)")
    assert [f'class="state {kind}"' in outcomes for kind in ("ok", "plain", "no", "wait")] == [True] * 4


def test_axe_finds_no_violation(judged: list[PageJudged]) -> None:
    assert {page.name: page.violations for page in judged if page.violations} == {}


@pytest.mark.suite("vnu")
def test_the_html_checker_finds_no_error(judged: list[PageJudged]) -> None:
    assert {name: errors for name, errors in html_errors({page.name: page.html for page in judged}).items() if errors} == {}


def test_nothing_sticks_out_at_320_pixels(judged: list[PageJudged]) -> None:
    assert {page.name: page.widest for page in judged if page.widest > SMALL} == {}


def test_the_browser_complains_about_nothing_but_the_seal_that_failed(judged: list[PageJudged]) -> None:
    assert {page.name: page.complaints for page in judged if page.complaints and page.status != 503} == {}


def test_only_the_card_of_what_is_chosen_looks_chosen(world: World, site: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        page.goto(f"{site}/duo/inloggen")
        page.locator("summary").nth(2).click()
        page.emulate_media(reduced_motion="reduce")
        ground = "element => getComputedStyle(element).backgroundColor"
        cards = page.locator(".choice:has(> input[name=dataset])")
        assert len({card.evaluate(ground) for card in cards.all()}) == 1
        page.locator(f'input[value="{JOBS.id}"]').check()
        assert len({card.evaluate(ground) for card in cards.all()}) == 2


def test_a_click_on_a_part_ticks_that_part_and_not_the_card(world: World, site: str, chromium: Browser) -> None:
    with new_page(chromium) as page:
        page.goto(f"{site}/duo/inloggen")
        page.locator("summary").first.click()
        page.get_by_text("Waaruit de schuld bestaat", exact=True).click()
        assert page.locator('input[value="onderdelen"]').is_checked()
        assert not page.locator(f'input[value="{DEBT.id}"]').is_checked()
