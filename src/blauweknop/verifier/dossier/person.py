"""Whose dossier it seems to be, and whether that is who was asked: a request is bound to no person, so anybody with the link can answer."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from blauweknop.domain.dates import PartialDate, date_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.names import full_name
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.persons import person_in
from blauweknop.verifier.dossier.pieces import Piece

__all__ = ["DossierPerson", "ShownPerson", "birth_in_words", "person_of", "seems_to_be", "whose"]

_LONGEST_INITIAL = 1


@dataclass(frozen=True, slots=True)
class DossierPerson:
    """What the pieces say of whom they are about; `birth_date` when it was shared."""

    name: str = field(repr=False)
    birth_date: JsonValue = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """In words; empty where nothing is known. `differs` when it does not seem to be who was expected."""

    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    expected: str = field(repr=False)
    differs: bool


def person_of(pieces: Sequence[Piece]) -> DossierPerson | None:
    """By the surest piece that names somebody; pieces of somebody else have a remark of their own. None when no piece does."""
    for piece in sorted(pieces, key=lambda piece: (piece.item.colour is Colour.RED, not piece.counts)):
        said = person_in(piece.item.claims if piece.is_document else piece.values)
        name = full_name(said)
        if name:
            return DossierPerson(name, said.get("birth_date"))
    return None


def whose(pieces: Sequence[Piece], expected: str | None, language: str) -> ShownPerson:
    """Who it is, beside whom the staff expected when they asked."""
    person = person_of(pieces)
    born = birth_in_words(person.birth_date, language) if person is not None and person.birth_date is not None else ""
    differs = expected is not None and (person is None or not seems_to_be(person, expected))
    return ShownPerson(person.name if person is not None else "", born, expected or "", differs)


def seems_to_be(person: DossierPerson, expected: str) -> bool:
    """Whether each word of the name that was expected is in the name of the person; initials may stand for given names.

    It is a question to ask and no proof: people with one name are many, and a name can be spelled in two ways.
    """
    words, initials = _words(person.name), {word[0] for word in _words(person.name)}
    wanted = _words(expected)
    whole = [word for word in wanted if len(word) > _LONGEST_INITIAL]
    return bool(whole) and all(word in words for word in whole) and all(word[0] in initials for word in wanted)


def birth_in_words(value: JsonValue, language: str) -> str:
    """A day of birth, of a document or of a summary; one that cannot be read as it is."""
    try:
        return (
            date_in_words(date.fromisoformat(value), language)
            if isinstance(value, str)
            else PartialDate.parse_json(value).in_words(language)
        )
    except (BlauweKnopError, ValueError):
        return str(value)


def _words(name: str) -> list[str]:
    """Without marks on letters, points and hyphens: `J.P. de Größe-Çelik` is j, p, de, grosse, celik."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)).casefold()
    return "".join(char if char.isalnum() else " " for char in plain).split()
