"""What charts with a bar for each month share: the scale, its lines, the months and years below, and the signs above a bar."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby

from blauweknop.domain.dates import month_in_words
from blauweknop.domain.money import format_euros
from blauweknop.domain.periods import Month
from blauweknop.insight.charts import WIDTH
from blauweknop.insight.income import MonthState
from blauweknop.insight.svg import Attributes, element, harmless

__all__ = ["HEIGHT", "LEFT", "MARKS", "Bar", "Scale", "bars_of", "grid", "initial", "marked", "marks_legend", "years_below"]

LEFT, _RIGHT, _TOP, _PLOT, _BELOW = 72, 8, 40, 240, 48
HEIGHT = _TOP + _PLOT + _BELOW
_STEPS = (1, 2, 5)
MARKS: Mapping[MonthState, str] = {MonthState.INCOMPLETE: "*", MonthState.EMPTY: "–", MonthState.ABSENT: "?"}


@dataclass(frozen=True, slots=True)
class Scale:
    """Cents to the height in the picture."""

    lowest: int
    highest: int
    step: int

    @classmethod
    def of(cls, extents: Sequence[tuple[int, int]]) -> "Scale":
        """For bars that go down and up so far."""
        lowest, highest = min((low for low, _ in extents), default=0), max((high for _, high in extents), default=0)
        span = max(highest - lowest, 100_00)
        step = next(s * 10**power for power in count(4) for s in _STEPS if s * 10**power * 5 >= span)
        return cls(lowest // step * step, -(-highest // step) * step or step, step)

    def height_of(self, cents: int) -> float:
        return _TOP + _PLOT * (self.highest - cents) / (self.highest - self.lowest)

    @property
    def ticks(self) -> range:
        return range(self.lowest, self.highest + 1, self.step)


@dataclass(frozen=True, slots=True)
class Bar:
    """The place of a month: its column, and the bar in it."""

    x: float
    column: float

    @property
    def left(self) -> float:
        return self.x + self.column * 0.12

    @property
    def width(self) -> float:
        return self.column * 0.76

    @property
    def middle(self) -> float:
        return self.x + self.column / 2


def bars_of(number: int) -> tuple[Bar, ...]:
    """The places of so many months, beside each other."""
    width = (WIDTH - LEFT - _RIGHT) / max(1, number)
    return tuple(Bar(LEFT + index * width, width) for index in range(number))


def grid(scale: Scale, language: str) -> Iterator[str]:
    for tick in scale.ticks:
        y = scale.height_of(tick)
        strong: Attributes = {"class": "axis", "stroke": "#46566a"} if tick == 0 else {"class": "grid", "stroke": "#d3dce6"}
        yield element("line", {"x1": LEFT, "x2": WIDTH - _RIGHT, "y1": y, "y2": y, **strong})
        yield element("text", {"x": LEFT - 8, "y": y + 5, "text-anchor": "end"}, harmless(format_euros(tick // 100, language)))


def initial(month: Month, bar: Bar, language: str) -> str:
    """The first letter of the month, below its bar."""
    letter = month_in_words(month.year, month.number, language)[0].upper()
    return element("text", {"x": bar.middle, "y": _TOP + _PLOT + 18, "text-anchor": "middle"}, letter)


def marked(state: MonthState, bar: Bar, top: float) -> Iterator[str]:
    """A sign above what is there; a month that nobody tells of is a dashed column of its own, so that it cannot look like zero."""
    mark = MARKS.get(state)
    if mark is None:
        return
    if state is MonthState.ABSENT:
        dashed: Attributes = {"fill": "none", "stroke": "#6d7d90", "stroke-dasharray": "3 3", "class": "chart-absent"}
        yield element("rect", {"x": bar.left, "y": _TOP, "width": bar.width, "height": top - _TOP, **dashed})
    yield element("text", {"x": bar.middle, "y": top - 6, "text-anchor": "middle"}, mark)


def marks_legend(x: float, labels: Sequence[tuple[MonthState, str]]) -> Iterator[str]:
    """What the signs mean."""
    for state, said in labels:
        label = f"{MARKS[state]}  {said}"
        yield element("text", {"x": x, "y": 20}, harmless(label))
        x += 24 + 7.2 * len(label)


def years_below(months: Sequence[Month], bars: Sequence[Bar]) -> str:
    """The year below its months."""
    labels, x = [], float(LEFT)
    for year, group in groupby(zip(months, bars, strict=True), key=lambda pair: pair[0].year):
        wide = sum(bar.column for _, bar in group)
        if wide >= 36:
            labels.append(element("text", {"x": x + wide / 2, "y": _TOP + _PLOT + 40, "text-anchor": "middle"}, str(year)))
        x += wide
        labels.append(
            element("line", {"x1": x, "x2": x, "y1": _TOP + _PLOT + 4, "y2": _TOP + _PLOT + 44, "class": "grid", "stroke": "#d3dce6"})
        )
    return element("g", {}, *labels)
