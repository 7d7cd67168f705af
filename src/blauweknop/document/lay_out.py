"""From a letter to an unsealed PDF, for who gets that as a function: only who lays out needs typst."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Letter

__all__ = ["LayOut"]


class LayOut(Protocol):
    """The one way: `Typesetter.typeset`."""

    def __call__(self, letter: Letter, /, *, accent: str, attachments: Sequence[Attachment], made_at: datetime) -> bytes: ...
