"""Requests, attempts and answers on a real database: each step once, whoever else is at it; and nothing to read for a thief."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, reading
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verifier_answers import VerifierAnswers, sweep_answers
from blauweknop.adapters.verifier_requests import RequestStore, TransactionStore, sweep_requests
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.answers import Answer, CheckedItem
from blauweknop.verifier.asking.ports import AnswerStore, KeptRequest, Phase, Requests, RequestState, Transactions
from tests.databases import with_tables
from tests.unit.verifier.asking.asking_world import QUESTION

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
KEY, OTHER_KEY = RowKey.from_secret(bytes(range(32))), RowKey.from_secret(bytes(32))
SESSION = "S" * 43
CALLERS = 8


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def requests(engine: Engine, receiver: str = "schuldhulp", key: RowKey = KEY) -> RequestStore:
    return RequestStore(engine, key, receiver)


def transactions(engine: Engine, receiver: str = "schuldhulp", key: RowKey = KEY) -> TransactionStore:
    return TransactionStore(engine, key, receiver)


def answers(engine: Engine, receiver: str = "schuldhulp", key: RowKey = KEY) -> VerifierAnswers:
    return VerifierAnswers(engine, key, receiver)


def asked(engine: Engine) -> tuple[str, KeptRequest]:
    return requests(engine).open(QUESTION, now=NOON, life=DAY, reference="zaak 123")


def answer_to(request: KeptRequest) -> Answer:
    item = CheckedItem("schuld", "schuld-kort", "duo.studieschuld", "dc+sd-jwt", Colour.GREEN, claims={"family_name": "Jansen-Pietersen"})
    return Answer(request.id, QUESTION, (item,), NOON)


def begun(engine: Engine, session: str = SESSION) -> str:
    _, request = asked(engine)
    state, _ = transactions(engine).begin(request.id, session, {"nonce": "geheim-nonce"}, elsewhere=False, now=NOON, life=MINUTE)
    return state


def stored(engine: Engine) -> bytes:
    with reading(engine) as connection:
        cells = [cell for table in METADATA.sorted_tables for row in connection.execute(select(table)) for cell in row]
    return b"\n".join(bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in cells)


def at_once(work: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(CALLERS) as pool:
        return [future.result() for future in [pool.submit(work) for _ in range(CALLERS)]]


def test_the_stores_are_what_asking_needs(engine: Engine) -> None:
    one: Requests = requests(engine)
    two: Transactions = transactions(engine)
    three: AnswerStore = answers(engine)
    assert one.by_id("00" * 32) is None
    assert two.is_known("A" * 43) is False
    assert three.of_request("00" * 32) is None


def test_a_request_comes_back_by_its_token_until_it_ends(engine: Engine) -> None:
    token, request = asked(engine)
    assert requests(engine).by_token(token, now=NOON) == request
    assert requests(engine).by_token(token, now=NOON + DAY) is None
    assert requests(engine).by_id(request.id) == request
    assert requests(engine).newest(most=10) == [request]


def test_each_step_of_an_attempt_comes_once(engine: Engine) -> None:
    store, state = transactions(engine), begun(engine)
    found = store.find_open(state, now=NOON)
    assert found is not None
    assert at_once(lambda: store.ask(found.id, {"nonce": "n"}, now=NOON, life=MINUTE)).count(True) == 1
    assert len([taken for taken in at_once(lambda: store.take(state, now=NOON)) if taken is not None]) == 1
    codes = [code for code in at_once(lambda: store.judge(found.id, {"answer": "x"}, now=NOON)) if code is not None]
    assert len(codes) == 1
    judged = store.by_code(str(codes[0]), now=NOON)
    assert judged is not None
    assert (judged.phase, judged.content) == (Phase.JUDGED, {"answer": "x"})
    assert at_once(lambda: store.finish(found.id, {}, now=NOON, life=MINUTE)).count(True) == 1
    assert store.by_code(str(codes[0]), now=NOON) is None


def test_what_was_taken_is_gone_from_the_database(engine: Engine) -> None:
    store, state = transactions(engine), begun(engine)
    found = store.find_open(state, now=NOON)
    assert found is not None
    store.ask(found.id, found.content, now=NOON, life=MINUTE)
    store.take(state, now=NOON)
    again = store.of_session(SESSION, now=NOON)
    assert again is not None
    assert (again.phase, again.content) == (Phase.TAKEN, {})


def test_no_step_is_skipped(engine: Engine) -> None:
    store, state = transactions(engine), begun(engine)
    found = store.find_open(state, now=NOON)
    assert found is not None
    assert store.take(state, now=NOON) is None
    assert store.judge(found.id, {}, now=NOON) is None
    assert not store.finish(found.id, {}, now=NOON, life=MINUTE)


def test_a_request_is_answered_once(engine: Engine) -> None:
    _, request = asked(engine)
    kept = [one for one in at_once(lambda: answers(engine).keep(answer_to(request), erase_at=NOON + DAY)) if one is not None]
    assert len(kept) == 1
    found = answers(engine).of_request(request.id)
    assert found is not None
    assert (found.id, found.answer, found.erase_at) == (kept[0], answer_to(request), NOON + DAY)
    again = requests(engine).by_id(request.id)
    assert again is not None
    assert again.state is RequestState.ANSWERED


def test_a_request_that_was_taken_back_is_not_answered_and_its_attempts_end(engine: Engine) -> None:
    _, request = asked(engine)
    state, _ = transactions(engine).begin(request.id, SESSION, {}, elsewhere=False, now=NOON, life=MINUTE)
    assert requests(engine).withdraw(request.id)
    assert not requests(engine).withdraw(request.id)
    assert transactions(engine).find_open(state, now=NOON) is None
    assert answers(engine).keep(answer_to(request), erase_at=NOON + DAY) is None


def test_an_attempt_is_of_the_browser_that_began_it(engine: Engine) -> None:
    store, state = transactions(engine), begun(engine)
    found = store.find_open(state, now=NOON)
    assert found is not None
    assert store.is_of_session(found, SESSION)
    assert not any(store.is_of_session(found, other) for other in ("T" * 43, state, "", None))


def test_another_receiver_finds_nothing(engine: Engine) -> None:
    token, request = asked(engine)
    state, begun_here = transactions(engine).begin(request.id, SESSION, {}, elsewhere=False, now=NOON, life=MINUTE)
    assert answers(engine).keep(answer_to(request), erase_at=NOON + DAY)
    other = "huur"
    assert requests(engine, other).by_token(token, now=NOON) is None
    assert requests(engine, other).by_id(request.id) is None
    assert requests(engine, other).newest(most=10) == []
    assert not requests(engine, other).withdraw(request.id)
    assert transactions(engine, other).find_open(state, now=NOON) is None
    assert transactions(engine, other).of_session(SESSION, now=NOON) is None
    assert not transactions(engine, other).is_known(state)
    transactions(engine, other).forget(begun_here.id)
    assert transactions(engine).is_known(state)
    assert answers(engine, other).of_request(request.id) is None


def test_a_stolen_database_tells_nothing(engine: Engine) -> None:
    token, request = asked(engine)
    state = begun(engine)
    answers(engine).keep(answer_to(request), erase_at=NOON + DAY)
    found = stored(engine)
    for secret in (token, state, SESSION, "geheim-nonce", "Jansen", "zaak 123", "studieschuld", "betalingsregeling"):
        assert secret.encode() not in found


def test_with_another_key_everything_is_as_if_it_were_not_there(engine: Engine) -> None:
    token, request = asked(engine)
    state = begun(engine)
    answers(engine).keep(answer_to(request), erase_at=NOON + DAY)
    assert requests(engine, key=OTHER_KEY).by_token(token, now=NOON) is None
    assert transactions(engine, key=OTHER_KEY).find_open(state, now=NOON) is None
    assert answers(engine, key=OTHER_KEY).of_request(request.id) is None


def test_one_round_forgets_so_many_requests(engine: Engine) -> None:
    for _ in range(3):
        asked(engine)
    assert [sweep_requests(engine, NOON + DAY, most=2) for _ in range(3)] == [2, 1, 0]


def test_one_round_erases_so_many_answers_and_the_next_goes_on_with_those_that_ended_later(engine: Engine) -> None:
    kept = [asked(engine)[1] for _ in range(3)]
    for request, days in zip(kept, (3, 1, 2), strict=True):
        answers(engine).keep(answer_to(request), erase_at=NOON + days * DAY)
    assert sweep_answers(engine, NOON + 3 * DAY, most=2) == 2
    assert [answers(engine).of_request(request.id) is not None for request in kept] == [True, False, False]
    assert [sweep_answers(engine, NOON + 3 * DAY, most=2) for _ in range(2)] == [1, 0]


def test_what_ended_is_forgotten(engine: Engine) -> None:
    token, request = asked(engine)
    begun(engine)
    answers(engine).keep(answer_to(request), erase_at=NOON + 2 * DAY)
    assert sweep_requests(engine, NOON) == 0
    assert sweep_requests(engine, NOON + DAY) == 2  # the attempt, and the request that nobody answered
    assert answers(engine).of_request(request.id) is not None
    assert sweep_answers(engine, NOON + 2 * DAY) == 1
    assert answers(engine).of_request(request.id) is None
    assert requests(engine).by_id(request.id) is None
    assert requests(engine).by_token(token, now=NOON) is None
