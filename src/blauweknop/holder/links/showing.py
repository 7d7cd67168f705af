"""A document that can go by a link, in words: each value as the receiver will see it, and what stays here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.document.representative_words import representative_facts
from blauweknop.domain.dates import AMSTERDAM, PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.domain.names import OF_PERSON
from blauweknop.domain.texts import Language
from blauweknop.holder.document_view import ShownPart, member_name, shown_parts, title_of
from blauweknop.holder.links.choosing import Fitting
from blauweknop.holder.links.receivers import LinkReceiver

__all__ = ["ShownFitting", "shown_fitting", "shown_uses"]


@dataclass(frozen=True, slots=True)
class ShownFitting:
    """One document. `stays` are names of what is left out; empty when the sealed document goes as it is."""

    key: str
    title: str
    source: str
    day: date
    colour: str
    is_smaller: bool
    stays: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = field(repr=False)
    parts: tuple[ShownPart, ...] = field(repr=False)


def shown_fitting(fitting: Fitting, catalogue: Catalogue, language: Language) -> ShownFitting:
    data, subject = fitting.claims.get("data"), fitting.claims.get("subject")
    item = fitting.document.item
    goes = {_name(str(path[1]), fitting, language) for path in fitting.paths if len(path) > 1}
    return ShownFitting(
        fitting.key,
        title_of(fitting.dataset.id, catalogue, language),
        item.source_name,
        item.reference.astimezone(AMSTERDAM).date(),
        fitting.colour.value,
        fitting.smaller is not None,
        tuple(dict.fromkeys(name for left in fitting.left_out if (name := _name(left, fitting, language)) not in goes)),
        (*_subject_facts(subject if isinstance(subject, dict) else {}, language), *representative_facts(fitting.claims, language)),
        shown_parts(data, fitting.dataset, language) if isinstance(data, dict) else (),
    )


def shown_uses(receivers: Iterable[LinkReceiver], language: Language) -> Mapping[str, list[tuple[str, str]]]:
    """By the name of the receiver its uses: the address of each, and what it is for."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in receivers:
        found.setdefault(each.registration.name, []).append((each.name, each.registration.purpose.in_language(language)))
    return found


def _name(name: str, fitting: Fitting, language: Language) -> str:
    if name in OF_PERSON:
        return sentence(f"sharing.subject.{name}", language)
    return member_name(fitting.dataset, name, language)


def _subject_facts(subject: Mapping[str, JsonValue], language: Language) -> Iterable[tuple[str, str]]:
    for name in OF_PERSON:
        value = subject.get(name)
        if value is not None:
            words = PartialDate.parse_json(value).in_words(language) if name == "birth_date" else str(value)
            yield sentence(f"sharing.subject.{name}", language), words
