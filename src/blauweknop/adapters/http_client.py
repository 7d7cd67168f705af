"""The one door to the outside over HTTP: only hosts that were named, only public addresses, in time and of a bounded size (PROTOCOL T-32).

What it refuses, each with its own code: 1 `address` a URL that is not plain https, or has a user name in it, 2 `host` a host that is not
on the list, 3 `private` a name that leads to an address inside (loopback, private, link-local and so on), 4 `redirect`, 5 `encoding` a
compressed answer, 6 `too_large`, 7 `timeout` for the whole exchange, 8 `connection` for all other faults on the way.
The connection goes to the address that was checked, so a name cannot lead elsewhere a moment later (DNS rebinding).
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpcore

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["FetchProblem", "GuardedClient", "LookUp", "Reach", "Response", "client_tls"]


LookUp = Callable[[str, int], Sequence[str]]
"""The addresses of a name and port."""


class FetchProblem(BlauweKnopError):
    """There is no answer to use; `code` is one of the words in the head of this module."""

    def __init__(self, code: str, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a client may go. `hosts` are `name` (port 443) or `name:port`, in lower case."""

    hosts: frozenset[str]
    allow_loopback: bool = False  # the exercise on one machine, then also without TLS
    allow_private: bool = False  # a service in the organisation's own network
    timeout_seconds: float = 5.0  # of the whole exchange
    max_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)


def client_tls(*, ca_file: str | None = None, certificate: tuple[str, ...] | None = None) -> ssl.SSLContext:
    """TLS 1.2 or later; `ca_file` replaces the authorities of the machine, `certificate` is certificate and key for mutual TLS."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(*certificate)
    return context


class GuardedClient:
    """Sends one request and gives the whole answer. Keeps connections open between requests; may be shared by threads."""

    def __init__(self, reach: Reach, *, tls: ssl.SSLContext | None = None, look_up: LookUp | None = None) -> None:
        self._reach = reach
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or client_tls(),
            max_connections=20,
            keepalive_expiry=15,
            network_backend=_CheckedNetwork(reach, look_up or _look_up),
        )

    def send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None) -> Response:
        """Ask once; nothing is followed and nothing is tried again.

        Raises:
            FetchProblem: refused or failed.
        """
        _refuse_url(url, self._reach)  # 1, 2
        sent = [("Accept-Encoding", "identity"), ("User-Agent", "blauweknop"), *(headers or {}).items()]
        deadline = _deadline.set(time.monotonic() + self._reach.timeout_seconds)
        limit = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._reach.timeout_seconds)}
        try:
            with self._pool.stream(method, url, headers=sent, content=content, extensions=limit) as answer:
                return self._read(answer)
        except httpcore.TimeoutException:
            raise FetchProblem("timeout", "no answer within the time") from None  # 7
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise FetchProblem("connection", "the connection failed") from error  # 8
        finally:
            _deadline.reset(deadline)

    def _read(self, answer: httpcore.Response) -> Response:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        if 300 <= answer.status < 400:  # 4
            raise FetchProblem("redirect", "the service points to another address, which is not followed", remedy="set its final address")
        if headers.get("content-encoding", "identity").lower() != "identity":  # 5
            raise FetchProblem("encoding", "the answer is compressed, which was not asked for")
        body = bytearray()
        for chunk in answer.iter_stream():
            body += chunk
            if len(body) > self._reach.max_bytes:  # 6
                raise FetchProblem("too_large", f"the answer is larger than {self._reach.max_bytes} bytes")
        return Response(answer.status, headers, bytes(body))

    def close(self) -> None:
        self._pool.close()


def _refuse_url(url: str, reach: Reach) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchProblem("address", "this is not an address") from error
    host = (parts.hostname or "").rstrip(".")
    plain_allowed = reach.allow_loopback and parts.scheme == "http" and _is_loopback_name(host)
    if (parts.scheme != "https" and not plain_allowed) or parts.username is not None or not host or not url.isascii():
        raise FetchProblem("address", "expected an https address without a user name", remedy="use https://")
    name = f"[{host}]" if ":" in host else host
    wanted = name if port is None or (parts.scheme == "https" and port == 443) else f"{name}:{port}"
    if wanted not in reach.hosts and f"{wanted}:443" not in reach.hosts:
        raise FetchProblem("host", "this host is not on the list of hosts that may be asked", remedy="add it to the list if it is right")


def _is_loopback_name(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


_deadline: ContextVar[float] = ContextVar("deadline")  # of the exchange that this thread is busy with


def _remaining(timeout: float | None) -> float:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(left, timeout)


class _CheckedNetwork(httpcore.NetworkBackend):
    """Looks a name up, refuses it when any of its addresses lies inside, and connects to an address that was checked."""

    def __init__(self, reach: Reach, look_up: LookUp) -> None:
        self._reach = reach
        self._look_up = look_up
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        problem: httpcore.ConnectError | None = None
        for address in self._addresses(host, port):
            try:
                stream = self._inner.connect_tcp(address, port, _remaining(timeout), local_address, socket_options)
                return _TimedStream(stream)
            except httpcore.ConnectError as error:
                problem = error
        raise problem or httpcore.ConnectError("the name has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = list(dict.fromkeys(self._look_up(host, port)))
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name cannot be looked up") from error
        for address in addresses:  # 3
            if not _may_be_asked(address, self._reach):
                raise FetchProblem("private", "the name leads to an address inside a network, which may not be asked")
        return addresses


def _look_up(host: str, port: int) -> Sequence[str]:
    """All addresses of a name. The resolver of the machine bounds how long this takes."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address
_OWN_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215: the same inside one network, in a way that only it knows


def _may_be_asked(text: str, reach: Reach) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address in _OWN_NAT64:
            return False
        inner = ipaddress.IPv4Address(address.packed[-4:]) if address in _NAT64 else None
        address = address.ipv4_mapped or address.sixtofour or inner or address
    if address.is_loopback:
        return reach.allow_loopback
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return False
    return address.is_global or (reach.allow_private and address.is_private)


class _TimedStream(httpcore.NetworkStream):
    """A connection of which no read or write lasts beyond the end of the exchange, however slowly bytes drip in."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _remaining(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, _remaining(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
