"""Mijn Blauwe Knop is killed (SIGKILL) at moments that fall as they fall, while it fetches, reads in and erases; then it starts again.

`BLAUWEKNOP_KILLS=200` kills so often in each test; docs/roles/holder.md has the command.
"""

import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import func, select

from blauweknop.adapters.database import METADATA, reading
from blauweknop.holder.collecting.connection import BUSY_FOR
from blauweknop.holder.items import ConnectionItem, CredentialItem, DocumentItem, read_head
from blauweknop.holder.keeping import items_of
from blauweknop.holder.vault import Vault
from tests.killed_holder import Killable, killable
from tests.unit.holder.collecting.collecting_world import CollectingWorld
from tests.unit.holder.filled_vaults import keep_paper, vault_of
from tests.unit.holder.holder_world import Person, holder_world, words
from tests.unit.issuer.source_world import DEBT, GRANT
from tests.unit.issuer.wallet.wallet_world import wallet_world

_KILLS = int(os.environ.get("BLAUWEKNOP_KILLS", "4"))
_PAPERS = 12
_ADDRESS = re.compile(r"url=(\S+)")
_CHANCE = random.Random(6)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killable]:
    folder = tmp_path_factory.mktemp("killed")
    with wallet_world(folder / "issuer") as issuer, holder_world(folder) as world, killable(world, CollectingWorld(issuer)) as made:
        made.start()
        yield made


def begin_to_collect(running: Killable) -> str:
    """To the source and back; where it is to be seen how it stands."""
    asked = running.person.send("/ophalen", source="duo")
    address = _ADDRESS.search(asked.headers.get("refresh", ""))
    assert address is not None, asked.text
    given = {name: values[0] for name, values in running.here.agree(address[1], DEBT, GRANT).items()}
    return running.person.open(f"/ophalen/terug?{urlencode(given)}").headers["location"].removeprefix("/mijn")


def start_again(running: Killable) -> None:
    running.kill()
    running.gate.open()
    running.here.issuer.world.later(seconds=BUSY_FOR.total_seconds())
    running.start()


def stands(running: Killable, place: str) -> str:
    """What the page says when nothing is being fetched any more."""
    page = running.person.open(place)
    while "refresh" in page.headers:
        page = running.person.open(place)
    return words(page.text)


def bring(person: Person, archive: bytes) -> httpx.Response:
    token = person.open("/rechten/inlezen").text.partition('name="_csrf_token" value="')[2].partition('"')[0]
    files = {"archief": ("mijn.zip", archive)}
    return person.client.post("/mijn/rechten/inlezen", data={"_csrf_token": token}, files=files)


def rows_of(running: Killable, account: bytes) -> Counter[str]:
    """How many rows of an account each table has."""
    tables = [table for table in METADATA.sorted_tables if table.name.startswith("holder_")]
    with reading(running.world.engine) as connection:
        found = {
            table.name: connection.execute(
                select(func.count()).select_from(table).where((table.c.account if "account" in table.c else table.c.id) == account)
            ).scalar_one()
            for table in tables
            if "account" in table.c or table.name == "holder_accounts"
        }
    return Counter({name: number for name, number in found.items() if number})


def kill_during(running: Killable, work: Callable[[], object], longest: float) -> None:
    """At a moment of chance after its beginning."""

    def try_it() -> None:
        with suppress(httpx.HTTPError):  # nobody answers any more
            work()

    thread = threading.Thread(target=try_it)
    thread.start()
    thread.join(_CHANCE.uniform(0, longest))
    running.kill()
    thread.join()
    running.start()


def keep_papers(vault: Vault, now: datetime) -> None:
    for number in range(_PAPERS):
        keep_paper(vault, f"papier {number}", now)


def shapes(vault: Vault) -> Counter[bytes]:
    """All that is there, by what its heads say."""
    return Counter(head.head for head in vault.heads())


def assert_whole(vault: Vault) -> None:
    """What a connection says was fetched is here, and the other way round; and of each kind of thing one counts."""
    items = list(items_of(vault))
    said = {
        (head.id.hex(), part.dataset, part.is_document)
        for head, item in items
        if isinstance(item, ConnectionItem)
        for part in item.parts
        if part.state == "fetched"
    }
    papers = [(item.connection, item.dataset, True) for _, item in items if isinstance(item, DocumentItem)]
    credentials = [(item.connection, item.dataset, False) for _, item in items if isinstance(item, CredentialItem)]
    assert sorted(papers) == sorted(each for each in said if each[2])
    assert set(credentials) <= said
    counting = [
        (item.dataset, type(item)) for _, item in items if isinstance(item, DocumentItem | CredentialItem) if item.standing == "current"
    ]
    assert len(counting) == len(set(counting))


@pytest.mark.parametrize("path", ["/document", "/credential", "/notification", None])
def test_after_a_kill_fetching_goes_on_or_says_what_to_do(running: Killable, path: str | None) -> None:
    running.person.settle(f"haalt op {path}")
    for _ in range(max(1, _KILLS // 4)):
        if path is not None:
            running.gate.shut(path)
        place = begin_to_collect(running)
        running.person.open(place)
        if path is None:
            threading.Event().wait(_CHANCE.uniform(0, 0.3))
        else:
            assert running.gate.asked.wait(60)
        start_again(running)
        said = stands(running, place)
        vault = vault_of(running.person)

        assert_whole(vault)
        read = vault.read(bytes.fromhex(place.rpartition("/")[2]))
        item = read_head(read[0].head) if read else None
        assert isinstance(item, ConnectionItem)
        assert {(part.state, part.reason) for part in item.parts} <= {("fetched", ""), ("failed", "denied")}
        lost = [part for part in item.parts if part.state == "failed" and part.is_document]
        assert said.count("gaf het al. Haal het opnieuw op.") == len(lost)
    assert "2 documenten opgehaald" in stands(running, begin_to_collect(running))
    assert_whole(vault_of(running.person))


def test_what_is_read_in_is_there_whole_or_not_at_all(running: Killable) -> None:
    running.person.settle("neemt mee")
    stands(running, begin_to_collect(running))
    start_again(running)  # a later moment, so that the documents of the second time are newer
    stands(running, begin_to_collect(running))
    vault = vault_of(running.person)
    vault.together(lambda staged: keep_papers(staged, running.here.now))
    archive = running.person.send("/rechten/alles", "/rechten").content
    began = time.monotonic()
    running.person.settle("leest in")
    assert "Ingelezen" in words(bring(running.person, archive).text)
    longest = time.monotonic() - began
    whole = shapes(vault_of(running.person))
    assert sum(whole.values()) > _PAPERS
    for number in range(_KILLS):
        running.person.settle(f"leest in {number}")
        kill_during(running, lambda: bring(running.person, archive), longest)
        there = shapes(vault_of(running.person))
        assert there in (Counter(), whole)
        assert ("Nieuw bewaard: 0." in words(bring(running.person, archive).text)) == (there == whole)
        assert shapes(vault_of(running.person)) == whole


def test_an_account_is_erased_whole_or_not_at_all_also_while_it_fetches(running: Killable) -> None:
    for number in range(_KILLS):
        person = running.person.settle(f"wist {number}")
        vault = vault_of(person)
        vault.together(lambda staged: keep_papers(staged, running.here.now))
        person.open(begin_to_collect(running))
        before = rows_of(running, vault.account)
        kill_during(running, lambda: running.person.send("/wissen", sure="yes"), 0.1)
        after = rows_of(running, vault.account)
        assert not after or (after["holder_items"] >= before["holder_items"] and after["holder_unlocks"] == before["holder_unlocks"] == 2)
        assert running.person.open("/overzicht").status_code == (200 if after else 303)
        assert running.person.unlock(f"wist {number}").status_code == (303 if after else 403)
