"""What a document must agree on with itself, member by member, without a file around it."""

import pytest

from blauweknop.checking.agreement import find_disagreement
from blauweknop.document.content import Content, compose_content
from blauweknop.domain.document import JsonValue, Selection
from tests.unit.checking import exercise_documents as x
from tests.unit.document import content_samples as s

COUNTS: dict[str, JsonValue] = {"lijst": "schuldonderdelen", "opgenomen": 2, "beschikbaar": 2}
NOT_TOLD_APART = {"document_id", "snapshot_id", "language", "attestation_legal_category", "correctie_url", "controle_url", "trace_id"}
"""What a source may say as it likes: every value of the form is as good as the one that is there."""


def found(said: Content) -> str | None:
    return find_disagreement(said, x.dataset())


def complete(**changes: JsonValue) -> Content:
    told = x.content()["volledigheid"]
    assert isinstance(told, dict)
    return x.changed(x.content(), volledigheid={**told, **changes})


def counted(**changes: JsonValue) -> list[JsonValue]:
    return [{**COUNTS, **changes}]


@pytest.mark.parametrize("parts", [("schuld",), ("schuld", "terugbetalen"), ("schuld", "terugbetalen", "onderdelen")])
@pytest.mark.parametrize("with_bsn", [False, True])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_a_source_composes_agrees(parts: tuple[str, ...], with_bsn: bool, language: str) -> None:
    assert found(x.content(parts=parts, with_bsn=with_bsn, language=language)) is None


def test_a_trace_may_be_absent() -> None:
    assert found({name: value for name, value in x.content().items() if name != "trace_id"}) is None


@pytest.mark.parametrize("name", ["status", "purpose"])
def test_what_is_added_after_composing_is_no_disagreement(name: str) -> None:
    assert found(x.changed(x.content(), **{name: {}})) is None


def test_a_member_that_nobody_composes_disagrees() -> None:
    assert found(x.changed(x.content(), meer=1)) == "envelope_mismatch"


@pytest.mark.parametrize("name", sorted(NOT_TOLD_APART - {"language"}))
def test_what_a_source_may_say_as_it_likes_agrees(name: str) -> None:
    assert found(x.changed(x.content(), **{name: "anders"})) is None


@pytest.mark.parametrize(
    "name", sorted(x.content().keys() - NOT_TOLD_APART - {"data", "selection", "volledigheid", "subject", "source", "type"})
)
def test_a_member_of_the_envelope_that_is_of_another_document_disagrees(name: str) -> None:
    other: dict[str, JsonValue] = {"saldo_datumtijd": "2026-11-22T14:07:00+01:00", "issued_at": "2026-11-22T14:12:00+01:00", "version": 2}
    expected = None if name == "issuing_authority" else "envelope_mismatch"
    assert found(x.changed(x.content(), **{name: other.get(name, "anders")})) == expected


@pytest.mark.parametrize(
    "subject",
    [
        {"given_name": "a\u0308"},
        {"family_name": "a\u0308"},
        {"birth_date": {"type": "JaarMaandDatum", "jaar": 1985, "maand": 8, "langFormaat": "ooit"}},
    ],
    ids=["given name", "family name", "birth date"],
)
def test_a_person_is_named_in_one_notation(subject: dict[str, JsonValue]) -> None:
    whole = x.content()["subject"]
    assert isinstance(whole, dict)
    assert found(x.changed(x.content(), subject={**whole, **subject})) == "envelope_mismatch"


@pytest.mark.parametrize(("oin", "code"), [("00000099000000002000", "envelope_mismatch"), ("x", "selection_mismatch")])
def test_the_number_of_the_source_is_that_of_the_authority(oin: str, code: str) -> None:
    assert found(x.changed(x.content(), source={"oin": oin, "name": "DUO"})) == code


@pytest.mark.parametrize("taken", ["schuldsaldo_inclusief_rente", "fase", "schuldonderdelen"])
def test_a_field_without_which_a_part_means_nothing_is_there(taken: str) -> None:
    data = x.content()["data"]
    assert isinstance(data, dict)
    assert found(x.changed(x.content(), data={name: value for name, value in data.items() if name != taken})) == "selection_mismatch"


@pytest.mark.parametrize("parts", [["schuld"], ["terugbetalen"], ["schuld", "meer"], ["terugbetalen", "schuld", "onderdelen"]])
def test_other_parts_than_those_that_were_chosen_disagree(parts: list[JsonValue]) -> None:
    assert found(x.changed(x.content(), selection={"parts": parts})) == "selection_mismatch"


def test_a_period_of_a_data_set_without_periods_disagrees() -> None:
    assert (
        found(x.changed(x.content(), selection={"parts": ["schuld", "terugbetalen", "onderdelen"], "months": 12})) == "selection_mismatch"
    )


@pytest.mark.parametrize("months", range(2))
def test_a_period_that_was_chosen_agrees(months: int) -> None:
    dataset = next(dataset for dataset in x.catalogue().datasets.values() if dataset.period is not None)
    assert dataset.period is not None
    chosen = Selection(dataset.id, frozenset(part.id for part in dataset.parts), dataset.period.months[months])
    said = compose_content(s.snapshot_of(dataset, "many"), chosen, dataset, s.SOURCE, s.FACTS)
    assert find_disagreement(said, dataset) is None


def test_a_day_without_a_last_day_of_validity_disagrees() -> None:
    assert found(x.changed(x.content(), issued_at="9999-12-31T12:00:00+00:00")) == "selection_mismatch"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"weggelaten_subsets": []}, "selection_mismatch"),
        ({"weggelaten_subsets": ["burgerservicenummer", "schuld"]}, "selection_mismatch"),
        ({"in_onderzoek": ["achterstand"]}, "selection_mismatch"),
        ({"aantallen": []}, "counts_mismatch"),
        ({"aantallen": counted(lijst="andere")}, "counts_mismatch"),
        ({"aantallen": counted(opgenomen=1)}, "counts_mismatch"),
        ({"aantallen": counted(opgenomen=3, beschikbaar=3)}, "counts_mismatch"),
        ({"aantallen": counted(beschikbaar=1), "compleet": False}, "counts_mismatch"),
        ({"aantallen": counted(beschikbaar=3)}, "counts_mismatch"),
        ({"compleet": False}, "counts_mismatch"),
        ({"compleet": 1}, "counts_mismatch"),
    ],
)
def test_what_is_said_of_completeness_is_what_is_there(changes: dict[str, JsonValue], code: str) -> None:
    assert found(complete(**changes)) == code


def test_only_the_source_knows_how_much_more_there_was() -> None:
    assert found(complete(aantallen=counted(beschikbaar=3), compleet=False)) is None


@pytest.mark.parametrize(("told", "expected"), [(False, None), (True, "counts_mismatch")])
def test_a_document_without_a_part_is_not_complete(told: bool, expected: str | None) -> None:
    part = x.content(parts=("schuld",))
    volledigheid = part["volledigheid"]
    assert isinstance(volledigheid, dict)
    assert found({**part, "volledigheid": {**volledigheid, "compleet": told}}) == expected
