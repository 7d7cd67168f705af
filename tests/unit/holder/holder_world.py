"""Mijn Blauwe Knop over a real SQLite database, with a clock that moves by hand and passphrases that cost little; and visitors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from threading import BoundedSemaphore

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, writing
from blauweknop.adapters.holder_settings import HolderSettings
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.assembly.holder import holder_services
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.keeping import Check
from blauweknop.holder.page import holder_portal
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.routes import holder_router
from blauweknop.holder.unlocking import PassphraseCost
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.databases import with_tables

__all__ = ["BASE_URL", "CHEAP", "COOKIE", "NAME", "NOON", "PHRASE", "HolderWorld", "Person", "holder_world", "words"]

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
BASE_URL = "http://testserver.local"
NAME, PHRASE = "Samira Yıldız", "vier groene paarden zingen"
COOKIE = "bk-holder"
CHEAP = PassphraseCost(memory_kib=8, rounds=1)
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
_GROUP = re.compile(r"<span>([0-9A-Z]{4})</span>")


@dataclass
class HolderWorld:
    engine: Engine
    moment: datetime = NOON
    changes: dict[str, object] = field(default_factory=dict)
    check: Check | None = None
    background: Background | None = None

    def services(self) -> HolderServices:
        key = RowKey.from_secret(bytes(range(32)))
        usual = holder_services(self.engine, key, HolderSettings(new_accounts=1000, attempts=1000), base_url=BASE_URL)
        cheap = replace(usual, now=lambda: self.moment, cost=CHEAP, slow_turns=BoundedSemaphore(2))
        return replace(cheap, **self.changes)  # type: ignore[arg-type] # the names of fields

    def application(self) -> Litestar:
        services = self.services()
        settings = WebSettings(csrf_secret="x" * 32, secure=False)
        pages = holder_router(services, check=self.check, background=self.background)
        return web_application([pages], settings, portals=(holder_portal(services),))

    def wait(self, **time: float) -> None:
        self.moment += timedelta(**time)

    def person(self) -> "Person":
        """Somebody with a browser that has seen nothing yet."""
        return Person(self, TestClient(self.application(), base_url=BASE_URL))

    def reset(self) -> None:
        self.moment, self.changes, self.check, self.background = NOON, {}, None, None
        with writing(self.engine) as connection:
            for table in reversed(METADATA.sorted_tables):
                if table.name.startswith("holder_"):
                    connection.execute(table.delete())


@dataclass
class Person:
    world: HolderWorld
    client: TestClient[Litestar]
    code: str = ""

    def open(self, path: str) -> Response:
        return self.client.get(f"/mijn{path}", follow_redirects=False)

    def send(self, path: str, page: str | None = None, **form: str) -> Response:
        """Send a form that stands on `page` (the same address)."""
        token = _TOKEN.search(self.client.get(f"/mijn{path if page is None else page}").text)
        assert token is not None
        data = {"_csrf_token": token[1], **form}
        return self.client.post(f"/mijn{path}", data=data, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)

    def make_account(self, name: str = NAME, phrase: str = PHRASE) -> Response:
        return self.send("/nieuw", name=name, passphrase=phrase, again=phrase)

    def keep_code(self) -> Response:
        self.client.get("/mijn/herstelcode")
        self.code = " ".join(_GROUP.findall(self.open("/herstelcode").text))
        return self.send("/herstelcode", code=self.code)

    def settle(self, name: str = NAME, phrase: str = PHRASE) -> "Person":
        """Make an account and keep its recovery code."""
        assert self.make_account(name, phrase).headers["location"] == "/mijn/herstelcode"
        assert self.keep_code().headers["location"] == "/mijn/gegevens"
        return self

    def unlock(self, name: str = NAME, phrase: str = PHRASE, place: str = "") -> Response:
        return self.send("/openen", name=name, passphrase=phrase, place=place)

    def recover(self, code: str) -> Response:
        return self.send("/openen/herstelcode", code=code)

    @property
    def cookie(self) -> str:
        return str(self.client.cookies[COOKIE])


def words(html: str) -> str:
    """What a person reads."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@contextmanager
def holder_world(folder: Path) -> Iterator[HolderWorld]:
    engine = with_tables(f"sqlite:///{folder / 'mijn.sqlite'}")
    yield HolderWorld(engine)
    engine.dispose()
