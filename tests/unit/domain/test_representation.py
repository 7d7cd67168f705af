from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.representation import Capacity, Representative

NAMES = st.text(st.characters(categories=("L", "M", "N", "P")), min_size=1, max_size=60)


@given(NAMES, st.sampled_from(Capacity), st.none() | st.dates())
def test_what_is_written_is_read_again(name: str, capacity: Capacity, until: date | None) -> None:
    written = Representative(name, capacity, until).as_json()

    assert Representative.parse_json(written).as_json() == written


def test_a_name_is_written_in_normal_form() -> None:
    assert Representative("Andre\u0301", Capacity.MENTOR).as_json()["name"] == "Andr\u00e9"


def test_the_name_is_hidden_from_repr() -> None:
    assert "Laakhof" not in repr(Representative("Laakhof", Capacity.MENTOR))


@pytest.mark.parametrize("name", ["", " ", " A", "A ", "A  B", "A\nB", "A\u202eB", "A\u00a0B", "A\x00", "\u2028", "x" * 201, "\ud800"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(MalformedValue):
        Representative(name, Capacity.AUTHORISED)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "Anna",
        {},
        {"name": "Anna"},
        {"name": "Anna", "capacity": "vriend"},
        {"name": 1, "capacity": "mentor"},
        {"name": "Anna", "capacity": "mentor", "until": None},
        {"name": "Anna", "capacity": "mentor", "until": "2027-02-30"},
        {"name": "Anna", "capacity": "mentor", "until": "20270301"},
        {"name": "Anna", "capacity": "mentor", "bsn": "900000107"},
    ],
)
def test_another_shape_is_refused(value: object) -> None:
    with pytest.raises(MalformedValue):
        Representative.parse_json(value)
