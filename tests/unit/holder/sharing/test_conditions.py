"""What is asked on a condition is shown with that condition, for the answer tells whether it holds (ADR 0041)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.document.type_metadata import vct_of
from blauweknop.domain.texts import Language
from blauweknop.holder.sharing.conditions import conditions_of, one_of
from blauweknop.holder.sharing.matching import MatchedSet
from blauweknop.standards.dcql import ClaimQuery, CredentialQuery
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import CATALOGUE, DEBT, DOCUMENT, SharingWorld, asks, summary, whole

EVEN, ODD = 1234567, 1234568
JOBS = CATALOGUE.summaries["uwv.verzekeringsbericht"]
NAMES = [(found.dataset, claim.name) for found in CATALOGUE.summaries.values() for claim in found.claims]
VALUES = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=80), st.just("20000_to_30000"), st.just("2026-02-30"))


def debt_of(*values: Any, name: str = "schuld-kort") -> dict[str, Any]:
    return summary(name=name, claims=[{"path": ["schuldsaldo_inclusief_rente"], "values": [*values]}])


def in_words(*queries: CredentialQuery, language: Language = "nl") -> tuple[str, ...]:
    return conditions_of(MatchedSet(0, True, (), queries), CATALOGUE, language)


def asked(kind: str, *claims: ClaimQuery) -> CredentialQuery:
    return CredentialQuery("a", "dc+sd-jwt", (kind,), claims)


def test_a_condition_is_told_with_the_words_of_the_claim(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_credential()
    site.receiver.query = asks(debt_of(EVEN, ODD))
    said = words(visitor.person.open(visitor.look()).text)
    assert "alleen als bij “Schuld met rente” staat: € 12.345,67 of € 12.345,68." in said


def test_the_condition_of_the_way_that_is_not_answered_is_told_too(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_credential()
    ways = [["hoog"], ["schuld-kort"]]
    site.receiver.query = asks(debt_of(99, name="hoog"), summary("given_name"), sets=[{"options": ways}])
    path = visitor.look()
    assert "€ 0,99" in words(visitor.person.open(path).text)
    visitor.answer(path)
    assert site.receiver.answers[0]["vp_token"].keys() == {"schuld-kort"}


def test_who_cannot_answer_reads_on_which_condition_it_was_asked(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_credential()
    site.receiver.query = asks(debt_of(99))
    assert "€ 0,99" in words(visitor.person.open(visitor.look()).text)


def test_what_is_asked_without_values_has_no_condition(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_credential()
    assert "alleen als bij" not in words(visitor.person.open(visitor.look()).text)
    assert in_words(asked(vct_of(DEBT), ClaimQuery(("given_name",)))) == ()


def test_a_condition_on_a_document_has_the_label_of_its_field() -> None:
    (told,) = in_words(asked(DOCUMENT, ClaimQuery(("data", "schuldsaldo_inclusief_rente"), values=(5,))))
    assert "“Schuld met rente” staat: 5." in told


def test_a_yes_or_no_and_a_bracket_read_as_on_the_page() -> None:
    kind = vct_of(JOBS.dataset)
    told = in_words(
        asked(kind, ClaimQuery(("income_at_least_40000",), values=(True,)), ClaimQuery(("income_bracket",), values=("20000_to_30000",)))
    )
    assert [sentence.partition("staat: ")[2].partition(". ")[0] for sentence in told] == ["Ja", "Van €\xa020.000 tot €\xa030.000"]


def test_many_values_are_counted_and_odd_ones_not_repeated() -> None:
    (told,) = in_words(asked(vct_of(DEBT), ClaimQuery(("given_name",), values=("a" * 61, "b\u202ec", *"defgh"))))
    assert "a" * 61 not in told
    assert "\u202e" not in told
    assert "2 andere waarden" in told


def test_a_claim_that_nobody_knows_has_no_words_of_who_asks() -> None:
    (told,) = in_words(asked("https://ander.example/type", ClaimQuery(("Win een prijs",), values=(1,))))
    assert "prijs" not in told


@pytest.mark.parametrize("value", ["", "x", "1e999999", "9" * 60, "0.0257"])
def test_every_claim_takes_any_text_as_a_value(value: str) -> None:
    for dataset, name in NAMES:
        (told,) = in_words(asked(vct_of(dataset), ClaimQuery((name,), values=(value,))))
        assert len(told) < 400


@pytest.mark.parametrize("language", ["nl", "en"])
@given(
    chosen=st.sampled_from(NAMES), values=st.lists(VALUES, min_size=1, max_size=7), form=st.sampled_from(["summary", "mdoc", "document"])
)
def test_any_values_have_words(language: Language, chosen: Any, values: list[Any], form: str) -> None:
    dataset, name = chosen
    kinds = {"summary": vct_of(dataset), "mdoc": dataset.doctype, "document": dataset.type_uri}
    (told,) = in_words(asked(kinds[form], ClaimQuery((name,), values=tuple(values))), language=language)
    assert told


def test_what_is_one_of_many_stands_with_a_word_between() -> None:
    assert (one_of(["bijstand", "loon", "loon"], "nl"), one_of(["a", "b"], "en")) == ("bijstand of loon", "a or b")


def test_whole_documents_without_conditions_stay_without(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.has_document()
    site.receiver.query = asks(whole("data"))
    assert "alleen als bij" not in words(visitor.person.open(visitor.look()).text)
