import re
from pathlib import Path

import pytest

from blauweknop.catalogue.texts import all_texts
from blauweknop.domain.document import Incomplete, NoData, Outcome, Refused, Unavailable
from blauweknop.domain.texts import Text
from blauweknop.issuer.bundle import README_NAMES, bundle_documents
from blauweknop.issuer.outcome_words import outcome_words
from tests.suites import PROJECT
from tests.unit.issuer.source_world import CHECK_URL, DEBT, NOON, SOURCE, found

_FOLDER = PROJECT / "src" / "blauweknop" / "issuer" / "templates"
_TEMPLATES = sorted({*_FOLDER.glob("*.html")} - {_FOLDER / "letter-parts.html"})  # which has the words of the letter alone
_OUTCOMES: list[Outcome | None] = [
    found(DEBT),
    NoData(),
    Refused("deceased", Text("Overleden.", "Died.")),
    Incomplete(("x",)),
    *(Unavailable(cause) for cause in ("timeout", "connection", "answer", "configuration", "overloaded", "fault", "new cause")),
    None,
]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("outcome", _OUTCOMES)
def test_every_outcome_has_a_sentence_without_gaps(outcome: Outcome | None, language: str) -> None:
    words = outcome_words(outcome, source="DUO", language=language)
    assert words.endswith(".")
    assert "{" not in words


@pytest.mark.parametrize("template", _TEMPLATES, ids=lambda template: template.name)
def test_every_text_that_a_page_names_exists(template: Path) -> None:
    named = set(re.findall(r'\bt\("([a-z_.0-9]+)"[,)]', template.read_text("utf-8")))
    assert named
    assert named - set(all_texts()) == set()


def test_dutch_texts_say_u_and_are_short() -> None:
    ours = {key: text for key, text in all_texts().items() if key.startswith("issuer.")}
    sentences = [sentence for text in ours.values() for sentence in re.split(r"(?<=[.?!])\s", text.nl)]
    assert [sentence for sentence in sentences if re.search(r"\b(je|jij|jouw|jullie)\b", sentence.lower())] == []
    assert [sentence for sentence in sentences if len(sentence.split()) > 20] == []


def test_the_same_bundle_is_the_same_file() -> None:
    def bundle() -> bytes:
        return bundle_documents((), (), {}, {}, source=SOURCE, check_url=CHECK_URL, made_at=NOON, language="en")

    assert bundle() == bundle()
    assert README_NAMES["en"].encode() in bundle()
