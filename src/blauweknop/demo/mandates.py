"""Made-up mandates: who may log in at the exercise for somebody else, for what, and until when. Two of them show a refusal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from blauweknop.catalogue.texts import sentence
from blauweknop.demo.digid_provider import ExercisePerson
from blauweknop.demo.people_facts import Person
from blauweknop.domain.representation import Capacity
from blauweknop.domain.texts import Text

__all__ = ["MANDATE_SERVICE", "SOURCES_FOR_REPRESENTATIVES", "exercise_mandates"]

SOURCES_FOR_REPRESENTATIVES = ("duo", "uwv", "cak", "denhaag")
"""The sources of the exercise that let somebody act for another. The others say that they do not."""

MANDATE_SERVICE = "oefen-blauwe-knop-{source}"
_BSN_TYPE = "urn:nl-eid-gdi:1.0:id:BSN"


@dataclass(frozen=True, slots=True)
class _Mandate:
    """`by` is the id of a person, or the name of an organisation; `days` until the last day, None for no end."""

    id: str
    by: str
    represented: str
    capacity: Capacity
    sources: tuple[str, ...]
    days: int | None


_MANDATES = (
    _Mandate("dochter", "zeynep", "fatma", Capacity.AUTHORISED, SOURCES_FOR_REPRESENTATIVES, 250),
    _Mandate("bewind", "Bewindvoering Laakhof", "anneke", Capacity.ADMINISTRATOR, SOURCES_FOR_REPRESENTATIVES, None),
    _Mandate("andere-dienst", "erik", "willem", Capacity.AUTHORISED, ("cak",), 100),
    _Mandate("verlopen", "noor", "grietje", Capacity.AUTHORISED, SOURCES_FOR_REPRESENTATIVES, -20),
)


def exercise_mandates(people: Sequence[Person], issuer: str, today: date) -> tuple[ExercisePerson, ...]:
    """Each as somebody who can be chosen at the login; only those of people who are there."""
    return tuple(_of(people, issuer, today))


def _of(people: Sequence[Person], issuer: str, today: date) -> Iterator[ExercisePerson]:
    known = {person.id: person for person in people}
    for mandate in _MANDATES:
        represented, by = known.get(mandate.represented), known.get(mandate.by)
        if represented is None or (by is None and mandate.by.islower()):
            continue
        name = by.name if by else mandate.by
        claims: dict[str, object] = {
            "represents": {"sub": represented.bsn.digits, "iss": issuer, "sub_id_type": _BSN_TYPE, "name": represented.name},
            "urn:nl-eid-gdi:1.0:ServiceUUID": [MANDATE_SERVICE.format(source=source) for source in mandate.sources],
            "mandate_capacity": mandate.capacity.value,
            "name": name,
        }
        if mandate.days is not None:
            claims["mandate_until"] = (today + timedelta(days=mandate.days)).isoformat()
        yield ExercisePerson(
            f"namens-{mandate.id}",
            by.bsn if by else None,
            name,
            Text(*(sentence(f"digid.mandate.{mandate.id}", language, person=represented.name) for language in ("nl", "en"))),
            claims,
            for_another=True,
        )
