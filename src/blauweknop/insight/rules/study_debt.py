"""Paying back a study debt to DUO, and what it counts for in a mortgage (DOMAIN 4.1 and 4.3).

Repayment, for single people without children, under SF35, SF15 new and the lifelong learning credit:
 1 statutory   the annuity over the months that are left, and at least the smallest amount of the regime
 2 capacity    (income - exemption x taxable minimum wage) x share / 12, and at least nothing
 3 to pay      the lowest of the two
In a year of which the minimum wage and the smallest amounts are not known, only the annuity, under its own name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from blauweknop.catalogue.load_rule_packs import RulePacks
from blauweknop.domain.rule_pack import RulePack
from blauweknop.insight.collection import Collection
from blauweknop.insight.figures import Cents, Percentage, Words, half_up, words
from blauweknop.insight.rules.results import (
    Given,
    RuleInput,
    RuleRefused,
    RuleResult,
    given,
    money,
    money_input,
    pack_or_refusal,
    refused,
)

__all__ = ["Household", "StudyDebt", "duo_repayment", "study_debt_in_mortgage", "study_debts_of"]

_REPAYMENT, _MORTGAGE = "duo.terugbetalen", "hypotheek.studieschuld"
_REGIMES = ("SF35", "SF15_NIEUW", "SF15_LLLK")
_WAGE = "taxable_minimum_wage"
_HIGHEST_RATE = Fraction(1, 4)
_MOST_MONTHS = 600


class Household(StrEnum):
    SINGLE = "single"
    SINGLE_PARENT = "single_parent"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class StudyDebt:
    """What a rule needs of a study debt."""

    regime: Given[str]
    phase: Given[str]
    balance: Given[int]
    rate: Given[Decimal]  # of a year, as a part of one
    months_left: Given[int]
    to_pay: Given[int]
    statutory: Given[int] | None = None
    """The statutory amount as DUO computed it, to say beside ours."""


def study_debts_of(collection: Collection) -> Iterator[StudyDebt]:
    """The study debt in the newest document of DUO, when all that a rule needs is in it."""
    for root in collection.of("duo.studieschuld"):
        regime, phase = root.text("terugbetaalregime"), root.text("fase")
        balance, rate = root.integer("schuldsaldo_inclusief_rente"), root.decimal("rentepercentage")
        months, to_pay = root.integer("resterende_maanden"), root.integer("te_betalen_maandbedrag")
        stated = root.integer("wettelijk_maandbedrag")
        if regime is None or phase is None or balance is None or rate is None or months is None or to_pay is None:
            continue
        yield StudyDebt(
            given(regime, root.origin("terugbetaalregime")),
            given(phase, root.origin("fase")),
            given(balance, root.origin("schuldsaldo_inclusief_rente")),
            given(rate, root.origin("rentepercentage")),
            given(months, root.origin("resterende_maanden")),
            given(to_pay, root.origin("te_betalen_maandbedrag")),
            None if stated is None else given(stated, root.origin("wettelijk_maandbedrag")),
        )


def duo_repayment(
    debt: StudyDebt, *, income: Given[int] | None, household: Household, on: date, packs: RulePacks
) -> RuleResult | RuleRefused:
    """What someone pays back each month; without income only the statutory amount.

    `income` is the toetsingsinkomen of the reference year, two years before; it plays no part where the rule knows no minimum wage.
    """
    pack = pack_or_refusal(packs, _REPAYMENT, on)
    if isinstance(pack, RuleRefused):
        return pack
    regime = debt.regime.value
    if regime not in _REGIMES:
        return refused(pack, "regime")
    if debt.balance.value <= 0 or debt.phase.value == "afgelost":
        return refused(pack, "nothing_owed")
    rate = Fraction(debt.rate.value)
    if not 0 < debt.months_left.value <= _MOST_MONTHS or not 0 <= rate <= _HIGHEST_RATE:
        return refused(pack, "term")
    notices = tuple(_notices(pack, debt))
    if not pack.knows(_WAGE):
        amount, said = _annuity_said(debt, rate)
        return RuleResult(
            pack, (money("annuity", amount),), tuple(_inputs(debt)), (said,), (*notices, words("insight.rule.notice.no_wage"))
        )
    if income is not None and household is not Household.SINGLE:
        return refused(pack, "household")
    if income is not None and income.value < 0:
        return refused(pack, "income")
    statutory, steps = _statutory(pack, regime, debt, rate)  # 1
    inputs = [*_inputs(debt)]
    if income is None:
        return RuleResult(pack, (money("statutory", statutory),), tuple(inputs), steps, (*notices, words("insight.rule.notice.no_income")))
    capacity, more = _capacity(pack, regime, income.value)  # 2
    year = on.year - int(pack.number("years_back"))
    inputs.append(RuleInput(words("insight.rule.input.income_of", year=str(year)), Cents(income.value), income.origins))
    to_pay = min(statutory, capacity)  # 3
    outcomes = (money("to_pay", to_pay), money("statutory", statutory), money("capacity", capacity))
    last = words("insight.rule.step.lowest", one=Cents(statutory), other=Cents(capacity), amount=Cents(to_pay))
    return RuleResult(pack, outcomes, tuple(inputs), (*steps, *more, last), notices)


def _notices(pack: RulePack, debt: StudyDebt) -> Iterator[Words]:
    """What the document says that a person should know beside what is computed."""
    if debt.phase.value != "aflosfase":
        yield words("insight.rule.notice.not_paying_yet")
    if debt.statutory is not None:
        yield words("insight.rule.notice.stated", amount=Cents(debt.statutory.value))
    name = f"rate_{debt.regime.value}"
    if pack.knows(name) and pack.number(name) != Fraction(debt.rate.value):
        told, known = Percentage(Fraction(debt.rate.value), 2), Percentage(pack.number(name), 2)
        yield words("insight.rule.notice.other_rate", told=told, known=known)


def _inputs(debt: StudyDebt) -> Iterator[RuleInput]:
    yield RuleInput(words("insight.rule.input.regime"), words(f"insight.rule.regime.{debt.regime.value}"), debt.regime.origins)
    yield money_input("balance", debt.balance)
    yield RuleInput(words("insight.rule.input.rate"), Percentage(Fraction(debt.rate.value), 2), debt.rate.origins)
    yield RuleInput(words("insight.rule.input.months_left"), debt.months_left.value, debt.months_left.origins)


def _statutory(pack: RulePack, regime: str, debt: StudyDebt, rate: Fraction) -> tuple[int, tuple[Words, ...]]:
    annuity, said = _annuity_said(debt, rate)
    least = int(pack.number(f"least_{regime}"))
    if annuity >= least:
        return annuity, (said,)
    return least, (said, words("insight.rule.step.least", amount=Cents(least)))


def _annuity_said(debt: StudyDebt, rate: Fraction) -> tuple[int, Words]:
    balance, months = debt.balance.value, debt.months_left.value
    amount = half_up(_annuity(balance, rate / 12, months))
    said = words("insight.rule.step.annuity", balance=Cents(balance), rate=Percentage(rate, 2), months=months, amount=Cents(amount))
    return amount, said


def _annuity(balance: int, monthly: Fraction, months: int) -> Fraction:
    """The equal amount each month that pays off a balance with its interest."""
    if monthly == 0:
        return Fraction(balance, months)
    return balance * monthly / (1 - (1 + monthly) ** -months)


def _capacity(pack: RulePack, regime: str, income: int) -> tuple[int, tuple[Words, ...]]:
    wage, exempt, share = pack.number(_WAGE), pack.number(f"exemption_{regime}"), pack.number(f"share_{regime}")
    free = wage * exempt
    capacity = half_up(max(Fraction(0), income - free) * share / 12)
    steps = (
        words("insight.rule.step.exemption", share=Percentage(exempt, 0), wage=Cents(int(wage)), amount=Cents(half_up(free))),
        words(
            "insight.rule.step.capacity",
            income=Cents(income),
            free=Cents(half_up(free)),
            share=Percentage(share, 0),
            amount=Cents(capacity),
        ),
    )
    return capacity, steps


def study_debt_in_mortgage(debt: StudyDebt, *, test_rate: Given[Decimal], on: date, packs: RulePacks) -> RuleResult | RuleRefused:
    """The monthly cost that a lender counts with: what is really paid each month, times a factor by the test rate (toetsrente)."""
    pack = pack_or_refusal(packs, _MORTGAGE, on)
    if isinstance(pack, RuleRefused):
        return pack
    if debt.balance.value <= 0 or debt.phase.value == "afgelost":
        return refused(pack, "nothing_owed")
    if debt.phase.value != "aflosfase":
        return refused(pack, "phase")
    rate = Fraction(test_rate.value)
    if not 0 < rate <= _HIGHEST_RATE:
        return refused(pack, "test_rate")
    factor = pack.bands["grossing_up"].value_for(rate)
    amount = debt.to_pay.value
    cost = half_up(amount * factor)
    shown = f"{half_up(factor * 100) / 100:.2f}"
    steps = (
        words("insight.rule.step.factor", rate=Percentage(rate, 2), factor=shown),
        words("insight.rule.step.cost", amount=Cents(amount), factor=shown, cost=Cents(cost)),
    )
    inputs = (
        money_input("to_pay", debt.to_pay),
        RuleInput(words("insight.rule.input.test_rate"), Percentage(rate, 2), test_rate.origins),
    )
    return RuleResult(pack, (money("cost", cost),), inputs, steps, (words("insight.rule.notice.box1"),))
