"""The pages of Mijn Blauwe Knop that tell of sharing, of what is red, of papers, and of what goes wrong, as they look in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from blauweknop.domain.verdict import Colour
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.kept_documents import LastCheck, keep_checks, kept_items
from blauweknop.holder.sharing.requests import kept_requests
from blauweknop.standards.sharing_receipts import KeptByLaw
from tests.interop.web_validators import html_errors
from tests.serving import address_of, any_port, serving
from tests.unit.holder.filled_vaults import keep_paper
from tests.unit.holder.holder_world import COOKIE, holder_world
from tests.unit.holder.sharing.sharing_world import SharingWorld, Visitor, asks, mobile, summary, whole
from tests.web.demo_tour import SMALL, PageJudged, Tour, new_page

pytestmark = pytest.mark.suite("chromium")

SILENT = SourceProblem("silent", "x")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharingWorld]:
    with holder_world(tmp_path_factory.mktemp("mijn")) as holder:
        yield SharingWorld(holder)


@pytest.fixture(scope="module")
def judged(site: SharingWorld, chromium: Browser) -> list[PageJudged]:
    found: list[PageJudged] = []
    with any_port() as listener, serving(site.application(), listener):
        for name, walk in WALKS.items():
            site.receiver = SharingWorld(site.holder).receiver
            visitor = site.visitor(name)
            visitor.has_credential(3)
            visitor.has_document()
            with new_page(chromium) as page:
                page.context.add_cookies([{"name": COOKIE, "value": visitor.person.cookie, "url": address_of(listener)}])
                tour = Tour(address_of(listener), page, "nl")
                walk(tour, visitor, site)
                found += tour.judged
    return found


def walk_questions(tour: Tour, visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.query = asks(
        summary(claims=[{"path": ["schuldsaldo_inclusief_rente"], "values": [1234567, 0]}, {"path": ["given_name"]}]),
        whole("data"),
        sets=[{"options": [["schuld-kort"]]}, {"options": [["schuld"]], "required": False}],
    )
    tour.go(f"/mijn{visitor.look()}", "delen op een voorwaarde")
    site.receiver.query = asks(mobile("given_name", "family_name"))
    tour.go(f"/mijn{visitor.look()}", "delen wat er niet is")
    site.receiver.query = asks(summary("bsn"))
    tour.go(f"/mijn/delen?{_link(site)}", "delen geweigerd")


def walk_shared(tour: Tour, visitor: Visitor, site: SharingWorld) -> None:
    tour.go("/mijn/gedeeld", "gedeeld nog niets")
    visitor.answer(visitor.look())
    shared = _place(visitor)
    tour.go(shared, "gedeeld verstuurd")
    tour.go(f"{shared}/intrekken", "gedeeld intrekken")
    site.receiver.erases = False
    visitor.post(f"{shared.removeprefix('/mijn')}/intrekken", visitor.fields(f"{shared.removeprefix('/mijn')}/intrekken"))
    tour.go(shared, "gedeeld ingetrokken")
    for instead in (SILENT, Answer(400, {}, b"{}")):
        site.receiver.problem["responses"] = instead
        visitor.answer(visitor.look())
    tour.go("/mijn/gedeeld", "gedeeld lijst")
    for kept in kept_requests(visitor.vault):
        tour.go(f"/mijn/gedeeld/{kept.key}", f"gedeeld {kept.item.state}")


def walk_erased(tour: Tour, visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.keeps = (KeptByLaw("contract", "Archiefwet"),)
    visitor.answer(visitor.look())
    shared = _place(visitor).removeprefix("/mijn")
    visitor.post(f"{shared}/intrekken", visitor.fields(f"{shared}/intrekken"))
    tour.go(f"/mijn{shared}", "gedeeld gewist")


def walk_rest(tour: Tour, visitor: Visitor, site: SharingWorld) -> None:
    keep_paper(visitor.vault, "Huurcontract van mijn woning aan de lange straat met een lange naam", site.holder.moment)
    tour.go("/mijn/toevoegen", "eigen papieren")
    tour.go("/mijn/rechten/inlezen", "inlezen")
    document = kept_items(visitor.vault).documents[0]
    keep_checks(visitor.vault, {document.key: LastCheck(Colour.RED, site.holder.moment, True)})
    tour.go("/mijn/gegevens", "gegevens ingetrokken")
    tour.go("/mijn/overzicht", "overzicht ingetrokken")
    tour.go(f"/mijn/documenten/{document.key}", "document ingetrokken")
    tour.go("/mijn/nergens", "mijn pagina bestaat niet")
    tour.go("/mijn/gedeeld/nergens", "gedeeld bestaat niet")


WALKS = {"Samira": walk_questions, "Jan": walk_shared, "Els": walk_erased, "Tom": walk_rest}


def _link(site: SharingWorld) -> str:
    return "&".join(f"{name}={value}" for name, value in site.receiver.link.items())


def _place(visitor: Visitor) -> str:
    (only,) = kept_requests(visitor.vault)
    return f"/mijn/gedeeld/{only.key}"


def test_axe_finds_no_violation(judged: list[PageJudged]) -> None:
    assert {page.name: page.violations for page in judged if page.violations} == {}


def test_nothing_sticks_out_at_320_pixels(judged: list[PageJudged]) -> None:
    assert {page.name: page.widest for page in judged if page.widest > SMALL} == {}


def test_the_browser_complains_about_nothing(judged: list[PageJudged]) -> None:
    assert {page.name: page.complaints for page in judged if page.complaints} == {}


@pytest.mark.suite("vnu")
def test_the_html_checker_finds_no_error(judged: list[PageJudged]) -> None:
    assert {name: errors for name, errors in html_errors({page.name: page.html for page in judged}).items() if errors} == {}


def test_the_walk_met_what_it_was_made_for(judged: list[PageJudged]) -> None:
    assert {page.name: page.status for page in judged if page.status != 200} == {
        "delen geweigerd (nl)": 403,
        "gedeeld bestaat niet (nl)": 404,
        "mijn pagina bestaat niet (nl)": 404,
    }
    assert len(judged) == 19
