"""Who has what until when: receivers by things, each with its own end; and taking all of it back."""

import pytest

from blauweknop.holder.sharing.requests import kept_requests
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import REGISTERED, SharingWorld, Visitor, asks, summary, whole
from tests.unit.standards import receivers as r

PATH = "/gedeeld/wie-heeft-wat"


def ask_as(site: SharingWorld, name: str) -> None:
    """Another receiver asks, for a use of debt help."""
    site.receiver.question = r.Question(registration=r.registered(credentials=REGISTERED, name=name, intended_use="schuldhulp.intake"))


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    """Somebody who gave two receivers something, each until another day."""
    found = site.visitor()
    found.has_credential(4)
    found.has_document()
    ask_as(site, "Schuldhulp Proef")
    found.answer(found.look(), until="2026-12-23")
    ask_as(site, "Gemeente Elders")
    site.receiver.query = asks(whole("data"), summary("fase"), sets=[{"options": [["schuld", "schuld-kort"]]}])
    found.answer(found.look())
    return found


def keys(visitor: Visitor) -> dict[str, str]:
    return {kept.item.receiver: kept.key for kept in kept_requests(visitor.vault)}


def test_each_receiver_has_a_line_with_its_own_end(visitor: Visitor) -> None:
    said = words(visitor.person.open(PATH).text)
    assert "Hulp bij schulden" in said
    assert "Schuldhulp Proef Ja 23 december 2026" in said
    assert "Gemeente Elders Ja 23 november 2031" in said


def test_each_line_leads_to_taking_it_back(visitor: Visitor) -> None:
    page = visitor.person.open(PATH).text
    for key in keys(visitor).values():
        assert f'href="/mijn/gedeeld/{key}/intrekken"' in page


def test_what_nobody_has_is_not_in_it(site: SharingWorld) -> None:
    visitor = site.visitor()
    assert "Niemand heeft nu iets van u." in words(visitor.person.open(PATH).text)
    visitor.look()
    assert "Niemand heeft nu iets van u." in words(visitor.person.open(PATH).text)


def test_what_is_of_no_life_event_stands_apart(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_credential()
    visitor.answer(visitor.look())
    assert "Iets anders" in words(visitor.person.open(PATH).text)


def test_taking_all_back_asks_first_and_names_who_is_asked(visitor: Visitor, site: SharingWorld) -> None:
    said = words(visitor.person.open(f"{PATH}/intrekken?over=schuldhulp").text)
    for name in ("Schuldhulp Proef", "Gemeente Elders"):
        assert name in said
    assert site.receiver.withdrawals == []


def test_all_that_the_page_named_is_taken_back_and_nothing_else(visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.erases = False
    token = visitor.fields(f"{PATH}/intrekken?over=schuldhulp")["_csrf_token"]
    named = keys(visitor)["Gemeente Elders"]
    answer = visitor.post(f"{PATH}/intrekken", {"_csrf_token": token, "over": "schuldhulp", "key": named})
    assert answer.status_code == 303
    assert {kept.item.receiver: kept.item.state for kept in kept_requests(visitor.vault)} == {
        "Gemeente Elders": "withdrawn",
        "Schuldhulp Proef": "sent",
    }
    assert "nog niet bevestigd" in words(visitor.person.open(PATH).text)


@pytest.mark.parametrize("event", ["", "hypotheek", "../x"])
def test_of_another_life_event_there_is_nothing_to_take_back(visitor: Visitor, event: str) -> None:
    assert visitor.person.open(f"{PATH}/intrekken?over={event}").status_code == 303


def test_nobody_takes_back_what_another_shared(visitor: Visitor, site: SharingWorld) -> None:
    other = site.visitor("Jan")
    token = other.fields(other.look())["_csrf_token"]
    other.post(f"{PATH}/intrekken", {"_csrf_token": token, "over": "schuldhulp", "key": [*keys(visitor).values()]})
    assert site.receiver.withdrawals == []
    assert {kept.item.state for kept in kept_requests(visitor.vault)} == {"sent"}


def test_who_answers_another_receiver_reads_who_has_the_same_and_ticks_it_anew(visitor: Visitor, site: SharingWorld) -> None:
    ask_as(site, "Derde")
    site.receiver.query = asks(summary("fase"), sets=[{"options": [["schuld-kort"]], "required": False}])
    page = visitor.person.open(visitor.look()).text
    assert "Dit heeft nu ook: Schuldhulp Proef, Gemeente Elders" in words(page)
    assert "checked" not in page


def test_who_answers_for_another_life_event_reads_nothing_of_it(visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.question = r.Question(registration=r.registered(credentials=REGISTERED, intended_use="hypotheek.aanvraag"))
    site.receiver.query = asks(summary("fase"), sets=[{"options": [["schuld-kort"]], "required": False}])
    assert "Dit heeft nu ook" not in words(visitor.person.open(visitor.look()).text)
