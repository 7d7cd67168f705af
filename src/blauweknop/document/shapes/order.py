"""What either path of making gets: one letter, with what goes into its file and what its seal says."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Letter
from blauweknop.document.sealing import SealTexts

__all__ = ["LetterOrder"]


@dataclass(frozen=True, slots=True)
class LetterOrder:
    """One document to be made; `texts.moment` is when, `number` its identifier of 32 hex digits, with which the QR text ends.

    A document that is not to be sealed has a `seal_size` of 0.
    """

    letter: Letter
    accent: str
    attachments: tuple[Attachment, ...] = field(repr=False)
    texts: SealTexts
    seal_size: int
    number: str

    def constants(self) -> Hashable:
        """What, beside the letter itself, is the same in all documents of a shape."""
        texts = self.texts
        return (
            self.accent,
            tuple([(file.name, file.mime, file.relationship, file.description) for file in self.attachments]),
            (texts.alternate, texts.signer_name, texts.reason, texts.location),
            self.seal_size,
            self.letter.qr_text.removesuffix(self.number),
        )
