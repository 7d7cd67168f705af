import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.adapters.holder_passkeys import WebauthnProof
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.passkeys import KnownPasskey, PasskeyAnswer, read_answer
from tests.unit.holder.holder_world import BASE_URL, HolderWorld, Person, words
from tests.unit.holder.soft_passkey import SoftPasskey

_STEP = "bk-holder-step"


@dataclass
class Owner:
    """A person with a passkey."""

    person: Person
    key: SoftPasskey

    def ask(self, purpose: str, page: str = "/openen") -> Response:
        return self.person.send("/passkey/vraag", page=page, purpose=purpose)

    def make(self) -> Response:
        return self.person.send("/nieuw/passkey", page="/nieuw", **self.key.made(self.ask("new").json()["challenge"]))

    def open(self, place: str = "") -> Response:
        return self.person.send("/openen/passkey", page="/openen", place=place, **self.key.used(self.ask("open").json()["challenge"]))

    def add(self, key: SoftPasskey, label: str = "") -> Response:
        made = key.made(self.ask("add", page="/toegang").json()["challenge"])
        return self.person.send("/toegang/passkey", page="/toegang", label=label, **made)


def owner(world: HolderWorld, key: SoftPasskey | None = None) -> Owner:
    return Owner(world.person(), key or SoftPasskey())


def settled(world: HolderWorld) -> Owner:
    made = owner(world)
    assert made.make().headers["location"] == "/mijn/herstelcode"
    made.person.keep_code()
    return made


def opens_nothing(answer: Response) -> None:
    assert answer.status_code == 403
    assert "Deze passkey opent niets" in words(answer.text)


def test_a_passkey_makes_an_account_and_opens_it_in_another_browser(world: HolderWorld) -> None:
    first = settled(world)
    again = owner(world, first.key).open("/toegang")
    assert again.headers["location"] == "/mijn/toegang"


def test_the_question_asks_for_a_passkey_that_knows_its_owner_and_needs_no_name(world: HolderWorld) -> None:
    asked = owner(world).ask("new").json()
    chosen = asked["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"], asked["attestation"]) == ("required", "required", "none")
    assert owner(world).ask("open").json()["userVerification"] == "required"


def test_every_question_is_another(world: HolderWorld) -> None:
    one = owner(world)
    assert len({one.ask("open").json()["challenge"] for _ in range(3)}) == 3


WRONG: dict[str, Callable[[SoftPasskey], SoftPasskey]] = {
    "another site": lambda key: replace(key, origin="https://mijn.evil.example"),
    "another port": lambda key: replace(key, origin=f"{BASE_URL}:8080"),
    "another host": lambda key: replace(key, host="evil.example"),
    "its owner was not recognised": lambda key: replace(key, flags=0x01),
    "nobody was there": lambda key: replace(key, flags=0x04),
    "another ceremony": lambda key: replace(key, kind="payment.get"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_new_passkey_that_is_not_proved_makes_no_account(world: HolderWorld, wrong: str) -> None:
    opens_nothing(owner(world, WRONG[wrong](SoftPasskey())).make())


@pytest.mark.parametrize(
    "change",
    [
        *WRONG.values(),
        lambda key: replace(key, signs_with=8),
        lambda key: replace(key, number=9),
        lambda key: replace(key, secret=b"t" * 32),
        lambda key: replace(key, uses=-1),
    ],
    ids=[*WRONG, "another key", "unknown", "another secret", "a copy that was used less"],
)
def test_a_passkey_that_does_not_prove_itself_opens_nothing(world: HolderWorld, change: Callable[[SoftPasskey], SoftPasskey]) -> None:
    first = settled(world)
    first.open()
    opens_nothing(owner(world, change(first.key)).open())


def test_an_answer_opens_once(world: HolderWorld) -> None:
    first = settled(world)
    other = owner(world, first.key)
    fields = first.key.used(other.ask("open").json()["challenge"])
    assert other.person.send("/openen/passkey", page="/openen", **fields).status_code == 303
    opens_nothing(other.person.send("/openen/passkey", page="/openen", **fields))


def test_an_answer_opens_only_in_the_browser_that_was_asked(world: HolderWorld) -> None:
    first = settled(world)
    fields = first.key.used(owner(world).ask("open").json()["challenge"])
    thief = owner(world)
    thief.ask("open")
    opens_nothing(thief.person.send("/openen/passkey", page="/openen", **fields))


def test_an_answer_without_a_question_opens_nothing(world: HolderWorld) -> None:
    first = settled(world)
    opens_nothing(world.person().send("/openen/passkey", page="/openen", **first.key.used("AAAA")))


def test_an_answer_after_ten_minutes_opens_nothing(world: HolderWorld) -> None:
    first = settled(world)
    other = owner(world, first.key)
    fields = first.key.used(other.ask("open").json()["challenge"])
    world.wait(minutes=10)
    opens_nothing(other.person.send("/openen/passkey", page="/openen", **fields))


def test_an_answer_to_another_question_is_none(world: HolderWorld) -> None:
    first = settled(world)
    other = owner(world, first.key)
    fields = first.key.used(other.ask("new").json()["challenge"])
    opens_nothing(other.person.send("/openen/passkey", page="/openen", **fields))


def test_a_passkey_is_added_only_in_the_visit_that_asked(world: HolderWorld) -> None:
    first = settled(world)
    fields = SoftPasskey(number=11).made(first.ask("add", page="/toegang").json()["challenge"])
    first.open()
    opens_nothing(first.person.send("/toegang/passkey", page="/toegang", **fields))


def test_a_second_passkey_opens_the_same_account_and_the_first_can_go(world: HolderWorld) -> None:
    first = settled(world)
    second = SoftPasskey(number=11)
    assert first.add(second, "Mijn telefoon").headers["location"] == "/mijn/toegang"
    assert "Mijn telefoon" in words(first.person.open("/toegang").text)
    way = first.person.open("/toegang").text.split('name="way" value="')[1][:32]
    assert first.person.send("/toegang/weg", page="/toegang", way=way).status_code == 303
    opens_nothing(owner(world, first.key).open())
    assert owner(world, second).open().status_code == 303


def test_a_passkey_that_opens_an_account_already_is_not_added_to_another(world: HolderWorld) -> None:
    first = settled(world)
    other = owner(world, SoftPasskey(number=11))
    other.make()
    other.person.keep_code()
    opens_nothing(other.add(first.key))


def test_a_question_to_add_is_for_who_is_in_since_a_moment_ago(world: HolderWorld) -> None:
    first = settled(world)
    assert owner(world).ask("add").status_code == 401
    world.wait(minutes=10)
    assert first.ask("add", page="/toegang").status_code == 401


def test_a_question_for_nothing_we_do_is_refused(world: HolderWorld) -> None:
    assert owner(world).ask("pay").status_code == 400


def test_the_cookie_of_a_question_is_hidden_and_goes_after_ten_minutes(world: HolderWorld) -> None:
    cookie = next(value for value in owner(world).ask("open").headers.get_list("set-cookie") if value.startswith(_STEP))
    assert {"HttpOnly", "Max-Age=600", "SameSite=lax"} <= set(cookie.split("; "))


def test_attempts_with_passkeys_must_wait_too(world: HolderWorld) -> None:
    stranger = owner(world)
    for _ in range(20):
        opens_nothing(stranger.open())
    assert stranger.open().status_code == 429


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"answer": "x" * 20_001, "secret": "c3Nz"},
        {"answer": "[]", "secret": "c3Nz"},
        {"answer": "{", "secret": "c3Nz"},
        {"answer": '{"id": 7}', "secret": "c3Nz"},
        {"answer": '{"id": ""}', "secret": "c3Nz" * 11},
        {"answer": '{"id": "!!"}', "secret": "c3Nz" * 11},
        {"answer": '{"id": "c3Nz"}', "secret": "c3Nz"},
        {"answer": '{"id": "c3Nz"}', "secret": "\ud800"},
    ],
)
def test_what_our_script_does_not_send_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(MalformedValue):
        read_answer(form)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.dictionaries(st.sampled_from(["id", "rawId", "type", "response"]), _JSON))
def test_any_answer_of_the_right_members_is_refused_in_silence(members: dict[str, object]) -> None:
    proof = WebauthnProof("testserver.local", BASE_URL)
    answer = PasskeyAnswer(b"c", json.dumps(members), b"s" * 32)
    assert proof.made(answer, b"challenge") is None
    assert proof.used(answer, b"challenge", KnownPasskey(b"key", 0)) is None


@given(st.data())
def test_no_changed_byte_of_an_answer_proves_that_a_passkey_was_used(data: st.DataObject) -> None:
    proof, device = WebauthnProof("testserver.local", BASE_URL), SoftPasskey()
    known = proof.made(read_answer(device.made("Y2hhbGxlbmdl")), b"challenge")
    assert known is not None
    answer = read_answer(device.used("Y2hhbGxlbmdl"))
    place = data.draw(st.integers(0, 10_000)) % len(answer.answer)
    letter = data.draw(st.characters(codec="ascii"))
    changed = replace(answer, answer=answer.answer[:place] + letter + answer.answer[place + 1 :])
    used = proof.used(changed, b"challenge", known)
    assert used is None or used == proof.used(answer, b"challenge", known)
