from datetime import timedelta
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.verifier.dossier.pieces import StatusCheck
from blauweknop.verifier.dossier.rechecking import recheck_due
from tests.unit.checking.exercise_documents import NOW
from tests.unit.verifier.dossier.dossier_world import Desk, DossierWorld, study_debt

LISTED = {"status_uri": "https://duo.example/status/1", "status_index": 7}
AGAIN = "/opnieuw-controleren"
WORDS = ("valid", "withdrawn", "suspended", "unknown", "a word of later")


SAID = st.dictionaries(st.integers(1, 3), st.sampled_from(WORDS))


def at(minute: int, said: dict[int, str]) -> StatusCheck:
    return StatusCheck(NOW + timedelta(minutes=minute), said)


def test_what_its_source_withdrew_later_turns_red_and_counts_no_more(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt(**LISTED)])
    assert "12.345,67" in desk.get(dossier).text
    world.said[7] = "withdrawn"
    assert desk.post(dossier, AGAIN).headers["location"].endswith(f"/dossiers/{dossier}#lijst")
    page = desk.get(dossier).text
    assert "Ontvangen, telt niet meer" in page
    assert "ingetrokken nadat u het ontving" in page
    assert desk.get(dossier, "/dossier.json").json()["debts"]["total"] is None


def test_what_is_still_valid_stays_green_with_the_new_moment(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt(**LISTED)])
    world.said[7] = "valid"
    world.asking.later(hours=2)
    desk.post(dossier, AGAIN)
    (piece,) = desk.get(dossier, "/dossier.json").json()["pieces"]
    assert (piece["colour"], piece["checked_at"]) == ("green", world.asking.now.isoformat())


def test_what_cannot_be_told_is_never_green(world: DossierWorld, desk: Desk) -> None:
    silent, unlisted = world.answered([study_debt(**LISTED)]), world.answered([study_debt()])
    for dossier in (silent, unlisted):
        desk.post(dossier, AGAIN)
        assert desk.get(dossier, "/dossier.json").json()["pieces"][0]["colour"] == "orange"
        assert "niet nagaan of de bron dit introk" in desk.get(dossier).text


def test_what_is_on_hold_is_not_certain(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt(**LISTED)])
    world.said[7] = "suspended"
    desk.post(dossier, AGAIN)
    assert "tijdelijk stilgezet" in desk.get(dossier).text


def test_what_was_withdrawn_stays_so_when_its_source_is_silent_later(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt(**LISTED)])
    world.said[7] = "withdrawn"
    desk.post(dossier, AGAIN)
    world.said.clear()
    desk.post(dossier, AGAIN)
    assert desk.get(dossier, "/dossier.json").json()["pieces"][0]["colour"] == "red"


def test_each_dossier_is_looked_at_once_a_day(world: DossierWorld, desk: Desk) -> None:
    recheck_due(world.dossiers(), world.asking.now + timedelta(days=1), most=1000)
    dossier = world.answered([study_debt(**LISTED)])
    world.said[7] = "withdrawn"
    assert recheck_due(world.dossiers(), world.asking.now) == 0
    world.asking.later(days=1)
    assert recheck_due(world.dossiers(), world.asking.now, most=1000) >= 1
    assert desk.get(dossier, "/dossier.json").json()["pieces"][0]["colour"] == "red"
    assert recheck_due(world.dossiers(), world.asking.now) == 0


def test_no_export_tells_the_place_in_a_status_list(world: DossierWorld, desk: Desk) -> None:
    text = desk.get(world.answered([study_debt(**LISTED)]), "/dossier.json").text
    assert "status_index" not in text
    assert "duo.example" not in text


def test_who_may_not_see_a_dossier_checks_nothing(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt(**LISTED)])
    desk.get(dossier)
    world.allowed = False
    assert desk.post(dossier, AGAIN).status_code == 404
    kept = world.services().answers.of_request(dossier)
    assert kept is not None
    assert world.dossiers().records.last_check(kept.id) is None


@given(SAID, SAID, SAID)
def test_in_whatever_order_looks_are_kept_good_is_what_the_newest_says_and_nobody_withdrew(
    oldest: dict[int, str], middle: dict[int, str], newest: dict[int, str]
) -> None:
    one, two, three = at(0, oldest), at(1, middle), at(2, newest)
    withdrawn = {number for look in (one, two, three) for number, word in look.said.items() if word == "withdrawn"}
    good = {number for number, word in three.said.items() if word == "valid"} - withdrawn
    for order in permutations((one, two, three)):
        known = reduce(StatusCheck.with_other, order)
        assert known.at == three.at
        assert {number for number, word in known.said.items() if word == "withdrawn"} == withdrawn
        assert {number for number, word in known.said.items() if word == "valid"} == good


@pytest.mark.parametrize(
    ("earlier", "later", "stands"),
    [
        ("valid", "unknown", "unknown"),
        ("unknown", "valid", "valid"),
        ("suspended", "unknown", "suspended"),
        ("suspended", "valid", "valid"),
        ("suspended", "withdrawn", "withdrawn"),
        ("withdrawn", "valid", "withdrawn"),
    ],
)
def test_of_two_looks_the_newer_counts_but_not_knowing_is_no_news_of_what_was_bad(earlier: str, later: str, stands: str) -> None:
    old, new = at(0, {1: earlier}), at(1, {1: later})
    assert new.with_other(old) == old.with_other(new) == StatusCheck(new.at, {1: stands})


def test_what_was_on_hold_stays_so_when_its_source_is_silent_later(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt(**LISTED)])
    world.said[7] = "suspended"
    desk.post(dossier, AGAIN)
    world.said.clear()
    world.asking.later(hours=1)
    desk.post(dossier, AGAIN)
    assert "tijdelijk stilgezet" in desk.get(dossier).text
