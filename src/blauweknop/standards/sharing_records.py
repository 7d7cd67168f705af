"""What was agreed when somebody shared data, as a record that both sides keep (ISO/IEC TS 27560; PROTOCOL 9.2).

The standard names fields; of those that may be left out there are the ones that this scheme fills. A record names what was shared and
never holds its values. Its form in JSON is in `sharing_record_json`.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = ["RECORD_ID", "ConsentEvent", "ConsentRecord", "ConsentState", "Party", "PiiInformation", "RecordPurpose"]

RECORD_ID = re.compile(r"[A-Za-z0-9_-]{22,128}")
"""Of a record, receipt or withdrawal: at least 128 bits by chance, so that it says nothing of anybody."""


class ConsentState(StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PiiInformation:
    """One thing that was shared: its type (`vct`), and which claim of it; never its value."""

    type: str
    attribute: str | None = None
    optional: bool = False
    sensitive: bool = False
    special: bool = False


@dataclass(frozen=True, slots=True)
class RecordPurpose:
    """What the data are for. `controllers` are ids of parties; without `recipients` nobody else gets the data."""

    purpose: str
    purpose_type: str
    lawful_basis: str
    pii: tuple[PiiInformation, ...]
    controllers: tuple[str, ...]
    storage_locations: tuple[str, ...]
    retention: str
    """A duration of ISO 8601."""
    jurisdiction: str
    recipients: tuple[str, ...]
    withdrawal_method: str
    service: str | None = None
    collection_method: str | None = None
    processing_method: str | None = None
    privacy_rights: str | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Who takes part; `id` as in its certificates, `address` and `contact` as its registration gives them."""

    id: str
    name: str
    address: str
    contact: str
    type: str
    role: str | None = None
    email: str | None = None
    url: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """What somebody did, and how long that counts."""

    at: datetime
    validity: str
    entity: str
    type: str
    state: ConsentState


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """A record. `principal` is the person, by a name that only this sharing has; the last event says how it stands."""

    id: str
    principal: str
    privacy_notice: str
    language: str
    purposes: tuple[RecordPurpose, ...] = field(repr=False)
    parties: tuple[Party, ...]
    events: tuple[ConsentEvent, ...]

    @property
    def state(self) -> ConsentState:
        return self.events[-1].state
