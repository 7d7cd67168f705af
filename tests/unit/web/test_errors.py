import io
import json
import re

import pytest
import structlog

from blauweknop.catalogue.texts import sentence
from blauweknop.web.app import MOST_BODY_BYTES
from blauweknop.web.errors import new_error_id
from blauweknop.web.request_log import configure_logging
from tests.unit.web.practice_site import SECRET_TEXT, browser

_NUMBER = re.compile(r"\b[B-Z2-9]{4}-[B-Z2-9]{4}\b")
_PAGES = [("fout", 500, "500"), ("verboden", 403, "403"), ("dicht", 503, "503"), ("groot", 413, "413"), ("nergens", 404, "404")]


@pytest.mark.parametrize(("page", "status", "name"), _PAGES)
def test_an_error_page_says_what_happened_and_what_to_do(page: str, status: int, name: str) -> None:
    with browser() as client:
        answer = client.get(f"/bron/{page}", headers={"Accept-Language": "nl"})
    assert answer.status_code == status
    assert sentence(f"web.error.{name}.title", "nl") in answer.text
    assert sentence(f"web.error.{name}.remedy", "nl") in answer.text
    assert _NUMBER.search(answer.text)


@pytest.mark.parametrize("path", ["/bron/fout", "/bron/verboden", "/bron/dicht", "/bron/groot", "/bron/api/fout"])
def test_no_text_of_an_error_reaches_the_answer(path: str) -> None:
    with browser() as client:
        text = client.get(path).text
    assert SECRET_TEXT not in text
    assert "Traceback" not in text


def test_the_number_on_the_page_is_in_the_log_and_the_text_of_the_error_is_not() -> None:
    stream = io.StringIO()
    configure_logging(stream)
    try:
        with browser() as client:
            number = _NUMBER.search(client.get("/bron/fout?geheim=1").text)
    finally:
        structlog.reset_defaults()
    assert number is not None
    failure = next(event for event in map(json.loads, stream.getvalue().splitlines()) if event["event"] == "request_failed")
    assert failure["error_id"] == number[0]
    assert failure["error_type"] == "ValueError from KeyError"
    assert failure["where"].startswith("tests.unit.web.practice_site:")
    assert "Jansen" not in stream.getvalue()
    assert "geheim" not in stream.getvalue()


def test_an_error_leads_back_to_the_portal_it_happened_in() -> None:
    with browser() as client:
        text = client.get("/bron/fout").text
    assert 'class="home" href="/bron"' in text
    assert "/static/theme/12ab34.css" in text


def test_a_form_that_stood_open_too_long_says_so() -> None:
    with browser() as client:
        answer = client.post("/bron/formulier", data={"naam": "x"}, headers={"Accept-Language": "nl"})
    assert sentence("web.error.expired.title", "nl") in answer.text


def test_a_wrong_method_is_explained() -> None:
    with browser() as client:
        answer = client.put("/bron/formulier", headers={"Accept-Language": "en"})
    assert answer.status_code == 405
    assert sentence("web.error.405.title", "en") in answer.text


def test_a_body_over_the_limit_is_refused() -> None:
    with browser() as client:
        assert client.post("/bron/upload", content=b"x" * (MOST_BODY_BYTES + 1)).status_code == 413


def test_a_route_for_uploads_takes_more_with_the_token_of_its_form() -> None:
    with browser() as client:
        token = client.get("/bron/formulier").text.split('name="_csrf_token" value="')[1].split('"')[0]
        document = b"x" * (MOST_BODY_BYTES + 1)
        answer = client.post("/bron/document", data={"_csrf_token": token}, files={"document": ("a.pdf", document)})
    assert answer.text == str(len(document))


def test_the_api_answers_with_a_problem() -> None:
    with browser() as client:
        answer = client.post("/bron/api/machine", content=b"{", headers={"Content-Type": "application/json"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"]) == (400, 400)
    assert problem["instance"].startswith("urn:blauweknop:error:")


def test_a_caller_that_takes_json_gets_a_problem() -> None:
    with browser() as client:
        answer = client.get("/bron/nergens", headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"


def test_error_numbers_hold_no_letters_that_sound_or_look_alike() -> None:
    assert not set("".join(new_error_id() for _ in range(200))) & set("AEIOU01")
