"""The overview for other programs: JSON with every term and origin, CSV with a row for every figure. Both say what each figure is."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.csv_cells import safe_cell
from blauweknop.domain.document import JsonValue
from blauweknop.insight.debt_history import MonthDebt
from blauweknop.insight.debts import Debt, Debts
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.due import DueItem
from blauweknop.insight.figures import Amount, Definition, FigureId, Origin, Share, percent_in_words
from blauweknop.insight.income import MonthIncome, YearIncome
from blauweknop.insight.obligations import Obligation
from blauweknop.insight.overview import Overview
from blauweknop.insight.remarks import Remark

__all__ = ["as_csv", "as_json"]

_COLUMNS = ("figure", "title", "about", "period", "cents", "euro", "state", "documents", "fields")

_Json = dict[str, JsonValue]


def as_json(overview: Overview, language: str) -> str:
    """Everything in the overview, laid out for reading; amounts are cents, and a share is a fraction as text beside its percentage."""
    content: _Json = {
        "at": overview.at.isoformat(),
        "language": language,
        "definitions": [_definition(Definition.of(figure), language) for figure in FigureId],
        "documents": [_document(document, overview) for document in overview.collection.documents],
        "income": {
            "months": [_month(month, language) for month in overview.income.months],
            "years": [_year(year, language) for year in overview.income.years],
        },
        "debts": _debts(overview.debts, language),
        "debt_months": [_debt_month(month, language) for month in overview.debt_months],
        "obligations": {
            "total": _amount(overview.obligations.total, language),
            "to_pay": _amount(overview.obligations.to_pay, language),
            "obligations": [_obligation(obligation, language) for obligation in overview.obligations.obligations],
        },
        "calendar": [_due(item, language) for item in overview.calendar],
        "remarks": [_remark(remark, language) for remark in overview.remarks],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def as_csv(overview: Overview, language: str) -> str:
    """A row for each figure: what it is, of what and when, the amount, and the documents and fields that it comes from.

    A text that a spreadsheet could take for a formula gets a quote before it (ASVS 1.2.10); amounts stand as they are.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_rows(overview, language))
    return out.getvalue()


def _rows(overview: Overview, language: str) -> Iterator[Sequence[str]]:
    yield from _income_rows(overview, language)
    yield from _debt_rows(overview, language)
    for month in overview.debt_months:
        for amount in (month.total, month.arrears):
            yield from _row(amount, language, period=str(month.month), state=month.state)
    obligations = overview.obligations
    for each in obligations.obligations:
        yield from _row(each.amount, language, about=f"{each.creditor}: {each.label.in_language(language)}")
    yield from _row(obligations.total, language)
    yield from _row(obligations.to_pay, language, about=sentence("insight.obligation.to_pay", language))
    for item in overview.calendar:
        state = "late" if item.late else ""
        yield from _row(item.amount, language, about=item.said.in_language(language), period=item.day.isoformat(), state=state)


def _income_rows(overview: Overview, language: str) -> Iterator[Sequence[str]]:
    for month in overview.income.months:
        for amount in (month.jobs, month.benefits, month.study, month.total):
            yield from _row(amount, language, period=str(month.month), state=month.state)
        if month.total is None:
            yield _cells(FigureId.INCOME_MONTH, language, period=str(month.month), state=month.state)
    for year in overview.income.years:
        period = f"{year.months[0].month}/{year.months[-1].month}"
        state = f"missing {len(year.missing)}" if year.missing else ""
        for name, amount in (("jobs", year.jobs), ("benefits", year.benefits), ("study", year.study)):
            yield from _row(amount, language, about=sentence(f"insight.income.{name}", language), period=period, state=state)
        yield from _row(year.total, language, period=period, state=state)
        for share in (year.volatility, year.benefit_share):
            if share is not None:
                shown = percent_in_words(share.value, language)
                yield _cells(share.figure, language, period=period, about=shown, origins=share.origins)


def _debt_rows(overview: Overview, language: str) -> Iterator[Sequence[str]]:
    debts = overview.debts
    for debt in (*debts.all, *debts.credits, *debts.settled):
        about = f"{debt.creditor}: {debt.label.in_language(language)}"
        for amount in (debt.balance, debt.arrears):
            yield from _row(amount, language, about=about, period=debt.as_of.isoformat())
    named = [(creditor.creditor, creditor.total, creditor.arrears) for creditor in debts.creditors]
    named += [(kind.label.in_language(language), kind.total, kind.arrears) for kind in debts.kinds]
    for about, total, arrears in (*named, ("", debts.total, debts.arrears)):
        yield from _row(total, language, about=about)
        yield from _row(arrears, language, about=about)


def _row(amount: Amount | None, language: str, *, about: str = "", period: str = "", state: str = "") -> Iterator[Sequence[str]]:
    if amount is not None:
        yield _cells(amount.figure, language, about=about, period=period, state=state, cents=amount.cents, origins=amount.origins)


def _cells(
    figure: FigureId,
    language: str,
    *,
    about: str = "",
    period: str = "",
    state: str = "",
    cents: int | None = None,
    origins: Sequence[Origin] = (),
) -> Sequence[str]:
    numbers = ("", "") if cents is None else (str(cents), f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}")
    documents = " ".join(dict.fromkeys(origin.document for origin in origins))
    fields = " ".join(dict.fromkeys(f"{origin.dataset}:{origin.field_name}" for origin in origins))
    title = Definition.of(figure).title.in_language(language)
    safe = [safe_cell(text) for text in (figure, title, about, period)]
    return (*safe, *numbers, *(safe_cell(text) for text in (state, documents, fields)))


def _definition(definition: Definition, language: str) -> _Json:
    return {
        "figure": definition.id,
        "title": definition.title.in_language(language),
        "counts": definition.counts.in_language(language),
        "not_counted": definition.not_counted.in_language(language),
        "datasets": [*definition.datasets],
    }


def _document(document: InsightDocument, overview: Overview) -> _Json:
    return {
        "key": document.key,
        "dataset": document.dataset,
        "source": document.source_name,
        "reference_date": document.reference_day.isoformat(),
        "valid_until": document.valid_until.isoformat(),
        "certified": document.certified,
        "counts": document in overview.collection.current,
    }


def _month(month: MonthIncome, language: str) -> _Json:
    return {"month": str(month.month), "state": month.state, "untold": [*month.untold], **_by_kind(month, language)}


def _year(year: YearIncome, language: str) -> _Json:
    return {
        "first": str(year.months[0].month),
        "last": str(year.months[-1].month),
        "missing": [str(month) for month in year.missing],
        **_by_kind(year, language),
        "volatility": _share(year.volatility, language),
        "benefit_share": _share(year.benefit_share, language),
    }


def _by_kind(of: MonthIncome | YearIncome, language: str) -> Mapping[str, JsonValue]:
    named = {"jobs": of.jobs, "benefits": of.benefits, "study": of.study, "total": of.total}
    return {name: _amount(amount, language) for name, amount in named.items()}


def _debt_month(month: MonthDebt, language: str) -> _Json:
    return {
        "month": str(month.month),
        "state": month.state,
        "total": _amount(month.total, language),
        "arrears": _amount(month.arrears, language),
        "without": [{"dataset": document.dataset, "source": document.source_name} for document in month.without],
    }


def _debts(debts: Debts, language: str) -> _Json:
    return {
        "total": _amount(debts.total, language),
        "arrears": _amount(debts.arrears, language),
        "creditors": [
            {
                "creditor": creditor.creditor,
                "oin": creditor.creditor_oin,
                "total": _amount(creditor.total, language),
                "arrears": _amount(creditor.arrears, language),
                "debts": [_debt(debt, language) for debt in creditor.debts],
            }
            for creditor in debts.creditors
        ],
        "kinds": [
            {
                "kind": kind.kind,
                "label": kind.label.in_language(language),
                "total": _amount(kind.total, language),
                "arrears": _amount(kind.arrears, language),
            }
            for kind in debts.kinds
        ],
        "settled": [_debt(debt, language) for debt in debts.settled],
        "credits": [_debt(debt, language) for debt in debts.credits],
    }


def _debt(debt: Debt, language: str) -> _Json:
    return {
        "creditor": debt.creditor,
        "kind": debt.kind,
        "label": debt.label.in_language(language),
        "case": debt.case,
        "balance": _amount(debt.balance, language),
        "arrears": _amount(debt.arrears, language),
        "arrears_counted_elsewhere": debt.arrears_elsewhere,
        "as_of": debt.as_of.isoformat(),
        "collector": debt.collector,
        "on_behalf_of": debt.on_behalf_of,
        "also_in": _origins(debt.also_in),
    }


def _obligation(obligation: Obligation, language: str) -> _Json:
    return {
        "creditor": obligation.creditor,
        "label": obligation.label.in_language(language),
        "amount": _amount(obligation.amount, language),
        "withheld": obligation.withheld,
        "until": obligation.until.isoformat() if obligation.until else None,
    }


def _due(item: DueItem, language: str) -> _Json:
    return {
        "day": item.day.isoformat(),
        "kind": item.kind,
        "said": item.said.in_language(language),
        "creditor": item.creditor,
        "amount": _amount(item.amount, language),
        "late": item.late,
        "origins": _origins(item.origins),
    }


def _remark(remark: Remark, language: str) -> _Json:
    said = remark.said.in_language(language)
    return {"kind": remark.kind, "said": said, "dataset": remark.dataset, "origins": _origins(remark.origins)}


def _amount(amount: Amount | None, language: str) -> JsonValue:
    if amount is None:
        return None
    terms: list[JsonValue] = [
        {"said": term.words.in_language(language), "cents": term.cents, "origins": _origins(term.origins)} for term in amount.terms
    ]
    return {"figure": amount.figure, "cents": amount.cents, "terms": terms}


def _share(share: Share | None, language: str) -> JsonValue:
    if share is None:
        return None
    steps: list[JsonValue] = [*share.steps(language)]
    return {
        "figure": share.figure,
        "value": str(share.value),
        "shown": percent_in_words(share.value, language),
        "steps": steps,
        "origins": _origins(share.origins),
    }


def _origins(origins: Sequence[Origin]) -> JsonValue:
    return [{"document": o.document, "dataset": o.dataset, "path": o.path, "value": o.value} for o in origins]
