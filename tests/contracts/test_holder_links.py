"""What waits behind links, on every kind of database: given once, tries counted for all, forgotten on time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from blauweknop.adapters.holder_links import HolderLinks
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.holder.links.ports import MOST_TRIES, KeptLink
from blauweknop.standards.sharing_receipts import sign_receipt
from tests.databases import with_tables
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LINK = KeptLink("NTRNL-90001001", "Schuldhulp Proef", b"p" * 32, "h" * 43)
PACKAGE = b"gesloten" * 1000


@pytest.fixture
def store(database_url: str) -> Iterator[HolderLinks]:
    engine = with_tables(database_url)
    made = HolderLinks(engine, RowKey.from_secret(bytes(range(32))), rows=3)
    assert made.put("een", LINK, PACKAGE, ends_at=NOW + DAY, now=NOW)
    yield made
    engine.dispose()


def test_a_link_is_what_it_was_with_what_happened_to_it(store: HolderLinks) -> None:
    assert store.read("een") == LINK
    store.change("een", lambda link: link.with_event(NOW, "other"))
    assert store.read("een") == LINK.with_event(NOW, "other")
    store.change("twee", lambda link: link.with_event(NOW, "other"))
    assert store.read("twee") is None


def test_of_many_who_take_at_once_one_gets_it(store: HolderLinks) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: store.take("een", now=NOW), range(8)))
    assert sorted(package is not None for package in taken) == [False] * 7 + [True]
    assert not store.waits("een", now=NOW)


def test_of_many_who_try_at_once_no_more_than_five_do(store: HolderLinks) -> None:
    with ThreadPoolExecutor(8) as pool:
        left = list(pool.map(lambda _: store.try_pin("een", now=NOW), range(12)))
    assert sorted(number for number in left if number is not None) == list(range(MOST_TRIES))


def test_of_many_who_note_at_once_each_line_stands(store: HolderLinks) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.change("een", lambda link: link.with_event(NOW, "wrong_pin")), range(8)))
    link = store.read("een")
    assert link is not None
    assert len(link.events) == 8


def test_lines_of_one_link_have_an_end_but_not_those_that_matter() -> None:
    link = LINK
    for _ in range(100):
        link = link.with_event(NOW, "other")
    assert len(link.events) == 20
    assert link.with_event(NOW, "fetched").happened("fetched")


@pytest.mark.parametrize("moment", [NOW + DAY, NOW + 2 * DAY])
def test_what_is_over_can_not_be_tried_or_taken(store: HolderLinks, moment: datetime) -> None:
    assert (store.waits("een", now=moment), store.try_pin("een", now=moment), store.take("een", now=moment)) == (False, None, None)


def test_a_package_goes_at_its_end_and_what_is_known_of_it_later(store: HolderLinks) -> None:
    assert store.sweep(NOW + DAY) == 1
    assert store.read("een") == LINK
    assert store.sweep(NOW + 61 * DAY) == 0
    assert store.read("een") is None


def received(store: HolderLinks, name: str = "een", receipt: str | None = None) -> None:
    signed = sign_receipt(s.RECEIPT, r.RECEIVER.signer()) if receipt is None else receipt
    store.change(name, lambda link: link.with_receipt(signed))


def test_a_receipt_stays_as_long_as_the_receiver_may_keep_the_data_and_no_longer(store: HolderLinks) -> None:
    received(store)
    end = s.RECEIPT.erase_at
    for moment in (NOW + 61 * DAY, NOW + 62 * DAY, end - DAY):
        store.sweep(moment)
        assert store.read("een") is not None
    store.sweep(end)
    assert store.read("een") is None


def test_a_receipt_over_which_nobody_keeps_data_any_more_is_forgotten_as_all_else(store: HolderLinks) -> None:
    received(store)
    store.sweep(s.RECEIPT.erase_at + 61 * DAY)
    assert store.read("een") is None


@pytest.mark.parametrize("receipt", ["a.b.c", "x", ""])
def test_what_is_no_receipt_keeps_nothing(store: HolderLinks, receipt: str) -> None:
    received(store, receipt=receipt)
    store.sweep(NOW + 61 * DAY)
    assert store.read("een") is None


def test_receipts_of_long_take_no_room_of_links_that_wait_and_have_an_end_of_their_own(store: HolderLinks) -> None:
    for name in ("twee", "drie"):
        assert store.put(name, LINK, PACKAGE, ends_at=NOW + DAY, now=NOW)
    for name in ("een", "twee", "drie"):
        received(store, name)
    replace(store, receipts=2).sweep(NOW + 61 * DAY)
    assert sum(store.read(name) is not None for name in ("een", "twee", "drie")) == 2
    assert [store.put(name, LINK, PACKAGE, ends_at=NOW + DAY, now=NOW) for name in ("vier", "vijf", "zes", "zeven")] == [True] * 3 + [False]


def test_there_is_an_end_to_how_much_waits(store: HolderLinks) -> None:
    assert [store.put(name, LINK, PACKAGE, ends_at=NOW + DAY, now=NOW) for name in ("twee", "drie", "vier")] == [True, True, False]


def test_another_secret_reads_nothing_and_changes_nothing(store: HolderLinks) -> None:
    other = HolderLinks(store.engine, RowKey.from_secret(bytes(32)))
    assert other.read("een") is None
    other.change("een", lambda link: link.with_event(NOW, "withdrawn"))
    assert store.read("een") == LINK
