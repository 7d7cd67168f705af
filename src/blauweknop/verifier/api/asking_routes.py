"""Ready-made requests over HTTP, beside the check.

POST   /v1/requests         ask a person: the link to give them
GET    /v1/requests/{id}    how it stands; with `request:data` also what was answered
DELETE /v1/requests/{id}    take it back, while nobody answered
POST   /v1/requests/{id}/invitations   a new link for the second of two people
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from blauweknop.domain.document import JsonValue
from blauweknop.verifier.api.access import Access
from blauweknop.verifier.api.asking import (
    MOST_REQUEST,
    Found,
    NewRequest,
    Receivers,
    create,
    find,
    read_new_request,
    request_members,
    withdraw,
)
from blauweknop.verifier.api.clients import REQUEST, REQUEST_DATA, Caller
from blauweknop.verifier.api.household import LastChecks, income_test, invite_second
from blauweknop.verifier.api.requests import ApiRequest, Refused

__all__ = ["REQUEST_HANDLERS", "RequestServices"]

_PATH = "/v1/requests"
_JSON = "application/json"
_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class RequestServices:
    """What these need: who may, who asks, and threads to wait for the database."""

    access: Access
    receivers: Receivers
    stores: ThreadPoolExecutor = field(repr=False)
    last_checks: LastChecks = field(default_factory=dict)

    async def in_thread(self, work: Callable[[], _Done]) -> _Done:
        return await asyncio.get_running_loop().run_in_executor(self.stores, work)


Asking = NamedDependency[SkipValidation[RequestServices]]


@post(_PATH, status_code=201, request_max_body_size=MOST_REQUEST)
async def create_request(request: ApiRequest, asking: Asking) -> Response[bytes]:
    """Ask a person. The link is told once: of it only a hash is kept."""
    caller = asking.access.require(request, REQUEST)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        raise Refused(415, headers={"Accept-Post": _JSON})
    asked = read_new_request(await request.body())
    members, found = await asking.in_thread(lambda: _created(asked, caller, asking.receivers))
    return _json(members, 201, {"Location": f"{_PATH}/{found.request.id}"})


@get(f"{_PATH}/{{request_id:str}}")
async def show_request(request: ApiRequest, asking: Asking, request_id: FromPath[str]) -> Response[bytes]:
    """A request of this client, and what came of it."""
    caller = asking.access.require(request, REQUEST, reads=True)
    members = await asking.in_thread(lambda: _shown(request_id, caller, asking))
    if members is None:
        raise Refused(404)
    return _json(members, 200, {})


@delete(f"{_PATH}/{{request_id:str}}", status_code=204)
async def withdraw_request(request: ApiRequest, asking: Asking, request_id: FromPath[str]) -> Response[None]:
    """Take a request of this client back. What was answered already is not here any more for that."""
    caller = asking.access.require(request, REQUEST, reads=True)

    def work() -> bool:
        found = find(request_id, caller, asking.receivers)
        return found is not None and withdraw(found)

    if not await asking.in_thread(work):
        raise Refused(404)
    return Response(None, status_code=204)


@post(f"{_PATH}/{{request_id:str}}/invitations", status_code=201, request_max_body_size=MOST_REQUEST)
async def invite_other(request: ApiRequest, asking: Asking, request_id: FromPath[str]) -> Response[bytes]:
    """A new link for the second person of a household; the one before does not work any more."""
    caller = asking.access.require(request, REQUEST)
    members = await asking.in_thread(lambda: _invited(request_id, caller, asking.receivers))
    if members is None:
        raise Refused(404)
    return _json(members, 201, {"Location": f"{_PATH}/{members['id']}"})


REQUEST_HANDLERS = (create_request, show_request, withdraw_request, invite_other)


def _created(asked: NewRequest, caller: Caller, receivers: Receivers) -> tuple[dict[str, JsonValue], Found]:
    urls, found = create(asked, caller, receivers)
    return request_members(found, None, with_data=False) | urls, found


def _invited(request_id: str, caller: Caller, receivers: Receivers) -> dict[str, JsonValue] | None:
    found = find(request_id, caller, receivers)
    invited = invite_second(found.request, found.services) if found is not None else None
    if found is None or invited is None:
        return None
    url, second = invited
    return request_members(Found(second, found.services), None, with_data=False) | {"url": url}


def _shown(request_id: str, caller: Caller, asking: RequestServices) -> dict[str, JsonValue] | None:
    found: Found | None = find(request_id, caller, asking.receivers)
    if found is None:
        return None
    answer, with_data = found.services.answers.of_request(found.request.id), REQUEST_DATA in caller.scopes
    members = request_members(found, answer, with_data=with_data)
    household = members.get("household")
    test = income_test(found.request, found.services, asking.last_checks) if with_data else None
    if test is not None and isinstance(household, dict):
        household["incomeTest"] = test
    return members


def _json(answer: Mapping[str, JsonValue], status: int, headers: Mapping[str, str]) -> Response[bytes]:
    return Response(msgspec.json.encode(answer), status_code=status, media_type=_JSON, headers=dict(headers))
