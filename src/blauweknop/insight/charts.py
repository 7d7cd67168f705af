"""What charts share: the drawing, and the table of the same numbers beside it.

They can be read without colour: what differs in meaning differs in pattern and has words in the legend. Colours are classes that
`web/static/look/charts.css` fills from the tokens of the look, for light, dark and print; each shape has a colour of its own for where
there is no stylesheet. Nothing moves and nothing is only in the picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from blauweknop.domain.money import format_cents
from blauweknop.insight.svg import Attributes, element, harmless

__all__ = ["PAPER", "WIDTH", "Chart", "ChartTable", "legend_key", "patterns", "shown_cents"]

WIDTH = 720
PAPER = "#ffffff"


@dataclass(frozen=True, slots=True)
class ChartTable:
    """The numbers of a chart, in words; `cents` are the same numbers for who counts on, None where there is none."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    cents: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    svg: str
    table: ChartTable


def patterns(name: str) -> str:
    lines = element("path", {"d": "M0 8 8 0", "stroke": PAPER, "stroke-width": 2, "class": "chart-pattern"})
    dots = element("circle", {"cx": 4, "cy": 4, "r": 1.6, "fill": PAPER, "class": "chart-pattern-dot"})
    size: Attributes = {"width": 8, "height": 8, "patternUnits": "userSpaceOnUse"}
    return element(
        "defs", {}, element("pattern", {"id": f"{name}-lines", **size}, lines), element("pattern", {"id": f"{name}-dots", **size}, dots)
    )


def legend_key(x: float, style: str, colour: str, pattern: str, label: str) -> Iterator[str]:
    box: Attributes = {"x": x, "y": 8, "width": 16, "height": 16}
    yield element("rect", {**box, "class": style, "fill": colour})
    if pattern:
        yield element("rect", {**box, "fill": pattern})
    yield element("text", {"x": x + 22, "y": 21}, harmless(label))


def shown_cents(numbers: Sequence[int | None], language: str) -> Iterator[str]:
    for number in numbers:
        yield "" if number is None else format_cents(number, language)
