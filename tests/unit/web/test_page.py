import re

import pytest
from jinja2 import UndefinedError

from blauweknop.web.page import Visitor
from blauweknop.web.templates import template_environment
from tests.unit.web.practice_site import browser

_HOSTILE = "<script>alert(1)</script>\"'"


def test_a_page_has_one_question_and_a_title_that_says_whose_it_is() -> None:
    with browser() as client:
        text = client.get("/bron/formulier", headers={"Accept-Language": "nl"}).text
    assert re.findall(r"<h1>(.*?)</h1>", text) == ["Hoe heet u?"]
    assert "<title>Hoe heet u? - Bron - Blauwe Knop</title>" in text


def test_what_was_typed_stays_and_is_only_text() -> None:
    text = _after_error(_HOSTILE)
    assert "<script>alert" not in text
    assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;"' in text


def test_an_error_is_in_the_title_in_the_summary_and_at_the_field() -> None:
    text = _after_error("")
    assert "<title>Fout: " in text
    assert '<a href="#field-naam">Vul uw naam in</a>' in text
    assert 'aria-describedby="field-naam-error" aria-invalid="true"' in text


@pytest.mark.parametrize(("exercise", "times"), [(True, 1), (False, 0)])
def test_the_exercise_bar_is_there_only_in_the_exercise(exercise: bool, times: int) -> None:
    with browser(exercise=exercise) as client:
        assert client.get("/bron/formulier").text.count('class="exercise"') == times


def test_who_is_logged_in_can_log_out_by_a_form_with_a_token() -> None:
    with browser() as client:
        text = client.get("/bron/ingelogd").text
    assert re.search(r'action="/bron/uit"><input type="hidden" name="_csrf_token" value="[0-9a-f]{128}">', text)


def test_a_name_is_not_in_the_repr_of_a_visitor() -> None:
    assert "Vries" not in repr(Visitor(name="A. de Vries", sign_out_path="/uit"))


def test_a_page_has_no_inline_style_or_script() -> None:
    with browser() as client:
        text = client.get("/stijl").text
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?! src=)", text)


def test_a_value_that_a_template_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        template_environment().from_string("{{ missing }}").render()


def _after_error(name: str) -> str:
    with browser() as client:
        client.headers["Accept-Language"] = "nl"
        token = client.get("/bron/formulier").text.split('name="_csrf_token" value="')[1].split('"')[0]
        answer = client.post("/bron/formulier", data={"_csrf_token": token, "naam": name})
    assert answer.status_code == 422
    return answer.text
