"""Places, lists and withdrawals on a real database: what must hold when several processes work, or one is killed."""

import hashlib
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import Engine, Row

from blauweknop.adapters.bulk_records import IssuedDocument, documents_issued
from blauweknop.adapters.database import METADATA, StorageError, open_database, reading, writing
from blauweknop.adapters.keys import KeyProblem
from blauweknop.adapters.records import STATUS_LISTS, WITHDRAWALS, Records
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.status_lists import StatusLists, list_addresses, sweep_lists
from blauweknop.adapters.status_places import ListHolder, StatusPlaces
from blauweknop.adapters.withdrawals import Withdrawals
from blauweknop.issuer.status_lists import ListToken, current_token
from blauweknop.issuer.withdraw import OfDataset, OfDocuments, OfKey, What, Withdrawn, withdraw
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import INVALID, VALID, StatusList, StatusReference, read_status_list
from tests.databases import with_tables
from tests.unit.checking import exercise_documents as x

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ROW_KEY = RowKey.from_secret(bytes(range(32)))
SEAL, CREDENTIAL = hashlib.sha256(b"seal").digest(), hashlib.sha256(b"credential").digest()
_NUMBERS = count(1 << 100)
HOLDER = ListHolder("duo", "https://duo.example/duo/statuslists", SEAL, CREDENTIAL)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def places(engine: Engine, *, at_once: int = 4, bits: int = 10, holder: ListHolder = HOLDER, key: RowKey = ROW_KEY) -> StatusPlaces:
    return StatusPlaces(engine, key, holder, at_once=at_once, bits=bits)


def issue(
    engine: Engine, document_id: str, place: StatusReference | None, *, dataset: str = "duo.studieschuld", at: datetime = NOON
) -> None:
    Records(engine, ROW_KEY).document_issued(
        document_id,
        source="duo",
        dataset_id=dataset,
        dataset_version=1,
        issued_at=at,
        valid_until=at + 90 * DAY,
        with_bsn=False,
        status=place,
    )


def issued(engine: Engine, many: int = 3, *, dataset: str = "duo.studieschuld", at: datetime = NOON) -> list[tuple[str, StatusReference]]:
    """Documents that were made, each with its place."""
    take = places(engine)
    made = [(f"{next(_NUMBERS):032x}", take(NOON)) for _ in range(many)]
    for document_id, place in made:
        issue(engine, document_id, place, dataset=dataset, at=at)
    return made


def gone(engine: Engine, what: What, *, now: datetime = NOON, only_tried: bool = False, source: str = "duo") -> Withdrawn:
    return withdraw(what, Withdrawals(engine, source, now=now, trace_id="0" * 32), only_tried=only_tried)


def status(engine: Engine, place: StatusReference, now: datetime = NOON) -> int:
    """As a receiver finds it in the list that is published now."""
    return published(engine, place.uri, now).status(place.index)


def published(engine: Engine, uri: str, now: datetime = NOON) -> StatusList:
    signer = x.exercise().credentials["duo"]
    token = current_token(uri.rpartition("/")[2], storage=StatusLists(engine, "duo"), signer=signer, now=now)
    assert token is not None
    return read_status_list(token.jwt, uri=uri, signers=[signer.certificate]).statuses


def test_each_document_has_another_place(engine: Engine) -> None:
    take = places(engine)
    found = [take(NOON) for _ in range(1024)]
    assert len({place.index for place in found}) == 1024
    assert {place.uri for place in found} == {list_addresses(engine)[0].uri}


def test_a_full_list_is_followed_by_another(engine: Engine) -> None:
    take = places(engine, bits=4)
    found = Counter(take(NOON).uri for _ in range(40))
    assert sorted(found.values()) == [8, 16, 16]
    assert len(list_addresses(engine)) == 3


def test_a_new_year_on_dutch_clocks_begins_another_list(engine: Engine) -> None:
    take, midnight = places(engine), datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    old, new = take(midnight - timedelta(seconds=1)), take(midnight)
    assert old.uri != new.uri
    assert [address.year for address in list_addresses(engine)] == [2027, 2026]


@pytest.mark.parametrize(
    "other",
    [
        ListHolder("uwv", HOLDER.address, SEAL, CREDENTIAL),
        ListHolder("duo", "https://duo.example/bron/statuslists", SEAL, CREDENTIAL),
        ListHolder("duo", HOLDER.address, CREDENTIAL, CREDENTIAL),
        ListHolder("duo", HOLDER.address, SEAL, SEAL),
    ],
)
def test_another_source_address_or_key_has_lists_of_its_own(engine: Engine, other: ListHolder) -> None:
    assert places(engine)(NOON).uri != places(engine, holder=other)(NOON).uri


def test_another_secret_key_begins_another_list(engine: Engine) -> None:
    other = RowKey.from_secret(bytes(32))
    assert places(engine)(NOON).uri != places(engine, key=other)(NOON).uri
    assert places(engine, at_once=1)(NOON).uri == places(engine, at_once=1)(NOON).uri


def test_the_name_of_a_list_has_no_digits(engine: Engine) -> None:
    places(engine)(NOON)
    assert list_addresses(engine)[0].list_id.isalpha()


def test_threads_never_get_one_place_twice(engine: Engine) -> None:
    take = places(engine, at_once=3)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: take(NOON).index, range(400)))
    assert len(set(found)) == 400


def take_many(url: str, count: int) -> list[tuple[str, int]]:
    engine = open_database(url)
    take = places(engine, at_once=7, bits=8)
    found = [take(NOON) for _ in range(count)]
    engine.dispose()
    return [(place.uri, place.index) for place in found]


def test_processes_never_get_one_place_twice(engine: Engine, database_url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        parts = pool.starmap(take_many, [(database_url, 150)] * 4)
    found = [place for part in parts for place in part]
    assert len(set(found)) == 600
    # Whole ranges only are left over: at most one of each process.
    assert len(list_addresses(engine)) == 3


def take_and_die(url: str, told: Callable[[str], None]) -> None:
    take = places(open_database(url), at_once=10)
    told(f"{take(NOON).index} {take(NOON).index}")
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_process_had_taken_is_used_by_nobody(engine: Engine, database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    told, tell = context.Pipe(duplex=False)
    process = context.Process(target=take_and_die, args=(database_url, tell.send))
    process.start()
    before = {int(index) for index in told.recv().split()}
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    take = places(engine, at_once=10)
    later = {take(NOON).index for _ in range(1014)}
    assert len(later) == 1014
    assert not before & later
    assert len(list_addresses(engine)) == 1
    take(NOON)
    assert len(list_addresses(engine)) == 2


def test_the_order_of_places_tells_nothing_of_the_order_of_documents(engine: Engine) -> None:
    take = places(engine, at_once=1024)
    found = [take(NOON).index for _ in range(1024)]
    rising = sum(later > earlier for earlier, later in pairwise(found))
    near = sum(abs(later - earlier) <= 8 for earlier, later in pairwise(found))
    assert 465 < rising < 558  # half of 1023, give or take five standard deviations of nine
    assert near < 40  # sixteen of 1024 by chance


def test_a_place_that_was_used_is_refused_a_second_time(engine: Engine) -> None:
    place = places(engine)(NOON)
    issue(engine, "1" * 32, place)
    with pytest.raises(StorageError):
        issue(engine, "2" * 32, place)
    record = IssuedDocument("3" * 32, "duo", "duo.studieschuld", 1, NOON, NOON + DAY, False, "0" * 32, place)
    with pytest.raises(StorageError):
        documents_issued(engine, [record])


def test_documents_without_a_place_are_many(engine: Engine) -> None:
    issue(engine, "1" * 32, None)
    issue(engine, "2" * 32, None)
    assert gone(engine, OfDocuments(("1" * 32,))) == Withdrawn(0, 0, ("1" * 32,))


def test_a_withdrawn_document_stands_in_the_next_list(engine: Engine) -> None:
    (first, place), (_, other), _ = issued(engine)
    assert status(engine, place) == VALID
    assert gone(engine, OfDocuments((first,))) == Withdrawn(1)
    assert (status(engine, place), status(engine, other)) == (INVALID, VALID)


def test_withdrawing_twice_is_withdrawing_once(engine: Engine) -> None:
    (first, place), *_ = issued(engine)
    assert gone(engine, OfDocuments((first, first))) == Withdrawn(1)
    assert gone(engine, OfDocuments((first,))) == Withdrawn(0, before=1)
    assert status(engine, place) == INVALID
    assert len(told(engine)) == 1


def test_what_is_only_tried_changes_nothing(engine: Engine) -> None:
    (first, place), *_ = issued(engine)
    assert gone(engine, OfDocuments((first,)), only_tried=True) == Withdrawn(1)
    assert status(engine, place) == VALID
    assert told(engine) == []


def test_a_document_of_another_source_is_left_alone(engine: Engine) -> None:
    (first, place), *_ = issued(engine)
    assert gone(engine, OfDocuments((first,)), source="uwv") == Withdrawn(0, 0, (first,))
    assert status(engine, place) == VALID


def test_many_documents_of_a_person_go_at_once(engine: Engine) -> None:
    made = issued(engine, 700)
    assert gone(engine, OfDocuments(tuple(document_id for document_id, _ in made))) == Withdrawn(700)
    assert {status(engine, place) for _, place in made} == {INVALID}


def test_a_data_set_goes_since_a_moment(engine: Engine) -> None:
    early, late = issued(engine, at=NOON - timedelta(seconds=1)), issued(engine, at=NOON)
    other = issued(engine, dataset="duo.studiefinanciering")
    assert gone(engine, OfDataset("duo.studieschuld", NOON)) == Withdrawn(3)
    assert {status(engine, place) for _, place in late} == {INVALID}
    assert {status(engine, place) for _, place in (*early, *other)} == {VALID}


@pytest.mark.parametrize("key", [SEAL, CREDENTIAL])
def test_a_key_takes_the_whole_of_its_lists_along(engine: Engine, key: bytes) -> None:
    made = issued(engine)
    other = places(engine, holder=ListHolder("duo", HOLDER.address, bytes(32), bytes(32)))(NOON)
    assert gone(engine, OfKey(key)) == Withdrawn(3)
    found = published(engine, made[0][1].uri)
    assert {found.status(index) for index in range(len(found))} == {INVALID}
    assert status(engine, other) == VALID


def test_what_was_made_before_a_key_was_lost_stays_and_a_place_that_nobody_was_given_goes(engine: Engine) -> None:
    early, late = issued(engine, 5, at=NOON - DAY), issued(engine, 5, at=NOON)
    gone(engine, OfDocuments((early[0][0],)))
    assert gone(engine, OfKey(SEAL, NOON)) == Withdrawn(5)
    found = published(engine, early[0][1].uri)
    assert {index for index in range(len(found)) if found.status(index) == VALID} == {place.index for _, place in early[1:]}
    assert {status(engine, place) for _, place in late} == {INVALID}


def test_a_key_without_documents_is_withdrawn_too(engine: Engine) -> None:
    assert gone(engine, OfKey(SEAL)) == Withdrawn(0)
    gone(engine, OfKey(SEAL))
    assert [row.means for row in told(engine)] == ["key"]


@pytest.mark.parametrize("key", [SEAL, CREDENTIAL])
def test_a_withdrawn_key_makes_no_more_documents(engine: Engine, key: bytes) -> None:
    gone(engine, OfKey(key))
    with pytest.raises(KeyProblem, match="withdrawn"):
        places(engine)(NOON)


def test_a_withdrawal_is_told_in_the_records_without_a_number_of_a_document(engine: Engine) -> None:
    (first, _), *_ = issued(engine)
    gone(engine, OfDocuments((first,)))
    gone(engine, OfDataset("duo.studieschuld", NOON))
    gone(engine, OfKey(SEAL, NOON))
    assert [(row.means, row.documents, row.dataset_id, row.key, row.since) for row in told(engine)] == [
        ("document", 1, None, None, None),
        ("dataset", 2, "duo.studieschuld", None, NOON),
        ("key", 0, None, SEAL, NOON),
    ]
    with reading(engine) as connection:
        rows = [str(row) for table in METADATA.sorted_tables for row in connection.execute(select(table))]
    assert not [row for row in rows if first in row]


def told(engine: Engine) -> "list[Row[Any]]":
    with reading(engine) as connection:
        return [*connection.execute(select(WITHDRAWALS).order_by(WITHDRAWALS.c.id))]


def withdraw_and_die(url: str, document_id: str) -> None:
    gone(open_database(url), OfDocuments((document_id,)))
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_withdrawal_outlives_its_process(engine: Engine, database_url: str) -> None:
    (first, place), *_ = issued(engine)
    process = multiprocessing.get_context("spawn").Process(target=withdraw_and_die, args=(database_url, first))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert status(engine, place) == INVALID


def test_withdrawals_at_once_lose_nothing(engine: Engine) -> None:
    made = issued(engine, 12)
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda document: gone(engine, OfDocuments((document[0],))), made))
    assert sum(item.documents for item in done) == 12
    assert {status(engine, place) for _, place in made} == {INVALID}


def test_a_list_is_signed_anew_after_a_quarter_of_an_hour_also_when_nothing_changed(engine: Engine) -> None:
    (_, place), *_ = issued(engine)
    at_first, kept = token(engine, place), token(engine, place, NOON + timedelta(minutes=14, seconds=59))
    renewed = token(engine, place, NOON + timedelta(minutes=15))
    assert kept == at_first
    assert renewed.jwt != at_first.jwt
    assert renewed.made_at == NOON + timedelta(minutes=15)


def test_after_a_change_of_key_a_list_is_signed_anew_within_a_minute(engine: Engine) -> None:
    (_, place), *_ = issued(engine)
    old, new = x.exercise().credentials["duo"], x.exercise().credentials["uwv"]
    before = token(engine, place, signer=old)
    at_once = token(engine, place, NOON + timedelta(seconds=59), signer=new)
    renewed = token(engine, place, NOON + timedelta(seconds=60), signer=new)
    assert at_once == before
    assert read_status_list(renewed.jwt, uri=place.uri, signers=[new.certificate]).issued_at == NOON + timedelta(seconds=60)
    assert read_status_list(renewed.cwt, uri=place.uri, signers=[new.certificate]).issued_at == NOON + timedelta(seconds=60)


def test_processes_with_the_old_and_the_new_key_sign_a_list_at_most_once_a_minute(engine: Engine) -> None:
    (_, place), *_ = issued(engine)
    signers = [x.exercise().credentials[source] for source in ("duo", "uwv")]
    made = {token(engine, place, NOON + timedelta(seconds=second), signer=signers[second % 2]).made_at for second in range(180)}
    assert len(made) == 3


def test_a_withdrawal_in_the_same_second_makes_a_newer_list(engine: Engine) -> None:
    (first, place), *_ = issued(engine)
    before = token(engine, place)
    gone(engine, OfDocuments((first,)))
    assert token(engine, place).made_at == before.made_at + timedelta(seconds=1)


def test_a_list_of_a_clock_that_was_ahead_is_not_published(engine: Engine) -> None:
    (_, place), *_ = issued(engine)
    token(engine, place, NOON + DAY)
    assert token(engine, place).made_at == NOON


def test_a_list_says_how_long_it_counts(engine: Engine) -> None:
    (_, place), *_ = issued(engine)
    signer = x.exercise().credentials["duo"]
    found = read_status_list(token(engine, place).jwt, uri=place.uri, signers=[signer.certificate])
    assert (found.issued_at, found.expires_at, found.ttl) == (NOON, NOON + DAY, timedelta(hours=1))


def test_a_list_says_the_same_in_text_and_in_cbor(engine: Engine) -> None:
    (first, place), *_ = issued(engine)
    gone(engine, OfDocuments((first,)))
    signer = x.exercise().credentials["duo"]
    forms = token(engine, place)
    text, binary = (read_status_list(form, uri=place.uri, signers=[signer.certificate]) for form in (forms.jwt, forms.cwt))
    assert text == binary
    assert binary.statuses.status(place.index) == INVALID


def test_processes_publish_the_same_token(engine: Engine, database_url: str) -> None:
    (_, place), *_ = issued(engine)
    others = [open_database(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda other: token(other, place), others))
    assert len(set(found)) == 1
    for other in others:
        other.dispose()


def test_one_process_sees_what_another_signed(engine: Engine) -> None:
    (first, place), *_ = issued(engine)
    lists, signer, list_id = StatusLists(engine, "duo"), x.exercise().credentials["duo"], place.uri.rpartition("/")[2]
    current_token(list_id, storage=lists, signer=signer, now=NOON)
    gone(engine, OfDocuments((first,)))
    elsewhere = token(engine, place)
    assert current_token(list_id, storage=lists, signer=signer, now=NOON) == elsewhere


def test_a_source_publishes_its_own_lists_only(engine: Engine) -> None:
    (_, place), *_ = issued(engine)
    assert StatusLists(engine, "uwv").kept(place.uri.rpartition("/")[2]) is None
    assert StatusLists(engine, "duo").kept("nergens") is None


def token(engine: Engine, place: StatusReference, now: datetime = NOON, *, signer: Signer | None = None) -> ListToken:
    by = signer or x.exercise().credentials["duo"]
    found = current_token(place.uri.rpartition("/")[2], storage=StatusLists(engine, "duo"), signer=by, now=now)
    assert found is not None
    return found


def test_what_must_last_is_on_the_disk_and_what_need_not_is_quicker(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'x.sqlite'}")

    def synchronous(*, durable: bool) -> int:
        with writing(engine, durable=durable) as connection:
            return int(connection.execute(text("PRAGMA synchronous")).scalar_one())

    assert (synchronous(durable=True), synchronous(durable=False), synchronous(durable=True)) == (2, 1, 2)
    engine.dispose()


def test_a_list_goes_when_its_year_is_long_past_and_no_document_is_kept(engine: Engine) -> None:
    old, kept, empty = NOON - 800 * DAY, places(engine)(NOON), ListHolder("uwv", HOLDER.address, SEAL, CREDENTIAL)
    places(engine, holder=empty)(old)
    issue(engine, "1" * 32, places(engine)(old), at=old)
    assert sweep_lists(engine, NOON) == 1
    Records(engine, ROW_KEY).sweep(NOON, documents_kept=DAY, events_kept=DAY)
    assert sweep_lists(engine, NOON) == 1
    assert [address.uri for address in list_addresses(engine)] == [kept.uri]


def test_the_order_of_a_list_is_no_use_to_who_steals_the_database(engine: Engine) -> None:
    places(engine)(NOON)
    with reading(engine) as connection:
        encrypted = connection.execute(select(STATUS_LISTS.c.order_key)).scalar_one()
    assert len(encrypted) > 32
