import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.checking.check_document import check_document
from blauweknop.checking.content_steps import check_content, check_schema, check_status, check_validity
from blauweknop.checking.credential_step import check_credential
from blauweknop.checking.file_steps import check_container, check_seal, check_seal_coverage
from blauweknop.checking.page_step import check_page_text
from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.checking.trust_steps import check_chain, check_issuer, check_time_stamp
from blauweknop.document.content import Content
from blauweknop.domain.document import JsonValue
from blauweknop.standards.strict_json import canonical_json
from blauweknop.verifier.shown_data import shown_parts
from tests.unit.checking import exercise_documents as x
from tests.unit.document.content_samples import content_of

EDGES = ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z")
ODD: tuple[JsonValue, ...] = (
    *EDGES,
    *("9999-12-31", "0001-01-01", "0000-01", "9999-12", "2026-11\n", "", " ", "\n", "0.0000", "\u202e", "\U0010fffd", "\u0301"),
    *("https://[", "https://a[b]", "urn:x", "//", "999990019", "900000107\n", "\u0661", "x" * 4001),
    *(None, True, False, 0, 1, -1, 2**53 - 1, -(2**53) + 1),
    *json.loads('[[], {}, [[]], [{}], {"oin": []}, {"type": "Datum"}, {"type": []}, [null], ["a", "a"]]'),
)
STEPS_OF_CONTENT = (check_issuer, check_schema, check_credential, check_page_text, check_validity, check_status)
HOST = "duo.example"
Path = tuple[str | int, ...]


def places(value: JsonValue, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, step))


def with_value(said: Content, path: Path, value: JsonValue) -> Content:
    changed = deepcopy(said)
    node: JsonValue = changed
    for step in path[:-1]:
        node = node[step]  # type: ignore[index] # a place of `places`
    node[path[-1]] = value  # type: ignore[index] # the same
    return changed


def with_status(said: Content, uri: str) -> Content:
    return {**said, "status": {"status_list": {"idx": 1, "uri": uri}}}


@cache
def samples() -> tuple[Content, ...]:
    contents = [x.content(with_bsn=True), *(content_of(dataset) for dataset in x.catalogue().datasets.values())]
    return tuple(with_status({**said, "purpose": "dossier"}, f"https://{HOST}/1") for said in contents)


@cache
def evidence_of_a_good_file() -> Evidence:
    every_dataset = x.entity(x.DUO, datasets=tuple(x.catalogue().datasets), hosts=(HOST,))
    evidence = Evidence(x.good_document(), x.trust(every_dataset), x.NOW, x.catalogue())
    for step in (check_container, check_seal_coverage, check_seal, check_time_stamp, check_chain, check_content):
        step(evidence)
    return evidence


def answers(said: Content) -> list[str]:
    """What the steps that look at content say of this one; anything but an answer is an exception that leaves here."""
    evidence = replace(evidence_of_a_good_file(), content=said)
    found = []
    for step in STEPS_OF_CONTENT:
        try:
            found.append(step(evidence) or "ok")
        except StopStep as stop:
            found.append(stop.code)
        except SkipStep:
            found.append("skipped")
    return found


@st.composite
def changed_contents(draw: st.DrawFn) -> Content:
    said = draw(st.sampled_from(samples()))
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(tuple(places(said))))
        said = with_value(said, path, draw(st.sampled_from(ODD) | st.text(max_size=8) | st.integers(-(2**53) + 1, 2**53 - 1)))
    return said


def test_the_samples_have_the_form_of_their_data_sets() -> None:
    for said in samples():
        assert answers(said)[1] in ("ok", "envelope_mismatch"), "only the name of the source is another"


@given(changed_contents())
@settings(max_examples=250, deadline=None, derandomize=True)
def test_whatever_the_content_says_each_step_answers(said: Content) -> None:
    assert len(answers(said)) == len(STEPS_OF_CONTENT)


@given(changed_contents())
@settings(max_examples=12, deadline=None, derandomize=True)
def test_whatever_the_content_says_there_is_a_verdict(said: Content) -> None:
    pdf = x.document_saying(x.content(), data=canonical_json(said))
    assert check_document(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue()).facts.steps


@given(changed_contents())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_what_passed_the_steps_can_be_shown_in_both_languages(said: Content) -> None:
    if answers(said)[1] == "ok":
        for language in ("nl", "en"):
            assert shown_parts(said, x.catalogue().dataset(str(said["type"])), language)


@pytest.mark.parametrize("moment", EDGES)
@pytest.mark.parametrize("name", ["saldo_datumtijd", "issued_at"])
def test_a_moment_at_the_edge_of_the_calendar_is_refused(name: str, moment: str) -> None:
    said = x.changed(x.content(), **{name: moment})
    found = check_document(x.document_saying(x.content(), data=canonical_json(said)), trust=x.trust(), at=x.NOW, catalogue=x.catalogue())
    assert found.facts.steps[11].reason in ("schema", "selection_mismatch", "envelope_mismatch")


@pytest.mark.parametrize("value", [["00000099000000001000"], {"oin": "1"}, 1, None, True], ids=repr)
@pytest.mark.parametrize("path", [("source", "oin"), ("issuing_authority_oin",)], ids=".".join)
def test_a_number_of_the_source_that_is_no_text_is_refused(path: Path, value: JsonValue) -> None:
    assert answers(with_value(samples()[0], path, value))[:2] == ["source_oin", "schema"]


@pytest.mark.parametrize("uri", ["https://[", "https://a[b]/", "https://\u2100.example/"])
def test_an_address_of_a_status_list_that_is_none_is_refused(uri: str) -> None:
    assert answers(with_status(x.content(), uri))[-1] == "status_host"


@pytest.mark.parametrize("moment", EDGES[:3])
def test_a_moment_in_a_row_at_the_edge_of_the_calendar_is_refused(moment: str) -> None:
    said = content_of(x.catalogue().dataset("duo.betaaloverzicht"))
    dated = [path for path in places(said) if path[0] == "data" and "T" in str(_at(said, path)) and isinstance(_at(said, path), str)]
    for path in dated:
        assert answers(with_value(said, path, moment))[1] != "ok", path


def _at(value: JsonValue, path: Path) -> JsonValue:
    for step in path:
        value = value[step]  # type: ignore[index] # a place of `places`
    return value
