import re
from collections.abc import Iterator

import pytest
from httpx import Response

from tests.unit.verifier.asking.asking_world import PATH, AskingWorld, Browser, led_back


@pytest.fixture
def telephone(world: AskingWorld) -> Iterator[Browser]:
    with world.browser() as opened:
        yield opened


def digits(browser: Browser, path: str) -> str:
    found = re.search(r'class="digits">(\d\d)<', browser.get(f"{path}/ander-toestel").text)
    assert found is not None
    return found.group(1)


def another(number: str) -> str:
    return f"{(int(number) - 9) % 90 + 10}"


def typed(telephone: Browser, back: str, number: str) -> Response:
    assert telephone.come_back(back).headers["location"] == f"{PATH}/getal"
    return telephone.post(f"{PATH}/getal", getal=number)


def test_the_digits_of_the_page_let_the_answer_in(world: AskingWorld, browser: Browser, telephone: Browser) -> None:
    path = world.request()
    holder = browser.begin_elsewhere(path)
    number = digits(browser, path)
    back = led_back(holder.answer())
    assert world.kept(path) is None
    assert typed(telephone, back, number).headers["location"] == f"{PATH}/getal?gelukt"
    kept = world.kept(path)
    assert kept is not None
    assert kept.answer.elsewhere
    assert browser.get(f"{path}/ander-toestel").headers["location"] == f"{PATH}/klaar"
    assert "Studieschuld" in browser.end().text


def test_wrong_digits_end_it_at_once_and_the_data_are_gone(world: AskingWorld, browser: Browser, telephone: Browser) -> None:
    path = world.request()
    holder = browser.begin_elsewhere(path)
    number = digits(browser, path)
    back = led_back(holder.answer())
    assert typed(telephone, back, another(number)).status_code == 403
    assert telephone.come_back(back).headers["location"] == f"{PATH}/klaar"
    assert "Het getal klopte niet" in browser.end().text
    assert world.kept(path) is None


@pytest.mark.parametrize("number", ["", "0", "é1", "1" * 1000])
def test_what_are_no_digits_is_wrong(world: AskingWorld, browser: Browser, telephone: Browser, number: str) -> None:
    path = world.request()
    assert typed(telephone, led_back(browser.begin_elsewhere(path).answer()), number).status_code == 403
    assert world.kept(path) is None


def test_nothing_of_the_answer_is_on_the_page_before_the_digits(world: AskingWorld, browser: Browser, telephone: Browser) -> None:
    path = world.request()
    back = led_back(browser.begin_elsewhere(path).answer())
    for page in (browser.get(f"{path}/ander-toestel"), browser.end(), telephone.come_back(back), telephone.get(f"{PATH}/getal")):
        for value in ("ağla", "1234567", "ukasz"):
            assert value not in page.text
    assert digits(browser, path)


def test_the_browser_that_began_cannot_take_the_answer_of_another_device_without_the_digits(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    browser.come_back(led_back(browser.begin_elsewhere(path).answer()))
    assert world.kept(path) is None


def test_digits_do_not_let_in_an_answer_of_the_same_device(world: AskingWorld, browser: Browser, telephone: Browser) -> None:
    path = world.request()
    back = led_back(browser.begin(path).answer())
    telephone.client.cookies.set("__Host-bk-verzoek-schuldhulp-getal", back.partition("=")[2])
    assert telephone.post(f"{PATH}/getal", getal="12").status_code == 404
    assert world.kept(path) is None


def test_a_code_lives_two_minutes_and_is_replaced_with_other_digits(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    first = browser.begin_elsewhere(path)
    world.later(seconds=119)
    assert browser.link_on(f"{path}/ander-toestel").endswith("post")
    world.later(seconds=1)
    assert first.fetch().status_code == 410
    page = browser.get(f"{path}/ander-toestel")
    assert first.request_uri.rpartition("/")[2] not in page.text
    assert browser.link_on(f"{path}/ander-toestel")


def test_who_fetched_the_question_has_five_minutes_more(world: AskingWorld, browser: Browser, telephone: Browser) -> None:
    path = world.request()
    holder = browser.begin_elsewhere(path)
    number = digits(browser, path)
    world.later(seconds=100)
    holder.known()
    world.later(seconds=200)
    assert typed(telephone, led_back(holder.answer()), number).status_code == 303


def test_the_page_looks_again_by_itself_until_one_says_no(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    browser.begin_elsewhere(path)
    assert "refresh" in browser.get(f"{path}/ander-toestel").headers
    assert "refresh" not in browser.get(f"{path}/ander-toestel?stil").headers


def test_the_code_is_gone_from_the_page_once_it_was_used(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    browser.begin_elsewhere(path).known()
    page = browser.get(f"{path}/ander-toestel?taal=nl").text
    assert "haip-vp" not in page
    assert "Uw andere toestel heeft de vraag" in page


def test_the_code_of_a_wallet_on_this_device_opens_it(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    browser.post(f"{path}/wallet")
    assert browser.link_on(f"{path}/wallet").startswith("haip-vp://?client_id=x509_hash%3A")


@pytest.mark.parametrize("page", ["wallet", "ander-toestel"])
def test_without_having_begun_these_pages_lead_to_the_question(world: AskingWorld, browser: Browser, page: str) -> None:
    path = world.request()
    assert browser.get(f"{path}/{page}").headers["location"] == path
