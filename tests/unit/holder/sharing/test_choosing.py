"""Of several things that fit one is chosen: the newest stands first, what is chosen is what goes, and nothing else can be named."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from blauweknop.domain.document import SourceIdentity
from blauweknop.domain.identifiers import Oin
from blauweknop.holder.credentials import kept_credentials
from blauweknop.standards.sd_jwt_receiving import read_sd_jwt, resolved_claims, signed_payload
from tests.unit.checking import exercise_documents as x
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import SharingWorld, Visitor, asks, summary, whole

OTHER = SourceIdentity("anders", "anders", Oin.parse("00000099000000002000"), "Andere Bron", "Andere Bron (oefening)")
THIRD = SourceIdentity("derde", "derde", Oin.parse("00000099000000003000"), "Derde Bron", "Derde Bron (oefening)")
NEWEST, OLDER = 111, 222


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    """Who has two documents of one thing, of two sources."""
    found = site.visitor()
    found.has_one_of(OLDER, source=OTHER, days_ago=3)
    found.has_one_of(NEWEST)
    site.receiver.query = asks(whole("data"))
    return found


def debts(site: SharingWorld) -> list[Any]:
    """What the receiver got."""
    given = [text for answer in site.receiver.answers for text in answer["vp_token"].get("schuld", ())]
    claims = [resolved_claims(signed_payload(received), received).claims for received in map(read_sd_jwt, given)]
    return [data["schuldsaldo_inclusief_rente"] for one in claims if isinstance(data := one["data"], dict)]


def test_each_is_shown_with_its_source_its_day_and_what_it_says(visitor: Visitor) -> None:
    page = visitor.person.open(visitor.look()).text
    assert page.count('type="radio"') == 2
    assert "Studieschuld</legend>" in page
    said = words(page)
    for told in ("DUO, gegevens van 23 november 2026 nieuwste", "Andere Bron, gegevens van 20 november 2026", "€ 1,11", "€ 2,22"):
        assert told in said


def test_what_tells_them_apart_stands_beside_the_button(visitor: Visitor) -> None:
    abouts = re.findall(r'id="choice-which-0-\d-about">([^<]*)<', visitor.person.open(visitor.look()).text)
    assert [about.replace("\xa0", " ") for about in abouts] == ["Schuld met rente: € 1,11", "Schuld met rente: € 2,22"]


def test_the_newest_is_chosen_beforehand(visitor: Visitor, site: SharingWorld) -> None:
    visitor.answer(visitor.look())
    assert debts(site) == [NEWEST]


def test_what_is_chosen_goes_and_the_other_stays(visitor: Visitor, site: SharingWorld) -> None:
    visitor.answer(visitor.look(), **{"which-0": "1"})
    assert debts(site) == [OLDER]


def test_the_form_has_no_value_of_what_is_chosen(visitor: Visitor) -> None:
    form = visitor.fields(visitor.look())
    assert form["which-0"] == "0"
    assert set(form) == {"_csrf_token", "today", "view", "which-0"}


def test_an_earlier_document_of_one_source_can_be_chosen(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_one_of(NEWEST)
    visitor.has_one_of(OLDER, standing="replaced", days_ago=3)
    site.receiver.query = asks(whole("data"))
    visitor.answer(visitor.look())
    visitor.answer(visitor.look(), **{"which-0": "1"})
    assert debts(site) == [NEWEST, OLDER]


def test_that_a_newer_proof_goes_beside_an_earlier_document_is_said(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_credential()
    visitor.has_one_of(NEWEST)
    site.receiver.query = asks(whole("data"), summary("fase"), sets=[{"options": [["schuld", "schuld-kort"]]}])
    told = "Het korte bewijs dat meegaat is nieuwer dan dit document."
    assert told not in words(visitor.person.open(visitor.look()).text)
    visitor.has_one_of(OLDER, standing="replaced", days_ago=3)
    assert words(visitor.person.open(visitor.look()).text).count(told) == 1


def test_of_one_there_is_no_choice(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_one_of(NEWEST)
    site.receiver.query = asks(whole("data"))
    assert 'type="radio"' not in visitor.person.open(visitor.look()).text


@pytest.mark.parametrize(
    "changes",
    [
        {"which-0": "2"},
        {"which-0": "-1"},
        {"which-0": "00"},
        {"which-0": "²"},
        {"which-0": ""},
        {"which-0": ["0", "1"]},
        {"which-1": "0"},
        {"which-": "0"},
        {"which-0": "1" * 5000},
    ],
)
def test_a_choice_that_was_not_offered_sends_nothing(visitor: Visitor, site: SharingWorld, changes: Mapping[str, Any]) -> None:
    refused = visitor.answer(visitor.look(), **changes)
    assert refused.status_code == 409
    assert "Het was niet duidelijk welke van meer gegevens u wilt delen." in words(refused.text)
    assert site.receiver.answers == []


def test_a_form_that_does_not_choose_sends_nothing(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    form = visitor.fields(path)
    del form["which-0"]
    assert visitor.post(path, {**form, "answer": "yes"}).status_code == 409
    assert site.receiver.answers == []


def test_a_choice_where_there_is_none_sends_nothing(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_one_of(NEWEST)
    site.receiver.query = asks(whole("data"))
    assert visitor.answer(visitor.look(), **{"which-0": "0"}).status_code == 409
    assert site.receiver.answers == []


@pytest.mark.parametrize("chosen", ["0", "1", "2"])
def test_when_one_of_them_is_gone_meanwhile_nothing_goes(visitor: Visitor, site: SharingWorld, chosen: str) -> None:
    third = visitor.has_one_of(333, source=THIRD, days_ago=9)
    path = visitor.look()
    form = visitor.fields(path)
    visitor.vault.remove(bytes.fromhex(third))
    again = visitor.post(path, {**form, "which-0": chosen, "answer": "yes"})
    assert (again.status_code, site.receiver.answers) == (409, [])
    assert "Er is iets veranderd" in words(again.text)


def test_the_view_is_of_what_is_not_chosen_too(visitor: Visitor) -> None:
    path = visitor.look()
    before = visitor.fields(path)["view"]
    visitor.has_one_of(333, source=THIRD, days_ago=9)
    assert visitor.fields(path)["view"] != before


def test_what_was_chosen_stays_chosen_after_another_complaint(visitor: Visitor, site: SharingWorld) -> None:
    refused = visitor.answer(visitor.look(), **{"which-0": "1"}, paper="0" * 32)
    assert refused.status_code == 409
    assert re.findall(r'name="which-0" value="(\d)" checked', refused.text) == ["1"]


def test_of_what_need_not_be_given_the_choice_counts_only_with_a_tick(visitor: Visitor, site: SharingWorld) -> None:
    visitor.has_credential()
    sets = [{"options": [["schuld-kort"]]}, {"options": [["schuld"]], "required": False}]
    site.receiver.query = asks(summary("fase"), whole("data"), sets=sets)
    visitor.answer(visitor.look(), **{"which-1": "1"})
    assert debts(site) == []
    visitor.answer(visitor.look(), **{"which-1": "1"}, extra="1")
    assert debts(site) == [OLDER]


def test_of_proofs_the_chosen_one_uses_a_copy_and_the_other_none(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_credential(2, data={"schuldsaldo_inclusief_rente": OLDER})
    visitor.has_credential(2, data={"schuldsaldo_inclusief_rente": NEWEST}, kept_at=x.NOW)
    visitor.answer(visitor.look(), **{"which-0": "1"})
    assert sorted(kept.unused for kept in kept_credentials(visitor.vault)) == [1, 2]
    assert [kept.unused for kept in kept_credentials(visitor.vault) if kept.claims["schuldsaldo_inclusief_rente"] == OLDER] == [1]
