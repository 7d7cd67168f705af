"""From the staff of each receiver to the page on which they take links."""

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from litestar import Router

from blauweknop.adapters.http_client import FetchProblem, GuardedClient, LookUp, Reach
from blauweknop.adapters.keys import load_private_key
from blauweknop.adapters.requests_settings import RequestsSettings
from blauweknop.domain.verdict import Verdict
from blauweknop.standards.jwe import key_agreement
from blauweknop.standards.share_link import MOST_SEALED
from blauweknop.verifier.links.ports import CallFailed, LinkDesk, Post, Replied
from blauweknop.verifier.links.routes import link_desk_router
from blauweknop.verifier.staff.ports import StaffServices

__all__ = ["guarded_post", "link_desk_routes", "link_desks", "with_links"]

_PATIENCE = 20.0  # seconds; a package may be large


def with_links(staff: Sequence[StaffServices], settings: RequestsSettings) -> tuple[StaffServices, ...]:
    """The same, of which those with a key for links say so on their pages."""
    return tuple(replace(each, takes_links=bool(settings.receivers[each.asking.receiver.id].link_keys)) for each in staff)


def link_desks(
    staff: Sequence[StaffServices],
    settings: RequestsSettings,
    *,
    check: Callable[[bytes, datetime], Verdict],
    exercise: bool,
    tls: ssl.SSLContext | None = None,
) -> tuple[LinkDesk, ...]:
    """Of each receiver that has staff and a key for links.

    Raises:
        BlauweKnopError: a key cannot be used.
    """
    post = guarded_post(settings.links, exercise=exercise, tls=tls)
    return tuple(
        LinkDesk(each, check, tuple(key_agreement(load_private_key(path)) for path in paths), settings.links, post)
        for each in staff
        if (paths := settings.receivers[each.asking.receiver.id].link_keys)
    )


def link_desk_routes(desks: Sequence[LinkDesk]) -> list[Router]:
    return [link_desk_router(desk) for desk in desks]


def guarded_post(places: Sequence[str], *, exercise: bool, tls: ssl.SSLContext | None = None, look_up: LookUp | None = None) -> Post:
    """By the one door to the outside, to the hosts of these addresses and to none else (threat T-32)."""
    hosts = frozenset(urlsplit(place).netloc.lower() for place in places)
    reach = Reach(hosts, allow_loopback=exercise, timeout_seconds=_PATIENCE, max_bytes=MOST_SEALED)
    client = GuardedClient(reach, tls=tls, look_up=look_up)

    def post(address: str, form: Mapping[str, str]) -> Replied:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            answer = client.send("POST", address, headers=headers, content=urlencode(form).encode("ascii"))
        except FetchProblem as problem:
            raise CallFailed(f"{problem.code}: {problem}") from problem
        return Replied(answer.status, answer.body)

    return post
