from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards.json_members import MalformedMember
from blauweknop.standards.sharing_record_json import read_record, record_json
from blauweknop.standards.sharing_records import ConsentEvent, ConsentRecord, ConsentState, PiiInformation
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import NOW

MEMBERS = record_json(s.RECORD)
# The fields that ISO/IEC TS 27560 demands, by where they stand (PROTOCOL 9.2).
MANDATORY = [
    *((name,) for name in ("schema_version", "record_id", "pii_principal_id", "privacy_notice", "language", "purposes", "party", "events")),
    *(
        ("purposes", name)
        for name in (
            "purpose",
            "pii_information",
            "pii_controllers",
            "storage_locations",
            "retention_period",
            "jurisdiction",
            "recipient_third_parties",
            "withdrawal_method",
            "lawful_basis",
            "purpose_type",
        )
    ),
    ("purposes", "pii_information", "pii_type"),
    *(("party", name) for name in ("party_id", "party_name", "party_address", "party_contact", "party_type")),
    *(("events", name) for name in ("event_time", "validity_duration", "entity_id", "event_type", "event_state")),
]
OPTIONAL = [
    *(("purposes", name) for name in ("service", "collection_method", "processing_method", "privacy_rights", "authority_party")),
    *(("party", name) for name in ("party_role", "party_email", "party_url", "party_phone")),
    *(("purposes", "pii_information", name) for name in ("pii_attribute_id", "pii_optional", "sensitive_pii_category")),
]


def changed(path: tuple[str, ...], value: Any = None, members: Any = MEMBERS) -> Any:
    """The record with one member set, or taken away with None; of a list the first item is changed."""
    name, *rest = path
    inner = members[name]
    if rest:
        value = [changed(tuple(rest), value, inner[0]), *inner[1:]]
    return {key: item for key, item in {**members, name: value}.items() if item is not None}


def test_a_record_is_read_as_it_was_written() -> None:
    assert read_record(MEMBERS) == s.RECORD
    assert read_record(MEMBERS).state is ConsentState.GIVEN


@pytest.mark.parametrize("path", MANDATORY, ids=".".join)
def test_a_record_without_a_field_that_the_standard_demands_is_refused(path: tuple[str, ...]) -> None:
    with pytest.raises(MalformedMember):
        read_record(changed(path))


@pytest.mark.parametrize("path", MANDATORY, ids=".".join)
def test_a_field_that_the_standard_demands_says_something(path: tuple[str, ...]) -> None:
    with pytest.raises(MalformedMember):
        read_record(changed(path, ""))


@pytest.mark.parametrize("path", OPTIONAL, ids=".".join)
def test_a_field_that_the_standard_leaves_free_may_be_absent(path: tuple[str, ...]) -> None:
    assert read_record(changed(path)) != s.RECORD


def test_nobody_else_gets_the_data_is_said_and_not_left_out() -> None:
    assert read_record(changed(("purposes", "recipient_third_parties"), [])).purposes[0].recipients == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema_version",), "2"),
        (("record_id",), "kort"),
        (("record_id",), "met spatie en nog veel meer tekens"),
        (("privacy_notice",), "geen adres"),
        (("language",), "Nederlands"),
        (("purposes",), []),
        (("purposes", "retention_period"), "5 jaar"),
        (("purposes", "jurisdiction"), "nederland"),
        (("purposes", "pii_controllers"), ["NTRNL-00000000"]),
        (("purposes", "purpose"), "a\u202eb"),
        (("purposes", "recipient_third_parties"), [1]),
        (("purposes", "pii_information", "pii_optional"), "ja"),
        (("party", "party_type"), "Een Woord"),
        (("events",), []),
        (("events", "event_state"), "perhaps"),
        (("events", "event_time"), "2026-11-23T12:00:00+01:00"),
        (("events", "event_time"), "2026-02-30T12:00:00Z"),
        (("events", "event_time"), 1),
        (("events", "validity_duration"), "lang"),
    ],
)
def test_a_field_of_another_form_is_refused(path: tuple[str, ...], value: Any) -> None:
    with pytest.raises(MalformedMember):
        read_record(changed(path, value))


def test_a_party_that_comes_twice_is_refused() -> None:
    members: Any = MEMBERS
    with pytest.raises(MalformedMember):
        read_record(changed(("party",), members["party"] * 2))


@pytest.mark.parametrize(
    ("path", "count"), [(("purposes",), 11), (("party",), 21), (("events",), 51), (("purposes", "pii_information"), 2001)], ids=str
)
def test_a_record_has_no_more_rows_than_it_may_have(path: tuple[str, ...], count: int) -> None:
    rows: Any = MEMBERS
    for name in path:
        rows = rows[name] if isinstance(rows, dict) else rows[0][name]
    with pytest.raises(MalformedMember, match="items"):
        read_record(changed(path, [rows[0]] * count))


def test_members_that_we_do_not_know_are_not_looked_at() -> None:
    assert read_record({**MEMBERS, "nieuw": 1}) == s.RECORD


@pytest.mark.parametrize(
    "record",
    [
        replace(s.RECORD, privacy_notice=""),
        s.purpose(storage_locations=()),
        s.purpose(pii=()),
        s.purpose(controllers=("iemand",)),
        s.purpose(purpose=" \n"),
        replace(s.RECORD, events=()),
    ],
)
def test_a_record_that_the_standard_does_not_allow_cannot_be_written(record: ConsentRecord) -> None:
    with pytest.raises(MalformedMember):
        record_json(record)


def test_a_moment_within_a_second_cannot_be_written() -> None:
    event = replace(s.RECORD.events[0], at=NOW + timedelta(milliseconds=1))
    with pytest.raises(MalformedMember, match="whole seconds"):
        record_json(replace(s.RECORD, events=(event,)))


SHOWN = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=40).filter(lambda text: text.isprintable())
MOMENTS = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(
    purpose=SHOWN,
    attributes=st.lists(st.tuples(st.none() | SHOWN, st.booleans(), st.booleans()), min_size=1, max_size=5),
    recipients=st.lists(SHOWN, max_size=3),
    moments=st.lists(st.tuples(MOMENTS, st.sampled_from(ConsentState)), min_size=1, max_size=4),
)
def test_any_record_is_read_as_it_was_written(
    purpose: str,
    attributes: list[tuple[str | None, bool, bool]],
    recipients: list[str],
    moments: list[tuple[datetime, ConsentState]],
) -> None:
    pii = tuple(PiiInformation(r.DEBT, attribute, optional, special=special) for attribute, optional, special in attributes)
    record = replace(
        s.purpose(purpose=purpose, pii=pii, recipients=tuple(recipients)),
        events=tuple(ConsentEvent(at, "P1Y", "iemand", "explicit", state) for at, state in moments),
    )
    assert read_record(record_json(record)) == record


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(MANDATORY + OPTIONAL), JSON)
def test_any_value_anywhere_is_read_or_refused_with_one_error(path: tuple[str, ...], value: JsonValue) -> None:
    try:
        read_record(changed(path, value))
    except MalformedMember:
        return
