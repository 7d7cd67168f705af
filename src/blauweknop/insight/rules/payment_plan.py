"""The payment plan of the State (Betalingsregeling Rijk), as an indication (DOMAIN 4.4), and what someone can pay by an attested amount.

 1 a debt of less than the smallest, or a debt by own fault: none
 2 left = income - social minimum; nothing left: no automatic plan
 3 in the number of months by the size of the debt, when each term fits in what is left: standard
 4 with all that is left each month, when that takes less than 72 months: tailored
 5 else: contact

The social minimum, beslagvrije voet and VTLB are never computed here: for none of them a formula with figures of now was found. They come
in as amounts that someone who may set them has attested.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil

from blauweknop.catalogue.load_rule_packs import RulePacks
from blauweknop.domain.errors import MalformedValue
from blauweknop.insight.figures import Cents, Words, words
from blauweknop.insight.rules.results import (
    Given,
    RuleInput,
    RuleOutcome,
    RuleRefused,
    RuleResult,
    count,
    money,
    money_input,
    pack_or_refusal,
    refused,
)

__all__ = ["Attested", "AttestedKind", "Plan", "capacity_by", "payment_plan"]

_PACK = "rijk.betalingsregeling"


class Plan(StrEnum):
    STANDARD = "standard"
    TAILORED = "tailored"
    CONTACT = "contact"


class AttestedKind(StrEnum):
    SOCIAL_MINIMUM = "social_minimum"
    BESLAGVRIJE_VOET = "beslagvrije_voet"
    VTLB = "vtlb"


@dataclass(frozen=True, slots=True)
class Attested:
    """An amount a month that someone set who may: a counsellor, a bailiff, an administrator. It is shown with who and when."""

    kind: AttestedKind
    cents: int = field(repr=False)
    by: str
    on: date

    def __post_init__(self) -> None:
        if self.cents < 0 or not self.by.strip():
            raise MalformedValue("expected an attested amount that is not negative, and the name of who attests it")


def capacity_by(attested: Attested, net_income: Given[int]) -> tuple[int, Words]:
    """What is left of an income a month above an attested amount (afloscapaciteit = income - VTLB), with the step in words."""
    left = max(0, net_income.value - attested.cents)
    said = words(
        "insight.rule.step.left",
        income=Cents(net_income.value),
        minimum=Cents(attested.cents),
        kind=words(f"insight.rule.attested.{attested.kind}"),
        by=attested.by,
        day=attested.on,
        amount=Cents(left),
    )
    return left, said


def payment_plan(
    debt: Given[int], *, income: Given[int], minimum: Attested, by_own_fault: bool, on: date, packs: RulePacks
) -> RuleResult | RuleRefused:
    """Which plan there may be for a debt to an organisation of the State; income is net, a month."""
    pack = pack_or_refusal(packs, _PACK, on)
    if isinstance(pack, RuleRefused):
        return pack
    if minimum.kind is not AttestedKind.SOCIAL_MINIMUM:
        return refused(pack, "minimum")
    if debt.value < pack.number("least_debt"):  # 1
        return refused(pack, "small_debt", least=Cents(int(pack.number("least_debt"))))
    if by_own_fault:
        return refused(pack, "own_fault")
    left, said = capacity_by(minimum, income)
    if left <= 0:  # 2
        return refused(pack, "nothing_left")
    inputs = (
        money_input("debt", debt),
        money_input("net_income", income),
        RuleInput(words("insight.rule.input.minimum_by", by=minimum.by, day=minimum.on), Cents(minimum.cents), ()),
    )
    terms = int(pack.bands["terms"].value_for(Fraction(debt.value)))
    outcomes, step = _plan(debt.value, left, terms, int(pack.number("most_months")))
    return RuleResult(pack, outcomes, inputs, (said, step))


def _plan(debt: int, left: int, terms: int, most_months: int) -> tuple[tuple[RuleOutcome, ...], Words]:
    term = ceil(Fraction(debt, terms))
    if Fraction(debt, terms) <= left:  # 3
        step = words("insight.rule.step.standard", debt=Cents(debt), terms=terms, term=Cents(term), left=Cents(left))
        return (_said(Plan.STANDARD), count("months", terms), money("amount", term)), step
    if Fraction(debt, left) < most_months:  # 4
        months = ceil(Fraction(debt, left))
        step = words("insight.rule.step.tailored", debt=Cents(debt), terms=terms, term=Cents(term), left=Cents(left), months=months)
        return (_said(Plan.TAILORED), count("months", months), money("amount", left)), step
    step = words("insight.rule.step.contact", debt=Cents(debt), left=Cents(left), most=most_months)  # 5
    return (_said(Plan.CONTACT),), step


def _said(plan: Plan) -> RuleOutcome:
    return RuleOutcome(f"plan.{plan}", words(f"insight.rule.outcome.plan.{plan}"))
