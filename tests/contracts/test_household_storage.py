"""Which two requests belong together, on a real database: one second part whoever invites at once, and no trace of who is gone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verifier_answers import VerifierAnswers, sweep_answers
from blauweknop.adapters.verifier_households import VERIFIER_HOUSEHOLDS, HouseholdStore
from blauweknop.adapters.verifier_requests import RequestStore, sweep_requests
from blauweknop.adapters.verifier_staff import TaskStore
from blauweknop.verifier.asking.answers import Answer
from blauweknop.verifier.asking.household import MOST_INVITATIONS, Household, Households, Needed
from blauweknop.verifier.asking.ports import RequestState
from tests.databases import with_tables
from tests.unit.verifier.asking.asking_world import QUESTION

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEY, OTHER_KEY = RowKey.from_secret(bytes(range(32))), RowKey.from_secret(bytes(32))
NEEDED = Needed("inkomen", "sv_loon_jaar", 4321987)
CALLERS = 8


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def households(engine: Engine, receiver: str = "huur", key: RowKey = KEY) -> HouseholdStore:
    return HouseholdStore(engine, key, receiver)


def requests(engine: Engine) -> RequestStore:
    return RequestStore(engine, KEY, "huur")


def one(engine: Engine) -> str:
    return requests(engine).open(QUESTION, now=NOON, life=DAY)[1].id


def two(engine: Engine) -> tuple[str, str]:
    first, second = one(engine), one(engine)
    households(engine).begin(Household(first, second, NEEDED))
    return first, second


def answer(engine: Engine, request_id: str) -> None:
    kept = VerifierAnswers(engine, KEY, "huur").keep(Answer(request_id, QUESTION, (), NOON), erase_at=NOON + DAY)
    assert kept is not None


def state(engine: Engine, request_id: str) -> RequestState | None:
    request = requests(engine).by_id(request_id)
    return request.state if request is not None else None


def cells(engine: Engine) -> list[object]:
    with reading(engine) as connection:
        return [cell for row in connection.execute(select(VERIFIER_HOUSEHOLDS)) for cell in row]


def test_the_store_is_what_asking_needs(engine: Engine) -> None:
    store: Households = households(engine)
    assert store.of_request("00" * 32) is None


def test_there_is_an_end_to_how_often_somebody_is_invited_whoever_invites_at_once(engine: Engine) -> None:
    first, _ = two(engine)
    others = [one(engine) for _ in range(MOST_INVITATIONS + CALLERS)]
    with ThreadPoolExecutor(CALLERS) as pool:
        taken = list(pool.map(lambda other: households(engine).invite(first, other), others))
    assert sum(taken) == MOST_INVITATIONS
    found = households(engine).of_request(first)
    assert found is not None
    assert (found.invited, found.may_invite) == (MOST_INVITATIONS, False)


def test_a_household_of_before_it_was_counted_can_be_read(engine: Engine) -> None:
    first, _ = two(engine)
    with writing(engine) as connection:
        row = connection.execute(select(VERIFIER_HOUSEHOLDS.c.id)).scalar_one()
        content = KEY.encrypt(b'{"needed":null}', table=VERIFIER_HOUSEHOLDS.name, row=row)
        connection.execute(update(VERIFIER_HOUSEHOLDS).values(content=content))
    found = households(engine).of_request(first)
    assert found is not None
    assert (found.needed, found.invited) == (None, 0)


def test_both_requests_lead_to_the_household(engine: Engine) -> None:
    first, second = two(engine)
    assert households(engine).of_request(first) == households(engine).of_request(second) == Household(first, second, NEEDED)


def test_a_household_may_have_nothing_to_compare_and_nobody_asked_yet(engine: Engine) -> None:
    first = one(engine)
    households(engine).begin(Household(first, None))
    assert households(engine).of_request(first) == Household(first, None)


def test_another_receiver_and_another_key_find_nothing(engine: Engine) -> None:
    first, _ = two(engine)
    assert households(engine, "schuldhulp").of_request(first) is None
    assert households(engine, key=OTHER_KEY).of_request(first) is None
    assert households(engine, "schuldhulp").invite(first, one(engine)) is False


def test_what_both_must_have_together_cannot_be_read_by_a_thief(engine: Engine) -> None:
    two(engine)
    stolen = b"".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells(engine))
    assert b"4321987" not in stolen
    assert b"inkomen" not in stolen


def test_a_new_invitation_ends_the_one_before(engine: Engine) -> None:
    first, old = two(engine)
    new = one(engine)
    assert households(engine).invite(first, new)
    assert state(engine, old) is RequestState.WITHDRAWN
    assert households(engine).of_request(old) is None
    assert households(engine).of_request(new) == Household(first, new, NEEDED, invited=1)


def test_a_part_that_was_answered_is_nobody_elses(engine: Engine) -> None:
    first, second = two(engine)
    answer(engine, second)
    assert households(engine).invite(first, one(engine)) is False
    assert households(engine).of_request(first) == Household(first, second, NEEDED)


def test_of_many_who_invite_at_once_one_link_works(engine: Engine) -> None:
    first, _ = two(engine)
    links = [one(engine) for _ in range(CALLERS)]
    with ThreadPoolExecutor(CALLERS) as pool:
        done = list(pool.map(lambda link: households(engine).invite(first, link), links))
    household = households(engine).of_request(first)
    assert household is not None
    assert [link for link in links if households(engine).of_request(link) == household] == [household.second]
    assert all(done)


def test_who_works_on_the_first_works_on_whom_is_invited_later(engine: Engine) -> None:
    first, _ = two(engine)
    tasks = TaskStore(engine, "huur")
    tasks.give(first, "ab" * 32, now=NOON)
    new = one(engine)
    assert households(engine).invite(first, new)
    assert tasks.of_whom(new) == {"ab" * 32}


def test_the_second_ends_with_the_first_and_the_first_not_with_the_second(engine: Engine) -> None:
    first, second = two(engine)
    assert requests(engine).withdraw(second)
    assert state(engine, first) is RequestState.OPEN
    first, second = two(engine)
    assert requests(engine).withdraw(first)
    assert state(engine, second) is RequestState.WITHDRAWN


def test_an_answer_of_the_second_stays_when_the_first_is_withdrawn(engine: Engine) -> None:
    first, second = two(engine)
    answer(engine, second)
    assert requests(engine).withdraw(first)
    assert state(engine, second) is RequestState.ANSWERED


def test_of_a_part_that_is_over_not_even_a_hash_is_left(engine: Engine) -> None:
    first, second = two(engine)
    answer(engine, first)
    sweep_answers(engine, NOON + DAY)
    assert state(engine, second) is RequestState.WITHDRAWN
    assert households(engine).of_request(second) == Household(None, second, NEEDED)
    assert bytes.fromhex(first) not in cells(engine)


def test_what_binds_two_requests_goes_with_the_last_of_them(engine: Engine) -> None:
    two(engine)
    sweep_requests(engine, NOON)
    assert cells(engine)
    sweep_requests(engine, NOON + DAY)
    assert cells(engine) == []
