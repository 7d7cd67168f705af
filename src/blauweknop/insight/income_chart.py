"""Income as a bar for each month: jobs, benefits and study grants on top of each other; months without data are marked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dates import month_in_words
from blauweknop.domain.money import format_cents, format_euros
from blauweknop.insight.charts import PAPER, WIDTH, Chart, ChartTable, legend_key, patterns, shown_cents
from blauweknop.insight.income import Income, MonthIncome, MonthState
from blauweknop.insight.svg import Attributes, element, harmless, picture

__all__ = ["income_chart"]

_LEFT, _RIGHT, _TOP, _PLOT, _BELOW = 72, 8, 40, 240, 48
_STEPS = (1, 2, 5)
_KINDS = (("jobs", "#0b4a8f", ""), ("benefits", "#854600", "lines"), ("study", "#12633a", "dots"))


def income_chart(income: Income, language: str, *, name: str = "income") -> Chart:
    """A bar for each month, with jobs, benefits and study grants on top of each other; months without data are marked."""
    title, description = sentence("insight.chart.income.title", language), _income_described(income, language)
    scale = _Scale.of([_extent(month) for month in income.months])
    width = (WIDTH - _LEFT - _RIGHT) / max(1, len(income.months))
    columns = [_column(month, _LEFT + index * width, width, scale, name, language) for index, month in enumerate(income.months)]
    drawn = [patterns(name), _legend(income, name, language), *_grid(scale, language), *columns, _years(income, width, language)]
    return Chart(picture(name, (WIDTH, _TOP + _PLOT + _BELOW), title, description, *drawn), _income_table(income, title, language))


@dataclass(frozen=True, slots=True)
class _Scale:
    """Cents to the height in the picture."""

    lowest: int
    highest: int
    step: int

    @classmethod
    def of(cls, extents: Sequence[tuple[int, int]]) -> "_Scale":
        lowest, highest = min((low for low, _ in extents), default=0), max((high for _, high in extents), default=0)
        span = max(highest - lowest, 100_00)
        step = next(s * 10**power for power in count(4) for s in _STEPS if s * 10**power * 5 >= span)
        return cls(lowest // step * step, -(-highest // step) * step or step, step)

    def height_of(self, cents: int) -> float:
        return _TOP + _PLOT * (self.highest - cents) / (self.highest - self.lowest)

    @property
    def ticks(self) -> range:
        return range(self.lowest, self.highest + 1, self.step)


def _amounts(month: MonthIncome) -> tuple[int | None, ...]:
    return tuple(None if amount is None else amount.cents for amount in (month.jobs, month.benefits, month.study))


def _extent(month: MonthIncome) -> tuple[int, int]:
    """How far the bar goes down and up: what was taken back goes down, so that it hides nothing."""
    known = [cents for cents in _amounts(month) if cents is not None]
    return sum(min(0, cents) for cents in known), sum(max(0, cents) for cents in known)


def _grid(scale: _Scale, language: str) -> Iterator[str]:
    for tick in scale.ticks:
        y = scale.height_of(tick)
        strong: Attributes = {"class": "axis", "stroke": "#46566a"} if tick == 0 else {"class": "grid", "stroke": "#d3dce6"}
        yield element("line", {"x1": _LEFT, "x2": WIDTH - _RIGHT, "y1": y, "y2": y, **strong})
        yield element("text", {"x": _LEFT - 8, "y": y + 5, "text-anchor": "end"}, harmless(format_euros(tick // 100, language)))


def _column(month: MonthIncome, x: float, width: float, scale: _Scale, name: str, language: str) -> str:
    children = [element("title", {}, harmless(_month_said(month, language)))]
    bar_x, bar_width = x + width * 0.12, width * 0.76
    up = down = 0
    for (kind, colour, pattern), cents in zip(_KINDS, _amounts(month), strict=True):
        if not cents:
            continue
        first, last = (up, up + cents) if cents > 0 else (down + cents, down)
        up, down = (last, down) if cents > 0 else (up, first)
        top, bottom = scale.height_of(last), scale.height_of(first)
        box: Attributes = {"x": bar_x, "y": top, "width": bar_width, "height": bottom - top}
        children.append(element("rect", {**box, "class": f"chart-{kind}", "fill": colour, "stroke": PAPER}))
        if pattern:
            children.append(element("rect", {**box, "fill": f"url(#{name}-{pattern})"}))
    mark = _MARKS.get(month.state)
    if mark:
        children += _marked(month.state, mark, (bar_x, bar_width), scale.height_of(up))
    letter = month_in_words(month.month.year, month.month.number, language)[0].upper()
    children.append(element("text", {"x": x + width / 2, "y": _TOP + _PLOT + 18, "text-anchor": "middle"}, letter))
    return element("g", {}, *children)


_MARKS = {MonthState.INCOMPLETE: "*", MonthState.EMPTY: "–", MonthState.ABSENT: "?"}


def _marked(state: MonthState, mark: str, bar: tuple[float, float], top: float) -> Iterator[str]:
    """A sign above what is there; a month that nobody tells of is a dashed column of its own, so that it cannot look like zero."""
    x, width = bar
    if state is MonthState.ABSENT:
        dashed: Attributes = {"fill": "none", "stroke": "#6d7d90", "stroke-dasharray": "3 3", "class": "chart-absent"}
        yield element("rect", {"x": x, "y": _TOP, "width": width, "height": top - _TOP, **dashed})
    yield element("text", {"x": x + width / 2, "y": top - 6, "text-anchor": "middle"}, mark)


def _years(income: Income, width: float, language: str) -> str:
    """The year below its months."""
    labels, x = [], float(_LEFT)
    for year, group in groupby(income.months, key=lambda month: month.month.year):
        wide = width * len(list(group))
        if wide >= 36:
            labels.append(element("text", {"x": x + wide / 2, "y": _TOP + _PLOT + 40, "text-anchor": "middle"}, str(year)))
        x += wide
        labels.append(
            element("line", {"x1": x, "x2": x, "y1": _TOP + _PLOT + 4, "y2": _TOP + _PLOT + 44, "class": "grid", "stroke": "#d3dce6"})
        )
    return element("g", {}, *labels)


def _legend(income: Income, name: str, language: str) -> str:
    """What is in this chart and nothing else."""
    there = [any(_amounts(month)[index] for month in income.months) for index in range(len(_KINDS))]
    x = float(_LEFT)
    drawn: list[str] = []
    for (kind, colour, pattern), shown in zip(_KINDS, there, strict=True):
        if shown:
            label = sentence(f"insight.income.{kind}", language)
            drawn += legend_key(x, f"chart-{kind}", colour, pattern and f"url(#{name}-{pattern})", label)
            x += 46 + 7.4 * len(label)
    for state, mark in _MARKS.items():
        if income.count(state):
            label = f"{mark}  {sentence(f'insight.income.state.{state}', language)}"
            drawn.append(element("text", {"x": x, "y": 20}, harmless(label)))
            x += 24 + 7.2 * len(label)
    return element("g", {}, *drawn)


def _month_said(month: MonthIncome, language: str) -> str:
    when = month_in_words(month.month.year, month.month.number, language)
    state = sentence(f"insight.income.state.{month.state}", language)
    if month.total is None:
        return f"{when}: {state}"
    named = [
        f"{sentence(f'insight.income.{kind}', language)} {format_cents(cents, language)}"
        for (kind, _, _), cents in zip(_KINDS, _amounts(month), strict=True)
        if cents is not None
    ]
    return f"{when}: {', '.join(named)} ({state})"


def _income_described(income: Income, language: str) -> str:
    totals = [month.total.cents for month in income.months if month.total]
    if not totals:
        return sentence("insight.chart.income.nothing", language)
    return sentence(
        "insight.chart.income.described",
        language,
        months=len(income.months),
        known=len(totals),
        lowest=format_cents(min(totals), language),
        highest=format_cents(max(totals), language),
    )


def _income_table(income: Income, caption: str, language: str) -> ChartTable:
    columns = ("insight.chart.column.month", *(f"insight.income.{kind}" for kind, _, _ in _KINDS), "insight.chart.column.total")
    rows, cents = [], []
    for month in income.months:
        numbers = (*_amounts(month), None if month.total is None else month.total.cents)
        when = month_in_words(month.month.year, month.month.number, language)
        rows.append((when, *shown_cents(numbers, language), sentence(f"insight.income.state.{month.state}", language)))
        cents.append(numbers)
    headings = (*(sentence(key, language) for key in columns), sentence("insight.chart.column.state", language))
    return ChartTable(caption, headings, tuple(rows), tuple(cents))
