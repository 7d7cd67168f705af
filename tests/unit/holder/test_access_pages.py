import re

import pytest
from httpx import Response
from markupsafe import escape

from tests.unit.holder.filled_vaults import vault_of
from tests.unit.holder.holder_world import COOKIE, NAME, PHRASE, HolderWorld, Person, words
from tests.unit.holder.soft_passkey import SoftPasskey

_NEW_PHRASE = "acht blauwe fietsen dansen"
_WAY = re.compile(r'<h2 id="way-\d+">([^<]+)</h2>.*?(?=<li|</ul>)', re.DOTALL)
_VALUE = re.compile(r'name="way" value="([0-9a-f]{32})"')


def refused(answer: Response, status: int, sentence: str) -> None:
    assert answer.status_code == status
    assert sentence in words(answer.text)


def ways(person: Person) -> dict[str, str]:
    """The ways on the page, with what their button would send; empty where there is none."""
    page = person.open("/toegang").text
    return {block[1]: "".join(_VALUE.findall(block[0])) for block in _WAY.finditer(page)}


def change(person: Person, phrase: str = _NEW_PHRASE, name: str = NAME) -> Response:
    return person.send("/toegang/wachtzin", name=name, passphrase=phrase, again=phrase)


def recovered(world: HolderWorld) -> tuple[Person, Person]:
    """Who made the account and is still in, and who came in by its recovery code."""
    owner, finder = world.person().settle(), world.person()
    world.wait(minutes=1)
    assert finder.recover(owner.code).headers["location"] == "/mijn/toegang"
    return owner, finder


def add_passkey(person: Person, number: int, label: str = "") -> Response:
    asked = person.send("/passkey/vraag", page="/toegang", purpose="add").json()
    return person.send("/toegang/passkey", page="/toegang", label=label, **SoftPasskey(number=number).made(asked["challenge"]))


def test_a_new_passphrase_takes_the_place_of_the_old_one_and_locks_other_browsers(world: HolderWorld) -> None:
    person, elsewhere = world.person().settle(), world.person()
    elsewhere.unlock()
    assert change(person).headers["location"] == "/mijn/toegang"
    assert elsewhere.open("/gegevens").headers["location"].startswith("/mijn/vergrendeld")
    refused(world.person().unlock(), 403, "horen niet bij elkaar")
    assert world.person().unlock(phrase=_NEW_PHRASE).status_code == 303
    assert person.open("/gegevens").status_code == 200


@pytest.mark.parametrize(("phrase", "sentence"), [("kort", "te kort"), (PHRASE, "Met deze wachtzin gaat het niet")])
def test_a_new_passphrase_that_will_not_do_changes_nothing(world: HolderWorld, phrase: str, sentence: str) -> None:
    person = world.person().settle()
    refused(change(person, phrase), 422, sentence)
    assert world.person().unlock().status_code == 303


def test_nobody_finds_out_the_passphrase_of_another_by_choosing_it_too(world: HolderWorld) -> None:
    world.person().settle()
    other = world.person().settle("Bert", _NEW_PHRASE)
    answers = [change(other, PHRASE).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_a_new_recovery_code_takes_the_place_of_the_old_one(world: HolderWorld) -> None:
    person = world.person().settle()
    old = person.code
    person.send("/herstelcode/nieuw", page="/herstelcode")
    assert world.person().recover(old).status_code == 303
    world.wait(hours=73)
    person.unlock()
    person.send("/herstelcode/nieuw", page="/herstelcode")
    person.keep_code()
    refused(world.person().recover(old), 403, "Met deze code opent geen account")
    assert world.person().recover(person.code).status_code == 303


def test_the_last_way_and_the_last_code_cannot_be_taken_away(world: HolderWorld) -> None:
    person = world.person().settle()
    assert set(ways(person).values()) == {""}
    rows = world.services().accounts.unlocks(vault_of(person).account)
    for row in rows:
        refused(person.send("/toegang/weg", page="/toegang", way=row.id.hex()), 409, "Er moet altijd een herstelcode zijn")
    assert world.person().unlock().status_code == 303


@pytest.mark.parametrize("way", ["", "00" * 16, "zz" * 16, "00" * 15, "' OR 1=1"])
def test_a_way_that_is_not_there_cannot_be_taken_away(world: HolderWorld, way: str) -> None:
    person = world.person().settle()
    assert person.send("/toegang/weg", page="/toegang", way=way).status_code == 409
    assert len(ways(person)) == 2


@pytest.mark.parametrize("path", ["/toegang/wachtzin", "/wissen"])
def test_what_matters_asks_that_the_account_was_opened_a_moment_ago(world: HolderWorld, path: str) -> None:
    person = world.person().settle()
    world.wait(minutes=10)
    assert person.open(path).headers["location"] == "/mijn/opnieuw-openen"
    person.unlock()
    assert person.open(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "form"),
    [("/toegang/weg", {"way": "00" * 16}), ("/wissen", {"sure": "yes"}), ("/toegang/wachtzin", {}), ("/herstelcode/nieuw", {})],
)
def test_a_form_that_stood_open_too_long_changes_nothing(world: HolderWorld, path: str, form: dict[str, str]) -> None:
    person = world.person().settle()
    world.wait(minutes=10)
    assert person.send(path, page="/gegevens", **form).headers["location"] == "/mijn/opnieuw-openen"
    assert len(ways(person)) == 2


def test_the_use_of_the_recovery_code_is_told_on_every_page_for_three_days(world: HolderWorld) -> None:
    owner, _ = recovered(world)
    assert "Uw herstelcode is gebruikt" in words(owner.open("/gegevens").text)
    world.wait(hours=71)
    owner.unlock()
    assert "Uw herstelcode is gebruikt" in words(owner.open("/toegang").text)
    world.wait(hours=1)
    owner.unlock()
    assert "Uw herstelcode is gebruikt" not in words(owner.open("/toegang").text)


def test_who_came_in_by_the_code_takes_nothing_away_for_three_days(world: HolderWorld) -> None:
    owner, finder = recovered(world)
    add_passkey(finder, 11, "Van de vinder")
    rows = world.services().accounts.unlocks(vault_of(owner).account)
    for row in rows:
        refused(finder.send("/toegang/weg", page="/toegang", way=row.id.hex()), 403, "U kunt nu niets weghalen")
    assert change(finder).status_code == 303
    assert world.person().unlock().status_code == 303


def test_what_was_added_since_takes_nothing_away_either_also_when_the_code_is_used_again(world: HolderWorld) -> None:
    owner, finder = recovered(world)
    change(finder)
    world.wait(hours=50)
    finder.recover(owner.code)
    finder.unlock(phrase=_NEW_PHRASE)
    rows = world.services().accounts.unlocks(vault_of(finder).account)
    refused(finder.send("/toegang/weg", page="/toegang", way=rows[0].id.hex()), 403, "U kunt nu niets weghalen")


def test_the_owner_shuts_the_finder_out_at_once(world: HolderWorld) -> None:
    owner, finder = recovered(world)
    add_passkey(finder, 11, "Van de vinder")
    old = owner.code
    assert owner.send("/toegang/weg", page="/toegang", way=ways(owner)["Van de vinder"]).status_code == 303
    assert finder.open("/gegevens").headers["location"].startswith("/mijn/vergrendeld")
    owner.send("/herstelcode/nieuw", page="/herstelcode")
    owner.keep_code()
    refused(finder.recover(old), 403, "Met deze code opent geen account")


def test_a_new_code_of_the_finder_leaves_the_old_one(world: HolderWorld) -> None:
    owner, finder = recovered(world)
    finder.send("/herstelcode/nieuw", page="/herstelcode")
    finder.keep_code()
    assert world.person().recover(owner.code).status_code == 303


def test_after_three_days_the_person_who_lost_the_rest_can_clear_up(world: HolderWorld) -> None:
    _, finder = recovered(world)
    change(finder)
    world.wait(hours=73)
    finder.unlock(phrase=_NEW_PHRASE)
    page = finder.open("/toegang").text
    assert finder.send("/toegang/weg", page="/toegang", way=_VALUE.findall(page)[0]).status_code == 303
    refused(world.person().unlock(), 403, "horen niet bij elkaar")


def test_erasing_asks_for_a_tick(world: HolderWorld) -> None:
    person = world.person().settle()
    refused(person.send("/wissen"), 422, "Zet een vinkje")
    assert person.open("/gegevens").status_code == 200


def test_an_erased_account_is_gone_everywhere_and_another_one_stays(world: HolderWorld) -> None:
    person, elsewhere, other = world.person().settle(), world.person(), world.person().settle("Bert", _NEW_PHRASE)
    elsewhere.unlock()
    account = vault_of(person).account
    vault_of(person).add(b"head", b"body")
    answer = person.send("/wissen", sure="yes")
    assert answer.headers["location"] == "/mijn/gewist"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert elsewhere.open("/gegevens").headers["location"].startswith("/mijn/vergrendeld")
    refused(world.person().unlock(), 403, "horen niet bij elkaar")
    refused(world.person().recover(person.code), 403, "Met deze code opent geen account")
    services = world.services()
    assert (services.accounts.state(account), list(services.items.heads(account)), list(services.accounts.unlocks(account))) == (
        None,
        [],
        [],
    )
    assert other.open("/gegevens").status_code == 200


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "{{ 7 * 7 }}", "<b>vet</b>"])
def test_the_name_of_a_device_is_only_text(world: HolderWorld, text: str) -> None:
    person = world.person().settle()
    add_passkey(person, 11, text)
    assert f'<h2 id="way-3">{escape(text)}</h2>' in person.open("/toegang").text


def test_what_was_typed_comes_back_as_text(world: HolderWorld) -> None:
    answer = world.person().unlock('"><script>alert(1)</script>', "x")
    assert "<script>alert" not in answer.text


def test_two_people_take_nothing_of_each_other_away(world: HolderWorld) -> None:
    anna, bert = world.person().settle(), world.person().settle("Bert", _NEW_PHRASE)
    add_passkey(anna, 11, "Van Anna")
    assert bert.send("/toegang/weg", page="/toegang", way=ways(anna)["Van Anna"]).status_code == 409
    assert "Van Anna" in ways(anna)
    assert "Van Anna" not in bert.open("/toegang").text


def test_a_page_of_one_person_holds_nothing_of_another_whatever_the_address(world: HolderWorld) -> None:
    anna, bert = world.person().settle(), world.person().settle("Bert", _NEW_PHRASE)
    vault = vault_of(anna)
    item = vault.add(b'{"form": 1, "secret": "xantippe"}', b"xantippe").id.hex()
    account = vault.account.hex()
    patterns = {route.path for route in world.application().routes if route.path.startswith("/mijn")}
    assert any("{" in pattern for pattern in patterns)
    for pattern in sorted(patterns):
        for value in (item, account):
            path = re.sub(r"\{[^}]+\}", value, pattern).removeprefix("/mijn")
            for browser in (bert, world.person()):
                answer = browser.open(path)
                assert answer.status_code in (200, 302, 303, 401, 404, 405, 422), (path, answer.status_code)
                assert "xantippe" not in answer.text


def test_the_cookie_of_one_person_and_the_reference_of_another_make_no_third(world: HolderWorld) -> None:
    anna = world.person().settle()
    anna.client.cookies.set(COOKIE, anna.cookie[:-1] + ("A" if anna.cookie[-1] != "A" else "B"))
    assert anna.client.get("/mijn/gegevens", follow_redirects=False).status_code == 303
