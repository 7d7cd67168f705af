"""Questions that wait for a wallet: in memory only, so many, and never an answer that is none."""

from concurrent.futures import Future

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


@pytest.mark.parametrize("question", [answered(found(DEBT)), answered(NoData()), Future()], ids=["found", "no data", "not yet"])
def test_an_answer_waits_and_so_does_a_question(question: "Future[Outcome]") -> None:
    questions = Questions()
    questions.keep("a", question)
    assert questions._open == {"a": question}


@pytest.mark.parametrize("question", [answered(Unavailable("timeout")), failed(), cancelled()], ids=["unavailable", "failed", "cancelled"])
def test_what_is_no_answer_is_asked_again(question: "Future[Outcome]") -> None:
    questions = Questions()
    questions.keep("a", question)
    assert questions._open == {}


def test_the_oldest_is_forgotten_first() -> None:
    questions = Questions()
    for number in range(4097):
        questions.keep(str(number), answered(NoData()))
    assert (len(questions._open), "0" in questions._open, "4096" in questions._open) == (4096, False, True)


def test_what_waits_is_in_no_text_about_it() -> None:
    questions = Questions()
    questions.keep("een naam", answered(found(DEBT)))
    assert "een naam" not in repr(questions)
