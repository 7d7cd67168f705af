"""What a member of staff fills in to ask somebody: a ready-made question, its numbers, and what may be asked extra."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.life_event import HouseholdSetting, Item, Need, Package, Parameter, ParameterUnit
from blauweknop.standards.strict_json import canonical_json, parse_json_object
from blauweknop.verifier.asking.packages import question_of
from blauweknop.verifier.asking.ports import KeptRequest
from blauweknop.verifier.asking.questions import Question, require_askable
from blauweknop.verifier.asking.requesting import make_request
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.ports import Staff, StaffServices

__all__ = ["FormProblem", "RequestForm", "ask_for", "asked_question", "form_of", "form_text", "optional_items", "packages_of", "read_form"]

_MOST_DIGITS = 9
_MOST_REFERENCE = 40
_MOST_NAME = 100
_MOST_FORM = 512 * 1024


class FormProblem(BlauweKnopError):
    """Something in the form does not fit; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} does not fit")
        self.field = field


@dataclass(frozen=True, slots=True)
class RequestForm:
    """As it was filled in, and read. Amounts in cents."""

    package: Package
    parameters: dict[str, int]
    optional: tuple[str, ...]
    reference: str | None
    household: bool = False
    """Whether a partner or co-applicant is asked too."""
    expected: str | None = field(default=None, repr=False)
    """The name of whom it is meant for, to be compared with that in the answer."""


def packages_of(services: StaffServices) -> tuple[Package, ...]:
    """The ready-made questions that this receiver is registered for."""
    return tuple(package for package in load_life_events().packages if package.id in services.asking.receiver.uses)


def optional_items(package: Package) -> tuple[Item, ...]:
    return tuple(item for item in package.items if item.need is Need.OPTIONAL)


def read_form(package: Package, texts: dict[str, str], chosen: Sequence[str]) -> RequestForm:
    """Numbers as people type them; amounts in whole euros.

    Raises:
        FormProblem: names the first field that does not fit.
    """
    optional = {item.id for item in optional_items(package)}
    if not set(chosen) <= optional:
        raise FormProblem("extra")
    reference = texts.get("reference", "").strip()
    if len(reference) > _MOST_REFERENCE or not reference.isprintable():
        raise FormProblem("reference")
    expected = " ".join(texts.get("expected", "").split())
    if len(expected) > _MOST_NAME or not expected.isprintable():
        raise FormProblem("expected")
    numbers = {parameter.name: _number(parameter, texts.get(parameter.name, "").strip()) for parameter in package.parameters}
    household = "household" in texts
    if household and package.household is HouseholdSetting.NONE:
        raise FormProblem("household")
    return RequestForm(package, numbers, tuple(dict.fromkeys(chosen)), reference or None, household, expected or None)


def asked_question(form: RequestForm, services: StaffServices) -> Question:
    """What the person will be asked.

    Raises:
        BlauweKnopError: the receiver may not ask this.
    """
    asking = services.asking
    question = question_of(form.package, asking.catalogue, optional=form.optional, parameters=form.parameters, household=form.household)
    require_askable(question, asking.receiver.use_of(question).registration, at=services.now)
    return question


def form_text(form: RequestForm, question: Question) -> str:
    """A form, and the question that came of it: what a colleague says yes to."""
    return canonical_json(
        {
            "package": form.package.id,
            "parameters": dict(form.parameters),
            "optional": [*form.optional],
            "household": form.household,
            "expected": form.expected,
            "question": question.as_text(),
        }
    ).decode("utf-8")


def form_of(text: str, reference: str | None, services: StaffServices) -> tuple[RequestForm, Question]:
    """What `form_text` gave.

    Raises:
        BlauweKnopError: the question would be another one by now, or may not be asked any more.
    """
    read = parse_json_object(text.encode("utf-8"), max_bytes=_MOST_FORM)
    package = next((one for one in packages_of(services) if one.id == read.get("package")), None)
    parameters, optional = read.get("parameters"), read.get("optional")
    if package is None or not isinstance(parameters, dict) or not isinstance(optional, list):
        raise BlauweKnopError("expected a form of a question that is there")
    numbers = {name: number for name, number in parameters.items() if isinstance(number, int)}
    form = RequestForm(package, numbers, tuple(map(str, optional)), reference, read.get("household") is True, _text(read.get("expected")))
    question = asked_question(form, services)
    if form_text(form, question) != text:
        raise BlauweKnopError("expected the question that a colleague saw")
    return form, question


def ask_for(question: Question, form: RequestForm, staff: Staff, services: StaffServices) -> tuple[str, KeptRequest]:
    """Make the request of a form: the link for the person, and the request, which is the task of who made it.

    Raises:
        BlauweKnopError: the receiver may not ask this; nothing is kept.
    """
    asking = services.asking
    with asking.together():
        link, request = make_request(question, asking, reference=form.reference, expected=form.expected)
        services.tasks.give(request.id, staff.id, now=services.now)
        services.write_down(Deed.REQUEST_MADE, staff, about=request.id, detail=question.package)
    return link, request


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _number(parameter: Parameter, typed: str) -> int:
    if not (typed.isascii() and typed.isdigit()) or len(typed) > _MOST_DIGITS:
        raise FormProblem(parameter.name)
    number = int(typed) * (100 if parameter.unit is ParameterUnit.CENTS else 1)
    if not parameter.least <= number <= parameter.most:
        raise FormProblem(parameter.name)
    return number
