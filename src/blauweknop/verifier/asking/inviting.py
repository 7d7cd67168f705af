"""Ask two people who apply together: a request for each, and an invitation that may be made anew while nobody answered it.

A part is filled by who answers it first, as every request; whoever has the link later finds it answered. What the one sees of the other is
whether there is an answer, and nothing else.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from blauweknop.document.package_claims import needed_cents
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.life_event import Package
from blauweknop.verifier.asking.answers import CheckedItem
from blauweknop.verifier.asking.household import Household, Needed, Part, Sameness, sameness
from blauweknop.verifier.asking.judging import ResponseProblem
from blauweknop.verifier.asking.ports import AskingServices, KeptRequest, RequestState
from blauweknop.verifier.asking.questions import Question
from blauweknop.verifier.asking.requesting import REQUEST_LIFE, make_request

__all__ = [
    "AskedTogether",
    "OtherPart",
    "OtherState",
    "PlaceFilled",
    "ask_together",
    "invite",
    "needed_of",
    "other_part",
    "require_somebody_else",
    "take_back_invitation",
]

_LEAST_LIFE = timedelta(days=7)
"""Who is invited at the last moment still has time to answer."""


class PlaceFilled(BlauweKnopError):
    """The second person answered already or was invited too often, or this is no request of which there is a second part."""


class OtherState(StrEnum):
    """How the part of the other stands, as one of them may know it."""

    NOBODY = "nobody"  # nobody is asked; also after an invitation or an answer was taken back
    OPEN = "open"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class OtherPart:
    """Which part a request is, and how the other stands."""

    part: Part
    state: OtherState
    household: Household


@dataclass(frozen=True, slots=True)
class AskedTogether:
    """Two requests, with the addresses of their pages, which are told once."""

    first_link: str = field(repr=False)
    first: KeptRequest
    second_link: str = field(repr=False)
    second: KeptRequest


def needed_of(package: Package, parameters: dict[str, int]) -> Needed | None:
    """What a package compares the income of both with."""
    for item in package.items:
        if item.conclusion is not None:
            return Needed(item.id, item.conclusion.of, needed_cents(item.conclusion, parameters))
    return None


def ask_together(
    question: Question,
    needed: Needed | None,
    services: AskingServices,
    *,
    reference: str | None = None,
    life: timedelta = REQUEST_LIFE,
    client: str | None = None,
    expected: str | None = None,
) -> AskedTogether:
    """A request for each of two people; `expected` is the name of the first.

    Raises:
        QuestionRefused: the receiver may not ask this; nothing is kept.
    """
    with services.together():
        first_link, first = make_request(question, services, reference=reference, life=life, client=client, expected=expected)
        second_link, second = make_request(question, services, reference=reference, life=life, client=client)
        services.households.begin(Household(first.id, second.id, needed))
    return AskedTogether(first_link, first, second_link, second)


def invite(first_id: str, services: AskingServices) -> tuple[str, KeptRequest]:
    """A new invitation for the second person; the one before counts no more.

    Raises:
        PlaceFilled: there is nobody to invite.
        QuestionRefused: the receiver may not ask this any more.
    """
    first, household = services.requests.by_id(first_id), services.households.of_request(first_id)
    if first is None or household is None or household.first != first_id or first.state is RequestState.WITHDRAWN:
        raise PlaceFilled("expected the first request of a household")
    if not household.may_invite:
        raise PlaceFilled("expected fewer invitations before")
    life = _life(first, services.now)
    if life <= timedelta(0):
        raise PlaceFilled("expected a request that did not end")
    with services.together():
        link, second = make_request(first.question, services, reference=first.reference, life=life, client=first.client)
        if not services.households.invite(first_id, second.id):
            raise PlaceFilled("expected a second part that nobody answered")
    return link, second


def take_back_invitation(first_id: str, services: AskingServices) -> bool:
    """Nobody can answer the second part with the link that there is; False when there is no such link."""
    household = services.households.of_request(first_id)
    if household is None or household.first != first_id or household.second is None:
        return False
    return services.requests.withdraw(household.second)


def other_part(request_id: str, services: AskingServices) -> OtherPart | None:
    """None for a request of one person."""
    household = services.households.of_request(request_id)
    if household is None:
        return None
    part, other_id = household.part_of(request_id), household.other_than(request_id)
    other = services.requests.by_id(other_id) if other_id is not None else None
    return OtherPart(part, _state(other, services.now), household)


def require_somebody_else(request_id: str, items: tuple[CheckedItem, ...], services: AskingServices) -> None:
    """Whether the two parts of a household are of two people.

    Raises:
        ResponseProblem: `response_same_person`, the other part is of the same person: nobody counts twice.
    """
    household = services.households.of_request(request_id)
    other_id = household.other_than(request_id) if household is not None else None
    kept = services.answers.of_request(other_id) if other_id is not None else None
    if kept is not None and sameness(items, kept.answer.items) is Sameness.SAME:
        raise ResponseProblem("response_same_person", "expected an answer of somebody else than who answered the other part")


def _life(first: KeptRequest, now: datetime) -> timedelta:
    """As long as the first request; when that was answered a week at least."""
    left = first.ends_at - now
    return max(left, _LEAST_LIFE) if first.state is RequestState.ANSWERED else left


def _state(other: KeptRequest | None, now: datetime) -> OtherState:
    if other is not None and other.state is RequestState.ANSWERED:
        return OtherState.ANSWERED
    is_open = other is not None and other.state is RequestState.OPEN and other.ends_at > now
    return OtherState.OPEN if is_open else OtherState.NOBODY
