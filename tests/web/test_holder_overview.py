"""The overview and the rights of a made-up person in a real browser: by eye, by ear, by keyboard, on paper and small."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from blauweknop.adapters.database import open_database
from blauweknop.adapters.holder_settings import HolderSettings
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.assembly.holder import holder_services
from blauweknop.demo.sources import DEMO_SOURCES
from blauweknop.document.content import DocumentFacts, compose_content
from blauweknop.domain.document import Found, Selection
from blauweknop.domain.verdict import CheckResult, CheckStep, Rejected, Verdict, VerdictFacts
from blauweknop.holder.vault import Vault
from tests.contracts.demo_answers import AT, CATALOGUE, ask_everyone
from tests.interop.web_validators import html_errors
from tests.unit.holder.filled_vaults import keep, keep_paper
from tests.unit.holder.holder_world import COOKIE
from tests.web.demo_tour import SMALL, WIDE, PageJudged, Tour, new_page
from tests.web.holder_server import served_holder

_PERSON = "samira"
_SOURCES = {identity.id: identity for identity in DEMO_SOURCES}

pytestmark = pytest.mark.suite("chromium")


def _check(data: bytes, at: datetime) -> Verdict:
    return Rejected(VerdictFacts((CheckStep("status", CheckResult.FAIL, "withdrawn"),)), "REVOKED")


@dataclass
class Site:
    base_url: str
    folder: Path
    contents: list[dict[str, Any]]
    accounts: list[str] = field(default_factory=list)

    def settle(self, page: Page, *, filled: bool) -> None:
        """Make an account in this browser; with everything that sources have of the person when it is to be filled."""
        self.accounts.append("x")
        page.goto(f"{self.base_url}/mijn/nieuw")
        page.fill("#field-name", f"Samira {len(self.accounts)}")
        for name in ("passphrase", "again"):
            page.fill(f"#field-{name}", "vier groene paarden zingen")
        page.locator('form[action="/mijn/nieuw"] button').last.click()
        page.wait_for_url("**/herstelcode")
        groups = page.locator(".code span").all_inner_texts()
        page.fill("#field-code", " ".join(groups))
        page.locator('form[action="/mijn/herstelcode"] button').click()
        page.wait_for_url("**/gegevens")
        if filled:
            self._fill(next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE))

    def _fill(self, cookie: str) -> None:
        engine = open_database(f"sqlite:///{self.folder / 'mijn.sqlite'}")
        services = holder_services(engine, RowKey.from_secret(bytes(range(32))), HolderSettings(), base_url=self.base_url)
        session = services.sessions.touch(cookie, now=AT)
        assert session is not None
        vault = Vault.of(session.account, session.data_key, storage=services.items, now=lambda: AT, random=services.random)
        for content in self.contents:
            keep(vault, content, AT)
        other = {**self.contents[0], "document_id": "f" * 32}
        keep(vault, other, AT, standing="apart")
        debt = next(content for content in self.contents if content["type"] == "duo.studieschuld")
        keep(vault, {**debt, "document_id": "e" * 32, "saldo_datumtijd": "2026-09-01T12:00:00+00:00"}, AT, standing="replaced")
        keep_paper(vault, "Huurcontract", AT)
        engine.dispose()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    asked = ask_everyone(tmp_path_factory.mktemp("people"))
    contents = []
    for number, ((person, source, dataset_id), outcome) in enumerate(asked.outcomes.items()):
        if person == _PERSON and isinstance(outcome, Found):
            dataset = CATALOGUE.dataset(dataset_id)
            everything = Selection(dataset_id, frozenset(part.id for part in dataset.parts))
            facts = DocumentFacts(f"{number:032x}", "1" * 32, "2" * 32, AT, "nl", "https://bron.example/klopt-niet")
            contents.append(compose_content(outcome.snapshot, everything, dataset, _SOURCES[source], facts))
    folder = tmp_path_factory.mktemp("holder")
    with served_holder(folder, _check, now=AT) as base_url:
        yield Site(base_url, folder, contents)


@pytest.fixture(scope="module")
def judged(site: Site, chromium: Browser) -> list[PageJudged]:
    """Every page, empty and filled, in both languages."""
    found: list[PageJudged] = []
    for language in ("nl", "en"):
        with new_page(chromium, language=language) as page:
            tour = Tour(site.base_url, page, "en" if language == "en" else "nl", found)
            site.settle(page, filled=False)
            for path in ("/overzicht", "/verbeteren", "/rechten/logboek"):
                tour.go(f"/mijn{path}", f"leeg {path.rpartition('/')[2]}")
        with new_page(chromium, language=language) as page:
            tour = Tour(site.base_url, page, "en" if language == "en" else "nl", found)
            site.settle(page, filled=True)
            _take_away(tour)
            tour.go("/mijn/overzicht", "overzicht")
            tour.go("/mijn/overzicht?maanden=36", "overzicht 36 maanden")
            tour.go("/mijn/overzicht/afdrukken", "overzicht op papier")
            _walk_indications(tour)
            _walk_documents(tour)
            for path in ("/rechten", "/rechten/inlezen", "/rechten/logboek", "/verbeteren"):
                tour.go(f"/mijn{path}", path.strip("/").replace("/", " "))
    return found


def _take_away(tour: Tour) -> None:
    """A document that is of somebody else; the overview then says how to put it back."""
    tour.go("/mijn/overzicht")
    tour.page.locator("#documenten ~ .panel a[href*='/documenten/']").last.click()
    tour.page.locator("a[href$='/weghalen']").click()
    tour.stop("weghalen")
    tour.page.locator("main form button").click()


def _walk_indications(tour: Tour) -> None:
    """With a form that was sent without what it asks."""
    page = tour.page
    tour.go("/mijn/overzicht/indicaties")
    page.locator("#betalingsregeling + .panel details > summary").first.click()
    page.locator("#betalingsregeling + .panel form button").click()
    tour.stop("indicaties zonder antwoord")


def _walk_documents(tour: Tour) -> None:
    """To a document by the way of a figure, and from it to a request for correction."""
    page = tour.page
    tour.go("/mijn/overzicht/afdrukken")
    page.locator('.how a[href*="schuldsaldo"]').first.click()
    tour.stop("document studieschuld")
    page.locator(":target .wrong-link").click()
    tour.stop("klopt niet")
    page.locator("main form button").last.click()
    tour.stop("klopt niet zonder uitleg")
    page.fill("#field-why", "Het moet lager zijn")
    page.locator("main form button").last.click()
    tour.go("/mijn/overzicht/afdrukken")
    page.locator('.how a[href*="specificaties"], .how a[href*="loonitems"]').first.click()
    tour.stop("document met rijen")
    page.locator("tr:has(:target) .wrong-link, tr:target .wrong-link").first.click()
    tour.stop("klopt niet in een rij")


def test_the_walk_met_what_it_was_made_for(judged: list[PageJudged]) -> None:
    without = ("klopt niet zonder uitleg", "indicaties zonder antwoord")
    refused = {f"{name} ({language})": 422 for name in without for language in ("nl", "en")}
    assert {page.name: page.status for page in judged if page.status != 200} == refused


def test_axe_finds_no_violation(judged: list[PageJudged]) -> None:
    assert {page.name: page.violations for page in judged if page.violations} == {}


@pytest.mark.suite("vnu")
def test_the_html_checker_finds_no_error(judged: list[PageJudged]) -> None:
    assert {name: errors for name, errors in html_errors({page.name: page.html for page in judged}).items() if errors} == {}


def test_the_browser_complains_about_nothing(judged: list[PageJudged]) -> None:
    assert {page.name: page.complaints for page in judged if page.complaints} == {}


def test_nothing_sticks_out_at_320_pixels_or_at_400_per_cent(judged: list[PageJudged]) -> None:
    assert {page.name: page.widest for page in judged if page.widest > SMALL} == {}


def test_no_page_shows_what_only_programmers_understand(judged: list[PageJudged]) -> None:
    signs = ("Traceback", "Error(", "Exception", "None<", ">None", "undefined", "{{", "holder.", "insight.")
    shown = {page.name: [sign for sign in signs if sign in page.html.partition("<main")[2].partition("</main>")[0]] for page in judged}
    assert {name: found for name, found in shown.items() if found} == {}


def test_what_was_taken_away_is_said_with_the_way_to_put_it_back(judged: list[PageJudged]) -> None:
    assert all("/mijn/terugzetten" in page.html for page in judged if page.name.startswith("overzicht ("))


def test_everything_is_taken_along_and_then_erased_without_script(site: Site, chromium: Browser) -> None:
    with new_page(chromium, script=False) as page:
        site.settle(page, filled=True)
        page.goto(f"{site.base_url}/mijn/rechten")
        with page.expect_download() as download:
            page.locator('form[action="/mijn/rechten/alles"] button').click()
        with ZipFile(download.value.path()) as archive:
            assert len([name for name in archive.namelist() if name.endswith(".pdf")]) == len(site.contents) + 2
        page.goto(f"{site.base_url}/mijn/wissen")
        page.check("input[name=sure]")
        page.locator('form[action="/mijn/wissen"] button').click()
        page.wait_for_url("**/gewist")
        page.goto(f"{site.base_url}/mijn/overzicht")
        assert "/openen" in page.url


@pytest.mark.parametrize("script", [True, False])
def test_a_figure_leads_to_its_field_by_keyboard_alone(site: Site, chromium: Browser, script: bool) -> None:
    with new_page(chromium, script=script) as page:
        site.settle(page, filled=True)
        page.goto(f"{site.base_url}/mijn/overzicht")
        summary = page.locator("#schulden ~ .panel details.how > summary").first
        summary.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/documenten/**")
        expect(page.locator(":target")).to_be_in_viewport()


def test_on_paper_every_computation_is_open_and_no_button_is_left(site: Site, chromium: Browser) -> None:
    with new_page(chromium) as page:
        site.settle(page, filled=True)
        page.goto(f"{site.base_url}/mijn/overzicht/afdrukken")
        page.emulate_media(media="print")
        assert page.locator("details:not([open])").count() == 0
        assert [button for button in page.locator(".button").all() if button.is_visible()] == []


@pytest.mark.parametrize("width", [SMALL, WIDE])
def test_no_table_hides_a_value_beside_the_page_or_the_sheet(site: Site, chromium: Browser, width: int) -> None:
    with new_page(chromium, width=width) as page:
        site.settle(page, filled=True)
        page.goto(f"{site.base_url}/mijn/overzicht")
        documents = page.locator("#documenten ~ .panel a[href*='/documenten/']").evaluate_all("links => links.map(link => link.href)")
        hidden = []
        for address in [f"{site.base_url}/mijn/overzicht", f"{site.base_url}/mijn/overzicht/indicaties", *dict.fromkeys(documents)]:
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
            hidden += [
                address for table in page.locator(".table").all() if table.evaluate("table => table.scrollWidth > table.clientWidth")
            ]
        assert documents
        assert hidden == []
