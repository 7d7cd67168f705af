"""What a person reads after the login about documents that do not count any more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from blauweknop.issuer.withdraw import Reason
from blauweknop.issuer.withdrawn import WithdrawnItem
from tests.unit.issuer.source_world import ANNA, BERT, DEBT, GRANT, LOW_ANNA, NOON, World, words

ITEM = WithdrawnItem(DEBT.id, False, NOON - timedelta(days=20), NOON - timedelta(days=3), Reason.CORRECTION)
TITLE = "DUO heeft iets ingetrokken dat u eerder hebt gehaald"


def shown(world: World, *items: WithdrawnItem, language: str = "nl") -> str:
    world.withdrawn.items[ANNA.bsn] = [*items]
    browser = world.browser()
    browser.log_in()
    return words(browser.open("/kiezen", **{"Accept-Language": language}).text)


def test_who_has_nothing_withdrawn_reads_nothing_of_it(world: World) -> None:
    assert "ingetrokken" not in shown(world)


def test_what_when_why_and_what_to_do_are_said(world: World) -> None:
    page = shown(world, ITEM)
    assert TITLE in page
    assert "Studieschuld: document van 3 november 2026, ingetrokken op 20 november 2026. Uw gegevens zijn verbeterd of veranderd." in page
    assert "Haal het dan hieronder opnieuw op" in page


def test_it_is_said_in_english_too(world: World) -> None:
    page = shown(world, ITEM, language="en")
    assert "document of 3 November 2026, taken back on 20 November 2026. Your data were corrected or have changed." in page


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason.CORRECTION, "Uw gegevens zijn verbeterd of veranderd."),
        (Reason.KEY, "Er was iets mis met de beveiliging bij DUO. Het ligt niet aan u."),
        (Reason.OTHER, "U kunt DUO vragen waarom."),
    ],
)
def test_each_reason_has_its_words(world: World, reason: Reason, said: str) -> None:
    assert said in shown(world, replace(ITEM, reason=reason))


def test_the_copies_of_a_batch_are_one_line(world: World) -> None:
    page = shown(world, *[replace(ITEM, is_credential=True)] * 10)
    assert page.count("bewijs in uw wallet van 3 november 2026") == 1
    assert "En nog" not in page


def test_days_are_those_of_dutch_clocks(world: World) -> None:
    assert "document van 1 januari 2026" in shown(world, replace(ITEM, made_at=datetime(2025, 12, 31, 23, 0, tzinfo=UTC)))


def test_the_newest_three_are_shown_and_the_others_counted(world: World) -> None:
    items = [replace(ITEM, made_at=NOON - timedelta(days=40 - number), withdrawn_at=NOON - timedelta(days=number)) for number in range(7)]
    page = shown(world, *items)
    assert page.count(", ingetrokken op ") == 3
    assert page.index("ingetrokken op 23 november") < page.index("ingetrokken op 21 november")
    assert "En nog 4 die eerder zijn ingetrokken." in page


def test_it_is_told_for_a_year(world: World) -> None:
    shown(world, ITEM)
    assert world.withdrawn.asked_since == [NOON - timedelta(days=365)]


def test_another_person_reads_nothing_of_it(world: World) -> None:
    world.withdrawn.items[BERT.bsn] = [ITEM]
    assert TITLE not in shown(world)


def test_who_logged_in_too_low_to_choose_reads_it_all_the_same(world: World) -> None:
    world.datasets, world.login.person = (GRANT,), LOW_ANNA
    assert TITLE in shown(world, replace(ITEM, dataset_id=GRANT.id))


def test_who_did_not_log_in_reads_nothing_of_it(world: World) -> None:
    world.withdrawn.items[ANNA.bsn] = [ITEM]
    page = words(world.browser().open("/kiezen").text)
    assert TITLE not in page
    assert world.withdrawn.asked_since == []
