import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.watched_documents import WatchedDocuments
from blauweknop.adapters.webhook_outbox import Outbox
from blauweknop.assembly.trust import status_teller
from blauweknop.assembly.verifier_api import look_at_watched
from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.domain.verdict import Verdict
from blauweknop.standards.status_list import INVALID, SUSPENDED
from tests.databases import with_tables
from tests.unit.checking import exercise_documents as x
from tests.unit.checking.test_status import INDEX, URI, document, token
from tests.unit.verifier.api.api_world import Clock, application, clients, headers

KEY = RowKey.from_secret(b"k" * 32)


@dataclass
class Watched:
    """An API with a database, whose source publishes a list that tests change."""

    client: TestClient[Any]
    outbox: Outbox
    documents: WatchedDocuments
    clock: Clock
    lists: dict[str, bytes] = field(default_factory=dict)

    def trust(self) -> Trust:
        return replace(x.trust(x.entity(x.DUO, hosts=("duo.example",))), status_lists=self.lists)

    def check(self, pdf: bytes, at: datetime) -> Verdict:
        return check_document(pdf, trust=self.trust(), at=at, catalogue=x.catalogue())

    def look(self) -> int:
        return look_at_watched(self.documents, status_teller(lambda _uri, _now: self.trust()), self.clock.now)

    def publish(self, changes: Mapping[int, int]) -> None:
        self.lists[URI] = token(changes)

    def told(self) -> dict[str, str] | None:
        """The next message, whether or not the postman of the server tried it already."""
        due = self.outbox.take("one", self.clock.now + timedelta(hours=1), lease=timedelta(minutes=1))
        return due.event.data if due else None

    def ask(self, query: str = "?watch=true", **given: str) -> Any:
        return self.client.post(f"/v1/verifications{query}", content=document(), headers=headers(**given))


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Watched]:
    engine = with_tables(f"sqlite:///{tmp_path / 'x.db'}")
    clock = Clock()
    watched: list[Watched] = []
    app = application(
        clock,
        known=clients(webhook="https://ontvanger.example/in"),
        database=(engine, KEY),
        check=lambda pdf, at: watched[0].check(pdf, at),
    )
    with TestClient(app, base_url="https://controle.example") as client:
        watched.append(Watched(client, Outbox(engine, KEY), WatchedDocuments(engine, KEY), clock))
        watched[0].publish({})
        yield watched[0]
    engine.dispose()


def test_a_client_is_told_when_a_document_is_withdrawn(api: Watched) -> None:
    asked = api.ask().json()
    assert (asked["verdict"], asked["status"], asked["watchedUntil"]) == ("green", "valid", "2027-02-21")
    assert (api.look(), api.told()) == (0, None)
    api.publish({INDEX: INVALID})
    assert api.look() == 1
    assert api.told() == {
        "verificationId": asked["id"],
        "dataset": "duo.studieschuld",
        "previousStatus": "valid",
        "status": "withdrawn",
    }
    assert api.look() == 0


def test_a_document_that_is_suspended_now_is_watched_for_when_it_is_not(api: Watched) -> None:
    api.publish({INDEX: SUSPENDED})
    asked = api.ask().json()
    assert (asked["verdict"], asked["watchedUntil"]) == ("orange", "2027-02-21")
    api.publish({})
    assert api.look() == 1
    told = api.told()
    assert told is not None
    assert (told["previousStatus"], told["status"]) == ("suspended", "valid")


def test_the_place_beside_it_is_no_change(api: Watched) -> None:
    api.ask()
    api.publish({INDEX + 1: INVALID, INDEX - 1: INVALID})
    assert api.look() == 0


def test_a_withdrawn_document_is_not_watched(api: Watched) -> None:
    api.publish({INDEX: INVALID})
    asked = api.ask().json()
    assert (asked["verdict"], asked["watchedUntil"]) == ("red", None)
    assert list(api.documents.each(x.NOW)) == []


def test_a_document_of_which_the_status_is_not_known_is_not_watched(api: Watched) -> None:
    api.lists.clear()
    asked = api.ask().json()
    assert (asked["status"], asked["watchedUntil"]) == ("unknown", None)


def test_a_list_that_is_away_is_no_change(api: Watched) -> None:
    api.ask()
    api.lists.clear()
    assert api.look() == 0


def test_a_source_that_left_the_trust_list_tells_nothing(api: Watched) -> None:
    api.ask()
    (watch,) = api.documents.each(x.NOW)
    other = replace(watch, issuer_oin="00000099000000002000")
    assert status_teller(lambda _uri, _now: api.trust())(other, x.NOW) is None
    assert status_teller(lambda _uri, _now: Trust(None, "trust_list_unreachable"))(watch, x.NOW) is None


def test_nobody_watches_what_nobody_asked_to_watch(api: Watched) -> None:
    assert api.ask("").json()["watchedUntil"] is None
    assert list(api.documents.each(x.NOW)) == []


def test_the_day_that_was_asked_is_the_last(api: Watched) -> None:
    assert api.ask("?watch=true&watchUntil=2026-12-24").json()["watchedUntil"] == "2026-12-24"


def test_to_delete_a_verification_ends_the_watching(api: Watched) -> None:
    place = api.ask().headers["location"]
    assert api.client.delete(place, headers=headers()).status_code == 204
    api.publish({INDEX: INVALID})
    assert (api.look(), api.told()) == (0, None)


def test_who_comes_back_later_is_told_of_the_verdict_and_of_the_change(api: Watched) -> None:
    asked = api.ask(Prefer="respond-async").json()
    until = time.monotonic() + 20
    while (told := api.told()) is None and time.monotonic() < until:
        time.sleep(0.02)
    assert told == {"verificationId": asked["id"]}
    found = api.client.get(f"/v1/verifications/{asked['id']}", headers=headers()).json()
    assert (found["state"], found["watchedUntil"]) == ("completed", "2027-02-21")
    api.publish({INDEX: INVALID})
    assert api.look() == 1
