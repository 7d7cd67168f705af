"""The pages where a person meets a receiver, in a real browser: the question, three ways to answer, how it ended, and taking it back."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from blauweknop.domain.texts import Text
from blauweknop.verifier.asking.inviting import ask_together
from blauweknop.verifier.asking.questions import AskedItem
from tests.serving import serving
from tests.unit.verifier.asking.asking_world import PATH, QUESTION, SITE, AskingWorld, TestHolder, led_back, opened
from tests.unit.verifier.asking.asking_world import Browser as Machine
from tests.web.demo_tour import SMALL, PageJudged, Tour, new_page

_PAY = Text("Loon van het afgelopen jaar", "Pay of the past year")
_BENEFIT = Text("Uitkering van het afgelopen jaar", "Benefit of the past year")
_CHILDREN = Text("Kinderen jonger dan 18 jaar", "Children younger than 18 years")
_WHY = Text("Om te zien wat u kunt missen.", "To see what you can spare.")
_ALL_KINDS = replace(
    QUESTION,
    items=(
        *QUESTION.items,
        AskedItem("loon", _PAY, _WHY, ("uwv.dienstverbanden",), one_of="inkomen"),
        AskedItem("uitkering", _BENEFIT, _WHY, ("uwv.dienstverbanden",), one_of="inkomen"),
        AskedItem("kinderen", _CHILDREN, _WHY, ("gem.brp",), required=False),
    ),
)

pytestmark = pytest.mark.suite("chromium")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskingWorld]:
    engine = opened(tmp_path_factory.mktemp("ontvanger"))
    yield AskingWorld(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def judged(world: AskingWorld, chromium: Browser) -> list[PageJudged]:
    """All pages in Dutch, and in English those with the most words."""
    found: list[PageJudged] = []
    with world.browser() as machine, serving(world.application(secure=False)) as site:
        for language in ("nl", "en"):
            with new_page(chromium, language=language) as page, new_page(chromium, language=language) as telephone:
                here = Tour(site, page, "en" if language == "en" else "nl", found)
                there = Tour(site, telephone, here.language, found)
                holder = _walk_question(here, machine)
                if language == "nl":
                    _walk_answer(here, there, holder)
                    _walk_wallet(here, machine)
                    _walk_two(here, machine)
    return found


def test_the_walk_met_what_it_was_made_for(judged: list[PageJudged]) -> None:
    assert [page.name.partition(" (")[0] for page in judged] == [
        *(
            "vraag",
            "vraag ander toestel",
            "vraag getal",
            "vraag ontvangen",
            "terugnemen",
            "teruggenomen",
            "vraag wallet",
            "vraag nee gezegd",
            "samen vraag",
            "samen ontvangen",
            "samen uitnodigen",
        ),
        *("vraag", "vraag ander toestel"),
    ]
    assert {page.status for page in judged} == {200}


def test_axe_finds_no_violation(judged: list[PageJudged]) -> None:
    assert {page.name: page.violations for page in judged if page.violations} == {}


def test_the_browser_complains_about_nothing(judged: list[PageJudged]) -> None:
    assert {page.name: page.complaints for page in judged if page.complaints} == {}


def test_nothing_sticks_out_at_320_pixels(judged: list[PageJudged]) -> None:
    assert {page.name: page.widest for page in judged if page.widest > SMALL} == {}


def _walk_question(here: Tour, machine: Machine) -> TestHolder:
    """Choose another device; gives the holder on it."""
    path = machine.world.request(_ALL_KINDS)
    here.go(path)
    _unfold(here)
    here.stop("vraag")
    holder = _begin(here, machine, f"{path}/ander-toestel")
    here.go(f"{path}/ander-toestel?stil")  # else it looks again by itself while it is judged
    _unfold(here)
    here.stop("vraag ander toestel")
    return holder


def _walk_answer(here: Tour, there: Tour, holder: TestHolder) -> None:
    """Answer with the other device, and take it back."""
    number = here.page.locator(".digits").inner_text()
    there.go(_local(led_back(holder.answer())), "vraag getal")
    there.page.locator("input[name='getal']").fill(number)
    there.page.locator("main form button").click()
    there.page.wait_for_url("**/getal?gelukt")
    here.go(f"{PATH}/klaar")
    _unfold(here)
    here.stop("vraag ontvangen")
    here.page.locator("a[href*='/intrekken/']").click()
    here.stop("terugnemen")
    here.page.locator("main form button").click()
    here.page.locator("a[href$='/bewijs']").wait_for()
    here.stop("teruggenomen")


def _walk_wallet(here: Tour, machine: Machine) -> None:
    """A wallet on this device, which says no."""
    path = machine.world.request(_ALL_KINDS)
    here.go(path)
    holder = _begin(here, machine, f"{path}/wallet")
    here.stop("vraag wallet")
    message = holder.sealed({"error": "access_denied", "state": holder.known().state})
    here.go(_local(led_back(holder.post({"response": message}))), "vraag nee gezegd")


def _walk_two(here: Tour, machine: Machine) -> None:
    """The first of two people answers, and passes on a link for the other."""
    path = _local(ask_together(QUESTION, None, machine.world.services()).first_link)
    here.go(path, "samen vraag")
    holder = _begin(here, machine, f"{path}/wallet")
    here.go(_local(led_back(holder.answer())), "samen ontvangen")
    here.page.locator("form[action$='/klaar/uitnodiging'] button").click()
    here.page.locator("#uitnodiging").wait_for()
    here.stop("samen uitnodigen")


def _begin(here: Tour, machine: Machine, path: str) -> TestHolder:
    """Press one of the ways to answer; the link on the page then is for the wallet of this holder."""
    _unfold(here)
    here.page.locator(f"form[action='{path}'] button").click()
    here.page.wait_for_url(f"**{path}")
    link = here.page.locator("a[href^='haip-vp:']").get_attribute("href") if path.endswith("/wallet") else _pasted(here)
    return TestHolder.at(link or "", machine)


def _pasted(here: Tour) -> str:
    _unfold(here)
    return here.page.locator(".address code").inner_text()


def _unfold(tour: Tour) -> None:
    tour.page.evaluate("document.querySelectorAll('main details').forEach(fold => { fold.open = true })")


def _local(address: str) -> str:
    return address.removeprefix(SITE)
