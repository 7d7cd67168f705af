from datetime import UTC, datetime

from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.trust import NO_TRUST
from blauweknop.domain.verdict import Rejected, VerdictFacts
from blauweknop.verifier.outcomes import KEPT_SECONDS, MemoryOutcomes, Saved

CHECKED = CheckedFile("0" * 64, 0, Rejected(VerdictFacts(()), "FORMAT_FAILURE"), NO_TRUST)
AT = datetime(2026, 11, 23, 14, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def saved(size: int = 10) -> Saved:
    return Saved(CHECKED, AT, {"report": bytes(size)})


def test_an_outcome_is_there_for_a_while_and_then_gone() -> None:
    clock = Clock()
    outcomes = MemoryOutcomes(clock=clock)
    token = outcomes.put(saved())
    clock.now = KEPT_SECONDS - 1
    assert outcomes.get(token) is not None
    clock.now = KEPT_SECONDS
    assert outcomes.get(token) is None


def test_the_oldest_makes_room_when_there_are_many() -> None:
    outcomes = MemoryOutcomes(most=2)
    first, second, third = (outcomes.put(saved()) for _ in range(3))
    assert outcomes.get(first) is None
    assert outcomes.get(second) is not None
    assert outcomes.get(third) is not None


def test_the_oldest_makes_room_when_they_are_large() -> None:
    outcomes = MemoryOutcomes(most_bytes=100)
    first, second = outcomes.put(saved(60)), outcomes.put(saved(60))
    assert outcomes.get(first) is None
    assert outcomes.get(second) is not None


def test_a_token_cannot_be_guessed_from_another() -> None:
    outcomes = MemoryOutcomes()
    tokens = {outcomes.put(saved()) for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) >= 43 for token in tokens)
