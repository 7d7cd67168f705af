"""Requests of two people who apply together, for the systems of receivers: a link for each, how the other part stands, and the test of
the income of both, as the pages of the receiver have it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from blauweknop.document.package_claims import PackageProblem
from blauweknop.domain.document import JsonValue
from blauweknop.domain.life_event import HouseholdSetting, Package
from blauweknop.verifier.asking.household import Sameness, sameness
from blauweknop.verifier.asking.inviting import PlaceFilled, ask_together, invite, needed_of, other_part
from blauweknop.verifier.asking.packages import question_of
from blauweknop.verifier.asking.ports import AskingServices, KeptAnswer, KeptRequest
from blauweknop.verifier.asking.questions import QuestionRefused
from blauweknop.verifier.dossier.pieces import StatusCheck, pieces_of
from blauweknop.verifier.household.exporting import income_test_members
from blauweknop.verifier.household.income import tested

__all__ = ["LastChecks", "MadeForTwo", "household_members", "income_test", "invite_second", "make_for_two"]

LastChecks = Mapping[str, Callable[[str], StatusCheck | None]]
"""What sources said last of a kept answer, by receiver: what was withdrawn proves no income."""


@dataclass(frozen=True, slots=True)
class MadeForTwo:
    """The first request, and both links."""

    first: KeptRequest = field(repr=False)
    url: str = field(repr=False)
    second_url: str = field(repr=False)


def make_for_two(
    package: Package,
    services: AskingServices,
    *,
    optional: list[str],
    parameters: dict[str, int],
    reference: str | None,
    life: timedelta,
    client: str,
) -> MadeForTwo:
    """A request for each of two people.

    Raises:
        PackageProblem: it is no package for two, or does not fit.
        QuestionRefused: the receiver may not ask this.
    """
    if package.household is HouseholdSetting.NONE:
        raise PackageProblem(f"package {package.id} is asked of one person")
    question = question_of(package, services.catalogue, optional=optional, parameters=parameters, household=True)
    made = ask_together(question, needed_of(package, parameters), services, reference=reference, life=life, client=client)
    return MadeForTwo(made.first, made.first_link, made.second_link)


def household_members(request: KeptRequest, services: AskingServices) -> dict[str, JsonValue]:
    """Of two people which part this is and how the other stands; nothing for a request of one."""
    other = other_part(request.id, services)
    if other is None:
        return {}
    return {
        "household": {
            "part": other.part.value,
            "other": other.household.other_than(request.id),
            "otherState": other.state.value,
        }
    }


def income_test(request: KeptRequest, services: AskingServices, checks: LastChecks) -> JsonValue:
    """Whether both have enough together, as far as both parts prove; None where nothing is compared.

    Of a part that this client did not ask nothing is in it. Raises: StorageError.
    """
    household = services.households.of_request(request.id)
    if household is None or household.needed is None:
        return None
    kept = [_answer_of(each, request.client, services) for each in (household.first, household.second)]
    pieces = [pieces_of(each.answer, _last_check(each, services, checks)) if each is not None else None for each in kept]
    came = [each.answer.items for each in kept if each is not None]
    same = sameness(*came) if len(came) == len(kept) else Sameness.OTHER
    return income_test_members(tested(pieces[0], pieces[1], household.needed, same, services.catalogue))


def invite_second(request: KeptRequest, services: AskingServices) -> tuple[str, KeptRequest] | None:
    """A new link for the second person; None when there is nobody to invite. Raises: StorageError."""
    try:
        return invite(request.id, services)
    except (PlaceFilled, QuestionRefused):
        return None


def _answer_of(request_id: str | None, client: str | None, services: AskingServices) -> KeptAnswer | None:
    request = services.requests.by_id(request_id) if request_id is not None else None
    return services.answers.of_request(request.id) if request is not None and request.client == client else None


def _last_check(kept: KeptAnswer, services: AskingServices, checks: LastChecks) -> StatusCheck | None:
    last = checks.get(services.receiver.id)
    return last(kept.id) if last is not None else None
