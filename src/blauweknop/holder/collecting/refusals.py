"""Why something was not kept, in words."""

from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.domain.texts import Language

__all__ = ["refusal_in_words"]


def refusal_in_words(where: str, reason: str, language: Language, *, otherwise: str, **names: str) -> str:
    """The sentence `<where>.<reason>`; of a reason of the check its own sentence, after that the check said no; else `otherwise`."""
    texts = all_texts()
    if f"{where}.{reason}" in texts:
        return sentence(f"{where}.{reason}", language, **names)
    if f"reason.{reason}" in texts:
        return f"{sentence(f'{where}.red', language, **names)} {sentence(f'reason.{reason}', language)}"
    return sentence(f"{where}.{otherwise}", language, **names)
