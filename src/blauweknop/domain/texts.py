"""A text for people, in the two languages of the scheme."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Language", "Text"]

Language = Literal["nl", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same thing said in Dutch (B1) and in English."""

    nl: str
    en: str

    def in_language(self, language: str) -> str:
        return self.en if language == "en" else self.nl
