import json
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import pytest

from blauweknop.catalogue import load_catalogue
from blauweknop.document.type_metadata import published_type, vct_of
from blauweknop.domain.summary import Summary
from tests.unit.document.type_hashes import hashes, kept

REMEDY = (
    "credentials of this version would name another hash: raise `version` of the data set, and run "
    "`python -m tests.unit.document.type_hashes`"
)
every_summary = pytest.mark.parametrize("summary", load_catalogue().summaries.values(), ids=load_catalogue().summaries)


def metadata(summary: Summary) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(published_type(summary))
    return read


def test_every_data_set_is_for_wallets() -> None:
    catalogue = load_catalogue()
    assert catalogue.summaries.keys() == catalogue.datasets.keys()


@pytest.mark.parametrize("vct", hashes())
def test_what_was_published_stays_what_it_was(vct: str) -> None:
    assert kept().get(vct) == hashes()[vct], REMEDY


def test_a_type_has_an_address_of_its_own() -> None:
    assert vct_of(load_catalogue().dataset("duo.studieschuld")) == "https://register.blauweknop.example/vct/duo-studieschuld/1"
    assert len(hashes()) == len(load_catalogue().summaries)


@every_summary
def test_every_claim_has_words_in_both_languages_and_can_be_left_out_alone(summary: Summary) -> None:
    said = metadata(summary)["claims"]
    assert [claim["path"] for claim in said] == [[claim.name] for claim in summary.claims]
    for claim in said:
        assert [(display["locale"], bool(display["label"]), bool(display["description"])) for display in claim["display"]] == [
            ("nl", True, True),
            ("en", True, True),
        ]
        assert claim["sd"] == "always"
    assert {claim["path"][0] for claim in said if claim["mandatory"]} == {claim.name for claim in summary.claims if claim.always}


@every_summary
def test_the_mark_comes_along_so_that_a_wallet_asks_nobody(summary: Summary) -> None:
    for display in metadata(summary)["display"]:
        logo = display["rendering"]["simple"]["logo"]
        kind, _, image = logo["uri"].partition(";base64,")
        assert kind == "data:image/svg+xml"
        assert b64decode(image, validate=True).startswith(b'<svg xmlns="http://www.w3.org/2000/svg"')
        assert logo["uri#integrity"] == "sha256-" + b64encode(sha256(b64decode(image)).digest()).decode()


@every_summary
def test_labels_in_a_wallet_differ(summary: Summary) -> None:
    for language in ("nl", "en"):
        labels = [claim.label.in_language(language) for claim in summary.claims]
        assert len(set(labels)) == len(labels)


@every_summary
def test_words_in_a_wallet_are_short_sentences(summary: Summary) -> None:
    for claim in summary.claims:
        for text in (claim.description.nl, claim.description.en):
            assert text.endswith(".")
            assert all(len(sentence.split()) <= 25 for sentence in text.split(". "))
