"""What every figure is made of: amounts with their terms, and for each term the field of a document that it comes from.

A figure without origin cannot be made. Words are keys of the catalogue with values; they become a sentence when someone reads them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Union

from blauweknop.catalogue.texts import sentence, text
from blauweknop.domain.dates import date_in_words, month_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.money import format_cents
from blauweknop.domain.periods import Month, Period
from blauweknop.domain.texts import Text

__all__ = [
    "Amount",
    "Cents",
    "Definition",
    "FigureId",
    "FigureWithoutOrigin",
    "Origin",
    "Percentage",
    "Share",
    "Term",
    "Words",
    "half_up",
    "percent_in_words",
    "said",
    "words",
]


class FigureId(StrEnum):
    """Every figure has one definition; its words are the texts `insight.figure.<id>.title`, `.counts` and `.not_counted`."""

    INCOME_MONTH = "income_month"
    INCOME_JOBS = "income_jobs"
    INCOME_BENEFITS = "income_benefits"
    INCOME_STUDY = "income_study"
    INCOME_YEAR = "income_year"
    VOLATILITY = "volatility"
    BENEFIT_SHARE = "benefit_share"
    DEBT = "debt"
    DEBT_ARREARS = "debt_arrears"
    CREDITOR_TOTAL = "creditor_total"
    CREDITOR_ARREARS = "creditor_arrears"
    KIND_TOTAL = "kind_total"
    KIND_ARREARS = "kind_arrears"
    DEBT_TOTAL = "debt_total"
    ARREARS_TOTAL = "arrears_total"
    DEBT_MONTH = "debt_month"
    OBLIGATION = "obligation"
    OBLIGATION_TOTAL = "obligation_total"
    DUE = "due"


_JOBS, _STUDY = ("uwv.verzekeringsbericht",), ("duo.studiefinanciering",)
_BENEFITS = ("uwv.verzekeringsbericht", "uwv.uitkeringsspecificatie", "gem.bijstand")
_INCOME = (*_BENEFITS, *_STUDY)
_ARREARS = ("fcid", "duo.studieschuld")
_DEBTS = ("fcid", "duo.studieschuld", "gem.belastingaanslag", "gem.pw_vordering", "cak.wanbetalers")
_MONTHLY = ("duo.studieschuld", "cak.eigen_bijdrage", "cak.wanbetalers", "gem.pw_vordering")
_DATASETS: Mapping[FigureId, tuple[str, ...]] = {
    FigureId.INCOME_MONTH: _INCOME,
    FigureId.INCOME_JOBS: _JOBS,
    FigureId.INCOME_BENEFITS: _BENEFITS,
    FigureId.INCOME_STUDY: _STUDY,
    FigureId.INCOME_YEAR: _INCOME,
    FigureId.VOLATILITY: _INCOME,
    FigureId.BENEFIT_SHARE: _INCOME,
    FigureId.DEBT: _DEBTS,
    FigureId.DEBT_ARREARS: _ARREARS,
    FigureId.CREDITOR_TOTAL: _DEBTS,
    FigureId.CREDITOR_ARREARS: _ARREARS,
    FigureId.KIND_TOTAL: _DEBTS,
    FigureId.KIND_ARREARS: _ARREARS,
    FigureId.DEBT_TOTAL: _DEBTS,
    FigureId.ARREARS_TOTAL: _ARREARS,
    FigureId.DEBT_MONTH: _DEBTS,
    FigureId.OBLIGATION: _MONTHLY,
    FigureId.OBLIGATION_TOTAL: _MONTHLY,
    FigureId.DUE: ("fcid", "gem.belastingaanslag"),
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure is, once and for all. `fcid` among the data sets stands for the payment overviews of every organisation."""

    id: FigureId
    title: Text
    counts: Text
    not_counted: Text
    datasets: tuple[str, ...]

    @classmethod
    def of(cls, figure: FigureId) -> "Definition":
        key = f"insight.figure.{figure}"
        return cls(figure, text(f"{key}.title"), text(f"{key}.counts"), text(f"{key}.not_counted"), _DATASETS[figure])


class FigureWithoutOrigin(BlauweKnopError):
    """A figure of nothing was asked for: that would be a made-up number."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A value in a document: `data.schuldonderdelen[0].bedrag` of the document with this key."""

    document: str
    dataset: str
    path: str
    value: JsonValue = field(repr=False)

    @property
    def field_name(self) -> str:
        """The name of the field in the catalogue: without the numbers of rows."""
        return ".".join(step.partition("[")[0] for step in self.path.split(".")[1:])


@dataclass(frozen=True, slots=True)
class Cents:
    """An amount in a sentence."""

    amount: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class Percentage:
    """A share in a sentence, as a part of one; shown with so many decimals."""

    share: Fraction = field(repr=False)
    decimals: int = 1


WordValue = Union[str, int, date, Month, Period, Cents, Percentage, Text, "Words"]


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence of the catalogue with the values in it."""

    key: str
    values: tuple[tuple[str, WordValue], ...] = field(default=(), repr=False)

    def in_language(self, language: str) -> str:
        return sentence(self.key, language, **{name: said(value, language) for name, value in self.values})


def words(key: str, **values: WordValue) -> Words:
    return Words(key, tuple(values.items()))


@dataclass(frozen=True, slots=True)
class Term:
    """What is added: an amount, in words what it is, and the fields it comes from."""

    words: Words
    cents: int = field(repr=False)
    origins: tuple[Origin, ...]

    def __post_init__(self) -> None:
        if not self.origins:
            raise FigureWithoutOrigin("expected a term of a figure to have an origin")


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money: always exactly the sum of its terms."""

    figure: FigureId
    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        if not self.terms:
            raise FigureWithoutOrigin("expected a figure to have terms")

    @property
    def cents(self) -> int:
        return sum(term.cents for term in self.terms)

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Every field behind it, once, in the order of the terms."""
        return tuple({(o.document, o.path): o for term in self.terms for o in term.origins}.values())

    def steps(self, language: str) -> tuple[str, ...]:
        """How it was computed, a sentence for each term and one for the sum."""
        each = [f"{term.words.in_language(language)}: {format_cents(term.cents, language)}" for term in self.terms]
        return (*each, sentence("insight.steps.sum", language, amount=format_cents(self.cents, language)))

    def as_term(self, label: Words) -> Term:
        """This amount as a term of a larger one."""
        return Term(label, self.cents, self.origins)

    @classmethod
    def of(cls, figure: FigureId, terms: Iterable[Term]) -> "Amount | None":
        """The amount of these terms; None when there are none: nothing is known, which is not zero."""
        found = tuple(terms)
        return cls(figure, found) if found else None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of one, exact, of amounts that have origins; `explained` says how it was computed."""

    figure: FigureId
    value: Fraction = field(repr=False)
    of: tuple[Amount, ...]
    explained: tuple[Words, ...]

    @property
    def origins(self) -> tuple[Origin, ...]:
        return tuple({(o.document, o.path): o for amount in self.of for o in amount.origins}.values())

    def steps(self, language: str) -> tuple[str, ...]:
        return tuple(step.in_language(language) for step in self.explained)


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes away from zero, as money is rounded on paper."""
    whole = (abs(value.numerator) * 2 + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


def percent_in_words(share: Fraction, language: str, decimals: int = 1) -> str:
    """`12,5%` in Dutch, `12.5%` in English."""
    scaled = half_up(share * 100 * 10**decimals)
    digits = f"{abs(scaled):0{decimals + 1}d}"
    shown = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"{'-' if scaled < 0 else ''}{shown if language == 'en' else shown.replace('.', ',')}%"


def said(value: WordValue, language: str) -> str:
    """A value as it stands in a sentence."""
    match value:
        case Cents(amount):
            return format_cents(amount, language)
        case Percentage(share, decimals):
            return percent_in_words(share, language, decimals)
        case Month():
            return month_in_words(value.year, value.number, language)
        case Period():
            until = sentence("insight.until", language)
            return f"{date_in_words(value.first, language)} {until} {date_in_words(value.last, language)}"
        case Text() | Words():
            return value.in_language(language)
        case date():
            return date_in_words(value, language)
    return str(value)
