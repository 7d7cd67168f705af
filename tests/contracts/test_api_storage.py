from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import StorageError
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verification_store import UsedAssertions, VerificationStore
from blauweknop.adapters.watched_documents import WatchedDocuments
from blauweknop.adapters.webhook_outbox import Outbox
from blauweknop.assembly.verifier_api import look_at_watched
from blauweknop.verifier.api.events import status_changed
from tests.contracts.api_storage import KEY, NOON, all_that_is_stored, ending, opened, store, verification, watch

LEASE = timedelta(seconds=60)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with opened(database_url) as engine:
        yield engine


def test_what_was_kept_comes_back_as_it_was(engine: Engine) -> None:
    kept = verification("a")
    store(engine).keep(kept)
    assert store(engine).find("a", "one", NOON) == kept


def test_a_verification_is_found_by_its_own_client_only(engine: Engine) -> None:
    store(engine).keep(verification("a"))
    assert store(engine).find("a", "two", NOON) is None
    assert not store(engine).forget("a", "two")
    assert store(engine).find("a", "one", NOON) is not None


def test_a_verification_ends_by_its_own_time(engine: Engine) -> None:
    store(engine).keep(verification("a"))
    almost = NOON + timedelta(hours=24) - timedelta(seconds=1)
    assert store(engine).find("a", "one", almost) is not None
    assert store(engine).find("a", "one", NOON + timedelta(hours=24)) is None
    assert (store(engine).sweep(almost), store(engine).sweep(NOON + timedelta(hours=24))) == (0, 1)


def test_an_id_is_used_once(engine: Engine) -> None:
    store(engine).keep(verification("a"))
    with pytest.raises(StorageError):
        store(engine).keep(verification("a"))


def test_a_verdict_and_the_message_of_it_come_together(engine: Engine) -> None:
    store(engine).keep(verification("a", state="pending"))
    assert store(engine).finish(verification("a"), event=ending("e", "a"))
    found = store(engine).find("a", "one", NOON)
    due = Outbox(engine, KEY).take("one", NOON, lease=LEASE)
    assert found == verification("a")
    assert due is not None
    assert due.event == ending("e", "a")


def test_a_verification_ends_once(engine: Engine) -> None:
    store(engine).keep(verification("a", state="pending"))
    assert [store(engine).finish(verification("a"), event=ending(name, "a")) for name in ("e", "f")] == [True, False]
    outbox = Outbox(engine, KEY)
    assert outbox.take("one", NOON, lease=LEASE) is not None
    assert outbox.take("one", NOON, lease=LEASE) is None


def test_a_message_that_cannot_be_kept_leaves_the_verification_pending(engine: Engine) -> None:
    for name in ("a", "b"):
        store(engine).keep(verification(name, state="pending"))
    store(engine).finish(verification("a"), event=ending("e", "a"))
    with pytest.raises(StorageError):
        store(engine).finish(verification("b"), event=ending("e", "b"))
    found = store(engine).find("b", "one", NOON)
    assert found is not None
    assert found.state == "pending"


def test_a_client_without_webhook_gets_no_messages(engine: Engine) -> None:
    quiet = VerificationStore(engine, KEY, frozenset({"two"}))
    quiet.keep(verification("a", state="pending"))
    assert quiet.finish(verification("a"), event=ending("e", "a"))
    assert Outbox(engine, KEY).clients_due(NOON) == []


def test_a_file_that_was_lost_with_its_process_is_told(engine: Engine) -> None:
    store(engine).keep(verification("old", state="pending"))
    store(engine).keep(verification("new", state="pending", at=NOON + timedelta(minutes=20)))
    now = NOON + timedelta(minutes=31)
    assert store(engine).interrupt(begun_before=now - timedelta(minutes=30), now=now) == 1
    states = [found.state if (found := store(engine).find(name, "one", now)) else None for name in ("old", "new")]
    due = Outbox(engine, KEY).take("one", now, lease=LEASE)
    assert states == ["interrupted", "pending"]
    assert due is not None
    assert (due.event.kind, due.event.data) == ("verification.interrupted", {"verificationId": "old"})


def test_what_was_made_with_another_key_is_not_there(engine: Engine) -> None:
    other = RowKey.from_secret(b"o" * 32)
    replace(store(engine), key=other).keep(verification("a", state="pending"))
    replace(store(engine), key=other).finish(verification("a"), event=ending("e", "a"))
    assert store(engine).find("a", "one", NOON) is None
    assert Outbox(engine, KEY).take("one", NOON, lease=LEASE) is None
    assert Outbox(engine, KEY).clients_due(NOON) == []


def test_a_stolen_database_says_nothing_of_a_document(engine: Engine) -> None:
    store(engine).keep(verification("reference-of-a"), watch=watch("reference-of-a"))
    store(engine).keep(verification("reference-of-b", state="pending"))
    store(engine).finish(verification("reference-of-b"), event=ending("e", "reference-of-b"))
    UsedAssertions(engine).first_use("name-of-assertion", until=NOON, now=NOON)
    stored = all_that_is_stored(engine)
    for word in ("reference-of", "name-of", "Łukasz", "studieschuld", "statuslists", "4711", "ab" * 32):
        assert word.encode() not in stored


def test_an_assertion_is_used_once_until_it_has_ended(engine: Engine) -> None:
    used, later = UsedAssertions(engine), NOON + timedelta(minutes=5)
    assert [used.first_use("j", until=later, now=NOON) for _ in range(2)] == [True, False]
    assert used.first_use("k", until=later, now=NOON)
    assert used.first_use("j", until=later + timedelta(minutes=5), now=later)


def test_of_many_at_once_one_is_the_first(engine: Engine) -> None:
    used = UsedAssertions(engine)
    with ThreadPoolExecutor(8) as pool:
        first = list(pool.map(lambda _: used.first_use("j", until=NOON + timedelta(minutes=5), now=NOON), range(16)))
    assert first.count(True) == 1


def test_of_many_who_want_a_message_one_gets_it(engine: Engine) -> None:
    store(engine).keep(verification("a", state="pending"))
    store(engine).finish(verification("a"), event=ending("e", "a"))
    outbox = Outbox(engine, KEY)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: outbox.take("one", NOON, lease=LEASE), range(16)))
    assert len([due for due in taken if due is not None]) == 1


def test_a_message_whose_taker_died_comes_back(engine: Engine) -> None:
    store(engine).keep(verification("a", state="pending"))
    store(engine).finish(verification("a"), event=ending("e", "a"))
    outbox = Outbox(engine, KEY)
    outbox.take("one", NOON, lease=LEASE)
    assert outbox.clients_due(NOON + timedelta(seconds=59)) == []
    again = outbox.take("one", NOON + LEASE, lease=LEASE)
    assert again is not None
    assert again.event.id == "e"


def test_messages_come_in_the_order_they_were_made(engine: Engine) -> None:
    for number, name in enumerate(("a", "b", "c")):
        store(engine).keep(verification(name, state="pending"))
        store(engine).finish(verification(name), event=ending(name * 3, name, at=NOON + timedelta(seconds=number)))
    outbox, later = Outbox(engine, KEY), NOON + timedelta(minutes=1)
    assert [due.event.id if (due := outbox.take("one", later, lease=LEASE)) else None for _ in range(3)] == ["aaa", "bbb", "ccc"]


def test_messages_for_a_client_that_left_are_dropped(engine: Engine) -> None:
    store(engine).keep(verification("a", state="pending"))
    store(engine).finish(verification("a"), event=ending("e", "a"))
    assert Outbox(engine, KEY).drop_strangers(["one"]) == 0
    assert Outbox(engine, KEY).drop_strangers([]) == 1


def watched(engine: Engine) -> WatchedDocuments:
    return WatchedDocuments(engine, KEY)


def test_a_watched_document_that_is_withdrawn_is_told_once_and_watched_no_more(engine: Engine) -> None:
    store(engine).keep(verification("a"), watch=watch("a"))
    assert look_at_watched(watched(engine), lambda _watch, _now: "withdrawn", NOON) == 1
    assert look_at_watched(watched(engine), lambda _watch, _now: "withdrawn", NOON) == 0
    due = Outbox(engine, KEY).take("one", NOON, lease=LEASE)
    assert due is not None
    assert due.event.kind == "document.status-changed"
    assert due.event.data == {
        "verificationId": "a",
        "dataset": "duo.studieschuld",
        "previousStatus": "valid",
        "status": "withdrawn",
    }


def test_a_suspended_document_is_watched_on(engine: Engine) -> None:
    store(engine).keep(verification("a"), watch=watch("a"))
    said = iter(["suspended", "suspended", "valid"])
    told = [look_at_watched(watched(engine), lambda _watch, _now: next(said), NOON) for _ in range(3)]
    assert told == [1, 0, 1]


@pytest.mark.parametrize("status", [None, "valid"])
def test_a_silent_status_list_and_an_equal_status_are_no_change(engine: Engine, status: str | None) -> None:
    store(engine).keep(verification("a"), watch=watch("a"))
    assert look_at_watched(watched(engine), lambda _watch, _now: status, NOON) == 0


def test_of_two_processes_that_see_a_change_one_tells_it(engine: Engine) -> None:
    store(engine).keep(verification("a"), watch=watch("a"))
    told = [
        watched(engine).note(
            watch("a"),
            "suspended",
            status_changed(name, "one", "a", dataset="d", before="valid", now="suspended", at=NOON),
            final=False,
        )
        for name in ("e", "f")
    ]
    assert told == [True, False]


def test_a_document_is_watched_through_its_last_day(engine: Engine) -> None:
    last = watch("a", until=NOON.date())
    store(engine).keep(verification("a"), watch=last)
    evening = NOON.replace(hour=22, minute=59)  # just before midnight on Dutch clocks
    assert list(watched(engine).each(evening)) == [last]
    assert list(watched(engine).each(evening + timedelta(minutes=1))) == []
    assert watched(engine).sweep(evening + timedelta(minutes=1)) == 1


def test_to_forget_a_verification_is_to_stop_watching_also_after_it_expired(engine: Engine) -> None:
    store(engine).keep(verification("a"), watch=watch("a"))
    store(engine).sweep(NOON + timedelta(hours=24))
    assert not store(engine).forget("a", "two")
    assert len(list(watched(engine).each(NOON))) == 1
    assert store(engine).forget("a", "one")
    assert list(watched(engine).each(NOON)) == []


def test_more_documents_than_a_page_are_all_looked_at(engine: Engine) -> None:
    for number in range(1005):
        store(engine).keep(verification(f"v{number}"), watch=watch(f"v{number}"))
    assert len({one.verification_id for one in watched(engine).each(NOON)}) == 1005
