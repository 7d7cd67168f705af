"""A file inside a document, before it is there."""

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Attachment"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to embed; `relationship` is its /AFRelationship in small letters (ISO 19005-3, annex E)."""

    name: str
    data: bytes = field(repr=False)
    mime: str
    relationship: Literal["data", "alternative"]
    description: str
