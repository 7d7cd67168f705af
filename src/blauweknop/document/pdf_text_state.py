"""Where the next letter of a page comes, and how large: the text state of ISO 32000-1, 9.3 and 9.4."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from blauweknop.document.pdf_fonts import Font
from blauweknop.document.pdf_syntax import MalformedPdf, PdfArray

__all__ = ["Matrix", "TextState", "multiply"]

Matrix: TypeAlias = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """The transformation that does `first` and then `second`."""
    a, b, c, d, e, f = first
    k, m, n, o, p, q = second
    return a * k + b * n, a * m + b * o, c * k + d * n, c * m + d * o, e * k + f * n + p, e * m + f * o + q


@dataclass(slots=True)
class TextState:
    """The part of the graphics state that text depends on; changes with each operator."""

    page: Matrix = IDENTITY
    text: Matrix = IDENTITY
    line: Matrix = IDENTITY
    font: Font | None = None
    size: float = 0.0
    render: int = 0
    spacing: float = 0.0
    word_spacing: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    clipped: bool = False

    def copy(self) -> "TextState":
        """The same state, to return to."""
        return replace(self)

    def transform(self, matrix: Matrix) -> None:
        """Places all that follows by this matrix, as `cm` does."""
        self.page = multiply(matrix, self.page)

    def apply(self, operator: bytes, operands: PdfArray) -> bool:
        """Does what the operator says; False when it is none of this state. Raises: MalformedPdf (operands)."""
        action = _ACTIONS.get(operator)
        if action is None:
            return False
        count, change = action
        numbers = [float(value) for value in operands if isinstance(value, int | float) and not isinstance(value, bool)]
        if len(numbers) != count or len(operands) != count:
            raise MalformedPdf("operands", f"an operator does not have {count} numbers")
        change(self, numbers)
        return True

    def next_line(self) -> None:
        """To the begin of the next line, as `T*` does."""
        self.move_line(0.0, -self.leading)

    def move_line(self, right: float, up: float) -> None:
        """To a line that begins elsewhere, as `Td` does."""
        self.line = multiply((1.0, 0.0, 0.0, 1.0, right, up), self.line)
        self.text = self.line

    def move_by_codes(self, codes: Iterable[int]) -> None:
        """Past the glyphs of these codes."""
        if self.font is not None:
            widths, default = self.font.widths, self.font.default_width
            self._move(sum(widths.get(code, default) / 1000 * self.size + self.spacing for code in codes))

    def move_by_kerning(self, thousandths: float) -> None:
        """Back by thousandths of the font size, as a number in `TJ` does."""
        self._move(-thousandths / 1000 * self.size)

    def _move(self, width: float) -> None:
        self.text = multiply((1.0, 0.0, 0.0, 1.0, width * self.scale, 0.0), self.text)

    def origin(self) -> tuple[float, float]:
        """Where the next letter stands on the page, in points."""
        placed = multiply(multiply((1.0, 0.0, 0.0, 1.0, 0.0, self.rise), self.text), self.page)
        return placed[4], placed[5]

    def letter_size(self) -> float:
        """The size of a letter on the page, in points; of a letter that is squeezed, the smaller of its two."""
        a, b, c, d, _, _ = multiply(self.text, self.page)
        wide, high = math.hypot(a, b) * abs(self.scale), math.hypot(c, d)
        area = abs((a * d - b * c) * self.scale)
        return abs(self.size) * (min(wide, high, area / max(wide, high)) if wide and high else 0.0)


def _six(numbers: list[float]) -> Matrix:
    a, b, c, d, e, f = numbers
    return a, b, c, d, e, f


def _begin(state: TextState, _: list[float]) -> None:
    state.text = state.line = IDENTITY


def _set_matrix(state: TextState, numbers: list[float]) -> None:
    state.text = state.line = _six(numbers)


def _move_and_lead(state: TextState, numbers: list[float]) -> None:
    state.leading = -numbers[1]
    state.move_line(*numbers)


def _clip(state: TextState, _: list[float]) -> None:
    # Our letters clip pictures, and never text.
    state.clipped = True


def _set(name: str, factor: float = 1.0) -> Callable[[TextState, list[float]], None]:
    return lambda state, numbers: setattr(state, name, numbers[0] * factor)


_ACTIONS: dict[bytes, tuple[int, Callable[[TextState, list[float]], None]]] = {
    b"cm": (6, lambda state, numbers: state.transform(_six(numbers))),
    b"BT": (0, _begin),
    b"Tm": (6, _set_matrix),
    b"Td": (2, lambda state, numbers: state.move_line(*numbers)),
    b"TD": (2, _move_and_lead),
    b"T*": (0, lambda state, _: state.next_line()),
    b"TL": (1, _set("leading")),
    b"Tc": (1, _set("spacing")),
    b"Tw": (1, _set("word_spacing")),
    b"Tz": (1, _set("scale", 0.01)),
    b"Ts": (1, _set("rise")),
    b"Tr": (1, _set("render")),
    b"W": (0, _clip),
    b"W*": (0, _clip),
}
