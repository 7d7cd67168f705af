"""A real little web service on this machine that answers as it is told: well, slowly, wrongly or endlessly."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


@dataclass
class JsonService:
    """Listens at `url`; `requests` are the address lines and bodies that came in."""

    port: int
    answer: Answer
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/vraag"


def json_answer(value: object, status: int = 200) -> Answer:
    return raw_answer(json.dumps(value).encode(), status)


def raw_answer(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def slow_answer(seconds: float) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return answer


def dripping_answer(seconds_between: float) -> Answer:
    """Each byte is in time, the whole never is."""

    def answer(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        for _ in range(100):
            try:
                handler.wfile.write(b"a")
            except OSError:
                return
            time.sleep(seconds_between)

    return answer


@contextmanager
def json_service(answer: Answer, host: str = "127.0.0.1") -> Iterator[JsonService]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.requests.append((self.requestline, body))
            service.answer(self, body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_args: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    server = Server((host, 0), Handler)
    service = JsonService(server.server_address[1], answer, host=host)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
