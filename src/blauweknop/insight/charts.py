"""Charts as SVG with the table of the same numbers beside it.

They can be read without colour: what differs in meaning differs in pattern and has words in the legend. Colours are classes that
`web/static/look/charts.css` fills from the tokens of the look, for light, dark and print; each shape has a colour of its own for where
there is no stylesheet. Nothing moves and nothing is only in the picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dates import month_in_words
from blauweknop.domain.money import format_cents, format_euros
from blauweknop.insight.debts import CreditorDebts, Debt, Debts
from blauweknop.insight.income import Income, MonthIncome, MonthState
from blauweknop.insight.svg import Attributes, element, harmless, picture

__all__ = ["Chart", "ChartTable", "debt_chart", "income_chart"]

_WIDTH = 720
_LEFT, _RIGHT, _TOP, _PLOT, _BELOW = 72, 8, 40, 240, 48
_STEPS = (1, 2, 5)
_KINDS = (("jobs", "#0b4a8f", ""), ("benefits", "#854600", "lines"), ("study", "#12633a", "dots"))
_ROW, _BAR = 56, 20
_PAPER = "#ffffff"


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


def income_chart(income: Income, language: str, *, name: str = "income") -> Chart:
    """A bar for each month, with jobs, benefits and study grants on top of each other; months without data are marked."""
    title, description = sentence("insight.chart.income.title", language), _income_described(income, language)
    scale = _Scale.of([_extent(month) for month in income.months])
    width = (_WIDTH - _LEFT - _RIGHT) / max(1, len(income.months))
    columns = [_column(month, _LEFT + index * width, width, scale, name, language) for index, month in enumerate(income.months)]
    drawn = [_patterns(name), _legend(income, name, language), *_grid(scale, language), *columns, _years(income, width, language)]
    return Chart(picture(name, (_WIDTH, _TOP + _PLOT + _BELOW), title, description, *drawn), _income_table(income, title, language))


def debt_chart(debts: Debts, language: str, *, name: str = "debts") -> Chart:
    """A bar for each creditor, of its cases beside each other, with what is late marked in each."""
    title, description = sentence("insight.chart.debts.title", language), _debts_described(debts, language)
    most = max((creditor.total.cents for creditor in debts.creditors), default=1)
    bars = [_creditor(creditor, _TOP + index * _ROW, most, name, language) for index, creditor in enumerate(debts.creditors)]
    height = _TOP + max(1, len(bars)) * _ROW
    drawn = [_patterns(name), _debt_legend(name, language), *bars]
    return Chart(picture(name, (_WIDTH, height), title, description, *drawn), _debt_table(debts, title, language))


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
        step = next(s * 10**power for power in range(4, 20) for s in _STEPS if s * 10**power * 5 >= span)
        return cls(-(-lowest // -step) * -1 * step if lowest < 0 else 0, -(-highest // step) * step or step, step)

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
        yield element("line", {"x1": _LEFT, "x2": _WIDTH - _RIGHT, "y1": y, "y2": y, **strong})
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
        children.append(element("rect", {**box, "class": f"chart-{kind}", "fill": colour, "stroke": _PAPER}))
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


def _patterns(name: str) -> str:
    lines = element("path", {"d": "M0 8 8 0", "stroke": _PAPER, "stroke-width": 2, "class": "chart-pattern"})
    dots = element("circle", {"cx": 4, "cy": 4, "r": 1.6, "fill": _PAPER, "class": "chart-pattern-dot"})
    size: Attributes = {"width": 8, "height": 8, "patternUnits": "userSpaceOnUse"}
    return element(
        "defs", {}, element("pattern", {"id": f"{name}-lines", **size}, lines), element("pattern", {"id": f"{name}-dots", **size}, dots)
    )


def _legend(income: Income, name: str, language: str) -> str:
    """What is in this chart and nothing else."""
    there = [any(_amounts(month)[index] for month in income.months) for index in range(len(_KINDS))]
    x = float(_LEFT)
    drawn: list[str] = []
    for (kind, colour, pattern), shown in zip(_KINDS, there, strict=True):
        if shown:
            label = sentence(f"insight.income.{kind}", language)
            drawn += _key(x, f"chart-{kind}", colour, pattern and f"url(#{name}-{pattern})", label)
            x += 46 + 7.4 * len(label)
    for state, mark in _MARKS.items():
        if income.count(state):
            label = f"{mark}  {sentence(f'insight.income.state.{state}', language)}"
            drawn.append(element("text", {"x": x, "y": 20}, harmless(label)))
            x += 24 + 7.2 * len(label)
    return element("g", {}, *drawn)


def _key(x: float, style: str, colour: str, pattern: str, label: str) -> Iterator[str]:
    box: Attributes = {"x": x, "y": 8, "width": 16, "height": 16}
    yield element("rect", {**box, "class": style, "fill": colour})
    if pattern:
        yield element("rect", {**box, "fill": pattern})
    yield element("text", {"x": x + 22, "y": 21}, harmless(label))


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
        rows.append((when, *_shown(numbers, language), sentence(f"insight.income.state.{month.state}", language)))
        cents.append(numbers)
    headings = (*(sentence(key, language) for key in columns), sentence("insight.chart.column.state", language))
    return ChartTable(caption, headings, tuple(rows), tuple(cents))


def _shown(numbers: Sequence[int | None], language: str) -> Iterator[str]:
    for number in numbers:
        yield "" if number is None else format_cents(number, language)


def _late(debt: Debt) -> int:
    """The late part of a bar: never more than the debt, and not when it is counted with another case."""
    if debt.arrears is None or debt.arrears_elsewhere:
        return 0
    return max(0, min(debt.arrears.cents, debt.balance.cents))


def _creditor(creditor: CreditorDebts, y: int, most: int, name: str, language: str) -> str:
    amount = format_cents(creditor.total.cents, language)
    drawn = [
        element("text", {"x": 0, "y": y + 16}, harmless(_short(creditor.creditor))),
        element("text", {"x": _WIDTH, "y": y + 16, "text-anchor": "end"}, harmless(amount)),
    ]
    x, whole = 0.0, float(_WIDTH)
    for debt in creditor.debts:
        wide, late = whole * debt.balance.cents / most, whole * _late(debt) / most
        box: Attributes = {"y": y + 24, "height": _BAR, "stroke": _PAPER}
        title = element("title", {}, harmless(f"{debt.label.in_language(language)}: {format_cents(debt.balance.cents, language)}"))
        parts = [title, element("rect", {**box, "x": x, "width": wide, "class": "chart-debt", "fill": "#0b4a8f"})]
        if late:
            parts.append(element("rect", {**box, "x": x, "width": late, "class": "chart-late", "fill": "#a01f19"}))
            parts.append(element("rect", {"y": y + 24, "height": _BAR, "x": x, "width": late, "fill": f"url(#{name}-lines)"}))
        drawn.append(element("g", {}, *parts))
        x += wide
    return element("g", {}, *drawn)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _debt_legend(name: str, language: str) -> str:
    late = sentence("insight.debt.term.arrears", language)
    other = sentence("insight.chart.debts.not_late", language)
    drawn = [
        *_key(0, "chart-late", "#a01f19", f"url(#{name}-lines)", late),
        *_key(44 + 8.2 * len(late), "chart-debt", "#0b4a8f", "", other),
    ]
    return element("g", {}, *drawn)


def _debts_described(debts: Debts, language: str) -> str:
    if debts.total is None:
        return sentence("insight.chart.debts.nothing", language)
    arrears = debts.arrears.cents if debts.arrears else None
    late = sentence("insight.chart.debts.unknown", language) if arrears is None else format_cents(arrears, language)
    total = format_cents(debts.total.cents, language)
    return sentence("insight.chart.debts.described", language, creditors=len(debts.creditors), total=total, late=late)


def _debt_table(debts: Debts, caption: str, language: str) -> ChartTable:
    keys = ("insight.chart.column.creditor", "insight.chart.column.what", "insight.debt.term.open", "insight.debt.term.arrears")
    rows, cents = [], []
    for creditor in debts.creditors:
        for debt in creditor.debts:
            arrears = None if debt.arrears is None or debt.arrears_elsewhere else debt.arrears.cents
            numbers = (debt.balance.cents, arrears)
            rows.append((creditor.creditor, debt.label.in_language(language), *_shown(numbers, language)))
            cents.append(numbers)
    return ChartTable(caption, tuple(sentence(key, language) for key in keys), tuple(rows), tuple(cents))
