import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.catalogue import load_catalogue
from blauweknop.cli.seal_input import SealInput, SealInputFault, example_input, read_seal_input
from blauweknop.domain.dataset import Condition, Refusal
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.texts import Text
from tests.unit.cli.installation import DATASET, NOW, seal_input, snapshot

Input = dict[str, JsonValue]
BSN = "999999990"


def read(value: Input) -> SealInput:
    return read_seal_input(json.dumps(value).encode(), load_catalogue().dataset(DATASET), now=NOW)


def refusal(value: Input) -> SealInputFault:
    with pytest.raises(SealInputFault) as refused:
        read(value)
    return refused.value


def inner(value: Input, key: str) -> Input:
    found = value[key]
    assert isinstance(found, dict)
    return found


def test_what_a_source_gave_comes_back_as_it_was() -> None:
    given_by_source = snapshot()

    back = read(seal_input())

    assert (back.source, back.language) == ("duo", "nl")
    assert back.snapshot == given_by_source


def test_without_a_selection_all_is_in_it_but_the_bsn() -> None:
    selection = read(seal_input()).selection

    assert selection.parts == {part.id for part in load_catalogue().dataset(DATASET).parts}
    assert selection.months is None
    assert not selection.with_bsn


def test_a_whole_birth_date_may_be_written_short() -> None:
    value = seal_input()
    inner(value, "subject")["birth_date"] = "1985-08-12"

    assert read(value).snapshot.subject.birth_date == PartialDate(1985, 8, 12)


def test_someone_with_one_name_has_no_given_name() -> None:
    value = seal_input()
    inner(value, "subject")["given_name"] = ""

    assert read(value).snapshot.subject.given_name == ""


def test_the_bsn_is_in_the_document_only_when_that_is_chosen() -> None:
    value = seal_input()
    inner(value, "subject")["bsn"] = BSN
    assert not read(value).selection.with_bsn

    value["selection"] = {"with_bsn": True}
    assert read(value).selection.with_bsn
    assert read(value).snapshot.subject.bsn == Bsn(BSN)


def test_an_example_shows_no_more_than_the_snapshot() -> None:
    assert set(example_input(snapshot(), "duo")) == {"source", "subject", "reference_moment", "data", "language"}


def put(*path: str, value: JsonValue) -> Callable[[Input], None]:
    def change(root: Input) -> None:
        node = root
        for step in path[:-1]:
            node = inner(node, step)
        node[path[-1]] = value

    return change


def drop(*path: str) -> Callable[[Input], None]:
    def change(root: Input) -> None:
        node = root
        for step in path[:-1]:
            node = inner(node, step)
        del node[path[-1]]

    return change


SECRET = "Geheimnaam 77"
REFUSALS: dict[str, tuple[Callable[[Input], None], str]] = {
    "an unknown name": (put("persoon", value=SECRET), "the input has a name that is not known"),
    "an unknown name of the person": (put("subject", SECRET, value=SECRET), "subject has a name that is not known"),
    "an unknown name of the selection": (put("selection", value={"deel": SECRET}), "selection has a name that is not known"),
    "a language we do not speak": (put("language", value=SECRET), "language must be nl or en"),
    "a source that is no name": (put("source", value=5), "source must be the name"),
    "no person": (drop("subject"), "subject is missing"),
    "a person that is no object": (put("subject", value=SECRET), "subject must be an object"),
    "no family name": (drop("subject", "family_name"), "subject.family_name is missing"),
    "an empty family name": (put("subject", "family_name", value=" "), "subject.family_name must be a text on one line"),
    "a name over two lines": (put("subject", "given_name", value=f"{SECRET}\nx"), "subject.given_name must be a text on one line"),
    "no birth date": (drop("subject", "birth_date"), "subject.birth_date is missing"),
    "a day that is not in the calendar": (put("subject", "birth_date", value="1985-02-30"), "subject.birth_date"),
    "a birth date in another form": (put("subject", "birth_date", value="12-08-1985"), "subject.birth_date"),
    "a BSN that is no BSN": (put("subject", "bsn", value="123456789"), "subject.bsn"),
    "a BSN as a number": (put("subject", "bsn", value=999999990), "subject.bsn"),
    "no moment": (drop("reference_moment"), "reference_moment is missing"),
    "a moment in words": (put("reference_moment", value="gisteren"), "reference_moment must be a moment"),
    "a moment without zone": (put("reference_moment", value="2026-01-01T12:00:00"), "reference_moment has no zone"),
    "a moment to come": (
        put("reference_moment", value=(NOW + timedelta(hours=1)).isoformat()),
        "reference_moment lies in the future",
    ),
    "parts that are no list": (put("selection", value={"parts": SECRET}), "selection.parts must be a list"),
    "a part that is not there": (put("selection", value={"parts": ["schuld", SECRET]}), "selection.parts must be a list"),
    "a document that means nothing": (put("selection", value={"parts": []}), "selection.parts leaves out"),
    "a period that is not offered": (put("selection", value={"months": 7}), "selection.months"),
    "a BSN that is not given": (
        put("selection", value={"with_bsn": True}),
        "selection.with_bsn asks for subject.bsn",
    ),
    "with_bsn in words": (put("selection", value={"with_bsn": "ja"}), "selection.with_bsn must be true or false"),
    "no data": (drop("data"), "data is missing"),
    "a field that must be there": (drop("data", "schuldsaldo_inclusief_rente"), "data.schuldsaldo_inclusief_rente is missing"),
    "a field of a chosen part that must be there": (drop("data", "fase"), "data.fase is missing, and belongs to part terugbetalen"),
    "a field of another kind": (
        put("data", "schuldsaldo_inclusief_rente", value=SECRET),
        "data.schuldsaldo_inclusief_rente must be a whole number",
    ),
    "a misspelt field": (put("data", "schuldsaldoo", value=1), "data has a field that this data set does not have: schuldsaldoo"),
    "a field whose name could be a value": (put("data", SECRET, value=1), "data has a field that this data set does not have"),
    "a code that does not exist": (put("data", "fase", value=SECRET), "data.fase must be one of: "),
    "a ratio in another form": (put("data", "rentepercentage", value="2,57"), "data.rentepercentage must have the form"),
    "a date in another form": (put("data", "rente_geldig_tot", value="31-12-2026"), "data.rente_geldig_tot must be a date"),
    "null for nothing": (put("data", "achterstand", value=None), "data.achterstand must be a whole number"),
    "a wrong value in a row": (
        put("data", "schuldonderdelen", value=[{"soort": "lening", "bedrag": SECRET}]),
        "data.schuldonderdelen[1].bedrag must be a whole number",
    ),
    "a row without what it must have": (
        put("data", "schuldonderdelen", value=[{"soort": "lening"}]),
        "data.schuldonderdelen[1].bedrag is missing",
    ),
}


@pytest.mark.parametrize(("change", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_input_is_refused_for(change: Callable[[Input], None], words: str) -> None:
    value = seal_input()
    change(value)

    refused = refusal(value)

    assert str(refused).startswith(words)
    assert refused.remedy
    assert SECRET not in f"{refused} {refused.remedy}"


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"data": 1, "data": 2}', b'{"data": 1.5}', b"\xff\xfe", b'{"data": NaN}', b"[" * 40 + b"]" * 40]
)
def test_json_that_can_be_read_in_two_ways_or_not_at_all_is_refused(text: bytes) -> None:
    with pytest.raises(SealInputFault):
        read_seal_input(text, load_catalogue().dataset(DATASET), now=NOW)


def test_all_places_are_counted_when_more_is_wrong() -> None:
    value = seal_input()
    inner(value, "data").update({"achterstand": "x", "fase": "y"})

    assert "(and 1 more)" in str(refusal(value))


def test_a_person_of_whom_no_document_may_be_made_is_refused_with_the_reason() -> None:
    rule = Refusal(Condition("fase", (str(inner(seal_input(), "data")["fase"]),)), "too_early", Text("nog niet", "not yet"))
    dataset = replace(load_catalogue().dataset(DATASET), refusals=(rule,))

    with pytest.raises(SealInputFault, match="no document is made: too_early") as refused:
        read_seal_input(json.dumps(seal_input()).encode(), dataset, now=NOW)

    assert refused.value.remedy == "not yet"


@given(st.recursive(st.none() | st.booleans() | st.integers(-10, 10) | st.text(max_size=8), lambda inside: st.lists(inside, max_size=3)))
def test_any_value_for_any_member_is_read_or_refused(anything: JsonValue) -> None:
    for key in ("source", "subject", "reference_moment", "data", "selection", "language"):
        value = seal_input()
        value[key] = anything
        with contextlib.suppress(SealInputFault):
            read(value)
