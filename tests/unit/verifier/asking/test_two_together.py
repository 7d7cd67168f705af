"""Two people who apply together: each answers for themselves, sees nothing of the other, and nobody counts twice."""

import html
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.verifier.asking.household import MOST_INVITATIONS
from blauweknop.verifier.asking.inviting import PlaceFilled, ask_together, invite, other_part, take_back_invitation
from blauweknop.verifier.asking.ports import KeptAnswer, RequestState
from blauweknop.verifier.asking.requesting import REQUEST_LIFE
from tests.unit.checking import credentials as c
from tests.unit.verifier.asking.asking_world import PATH, QUESTION, SITE, AskingWorld, Browser, led_back, refused

NOT_YET, ANSWERED = "De ander heeft nog niet geantwoord.", "De ander heeft geantwoord."


@dataclass(frozen=True)
class Two:
    """Both links, as paths, and the ids of the requests."""

    first: str
    second: str
    first_id: str
    second_id: str


def asked(world: AskingWorld, life: timedelta = REQUEST_LIFE) -> Two:
    made = ask_together(QUESTION, None, world.services(), reference="zaak 7", life=life)
    return Two(made.first_link.removeprefix(SITE), made.second_link.removeprefix(SITE), made.first.id, made.second.id)


def of_bea() -> str:
    place: JsonValue = {"status_list": {"idx": c.INDEX + 1, "uri": c.URI}}
    return c.of_wallet({**c.CLAIMS, "given_name": "Bea", "family_name": "Jansen-Xantippe"}, status=place)


def answer(browser: Browser, path: str, credential: str | None = None) -> None:
    holder = browser.begin(path)
    given = {"schuld-kort": [holder.shown(credential)]} if credential else None
    assert browser.come_back(led_back(holder.answer(given))).headers["location"] == f"{PATH}/klaar"  # type: ignore[arg-type]  # lists of text are JSON


def partner_answers(world: AskingWorld, path: str) -> None:
    with world.browser() as other:
        answer(other, path, of_bea())


def kept(world: AskingWorld, request_id: str) -> KeptAnswer | None:
    return world.services().answers.of_request(request_id)


def state(world: AskingWorld, request_id: str) -> RequestState:
    request = world.services().requests.by_id(request_id)
    assert request is not None
    return request.state


def test_each_person_answers_a_request_of_their_own_with_a_receipt_of_their_own(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    answer(browser, two.first)
    partner_answers(world, two.second)
    one, other = kept(world, two.first_id), kept(world, two.second_id)
    assert one is not None
    assert other is not None
    assert one.answer.receipt_id != other.answer.receipt_id
    assert (one.answer.items[0].claims["family_name"], other.answer.items[0].claims["family_name"]) == ("van der Łukasz", "Jansen-Xantippe")


def test_both_pages_say_that_two_are_asked_and_that_neither_sees_the_data_of_the_other(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    for path in (two.first, two.second):
        page = browser.get(f"{path}?taal=nl").text
        assert "U vraagt dit samen aan" in page
        assert NOT_YET in page


def test_a_request_of_one_person_says_nothing_of_another(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    assert "samen aan" not in browser.get(f"{path}?taal=nl").text
    answer(browser, path)
    assert "De ander" not in browser.end().text


def test_of_the_other_one_sees_whether_there_is_an_answer_and_nothing_of_it(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    answer(browser, two.first)
    assert NOT_YET in browser.end().text
    partner_answers(world, two.second)
    for page in (browser.end().text, browser.get(f"{two.first}?taal=nl").text):
        assert ANSWERED in page
        assert "Jansen" not in page
        assert "Xantippe" not in page
    assert ANSWERED in browser.get(f"{two.second}?taal=nl").text


def test_who_took_an_answer_back_looks_to_the_other_like_who_did_not_answer_yet(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    answer(browser, two.first)
    with world.browser() as other:
        answer(other, two.second, of_bea())
        link = other.end().text.partition("/intrekken/")[2].partition('"')[0]
        assert other.post(f"{PATH}/intrekken/{link}").status_code == 303
    assert NOT_YET in browser.end().text
    assert kept(world, two.second_id) is None
    assert kept(world, two.first_id) is not None


def test_the_same_person_cannot_answer_both_parts(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    answer(browser, two.first)
    holder = browser.begin(two.second)
    said = holder.answer({"schuld-kort": [holder.shown()]})
    assert refused(said) == "response_same_person"
    browser.come_back(said.json()["redirect_uri"])
    assert "U hebt zelf al geantwoord" in browser.end().text
    assert kept(world, two.second_id) is None
    assert state(world, two.second_id) is RequestState.OPEN


def test_the_same_person_cannot_answer_both_parts_at_once(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    with world.browser() as other:
        one, same = browser.begin(two.first).answer(), other.begin(two.second).answer()
        browser.come_back(led_back(one))
        other.come_back(led_back(same))
        assert "U hebt zelf al geantwoord" in other.end().text
    assert kept(world, two.first_id) is not None
    assert kept(world, two.second_id) is None
    assert state(world, two.second_id) is RequestState.OPEN


def test_which_part_is_answered_first_does_not_matter(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    answer(browser, two.second)
    assert refused(browser.begin(two.first).answer()) == "response_same_person"


def test_a_third_person_finds_the_second_part_answered(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    partner_answers(world, two.second)
    assert "al beantwoord" in browser.get(f"{two.second}?taal=nl").text
    with pytest.raises(PlaceFilled):
        invite(two.first_id, world.services())


def invitation_on(page: str) -> str:
    found = re.search(r'id="uitnodiging" href="([^"]+)"', page)
    assert found is not None
    return html.unescape(found[1]).removeprefix(SITE)


def test_who_answered_first_can_pass_on_a_link_that_takes_the_place_of_the_one_before(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    answer(browser, two.first)
    page = browser.post(f"{PATH}/klaar/uitnodiging").text
    assert "zaak 7" not in page
    assert "van der" not in page
    assert "Deze link werkt niet meer" in browser.get(f"{two.second}?taal=nl").text
    partner_answers(world, invitation_on(page))
    assert ANSWERED in browser.end().text
    assert state(world, two.second_id) is RequestState.WITHDRAWN


def test_a_link_that_was_passed_on_can_be_taken_back_and_made_anew(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    answer(browser, two.first)
    assert browser.post(f"{PATH}/klaar/uitnodiging/intrekken").headers["location"] == f"{PATH}/klaar"
    assert "Deze link werkt niet meer" in browser.get(f"{two.second}?taal=nl").text
    assert "nog geen link" in browser.end().text
    assert browser.get(invitation_on(browser.post(f"{PATH}/klaar/uitnodiging").text)).status_code == 200


def test_a_link_is_made_anew_ten_times_and_the_page_says_what_to_do_then(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    answer(browser, two.first)
    links = [invitation_on(browser.post(f"{PATH}/klaar/uitnodiging").text) for _ in range(MOST_INVITATIONS)]
    assert browser.post(f"{PATH}/klaar/uitnodiging").headers["location"] == f"{PATH}/klaar"
    with pytest.raises(PlaceFilled):
        invite(two.first_id, world.services())
    assert "U kunt geen nieuwe link meer maken" in browser.end().text
    assert browser.get(links[-1]).status_code == 200
    partner_answers(world, links[-1])
    assert ANSWERED in browser.end().text


def test_only_the_browser_of_the_first_can_invite(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    answer(browser, two.first)
    with world.browser() as other:
        assert other.post(f"{PATH}/klaar/uitnodiging").headers["location"] == f"{PATH}/klaar"
        answer(other, two.second, of_bea())
        assert "uitnodiging" not in other.end().text
        assert other.post(f"{PATH}/klaar/uitnodiging").headers["location"] == f"{PATH}/klaar"
    assert state(world, two.second_id) is RequestState.ANSWERED


def test_who_applies_alone_can_invite_nobody(world: AskingWorld, browser: Browser) -> None:
    answer(browser, world.request())
    assert browser.post(f"{PATH}/klaar/uitnodiging").status_code == 303


def test_the_second_link_ends_with_a_first_request_that_is_withdrawn(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    waiting = led_back(browser.begin(two.second).answer())
    assert world.services().requests.withdraw(two.first_id)
    assert state(world, two.second_id) is RequestState.WITHDRAWN
    browser.come_back(waiting)
    assert kept(world, two.second_id) is None


def test_the_second_link_ends_with_a_first_answer_that_is_taken_back(world: AskingWorld, browser: Browser) -> None:
    two = asked(world)
    answer(browser, two.first)
    link = browser.end().text.partition("/intrekken/")[2].partition('"')[0]
    assert browser.post(f"{PATH}/intrekken/{link}").status_code == 303
    assert state(world, two.second_id) is RequestState.WITHDRAWN


def test_who_is_invited_after_the_first_answer_has_a_week_at_least(world: AskingWorld, browser: Browser) -> None:
    two = asked(world, life=timedelta(hours=1))
    assert invite(two.first_id, world.services())[1].ends_at - world.now == timedelta(hours=1)
    answer(browser, two.first)
    assert invite(two.first_id, world.services())[1].ends_at - world.now == timedelta(days=7)


def test_a_first_request_that_ended_without_an_answer_invites_nobody(world: AskingWorld) -> None:
    two = asked(world)
    world.later(days=31)
    with pytest.raises(PlaceFilled):
        invite(two.first_id, world.services())


def test_a_request_that_is_not_the_first_of_two_invites_nobody(world: AskingWorld) -> None:
    services, two = world.services(), asked(world)
    for request_id in (two.second_id, "00" * 32):
        with pytest.raises(PlaceFilled):
            invite(request_id, services)
        assert take_back_invitation(request_id, services) is False


def test_a_request_of_one_person_has_no_other_part(world: AskingWorld) -> None:
    services = world.services()
    token = world.request().rpartition("/")[2]
    request = services.requests.by_token(token, now=world.now)
    assert request is not None
    assert other_part(request.id, services) is None
