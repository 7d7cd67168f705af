import pytest

from blauweknop.document.pdf_fonts import may_replace


@pytest.mark.parametrize(("actual", "told"), [("É", "E\u0301"), ("S", "Ŝ"), ("s", "ŝ"), ("-", "\u00ad"), ("ĳ", "ij"), ("x", "x")])
def test_a_replacement_may_name_the_letter_that_was_drawn(actual: str, told: str) -> None:
    assert may_replace(actual, told)


@pytest.mark.parametrize(
    ("actual", "told"), [("9", "1"), ("AB", "É"), ("1S", "S"), ("S9", "Ŝ"), ("", "S"), ("T", "Ŝ"), ("9", "É"), ("€", "E")]
)
def test_a_replacement_may_not_say_something_else(actual: str, told: str) -> None:
    assert not may_replace(actual, told)
