from dataclasses import dataclass, replace
from typing import Any

from blauweknop.domain.texts import Text
from blauweknop.verifier.afterwards.ports import Sharings
from tests.unit.verifier.asking.asking_world import PATH, AskingWorld, Browser, led_back
from tests.unit.verifier.asking.rich_answer import share


@dataclass
class TakenBackAtThatMoment:
    """Sharings that somebody takes back while the browser comes back."""

    real: Sharings

    def bind(self, _receipt_id: str, _dossier_id: str) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def test_an_answer_that_is_taken_back_at_that_moment_is_not_kept(world: AskingWorld) -> None:
    world.changes = {"sharings": TakenBackAtThatMoment(world.services().sharings)}
    with world.browser() as browser:
        path = world.request()
        answer = browser.come_back(led_back(browser.begin(path).answer()))
        assert answer.status_code == 409
        assert browser.get(path).status_code == 200  # the question is still there to be answered
    assert world.kept(path) is None


def test_who_sent_no_consent_finds_the_link_that_takes_it_back(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    browser.come_back(led_back(browser.begin(path).answer()))
    page = browser.end().text
    assert world.kept(path) is not None
    link = page.partition(f"{PATH}/intrekken/")[2].partition('"')[0]
    assert browser.post(f"{PATH}/intrekken/{link}").status_code == 303
    assert browser.get(path).status_code == 404


def test_who_sent_a_consent_finds_no_link(world: AskingWorld, browser: Browser) -> None:
    assert share(world, browser, with_consent=True).link == ""
    assert share(world, browser, with_consent=False).link != ""


def test_the_page_says_who_else_gets_the_data(world: AskingWorld) -> None:
    for recipients, said in (((), "Niemand"), ((Text("De geldverstrekker", "The lender"),), "De geldverstrekker")):
        world.registration = replace(world.registration, recipients=recipients)
        with world.browser() as browser:
            page = browser.client.get(world.request(), headers={"Accept-Language": "nl"}).text
        assert said in page
