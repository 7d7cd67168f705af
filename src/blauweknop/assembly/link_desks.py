"""From the staff of each receiver to the page on which they take links."""

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from litestar import Router

from blauweknop.adapters.http_client import FetchProblem, GuardedClient, LookUp, Reach
from blauweknop.adapters.keys import load_private_key
from blauweknop.adapters.requests_settings import RequestsSettings
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict
from blauweknop.standards.jwe import Derive, key_agreement
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.share_link import MOST_SEALED
from blauweknop.verifier.asking.ports import Receiver
from blauweknop.verifier.links.ports import CallFailed, LinkDesk, Post, Replied
from blauweknop.verifier.links.routes import link_desk_router
from blauweknop.verifier.staff.ports import StaffServices

__all__ = ["guarded_post", "link_desk_routes", "link_desks", "link_keys", "with_links"]

_OTHER_KEY = "add the private half of that key to link_keys, or let the register sign the registration anew with your key"
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
        BlauweKnopError: a key cannot be used, or a registration names another.
    """
    post = guarded_post(settings.links, exercise=exercise, tls=tls)
    return tuple(
        LinkDesk(each, check, link_keys(each.asking.receiver, paths), settings.links, post)
        for each in staff
        if (paths := settings.receivers[each.asking.receiver.id].link_keys)
    )


def link_keys(receiver: Receiver, paths: Sequence[Path]) -> tuple[Derive, ...]:
    """What opens a package that came by a link.

    Raises:
        BlauweKnopError: a key cannot be used; or a registration names another, so that people close a package, which can be fetched once,
            for nobody.
    """
    keys = [load_private_key(path) for path in paths]
    opening = tuple(key_agreement(key) for key in keys)
    ours = {thumbprint(key.public_key()) for key in keys if isinstance(key, ec.EllipticCurvePrivateKey)}
    for use, known in receiver.uses.items():
        named = known.registration.link_key
        if named is not None and thumbprint(named.public) not in ours:
            raise BlauweKnopError(f"link_keys of {receiver.id} has not the key that its registration for {use} names", remedy=_OTHER_KEY)
    return opening


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
