import pytest

from blauweknop.domain.dataset import Condition
from blauweknop.domain.document import JsonValue

CASES: list[tuple[str, JsonValue, tuple[str, ...] | None, bool]] = [
    ("a value that is there", "2026-01-01", None, True),
    ("a value that is not there", None, None, False),
    ("no is as good as absent", False, None, False),
    ("nought is a value", 0, None, True),
    ("one of the words", "afgelost", ("afgelost", "kwijt"), True),
    ("another word", "aflosfase", ("afgelost", "kwijt"), False),
    ("a boolean by its word", True, ("true",), True),
    ("a boolean of the other word", False, ("true",), False),
    ("the code of a described value", {"code": "E", "omschrijving": "emigratie"}, ("E",), True),
    ("not the description of it", {"code": "E", "omschrijving": "emigratie"}, ("emigratie",), False),
    ("a list is no word", ["afgelost"], ("afgelost",), False),
]


@pytest.mark.parametrize(("value", "equals", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_condition(value: JsonValue, equals: tuple[str, ...] | None, expected: bool) -> None:
    assert Condition("soort.reden", equals).holds({"soort": {"reden": value}}) is expected


@pytest.mark.parametrize("data", [{}, {"soort": None}, {"soort": "reden"}, {"soort": []}], ids=str)
def test_a_condition_about_what_has_no_place_does_not_hold(data: dict[str, JsonValue]) -> None:
    assert not Condition("soort.reden").holds(data)
