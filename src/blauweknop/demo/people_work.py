"""Pay and benefits of a made-up person, period by period, as employers and UWV report them."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from blauweknop.demo.people_facts import Benefit, BenefitSlip, Job, PayItem
from blauweknop.demo.people_life import BenefitPlan, JobPlan, Work
from blauweknop.domain.periods import Month, Period, four_week_periods

__all__ = ["HISTORY_MONTHS", "benefit_and_relation", "job"]

HISTORY_MONTHS = 36
_RAISE_PER_YEAR = Decimal("0.035")
_HOLIDAY_SHARE = Decimal("0.08")
_UWV_WAGE_TAX_NUMBERS = {False: "810220351L02", True: "810220351L04"}  # made up, like all numbers here
_ALL_LAWS = "WW, WIA, ZW"


def job(plan: JobPlan, today: date, rng: random.Random) -> Job:
    """A job with its pay of the last 36 months up to the last whole period before today."""
    items: list[PayItem] = []
    for period in _periods(plan.began, plan.ended, today, plan.four_weeks):
        items.append(_pay(plan, period, today, rng))
        if plan.correction_ago and Month.of(period.last) == Month.of(today).plus(-plan.correction_ago) and len(items) > 1:
            items.append(_correction(items[-2]))
    return Job(plan.employer, _wage_tax_number(plan.employer), Work[plan.contract], _ALL_LAWS, False, tuple(items))


def benefit_and_relation(plan: BenefitPlan, today: date) -> tuple[Benefit, Job]:
    """A benefit, once as slips and once as the income relation that UWV keeps of it; the same gross amounts."""
    slips = tuple(_slip(plan, period) for period in _periods(plan.began, plan.ended, today, plan.four_weeks))
    benefit = Benefit(
        plan.kind,
        plan.four_weeks,
        tax_credit=True,
        supplement=plan.supplement,
        right_until=Month.of(today).plus(14).period.last if plan.ended == 0 and plan.kind.startswith("WW") else None,
        slips=slips,
        seized=plan.seized,
        reduced=plan.reduced,
    )
    items = tuple(PayItem(slip.first, slip.last, Decimal("0.00"), slip.gross) for slip in slips)
    return benefit, Job("UWV", _UWV_WAGE_TAX_NUMBERS[plan.four_weeks], None, "ZW, WIA", True, items)


def _periods(began: int, ended: int, today: date, four_weeks: bool) -> Iterator[Period]:
    """Whole pay periods, oldest first: never more than 36 months back and never one that is not over."""
    this_month = Month.of(today)
    first = this_month.plus(-min(began, HISTORY_MONTHS)).period.first
    last = this_month.plus(-ended).period.last if ended else today - timedelta(days=1)
    if four_weeks:
        candidates = [period for year in range(first.year, today.year + 1) for period in four_week_periods(year)]
    else:
        candidates = [this_month.plus(-ago).period for ago in range(HISTORY_MONTHS, -1, -1)]
    return (period for period in candidates if period.first >= first and period.last <= last)


def _pay(plan: JobPlan, period: Period, today: date, rng: random.Random) -> PayItem:
    wage = Decimal(plan.hourly) * (1 - _RAISE_PER_YEAR) ** max(0, today.year - period.last.year)
    hours = _hours(plan, period, rng)
    pay = wage * hours
    if _has_holiday_pay(plan, period):
        pay += wage * Decimal(plan.weekly * 52) * _HOLIDAY_SHARE
    car = plan.car_value or None
    return PayItem(period.first, period.last, hours, int(pay), car, car // 3 if car else None)


def _hours(plan: JobPlan, period: Period, rng: random.Random) -> Decimal:
    whole = Decimal(plan.weekly) * period.days / 7 if plan.four_weeks else Decimal(plan.weekly) * 52 / 12
    if plan.irregular:
        whole *= Decimal(rng.randint(55, 125)) / 100
    return whole.quantize(Decimal("0.01"))


def _has_holiday_pay(plan: JobPlan, period: Period) -> bool:
    """Holiday pay comes with the pay of May."""
    return period.contains(date(period.last.year, 5, 20)) and not plan.irregular


def _correction(earlier: PayItem) -> PayItem:
    """An employer takes back part of an earlier period: negative hours and pay for the same days."""
    hours = (-earlier.hours / 8).quantize(Decimal("0.01"))
    return PayItem(earlier.first, earlier.last, hours, -(earlier.pay // 8))


def _slip(plan: BenefitPlan, period: Period) -> BenefitSlip:
    gross = plan.gross * 12 * period.days // 365 if plan.four_weeks else plan.gross
    return BenefitSlip(period.first, period.last, gross, gross * 79 // 100)


def _wage_tax_number(employer: str) -> str:
    """Nine digits that fail the 11-test, so that none of them can be a person's number, always the same for an employer."""
    seed = random.Random(employer)
    while True:
        digits = f"8{seed.randrange(10**8):08d}"
        weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
        if sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11:
            return f"{digits}L01"
