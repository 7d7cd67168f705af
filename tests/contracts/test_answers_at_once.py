"""What happens to an answer that is kept at the very moment at which it is taken back, or its request is withdrawn or forgotten."""

import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest

from blauweknop.adapters.verifier_answers import VerifierAnswers
from blauweknop.adapters.verifier_requests import sweep_requests
from blauweknop.verifier.afterwards.ports import AfterwardsServices
from blauweknop.verifier.afterwards.withdrawing import withdraw_by_link
from blauweknop.verifier.asking.household import Household
from blauweknop.verifier.asking.ports import RequestState
from blauweknop.verifier.asking.returning import Return, come_back
from tests.contracts.at_once import Held, during, waiting
from tests.unit.verifier.asking.asking_world import ROW_KEY, AskingWorld, led_back
from tests.unit.verifier.asking.test_two_together import asked, kept, of_bea, state

pytestmark = pytest.mark.suite("postgresql")
WHOLE_LIFE = timedelta(minutes=1)
"""Of a request; an attempt to answer it lives longer."""


def at_the_end(held: Held) -> AskingWorld:
    """A receiver that stops when an answer is kept, before others can see it."""
    return AskingWorld(held.engine, changes={"together": held})


def on_the_way(held: Held) -> AskingWorld:
    """A receiver that stops when an attempt ended, and its answer is not kept yet."""

    def stops(count: int) -> bytes:
        held.stop()
        return secrets.token_bytes(count)

    return AskingWorld(held.engine, changes={"answers": VerifierAnswers(held.engine, ROW_KEY, "schuldhulp", stops)})


def taking_back(world: AskingWorld, request_path: str) -> tuple[Callable[[AskingWorld], Return], Callable[[], str | None]]:
    """The browser that comes back for an answer, and the link of its receipt."""
    with world.browser() as browser:
        code = led_back(browser.begin(request_path).answer()).partition("response_code=")[2]
        services = world.services()
        session = browser.client.cookies.get(services.session_cookie.name)
    attempt = services.transactions.by_code(code, now=world.now)
    assert attempt is not None
    afterwards = AfterwardsServices(services.receiver.signer, services.sharings, services.clock)
    link = str(attempt.content["withdraw"])
    return lambda any_world: come_back(code, session, any_world.services()), lambda: withdraw_by_link(link, afterwards)


def request_id(world: AskingWorld, path: str) -> str:
    request = world.services().requests.by_token(path.rpartition("/")[2], now=world.now)
    assert request is not None
    return request.id


@pytest.mark.parametrize("moment", [at_the_end, on_the_way])
def test_nothing_is_left_of_an_answer_that_is_taken_back_at_the_very_moment_it_is_kept(
    world: AskingWorld, moment: Callable[[Held], AskingWorld]
) -> None:
    path = world.request()
    request = request_id(world, path)
    back, take_back = taking_back(world, path)
    returned, proof = during(world.engine, lambda held: back(moment(held)), take_back)
    assert returned is Return.DONE
    assert proof is not None
    assert kept(world, request) is None
    assert world.services().requests.by_id(request) is None


def test_who_comes_back_for_an_answer_that_was_taken_back_finds_nothing(world: AskingWorld) -> None:
    path = world.request()
    back, take_back = taking_back(world, path)
    assert take_back() is not None
    assert back(world) is Return.UNKNOWN
    assert state(world, request_id(world, path)) is RequestState.OPEN


@pytest.mark.parametrize("moment", [at_the_end, on_the_way])
def test_a_request_cannot_be_withdrawn_at_the_very_moment_its_answer_is_kept(
    world: AskingWorld, moment: Callable[[Held], AskingWorld]
) -> None:
    path = world.request()
    request = request_id(world, path)
    back = waiting(world, path)
    ended = during(world.engine, lambda held: back(moment(held)), lambda: world.services().requests.withdraw(request))
    assert ended == (Return.DONE, False)
    assert state(world, request) is RequestState.ANSWERED


@pytest.mark.parametrize("moment", [at_the_end, on_the_way])
def test_an_answer_is_kept_at_the_very_moment_its_request_is_forgotten(world: AskingWorld, moment: Callable[[Held], AskingWorld]) -> None:
    two = asked(world, WHOLE_LIFE)
    back = waiting(world, two.second, of_bea())
    ended = during(world.engine, lambda held: back(moment(held)), lambda: sweep_requests(world.engine, world.now + WHOLE_LIFE))
    assert ended == (Return.DONE, 1)
    assert kept(world, two.second_id) is not None
    assert world.services().households.of_request(two.second_id) == Household(None, two.second_id)
