import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from blauweknop.domain.document import NoData, Outcome, Unavailable
from blauweknop.issuer.gather import gather
from tests.unit.issuer.source_world import ANNA, DEBT, GRANT, JOBS, NOON, StandInSystem, found

Answers = Mapping[str, Outcome | Exception | Callable[[], Outcome]]


def gathered(answers: Answers, *, wait_seconds: float = 5.0) -> dict[str, Outcome]:
    system = StandInSystem(answers, [])
    systems = dict.fromkeys(answers, system)
    with ThreadPoolExecutor(4) as pool:
        return asyncio.run(gather(ANNA.bsn, (DEBT, GRANT, JOBS), systems, at=NOON, wait_seconds=wait_seconds, pool=pool))


def test_each_data_set_has_its_own_outcome() -> None:
    answers: Answers = {DEBT.id: found(DEBT), GRANT.id: NoData(), JOBS.id: Unavailable("connection")}
    assert gathered(answers) == answers


def test_a_data_set_without_a_system_is_not_offered() -> None:
    assert gathered({DEBT.id: NoData(), GRANT.id: NoData()})[JOBS.id] == Unavailable("configuration", retry_worthwhile=False)


def test_who_is_late_is_unavailable_and_the_others_are_there_in_time() -> None:
    end = threading.Event()

    def late() -> Outcome:
        end.wait(10)
        return NoData()

    system = StandInSystem({DEBT.id: late, GRANT.id: NoData(), JOBS.id: NoData()}, [])
    systems = {dataset.id: system for dataset in (DEBT, GRANT, JOBS)}
    with ThreadPoolExecutor(4) as pool:
        started = time.monotonic()
        outcomes = asyncio.run(gather(ANNA.bsn, (DEBT, GRANT, JOBS), systems, at=NOON, wait_seconds=0.2, pool=pool))
        assert time.monotonic() - started < 8  # and not after the ten seconds of who is late
        end.set()
    assert outcomes == {DEBT.id: Unavailable("timeout"), GRANT.id: NoData(), JOBS.id: NoData()}


def test_systems_are_asked_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=5)

    def meets_the_others() -> Outcome:
        together.wait()
        return NoData()

    answers: Answers = {DEBT.id: meets_the_others, GRANT.id: meets_the_others, JOBS.id: meets_the_others}
    assert set(gathered(answers).values()) == {NoData()}


def test_a_fault_in_one_source_does_not_take_the_others_away_and_its_text_stays_out_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = gathered({DEBT.id: KeyError("van der Berg"), GRANT.id: NoData(), JOBS.id: NoData()})
    assert outcomes[DEBT.id] == Unavailable("fault")
    assert outcomes[GRANT.id] == NoData()
    logged = capsys.readouterr().out
    assert "KeyError" in logged
    assert "van der Berg" not in logged
