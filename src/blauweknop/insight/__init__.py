"""Figures over checked documents of one person: each can be opened to the document and field that it comes from."""

from blauweknop.insight.charts import Chart, ChartTable
from blauweknop.insight.collection import Collection, KeyTwice
from blauweknop.insight.contradictions import subject_differences
from blauweknop.insight.debt_chart import debt_chart
from blauweknop.insight.debt_history import MonthDebt
from blauweknop.insight.debt_history_chart import debt_history_chart
from blauweknop.insight.debts import CreditorDebts, Debt, Debts, KindDebts
from blauweknop.insight.documents import InsightDocument, read_document
from blauweknop.insight.due import DueItem, DueKind
from blauweknop.insight.export import as_csv, as_json
from blauweknop.insight.figures import Amount, Definition, FigureId, FigureWithoutOrigin, Origin, Share, Term, Words
from blauweknop.insight.income import Income, MonthIncome, MonthState, YearIncome
from blauweknop.insight.income_chart import income_chart
from blauweknop.insight.obligations import Obligation, Obligations
from blauweknop.insight.overview import Overview, overview_of
from blauweknop.insight.remarks import Remark, RemarkKind

__all__ = [
    "Amount",
    "Chart",
    "ChartTable",
    "Collection",
    "CreditorDebts",
    "Debt",
    "Debts",
    "Definition",
    "DueItem",
    "DueKind",
    "FigureId",
    "FigureWithoutOrigin",
    "Income",
    "InsightDocument",
    "KeyTwice",
    "KindDebts",
    "MonthDebt",
    "MonthIncome",
    "MonthState",
    "Obligation",
    "Obligations",
    "Origin",
    "Overview",
    "Remark",
    "RemarkKind",
    "Share",
    "Term",
    "Words",
    "YearIncome",
    "as_csv",
    "as_json",
    "debt_chart",
    "debt_history_chart",
    "income_chart",
    "overview_of",
    "read_document",
    "subject_differences",
]
