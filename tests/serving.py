"""An application at an address of this machine, served from the process of the test."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from litestar.types import ASGIApp

from blauweknop.cli.serve import listening

__all__ = ["address_of", "any_port", "serving"]

_READY_SECONDS = 30


def any_port() -> socket.socket:
    """A listener that nobody else has, for an application that must know its address before it is made."""
    return listening("127.0.0.1", 0)


def address_of(listener: socket.socket, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{listener.getsockname()[1]}"


@contextmanager
def serving(application: ASGIApp, listener: socket.socket | None = None) -> Iterator[str]:
    """Its address, until the end of the block."""
    with listener or any_port() as taken:
        server = uvicorn.Server(uvicorn.Config(application, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        ends = time.monotonic() + _READY_SECONDS
        while not server.started:
            assert thread.is_alive(), "the application could not start"
            assert time.monotonic() < ends, "the application did not start in time"
            time.sleep(0.02)
        try:
            yield address_of(taken)
        finally:
            server.should_exit = True
            thread.join(_READY_SECONDS)
