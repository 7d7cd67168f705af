"""What was good when it came is looked at again, by itself: withdrawn turns red and says what to do, not found out is never green."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from blauweknop.adapters.holder_store import ItemStore
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import CheckedKind, CheckResult, CheckStep, Colour, Rejected, Undecided, Verdict, VerdictFacts, Verified
from blauweknop.holder.account_log import Happening, read_log
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.kept_documents import KeptItems, LastCheck, keep_checks, kept_items
from blauweknop.holder.looking_again import due_of, outcome_of
from tests.unit.holder.filled_vaults import vault_of
from tests.unit.holder.holder_world import NOON, HolderWorld, Person, words
from tests.unit.holder.test_overview_pages import filled

DAY = timedelta(days=1)
GREEN = LastCheck(Colour.GREEN, NOON)


def verdict(result: CheckResult, *reasons: str) -> Verdict:
    facts = VerdictFacts(tuple(CheckStep("step", result, reason) for reason in reasons), kind=CheckedKind.DOCUMENT)
    if result is CheckResult.OK:
        return Verified(facts, {})
    return Rejected(facts, "x") if result is CheckResult.FAIL else Undecided(facts, "x")


def withdrawn(_: bytes, __: datetime) -> Verdict:
    return verdict(CheckResult.FAIL, "withdrawn")


def unreachable(_: bytes, __: datetime) -> Verdict:
    raise BlauweKnopError("there is no trust list")


@pytest.mark.parametrize(
    ("found", "colour", "is_withdrawn"),
    [
        (verdict(CheckResult.OK, "ok"), Colour.GREEN, False),
        (verdict(CheckResult.FAIL, "withdrawn"), Colour.RED, True),
        (verdict(CheckResult.FAIL, "issuer_not_entitled"), Colour.RED, False),
        (verdict(CheckResult.SKIPPED, "status_unreachable"), Colour.ORANGE, False),
        (verdict(CheckResult.SKIPPED, "data_expired", "status_unreachable"), Colour.ORANGE, False),
        (verdict(CheckResult.SKIPPED, "data_expired"), Colour.GREEN, False),
        (None, Colour.ORANGE, False),
    ],
)
def test_what_a_check_says_later_is_what_counts(found: Verdict | None, colour: Colour, is_withdrawn: bool) -> None:
    assert outcome_of(found, GREEN, NOON + DAY) == LastCheck(colour, NOON + DAY, is_withdrawn)


@pytest.mark.parametrize("found", [None, verdict(CheckResult.SKIPPED, "status_unreachable")])
def test_what_was_red_is_no_orange_because_it_cannot_be_checked(found: Verdict | None) -> None:
    assert outcome_of(found, LastCheck(Colour.RED, NOON, True), NOON + DAY).colour is Colour.RED


@pytest.mark.parametrize(
    ("check", "after", "is_due"),
    [
        (GREEN, DAY - timedelta(seconds=1), False),
        (GREEN, DAY, True),
        (LastCheck(Colour.ORANGE, NOON), timedelta(minutes=59), False),
        (LastCheck(Colour.ORANGE, NOON), timedelta(hours=1), True),
        (LastCheck(Colour.RED, NOON), DAY, True),
        (LastCheck(Colour.RED, NOON, True), 9 * DAY, False),
    ],
)
def test_each_document_is_looked_at_once_a_day(world: HolderWorld, check: LastCheck, after: timedelta, is_due: bool) -> None:
    person, pay, debt = filled(world)
    keep_checks(vault_of(person), {pay: LastCheck(Colour.RED, NOON, True), debt: check})
    assert [document.key for document in due_of(kept(person), NOON + after)] == ([debt] if is_due else [])


def kept(person: Person) -> KeptItems:
    return kept_items(vault_of(person))


def visit_tomorrow(world: HolderWorld, check: Any, paths: Sequence[str] = ("/overzicht",)) -> tuple[Person, str, str]:
    """Somebody who comes back a day later; all that began in the background is done."""
    world.check, world.background = check, Background(threads=1)
    person, pay, debt = filled(world)
    world.wait(days=1)
    person.unlock()
    for path in paths:
        assert person.open(path).status_code == 200
    world.background.stop()
    return person, pay, debt


@pytest.mark.parametrize("path", ["/overzicht", "/gegevens"])
def test_a_withdrawn_document_turns_red_by_itself_and_says_what_to_do(world: HolderWorld, path: str) -> None:
    person, _, debt = visit_tomorrow(world, withdrawn, [path])
    for page in ("/overzicht", "/gegevens"):
        shown = person.open(page).text
        assert "2 documenten zijn niet meer te gebruiken" in words(shown)
        assert "DUO heeft een document ingetrokken. Het telt niet meer mee. Haal een nieuw op." in words(shown)
        assert f'href="/mijn/documenten/{debt}"' in shown
    assert "Ingetrokken, telt niet mee" in words(person.open("/overzicht").text)
    assert "1.234,56" not in person.open("/overzicht").text
    assert [line.happening for line in read_log(vault_of(person))].count(Happening.WITHDRAWN) == 2


def test_a_document_that_cannot_be_checked_is_not_green_and_counts_still(world: HolderWorld) -> None:
    person, _, debt = visit_tomorrow(world, unreachable)
    page = person.open("/overzicht").text
    assert words(page).count("Nu niet te controleren") == 2
    assert "Telt mee" not in words(page)
    assert "1.234,56" in page
    assert "Nu niet te controleren" in words(person.open(f"/documenten/{debt}").text)


def test_on_the_day_that_it_came_nothing_is_looked_at(world: HolderWorld) -> None:
    world.check, world.background = withdrawn, Background(threads=1)
    person, _, _ = filled(world)
    person.open("/overzicht")
    world.background.stop()
    assert kept(person).lost == ()


def test_a_full_account_remembers_what_was_found(world: HolderWorld) -> None:
    world.changes["items"] = ItemStore(world.engine, most_items=2)
    person, _, _ = visit_tomorrow(world, withdrawn)
    assert len(kept(person).lost) == 2
    assert [line.happening for line in read_log(vault_of(person))].count(Happening.WITHDRAWN) == 2


def test_no_page_waits_for_a_check(world: HolderWorld) -> None:
    """A check that never ends is begun, and the page is there."""
    world.check, world.background = withdrawn, _NeverDone()
    person, _, _ = filled(world)
    world.wait(days=1)
    person.unlock()
    assert person.open("/overzicht").status_code == 200
    assert world.background.begun == 1


class _NeverDone(Background):
    begun = 0

    def begin(self, name: bytes, work: Any) -> None:
        self.begun += 1
