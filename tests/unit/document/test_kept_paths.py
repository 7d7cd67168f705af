import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.document.kept_paths import UnknownPath, kept_places, parse_path, path_choices
from blauweknop.standards.disclosures import Place

PLACES: list[Place] = [
    ("subject", "given_name"),
    ("data", "naam", "voornamen"),
    ("data", "banen", 0),
    *[("data", "banen", 0, "loon", month) for month in range(6)],
    ("data", "banen", 1),
    ("data", "banen", 1, "loon", 0),
]


def kept(*paths: str) -> set[str]:
    places = kept_places([parse_path(path) for path in paths], PLACES)
    return {".".join(map(str, place)) for place in places}


def test_a_path_keeps_what_stands_there() -> None:
    assert kept("subject.given_name") == {"subject.given_name"}


def test_a_path_keeps_all_that_stands_in_it() -> None:
    assert kept("data.naam", "subject") == {"subject.given_name", "data.naam.voornamen"}
    assert kept("data.banen[1]") == {"data.banen.1", "data.banen.1.loon.0"}


@pytest.mark.parametrize(
    ("rows", "numbers"), [("[2:5]", "234"), ("[4:]", "45"), ("[:1]", "0"), ("[3]", "3"), ("[:]", "012345"), ("[5:99]", "5")]
)
def test_rows_are_counted_from_nought_and_the_last_of_a_range_is_not_in_it(rows: str, numbers: str) -> None:
    assert kept(f"data.banen[0].loon{rows}") == {f"data.banen.0.loon.{number}" for number in numbers}


@pytest.mark.parametrize("path", ["data.naa", "data.banen[2]", "data.banen[0].loon[6]", "data.banen[0].loon[3:2]", "issued_at"])
def test_a_path_to_nothing_lists_the_paths_there_are(path: str) -> None:
    paths = [parse_path("subject"), parse_path(path)]
    with pytest.raises(UnknownPath, match="path 2") as caught:
        kept_places(paths, PLACES)
    assert "data.banen[0].loon[0:6]" in caught.value.remedy


@pytest.mark.parametrize("path", ["", ".", "data.", "data..x", "data[]", "data[-1]", "data[1:2:3]", "data[x]", "[0]", "data .x", "a" * 401])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(UnknownPath):
        parse_path(path)


@given(st.text("data.[]:0123x_", max_size=20))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    with contextlib.suppress(UnknownPath):
        assert parse_path(text).steps


def test_the_paths_to_choose_from_lead_somewhere() -> None:
    for path in path_choices(PLACES):
        assert kept(path)
