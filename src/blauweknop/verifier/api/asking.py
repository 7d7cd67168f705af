"""Ready-made requests for the systems of receivers: ask a person, and fetch what was answered (`asking_routes` serves it).

A client asks for the receivers that its settings name, and sees the requests that it made itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.catalogue.reading import CatalogueError
from blauweknop.document.package_claims import PackageProblem
from blauweknop.domain.document import JsonValue
from blauweknop.domain.representation import REPRESENTATIVE
from blauweknop.verifier.api.clients import Caller
from blauweknop.verifier.api.household import household_members, make_for_two
from blauweknop.verifier.api.requests import Refused
from blauweknop.verifier.asking.answers import CheckedItem, current_items
from blauweknop.verifier.asking.packages import question_of
from blauweknop.verifier.asking.ports import AskingServices, KeptAnswer, KeptRequest, RequestState
from blauweknop.verifier.asking.questions import QuestionRefused
from blauweknop.verifier.asking.requesting import make_request
from blauweknop.web.problems import InputFault

__all__ = ["MOST_REQUEST", "Found", "NewRequest", "Receivers", "create", "find", "read_new_request", "request_members", "withdraw"]

MOST_REQUEST = 16 * 1024
_MOST_DAYS = 90
_MOST_REFERENCE = 200

Receivers = Mapping[str, AskingServices]
"""Who asks, by short name."""


class NewRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What a client sends. `parameters` are numbers of the package, such as the rent in cents; `reference` is of its own case.

    With `household` two people are asked, each by a request of their own.
    """

    receiver: str
    package: str
    optional: list[str] = []
    parameters: dict[str, int] = {}
    reference: str | None = None
    days: int = 30
    household: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A request of this client, and who asks."""

    request: KeptRequest = field(repr=False)
    services: AskingServices = field(repr=False)


def read_new_request(body: bytes) -> NewRequest:
    """Raises: Refused (400)."""
    try:
        asked = msgspec.json.decode(body, type=NewRequest)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused(400, InputFault("body", "", "not_a_request")) from error
    if not 1 <= asked.days <= _MOST_DAYS:
        raise Refused(400, InputFault("body", "days", "days_out_of_range"))
    if asked.reference is not None and (len(asked.reference) > _MOST_REFERENCE or not asked.reference.isprintable()):
        raise Refused(400, InputFault("body", "reference", "not_a_reference"))
    return asked


def create(asked: NewRequest, caller: Caller, receivers: Receivers) -> tuple[dict[str, str], Found]:
    """The addresses for people by the name of the member, and the (first) request.

    Raises:
        Refused: 400 what may not be asked, 403 not for this receiver.
        StorageError: the database does not answer.
    """
    services = receivers.get(asked.receiver) if asked.receiver in caller.client.asks_for else None
    if services is None:
        raise Refused(403)
    try:
        package = load_life_events().package(asked.package)
        life, client = timedelta(days=asked.days), caller.client.id
        if asked.household:
            two = make_for_two(
                package,
                services,
                optional=asked.optional,
                parameters=asked.parameters,
                reference=asked.reference,
                life=life,
                client=client,
            )
            return {"url": two.url, "otherUrl": two.second_url}, Found(two.first, services)
        question = question_of(package, services.catalogue, optional=asked.optional, parameters=asked.parameters)
        url, request = make_request(question, services, reference=asked.reference, life=life, client=client)
    except CatalogueError as error:
        raise Refused(400, InputFault("body", "package", "unknown_package")) from error
    except PackageProblem as error:
        raise Refused(400, InputFault("body", "", "package_does_not_fit")) from error
    except QuestionRefused as error:
        raise Refused(400, InputFault("body", "package", "may_not_be_asked")) from error
    return {"url": url}, Found(request, services)


def find(request_id: str, caller: Caller, receivers: Receivers) -> Found | None:
    """A request that this client made, for a receiver that it may still ask for. Raises: StorageError."""
    for name in sorted(caller.client.asks_for & receivers.keys()):
        request = receivers[name].requests.by_id(request_id)
        if request is not None and request.client == caller.client.id:
            return Found(request, receivers[name])
    return None


def withdraw(found: Found) -> bool:
    """Nobody can answer it any more; False when it was answered. Raises: StorageError."""
    return found.services.requests.withdraw(found.request.id) or found.request.state is RequestState.WITHDRAWN


def request_members(found: Found, answer: KeptAnswer | None, *, with_data: bool) -> dict[str, JsonValue]:
    """The request as a client sees it; claims only with the right to them."""
    request = found.request
    over = request.state is RequestState.OPEN and request.ends_at <= found.services.now
    members: dict[str, JsonValue] = {
        "id": request.id,
        "receiver": found.services.receiver.id,
        "package": request.question.package,
        "state": "expired" if over else request.state.value,
        "createdAt": _moment(request.made_at),
        "expiresAt": _moment(request.ends_at),
        "reference": request.reference,
        **household_members(request, found.services),
    }
    if answer is not None:
        members["answer"] = {
            "receivedAt": _moment(answer.answer.received_at),
            "eraseAt": _moment(answer.erase_at),
            "otherDevice": answer.answer.elsewhere,
            "byLink": answer.answer.by_link,
            "representative": any(REPRESENTATIVE in item.claims for item in answer.answer.items),
            "items": [_item(item, with_data=with_data) for _, item in current_items(answer.answer.items)],
        }
    return members


def _item(item: CheckedItem, *, with_data: bool) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {
        "item": item.item,
        "dataset": item.dataset,
        "format": item.format,
        "verdict": item.colour.value,
        "reasons": [*item.reasons],
        "issuer": {"oin": item.issuer_oin, "name": item.issuer},
        "referenceDate": item.reference_date,
        "validUntil": item.valid_until,
    }
    return members | {"claims": dict(item.claims)} if with_data else members


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
