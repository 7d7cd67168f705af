import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.web.contact import Contact, contact_of
from blauweknop.web.templates import template_environment


@pytest.mark.parametrize(
    ("text", "words", "href"),
    [
        ("https://toezicht.example/", "toezicht.example", "https://toezicht.example/"),
        ("https://toezicht.example/klacht?taal=nl", "toezicht.example/klacht?taal=nl", "https://toezicht.example/klacht?taal=nl"),
        ("mailto:privacy@proef.example", "privacy@proef.example", "mailto:privacy@proef.example"),
        ("privacy@proef.example", "privacy@proef.example", "mailto:privacy@proef.example"),
    ],
)
def test_an_address_of_the_web_or_of_mail_is_a_link(text: str, words: str, href: str) -> None:
    assert contact_of(text) == Contact(words, href)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "070 123 45 67",
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://proef.example",
        "data:text/html,x",
        "http://proef.example",
        "//proef.example",
        "https://bank.example@proef.example",
        "https:proef.example",
        "https://proef.example\n",
        "mailto:privacy@proef.example?bcc=ander@proef.example",
        "mailto:privacy@proef.example,ander@proef.example",
        "mailto:mailto:privacy@proef.example",
        "mailto:privacy@proef.example\n",
    ],
)
def test_anything_else_can_only_be_read(text: str) -> None:
    assert contact_of(text) == Contact(text, "")


def test_a_telephone_number_is_read_without_its_scheme() -> None:
    assert contact_of("tel:+31701234567") == Contact("+31701234567", "")


@given(st.text() | st.from_regex(r"(https|mailto|javascript|tel):.{0,40}", fullmatch=True))
def test_no_text_leads_anywhere_but_to_https_and_mailto(text: str) -> None:
    assert contact_of(text).href.startswith(("https://", "mailto:")) or contact_of(text).href == ""


def test_a_page_shows_hostile_words_as_words() -> None:
    template = '{% import "web/components.html" as ui with context %}{{ ui.contact(value) }}'
    shown = template_environment().from_string(template).render(value="javascript:<b>", language="nl")
    assert shown == "javascript:&lt;b&gt;"
