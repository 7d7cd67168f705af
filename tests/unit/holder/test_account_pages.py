from threading import BoundedSemaphore

import pytest
from httpx import Response

from blauweknop.adapters.holder_store import ItemStore
from tests.unit.holder.filled_vaults import keep_paper, vault_of
from tests.unit.holder.holder_world import COOKIE, NAME, NOON, PHRASE, HolderWorld, words

_OTHER_PHRASE = "acht blauwe fietsen dansen"
_PERSONAL = ("/gegevens", "/toegang", "/toegang/wachtzin", "/opnieuw-openen", "/herstelcode", "/wissen")


def refused(answer: Response, status: int, sentence: str) -> None:
    assert answer.status_code == status
    assert sentence in words(answer.text)


def test_the_first_page_says_what_this_is_to_everybody(world: HolderWorld) -> None:
    shown = words(world.person().open("/").text)
    assert "Alleen u hebt de sleutel" in shown
    assert "U hebt geen DigiD nodig" in shown


def test_a_new_account_first_gets_its_recovery_code_and_then_its_data(world: HolderWorld) -> None:
    person = world.person()
    assert person.make_account().headers["location"] == "/mijn/herstelcode"
    assert person.open("/gegevens").headers["location"] == "/mijn/herstelcode"
    assert person.keep_code().headers["location"] == "/mijn/gegevens"
    assert "U hebt nog niets bewaard" in words(person.open("/gegevens").text)


def test_who_kept_something_is_led_to_the_overview(world: HolderWorld) -> None:
    person = world.person().settle()
    keep_paper(vault_of(person), "Huurcontract", NOON)
    person.unlock()
    page = person.open("/gegevens").text
    assert "U hebt hier één document of papier bewaard" in words(page)
    assert 'href="/mijn/overzicht"' in page


def test_the_owner_can_read_when_the_account_was_opened_and_in_which_way(world: HolderWorld) -> None:
    person = world.person().settle()
    person.unlock()
    person.recover(person.code)
    shown = words(person.open("/rechten/logboek").text)
    assert "Account geopend: Naam en wachtzin" in shown
    assert "Account geopend: Herstelcode op papier" in shown


def test_an_account_without_room_for_a_log_opens_and_can_be_taken_along(world: HolderWorld) -> None:
    world.changes["items"] = ItemStore(world.engine, most_items=0)
    person = world.person().settle()
    assert person.unlock().headers["location"] == "/mijn/gegevens"
    assert person.send("/rechten/alles", "/rechten").status_code == 200


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": " ", "passphrase": PHRASE, "again": PHRASE}, "Vul een naam in"),
        ({"name": NAME, "passphrase": "", "again": ""}, "Vul een wachtzin in"),
        ({"name": "n" * 201, "passphrase": PHRASE, "again": PHRASE}, "een naam van hooguit 200 tekens"),
        ({"name": NAME, "passphrase": "w " * 101, "again": "w " * 101}, "een wachtzin van hooguit 200 tekens"),
        ({"name": NAME, "passphrase": "veertien teken", "again": "veertien teken"}, "te kort"),
        ({"name": NAME, "passphrase": "abababababababab", "again": "abababababababab"}, "te weinig verschillende"),
        ({"name": "Samira Jansen", "passphrase": "samira jansen 1984", "again": "samira jansen 1984"}, "Uw naam telt niet mee"),
        ({"name": NAME, "passphrase": PHRASE, "again": PHRASE + "!"}, "niet dezelfde wachtzin"),
    ],
)
def test_a_passphrase_that_will_not_do_is_refused_with_the_reason(world: HolderWorld, form: dict[str, str], sentence: str) -> None:
    answer = world.person().send("/nieuw", **form)
    refused(answer, 422, sentence)
    assert PHRASE not in answer.text


def test_two_people_may_have_one_name_and_each_opens_their_own(world: HolderWorld) -> None:
    first, second = world.person().settle(), world.person().settle(phrase=_OTHER_PHRASE)
    accounts = {row.account for row in (world.services().sessions.touch(one.cookie, now=world.moment) for one in (first, second)) if row}
    assert len(accounts) == 2


def test_the_same_name_and_passphrase_once_more_are_refused_without_saying_why(world: HolderWorld) -> None:
    world.person().settle()
    refused(world.person().make_account(), 422, "Met deze wachtzin gaat het niet")


def test_a_recovery_code_typed_wrong_does_not_count(world: HolderWorld) -> None:
    person = world.person()
    person.make_account()
    person.open("/herstelcode")
    refused(person.send("/herstelcode", code="0000 0000 0000 0000 0000 0000 0000"), 422, "niet de code die hierboven staat")
    refused(person.send("/herstelcode", code="x"), 422, "niet de code die hierboven staat")
    assert person.open("/gegevens").headers["location"] == "/mijn/herstelcode"


def test_who_leaves_before_the_code_is_kept_gets_another_one_and_the_old_one_opens_nothing(world: HolderWorld) -> None:
    person = world.person()
    person.make_account()
    person.client.get("/mijn/herstelcode")
    shown = words(person.open("/herstelcode").text)
    person.send("/uitloggen", page="/herstelcode")
    person.unlock()
    assert person.open("/gegevens").headers["location"] == "/mijn/herstelcode"
    person.keep_code()
    assert person.code not in shown
    old = shown.split("Herstelcode van Mijn Blauwe Knop ")[1][:34]
    refused(world.person().recover(old), 403, "Met deze code opent geen account")


def test_a_kept_code_is_not_shown_again(world: HolderWorld) -> None:
    person = world.person().settle()
    shown = words(person.open("/herstelcode").text)
    assert "Wilt u een nieuwe herstelcode?" in shown
    assert person.code not in shown


def test_name_and_passphrase_open_in_another_browser_in_any_spelling_of_the_name(world: HolderWorld) -> None:
    world.person().settle()
    assert world.person().unlock(name="  samira  yıldız ").headers["location"] == "/mijn/gegevens"


@pytest.mark.parametrize(("name", "phrase"), [(NAME, _OTHER_PHRASE), ("Niemand", PHRASE), ("Niemand", _OTHER_PHRASE)])
def test_a_wrong_passphrase_and_an_unknown_name_are_one_answer(world: HolderWorld, name: str, phrase: str) -> None:
    world.person().settle()
    answer = world.person().unlock(name, phrase)
    refused(answer, 403, "Deze naam en wachtzin horen niet bij elkaar")
    assert COOKIE not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize(("name", "phrase", "sentence"), [("", PHRASE, "Vul een naam in"), (NAME, "", "Vul een wachtzin in")])
def test_an_empty_field_is_named(world: HolderWorld, name: str, phrase: str, sentence: str) -> None:
    refused(world.person().unlock(name, phrase), 422, sentence)


@pytest.mark.parametrize("name", [NAME, "Niemand"])
def test_after_five_failures_a_name_must_wait_whether_or_not_somebody_has_it(world: HolderWorld, name: str) -> None:
    world.person().settle()
    stranger = world.person()
    for _ in range(5):
        assert stranger.unlock(name, _OTHER_PHRASE).status_code == 403
    answer = stranger.unlock(name, PHRASE)
    refused(answer, 429, "Wacht 1 seconde en")
    assert answer.headers["retry-after"] == "1"


def test_each_further_failure_doubles_the_wait(world: HolderWorld) -> None:
    world.person().settle()
    stranger, waits = world.person(), []
    for _ in range(5):
        stranger.unlock(NAME, _OTHER_PHRASE)
    for _ in range(4):
        waits.append(int(stranger.unlock(NAME, _OTHER_PHRASE).headers["retry-after"]))
        world.wait(seconds=waits[-1])
        assert stranger.unlock(NAME, _OTHER_PHRASE).status_code == 403
    assert waits == [1, 2, 4, 8]


def test_who_waited_and_is_right_comes_in(world: HolderWorld) -> None:
    person = world.person().settle()
    stranger = world.person()
    for _ in range(6):
        stranger.unlock(NAME, _OTHER_PHRASE)
    world.wait(minutes=1)
    assert person.unlock().status_code == 303


def test_attempts_with_recovery_codes_from_one_address_must_wait_too(world: HolderWorld) -> None:
    stranger = world.person()
    code = world.person().settle().code
    for number in range(20):
        assert stranger.unlock(f"naam {number}", _OTHER_PHRASE).status_code == 403
    refused(stranger.recover(code), 429, "Wacht 1 seconde en")


def test_too_many_slow_computations_at_once_ask_to_come_back(world: HolderWorld) -> None:
    person = world.person()

    class NoTurn(BoundedSemaphore):
        def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
            return False

    world.changes["slow_turns"] = NoTurn(1)
    person = world.person()
    refused(person.make_account(), 503, "Het is nu druk")
    refused(person.unlock(), 503, "Het is nu druk")


def test_after_fifteen_idle_minutes_the_account_is_locked_and_the_way_back_leads_to_where_one_was(world: HolderWorld) -> None:
    person = world.person().settle()
    world.wait(minutes=14, seconds=59)
    assert person.open("/toegang").status_code == 200
    world.wait(minutes=15)
    answer = person.open("/toegang")
    assert answer.headers["location"] == "/mijn/vergrendeld?naar=/toegang"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    refused(person.open("/vergrendeld?naar=/toegang"), 200, "Er is niets kwijt")
    assert person.unlock(place="/toegang").headers["location"] == "/mijn/toegang"


def test_after_eight_hours_the_account_is_locked_whatever_one_does(world: HolderWorld) -> None:
    person = world.person().settle()
    for _ in range(47):
        world.wait(minutes=10)
        assert person.open("/gegevens").status_code == 200
    world.wait(minutes=10)
    assert person.open("/gegevens").headers["location"] == "/mijn/vergrendeld?naar=/gegevens"


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/../digid", "/gegevens?x=1", "\\evil", "/a//b"])
def test_the_way_back_never_leads_elsewhere(world: HolderWorld, place: str) -> None:
    world.person().settle()
    assert world.person().unlock(place=place).headers["location"] == "/mijn/gegevens"


def test_each_unlocking_gives_a_new_reference_and_ends_the_old_one(world: HolderWorld) -> None:
    person = world.person().settle()
    old = person.cookie
    person.unlock()
    assert person.cookie != old
    thief = world.person()
    thief.client.cookies.set(COOKIE, old)
    assert thief.open("/gegevens").headers["location"].startswith("/mijn/vergrendeld")


def test_a_reference_that_a_stranger_put_there_becomes_no_session(world: HolderWorld) -> None:
    world.person().settle()
    victim = world.person()
    victim.client.cookies.set(COOKIE, "A" * 43)
    assert "A" * 43 not in victim.unlock().headers["set-cookie"]
    assert world.services().sessions.touch("A" * 43, now=world.moment) is None


def test_logging_out_ends_the_session_and_makes_the_browser_forget(world: HolderWorld) -> None:
    person = world.person().settle()
    reference = person.cookie
    answer = person.send("/uitloggen", page="/gegevens")
    assert answer.headers["location"] == "/mijn/uitgelogd"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert world.services().sessions.touch(reference, now=world.moment) is None
    assert person.open("/gegevens").headers["location"] == "/mijn/openen?naar=/gegevens"


@pytest.mark.parametrize("path", _PERSONAL)
def test_a_page_of_a_person_is_for_who_is_in_and_stays_in_no_cache(world: HolderWorld, path: str) -> None:
    answer = world.person().settle().open(path)
    assert answer.headers["cache-control"] == "no-store"
    assert world.person().open(path).headers["location"] == f"/mijn/openen?naar={path}"


@pytest.mark.parametrize(
    "path", ["/nieuw", "/openen", "/openen/herstelcode", "/herstelcode", "/herstelcode/nieuw", "/toegang/weg", "/wissen"]
)
def test_a_form_without_its_token_changes_nothing(world: HolderWorld, path: str) -> None:
    person = world.person().settle()
    assert person.client.post(f"/mijn{path}", data={"sure": "yes"}, follow_redirects=False).status_code == 403
    assert person.open("/gegevens").status_code == 200


def test_the_cookie_is_hidden_from_scripts_and_lasts_until_the_browser_closes(world: HolderWorld) -> None:
    answer = world.person().make_account()
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{COOKIE}="))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie


def test_every_page_speaks_english_too(world: HolderWorld) -> None:
    person = world.person().settle()
    assert "Nothing stayed behind" in words(person.open("/uitgelogd?taal=en").text)
    assert "What opens your account?" in words(person.open("/toegang?taal=en").text)
