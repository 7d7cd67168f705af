"""What an overview loses when a document goes, in sentences: the overview as it is, beside the one without that document."""

from collections.abc import Iterator

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.money import format_cents
from blauweknop.insight import Amount, Overview

__all__ = ["effects_of"]


def effects_of(before: Overview, after: Overview, language: str) -> tuple[str, ...]:
    """One sentence for each figure that changes; none when all stay."""
    return (*_income(before, after, language), *_amounts(before, after, language), *_calendar(before, after, language))


def _income(before: Overview, after: Overview, language: str) -> Iterator[str]:
    pairs = [(old.total, new.total) for old, new in zip(before.income.months, after.income.months, strict=True)]
    gone = sum(old is not None and new is None for old, new in pairs)
    other = sum(old is not None and new is not None and old.cents != new.cents for old, new in pairs)
    for name, count in (("income_gone", gone), ("income_other", other)):
        if count:
            yield sentence(f"holder.remove.effect.{name}", language, count=count)


def _amounts(before: Overview, after: Overview, language: str) -> Iterator[str]:
    figures = (
        ("debts", before.debts.total, after.debts.total),
        ("arrears", before.debts.arrears, after.debts.arrears),
        ("obligations", before.obligations.total, after.obligations.total),
    )
    for name, old, new in figures:
        if _said(old, language) != _said(new, language):
            yield sentence(f"holder.remove.effect.{name}", language, before=_said(old, language), after=_said(new, language))


def _calendar(before: Overview, after: Overview, language: str) -> Iterator[str]:
    fewer = len(before.calendar) - len(after.calendar)
    if fewer > 0:
        yield sentence(f"holder.remove.effect.calendar{'.one' if fewer == 1 else ''}", language, count=fewer)


def _said(amount: Amount | None, language: str) -> str:
    return sentence("holder.remove.unknown", language) if amount is None else format_cents(amount.cents, language)
