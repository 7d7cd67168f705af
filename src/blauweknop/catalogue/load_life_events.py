"""Read the life events from `life_events/*.yaml`, as strictly as data sets. One file is one life event, with its packages.

What a file may not contradict itself or the catalogue on is in `life_event_consistency`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from blauweknop.catalogue.life_event_consistency import package_contradictions
from blauweknop.catalogue.load import Catalogue, load_catalogue
from blauweknop.catalogue.reading import CatalogueError, Reader, read_mapping
from blauweknop.domain.durations import Duration
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.life_event import (
    LIFE_EVENT_NAME,
    Conclusion,
    HouseholdSetting,
    Item,
    LegalBasis,
    LifeEvent,
    Need,
    OwnPaper,
    Package,
    Parameter,
    ParameterUnit,
    ReceiverClass,
    Updates,
    Wanted,
)

__all__ = ["LifeEvents", "load_life_events", "parse_life_event"]

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class LifeEvents:
    """All life events by id."""

    events: Mapping[str, LifeEvent]

    @property
    def packages(self) -> tuple[Package, ...]:
        return tuple(package for event in self.events.values() for package in event.packages)

    def package(self, package_id: str) -> Package:
        """The package of this id.

        Raises:
            CatalogueError: there is none; the text lists what there is.
        """
        found = next((package for package in self.packages if package.id == package_id), None)
        if found is None:
            known = ", ".join(package.id for package in self.packages)
            raise CatalogueError("this package is in no life event", remedy=f"choose one of: {known}")
        return found


@cache
def load_life_events(folder: Path | None = None) -> LifeEvents:
    """The life events shipped with the product, or others in `folder`, over the data sets shipped with the product.

    Raises:
        CatalogueError: a file is broken, or a life event or package stands in two.
    """
    root = folder or Path(str(files(__package__))) / "life_events"
    catalogue = load_catalogue()
    events: dict[str, LifeEvent] = {}
    seen: set[str] = set()
    for path in sorted(root.glob("*.yaml")):
        event = parse_life_event(read_mapping(path), catalogue, path.name)
        if event.id in events:
            raise CatalogueError(f"{path.name}: life event {event.id} stands in two files")
        for package in event.packages:
            if package.id in seen:
                raise CatalogueError(f"{path.name}: package {package.id} stands there twice, or in two files")
            seen.add(package.id)
        events[event.id] = event
    return LifeEvents(events)


def parse_life_event(source: Mapping[str, Any], catalogue: Catalogue, where: str) -> LifeEvent:
    """One life event from its parsed YAML.

    Raises:
        CatalogueError: something is missing, unknown, or contradicts itself or the catalogue.
    """
    reader = Reader(source, where)
    name = reader.string("id")
    if not LIFE_EVENT_NAME.fullmatch(name):
        raise CatalogueError(f"{where}: id must be small letters, digits and _")
    packages = _rows(reader, "packages", lambda row: _package(row, name, catalogue))
    event = LifeEvent(name, reader.text("title"), reader.text("about"), packages)
    reader.finish()
    if not packages:
        raise CatalogueError(f"{where}: expected at least one package")
    wrong = [f"package {package.id}: {fault}" for package in packages for fault in package_contradictions(package, catalogue)]
    if wrong:
        raise CatalogueError(f"{where}: {'; '.join(wrong)}")
    return event


def _rows(reader: Reader, key: str, read: Callable[[Reader], _Row]) -> tuple[_Row, ...]:
    """Each row of a list, read to its end; a list that is not there has none."""
    found = []
    for index, row in enumerate(reader.rows(key) if reader.has(key) else ()):
        child = reader.child(f"{key}[{index}]", row)
        found.append(read(child))
        child.finish()
    return tuple(found)


def _package(reader: Reader, event: str, catalogue: Catalogue) -> Package:
    basis = reader.child("basis", reader.mapping("basis"))
    package = Package(
        id=reader.string("id"),
        event=event,
        phase=reader.string("phase"),
        title=reader.text("title"),
        purpose=reader.text("purpose"),
        receiver=ReceiverClass(reader.choice("receiver", tuple(ReceiverClass))),
        basis=LegalBasis(basis.choice("letter", tuple("abcdef")), basis.string("law").strip()),
        retention=reader.string("retention"),
        recipients=tuple(reader.child(f"recipients[{index}]", row).as_text() for index, row in enumerate(reader.rows("recipients"))),
        person=tuple(reader.strings("person")) if reader.has("person") else (),
        items=_rows(reader, "items", lambda row: _item(row, catalogue)),
        own_papers=_rows(reader, "own_papers", _own_paper),
        parameters=_rows(reader, "parameters", _parameter),
        forbidden=tuple(reader.strings("forbidden")),
        household=_household(reader),
        updates=_updates(reader) if reader.has("updates") else None,
    )
    basis.finish()
    _duration(reader, "retention")
    return package


def _household(reader: Reader) -> HouseholdSetting:
    return HouseholdSetting(reader.choice("household", tuple(HouseholdSetting))) if reader.has("household") else HouseholdSetting.NONE


def _item(reader: Reader, catalogue: Catalogue) -> Item:
    return Item(
        id=reader.string("id"),
        datasets=_datasets(reader, catalogue),
        title=reader.text("title"),
        why=reader.text("why"),
        need=Need(reader.choice("need", tuple(Need))),
        summary=_wanted(reader, "summary", "claims") if reader.has("summary") else Wanted(),
        whole=_whole(reader) if reader.has("whole") else None,
        conclusion=_conclusion(reader) if reader.has("conclusion") else None,
        bsn=reader.flag("bsn"),
        one_of=reader.string("one_of") if reader.has("one_of") else None,
        maximum_age=_duration(reader, "maximum_age") if reader.has("maximum_age") else None,
        staff_title=reader.text("staff_title") if reader.has("staff_title") else None,
    )


def _datasets(reader: Reader, catalogue: Catalogue) -> tuple[str, ...]:
    if reader.has("dataset") == reader.has("family"):
        raise CatalogueError(f"{reader.where}: expected either dataset or family")
    if reader.has("dataset"):
        found = [reader.string("dataset")]
    else:
        family = reader.string("family")
        found = [dataset.id for dataset in catalogue.datasets.values() if dataset.family == family]
    if not found or not set(found) <= set(catalogue.datasets):
        raise CatalogueError(f"{reader.where}: this data set is not in the catalogue; what no source has is one of own_papers")
    return tuple(found)


def _wanted(reader: Reader, key: str, always: str) -> Wanted:
    inner = reader.child(key, reader.mapping(key))
    wanted = Wanted(tuple(inner.strings(always)), tuple(inner.strings("if_any")) if inner.has("if_any") else ())
    inner.finish()
    return wanted


def _whole(reader: Reader) -> Wanted:
    """`whole: {everything: true}`, or the members by name."""
    inner = reader.child("whole", reader.mapping("whole"))
    if not inner.has("everything"):
        wanted = _wanted(reader, "whole", "members")
        if not wanted.always:
            raise CatalogueError(f"{inner.where}: expected members that are always there, or everything: true")
        return wanted
    if not inner.flag("everything"):
        raise CatalogueError(f"{inner.where}: everything is true, or is left out")
    inner.finish()
    return Wanted()


def _conclusion(reader: Reader) -> Conclusion:
    inner = reader.child("conclusion", reader.mapping("conclusion"))
    conclusion = Conclusion(inner.string("of"), inner.integer("months"), tuple(inner.strings("factors")))
    inner.finish()
    return conclusion


def _updates(reader: Reader) -> Updates:
    inner = reader.child("updates", reader.mapping("updates"))
    updates = Updates(_duration(inner, "longest"), tuple(inner.strings("items")))
    inner.finish()
    return updates


def _own_paper(reader: Reader) -> OwnPaper:
    return OwnPaper(
        id=reader.string("id"),
        title=reader.text("title"),
        why=reader.text("why"),
        need=Need(reader.choice("need", (Need.IF_ANY, Need.OPTIONAL))),  # nobody is turned away for want of a paper
        later_from=reader.string("later_from") if reader.has("later_from") else None,
    )


def _parameter(reader: Reader) -> Parameter:
    return Parameter(
        name=reader.string("name"),
        title=reader.text("title"),
        unit=ParameterUnit(reader.choice("unit", tuple(ParameterUnit))),
        least=reader.integer("least"),
        most=reader.integer("most"),
    )


def _duration(reader: Reader, key: str) -> Duration:
    try:
        return Duration.parse(reader.string(key))
    except MalformedValue as error:
        raise CatalogueError(f"{reader.where}: {key} must be a duration such as P3M or P30D") from error
