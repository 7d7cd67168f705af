"""Toetsinkomen: the yearly income from employment that a mortgage lender counts with, as an indication (rules 8.1.1, DOMAIN 4.2).

 1 there is work now: pay of less than two months ago, with hours, and no benefit; hours in each of the last three months, and none taken
   back in the last four;
 2 a contract that is not permanent, or the only contract with one payment: route C;
 3 a permanent contract of less than four months: none; of less than twenty-four months: route D; else 4;
 4 steady (at most 120% of the year before, no single peak): route A; else route B;
 5 the parts are added, with the own contribution to the pension of a year (NHG adds it; not with on-call work only).

In the routes, last month first, with part-time factor PT and car Z (value of private use less own contribution, at least nothing):
 A  months 1-3 + months 4-12 x PT - Z of 12 months
 B  the lowest of A, and half of (months 1-3 + months 4-24 x PT - Z of 24 months)
 C  the lowest of a third of 36 months with benefits, and 12 months without, each less its Z
 D  the lowest of the last four months x 12, less Z likewise

What the sources leave open is told in the rule pack and in docs/insight.md; where an open point would decide, nothing is computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from blauweknop.catalogue.load_rule_packs import RulePacks
from blauweknop.domain.periods import Month
from blauweknop.domain.rule_pack import RulePack
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.figures import Cents, Percentage, Words, half_up, words
from blauweknop.insight.rules.contracts import Contract, ContractMonth, contracts_of, without_leave
from blauweknop.insight.rules.peaks import level_peaks
from blauweknop.insight.rules.results import Given, RuleInput, RuleRefused, RuleResult, money, money_input, pack_or_refusal, refused

__all__ = ["toetsinkomen"]

_PACK = "hypotheek.toetsinkomen"
_YEAR, _TWO_YEARS, _THREE_YEARS = 12, 24, 36


@dataclass(frozen=True, slots=True)
class _Route:
    """What one contract gives."""

    name: str
    cents: Fraction
    steps: tuple[Words, ...]


_Refusal = str
"""The reason why the rules give no result: the last part of the key of its words."""


def toetsinkomen(
    document: InsightDocument, *, pension_of_a_year: Given[int] | None, on: date, packs: RulePacks
) -> RuleResult | RuleRefused:
    """The toetsinkomen by an insurance statement of UWV; `pension_of_a_year` is the own contribution of the employee, from a salary slip.

    Raises:
        MalformedValue: a value of the document is not of its type.
    """
    pack = pack_or_refusal(packs, _PACK, on)
    if isinstance(pack, RuleRefused):
        return pack
    if document.dataset != "uwv.verzekeringsbericht" or document.reduced or not document.certified:
        return refused(pack, "statement")
    if document.reference_day < _months_before(on, int(pack.number("fresh_months"))):
        return refused(pack, "old_statement")
    contracts = contracts_of(document)
    working = [contract for contract in contracts if _works_now(contract, document.reference_day, pack)]  # 1
    if not working:
        return refused(pack, "not_working")
    routes = _routes(contracts, working, document, pack)
    if isinstance(routes, _Refusal):
        return refused(pack, routes)
    return _result(pack, routes, working, pension_of_a_year)


def _result(pack: RulePack, routes: Sequence[_Route], working: Sequence[Contract], pension: Given[int] | None) -> RuleResult:
    inputs = [_pay_input(contract) for contract in working]
    total = sum((route.cents for route in routes), Fraction(0))
    steps = [step for route in routes for step in route.steps]
    notices = [words("insight.rule.notice.months")]
    if pension is None:
        notices.append(words("insight.rule.notice.no_pension"))
    elif all(contract.form in pack.words["on_call"] for contract in working):
        notices.append(words("insight.rule.notice.on_call_pension"))
    else:  # 5
        inputs.append(money_input("pension", pension))
        total += pension.value
        steps.append(words("insight.rule.step.pension", amount=Cents(pension.value)))
        notices.append(words("insight.rule.notice.pension_sign"))
    if len(working) > 1:
        notices.append(words("insight.rule.notice.several_contracts"))
    notices += _notices_of_hours(working, routes, pack)
    steps.append(words("insight.rule.step.together", amount=Cents(half_up(total))))
    return RuleResult(pack, (money("toetsinkomen", half_up(total)),), tuple(inputs), tuple(steps), tuple(notices))


def _pay_input(contract: Contract) -> RuleInput:
    pay = sum(item.pay for item in contract.items)
    return RuleInput(words("insight.rule.input.pay", periods=len(contract.items)), Cents(pay), contract.origins)


def _notices_of_hours(working: Sequence[Contract], routes: Sequence[_Route], pack: RulePack) -> list[Words]:
    flexible = any(route.name in "CD" for route in routes)
    most = int(pack.number("many_hours_flexible" if flexible else "many_hours"))
    last = [sum(month.hours for contract in working for month in contract.months[-ago:][:1]) for ago in (1, 2, 3)]
    return [words("insight.rule.notice.many_hours", hours=most)] if any(hours > most * 100 for hours in last) else []


def _works_now(contract: Contract, reference: date, pack: RulePack) -> bool:
    newest = max(contract.items, key=lambda item: item.period)
    fresh = newest.period.last > _months_before(reference, int(pack.number("working_months")))
    return fresh and newest.hours > 0 and not contract.is_benefit


def _routes(
    contracts: Sequence[Contract], working: Sequence[Contract], document: InsightDocument, pack: RulePack
) -> list[_Route] | _Refusal:
    if any(_hours_fail(contract) for contract in working):
        return "hours"
    flexible = [contract for contract in working if _is_flexible(contract, working, pack)]  # 2
    found = [_permanent(contract, pack) for contract in working if contract not in flexible]  # 3, 4
    if flexible:
        others = [contract for contract in contracts if contract not in working]
        found.append(_route_c([*flexible, *others], document))
    routes: list[_Route] = []
    for route in found:
        if isinstance(route, _Refusal):
            return route
        routes.append(route)
    return routes


def _is_flexible(contract: Contract, working: Sequence[Contract], pack: RulePack) -> bool:
    only_payment = len(working) == 1 and len(contract.items) == 1
    return only_payment or contract.form not in pack.words["permanent"]


def _hours_fail(contract: Contract) -> bool:
    """Step 1: a month without hours among the last three, or hours taken back in the last four."""
    since = contract.months[-4:][0].month.period.first if contract.months else date.max
    taken_back = any(item.hours < 0 and item.period.last >= since for item in contract.items)
    return taken_back or any(month.hours <= 0 for month in contract.months[-3:])


def _permanent(contract: Contract, pack: RulePack) -> _Route | _Refusal:
    months = without_leave(contract.months, int(pack.number("leave_periods")))[::-1]  # last month first
    if len(months) < pack.number("least_periods"):
        return "short_contract"
    if len(months) < pack.number("long_periods"):
        return _route_d(months)
    levelled = level_peaks(months, pack)
    if levelled is None:
        return "peak"
    if sum(month.hours for month in months[:_YEAR]) <= 0:
        return "hours"
    pay, part_time = levelled.pay, _part_time(months, pack)
    route_a = sum(pay[:3]) + sum(pay[3:_YEAR]) * part_time - _car(months[:_YEAR])
    grown = sum(pay[:_YEAR]) > sum(month.pay for month in months[_YEAR:_TWO_YEARS]) * pack.number("steady_growth")
    factor = words("insight.rule.step.part_time", share=Percentage(part_time))
    said_a = words("insight.rule.step.route_a", amount=Cents(half_up(route_a)))
    if not grown and not levelled.single_peak:
        return _Route("A", route_a, (factor, said_a))
    two_years = (sum(pay[:3]) + sum(pay[3:_TWO_YEARS]) * part_time - _car(months[:_TWO_YEARS])) / 2
    route_b = min(two_years, route_a)
    said_b = words("insight.rule.step.route_b", year=Cents(half_up(route_a)), two=Cents(half_up(two_years)), amount=Cents(half_up(route_b)))
    return _Route("B", route_b, (factor, said_b))


def _part_time(months: Sequence[ContractMonth], pack: RulePack) -> Fraction:
    """1 while hours are steady; else how the least of the last three months compares with the months before."""
    last, year = sum(month.hours for month in months[:3]), sum(month.hours for month in months[:_YEAR])
    if Fraction(last, 3) / Fraction(year, _YEAR) >= pack.number("steady_hours"):
        return Fraction(1)
    before = sum(month.hours for month in months[3:15])
    return min(Fraction(1), Fraction(min(month.hours for month in months[:3]) * 12, before)) if before > 0 else Fraction(1)


def _route_c(contracts: Sequence[Contract], document: InsightDocument) -> _Route | _Refusal:
    if document.months is not None and document.months < _THREE_YEARS:
        return "three_years"
    told = [month.month for contract in contracts for month in contract.months if not contract.is_benefit]
    if not told:
        return "short_contract"
    last = max(told)
    three = _total(contracts, last, _THREE_YEARS, benefits=True)
    year = _total(contracts, last, _YEAR, benefits=False)
    lowest = min(three / 3, year)
    said = words("insight.rule.step.route_c", three=Cents(half_up(three / 3)), year=Cents(half_up(year)), amount=Cents(half_up(lowest)))
    return _Route("C", lowest, (said,))


def _total(contracts: Sequence[Contract], last: Month, count: int, *, benefits: bool) -> Fraction:
    first = last.plus(1 - count)
    inside = [
        month
        for contract in contracts
        for month in contract.months
        if first <= month.month <= last and (benefits or not contract.is_benefit)
    ]
    return Fraction(sum(month.pay for month in inside)) - _car(inside)


def _route_d(months: Sequence[ContractMonth]) -> _Route:
    lowest = min(months[:4], key=lambda month: month.pay - max(0, month.car))
    amount = Fraction((lowest.pay - max(0, lowest.car)) * 12)
    return _Route("D", amount, (words("insight.rule.step.route_d", month=lowest.month, pay=Cents(lowest.pay), amount=Cents(int(amount))),))


def _car(months: Sequence[ContractMonth]) -> int:
    return max(0, sum(month.car for month in months))


def _months_before(day: date, months: int) -> date:
    """The same day so many months earlier; where a month is too short its last day."""
    month = Month.of(day).plus(-months)
    return date(month.year, month.number, min(day.day, month.period.last.day))
