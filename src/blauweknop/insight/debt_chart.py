"""Debts as a bar for each creditor, of its cases beside each other, with what is late marked in each."""

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.money import format_cents
from blauweknop.insight.charts import PAPER, WIDTH, Chart, ChartTable, legend_key, patterns, shown_cents
from blauweknop.insight.debts import CreditorDebts, Debt, Debts
from blauweknop.insight.svg import Attributes, element, harmless, picture

__all__ = ["debt_chart"]

_TOP, _ROW, _BAR = 40, 56, 20


def debt_chart(debts: Debts, language: str, *, name: str = "debts") -> Chart:
    """A bar for each creditor, of its cases beside each other, with what is late marked in each."""
    title, description = sentence("insight.chart.debts.title", language), _debts_described(debts, language)
    most = max((creditor.total.cents for creditor in debts.creditors), default=1)
    bars = [_creditor(creditor, _TOP + index * _ROW, most, name, language) for index, creditor in enumerate(debts.creditors)]
    height = _TOP + max(1, len(bars)) * _ROW
    drawn = [patterns(name), _debt_legend(debts, name, language), *bars]
    return Chart(picture(name, (WIDTH, height), title, description, *drawn), _debt_table(debts, title, language))


def _late(debt: Debt) -> int:
    """The late part of a bar: never more than the debt, and not when it is counted with another case."""
    if debt.arrears is None or debt.arrears_elsewhere:
        return 0
    return max(0, min(debt.arrears.cents, debt.balance.cents))


def _is_unknown(debt: Debt) -> bool:
    return debt.arrears is None


def _creditor(creditor: CreditorDebts, y: int, most: int, name: str, language: str) -> str:
    amount = format_cents(creditor.total.cents, language)
    drawn = [
        element("text", {"x": 0, "y": y + 16}, harmless(_short(creditor.creditor))),
        element("text", {"x": WIDTH, "y": y + 16, "text-anchor": "end"}, harmless(amount)),
    ]
    x, whole = 0.0, float(WIDTH)
    for debt in creditor.debts:
        wide, late = whole * debt.balance.cents / most, whole * _late(debt) / most
        box: Attributes = {"y": y + 24, "height": _BAR, "stroke": PAPER}
        title = element("title", {}, harmless(f"{debt.label.in_language(language)}: {format_cents(debt.balance.cents, language)}"))
        parts = [title, element("rect", {**box, "x": x, "width": wide, "class": "chart-debt", "fill": "#0b4a8f"})]
        if _is_unknown(debt):
            parts.append(element("rect", {"y": y + 24, "height": _BAR, "x": x, "width": wide, "fill": f"url(#{name}-dots)"}))
        if late:
            parts.append(element("rect", {**box, "x": x, "width": late, "class": "chart-late", "fill": "#a01f19"}))
            parts.append(element("rect", {"y": y + 24, "height": _BAR, "x": x, "width": late, "fill": f"url(#{name}-lines)"}))
        drawn.append(element("g", {}, *parts))
        x += wide
    return element("g", {}, *drawn)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _debt_legend(debts: Debts, name: str, language: str) -> str:
    """What is in this chart and nothing else."""
    keys = (
        (any(_late(debt) for debt in debts.all), "chart-late", "#a01f19", f"url(#{name}-lines)", "insight.debt.term.arrears"),
        (any(not _is_unknown(debt) for debt in debts.all), "chart-debt", "#0b4a8f", "", "insight.chart.debts.not_late"),
        (any(_is_unknown(debt) for debt in debts.all), "chart-debt", "#0b4a8f", f"url(#{name}-dots)", "insight.chart.debts.late_unknown"),
    )
    x, drawn = 0.0, list[str]()
    for shown, style, colour, pattern, key in keys:
        if shown:
            label = sentence(key, language)
            drawn += legend_key(x, style, colour, pattern, label)
            x += 46 + 7.4 * len(label)
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
            rows.append((creditor.creditor, debt.label.in_language(language), *shown_cents(numbers, language)))
            cents.append(numbers)
    return ChartTable(caption, tuple(sentence(key, language) for key in keys), tuple(rows), tuple(cents))
