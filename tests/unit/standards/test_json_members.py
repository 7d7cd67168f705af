from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.texts import Text
from blauweknop.standards.json_members import MalformedMember, member_address, member_languages, member_list, member_moment


@pytest.mark.parametrize("text", ["https://a.example", "https://a.example:8443/b?c=d", "https://a.example?x"])
def test_an_address_is_https_with_a_host(text: str) -> None:
    assert member_address({"x": text}, "x") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https:a",
        "https:///a",
        "//a.example",
        "http://a.example",
        "https://u:p@a.example",
        "https://a.example/\n",
        "https://a.example/#b",
        "https://-a",
        1,
    ],
)
def test_what_could_lead_elsewhere_is_no_address(text: Any) -> None:
    with pytest.raises(MalformedMember):
        member_address({"x": text}, "x")


@pytest.mark.parametrize("text", ["http://127.0.0.1:8000/a", "http://localhost?x"])
def test_only_an_exercise_is_on_this_machine(text: str) -> None:
    assert member_address({"x": text}, "x", exercise=True) == text
    with pytest.raises(MalformedMember):
        member_address({"x": text}, "x")


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1.example/", "http://localhost.example", "http://127.0.0.1@a.example", "http://a.example"]
)
def test_an_exercise_is_nowhere_else(text: str) -> None:
    with pytest.raises(MalformedMember):
        member_address({"x": text}, "x", exercise=True)


def test_what_is_missing_in_english_is_said_in_dutch() -> None:
    assert member_languages({"x": [{"lang": "nl", "value": "ja"}]}, "x") == Text("ja", "ja")
    both: Any = [{"lang": "en", "value": "yes"}, {"lang": "fy", "value": "jo"}, {"lang": "nl", "value": "ja"}]
    assert member_languages({"x": both}, "x") == Text("ja", "yes")


@pytest.mark.parametrize("text", ["a\x00", "a\x85", "\u202ea", "a\u2066", "a\u200f", "a\u2028b", "x" * 2001, ""])
def test_a_text_for_people_holds_nothing_that_they_cannot_see(text: str) -> None:
    with pytest.raises(MalformedMember):
        member_languages({"x": [{"lang": "nl", "value": text}]}, "x")


@pytest.mark.parametrize("count", [0, 4])
def test_a_list_has_its_bounds(count: int) -> None:
    with pytest.raises(MalformedMember, match="1 to 3"):
        member_list({"x": [1] * count}, "x", least=1, most=3)


@given(st.integers(0, 253402214399))
def test_seconds_up_to_the_year_9999_are_a_moment(number: int) -> None:
    assert member_moment({"x": number}, "x").timestamp() == number


@pytest.mark.parametrize("value", [-1, 253402214400, 1 << 63, True, "1", None])
def test_other_values_are_no_moment(value: Any) -> None:
    with pytest.raises(MalformedMember):
        member_moment({"x": value}, "x")
