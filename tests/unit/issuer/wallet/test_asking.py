"""Questions that wait for a wallet: in memory only, so many and so long, and never an answer that is none."""

import asyncio
from concurrent.futures import Future
from datetime import timedelta

import pytest

from blauweknop.domain.document import NoData, Outcome, Unavailable
from blauweknop.issuer.wallet.asking import Questions
from tests.unit.issuer.source_world import DEBT, found


def answered(outcome: Outcome) -> "Future[Outcome]":
    question: Future[Outcome] = Future()
    question.set_result(outcome)
    return question


def failed() -> "Future[Outcome]":
    question: Future[Outcome] = Future()
    question.set_exception(RuntimeError("999990019"))
    return question


def cancelled() -> "Future[Outcome]":
    question: Future[Outcome] = Future()
    question.cancel()
    return question


def kept(questions: Questions, *waiting: tuple[str, "Future[Outcome]"], then: float = 0.0) -> dict[str, "Future[Outcome]"]:
    """What still waits, so many seconds after it was kept."""

    async def keep() -> dict[str, Future[Outcome]]:
        for name, question in waiting:
            questions.keep(name, question)
        await asyncio.sleep(then)
        return {name: question for name, (question, _) in questions._open.items()}

    return asyncio.run(keep())


@pytest.mark.parametrize("question", [answered(found(DEBT)), answered(NoData()), Future()], ids=["found", "no data", "not yet"])
def test_an_answer_waits_and_so_does_a_question(question: "Future[Outcome]") -> None:
    assert kept(Questions(), ("a", question)) == {"a": question}


@pytest.mark.parametrize("question", [answered(Unavailable("timeout")), failed(), cancelled()], ids=["unavailable", "failed", "cancelled"])
def test_what_is_no_answer_is_asked_again(question: "Future[Outcome]") -> None:
    assert kept(Questions(), ("a", question)) == {}


def test_the_oldest_is_forgotten_first() -> None:
    waiting = kept(Questions(), *((str(number), answered(NoData())) for number in range(4097)))
    assert (len(waiting), "0" in waiting, "4096" in waiting) == (4096, False, True)


def test_what_nobody_comes_for_is_forgotten_by_itself() -> None:
    soon = Questions(life=timedelta(milliseconds=1))
    assert kept(soon, ("a", answered(found(DEBT))), ("b", Future()), then=0.1) == {}


def test_what_is_kept_anew_waits_anew() -> None:
    questions, question = Questions(life=timedelta(milliseconds=1)), answered(found(DEBT))

    async def keep() -> bool:
        questions.keep("a", question)
        questions.life = timedelta(minutes=15)
        questions.keep("a", question)
        await asyncio.sleep(0.1)
        return "a" in questions._open

    assert asyncio.run(keep())


def test_an_answer_is_forgotten_after_a_quarter_of_an_hour() -> None:
    assert Questions().life == timedelta(minutes=15)


def test_what_waits_is_in_no_text_about_it() -> None:
    questions = Questions()
    kept(questions, ("een naam", answered(found(DEBT))))
    assert "een naam" not in repr(questions)
