import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.web.preferences import weights


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("a, B;q=0.5", {"a": 1.0, "b": 0.5}),
        ("a ; level=1 ; Q = 0.25", {"a": 0.25}),
        ("a;level=1", {"a": 1.0}),
        ("a;q=0, b;q=0.000, c;q=1.000", {"a": 0.0, "b": 0.0, "c": 1.0}),
        ("a;q=1.9", {"a": 1.0}),
        ("a;q=0.2, a;q=0.7, a;q=0.1", {"a": 0.7}),
    ],
)
def test_what_is_named_has_its_weight(header: str, named: dict[str, float]) -> None:
    assert weights(header) == named


@pytest.mark.parametrize("weight", ["often", "", "-1", "2", "\u0661", "1e9", "nan", "0_5"])
def test_a_weight_that_is_no_number_counts_as_the_caller_says(weight: str) -> None:
    assert weights(f"a;q={weight}") == {"a": 1.0}
    assert weights(f"a;q={weight}", unreadable=0.0) == {"a": 0.0}


@given(st.text() | st.text(alphabet="aq;=,. 01"))
def test_any_header_gives_weights_from_nought_to_one(header: str) -> None:
    assert all(0.0 <= weight <= 1.0 for weight in weights(header).values())
