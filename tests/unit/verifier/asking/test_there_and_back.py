from blauweknop.domain.verdict import Colour
from tests.unit.verifier.asking.asking_world import PATH, AskingWorld, Browser, led_back


def test_what_was_asked_and_shown_is_kept_when_its_browser_comes_back(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    back = led_back(browser.begin(path).answer())
    assert world.kept(path) is None
    assert browser.come_back(back).headers["location"] == f"{PATH}/klaar"
    kept = world.kept(path)
    assert kept is not None
    (item,) = kept.answer.items
    assert (item.colour, item.dataset, item.claims["schuldsaldo_inclusief_rente"]) == (Colour.GREEN, "duo.studieschuld", 1234567)
    assert "Studieschuld" in browser.end().text
