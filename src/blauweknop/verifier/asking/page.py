"""A page of a receiver that asks, and the browser that it is for."""

import math
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, TooManyRequestsException
from litestar.params import SkipValidation

from blauweknop.domain.texts import Text
from blauweknop.standards import base64url
from blauweknop.verifier.asking.ports import AskingServices, KeptRequest, Transaction
from blauweknop.verifier.asking.transactions import begin
from blauweknop.web.cookies import Cookie, give_cookie
from blauweknop.web.page import Portal, page
from blauweknop.web.rate_limit import MemoryCounter, client_address

__all__ = [
    "AskingPages",
    "PageRequest",
    "Pages",
    "asking_page",
    "asking_portal",
    "begun",
    "bind",
    "number_cookie",
    "request_of",
    "session_of",
]

PageRequest = Request[Any, Any, Any]
_REFERENCE_BYTES, _REFERENCE_LENGTH = 32, 43
_A_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class AskingPages:
    """Of one receiver, in this process."""

    services: AskingServices
    begins: MemoryCounter = field(default_factory=MemoryCounter, repr=False)


Pages = NamedDependency[SkipValidation[AskingPages]]


def asking_portal(services: AskingServices) -> Portal:
    """Whose pages these are."""
    receiver = services.receiver
    return Portal(Text(receiver.name, receiver.name), receiver.path, receiver.colour)


def asking_page(
    request: PageRequest, services: AskingServices, template: str, *, status_code: int = 200, switch_path: str = "", **values: object
) -> Response[str]:
    """Render a template, such as `verifier/request.html`, with the name of the receiver."""
    return page(
        request,
        template,
        portal=asking_portal(services),
        visitor=None,
        status_code=status_code,
        switch_path=switch_path,
        headers=None,
        receiver_name=services.receiver.name,
        here=services.receiver.path,
        **values,
    )


def session_of(request: PageRequest, services: AskingServices) -> str | None:
    """The reference of this browser; None when it has none, or something that cannot be one."""
    reference = request.cookies.get(services.session_cookie.name)
    return reference if reference is not None and len(reference) == _REFERENCE_LENGTH and reference.isascii() else None


def request_of(token: str, services: AskingServices) -> KeptRequest:
    """The request behind a link.

    Raises:
        NotFoundException: there is none, or it ended long ago.
    """
    kept = services.requests.by_token(token, now=services.now)
    if kept is None:
        raise NotFoundException("no such request")
    return kept


def begun(request: PageRequest, pages: AskingPages, kept: KeptRequest, *, elsewhere: bool) -> tuple[str, Transaction, str]:
    """A new attempt to answer, its state, and the session of the browser that it is bound to.

    Raises:
        TooManyRequestsException: too many were begun from this address, or of this receiver (threat T-39).
    """
    services = pages.services
    limits = ((client_address(request), services.begins_a_minute), ("all", services.all_begins_a_minute))
    for key, most in limits:
        wait = pages.begins.seconds_to_wait(key, limit=most, window=_A_MINUTE)
        if wait > 0:
            raise TooManyRequestsException(headers={"Retry-After": str(math.ceil(wait))})
    session = session_of(request, services) or base64url.encode(services.random(_REFERENCE_BYTES))
    state, transaction = begin(kept, session, services, elsewhere=elsewhere)
    return state, transaction, session


@dataclass(frozen=True, slots=True)
class _NumberCookie:
    name: str
    secure: bool
    seconds: int | None


def number_cookie(services: AskingServices) -> Cookie:
    """Holds the response code on another device, until the person typed the digits."""
    session = services.session_cookie
    return _NumberCookie(f"{session.name}-getal", session.secure, 300)


def bind(answer: Response[Any], services: AskingServices, session: str) -> Response[Any]:
    """Let the browser keep its session."""
    give_cookie(answer, services.session_cookie, session)
    return answer
