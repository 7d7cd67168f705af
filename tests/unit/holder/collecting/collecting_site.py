"""The pages of Mijn Blauwe Knop with the source of `collecting_world` behind them."""

import re
import time
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from blauweknop.domain.dataset import Dataset
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.ports import CollectingServices, Source
from blauweknop.holder.collecting.routes import collecting_router
from blauweknop.holder.page import holder_portal
from blauweknop.holder.routes import holder_router
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.holder.collecting.collecting_world import CollectingWorld
from tests.unit.holder.holder_world import BASE_URL, HolderWorld, Person

__all__ = ["CollectingSite", "Visitor"]

_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
_ADDRESS = re.compile(r"url=(\S+)")


@dataclass
class CollectingSite:
    """What a person opens; the clock of the account follows that of the source."""

    holder: HolderWorld
    here: CollectingWorld
    sources: tuple[Source, ...] | None = None
    can_check: bool = True
    background: Background = field(default_factory=Background)

    @property
    def collecting(self) -> CollectingServices:
        made = self.here.services if self.can_check else replace(self.here.services, check=None)
        return made if self.sources is None else replace(made, sources=lambda _: self.sources or ())

    def application(self) -> Litestar:
        self.holder.moment = self.here.now
        services = self.holder.services()
        settings = WebSettings(csrf_secret="x" * 32, secure=False)
        pages = [holder_router(services), collecting_router(services, self.collecting, self.background)]
        return web_application(pages, settings, portals=(holder_portal(services),))

    def visitor(self, name: str = "Samira") -> "Visitor":
        """Somebody with an account, who is in."""
        client: TestClient[Any] = TestClient(self.application(), base_url=BASE_URL)
        return Visitor(self, Person(self.holder, client).settle(name))


@dataclass
class Visitor:
    site: CollectingSite
    person: Person

    def open(self, path: str) -> Response:
        return self.person.open(path)

    def go(self, source: str = "duo", **form: str) -> Response:
        return self.person.send("/ophalen", source=source, **form)

    def address(self, answer: Response) -> str:
        """Where the browser is sent."""
        found = _ADDRESS.search(answer.headers.get("refresh", ""))
        assert found is not None, answer.text
        return found[1]

    def back(self, answer: Response, *ticked: Dataset, **changes: str | None) -> Response:
        """Agree at the source and come back; `changes` to what the browser brings, None leaves something out."""
        given = {name: values[0] for name, values in self.site.here.agree(self.address(answer), *ticked).items()}
        query = {name: value for name, value in {**given, **changes}.items() if value is not None}
        return self.open(f"/ophalen/terug?{urlencode(query)}")

    def collect(self, *ticked: Dataset) -> str:
        """All the way, until nothing is being fetched; the page that says how it stands."""
        place = self.back(self.go(), *ticked).headers["location"].removeprefix("/mijn")
        return self.standing(place)

    def standing(self, place: str) -> str:
        end = time.monotonic() + 20
        page = self.open(place)
        while "refresh" in page.headers and time.monotonic() < end:
            time.sleep(0.02)
            page = self.open(place)
        assert "refresh" not in page.headers
        return page.text

    def upload(self, path: str, data: bytes, *, token: str | None = None, field: str = "bestand", **fields: str) -> Response:
        known = _TOKEN.search(self.open("/toevoegen").text)
        assert known is not None
        typed = {"_csrf_token": known[1] if token is None else token, **fields}
        files = {field: ("x", data, "application/octet-stream")}
        return self.person.client.post(f"/mijn{path}", data=typed, files=files, follow_redirects=False)
