"""The contracts of an insurance statement, month by month: pay, hours and private use of a car, as the rules for toetsinkomen need them.

1 rows of one payroll number that follow each other without a gap are one contract, of the form of the newest;
2 pay, hours and car of a period are divided over months by days;
3 a last month of which the next four weeks were not over yet is left out;
4 leave: up to six months without hours, with equal hours before and after, are left out of permanent contracts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from blauweknop.domain.periods import Month, Period
from blauweknop.insight.documents import InsightDocument, Place
from blauweknop.insight.figures import Origin
from blauweknop.insight.income_items import UWV_PAYROLL_NUMBERS
from blauweknop.insight.spreading import share_of

__all__ = ["Contract", "ContractMonth", "PayPeriod", "contracts_of", "without_leave"]

_FOUR_WEEKS = 28
_MOST_MONTHS = 60
"""The rules look back three years, and past a leave."""


@dataclass(frozen=True, slots=True)
class PayPeriod:
    """A loonitem. Hours are hundredths of an hour."""

    period: Period
    pay: int = field(repr=False)
    hours: int = field(repr=False)
    car_value: int = field(repr=False)
    car_contribution: int = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class ContractMonth:
    month: Month
    pay: int = field(repr=False)
    hours: int = field(repr=False)
    car: int = field(repr=False)  # value less own contribution, may be negative


@dataclass(frozen=True, slots=True)
class Contract:
    """`months` oldest first, without gaps from the first month of pay to the last."""

    payroll_number: str
    form: str | None
    is_benefit: bool
    items: tuple[PayPeriod, ...]
    months: tuple[ContractMonth, ...]

    @property
    def origins(self) -> tuple[Origin, ...]:
        return tuple(item.origin for item in self.items)


def contracts_of(document: InsightDocument) -> tuple[Contract, ...]:
    """All contracts and benefits, oldest first.

    Raises:
        MalformedValue: a value of the document is not of its type.
    """
    found: list[tuple[str, str | None, bool, list[PayPeriod]]] = []
    rows = [(relation, _items(relation)) for relation in document.root.rows("inkomstenverhoudingen")]
    for relation, items in sorted((row for row in rows if row[1]), key=lambda row: row[1][0].period):
        number = relation.text("loonheffingennummer") or ""
        said = relation.flag("is_uitkering")
        is_benefit = bool(said) or (said is None and number in UWV_PAYROLL_NUMBERS)
        earlier = next((each for each in reversed(found) if each[0] == number and each[2] == is_benefit), None)
        if earlier is not None and (items[0].period.first - _end(earlier[3])).days <= 1:  # 1
            found[found.index(earlier)] = (number, relation.text("contractvorm"), is_benefit, [*earlier[3], *items])
        else:
            found.append((number, relation.text("contractvorm"), is_benefit, items))
    return tuple(_contract(*each, document.reference_day) for each in found)


def without_leave(months: Sequence[ContractMonth], most: int) -> tuple[ContractMonth, ...]:
    """Step 4: the months without those of a leave."""
    kept: list[ContractMonth] = []
    index = 0
    while index < len(months):
        end = index
        while end < len(months) and months[end].hours == 0:
            end += 1
        leave = kept and 0 < end - index <= most and end < len(months) and kept[-1].hours == months[end].hours
        if leave:
            index = end
        kept.append(months[index])
        index += 1
    return tuple(kept)


def _contract(number: str, form: str | None, is_benefit: bool, items: list[PayPeriod], reference: date) -> Contract:
    return Contract(number, form, is_benefit, tuple(items), _months(items, reference))


def _items(relation: Place) -> list[PayPeriod]:
    found = []
    for row in relation.rows("loonitems"):
        first, last, pay, hours = row.day("periode_start"), row.day("periode_einde"), row.integer("sv_loon"), row.decimal("aantal_uren")
        if first is not None and last is not None and pay is not None and hours is not None:
            value, own = row.integer("waarde_privegebruik_auto") or 0, row.integer("eigen_bijdrage_auto") or 0
            found.append(PayPeriod(Period(first, last), pay, int(hours * 100), value, own, row.origin("sv_loon")))
    return sorted(found, key=lambda item: (item.period, item.origin.path))


def _end(items: Sequence[PayPeriod]) -> date:
    return max(item.period.last for item in items)


def _months(items: Sequence[PayPeriod], reference: date) -> tuple[ContractMonth, ...]:
    end = _end(items)
    last, first = Month.of(end), Month.of(min(item.period.first for item in items))
    if end < last.period.last and (reference - end).days < _FOUR_WEEKS:  # 3
        last = last.plus(-1)
    found: list[ContractMonth] = []
    month = max(first, last.plus(1 - _MOST_MONTHS))
    while month <= last:
        found.append(_month(items, month))
        month = month.plus(1)
    return tuple(found)


def _month(items: Sequence[PayPeriod], month: Month) -> ContractMonth:
    pay = hours = car = 0
    for item in items:  # 2
        if item.period.first <= month.period.last and month.period.first <= item.period.last:
            parts = (item.pay, item.hours, item.car_value - item.car_contribution)
            shares = [share[0] for part in parts if (share := share_of(part, item.period, month))]
            pay, hours, car = pay + shares[0], hours + shares[1], car + shares[2]
    return ContractMonth(month, pay, hours, car)
