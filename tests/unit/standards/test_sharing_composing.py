from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.texts import Language, Text
from blauweknop.standards.registration import Registration
from blauweknop.standards.sharing_composing import BY_LINK, attribute_name, compose_record, is_record_of, retention_end
from blauweknop.standards.sharing_record_json import read_record, record_json
from blauweknop.standards.sharing_records import ConsentRecord, PiiInformation
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import NOW

SHARED = (PiiInformation(r.DEBT, "saldo"),)
ASKS = replace(r.REGISTRATION, recipients=(Text("De geldverstrekker", "The lender"),))


def composed(language: Language = "nl", registration: Registration = ASKS) -> ConsentRecord:
    return compose_record(registration, SHARED, record_id=s.RECORD_ID, principal=s.RECORD.principal, language=language, at=NOW)


def test_a_record_has_all_that_the_standard_demands() -> None:
    record = composed()
    assert read_record(record_json(record)) == record


def test_a_record_says_what_the_registration_says() -> None:
    (purpose,) = composed().purposes
    assert (purpose.purpose, purpose.retention, purpose.purpose_type) == (ASKS.purpose.nl, ASKS.retention, ASKS.intended_use)
    assert (purpose.lawful_basis, purpose.controllers) == ("GDPR 6(1)(e); Wgs artikel 4", (ASKS.identifier,))
    assert purpose.pii == SHARED


def test_a_record_of_what_came_by_a_link_says_so_and_is_no_record_of_a_wallet() -> None:
    record = compose_record(ASKS, SHARED, record_id=s.RECORD_ID, principal=s.RECORD.principal, language="nl", at=NOW, method=BY_LINK)
    assert is_record_of(record, ASKS, method=BY_LINK)
    assert not is_record_of(record, ASKS)


def test_a_record_is_in_the_language_that_was_read() -> None:
    assert composed("nl").purposes[0].recipients == ("De geldverstrekker",)
    assert composed("en").purposes[0].recipients == ("The lender",)


def test_who_asks_for_another_is_a_party_too() -> None:
    record = composed(registration=replace(ASKS, intermediary=("NTRNL-90009009", "Tussenpersoon")))
    assert [party.role for party in record.parties] == ["receiver", "intermediary"]
    assert read_record(record_json(record)) == record


def test_a_path_is_one_text() -> None:
    assert attribute_name(("data", None, "bedrag", 0)) == "data/*/bedrag/0"


@pytest.mark.parametrize(
    ("retention", "day"),
    [
        ("P5Y", "2031-11-23"),
        ("P6M", "2027-05-23"),
        ("P2W", "2026-12-07"),
        ("P1Y2M3D", "2028-01-26"),
        ("P0D", "2026-11-23"),
        ("PT1H", "2026-11-24"),
        ("P1DT24H", "2026-11-25"),
        ("PT24H1S", "2026-11-25"),
    ],
)
def test_a_retention_ends_with_its_last_day(retention: str, day: str) -> None:
    assert retention_end(retention, NOW) == datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=AMSTERDAM)


MOMENTS = st.integers(10**9, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, AMSTERDAM))


@given(st.from_regex(r"P[0-9]{1,3}[YMWD]", fullmatch=True), MOMENTS)
def test_a_retention_never_ends_before_it_begins(retention: str, at: datetime) -> None:
    assert retention_end(retention, at) >= at
