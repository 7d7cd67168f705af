import pytest

from blauweknop.verifier.asking.receiving import DECLINED
from tests.unit.verifier.asking.asking_world import PATH, AskingWorld, Browser, led_back


def test_another_browser_gets_nothing_and_the_data_are_gone(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    back = led_back(browser.begin(path).answer())
    with world.browser() as other:
        answer = other.come_back(back)
    assert answer.status_code == 403
    assert "niet bewaard" in answer.text
    browser.come_back(back)
    assert browser.end().status_code == 404
    assert world.kept(path) is None


def test_a_browser_with_a_session_of_its_own_gets_nothing_either(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    back = led_back(browser.begin(path).answer())
    with world.browser() as other:
        other.begin(world.request())
        assert other.come_back(back).status_code == 403
    assert world.kept(path) is None


def test_a_code_works_once(world: AskingWorld, browser: Browser) -> None:
    back = led_back(browser.begin(world.request()).answer())
    assert browser.come_back(back).status_code == 303
    with world.browser() as other:
        assert other.come_back(back).headers["location"] == f"{PATH}/klaar"
        assert other.end().status_code == 404


@pytest.mark.parametrize("code", ["", "x", "A" * 43, "é" * 43])
def test_a_code_of_nobody_leads_nowhere(browser: Browser, code: str) -> None:
    browser.come_back(f"{PATH}/terug?response_code={code}")
    assert browser.end().status_code == 404


def test_who_comes_back_too_late_finds_nothing(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    back = led_back(browser.begin(path).answer())
    world.later(minutes=5)
    browser.come_back(back)
    assert browser.end().status_code == 404
    assert world.kept(path) is None


def test_the_code_stays_in_no_address_that_one_sees(world: AskingWorld, browser: Browser) -> None:
    answer = browser.come_back(led_back(browser.begin(world.request()).answer()))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}/klaar")
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_request_is_answered_once(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    with world.browser() as other:
        late = led_back(other.begin(path).answer())
        browser.come_back(led_back(browser.begin(path).answer()))
        first = world.kept(path)
        assert other.come_back(late).status_code == 409
    assert world.kept(path) == first
    assert "al beantwoord" in browser.get(path).text


def test_a_request_that_was_taken_back_is_not_answered(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    holder = browser.begin(path)
    holder.known()
    requests = world.services().requests
    kept = requests.by_token(path.rpartition("/")[2], now=world.now)
    assert kept is not None
    assert requests.withdraw(kept.id)
    assert holder.answer().status_code == 400
    assert "ingetrokken" in browser.get(path).text


@pytest.mark.parametrize("error", sorted(DECLINED))
def test_a_no_is_told_kindly_and_nothing_is_kept(world: AskingWorld, browser: Browser, error: str) -> None:
    path = world.request()
    holder = browser.begin(path)
    browser.come_back(led_back(holder.post({"error": error, "state": holder.known().state})))
    page = browser.end()
    assert page.status_code == 200
    assert "Er is niets gedeeld" in page.text
    assert world.kept(path) is None


def test_a_no_may_be_encrypted(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request())
    message = holder.sealed({"error": "access_denied", "state": holder.known().state})
    browser.come_back(led_back(holder.post({"response": message})))
    assert "U hebt nee gezegd" in browser.end().text


def test_an_error_of_nobody_is_that_the_question_was_not_understood(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request())
    browser.come_back(led_back(holder.post({"error": "<b>zelf bedacht</b>", "state": holder.known().state})))
    assert "begreep de vraag niet" in browser.end().text
    assert "zelf bedacht" not in browser.end().text


def test_an_error_with_another_state_is_refused(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request())
    holder.known()
    assert holder.post({"error": "access_denied", "state": "x" * 43}).status_code == 400


def test_the_end_says_what_was_received_and_nothing_of_what_it_says(world: AskingWorld, browser: Browser) -> None:
    browser.come_back(led_back(browser.begin(world.request()).answer()))
    page = browser.end().text
    assert "Studieschuld" in page
    for value in ("ağla", "1234567", "12.345"):
        assert value not in page
