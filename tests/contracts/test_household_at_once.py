"""What happens to two parts of a household at the very same moment."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from blauweknop.verifier.asking.inviting import ask_together
from blauweknop.verifier.asking.ports import RequestState
from blauweknop.verifier.asking.returning import Return, come_back
from tests.contracts.at_once import during, waiting
from tests.unit.verifier.asking.asking_world import PATH, QUESTION, SITE, AskingWorld, led_back
from tests.unit.verifier.asking.test_two_together import Two, kept, of_bea, state

pytestmark = pytest.mark.suite("postgresql")
Found = TypeVar("Found")


def asked(world: AskingWorld) -> Two:
    made = ask_together(QUESTION, None, world.services())
    return Two(made.first_link.removeprefix(SITE), made.second_link.removeprefix(SITE), made.first.id, made.second.id)


def at_the_end(world: AskingWorld, first: Callable[[AskingWorld], Return], second: Callable[[], Found]) -> tuple[Return, Found]:
    """The second begins when the first has done all but end its transaction."""
    return during(world.engine, lambda held: first(AskingWorld(world.engine, changes={"together": held})), second)


def test_one_person_cannot_fill_both_parts_at_the_very_same_moment(world: AskingWorld) -> None:
    two = asked(world)
    one, same = waiting(world, two.first), waiting(world, two.second)
    assert at_the_end(world, one, lambda: same(world)) == (Return.DONE, Return.DONE)
    assert kept(world, two.first_id) is not None
    assert kept(world, two.second_id) is None
    assert state(world, two.second_id) is RequestState.OPEN


def test_two_people_who_answer_at_the_very_same_moment_are_both_kept(world: AskingWorld) -> None:
    two = asked(world)
    one, other = waiting(world, two.second, of_bea()), waiting(world, two.first)
    assert at_the_end(world, one, lambda: other(world)) == (Return.DONE, Return.DONE)
    assert kept(world, two.first_id) is not None
    assert kept(world, two.second_id) is not None


def test_withdrawing_the_first_request_leaves_a_second_part_that_came_at_the_very_same_moment(world: AskingWorld) -> None:
    two = asked(world)
    with world.browser() as browser:
        code = led_back(browser.begin(two.second).answer()).partition("response_code=")[2]
        session = browser.client.cookies.get(world.services().session_cookie.name)
        ended = at_the_end(
            world, lambda held: come_back(code, session, held.services()), lambda: world.services().requests.withdraw(two.first_id)
        )
        assert ended == (Return.DONE, True)
        assert "Dit is ontvangen" in browser.get(f"{PATH}/klaar?taal=nl").text
    assert state(world, two.first_id) is RequestState.WITHDRAWN
    assert state(world, two.second_id) is RequestState.ANSWERED
