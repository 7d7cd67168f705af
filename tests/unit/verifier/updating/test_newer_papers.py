"""Own papers in an update: each in the place of one that the person gave before, held to the same rules, and never more of them."""

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.adapters.verifier_sharings import VerifierSharings
from blauweknop.domain.document import JsonValue
from blauweknop.verifier.asking.judging import ResponseProblem
from blauweknop.verifier.asking.papers import newer_papers, own_papers
from tests.unit.verifier.asking.asking_world import ROW_KEY, AskingWorld, Browser
from tests.unit.verifier.updating.updating_world import Followed, code_of, follow


def paper(content: bytes = b"%PDF-1.7 eerste", **changes: JsonValue) -> dict[str, JsonValue]:
    usual: dict[str, JsonValue] = {
        "title": "Huurcontract",
        "media_type": "application/pdf",
        "sha256": hashlib.sha256(content).hexdigest(),
        "content": base64.b64encode(content).decode(),
    }
    return usual | changes


NEWER = paper(b"%PDF-1.7 tweede", title="Nieuw huurcontract", replaces=2)


@pytest.fixture
def followed(world: AskingWorld, browser: Browser) -> Followed:
    """Somebody gave two papers with the first answer."""
    return follow(world, browser, bk_own_papers=[paper(), paper(title="Loonstrook")])


def kept_papers(followed: Followed) -> list[dict[str, JsonValue]]:
    kept = followed.world.kept(followed.path)
    assert kept is not None
    return [dict(each) for each in kept.answer.own_papers]


def send(followed: Followed, *papers: JsonValue, update_id: str = "") -> Any:
    holder = followed.hear(update_id)
    return holder.answer({"schuld-kort": [holder.shown(followed.newer())]}, bk_own_papers=[*papers])


def test_a_newer_paper_takes_the_place_of_the_earlier_one_of_which_nothing_stays(followed: Followed) -> None:
    followed.receipt_of(send(followed, NEWER))
    first, second = kept_papers(followed)
    assert first == paper()
    assert second == {name: value for name, value in NEWER.items() if name != "replaces"} | {"came_at": followed.world.now.isoformat()}


def test_a_newer_paper_goes_with_what_proves_whose_it_is_or_not_at_all(followed: Followed) -> None:
    assert code_of(followed.hear().answer({}, bk_own_papers=[NEWER])) == "response_unbound"
    assert kept_papers(followed)[1] == paper(title="Loonstrook")


def test_a_paper_is_replaced_again_by_the_same_number(followed: Followed) -> None:
    kept = followed.world.kept(followed.path)
    assert kept is not None
    assert followed.world.services().answers.replace_papers(kept.answer.request_id, {2: paper(title="Tussendoor")})
    followed.receipt_of(send(followed, NEWER | {"title": "Nog nieuwer"}))
    assert [each["title"] for each in kept_papers(followed)] == ["Huurcontract", "Nog nieuwer"]


@pytest.mark.parametrize(
    "papers",
    [
        [paper()],
        [NEWER | {"replaces": 3}],
        [NEWER | {"replaces": 0}],
        [NEWER | {"replaces": -1}],
        [NEWER | {"replaces": True}],
        [NEWER | {"replaces": "2"}],
        [NEWER, NEWER],
        [NEWER, paper(b"%PDF-1.7 derde", replaces=3)],
        [NEWER | {"media_type": "text/html"}],
        [NEWER | {"media_type": "image/png"}],
        [NEWER | {"title": "a\u202eb"}],
        [NEWER | {"sha256": "0" * 64}],
        [NEWER | {"content": "?"}],
        [NEWER] * 11,
    ],
    ids=[
        "an added one",
        "in the place of none",
        "number zero",
        "below zero",
        "a yes for a number",
        "a text for a number",
        "two in one place",
        "one good and one added",
        "of another type",
        "another type than it says",
        "odd title",
        "another hash",
        "no base64",
        "too many",
    ],
)
def test_a_paper_that_breaks_a_rule_spoils_the_update_and_nothing_of_it_is_kept(followed: Followed, papers: list[JsonValue]) -> None:
    before = kept_papers(followed)
    assert code_of(send(followed, *papers)) == "response_papers"
    assert (kept_papers(followed), len(followed.items())) == (before, 1)


def test_who_gave_no_papers_adds_none_later(world: AskingWorld, browser: Browser) -> None:
    followed = follow(world, browser)
    assert code_of(send(followed, NEWER | {"replaces": 1})) == "response_papers"
    assert kept_papers(followed) == []


def test_the_same_update_with_a_paper_is_kept_once_and_gets_its_receipt_again(followed: Followed) -> None:
    one, asked = followed.hear(update_id="u" * 32), followed.asked
    other = followed.hear(update_id="u" * 32)
    for holder, title in ((one, "De eerste"), (other, "De tweede")):
        answer = holder.answer({"schuld-kort": [holder.shown(followed.newer())]}, bk_own_papers=[NEWER | {"title": title}])
        followed.receipt_of(answer, asked=asked)
    assert [each["title"] for each in kept_papers(followed)] == ["Huurcontract", "De eerste"]


def test_papers_come_no_more_often_than_other_news(followed: Followed) -> None:
    followed.receipt_of(send(followed, NEWER))
    followed.world.later(hours=23)
    assert code_of(followed.wish()) == "update_often"


def test_after_the_person_stopped_no_newer_paper_is_taken(followed: Followed) -> None:
    holder = followed.hear()
    VerifierSharings(followed.world.engine, ROW_KEY, followed.world.receiver).follow(followed.receipt.receipt_id, None)
    answer = holder.answer({"schuld-kort": [holder.shown(followed.newer())]}, bk_own_papers=[NEWER])
    assert code_of(answer, 410) == "response_over"
    assert kept_papers(followed)[1] == paper(title="Loonstrook")


@given(st.lists(st.one_of(st.integers(-3, 12), st.booleans(), st.text(max_size=2), st.none()), max_size=12))
def test_of_whatever_numbers_only_whole_ones_that_differ_are_read(numbers: list[JsonValue]) -> None:
    given_papers: list[JsonValue] = [paper(replaces=number) for number in numbers]
    whole = [number for number in numbers if isinstance(number, int) and not isinstance(number, bool) and number > 0]
    if len(numbers) > 10 or len(whole) < len(numbers) or len({*whole}) < len(whole):
        with pytest.raises(ResponseProblem):
            newer_papers({"bk_own_papers": given_papers})
    else:
        assert [*newer_papers({"bk_own_papers": given_papers})] == whole


def test_an_answer_takes_papers_as_they_come_and_keeps_no_number_of_a_place() -> None:
    assert own_papers({"bk_own_papers": [NEWER]}) == ({name: value for name, value in NEWER.items() if name != "replaces"},)
