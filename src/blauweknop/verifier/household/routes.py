"""The pages of households at one receiver, for who works on at least one of the two parts.

/huishoudens/{id}                    both parts and the test over them; {id} is that of either request
/huishoudens/{id}/huishouden.json    and schulden.csv, inkomen.csv, stukken.csv: to take along, with whose each row is
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.catalogue.texts import sentence
from blauweknop.document.representative_words import representative_named
from blauweknop.domain.texts import Language, Text
from blauweknop.insight.household import HouseholdOutcome
from blauweknop.verifier.asking.household import Household
from blauweknop.verifier.dossier.dossier import Dossier
from blauweknop.verifier.dossier.entering import enter_dossier, gone_page
from blauweknop.verifier.dossier.ports import DossierServices
from blauweknop.verifier.dossier.releasing import held_back, waits
from blauweknop.verifier.dossier.tables import debts_csv, income_csv, pieces_csv
from blauweknop.verifier.household.exporting import household_csv, household_json
from blauweknop.verifier.household.household import HouseholdDossier, PersonPart, household_dossier
from blauweknop.verifier.household.income import range_in_words
from blauweknop.verifier.staff.four_eyes import Guarded
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.ports import Staff
from blauweknop.verifier.staff.visit import PageRequest, staff_page
from blauweknop.web.language import language_of

__all__ = ["household_router"]

_Services = NamedDependency[SkipValidation[DossierServices]]
_TABLES: Mapping[str, Callable[[Dossier, str], str]] = {
    "schulden.csv": lambda dossier, _: debts_csv(dossier),
    "inkomen.csv": lambda dossier, _: income_csv(dossier),
    "stukken.csv": pieces_csv,
}
_ALL = "huishouden.json"
_OF_ONE = {_ALL: "dossier.json"}
"""What a file of both is called in the dossier of one."""


def household_router(services: DossierServices) -> Router:
    """All of one receiver."""
    return Router(
        services.staff.path,
        route_handlers=[show_household, give_household_file],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        include_in_schema=False,
    )


@get("/huishoudens/{request_id:str}", sync_to_thread=True)
def show_household(request: PageRequest, services: _Services, request_id: FromPath[str]) -> Response[Any]:
    """Two parts, each named, and what both have together."""
    seen = _seen(request, services, request_id)
    if isinstance(seen, Response):
        return seen
    staff, household, package = seen
    language = language_of(request)
    shown = household_dossier(household, package, staff, services, at=services.asking.now, language=language)
    for part in shown.parts:
        if part.dossier is not None:
            services.staff.write_down(Deed.DOSSIER_SEEN, staff, about=part.request_id, detail="huishouden")
    return staff_page(
        request,
        services.staff,
        staff,
        "verifier/household.html",
        household=shown,
        title=_title(package),
        request_id=request_id,
        words=lambda amount: range_in_words(amount, language),
        outcome=_outcome(shown),
        held_back=Guarded.EXPORT in services.staff.four_eyes,
        acting={part.part.value: _acting(part, language) for part in shown.parts},
    )


@get("/huishoudens/{request_id:str}/{name:str}", sync_to_thread=True)
def give_household_file(request: PageRequest, services: _Services, request_id: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """Something to take along; what may not leave of one part does not leave here either."""
    seen = _seen(request, services, request_id)
    if isinstance(seen, Response):
        return seen
    staff, household, package = seen
    if name != _ALL and name not in _TABLES:
        raise NotFoundException("no such file")
    language = language_of(request)
    shown = household_dossier(household, package, staff, services, at=services.asking.now, language=language)
    files = [(part.dossier, _OF_ONE.get(name, name)) for part in shown.parts if part.dossier is not None]
    waiting = next((held for file in files if (held := waits(request, services, staff, *file)) is not None), None)
    if waiting is not None:
        return waiting
    if name == _ALL:
        content, media_type = household_json(shown).encode("utf-8"), "application/json"
    else:
        table = _TABLES[name]
        content, media_type = household_csv(shown, lambda dossier: table(dossier, language)).encode("utf-8-sig"), "text/csv; charset=utf-8"
    held = _held_back(request, services, staff, files)
    if held is not None:
        return held
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _seen(request: PageRequest, services: DossierServices, request_id: str) -> tuple[Staff, Household, str] | Response[Any]:
    """Who is in, with a household of which this part is theirs, and its package; or the answer that goes out instead."""
    seen = enter_dossier(request, services, request_id)
    if isinstance(seen, Response):
        return seen
    staff, kept = seen
    household = services.asking.households.of_request(kept.id)
    return (staff, household, kept.question.package) if household is not None else gone_page(request, services, staff)


class _Waits(Exception):
    """A part of the file may not leave yet."""

    def __init__(self, answer: Response[Any]) -> None:
        super().__init__("a part may not leave yet")
        self.answer = answer


def _held_back(request: PageRequest, services: DossierServices, staff: Staff, files: Sequence[tuple[Dossier, str]]) -> Response[Any] | None:
    """Each part may leave when the same file of its own dossier may; when one may not, the yes for the other is not used up."""
    try:
        with services.asking.together():
            for file in files:
                held = held_back(request, services, staff, *file)
                if held is not None:
                    raise _Waits(held)
    except _Waits as waiting:
        return waiting.answer
    return None


def _outcome(household: HouseholdDossier) -> str:
    """The key of its words; one that may yet be otherwise has others."""
    income = household.income
    if income is None:
        return ""
    certain = income.certain or income.outcome in (HouseholdOutcome.OPEN, HouseholdOutcome.INCOMPLETE)
    return income.outcome.value if certain else f"{income.outcome.value}.doubtful"


def _acting(part: PersonPart, language: Language) -> list[str]:
    """Who shared a part for the person that it is of."""
    if part.dossier is None:
        return []
    person = part.name or sentence("dossier.represented.person", language)
    names = [representative_named(one, language) for one in part.dossier.representatives]
    return [sentence("dossier.represented.by", language, name=name, person=person) for name in names]


def _title(package: str) -> Text:
    known = next((one.title for one in load_life_events().packages if one.id == package), None)
    return known or Text(package, package)
