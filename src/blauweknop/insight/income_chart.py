"""Income as a bar for each month: jobs, benefits and study grants on top of each other; months without data are marked."""

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dates import month_in_words
from blauweknop.domain.money import format_cents
from blauweknop.insight.charts import PAPER, WIDTH, Chart, ChartTable, legend_key, patterns, shown_cents
from blauweknop.insight.income import Income, MonthIncome
from blauweknop.insight.month_charts import (
    HEIGHT,
    LEFT,
    MARKS,
    Bar,
    Scale,
    bars_of,
    grid,
    initial,
    marked,
    marks_legend,
    years_below,
)
from blauweknop.insight.svg import Attributes, element, harmless, picture

__all__ = ["income_chart"]

_KINDS = (("jobs", "#0b4a8f", ""), ("benefits", "#854600", "lines"), ("study", "#12633a", "dots"))


def income_chart(income: Income, language: str, *, name: str = "income") -> Chart:
    """A bar for each month, with jobs, benefits and study grants on top of each other; months without data are marked."""
    title, description = sentence("insight.chart.income.title", language), _income_described(income, language)
    scale = Scale.of([_extent(month) for month in income.months])
    bars = bars_of(len(income.months))
    columns = [_column(month, bar, scale, name, language) for month, bar in zip(income.months, bars, strict=True)]
    years = years_below([month.month for month in income.months], bars)
    drawn = [patterns(name), _legend(income, name, language), *grid(scale, language), *columns, years]
    return Chart(picture(name, (WIDTH, HEIGHT), title, description, *drawn), _income_table(income, title, language))


def _amounts(month: MonthIncome) -> tuple[int | None, ...]:
    return tuple(None if amount is None else amount.cents for amount in (month.jobs, month.benefits, month.study))


def _extent(month: MonthIncome) -> tuple[int, int]:
    """How far the bar goes down and up: what was taken back goes down, so that it hides nothing."""
    known = [cents for cents in _amounts(month) if cents is not None]
    return sum(min(0, cents) for cents in known), sum(max(0, cents) for cents in known)


def _column(month: MonthIncome, bar: Bar, scale: Scale, name: str, language: str) -> str:
    children = [element("title", {}, harmless(_month_said(month, language)))]
    up = down = 0
    for (kind, colour, pattern), cents in zip(_KINDS, _amounts(month), strict=True):
        if not cents:
            continue
        first, last = (up, up + cents) if cents > 0 else (down + cents, down)
        up, down = (last, down) if cents > 0 else (up, first)
        top, bottom = scale.height_of(last), scale.height_of(first)
        box: Attributes = {"x": bar.left, "y": top, "width": bar.width, "height": bottom - top}
        children.append(element("rect", {**box, "class": f"chart-{kind}", "fill": colour, "stroke": PAPER}))
        if pattern:
            children.append(element("rect", {**box, "fill": f"url(#{name}-{pattern})"}))
    children += marked(month.state, bar, scale.height_of(up))
    return element("g", {}, *children, initial(month.month, bar, language))


def _legend(income: Income, name: str, language: str) -> str:
    """What is in this chart and nothing else."""
    there = [any(_amounts(month)[index] for month in income.months) for index in range(len(_KINDS))]
    x = float(LEFT)
    drawn: list[str] = []
    for (kind, colour, pattern), shown in zip(_KINDS, there, strict=True):
        if shown:
            label = sentence(f"insight.income.{kind}", language)
            drawn += legend_key(x, f"chart-{kind}", colour, pattern and f"url(#{name}-{pattern})", label)
            x += 46 + 7.4 * len(label)
    signs = [(state, sentence(f"insight.income.state.{state}", language)) for state in MARKS if income.count(state)]
    return element("g", {}, *drawn, *marks_legend(x, signs))


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
