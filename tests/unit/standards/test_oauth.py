import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.oauth import MOST_FORM, OAuthErrorCode, OAuthProblem, optional_parameter, read_form, required_parameter

FORM = "application/x-www-form-urlencoded"
DIGITS = re.compile(r"[0-9]{1,4}")


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(OAuthProblem) as caught:
        act()
    return caught.value.code


def refused(body: bytes, content_type: str = FORM, query: bytes = b"") -> str:
    return code_of(lambda: read_form(body, content_type, query))


def outcome(body: bytes) -> str:
    try:
        read_form(body, FORM, b"")
    except OAuthProblem as problem:
        return problem.code
    return "read"


def test_the_parameters_of_a_form() -> None:
    assert read_form(b"a=1&b=%C3%A9+%26", FORM, b"") == {"a": "1", "b": "é &"}


@pytest.mark.parametrize("content_type", [FORM, f"{FORM};charset=utf-8", "Application/X-WWW-Form-Urlencoded ; charset=utf-8"])
def test_a_form_may_name_its_characters(content_type: str) -> None:
    assert read_form(b"a=1", content_type, b"") == {"a": "1"}


def test_a_parameter_without_a_value_counts_as_left_out() -> None:
    assert read_form(b"a=&b=2", FORM, b"") == {"b": "2"}


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data", f"x{FORM}"])
def test_another_type_of_content_is_no_form(content_type: str) -> None:
    assert refused(b"a=1", content_type) == "invalid_request"


@pytest.mark.parametrize("query", [b"a=1", b"x", b"&"])
def test_parameters_in_the_address_are_refused(query: bytes) -> None:
    assert refused(b"a=1", query=query) == "invalid_request"


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a=1&a=1", b"a=1&%61=1", b"a=&a=1"])
def test_a_parameter_comes_once(body: bytes) -> None:
    assert refused(body) == "invalid_request"


@pytest.mark.parametrize("body", [b"a", b"a=1&", b"&a=1", b"\xff=1", "é=1".encode(), b"a=%ff"])
def test_what_is_no_form_in_utf_8_is_refused(body: bytes) -> None:
    assert refused(body) == "invalid_request"


def test_so_many_bytes_and_no_more() -> None:
    assert len(read_form(b"a=" + b"1" * (MOST_FORM - 2), FORM, b"")["a"]) == MOST_FORM - 2
    assert refused(b"a=" + b"1" * (MOST_FORM - 1)) == "invalid_request"


def test_so_many_parameters_and_no_more() -> None:
    def body(count: int) -> bytes:
        return urlencode({f"a{number}": 1 for number in range(count)}).encode()

    assert len(read_form(body(24), FORM, b"")) == 24
    assert refused(body(25)) == "invalid_request"


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])), max_size=20))
def test_what_a_client_writes_is_what_we_read(members: dict[str, str]) -> None:
    written = urlencode(members).encode()
    if written:
        assert read_form(written, FORM, b"") == {name: value for name, value in members.items() if value}


@given(st.binary(max_size=300))
def test_any_bytes_are_a_form_or_refused_with_one_word(body: bytes) -> None:
    assert outcome(body) in {"read", "invalid_request"}


@given(st.sampled_from(["invalid_request", "invalid_grant"]), st.text())
def test_a_description_is_as_rfc_6749_wants_it(code: OAuthErrorCode, text: str) -> None:
    problem = OAuthProblem(code, text)
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", str(problem))
    assert problem.code == code


def test_a_parameter_in_its_form() -> None:
    assert required_parameter({"a": "12"}, "a", DIGITS) == "12"
    assert optional_parameter({"a": "12"}, "a", DIGITS) == "12"
    assert optional_parameter({}, "a", DIGITS) is None


@pytest.mark.parametrize("form", [{}, {"a": "x"}, {"a": "12345"}, {"a": "12\n"}])
def test_a_parameter_that_is_needed_is_there_in_its_form(form: dict[str, str]) -> None:
    assert code_of(lambda: required_parameter(form, "a", DIGITS)) == "invalid_request"


@pytest.mark.parametrize("value", ["x", "12345", "12\n"])
def test_a_parameter_that_is_not_needed_still_has_its_form(value: str) -> None:
    assert code_of(lambda: optional_parameter({"a": value}, "a", DIGITS)) == "invalid_request"


@pytest.mark.parametrize("value", ["é", "a\x00", "a\n", "x" * 513])
def test_identifiers_are_visible_characters_of_bounded_length(value: str) -> None:
    assert code_of(lambda: required_parameter({"a": value}, "a")) == "invalid_request"


def test_a_refusal_never_repeats_what_was_sent() -> None:
    with pytest.raises(OAuthProblem) as caught:
        required_parameter({"a": "geheim"}, "a", DIGITS)
    assert "geheim" not in str(caught.value)
