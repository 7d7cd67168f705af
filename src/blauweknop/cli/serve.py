"""`blauweknop serve`: one part of the scheme, until it is told to stop; open requests are finished first.

TLS is the work of a proxy before it. Its address comes from forwarding headers only when the proxy is on this machine, or named in
`FORWARDED_ALLOW_IPS`. There is no access log: addresses are personal; `web.request_log` writes what may be known.
"""

import gc
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import structlog
import uvicorn
from litestar import Litestar
from uvicorn.supervisors import Multiprocess

from blauweknop.cli.configuration import CONFIGURATION_VARIABLE, find_configuration, no_configuration
from blauweknop.cli.server_processes import AT_A_TURN, MOST_WAITING, SharedListener, can_fork, serve_in_forks
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.web.request_log import configure_logging

__all__ = ["Role", "issuer_of_many", "listening", "serve", "serve_many", "serve_one", "serve_requests"]

Role = Literal["issuer", "verifier"]

_GRACE_SECONDS = 20  # less than a service manager waits before it kills
_FACTORY = "blauweknop.cli.serve:issuer_of_many"
_REQUESTS = "blauweknop.assembly.requests_application:requests_from_environment"

_log = structlog.get_logger()


def serve(role: Role, config: Path | None, host: str, port: int, workers: int) -> int:
    """Serve until a signal; several workers are processes of their own for the issuer, and checking processes for the verifier.

    Raises:
        BlauweKnopError: the configuration, a key or the address cannot be used; said before anything is served.
    """
    path = find_configuration(config)
    if path is None:
        raise no_configuration()
    if role == "issuer" and workers > 1:
        return _serve_issuers(path, host, port, workers)
    build = _issuer(path) if role == "issuer" else _verifier(path, workers)
    configure_logging()
    with listening(host, port) as listener:
        return serve_one(build(), listener, role)


def serve_requests(config: Path | None, host: str, port: int, workers: int) -> int:
    """Serve what receivers ask of people and nothing else, in so many processes, until a signal.

    Raises:
        BlauweKnopError: the configuration, a key or the address cannot be used; said before anything is served.
    """
    from blauweknop.adapters.verifier_settings import load_verifier
    from blauweknop.assembly.requests_application import requests_application

    path = find_configuration(config)
    if path is None:
        raise no_configuration()
    settings = load_verifier(path)
    configure_logging()
    with listening(host, port) as listener:
        if workers == 1:
            return serve_one(requests_application(settings), listener, "requests")
        return serve_many(lambda: requests_application(settings), _REQUESTS, path, listener, "requests", workers)


def serve_one(app: Litestar, listener: socket.socket, role: str) -> int:
    """Serve in this process until a signal.

    Raises:
        BlauweKnopError: it did not start.
    """
    _log.info("serving", activity=role, port=listener.getsockname()[1])
    if not _served(app, listener):
        raise _not_started()
    return 0


def serve_many(build: Callable[[], Litestar], factory: str, path: Path, listener: socket.socket, role: str, workers: int) -> int:
    """Serve in so many processes until a signal. Each is a fork that calls `build`; where that is not safe, a process that calls
    `factory`, which finds the configuration file by CONFIGURATION_VARIABLE.

    Raises:
        BlauweKnopError: one of them did not start.
    """
    _log.info("serving", activity=role, port=listener.getsockname()[1], count=workers)
    if can_fork():
        if not serve_in_forks(lambda: _serve_fork(build, listener), workers):
            raise _not_started()
        return 0
    os.environ[CONFIGURATION_VARIABLE] = str(path.resolve())
    Multiprocess(uvicorn.Config(factory, factory=True, workers=workers, **_options()), [listener]).run()
    return 0


def issuer_of_many() -> Litestar:
    """What each of several server processes of a source starts with."""
    from blauweknop.assembly.issuer_application import issuer_from_environment

    app = issuer_from_environment()
    gc.freeze()
    return app


# Each role is imported by itself: a source carries nothing of the check, which saves memory and time to start.
# Both read the configuration at once, so that its faults come before everything else; a check page needs no more than [scheme] of it.


def _issuer(path: Path) -> Callable[[], Litestar]:
    from blauweknop.adapters.settings import load_settings
    from blauweknop.assembly.issuer_application import issuer_application

    settings = load_settings(path)
    return lambda: issuer_application(settings)


def _verifier(path: Path, helpers: int) -> Callable[[], Litestar]:
    from blauweknop.adapters.verifier_settings import load_verifier
    from blauweknop.assembly.verifier_application import verifier_application

    settings = load_verifier(path)
    return lambda: verifier_application(settings, helpers=max(2, helpers))


def _serve_issuers(path: Path, host: str, port: int, workers: int) -> int:
    from blauweknop.adapters.settings import load_settings
    from blauweknop.assembly.issuer_application import issuer_application, try_issuer

    settings = load_settings(path)
    configure_logging()
    with listening(host, port) as listener:
        try_issuer(settings)  # every fault is told once; a process that cannot start would be started over and over
        return serve_many(lambda: issuer_application(settings), _FACTORY, path, listener, "issuer", workers)


def _serve_fork(build: Callable[[], Litestar], listener: socket.socket) -> None:
    try:
        started = _served(build(), SharedListener(fileno=listener.detach()), backlog=AT_A_TURN)
    except BlauweKnopError as error:
        _log.error("process_failed", error_type=type(error).__name__)
        started = False
    if not started:
        sys.exit(1)


def _served(app: Litestar, listener: socket.socket, *, backlog: int = MOST_WAITING) -> bool:
    """Serve in this process until a signal; False when it did not begin."""
    gc.freeze()  # what is here before the first visitor stays until the end: nobody need look through it for rubbish
    server = uvicorn.Server(uvicorn.Config(app, backlog=backlog, **_options()))
    server.run(sockets=[listener])
    return server.started


def _not_started() -> BlauweKnopError:
    return BlauweKnopError("the server did not start", remedy="look at the lines above")


def _options() -> dict[str, Any]:
    return {
        "log_config": None,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "http": "h11",  # gives up on headers that do not end in 64 KiB; httptools, which uvicorn takes where it finds it, never does
        "timeout_graceful_shutdown": _GRACE_SECONDS,
    }


def listening(host: str, port: int) -> socket.socket:
    """A listening socket, so that nobody else takes the address and a fault is told in a line."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=MOST_WAITING)
        # Else the end of an answer waits 40 milliseconds for the other side to say that it has the beginning.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise BlauweKnopError(f"port {port} of {host} cannot be used", remedy="choose another with --port or --host") from error
