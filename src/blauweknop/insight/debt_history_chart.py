"""Debts as a bar for each month with a document: what was open, with what was late at the bottom; months without a document are marked."""

from collections.abc import Sequence

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dates import month_in_words
from blauweknop.domain.money import format_cents
from blauweknop.insight.charts import PAPER, WIDTH, Chart, ChartTable, legend_key, patterns, shown_cents
from blauweknop.insight.debt_history import MonthDebt
from blauweknop.insight.income import MonthState
from blauweknop.insight.month_charts import HEIGHT, LEFT, MARKS, Bar, Scale, bars_of, grid, initial, marked, marks_legend, years_below
from blauweknop.insight.svg import Attributes, element, harmless, picture

__all__ = ["debt_history_chart"]


def debt_history_chart(months: Sequence[MonthDebt], language: str, *, name: str = "debt-months") -> Chart:
    """A bar for each month, oldest first."""
    title, description = sentence("insight.chart.debt_months.title", language), _described(months, language)
    scale = Scale.of([(0, _open(month) or 0) for month in months])
    bars = bars_of(len(months))
    columns = [_column(month, bar, scale, name, language) for month, bar in zip(months, bars, strict=True)]
    years = years_below([month.month for month in months], bars)
    drawn = [patterns(name), _legend(months, name, language), *grid(scale, language), *columns, years]
    return Chart(picture(name, (WIDTH, HEIGHT), title, description, *drawn), _table(months, title, language))


def _open(month: MonthDebt) -> int | None:
    return None if month.total is None else month.total.cents


def _late(month: MonthDebt) -> int | None:
    return None if month.arrears is None else month.arrears.cents


def _drawn_late(month: MonthDebt) -> int:
    """Never more than what is open."""
    return max(0, min(_late(month) or 0, _open(month) or 0))


def _column(month: MonthDebt, bar: Bar, scale: Scale, name: str, language: str) -> str:
    cents, late = _open(month) or 0, _drawn_late(month)
    children = [element("title", {}, harmless(_said(month, language)))]
    for style, colour, amount, pattern in (("chart-debt", "#0b4a8f", cents, ""), ("chart-late", "#a01f19", late, "lines")):
        if amount:
            top = scale.height_of(amount)
            box: Attributes = {"x": bar.left, "y": top, "width": bar.width, "height": scale.height_of(0) - top}
            children.append(element("rect", {**box, "class": style, "fill": colour, "stroke": PAPER}))
            if pattern:
                children.append(element("rect", {**box, "fill": f"url(#{name}-{pattern})"}))
    return element("g", {}, *children, *marked(month.state, bar, scale.height_of(cents)), initial(month.month, bar, language))


def _legend(months: Sequence[MonthDebt], name: str, language: str) -> str:
    """What is in this chart and nothing else."""
    keys = (
        (any(_open(month) for month in months), "chart-debt", "#0b4a8f", "", "insight.debt.term.open"),
        (any(_drawn_late(month) for month in months), "chart-late", "#a01f19", f"url(#{name}-lines)", "insight.debt.term.arrears"),
    )
    x, drawn = float(LEFT), list[str]()
    for shown, style, colour, pattern, key in keys:
        if shown:
            label = sentence(key, language)
            drawn += legend_key(x, style, colour, pattern, label)
            x += 46 + 7.4 * len(label)
    signs = [(state, _state_said(state, language)) for state in MARKS if any(month.state is state for month in months)]
    return element("g", {}, *drawn, *marks_legend(x, signs))


def _state_said(state: MonthState, language: str) -> str:
    return sentence(f"insight.debt_month.state.{state}", language)


def _said(month: MonthDebt, language: str) -> str:
    when = month_in_words(month.month.year, month.month.number, language)
    named = [
        f"{sentence(key, language)} {format_cents(cents, language)}"
        for key, cents in (("insight.debt.term.open", _open(month)), ("insight.debt.term.arrears", _late(month)))
        if cents is not None
    ]
    state = _state_said(month.state, language)
    return f"{when}: {', '.join(named)} ({state})" if named else f"{when}: {state}"


def _described(months: Sequence[MonthDebt], language: str) -> str:
    told = [month for month in months if month.told]
    if not told:
        return sentence("insight.chart.debts.nothing", language)
    return sentence(
        "insight.chart.debt_months.described",
        language,
        months=len(months),
        told=len(told),
        first=format_cents(_open(told[0]) or 0, language),
        last=format_cents(_open(told[-1]) or 0, language),
    )


def _table(months: Sequence[MonthDebt], caption: str, language: str) -> ChartTable:
    keys = ("insight.chart.column.month", "insight.debt.term.open", "insight.debt.term.arrears", "insight.chart.column.state")
    rows, cents = [], []
    for month in months:
        numbers = (_open(month), _late(month))
        when = month_in_words(month.month.year, month.month.number, language)
        rows.append((when, *shown_cents(numbers, language), _state_said(month.state, language)))
        cents.append(numbers)
    return ChartTable(caption, tuple(sentence(key, language) for key in keys), tuple(rows), tuple(cents))
