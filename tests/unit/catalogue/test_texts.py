import re

import pytest

from blauweknop.catalogue.texts import all_texts, parse_texts, sentence, text
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.texts import Text

WRONG = {
    "a key twice": ("a: {nl: ja, en: yes please}\na: {nl: nee, en: no thanks}\n", "twice"),
    "a language twice": ("a: {nl: ja, nl: nee, en: yes please}\n", "twice"),
    "no English": ("a: {nl: ja}\n", "needs exactly nl and en"),
    "a third language": ("a: {nl: ja, en: yes please, fr: oui}\n", "needs exactly nl and en"),
    "a text without language": ("a: ja\n", "needs exactly nl and en"),
    "a list": ("- a\n", "expected a mapping"),
    "no YAML": ("a: {nl\n", "not readable"),
}


@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_of_texts_is_refused(content: str, said: str) -> None:
    with pytest.raises(BlauweKnopError, match=rf"texts/x\.yaml: .*{said}"):
        parse_texts(content, "x.yaml")


def test_an_empty_file_has_no_texts() -> None:
    assert parse_texts("# later\n", "x.yaml") == {}


def test_a_text_is_read_in_both_languages() -> None:
    assert parse_texts("a: {nl: ' ja ', en: yes please}\n", "x.yaml") == {"a": Text("ja", "yes please")}


def test_both_languages_of_every_text_ask_for_the_same_values() -> None:
    different = [key for key, found in all_texts().items() if _names(found.nl) != _names(found.en)]
    assert different == []


@pytest.mark.parametrize(
    ("number", "nl", "en"), [(0, "0 dagen", "0 days"), (1, "1 dag", "1 day"), (2, "2 dagen", "2 days"), (11, "11 dagen", "11 days")]
)
def test_a_number_has_the_word_that_fits_it(number: int, nl: str, en: str) -> None:
    assert [sentence("link.days.count", language, number=number) for language in ("nl", "en")] == [nl, en]


def test_every_number_with_a_word_has_one_for_one_and_one_for_more() -> None:
    forms = [form for found in all_texts().values() for words in (found.nl, found.en) for form in re.findall(r"{\w+:([^}]*)}", words)]
    assert forms
    assert [form for form in forms if not re.fullmatch(r"[^|]+\|[^|]+", form)] == []


def test_a_number_beside_its_word_stays_a_number() -> None:
    assert sentence("sharing.rows", "nl", caption="Lonen | 2026", number=1) == "Lonen | 2026: 1 regel"


def test_no_text_is_empty() -> None:
    assert [key for key, found in all_texts().items() if not (found.nl and found.en)] == []


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(BlauweKnopError, match=r"no text no\.such\.key"):
        text("no.such.key")


def test_a_sentence_has_its_values_in_it() -> None:
    assert sentence("web.pages.page", "nl") == "Pagina"
    assert "DUO" in sentence("web.button.text", "en", source="DUO")


def _names(words: str) -> set[str]:
    return set(re.findall(r"{(\w+)[}:]", words))
