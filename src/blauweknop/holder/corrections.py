"""Asking a source to correct something: what was asked, of which field, and how it stands. The source itself decides and answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.heads import head_with, members_of_head

__all__ = ["CORRECTION_KIND", "MOST_WHY", "CorrectionItem", "CorrectionStanding", "read_correction"]

CORRECTION_KIND = "correction"
CorrectionStanding = Literal["asked", "answered", "withdrawn"]
"""Asked by the person; answered, as the person told; or the source took the document back, as a check of its status showed."""

MOST_WHY = 2000
_MOST_TEXT = 500
_STANDINGS: Mapping[str, CorrectionStanding] = {"asked": "asked", "answered": "answered", "withdrawn": "withdrawn"}


@dataclass(frozen=True, slots=True)
class CorrectionItem:
    """`document_id` is the number that the source gave; `anchor` the place of the field in the page, empty for the whole document."""

    document_id: str
    title: str
    source_name: str
    anchor: str
    label: str
    value: str = field(repr=False)
    why: str = field(repr=False)
    asked_at: datetime
    standing: CorrectionStanding = "asked"
    changed_at: datetime | None = None

    def now(self, standing: CorrectionStanding, at: datetime) -> "CorrectionItem":
        return replace(self, standing=standing, changed_at=at)

    def as_head(self) -> bytes:
        return head_with(
            CORRECTION_KIND,
            {
                "document_id": self.document_id,
                "title": self.title,
                "source_name": self.source_name,
                "anchor": self.anchor,
                "label": self.label,
                "value": self.value,
                "why": self.why,
                "asked_at": self.asked_at.isoformat(),
                "standing": self.standing,
                "changed_at": self.changed_at.isoformat() if self.changed_at else None,
            },
        )


def read_correction(head: bytes) -> CorrectionItem | None:
    """What `as_head` wrote; None for another kind of item.

    Raises:
        MalformedValue: it is a request for correction, but not of this form.
    """
    kept = members_of_head(head, CORRECTION_KIND)
    if kept is None:
        return None
    names = ("document_id", "title", "source_name", "anchor", "label", "value")
    texts = [_text(kept.get(name), _MOST_TEXT) for name in names]
    standing = _STANDINGS.get(str(kept.get("standing")))
    changed = kept.get("changed_at")
    if standing is None:
        raise _wrong()
    document_id, title, source_name, anchor, label, value = texts
    return CorrectionItem(
        document_id=document_id,
        title=title,
        source_name=source_name,
        anchor=anchor,
        label=label,
        value=value,
        why=_text(kept.get("why"), MOST_WHY),
        asked_at=_moment(kept.get("asked_at")),
        standing=standing,
        changed_at=None if changed is None else _moment(changed),
    )


def _text(value: JsonValue, most: int) -> str:
    if isinstance(value, str) and len(value) <= most:
        return value
    raise _wrong()


def _moment(value: JsonValue) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value, _MOST_TEXT))
    except ValueError as error:
        raise _wrong() from error
    if moment.tzinfo is None:
        raise _wrong()
    return moment


def _wrong() -> MalformedValue:
    return MalformedValue("expected a request for correction as this version keeps it")
