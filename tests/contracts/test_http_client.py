import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from blauweknop.adapters.http_client import FetchProblem, GuardedClient, Reach
from tests.contracts.json_service import Answer, JsonService, dripping_answer, json_answer, json_service, raw_answer, slow_answer


def reach(service: JsonService, timeout: float = 2.0, max_bytes: int = 1000) -> Reach:
    host = service.url.removeprefix("http://").removesuffix("/vraag")
    return Reach(frozenset({host}), allow_loopback=True, timeout_seconds=timeout, max_bytes=max_bytes)


def code_of(send: Callable[[], object]) -> str:
    with pytest.raises(FetchProblem) as problem:
        send()
    return problem.value.code


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_exercise_may_ask_this_machine(host: str) -> None:
    with json_service(json_answer({"goed": True}), host) as service:
        response = GuardedClient(reach(service)).send("POST", service.url, content=b"{}")

    assert (response.status, response.body) == (200, b'{"goed": true}')


def test_many_requests_go_over_one_connection() -> None:
    with json_service(json_answer({})) as service:
        client = GuardedClient(reach(service))
        assert [client.send("GET", service.url).status for _ in range(5)] == [200] * 5


def test_the_connection_goes_to_the_address_that_was_looked_up_once() -> None:
    asked: list[str] = []

    def look_up(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"] if len(asked) == 1 else ["203.0.113.9"]

    with json_service(json_answer({})) as service:
        response = GuardedClient(reach(service), look_up=look_up).send("GET", service.url)

    assert (response.status, len(asked)) == (200, 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with json_service(json_answer({})) as other, json_service(raw_answer(b"", status, Location=other.url)) as service:
        assert code_of(lambda: GuardedClient(reach(service)).send("GET", service.url)) == "redirect"
        assert other.requests == []


def test_an_answer_of_just_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    with json_service(raw_answer(b"x" * 1000)) as service:
        client = GuardedClient(reach(service))
        assert len(client.send("GET", service.url).body) == 1000
        service.answer = raw_answer(b"x" * 1001)
        assert code_of(lambda: client.send("GET", service.url)) == "too_large"


def test_a_compressed_answer_is_refused() -> None:
    with json_service(raw_answer(b"\x1f\x8b", Content_Encoding="gzip")) as service:
        assert code_of(lambda: GuardedClient(reach(service)).send("GET", service.url)) == "encoding"


@pytest.mark.parametrize("answer", [slow_answer(5), dripping_answer(0.05)], ids=["silent", "dripping"])
def test_the_whole_exchange_ends_in_time(answer: Answer) -> None:
    with json_service(answer) as service:
        client = GuardedClient(reach(service, timeout=0.4))
        began = time.monotonic()
        assert code_of(lambda: client.send("GET", service.url)) == "timeout"
        assert time.monotonic() - began < 4  # both answers take five seconds


def test_a_service_that_is_not_there_is_a_connection_problem() -> None:
    with json_service(json_answer({})) as service:
        gone = reach(service)
        url = service.url
    assert code_of(lambda: GuardedClient(gone).send("GET", url)) == "connection"


def test_an_answer_that_is_not_http_is_a_connection_problem() -> None:
    def nonsense(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.wfile.write(b"nonsense\r\n\r\n")

    with json_service(nonsense) as service:
        assert code_of(lambda: GuardedClient(reach(service)).send("GET", service.url)) == "connection"
