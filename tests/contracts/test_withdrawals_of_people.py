"""What was made for a person is withdrawn by the person, on a real database, and the person can be told."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, reading, writing
from blauweknop.adapters.records import ISSUED_DOCUMENTS, WITHDRAWALS, Records
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.status_lists import StatusLists
from blauweknop.adapters.status_places import ListHolder, StatusPlaces
from blauweknop.adapters.withdrawals import Withdrawals
from blauweknop.adapters.withdrawn_records import WithdrawnInDatabase
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.withdraw import OfDataset, OfDocuments, OfKey, OfPeople, Reason, What, Withdrawn, withdraw
from blauweknop.issuer.withdrawn import WithdrawnItem
from blauweknop.standards.status_list import INVALID, StatusReference
from tests.databases import with_tables

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
KEY, OTHER_KEY = RowKey.from_secret(bytes(range(32))), RowKey.from_secret(bytes(32))
SEAL, CREDENTIAL = b"s" * 32, b"c" * 32
HOLDER = ListHolder("duo", "https://duo.example/duo/statuslists", SEAL, CREDENTIAL)
ANNA, BERT = Bsn.parse("999990019"), Bsn.parse("999992016")
DEBT, GRANT = "duo.studieschuld", "duo.studiefinanciering"
_NUMBERS = count(1 << 100)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def take(engine: Engine, many: int = 1) -> list[StatusReference]:
    places = StatusPlaces(engine, KEY, HOLDER, at_once=many, bits=10)
    return [places(NOON) for _ in range(many)]


def document(
    engine: Engine, person: Bsn | None = ANNA, *, dataset: str = DEBT, at: datetime = NOON, key: RowKey = KEY, source: str = "duo"
) -> tuple[str, StatusReference]:
    document_id, (place,) = f"{next(_NUMBERS):032x}", take(engine)
    Records(engine, key).document_issued(
        document_id,
        source=source,
        dataset_id=dataset,
        dataset_version=1,
        issued_at=at,
        valid_until=at + 90 * DAY,
        with_bsn=False,
        status=place,
        person=person,
    )
    return document_id, place


def batch(engine: Engine, person: Bsn = ANNA, *, dataset: str = DEBT, at: datetime = NOON) -> list[StatusReference]:
    places = take(engine, 10)
    Records(engine, KEY).credentials_issued(
        places,
        source="duo",
        dataset_id=dataset,
        dataset_version=1,
        issued_at=at,
        valid_until=at + 90 * DAY,
        with_bsn=False,
        person=person,
    )
    return places


def gone(
    engine: Engine,
    what: What,
    *,
    at: datetime = NOON + HOUR,
    reason: Reason = Reason.CORRECTION,
    keys: Sequence[RowKey] = (KEY,),
    only_tried: bool = False,
) -> Withdrawn:
    return withdraw(what, Withdrawals(engine, "duo", now=at, trace_id="0" * 32, keys=keys), reason=reason, only_tried=only_tried)


def of(*people: Bsn, datasets: Sequence[str] = (DEBT,), since: datetime | None = None, until: datetime | None = None) -> OfPeople:
    return OfPeople(people, tuple(datasets), since, until)


def withdrawn(engine: Engine, places: Sequence[StatusReference]) -> list[bool]:
    """As the list says it."""
    with StatusLists(engine, "duo").renewing(places[0].uri.rpartition("/")[2]) as renewal:
        return [renewal.statuses.status(place.index) == INVALID for place in places]


def told(
    engine: Engine,
    person: Bsn = ANNA,
    *,
    since: datetime = NOON,
    keys: Sequence[RowKey] = (KEY,),
    datasets: Sequence[str] = (DEBT, GRANT),
    source: str = "duo",
) -> Sequence[WithdrawnItem]:
    return WithdrawnInDatabase(engine, source, keys).withdrawn_for(person, datasets, since=since)


def test_documents_and_all_copies_of_a_person_go_and_those_of_others_stay(engine: Engine) -> None:
    (_, mine), copies = document(engine), batch(engine)
    (_, other), others = document(engine, BERT), batch(engine, BERT)
    assert gone(engine, of(ANNA)) == Withdrawn(11)
    assert withdrawn(engine, [mine, *copies]) == [True] * 11
    assert withdrawn(engine, [other, *others]) == [False] * 11


def test_withdrawing_a_person_twice_changes_nothing_and_keeps_one_line(engine: Engine) -> None:
    batch(engine)
    gone(engine, of(ANNA))
    assert gone(engine, of(ANNA)) == Withdrawn(0, before=10)
    with reading(engine) as connection:
        assert len(connection.execute(select(WITHDRAWALS)).all()) == 1


def test_another_data_set_stays_unless_it_is_named_too(engine: Engine) -> None:
    (_, debt), (_, grant) = document(engine), document(engine, dataset=GRANT)
    gone(engine, of(ANNA))
    assert withdrawn(engine, [debt, grant]) == [True, False]
    gone(engine, of(ANNA, datasets=(DEBT, GRANT)))
    assert withdrawn(engine, [debt, grant]) == [True, True]


def test_only_what_was_made_between_two_moments_goes(engine: Engine) -> None:
    _, before = document(engine, at=NOON - timedelta(seconds=1))
    _, first = document(engine, at=NOON)
    _, last = document(engine, at=NOON + HOUR - timedelta(seconds=1))
    _, after = document(engine, at=NOON + HOUR)
    assert gone(engine, of(ANNA, since=NOON, until=NOON + HOUR)).documents == 2
    assert withdrawn(engine, [before, first, last, after]) == [False, True, True, False]


def test_what_is_only_tried_on_a_person_changes_nothing(engine: Engine) -> None:
    _, place = document(engine)
    assert gone(engine, of(ANNA), only_tried=True) == Withdrawn(1)
    assert withdrawn(engine, [place]) == [False]
    assert told(engine) == []


def test_a_thousand_people_go_at_once_and_who_got_nothing_is_counted(engine: Engine) -> None:
    _, place = document(engine)
    people = [Bsn.parse(digits) for digits in _numbers(999)]
    assert gone(engine, of(*people, ANNA)) == Withdrawn(1, without=999)
    assert withdrawn(engine, [place]) == [True]


def _numbers(many: int) -> list[str]:
    """Numbers of the exercise range that pass the eleven-test."""
    found = (f"{number:09d}" for number in range(999100000, 999990000))
    return [digits for digits in found if _is_whole(digits)][:many]


def _is_whole(digits: str) -> bool:
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0


def test_what_was_made_under_an_earlier_secret_key_goes_by_that_key(engine: Engine) -> None:
    _, place = document(engine, key=OTHER_KEY)
    assert gone(engine, of(ANNA)) == Withdrawn(0, without=1)
    assert gone(engine, of(ANNA), keys=(KEY, OTHER_KEY)) == Withdrawn(1)
    assert withdrawn(engine, [place]) == [True]
    assert told(engine) == []
    assert len(told(engine, keys=(KEY, OTHER_KEY))) == 1


def test_what_no_person_leads_to_is_counted_while_it_is_valid(engine: Engine) -> None:
    document(engine, None)
    document(engine, None, at=NOON - 91 * DAY)
    document(engine, None, dataset=GRANT)
    assert gone(engine, of(ANNA)) == Withdrawn(0, without=1, unseen=1)
    assert gone(engine, of(ANNA, until=NOON)) == Withdrawn(0, without=1, unseen=0)


def test_the_tables_say_nowhere_who_was_withdrawn(engine: Engine) -> None:
    document(engine)
    batch(engine)
    gone(engine, of(ANNA))
    with reading(engine) as connection:
        rows = [str(row) for table in METADATA.sorted_tables for row in connection.execute(select(table))]
    assert not [row for row in rows if ANNA.digits in row]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (of(ANNA), Reason.CORRECTION),
        (OfDataset(DEBT, NOON), Reason.OTHER),
        (OfDataset(DEBT, NOON, NOON + HOUR), Reason.OTHER),
        (OfKey(SEAL), Reason.KEY),
        (OfKey(CREDENTIAL, NOON), Reason.KEY),
    ],
)
def test_a_person_is_told_what_went_when_and_why(engine: Engine, what: What, reason: Reason) -> None:
    document(engine)
    batch(engine)
    document(engine, BERT, at=NOON - HOUR)
    gone(engine, what, reason=reason)
    item = WithdrawnItem(DEBT, False, NOON, NOON + HOUR, reason)
    assert set(told(engine)) == {item, WithdrawnItem(DEBT, True, NOON, NOON + HOUR, reason)}
    assert len(told(engine)) == 11


def test_a_person_is_told_of_a_document_that_was_named(engine: Engine) -> None:
    (first, _), _ = document(engine), document(engine)
    gone(engine, OfDocuments((first,)), reason=Reason.OTHER)
    assert told(engine) == [WithdrawnItem(DEBT, False, NOON, NOON + HOUR, Reason.OTHER)]


def test_what_still_counts_is_not_told(engine: Engine) -> None:
    document(engine)
    document(engine, BERT)
    gone(engine, of(BERT))
    assert told(engine) == []


@pytest.mark.parametrize(
    "what",
    [OfDataset(GRANT, NOON), OfDataset(DEBT, NOON + HOUR), OfDataset(DEBT, NOON - HOUR, NOON), OfKey(SEAL, NOON + HOUR), OfKey(bytes(32))],
)
def test_a_mass_withdrawal_of_something_else_is_not_told(engine: Engine, what: What) -> None:
    document(engine)
    gone(engine, what)
    assert told(engine) == []


def test_what_was_recorded_only_after_a_mass_withdrawal_counts_still_and_is_not_told(engine: Engine) -> None:
    document(engine, BERT)
    gone(engine, OfDataset(DEBT, NOON))
    document(engine)
    assert told(engine) == []


def test_of_two_withdrawals_of_one_document_the_first_is_told(engine: Engine) -> None:
    document(engine)
    gone(engine, OfKey(SEAL), at=NOON + HOUR, reason=Reason.KEY)
    document_of_another_key(engine)
    gone(engine, of(ANNA), at=NOON + 2 * HOUR)
    assert {(item.withdrawn_at, item.reason) for item in told(engine)} == {
        (NOON + HOUR, Reason.KEY),
        (NOON + 2 * HOUR, Reason.CORRECTION),
    }


def document_of_another_key(engine: Engine) -> None:
    """After a key was withdrawn, the next one has lists of its own."""
    place = StatusPlaces(engine, KEY, ListHolder("duo", HOLDER.address, b"t" * 32, b"d" * 32), at_once=1, bits=10)(NOON)
    Records(engine, KEY).document_issued(
        "f" * 32,
        source="duo",
        dataset_id=DEBT,
        dataset_version=1,
        issued_at=NOON + timedelta(minutes=90),
        valid_until=NOON + 90 * DAY,
        with_bsn=False,
        status=place,
        person=ANNA,
    )


def test_what_went_before_a_moment_is_not_told_any_more(engine: Engine) -> None:
    document(engine)
    gone(engine, of(ANNA), at=NOON + HOUR)
    assert len(told(engine, since=NOON + HOUR)) == 1
    assert told(engine, since=NOON + HOUR + timedelta(seconds=1)) == []


def test_what_another_source_withdrew_is_not_told_here(engine: Engine) -> None:
    document(engine)
    gone(engine, of(ANNA))
    assert told(engine, source="uwv") == []
    with writing(engine) as connection:
        connection.execute(update(ISSUED_DOCUMENTS).values(source="uwv"))
    assert told(engine) == []
