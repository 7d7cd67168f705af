"""Requests of two people who apply together, for the systems of receivers: a link for each, and how the other part stands."""

from dataclasses import dataclass, field
from datetime import timedelta

from blauweknop.document.package_claims import PackageProblem
from blauweknop.domain.document import JsonValue
from blauweknop.domain.life_event import HouseholdSetting, Package
from blauweknop.verifier.asking.inviting import PlaceFilled, ask_together, invite, needed_of, other_part
from blauweknop.verifier.asking.packages import question_of
from blauweknop.verifier.asking.ports import AskingServices, KeptRequest
from blauweknop.verifier.asking.questions import QuestionRefused

__all__ = ["MadeForTwo", "household_members", "invite_second", "make_for_two"]


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


def invite_second(request: KeptRequest, services: AskingServices) -> tuple[str, KeptRequest] | None:
    """A new link for the second person; None when there is nobody to invite. Raises: StorageError."""
    try:
        return invite(request.id, services)
    except (PlaceFilled, QuestionRefused):
        return None
