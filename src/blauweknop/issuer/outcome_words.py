"""What an outcome means for the person, in one or two sentences: what happened, and what to do."""

from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.domain.document import Found, Incomplete, NoData, Outcome, Refused, Unavailable

__all__ = ["outcome_words"]


def outcome_words(outcome: Outcome | None, *, source: str, language: str) -> str:
    """`source` is the name of the organisation."""
    match outcome:
        case Found():
            return sentence("issuer.outcome.found", language)
        case NoData():
            return sentence("issuer.outcome.no_data", language, source=source)
        case Refused(_, message):
            return message.in_language(language)
        case Incomplete():
            return sentence("issuer.outcome.incomplete", language, source=source)
        case Unavailable(cause, _):
            key = f"issuer.outcome.unavailable.{cause}"
            return sentence(key if key in all_texts() else "issuer.outcome.unavailable", language, source=source)
    return sentence("issuer.outcome.unavailable", language, source=source)
