"""Mijn Blauwe Knop in a process of its own, over a data folder, that a test may kill at any moment; and the source that it fetches at.

A process is forked from one that has loaded the program already, so that a test can kill many. The source answers in the process of the
test; it may be told to say when it is asked something, and to answer only later.
"""

import asyncio
import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from secrets import token_bytes
from threading import Event
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from litestar import Litestar
from litestar.types import Receive, Scope
from litestar.types import Send as ToBrowser

from blauweknop.adapters.database import open_database
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.ports import Answer, Client, CollectingServices, Send, Source, SourceProblem
from blauweknop.holder.collecting.routes import collecting_router
from blauweknop.holder.page import holder_portal
from blauweknop.holder.routes import holder_router
from blauweknop.standards.signing import key_signer
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.serving import address_of, any_port, serving
from tests.unit.holder.collecting.collecting_world import CLIENT_ID, REDIRECT_URI, CollectingWorld, judged
from tests.unit.holder.holder_world import HolderWorld, Person
from tests.unit.issuer.source_world import CATALOGUE

__all__ = ["Gate", "Killable", "killable"]

_PATIENCE_SECONDS = 30.0
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.loaded_holder"])


@dataclass
class Gate:
    """Before a source: that it is asked for `path` shows in `asked`, and it answers when `may_answer`."""

    application: Litestar
    path: str = ""
    asked: Event = field(default_factory=Event)
    may_answer: Event = field(default_factory=Event)

    def shut(self, path: str) -> None:
        self.path = path
        self.asked.clear()
        self.may_answer.clear()

    def open(self) -> None:
        self.path = ""
        self.may_answer.set()

    async def __call__(self, scope: Scope, receive: Receive, send: ToBrowser) -> None:
        if self.path and scope.get("path", "").endswith(self.path):
            self.asked.set()
            await asyncio.to_thread(self.may_answer.wait, _PATIENCE_SECONDS)
        await self.application(scope, receive, send)


@dataclass(frozen=True)
class _Order:
    """All that a process needs to serve: where its database is, what time it is, and the source."""

    database: str
    now: datetime
    key: bytes
    source: Source
    address: str


@dataclass
class Killable:
    """A server of Mijn Blauwe Knop that is running now, or was; `browser` keeps its cookies over all of them."""

    world: HolderWorld
    here: CollectingWorld
    gate: Gate
    source_address: str
    browser: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=_PATIENCE_SECONDS))
    _process: Any = None

    @property
    def person(self) -> Person:
        """Who opens pages of the server that is running now."""
        return Person(self.world, self.browser)  # type: ignore[arg-type] # a client of httpx, as that of litestar is

    def start(self) -> None:
        """A new process; the one before is gone."""
        self.world.moment = self.here.now
        pem = self.here.key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        order = _Order(str(self.world.engine.url), self.here.now, pem, self.here.source, self.source_address)
        ours, theirs = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(target=_serve, args=(order, theirs), daemon=True)
        self._process.start()
        theirs.close()
        assert ours.poll(_PATIENCE_SECONDS), "the server did not start in time"
        self.browser.base_url = httpx.URL(ours.recv())

    def kill(self) -> None:
        """At once, without a word (SIGKILL)."""
        self._process.kill()
        self._process.join(_PATIENCE_SECONDS)


@contextmanager
def killable(world: HolderWorld, here: CollectingWorld) -> Iterator[Killable]:
    """Not started yet; the source answers until the end of the block."""
    gate = Gate(here.issuer.application(here.at_source))
    with serving(gate) as address:
        made = Killable(world, here, gate, address)
        yield made
        gate.open()
        made.kill()
        made.browser.close()


def _serve(order: _Order, pipe: Connection) -> None:
    engine = open_database(order.database)
    services = HolderWorld(engine, order.now).services()
    key = load_pem_private_key(order.key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    collecting = CollectingServices(
        sources=lambda _: (order.source,),
        client=Client(CLIENT_ID, REDIRECT_URI, key_signer(key, b""), "1"),
        send=_wire(order),
        check=judged,
        catalogue=CATALOGUE,
        now=lambda: order.now,
        random=token_bytes,
        copies=2,
    )
    pages = [holder_router(services, check=judged), collecting_router(services, collecting, Background())]
    application = web_application(pages, WebSettings("x" * 32, secure=False), portals=(holder_portal(services),))
    with any_port() as listener:
        server = uvicorn.Server(uvicorn.Config(application, log_config=None, access_log=False))
        pipe.send(address_of(listener))
        server.run(sockets=[listener])


def _wire(order: _Order) -> Send:
    """To the source at its address on this machine, under its own name."""
    name = urlsplit(order.source.issuer).netloc
    client = httpx.Client(base_url=order.address, timeout=_PATIENCE_SECONDS)

    def send(method: str, address: str, *, headers: Mapping[str, str], content: bytes | None) -> Answer:
        parts = urlsplit(address)
        try:
            answer = client.request(method, urlunsplit(("", "", *parts[2:])), headers={**headers, "Host": name}, content=content)
        except httpx.HTTPError as error:
            raise SourceProblem("silent", "no answer") from error
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)

    return send
