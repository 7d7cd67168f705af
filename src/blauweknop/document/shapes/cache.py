"""Keeps compiled shapes: made when a kind of letter is seen for the second time, a bounded number, the one least used given up first."""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from threading import Lock

from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Letter
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.document.sealing import PreparedSeal, SealTexts
from blauweknop.document.shapes.compiling import compile_shape
from blauweknop.document.shapes.order import LetterOrder
from blauweknop.document.shapes.qr_mask import qr_family
from blauweknop.document.shapes.shape import Shape
from blauweknop.document.shapes.slots import Slots, read_slots
from blauweknop.document.typesetting import Typesetter

__all__ = ["Shapes"]

_DIGITS = 32
_NUMBER = re.compile(r"[0-9a-f]{32}")


class Shapes:
    """The shapes of one process; may be shared between threads.

    `most` shapes are kept, of some 150 kB each. A letter is compiled at its `seen_before`-th sight: to compile costs as much as to
    typeset one and a half letters, which a kind of letter that comes once does not pay back. `after_compiling` is called each time: typst
    leaves much free memory behind.
    """

    def __init__(
        self, typesetter: Typesetter, *, most: int = 128, seen_before: int = 1, after_compiling: Callable[[], object] = bool
    ) -> None:
        self._typesetter = typesetter
        self._most = most
        self._seen_before = seen_before
        self._after_compiling = after_compiling
        self._shapes: OrderedDict[Hashable, Shape | None] = OrderedDict()
        self._sights: OrderedDict[Hashable, int] = OrderedDict()
        self._lock = Lock()

    def prepare(self, order: LetterOrder) -> PreparedSeal | None:
        """The document, ready for its signature; None when it has to take the truth path.

        Raises:
            TypesettingFailed: the letter cannot be set, on either path.
        """
        found = self._find(order)
        return None if found is None else found[0].prepare(found[1], order, _qr(order))

    def typeset(self, letter: Letter, *, accent: str, attachments: Sequence[Attachment], made_at: datetime) -> bytes:
        """As `Typesetter.typeset`, which does it when no shape can: a letter without a seal.

        Raises:
            TypesettingFailed: the letter cannot be set.
        """
        number = letter.qr_text[-_DIGITS:]
        if _NUMBER.fullmatch(number):
            order = LetterOrder(letter, accent, tuple(attachments), SealTexts("", "", "", made_at), 0, number)
            found = self._find(order)
            if found is not None:
                return found[0].unsealed(found[1], order, _qr(order))
        return self._typesetter.typeset(letter, accent=accent, attachments=attachments, made_at=made_at)

    def __len__(self) -> int:
        return len(self._shapes)

    def _find(self, order: LetterOrder) -> tuple[Shape, Slots] | None:
        slots = read_slots(order.letter, self._typesetter.value_fonts)
        shape = None if slots is None else self._shape(order, slots)
        return None if slots is None or shape is None else (shape, slots)

    def _shape(self, order: LetterOrder, slots: Slots) -> Shape | None:
        key = (order.constants(), slots.key)
        with self._lock:
            if key in self._shapes:
                self._shapes.move_to_end(key)
                return self._shapes[key]
            if not self._is_due(key):
                return None
        # Two threads may compile the same shape at once; the second result takes the place of the first, which is the same.
        shape = _compiled(order, slots, self._typesetter)
        self._after_compiling()
        with self._lock:
            self._shapes[key] = shape
            if len(self._shapes) > self._most:
                self._shapes.popitem(last=False)
        return shape

    def _is_due(self, key: Hashable) -> bool:
        sights = self._sights.pop(key, 0)
        if sights >= self._seen_before:
            return True
        self._sights[key] = sights + 1
        if len(self._sights) > 4 * self._most:
            self._sights.popitem(last=False)
        return False


def _qr(order: LetterOrder) -> bytes:
    return qr_family(order.letter.qr_text.removesuffix(order.number)).bits(order.number)


def _compiled(order: LetterOrder, slots: Slots, typesetter: Typesetter) -> Shape | None:
    """The shape; None, which is kept too, for a letter that cannot be taken apart."""
    try:
        return compile_shape(order, slots, typesetter)
    except MalformedPdf:
        return None
