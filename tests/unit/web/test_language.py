from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.web.language import chosen_language, preferred_language, switch_address
from tests.unit.web.practice_site import browser


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "nl"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("en;q=0.5,nl;q=0.9", "nl"),
        ("fr,en;q=0.4", "en"),
        ("fr", "nl"),
        ("en;q=0", "nl"),
        ("en;q=often", "nl"),
        ("en,nl", "nl"),
    ],
)
def test_english_only_when_the_browser_puts_it_before_dutch(header: str, language: str) -> None:
    assert preferred_language(header) == language


@given(st.text())
def test_any_accept_language_gives_one_of_the_two(header: str) -> None:
    assert preferred_language(header) in ("nl", "en")


@given(st.lists(st.text()))
def test_only_our_languages_can_be_chosen(values: list[str]) -> None:
    assert chosen_language(values) in (None, "nl", "en")


@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1))))
def test_the_switch_keeps_the_rest_of_the_query(query: list[tuple[str, str]]) -> None:
    kept = [(name, value) for name, value in query if name != "taal"]
    assert parse_qsl(urlsplit(switch_address("/duo", query, "nl")).query) == [*kept, ("taal", "en")]


def test_a_chosen_language_is_remembered() -> None:
    with browser() as client:
        client.get("/bron/formulier?taal=en")
        assert '<html lang="en">' in client.get("/bron/formulier", headers={"Accept-Language": "nl"}).text


def test_a_language_we_do_not_have_is_not_remembered() -> None:
    with browser() as client:
        assert "taal=" not in str(client.get("/bron/formulier?taal=fr%0d%0aX: y").headers.get_list("set-cookie"))


def test_the_language_link_after_a_post_leads_to_the_portal() -> None:
    with browser() as client:
        token = _token(client.get("/bron/formulier").text)
        answer = client.post("/bron/formulier", data={"_csrf_token": token, "naam": "x"}, headers={"Accept-Language": "nl"})
        assert 'href="/bron?taal=en"' in answer.text


def _token(html: str) -> str:
    return html.split('name="_csrf_token" value="')[1].split('"')[0]
