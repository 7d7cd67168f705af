"""Whom something is about, as documents and credentials say it: the names of these claims, and a name as people write it."""

from collections.abc import Mapping

from blauweknop.domain.document import JsonValue

__all__ = ["OF_PERSON", "PERSON", "full_name"]

_NAMES = ("given_name", "family_name")
PERSON = (*_NAMES, "birth_date")
"""By what one can tell persons apart, as far as it is shown."""
OF_PERSON = (*PERSON, "bsn")
"""All that is ever said of who somebody is, in the order in which it is shown."""


def full_name(said: Mapping[str, JsonValue]) -> str:
    """As much of it as is there: of a reduced document not always all."""
    return " ".join(name for part in _NAMES if isinstance(name := said.get(part), str)).strip()
