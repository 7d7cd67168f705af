import functools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from sqlalchemy import update
from sqlalchemy.engine import Engine

from blauweknop.adapters.api_records import WEBHOOK_EVENTS
from blauweknop.adapters.database import writing
from blauweknop.adapters.http_client import LookUp
from blauweknop.adapters.webhook_delivery import Patience, WebhookPost
from blauweknop.adapters.webhook_outbox import Outbox, post_event
from blauweknop.standards.webhook_signature import verify_webhook
from blauweknop.verifier.api.clients import Receiver
from tests.contracts.api_storage import KEY, NOON, ending, opened
from tests.contracts.json_service import Answer, json_answer, json_service, raw_answer, slow_answer
from tests.suites import PROJECT

SECRET = b"w" * 32


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with opened(database_url) as engine:
        yield engine


def post(engine: Engine, event_id: str, client: str = "one", at: datetime = NOON) -> None:
    with writing(engine) as connection:
        post_event(connection, KEY, ending(event_id, "a", client=client, at=at))


def waiting(engine: Engine, at: datetime = NOON + timedelta(days=9)) -> Sequence[str]:
    return Outbox(engine, KEY).clients_due(at)


@contextmanager
def postman(
    engine: Engine,
    urls: dict[str, str],
    clock: Callable[[], datetime],
    *,
    allow_loopback: bool = True,
    look_up: LookUp | None = None,
) -> Iterator[Callable[[], None]]:
    """Gives what delivers once all that is due, and waits until that is done."""
    receivers = {name: Receiver(url, (SECRET,)) for name, url in urls.items()}
    box = WebhookPost(Outbox(engine, KEY), receivers, clock, allow_loopback=allow_loopback, look_up=look_up, chance=lambda: 0.5)

    def deliver() -> None:
        for delivery in box.deliver_due():
            delivery.result(timeout=60)

    yield deliver
    box.stop()


class Heard:
    """What a receiver heard: headers and bodies."""

    def __init__(self, then: Answer | None = None) -> None:
        self.messages: list[tuple[dict[str, str], bytes]] = []
        self._then = then or json_answer({})

    def __call__(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        self.messages.append(({name.lower(): value for name, value in handler.headers.items()}, body))
        self._then(handler, body)

    def has(self, count: int) -> bool:
        return len(self.messages) >= count

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.messages]


def test_a_message_is_brought_once_and_signed(engine: Engine) -> None:
    heard = Heard()
    post(engine, "e")
    with json_service(heard) as service, postman(engine, {"one": service.url}, Clock()) as deliver:
        deliver()
        deliver()
    ((headers, body),) = heard.messages
    assert verify_webhook(headers, body, SECRET, now=NOON) == "e"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"type": "verification.completed", "timestamp": "2026-11-23T12:00:00Z", "data": {"verificationId": "a"}}
    assert waiting(engine) == []


def test_all_that_waits_is_brought_in_order(engine: Engine) -> None:
    heard = Heard()
    for number in range(5):
        post(engine, f"e{number}", at=NOON - timedelta(seconds=5 - number))
    with json_service(heard) as service, postman(engine, {"one": service.url}, Clock()) as deliver:
        deliver()
    assert heard.ids == ["e0", "e1", "e2", "e3", "e4"]


@pytest.mark.parametrize("status", [301, 302, 400, 404, 410, 429, 500, 503])
def test_anything_but_a_yes_is_tried_again_with_the_same_id(engine: Engine, status: int) -> None:
    clock, heard = Clock(), Heard(raw_answer(b"", status, Location="http://127.0.0.1:1/"))
    post(engine, "e")
    with json_service(heard) as service, postman(engine, {"one": service.url}, clock) as deliver:
        deliver()
        clock.now += timedelta(seconds=12)
        service.answer = heard_after = Heard()
        deliver()
    assert (heard.ids, heard_after.ids, waiting(engine)) == (["e"], ["e"], [])


def test_each_attempt_has_its_own_time_and_signature(engine: Engine) -> None:
    clock, heard = Clock(), Heard(json_answer({}, 500))
    post(engine, "e")
    with json_service(heard) as service, postman(engine, {"one": service.url}, clock) as deliver:
        for _ in range(2):
            deliver()
            clock.now += timedelta(hours=1)
    (first, _), (second, body) = heard.messages
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert verify_webhook(second, body, SECRET, now=NOON + timedelta(hours=1)) == "e"


def test_a_receiver_that_fails_rests_longer_each_time(engine: Engine) -> None:
    clock, heard = Clock(), Heard(json_answer({}, 500))
    post(engine, "e")
    with json_service(heard) as service, postman(engine, {"one": service.url}, clock) as deliver:
        tried = []
        for second in range(140):
            clock.now = NOON + timedelta(seconds=second)
            before = len(heard.messages)
            deliver()
            if len(heard.messages) > before:
                tried.append(second)
    assert tried == [0, 10, 40, 130]


def test_the_wait_has_a_longest(engine: Engine) -> None:
    patience = Patience()
    assert patience.after(1, 0.5) == timedelta(seconds=10)
    assert patience.after(100, 0.5) == timedelta(hours=3)
    assert patience.after(2, 0.0) < patience.after(2, 1.0)
    assert waiting(engine) == []


def test_a_message_is_given_up_after_a_day_and_the_next_is_tried(engine: Engine) -> None:
    clock, heard = Clock(), Heard(json_answer({}, 500))
    post(engine, "old")
    with json_service(heard) as service, postman(engine, {"one": service.url}, clock) as deliver:
        deliver()
        clock.now = NOON + timedelta(days=1)
        post(engine, "new", at=clock.now)
        deliver()
        assert heard.ids == ["old", "old"]
        clock.now += timedelta(hours=1)
        service.answer = after = Heard()
        deliver()
    assert after.ids == ["new"]


def test_a_receiver_that_hangs_holds_up_nobody_else(engine: Engine) -> None:
    heard, silent = Heard(), slow_answer(8)
    with json_service(silent) as bad, json_service(heard) as good:
        urls = {f"bad{number}": bad.url for number in range(3)} | {"good": good.url}
        for name in urls:
            post(engine, f"for-{name}", client=name)
        receivers = {name: Receiver(url, (SECRET,)) for name, url in urls.items()}
        box = WebhookPost(Outbox(engine, KEY), receivers, Clock(), allow_loopback=True, between_looks=0.05)
        box.start()
        began = time.monotonic()
        while not heard.messages and time.monotonic() < began + 10:
            time.sleep(0.01)
        took = time.monotonic() - began
        box.stop()
    assert heard.ids == ["for-good"]
    assert took < 7  # and not after the eight seconds of who is silent


def test_a_client_that_has_no_webhook_is_not_brought_anything(engine: Engine) -> None:
    post(engine, "e", client="stranger")
    with postman(engine, {}, Clock()) as deliver:
        deliver()
    assert waiting(engine) == ["stranger"]


# Threat T-32: our server made to go where it must not.

INSIDE = {
    "this machine": "https://127.0.0.1:{port}/in",
    "this machine by name": "https://localhost:{port}/in",
    "this machine, mapped": "https://[::ffff:127.0.0.1]:{port}/in",
    "this machine, without TLS": "http://127.0.0.1:{port}/in",
    "this machine, IPv6": "https://[::1]:{port}/in",
    "everywhere": "https://0.0.0.0:{port}/in",
    "a number for an address": "https://2130706433:{port}/in",
    "metadata of a cloud": "https://169.254.169.254/latest/meta-data",
    "a private network": "https://10.0.0.1/in",
    "a private network, IPv6": "https://[fd00::1]/in",
    "plain": "http://ontvanger.example/in",
    "a user name": "https://a:b@ontvanger.example/in",
}


@contextmanager
def listening() -> Iterator[tuple[int, Callable[[], bool]]]:
    """A port of this machine, and whether anybody came to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)

        def somebody_came() -> bool:
            try:
                listener.accept()[0].close()
            except TimeoutError:
                return False
            return True

        yield listener.getsockname()[1], somebody_came


def test_a_visit_to_the_port_is_seen() -> None:
    with listening() as (port, somebody_came):
        socket.create_connection(("127.0.0.1", port)).close()
        assert somebody_came()


@pytest.mark.parametrize("url", INSIDE.values(), ids=INSIDE.keys())
def test_no_message_goes_inside_a_network(engine: Engine, url: str) -> None:
    post(engine, "e")
    with listening() as (port, somebody_came):
        began = time.monotonic()
        with postman(engine, {"one": url.format(port=port)}, Clock(), allow_loopback=False) as deliver:
            deliver()
        assert not somebody_came()
    assert time.monotonic() - began < 4  # refused, and not tried until the time was over
    assert waiting(engine) == ["one"]


def test_a_name_that_leads_inside_is_not_followed(engine: Engine) -> None:
    post(engine, "e")
    with listening() as (port, somebody_came):
        urls = {"one": f"https://ontvanger.example:{port}/in"}
        with postman(engine, urls, Clock(), allow_loopback=False, look_up=lambda _name, _port: ["127.0.0.1"]) as deliver:
            deliver()
        assert not somebody_came()
    assert waiting(engine) == ["one"]


def test_a_name_that_leads_elsewhere_the_second_time_is_looked_up_once(engine: Engine) -> None:
    asked: list[str] = []

    def look_up(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["203.0.113.9"] if len(asked) > 1 else ["127.0.0.1"]

    post(engine, "e")
    heard = Heard()
    with json_service(heard) as service, postman(engine, {"one": service.url}, Clock(), look_up=look_up) as deliver:
        deliver()
    assert (heard.ids, len(asked)) == (["e"], 1)


def test_a_name_with_one_address_inside_is_not_followed_either(engine: Engine) -> None:
    post(engine, "e")
    asked: list[str] = []

    def look_up(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["203.0.113.9", "169.254.169.254"]

    with postman(engine, {"one": "https://ontvanger.example/in"}, Clock(), allow_loopback=False, look_up=look_up) as deliver:
        deliver()
    assert asked == ["ontvanger.example"]
    assert waiting(engine) == ["one"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_place_is_not_followed(engine: Engine, status: int) -> None:
    post(engine, "e")
    with json_service(Heard()) as other, json_service(raw_answer(b"", status, Location=other.url)) as service:
        with postman(engine, {"one": service.url}, Clock()) as deliver:
            deliver()
        assert (len(service.requests), other.requests) == (1, [])


def test_an_endless_answer_is_no_delivery_and_no_danger(engine: Engine) -> None:
    post(engine, "e")
    with json_service(raw_answer(b"x" * 70_000)) as service, postman(engine, {"one": service.url}, Clock()) as deliver:
        deliver()
    assert waiting(engine) == ["one"]


# A process that is killed.

_WORKER = """
import sys
from datetime import UTC, datetime
from threading import Event
from blauweknop.adapters.database import open_database
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.webhook_delivery import WebhookPost
from blauweknop.adapters.webhook_outbox import Outbox
from blauweknop.verifier.api.clients import Receiver
database, url = sys.argv[1:]
outbox = Outbox(open_database(database), RowKey.from_secret(b"k" * 32))
box = WebhookPost(outbox, {"one": Receiver(url, (b"w" * 32,))}, lambda: datetime.now(UTC), allow_loopback=True, between_looks=0.05)
box.start()
Event().wait()
"""


def test_no_message_is_lost_when_processes_are_killed_while_they_deliver(database_url: str) -> None:
    wanted = {f"e{number}" for number in range(40)}

    def at_leisure(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        time.sleep(0.02)
        json_answer({})(handler, body)

    heard = Heard(at_leisure)
    with opened(database_url) as engine, json_service(heard) as service:
        for name in wanted:
            post(engine, name)
        for round_number in range(4):
            process = start_worker(database_url, service.url)
            seen = len(heard.messages)
            wait_until(functools.partial(heard.has, seen + 5), process)
            process.send_signal(signal.SIGKILL)
            process.wait()
            release_leases(engine)
            assert round_number >= 3 or waiting(engine) == ["one"]
        process = start_worker(database_url, service.url)
        wait_until(lambda: waiting(engine) == [], process)
        process.kill()
        process.wait()
    assert set(heard.ids) == wanted
    assert len(heard.ids) <= len(wanted) + 4  # at least once; again only what was on its way at a kill


def start_worker(database_url: str, url: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "src")}
    return subprocess.Popen([sys.executable, "-c", _WORKER, database_url, url], env=environment, stdin=subprocess.DEVNULL)


def wait_until(done: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while not done():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)


def release_leases(engine: Engine) -> None:
    """As if the minute had passed after which another process may take what a dead one had."""
    with writing(engine) as connection:
        connection.execute(update(WEBHOOK_EVENTS).values(next_at=NOON))


def test_two_postmen_share_the_work(engine: Engine) -> None:
    heard = Heard()
    for number in range(20):
        post(engine, f"e{number:02}")
    with (
        json_service(heard) as service,
        postman(engine, {"one": service.url}, Clock()) as first,
        postman(engine, {"one": service.url}, Clock()) as second,
        ThreadPoolExecutor(2) as both,
    ):
        list(both.map(lambda deliver: deliver(), (first, second)))
        first()
    assert sorted(heard.ids) == [f"e{number:02}" for number in range(20)]
