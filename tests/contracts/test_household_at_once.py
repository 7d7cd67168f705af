"""What happens to two parts of a household at the very same moment, on a real PostgreSQL with a connection for each: SQLite lets one
write at a time, so there is no such moment there."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import one_transaction, open_database, reading, upgrade
from blauweknop.verifier.asking.inviting import ask_together
from blauweknop.verifier.asking.ports import RequestState
from blauweknop.verifier.asking.returning import Return, come_back
from tests.unit.verifier.asking.asking_world import PATH, QUESTION, SITE, AskingWorld, led_back
from tests.unit.verifier.asking.test_two_together import Two, kept, of_bea, state

pytestmark = pytest.mark.suite("postgresql")
Found = TypeVar("Found")
AT_MOST = 30
"""Seconds; only a test that fails takes them."""
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@dataclass
class Held:
    """Transactions that do all their work, and then end when they are told to."""

    engine: Engine
    ready: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with one_transaction(self.engine):
            yield
            self.ready.set()
            assert self.go.wait(AT_MOST)


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[Engine]:
    opened = open_database(postgresql_url)
    upgrade(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def world(engine: Engine) -> AskingWorld:
    return AskingWorld(engine)


def asked(world: AskingWorld) -> Two:
    made = ask_together(QUESTION, None, world.services())
    return Two(made.first_link.removeprefix(SITE), made.second_link.removeprefix(SITE), made.first.id, made.second.id)


def waiting(world: AskingWorld, path: str, credential: str | None = None) -> Callable[[AskingWorld], Return]:
    """An answer that was judged; calling this is the browser that comes back for it."""
    with world.browser() as browser:
        holder = browser.begin(path)
        given = {"schuld-kort": [holder.shown(credential)]} if credential else None
        code = led_back(holder.answer(given)).partition("response_code=")[2]  # type: ignore[arg-type]  # lists of text are JSON
        session = browser.client.cookies.get(world.services().session_cookie.name)
    return lambda any_world: come_back(code, session, any_world.services())


def during(world: AskingWorld, first: Callable[[AskingWorld], Return], second: Callable[[], Found]) -> tuple[Return, Found]:
    """Let the second begin when the first has done all but end its transaction, and let that end when the second waits for it."""
    held = Held(world.engine)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first, AskingWorld(world.engine, changes={"together": held}))
        assert held.ready.wait(AT_MOST)
        other = pool.submit(second)
        until_blocked(world.engine, other)
        held.go.set()
        return one.result(AT_MOST), other.result(AT_MOST)


def until_blocked(engine: Engine, other: "Future[Found]") -> None:
    while not other.done():
        with reading(engine) as connection:
            if connection.execute(_WAITING).scalar_one():
                return


def test_one_person_cannot_fill_both_parts_at_the_very_same_moment(world: AskingWorld) -> None:
    two = asked(world)
    one, same = waiting(world, two.first), waiting(world, two.second)
    assert during(world, one, lambda: same(world)) == (Return.DONE, Return.DONE)
    assert kept(world, two.first_id) is not None
    assert kept(world, two.second_id) is None
    assert state(world, two.second_id) is RequestState.OPEN


def test_two_people_who_answer_at_the_very_same_moment_are_both_kept(world: AskingWorld) -> None:
    two = asked(world)
    one, other = waiting(world, two.second, of_bea()), waiting(world, two.first)
    assert during(world, one, lambda: other(world)) == (Return.DONE, Return.DONE)
    assert kept(world, two.first_id) is not None
    assert kept(world, two.second_id) is not None


def test_withdrawing_the_first_request_leaves_a_second_part_that_came_at_the_very_same_moment(world: AskingWorld) -> None:
    two = asked(world)
    with world.browser() as browser:
        code = led_back(browser.begin(two.second).answer()).partition("response_code=")[2]
        session = browser.client.cookies.get(world.services().session_cookie.name)
        ended = during(
            world, lambda held: come_back(code, session, held.services()), lambda: world.services().requests.withdraw(two.first_id)
        )
        assert ended == (Return.DONE, True)
        assert "Dit is ontvangen" in browser.get(f"{PATH}/klaar?taal=nl").text
    assert state(world, two.first_id) is RequestState.WITHDRAWN
    assert state(world, two.second_id) is RequestState.ANSWERED
