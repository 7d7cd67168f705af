"""Who fetched something for the person whom it is about, in words: the same line on every page that shows a document or a credential."""

from collections.abc import Mapping

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.document import JsonValue
from blauweknop.domain.representation import Representative, representative_in

__all__ = ["representative_facts", "representative_named"]


def representative_facts(said: Mapping[str, JsonValue], language: str) -> tuple[tuple[str, str], ...]:
    """The line, as label and words; nothing when the person fetched it themselves.

    Raises:
        MalformedValue: `said` did not pass the check.
    """
    found = representative_in(said)
    if found is None:
        return ()
    words = sentence("represented.fact.words", language, name=representative_named(found, language))
    return ((sentence("represented.fact", language), words),)


def representative_named(representative: Representative, language: str) -> str:
    """`Anna de Vries (gemachtigde)`."""
    return f"{representative.name} ({sentence(f'acting.capacity.{representative.capacity.value}', language)})"
