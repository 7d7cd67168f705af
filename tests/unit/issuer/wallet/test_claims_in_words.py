"""A value that was taken from a field reads for its person as in the letter; what the credential holds stays as it is."""

from collections.abc import Iterator

import pytest

from blauweknop.document.summary_words import claims_in_words
from blauweknop.domain.dataset import Field, FieldType
from blauweknop.domain.summary import Claim, Latest, Only, Summary, Value, column_of
from blauweknop.domain.texts import Language, Text
from tests.unit.issuer.source_world import CATALOGUE


def path_of(claim: Claim) -> str:
    match claim.rule:
        case Value(field):
            return field
        case Only(path, column) | Latest(path, _, column):
            return f"{path}.{column}"
    return ""


def claims_of_type(kind: FieldType) -> Iterator[tuple[Summary, Claim, Field]]:
    for summary in CATALOGUE.summaries.values():
        for claim in summary.claims:
            field = column_of(summary.dataset.fields, path_of(claim))
            if field is not None and field.type is kind:
                yield summary, claim, field


CODES = [
    pytest.param(summary, claim, code, words, id=f"{summary.dataset.id}.{claim.name}.{code}")
    for summary, claim, field in claims_of_type(FieldType.CODE)
    for code, words in (field.codes or {}).items()
]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("summary", "claim", "code", "words"), CODES)
def test_each_code_has_its_words(summary: Summary, claim: Claim, code: str, words: Text, language: Language) -> None:
    ((label, said),) = claims_in_words(summary, {claim.name: code}, language)
    assert (label, said) == (claim.label.in_language(language), words.in_language(language))


@pytest.mark.parametrize(("language", "percentage"), [("nl", "2,57%"), ("en", "2.57%")])
def test_a_ratio_is_a_percentage(language: Language, percentage: str) -> None:
    ratios = list(claims_of_type(FieldType.RATIO))
    assert ratios
    for summary, claim, _ in ratios:
        assert claims_in_words(summary, {claim.name: "0.0257"}, language) == ((claim.label.in_language(language), percentage),)
