"""The one family of errors this project raises, each with a sentence a person can act on."""

__all__ = ["BlauweKnopError", "MalformedValue"]


class BlauweKnopError(Exception):
    """Something that should not happen; the text names what was expected and never holds a personal value.

    `remedy` says what the reader can do about it; empty when there is nothing to do.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class MalformedValue(BlauweKnopError):
    """A text or number from outside does not have the form its type demands."""
