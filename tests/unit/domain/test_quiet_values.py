from datetime import UTC, datetime

import pytest

from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import Found, Snapshot, Subject
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.verdict import VerdictFacts, Verified

PERSONAL = ("Zoë", "van der Berg", "999990019", "7654321")
SUBJECT = Subject("Zoë", "van der Berg", PartialDate(1985, 8, 12), Bsn("999990019"))
SNAPSHOT = Snapshot("duo.studieschuld", SUBJECT, {"schuld": 7654321}, datetime(2026, 11, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    "value", [Bsn("999990019"), SUBJECT, SNAPSHOT, Found(SNAPSHOT), Verified(VerdictFacts(()), {"naam": "Zoë", "schuld": 7654321})]
)
def test_personal_values_stay_out_of_repr_and_str(value: object) -> None:
    shown = f"{value!r} {value!s} {value}"
    assert [word for word in PERSONAL if word in shown] == []


def test_a_date_of_birth_stays_out_of_repr_of_a_person() -> None:
    assert "1985" not in repr(SUBJECT)
