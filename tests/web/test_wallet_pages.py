"""The pages for people with a wallet in a real browser: everything that they may show, in both languages."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser

from blauweknop.domain.document import Found, NoData, Refused, Unavailable
from blauweknop.domain.texts import Text
from blauweknop.issuer.wallet.ports import WalletServices
from tests.interop.web_validators import html_errors
from tests.unit.document import wallet_samples as w
from tests.unit.issuer.source_world import CATALOGUE, DEBT, GRANT, JOBS
from tests.unit.issuer.wallet.wallet_world import WalletWorld, wallet_world
from tests.web.demo_tour import SMALL, PageJudged, Tour, new_page
from tests.web.wallet_site import asked_by_a_wallet, served

_PAYMENTS = CATALOGUE.dataset("duo.betaaloverzicht")
_CARE = CATALOGUE.dataset("cak.eigen_bijdrage")
_PUT = 'button[formaction="/duo/wallet"], form[action="/duo/wallet"] button'
_STOP = 'form[action="/duo/wallet/stop"] button'

pytestmark = pytest.mark.suite("chromium")


@pytest.fixture(scope="module")
def wallets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalletWorld]:
    with wallet_world(tmp_path_factory.mktemp("wallets")) as made:
        made.world.datasets = (DEBT, GRANT, JOBS, _PAYMENTS, _CARE)
        year = w.pay((date(2025, 1, 1), date(2025, 12, 31), 2_345_678))
        made.world.answers[JOBS.id] = Found(w.snapshot(w.JOBS, {"aanmaakdatum": "2026-11-20", "inkomstenverhoudingen": [year]}))
        made.world.answers[GRANT.id] = NoData()
        made.world.answers[_PAYMENTS.id] = Unavailable("timeout")
        made.world.answers[_CARE.id] = Refused("deceased", Text("Deze persoon is overleden.", "This person died."))
        yield made


@pytest.fixture(scope="module")
def services(wallets: WalletWorld) -> WalletServices:
    return wallets.services()


@pytest.fixture(scope="module")
def site(wallets: WalletWorld, services: WalletServices) -> Iterator[str]:
    with served(wallets, services) as address:
        yield address


@pytest.fixture(scope="module")
def judged(wallets: WalletWorld, services: WalletServices, site: str, chromium: Browser) -> list[PageJudged]:
    found: list[PageJudged] = []
    for language in ("nl", "en"):
        with new_page(chromium, language=language) as page:
            tour = Tour(site, page, "en" if language == "en" else "nl", found)
            _walk_offer(tour, wallets)
            _walk_consent(tour, wallets, services)
    return found


def _walk_offer(tour: Tour, wallets: WalletWorld) -> None:
    page = tour.page
    tour.go("/duo/inloggen")
    tour.go("/duo/wallet", "wallet niets klaar")
    tour.go("/duo/kiezen?alles")
    page.locator('input[name="bsn"][value="with"]').check()
    page.locator('form[action="/duo/kiezen"] button').click()
    tour.stop("bekijken met wallet")
    page.locator(_PUT).first.click()
    page.wait_for_url("**/duo/wallet")
    for fold in page.locator("main details > summary").all():
        fold.click()
    tour.stop("wallet met alles open")
    page.locator('input[value="mdoc"] + button').click()
    tour.stop("wallet mdoc")
    page.locator(_STOP).click()
    tour.stop("wallet gestopt")
    tour.go("/duo/bekijken")
    page.locator(_PUT).first.click()
    tour.stop("wallet wacht")
    wallets.world.later(minutes=5)
    tour.go("/duo/wallet", "wallet verlopen")
    tour.go("/duo/kiezen")
    page.locator('form[action="/duo/kiezen"] button').click()
    page.locator(_PUT).first.click()
    page.wait_for_url("**/duo/wallet")
    tour.go("/duo/kiezen")
    page.locator('form[action="/duo/kiezen"] button').click()
    tour.go("/duo/wallet", "wallet andere keuze")


def _walk_consent(tour: Tour, wallets: WalletWorld, services: WalletServices) -> None:
    page = tour.page
    tour.go("/duo/kiezen")
    tour.go(asked_by_a_wallet(wallets, services, DEBT, GRANT, JOBS, _PAYMENTS, _CARE))
    page.wait_for_url("**/duo/wallet/toestemming*")
    tour.stop("toestemming met alle uitkomsten")
    address = page.url.removeprefix(tour.base_url)
    tour.go(f"{address}&veranderd", "toestemming na een andere keuze")
    for box in page.locator('input[name="dataset"]').all():
        box.uncheck()
    page.locator('button[value="agree"]').click()
    tour.stop("toestemming zonder keuze")
    with page.expect_request("https://wallet.blauweknop.example/terug?*"):
        page.locator('button[value="refuse"]').click()
    page.wait_for_url("chrome-error://**")  # there is no such site
    tour.forget_complaints()
    tour.go(address, "toestemming al gegeven")
    tour.go(asked_by_a_wallet(wallets, services, GRANT))
    page.wait_for_url("**/duo/wallet/toestemming*")
    tour.stop("toestemming met niets")
    tour.go("/duo/oid4vci/authorize?client_id=x&request_uri=y", "toestemming voorbij")


def test_the_walk_met_what_it_was_made_for(judged: list[PageJudged]) -> None:
    assert [page.status for page in judged] == ([200] * 8 + [200, 200, 422, 400, 200, 400]) * 2


def test_axe_finds_no_violation(judged: list[PageJudged]) -> None:
    assert {page.name: page.violations for page in judged if page.violations} == {}


@pytest.mark.suite("vnu")
def test_the_html_checker_finds_no_error(judged: list[PageJudged]) -> None:
    assert {name: errors for name, errors in html_errors({page.name: page.html for page in judged}).items() if errors} == {}


def test_nothing_sticks_out_at_320_pixels(judged: list[PageJudged]) -> None:
    assert {page.name: page.widest for page in judged if page.widest > SMALL} == {}


def test_the_browser_complains_about_nothing(judged: list[PageJudged]) -> None:
    assert {page.name: page.complaints for page in judged if page.complaints} == {}
