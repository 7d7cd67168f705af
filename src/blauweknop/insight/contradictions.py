"""Where sources say different things of one person: name, date of birth, address, household."""

import unicodedata
from collections.abc import Iterator, Sequence

from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.insight.collection import Collection
from blauweknop.insight.documents import InsightDocument, Place
from blauweknop.insight.figures import Origin, words
from blauweknop.insight.remarks import Remark, RemarkKind

__all__ = ["contradictions_of", "subject_differences"]

_SUBJECT = {"given_name": "name", "family_name": "name", "birth_date": "birth"}
_ALONE = ("alleenstaand", "alleenstaande_ouder")


def contradictions_of(collection: Collection) -> tuple[Remark, ...]:
    """All of them, between the documents that count; the population register is the one that others are held against, where it is there.

    Raises:
        MalformedValue: a value of a document is not of its type.
    """
    return (*_subjects(collection), *_addresses(collection), *_household(collection))


def subject_differences(one: InsightDocument, other: InsightDocument) -> tuple[str, ...]:
    """What two documents say differently of whom they are about: given_name, family_name, birth_date. Empty: it can be the same person.

    Raises:
        MalformedValue: a date of birth is none.
    """
    both = [name for name in _SUBJECT if one.subject.get(name) is not None and other.subject.get(name) is not None]
    return tuple(name for name in both if _differ(one.subject[name], other.subject[name]))


def _subjects(collection: Collection) -> Iterator[Remark]:
    people = sorted(collection.current, key=lambda document: (document.dataset != "gem.brp", document.dataset, document.source_oin))
    for name, key in _SUBJECT.items():
        first = next((document for document in people if document.subject.get(name) is not None), None)
        for other in people:
            if first is not None and name in subject_differences(first, other):
                said = words(f"insight.remark.{key}_differs", one=first.source_name, other=other.source_name)
                yield Remark(RemarkKind.CONTRADICTION, said, (_subject(first, name), _subject(other, name)), other.dataset)


def _subject(document: InsightDocument, name: str) -> Origin:
    return Origin(document.key, document.dataset, f"subject.{name}", document.subject.get(name))


def _differ(one: JsonValue, other: JsonValue) -> bool:
    """Names by their letters; of dates what both know."""
    if isinstance(one, str) and isinstance(other, str):
        return _plain(one) != _plain(other)
    dates = (PartialDate.parse_json(one), PartialDate.parse_json(other))
    known = [(getattr(dates[0], part), getattr(dates[1], part)) for part in ("year", "month", "day")]
    return any(a is not None and b is not None and a != b for a, b in known)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _addresses(collection: Collection) -> Iterator[Remark]:
    """Of who owns buildings: whether one of them is where the person is registered."""
    buildings = [row for root in collection.of("gem.woz") for row in root.rows("wozObjecten")]
    told = [_address(row, "aanduiding", "postcode") for row in buildings]
    for root in collection.of("gem.brp"):
        home = _address(root, "verblijfplaats.verblijfadres", "postcode")
        if home is None or root.text("verblijfplaats.functieAdres") == "B" or not any(told) or home in told:
            continue
        origins = [root.origin("verblijfplaats.verblijfadres.postcode"), root.origin("verblijfplaats.verblijfadres.huisnummer")]
        origins += [row.origin("aanduiding.postcode") for row, address in zip(buildings, told, strict=True) if address]
        yield Remark(RemarkKind.CONTRADICTION, words("insight.remark.address_differs"), tuple(origins), "gem.woz")


def _address(row: Place, name: str, needed: str) -> tuple[str, ...] | None:
    if row.text(f"{name}.{needed}") is None:
        return None
    number = row.integer(f"{name}.huisnummer")
    parts = (row.text(f"{name}.postcode"), str(number), row.text(f"{name}.huisletter"), row.text(f"{name}.huisnummertoevoeging"))
    return tuple(_plain(part or "") for part in parts)


def _household(collection: Collection) -> Iterator[Remark]:
    """The living situation that the municipality counts with for assistance, held against the population register."""
    for root in collection.of("gem.bijstand"):
        norm = root.text("norm_leefvorm")
        for register in collection.of("gem.brp") if norm else ():
            partner = _partner(register)
            children = register.integer("kinderen_onder_18_aantal")
            if norm in _ALONE and partner is not None:
                yield _differs("partner", root, partner)
            elif norm == "alleenstaande_ouder" and children == 0:
                yield _differs("children", root, register.origin("kinderen_onder_18_aantal"))


def _differs(what: str, assistance: Place, origin: Origin) -> Remark:
    said = words(f"insight.remark.{what}_differs")
    return Remark(RemarkKind.CONTRADICTION, said, (assistance.origin("norm_leefvorm"), origin), "gem.bijstand")


def _partner(register: Place) -> Origin | None:
    """A marriage or partnership that has not ended."""
    rows: Sequence[Place] = register.rows("partners")
    for row in rows:
        if row.partial_date("ontbindingHuwelijkPartnerschap.datum") is None:
            return Origin(row.document.key, row.document.dataset, row.path, "")
    return None
