"""What a person takes away is told before it goes, can be put back for ten minutes in the same visit, and then read by nobody."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from blauweknop.domain.verdict import Colour
from blauweknop.holder.account_log import read_log
from blauweknop.holder.archive_reading import read_archive
from blauweknop.holder.items import CredentialItem, head_of
from blauweknop.holder.keeping import items_of
from blauweknop.holder.kept_documents import LastCheck, keep_checks, kept_items
from blauweknop.holder.removal_effects import effects_of
from blauweknop.holder.removing import REMOVED_KIND, Removed, forget, put_back, take_away
from blauweknop.holder.vault import MOST_BODY_BYTES
from blauweknop.insight.documents import InsightDocument
from tests.unit.holder.filled_vaults import keep, keep_paper, vault_of
from tests.unit.holder.holder_world import NAME, NOON, PHRASE, HolderWorld, Person, words
from tests.unit.holder.test_overview_pages import DEBT, DUO, ON, filled
from tests.unit.holder.test_unreadable import damage
from tests.unit.insight import papers as p
from tests.unit.insight.lives import documents

UNDO = "Zet terug"


def remove(person: Person, key: str, kind: str = "documenten") -> Any:
    return person.send(f"/{kind}/{key}/weghalen")


def undo(person: Person) -> Any:
    return person.send("/terugzetten", "/gegevens")


def question(person: Person, key: str, kind: str = "documenten") -> str:
    answer = person.open(f"/{kind}/{key}/weghalen")
    assert answer.status_code == 200
    return words(answer.text)


def keys(person: Person) -> set[str]:
    return {document.key for document in kept_items(vault_of(person)).documents}


def aside(person: Person) -> int:
    return sum(REMOVED_KIND.encode() in head.head for head in vault_of(person).heads())


def log(person: Person) -> list[tuple[str, str]]:
    return [(line.happening.value, line.about) for line in read_log(vault_of(person))]


def test_before_it_goes_the_page_says_what_the_overview_loses(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    shown = question(person, debt)
    assert "Wilt u dit weghalen: Studieschuld, DUO?" in shown
    assert "Uw schulden samen: nu € 1.234,56, daarna niet bekend." in shown
    assert "Wat te laat is: nu € 50,00, daarna niet bekend." in shown
    assert "Van 2 maanden weten wij uw inkomen dan niet meer." in question(person, pay)
    assert keys(person) == {pay, debt}


def test_what_was_taken_away_is_in_no_list_figure_or_file(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    answer = remove(person, debt)
    assert answer.headers["location"] == "/mijn/overzicht"
    assert keys(person) == {pay}
    assert "1.234,56" not in person.open("/overzicht").text
    assert [person.open(f"/documenten/{debt}{path}").status_code for path in ("", "/pdf", "/json", "/weghalen")] == [404] * 4
    archived = read_archive(person.send("/rechten/alles", "/rechten").content)
    assert [item.head["dataset"] for item in archived if item.kind == "document"] == ["uwv.verzekeringsbericht"]
    assert all(item.kind != REMOVED_KIND for item in archived)


def test_it_can_be_put_back_as_it_was(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    before = {head.id: (head.head, vault_of(person).read(head.id)) for head in vault_of(person).heads()}
    remove(person, debt)
    assert UNDO in person.open("/overzicht").text
    assert undo(person).headers["location"] == "/mijn/gegevens"
    assert "1.234,56" in person.open("/overzicht").text
    assert UNDO not in person.open("/overzicht").text
    read = vault_of(person).read(bytes.fromhex(debt))
    kept = before[bytes.fromhex(debt)][1]
    assert read is not None
    assert kept is not None
    assert (read[0].head, read[1]) == (kept[0].head, kept[1])


def test_the_log_says_what_was_taken_away_and_put_back(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    remove(person, debt)
    undo(person)
    assert log(person)[-2:] == [("removed", "Studieschuld, DUO"), ("put_back", "Studieschuld, DUO")]


def test_after_ten_minutes_it_cannot_be_put_back_and_the_page_says_so(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    remove(person, debt)
    world.wait(minutes=10)
    assert UNDO not in person.open("/overzicht").text
    assert aside(person) == 0
    answer = undo(person)
    assert answer.status_code == 410
    assert "Terugzetten kan niet meer" in words(answer.text)
    assert keys(person) == {pay}


def test_putting_back_twice_says_so_and_changes_nothing(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    remove(person, debt)
    undo(person)
    assert undo(person).status_code == 410
    assert keys(person) == {pay, debt}


def test_logging_out_makes_it_final(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    remove(person, debt)
    person.send("/uitloggen", "/gegevens")
    person.unlock(NAME, PHRASE)
    assert UNDO not in person.open("/gegevens").text
    assert (undo(person).status_code, aside(person)) == (410, 0)


def test_another_browser_of_the_same_person_cannot_put_it_back(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    remove(person, debt)
    other = world.person()
    other.unlock(NAME, PHRASE)
    assert undo(other).status_code == 410
    assert undo(person).status_code == 303


def test_taking_something_else_away_makes_the_first_final(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    remove(person, debt)
    remove(person, pay)
    assert aside(person) == 1
    undo(person)
    assert keys(person) == {pay}


def test_what_a_closed_browser_left_behind_goes_when_the_account_is_opened_later(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    remove(person, debt)
    world.wait(days=1)
    world.person().unlock(NAME, PHRASE)
    left = len([head for head in _heads(world) if REMOVED_KIND.encode() in head])
    world.wait(days=1)
    world.person().unlock(NAME, PHRASE)
    assert (left, [head for head in _heads(world) if REMOVED_KIND.encode() in head]) == (1, [])


def _heads(world: HolderWorld) -> list[bytes]:
    person = world.person()
    person.unlock(NAME, PHRASE)
    return [head.head for head in vault_of(person).heads()]


def test_an_older_document_counts_again_and_that_is_said(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    old = keep(vault_of(person), p.content("duo.studieschuld", DEBT, on=date(2026, 9, 1)), NOON, standing="replaced")
    assert "Uw oudere document van 1 september 2026 telt dan weer mee." in question(person, debt)
    remove(person, debt)
    assert {document.key: document.item.standing for document in kept_items(vault_of(person)).documents}[old] == "current"
    undo(person)
    assert {document.key: document.item.standing for document in kept_items(vault_of(person)).documents}[old] == "replaced"


def test_of_the_last_document_the_proof_for_sharing_goes_and_comes_back_too(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    credential = head_of(CredentialItem("duo.studieschuld", "dc+sd-jwt", p.DUO, "DUO", NOON, 1))
    vault_of(person).add(credential, b"{}")
    assert "Het losse bewijs om te delen gaat ook weg." in question(person, debt)
    remove(person, debt)
    assert credential not in [head.head for head in vault_of(person).heads()]
    undo(person)
    assert credential in [head.head for head in vault_of(person).heads()]


@pytest.mark.parametrize("standing", ["apart", "replaced"])
def test_as_long_as_another_document_counts_the_proof_stays(world: HolderWorld, standing: Any) -> None:
    person, _, _ = filled(world)
    vault_of(person).add(head_of(CredentialItem("duo.studieschuld", "dc+sd-jwt", p.DUO, "DUO", NOON, 1)), b"{}")
    other = keep(vault_of(person), p.content("duo.studieschuld", DEBT, on=date(2026, 9, 1)), NOON, standing=standing)
    assert "losse bewijs" not in question(person, other)
    remove(person, other)
    assert any(isinstance(item, CredentialItem) for _, item in items_of(vault_of(person)))


def test_a_document_that_counts_nowhere_changes_no_amount(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    keep_checks(vault_of(person), {debt: LastCheck(Colour.RED, NOON, is_withdrawn=True)})
    assert "In de bedragen van uw overzicht verandert er niets." in question(person, debt)


def test_a_paper_of_ones_own_is_taken_away_and_put_back_in_the_same_way(world: HolderWorld) -> None:
    person = world.person().settle()
    key = keep_paper(vault_of(person), "Huurcontract", NOON)
    shown = question(person, key, "papieren")
    assert "Dit papier staat misschien nergens anders." in shown
    assert remove(person, key, "papieren").headers["location"] == "/mijn/toevoegen"
    assert "Huurcontract 30 november" not in words(person.open("/overzicht").text)
    assert undo(person).status_code == 303
    assert log(person)[-2:] == [("paper_removed", "Huurcontract"), ("put_back", "Huurcontract")]
    assert [paper.title for _, paper in kept_items(vault_of(person)).papers] == ["Huurcontract"]


def test_what_was_fetched_again_meanwhile_does_not_come_twice(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    remove(person, debt)
    again = keep(vault_of(person), {**p.content("duo.studieschuld", DEBT, on=ON), **DUO}, NOON)
    undo(person)
    assert keys(person) == {pay, again}


def test_what_was_fetched_again_and_damaged_gives_way_to_what_is_put_back(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    remove(person, debt)
    again = keep(vault_of(person), {**p.content("duo.studieschuld", DEBT, on=ON), **DUO}, NOON)
    damage(world, again, "body")
    undo(person)
    assert keys(person) == {pay, debt}
    assert not vault_of(person).is_unreadable(bytes.fromhex(debt))


def test_sending_the_question_twice_takes_nothing_else_away(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    page = f"/documenten/{pay}/weghalen"
    remove(person, debt)
    assert person.send(f"/documenten/{debt}/weghalen", page).headers["location"] == "/mijn/gegevens"
    assert keys(person) == {pay}


@pytest.mark.parametrize("path", ["/documenten/{key}/weghalen", "/papieren/{key}/weghalen"])
def test_what_another_account_has_is_not_there(world: HolderWorld, path: str) -> None:
    person, _, debt = filled(world)
    paper = keep_paper(vault_of(person), "Huurcontract", NOON)
    place = path.format(key=paper if "papieren" in path else debt)
    other = world.person().settle("Ander")
    assert other.open(place).status_code == 404
    other.send(place, "/gegevens")
    assert debt in keys(person)
    assert len(kept_items(vault_of(person)).papers) == 1


@pytest.mark.parametrize("kind", ["documenten", "papieren"])
def test_a_document_is_no_paper_and_a_paper_no_document(world: HolderWorld, kind: str) -> None:
    person, _, debt = filled(world)
    paper = keep_paper(vault_of(person), "Huurcontract", NOON)
    assert person.open(f"/{kind}/{paper if kind == 'documenten' else debt}/weghalen").status_code == 404


def test_a_form_without_our_token_takes_nothing_away(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    for path in (f"/documenten/{debt}/weghalen", "/terugzetten"):
        sent = person.client.post(f"/mijn{path}", headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)
        assert sent.status_code == 403
    assert keys(person) == {pay, debt}


def test_a_locked_account_takes_nothing_away_and_leads_back_to_the_question(world: HolderWorld) -> None:
    person, pay, debt = filled(world)
    world.wait(minutes=16)
    assert person.open(f"/documenten/{debt}/weghalen").headers["location"] == f"/mijn/vergrendeld?naar=/documenten/{debt}/weghalen"
    person.unlock(NAME, PHRASE)
    assert keys(person) == {pay, debt}


def test_what_was_taken_away_cannot_be_read_without_the_key_of_the_visit(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    vault, random = vault_of(person), world.services().random
    removed = take_away([bytes.fromhex(debt)], vault, title="x", now=NOON, random=random)
    read = vault.read(bytes.fromhex(debt))
    assert removed is not None
    assert read is not None
    assert b"studieschuld" not in read[1] + read[0].head
    other = Removed(removed.items, "x", NOON, random(32))
    assert put_back(other, vault) is False
    assert put_back(removed, vault) is True


def test_what_is_too_large_to_be_set_aside_goes_at_once(world: HolderWorld) -> None:
    vault = vault_of(world.person().settle())
    head = vault.add(b'{"form":1,"kind":"x"}', bytes(MOST_BODY_BYTES))
    assert take_away([head.id], vault, title="x", now=NOON, random=world.services().random) is None
    assert vault.read(head.id) is None


def test_to_forget_takes_nothing_that_was_put_back(world: HolderWorld) -> None:
    person, _, debt = filled(world)
    vault = vault_of(person)
    removed = take_away([bytes.fromhex(debt)], vault, title="x", now=NOON, random=world.services().random)
    assert removed is not None
    put_back(removed, vault)
    forget(removed, vault)
    assert debt in keys(person)


def test_the_secret_and_the_title_are_in_no_text_of_the_object() -> None:
    assert "geheim" not in repr(Removed(("00",), "geheim", NOON, b"geheim"))
    assert Removed(("00",), "x", NOON, b"").until - NOON == timedelta(minutes=10)


@settings(max_examples=30, deadline=None)
@given(documents())
def test_without_a_difference_there_is_no_effect_and_every_lost_amount_is_told(found: list[InsightDocument]) -> None:
    whole, empty = p.overview(*found), p.overview()
    assert effects_of(whole, whole, "nl") == ()
    told = " ".join(effects_of(whole, empty, "en"))
    lost = {"debts": whole.debts.total, "late": whole.debts.arrears, "each month": whole.obligations.total}
    assert all((name in told.lower()) >= (amount is not None) for name, amount in lost.items())
