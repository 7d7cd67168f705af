from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.standards.sharing_acting import ActedFor, acted_for, acting_in, acting_parties, full_names
from blauweknop.standards.sharing_composing import compose_record, is_record_of
from blauweknop.standards.sharing_record_json import read_record, record_json
from blauweknop.standards.sharing_records import Party
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import NOW

GUARD: dict[str, JsonValue] = {"name": "Laakhof", "capacity": "bewindvoerder", "until": "2027-03-01"}
NAMED: dict[str, JsonValue] = {"given_name": "Anneke", "family_name": "Smit"}
PRINCIPAL = s.RECORD.principal
BOTH = ActedFor((Representative("Laakhof", Capacity.ADMINISTRATOR),), "Anneke Smit")
NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)
REPRESENTATIVES = st.builds(Representative, NAMES, st.sampled_from(Capacity))


def test_a_document_and_a_summary_tell_it_the_same() -> None:
    whole: dict[str, JsonValue] = {"subject": dict(NAMED), "representative": dict(GUARD)}

    assert acted_for([whole]) == acted_for([{**NAMED, "representative": dict(GUARD)}]) == BOTH


def test_nobody_acted_where_nothing_says_so() -> None:
    assert acted_for([NAMED, {}]) is None
    assert acting_parties(None, PRINCIPAL) == ()


def test_without_a_shared_name_the_person_is_not_named() -> None:
    acting = acted_for([{"representative": dict(GUARD), "family_name": "Smit"}])

    assert acting == ActedFor(BOTH.representatives)
    assert [party.role for party in acting_parties(acting, PRINCIPAL)] == ["representative"]


def test_the_order_of_what_was_shared_does_not_matter() -> None:
    other: dict[str, JsonValue] = {"representative": {"name": "Aal", "capacity": "mentor"}, "given_name": "A.", "family_name": "Smit"}
    things = [{**NAMED, "representative": dict(GUARD)}, other]

    assert acted_for(things) == acted_for(things[::-1])
    assert full_names(things) == {"Anneke Smit", "A. Smit"}


@given(st.lists(REPRESENTATIVES, min_size=1, max_size=4, unique=True), st.just("") | NAMES)
def test_the_parties_of_a_record_say_who_acted_for_whom(representatives: list[Representative], person: str) -> None:
    acting = ActedFor(tuple(representatives), person)

    assert acting_in(acting_parties(acting, PRINCIPAL)) == acting


def test_a_record_with_both_is_read_as_it_was_written_and_is_of_its_registration() -> None:
    record = compose_record(
        r.REGISTRATION, s.RECORD.purposes[0].pii, record_id=s.RECORD_ID, principal=PRINCIPAL, language="nl", at=NOW, acting=BOTH
    )

    assert read_record(record_json(record)) == record
    assert is_record_of(record, r.REGISTRATION)
    assert [(party.role, party.name) for party in record.parties[-2:]] == [("representative", "Laakhof"), ("represented", "Anneke Smit")]


def test_parties_that_say_it_otherwise_are_not_read() -> None:
    strange = Party("x", "Laakhof", "y", "y", "vriend", "representative")

    assert acting_in([strange]) is None
    assert acting_in([]) is None
