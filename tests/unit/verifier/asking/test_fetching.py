from datetime import timedelta

import pytest

from blauweknop.standards import jose
from tests.unit.verifier.asking.asking_world import HOLDER, NONCE, PATH, SITE, AskingWorld, Browser


def test_mijn_blauwe_knop_is_led_to_a_question_that_it_accepts(world: AskingWorld, browser: Browser) -> None:
    answer = browser.post(f"{world.request()}/mijn")
    assert answer.headers["location"].startswith(f"{HOLDER}?client_id=x509_hash%3A")
    asked = browser.begin(world.request()).hear()
    assert asked.response_uri.startswith(f"{SITE}{PATH}/oid4vp/responses/")
    assert asked.registration.purpose == world.registration.purpose
    assert asked.expires_at - world.now <= timedelta(minutes=5)


def test_a_question_is_given_once(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request())
    assert holder.fetch().status_code == 200
    again = holder.fetch()
    assert (again.status_code, again.json()["error"]) == (410, "invalid_request")


def test_to_look_at_a_question_does_not_use_it_up(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request())
    looked = browser.get(holder.request_uri.removeprefix(SITE))
    assert (looked.status_code, looked.headers["allow"], looked.json()["error"]) == (405, "POST", "invalid_request_uri_method")
    assert holder.fetch().status_code == 200


def test_a_receiver_may_serve_wallets_that_only_know_get(world: AskingWorld) -> None:
    world.changes["gives_by_get"] = True
    with world.browser() as browser:
        holder = browser.begin(world.request())
        answers = [browser.get(holder.request_uri.removeprefix(SITE)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 410]
    assert b"wallet_nonce" not in jose.parse_jws(answers[0].text, jose.REQUEST_OBJECT).payload


def test_each_question_is_fresh(world: AskingWorld, browser: Browser) -> None:
    first, second = browser.begin(world.request()).hear(), browser.begin(world.request()).hear()
    assert len({first.nonce, second.nonce, first.state, second.state, first.key.key_id, second.key.key_id}) == 6


@pytest.mark.parametrize("form", [{}, {"wallet_metadata": "{}"}], ids=["nothing", "what it can"])
def test_a_holder_need_not_give_a_nonce(world: AskingWorld, browser: Browser, form: dict[str, str]) -> None:
    holder = browser.begin(world.request())
    text = holder.call(holder.request_uri, form).text
    received = jose.parse_jws(text, jose.REQUEST_OBJECT)
    assert b"wallet_nonce" not in received.payload


@pytest.mark.parametrize("nonce", ["a b", "é", "x" * 513])
def test_an_odd_nonce_is_refused_and_the_question_waits(world: AskingWorld, browser: Browser, nonce: str) -> None:
    holder = browser.begin(world.request())
    assert holder.fetch(wallet_nonce=nonce).status_code == 400
    assert holder.fetch(wallet_nonce=NONCE).status_code == 200


def test_a_question_that_ended_is_not_given(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request())
    world.later(minutes=5)
    assert holder.fetch().status_code == 410


@pytest.mark.parametrize("reference", ["x", "A" * 43, "..%2F..%2Fx"])
def test_a_question_of_nobody_is_not_there(browser: Browser, reference: str) -> None:
    assert browser.client.post(f"{PATH}/oid4vp/requests/{reference}", data={"wallet_nonce": NONCE}).status_code == 404


def test_a_question_of_another_receiver_is_not_there(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request())
    world.receiver = "hypotheek"
    with world.browser() as other:
        assert other.client.post(holder.request_uri.removeprefix(SITE), data={"wallet_nonce": NONCE}).status_code == 404


def test_a_request_of_another_receiver_is_not_there(world: AskingWorld) -> None:
    path = world.request()
    world.receiver = "hypotheek"
    with world.browser() as other:
        assert other.get(path).status_code == 404


def test_an_answer_to_a_question_of_another_receiver_is_refused(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request())
    message = {"response": holder.sealed({"state": holder.known().state})}
    world.receiver = "hypotheek"
    with world.browser() as other:
        assert other.client.post(holder.known().response_uri.removeprefix(SITE), data=message).status_code == 400


def test_one_browser_has_one_question_open(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    first = browser.begin(path)
    browser.begin(path)
    assert first.fetch().status_code == 404


def test_who_begins_too_often_waits(world: AskingWorld) -> None:
    world.changes["begins_a_minute"] = 2
    path = world.request()
    with world.browser() as browser:
        browser.begin(path)
        browser.begin(path)
        refused = browser.post(f"{path}/mijn")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


def test_what_is_kept_of_attempts_of_all_together_is_bounded(world: AskingWorld) -> None:
    world.changes["all_begins_a_minute"] = 3
    with world.browser() as browser:
        answers = [browser.post(f"{world.request()}/mijn").status_code for _ in range(5)]
    assert answers == [303, 303, 303, 429, 429]


def test_who_calls_too_often_waits(world: AskingWorld) -> None:
    world.changes["calls_a_minute"] = 1
    with world.browser() as browser:
        holder = browser.begin(world.request())
        assert [holder.fetch().status_code, holder.fetch().status_code] == [200, 429]


def test_a_form_of_another_site_begins_nothing(world: AskingWorld, browser: Browser) -> None:
    answer = browser.client.post(f"{world.request()}/mijn", data={}, follow_redirects=False)
    assert answer.status_code == 403
