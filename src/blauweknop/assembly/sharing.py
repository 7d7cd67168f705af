"""What Mijn Blauwe Knop needs to answer receivers: a door to any of them, by the same guard as all others."""

import secrets
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from blauweknop.adapters.http_client import GuardedClient, LookUp, Reach, client_tls
from blauweknop.assembly.collecting import guarded_send
from blauweknop.checking.trust import Trust
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.ports import Answer, CollectingServices, Send, SourceProblem
from blauweknop.holder.collecting.renewing import begin_renewals
from blauweknop.holder.sharing.ports import Outbox, SharingServices

__all__ = ["receiver_send", "sharing_services"]

_PATIENCE = 10.0  # seconds; a receiver checks what it gets before it answers
_MOST_ANSWER = 512 * 1024


def sharing_services(
    collecting: CollectingServices,
    *,
    trust: Callable[[datetime], Trust],
    trust_with: Callable[[str, datetime], Trust],
    outbox: Outbox,
    exercise: bool,
    background: Background,
    tls: ssl.SSLContext | None = None,
) -> SharingServices:
    """What the pages need; what is missing is fetched as `collecting` does, and new copies meanwhile."""
    return SharingServices(
        trust=trust,
        trust_with=trust_with,
        send=receiver_send(exercise=exercise, tls=tls),
        sources=collecting.sources,
        outbox=outbox,
        catalogue=collecting.catalogue,
        now=lambda: datetime.now(UTC),
        random=secrets.token_bytes,
        check=collecting.check,
        copies_used=lambda vault: begin_renewals(vault, collecting, background),
    )


def receiver_send(*, exercise: bool, tls: ssl.SSLContext | None = None, look_up: LookUp | None = None) -> Send:
    """Requests to whoever asks: any host, for nobody knows beforehand who does, but never an address inside a network.

    Only over TLS at the usual port; in an exercise receivers may be on this machine, at any port.
    """
    context = tls or client_tls()

    def send(method: str, address: str, *, headers: Mapping[str, str], content: bytes | None) -> Answer:
        host = _host(address, exercise=exercise)
        reach = Reach(frozenset({host}), allow_loopback=exercise, timeout_seconds=_PATIENCE, max_bytes=_MOST_ANSWER)
        client = GuardedClient(reach, tls=context, look_up=look_up)
        try:
            return guarded_send(client)(method, address, headers=headers, content=content)
        finally:
            client.close()

    return send


def _host(address: str, *, exercise: bool) -> str:
    try:
        parts = urlsplit(address)
        port, name = parts.port, parts.hostname or ""
    except ValueError as error:
        raise SourceProblem("unreachable", "this is not an address") from error
    if port not in (None, 443) and not exercise:
        raise SourceProblem("unreachable", "expected an address at the usual port")
    host = f"[{name}]" if ":" in name else name
    return host if port is None else f"{host}:{port}"
