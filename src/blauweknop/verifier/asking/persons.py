"""Whose a credential is, as far as it says: in one form, whether it is a document or a summary of one."""

from collections.abc import Mapping

from blauweknop.domain.document import JsonValue
from blauweknop.domain.names import PERSON

__all__ = ["person_in"]


def person_in(claims: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Names and day of birth, those that were shown."""
    subject = claims.get("subject")
    said = subject if isinstance(subject, dict) else claims
    return {name: _plain(said[name]) for name in PERSON if name in said}


def _plain(value: JsonValue) -> JsonValue:
    """A document has a day as an object with the words beside it; a summary has whole days as text, and no others."""
    match value:
        case {"type": "Datum", "datum": str(day)}:
            return day
    return value
