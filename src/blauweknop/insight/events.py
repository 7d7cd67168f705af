"""What happened to obligations, each event once: by the source's own reference, over all documents that tell of it.

Events are facts that never change (FCID). A reference that comes back with another amount, kind or moment is told as a contradiction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from blauweknop.insight.collection import Collection
from blauweknop.insight.documents import InsightDocument, Place
from blauweknop.insight.figures import Origin

__all__ = ["ASKED", "IMPOSED", "PAID", "WAIVED", "WITHDRAWN", "ChangedEvent", "Events", "ObligationEvent", "events_of"]

IMPOSED = "FinancieleVerplichtingOpgelegd"
ASKED = "BetalingsverplichtingOpgelegd"
WITHDRAWN = "BetalingsverplichtingIngetrokken"
PAID = "BetalingVerwerkt"
WAIVED = "FinancieleVerplichtingKwijtgescholden"


@dataclass(frozen=True, slots=True)
class ObligationEvent:
    """One fact about a case of a creditor; `cents` is positive, its kind says which way it goes."""

    reference: str = field(repr=False)
    creditor_oin: str
    case: str = field(repr=False)
    kind: str
    moment: datetime
    cents: int = field(repr=False)
    obligation_type: str | None
    primary: bool | None
    decision: str | None = field(repr=False)
    payment_reference: str | None = field(repr=False)
    request_kind: str | None
    due: date | None
    origin: Origin
    due_origin: Origin

    @property
    def says(self) -> tuple[str, str, datetime, int]:
        return (self.case, self.kind, self.moment, self.cents)


@dataclass(frozen=True, slots=True)
class ChangedEvent:
    """Two documents say different things of one event."""

    newer: ObligationEvent
    older: ObligationEvent


@dataclass(frozen=True, slots=True)
class Events:
    """All events, oldest first."""

    events: tuple[ObligationEvent, ...]
    changed: tuple[ChangedEvent, ...]
    _by_case: Mapping[tuple[str, str], tuple[ObligationEvent, ...]] = field(repr=False, compare=False)

    @classmethod
    def of(cls, events: Iterable[ObligationEvent], changed: Iterable[ChangedEvent]) -> "Events":
        """In whatever order they come."""
        ordered = tuple(sorted(events, key=lambda event: (event.moment, event.creditor_oin, event.reference)))
        by_case: dict[tuple[str, str], list[ObligationEvent]] = {}
        for event in ordered:
            by_case.setdefault((event.creditor_oin, event.case), []).append(event)
        return cls(ordered, tuple(changed), {case: tuple(found) for case, found in by_case.items()})

    def of_case(self, creditor_oin: str, case: str) -> tuple[ObligationEvent, ...]:
        return self._by_case.get((creditor_oin, case), ())


def events_of(collection: Collection, read: dict[str, tuple[ObligationEvent, ...]] | None = None) -> Events:
    """The events of all payment overviews, also of earlier ones; what the newest document says counts.

    Who asks for several collections of the same documents gives `read`: by the key of a document what was read in it.

    Raises:
        MalformedValue: a value of a document is not of its type.
    """
    read = {} if read is None else read
    known: dict[tuple[str, str], ObligationEvent] = {}
    changed: list[ChangedEvent] = []
    for versions in collection.series:
        if versions[0].dataset not in collection.obligations:
            continue
        for document in versions:  # newest first
            if document.key not in read:
                read[document.key] = _events_in(document)
            for event in read[document.key]:
                first = known.setdefault((event.creditor_oin, event.reference), event)
                if first.says != event.says:
                    changed.append(ChangedEvent(first, event))
    return Events.of(known.values(), changed)


def _events_in(document: InsightDocument) -> tuple[ObligationEvent, ...]:
    """Of a document that its holder made smaller, events may lack values: those are left out here."""
    found = (_event(row, document) for row in document.root.rows("gebeurtenissen"))
    return tuple(event for event in found if event is not None)


def _event(row: Place, document: InsightDocument) -> ObligationEvent | None:
    reference, case, kind = row.text("gebeurtenis_kenmerk"), row.text("zaakkenmerk"), row.text("gebeurtenis_type")
    moment, cents = row.moment("datumtijd_gebeurtenis"), row.integer("bedrag")
    if reference is None or case is None or kind is None or moment is None or cents is None:
        return None
    return ObligationEvent(
        reference,
        document.source_oin,
        case,
        kind,
        moment,
        cents,
        row.text("type"),
        row.flag("primaire_verplichting"),
        row.text("beschikkingsnummer"),
        row.text("betalingskenmerk"),
        row.text("betalingsverplichting_type"),
        row.day("vervaldatum"),
        row.origin("bedrag"),
        row.origin("vervaldatum"),
    )
