"""Sentences of the catalogue about what was checked: some are about a document, and have another form for what is none."""

from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.domain.verdict import CheckedKind

__all__ = ["sentence_about"]

_FORMS = {CheckedKind.CREDENTIAL: "proof", CheckedKind.PRESENTATION: "proof", CheckedKind.REPORT: "report"}


def sentence_about(kind: CheckedKind, key: str, language: str, **values: object) -> str:
    """The text of `key` in the form for this kind; where there is none, the one text for all."""
    own = f"{key}.{_FORMS[kind]}" if kind in _FORMS else key
    return sentence(own if own in all_texts() else key, language, **values)
