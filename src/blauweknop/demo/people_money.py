"""What a made-up person owes, gets and pays: study debt, taxes, care and assistance. Cents add up."""

import random
from datetime import date, timedelta
from decimal import Decimal

from blauweknop.demo.people_debts import case
from blauweknop.demo.people_facts import (
    Address,
    Assistance,
    Case,
    Claim,
    Contribution,
    Defaulter,
    Home,
    StudentDebt,
    StudyFinance,
    TaxBill,
)
from blauweknop.demo.people_life import DebtPlan, Life, StudyDebtPlan
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.periods import Month

__all__ = ["assistance", "claim", "contribution", "defaulter", "home", "student_debt", "study_finance", "tax_bill"]

_RATES = {"SF35": Decimal("0.0233"), "SF15_NIEUW": Decimal("0.0229"), "SF15_OUD": Decimal("0.0229"), "SF15_LLLK": Decimal("0.0229")}
_MINIMUM_TERM = {"SF35": 500}
_TERMS = {"SF35": 420}
_PREMIUM = 18_430
_ASSISTANCE_NORM = {"alleenstaand": 140_150, "alleenstaande_ouder": 140_150, "gehuwd_samenwonend": 200_214}


def student_debt(plan: StudyDebtPlan, today: date, rng: random.Random) -> StudentDebt:
    """A study debt in its phase, with the statutory amount as an annuity over the months that are left."""
    balance = int(plan.original * (1 - Decimal(str(plan.paid_share))))
    term = _TERMS.get(plan.regime, 180)
    left = term if plan.began < 0 else max(0, term - plan.began)
    phase = "afgelost" if balance == 0 else "aanloopfase" if plan.began < 24 else "aflosfase"
    statutory = 0 if balance == 0 else max(_annuity(balance, _RATES[plan.regime], max(left, 1)), _MINIMUM_TERM.get(plan.regime, 4_541))
    due = 0 if phase != "aflosfase" else statutory if plan.by_capacity is None else min(statutory, plan.by_capacity)
    return StudentDebt(
        customer_number=f"DUO-{rng.randrange(10**7):07d}",
        regime=plan.regime,
        phase=phase,
        original=plan.original,
        parts=_debt_parts(plan, balance, rng),
        arrears=plan.arrears,
        ratio=_RATES[plan.regime],
        rate_until=date(today.year, 12, 31),
        repayment_start=Month.of(today).plus(24 - plan.began).period.first
        if plan.began < 24
        else Month.of(today).plus(-plan.began).period.first,
        statutory=statutory,
        by_capacity=plan.by_capacity,
        to_pay=due,
        months_left=0 if balance == 0 else left,
        free_months_left=60 if plan.regime != "SF15_OUD" else 0,
    )


def _annuity(balance: int, ratio: Decimal, months: int) -> int:
    monthly = ratio / 12
    return int(balance * monthly / (1 - (1 + monthly) ** -months)) + 1


def _debt_parts(plan: StudyDebtPlan, balance: int, rng: random.Random) -> tuple[tuple[str, int], ...]:
    if balance == 0:
        return (("lening", 0),)
    if plan.regime == "SF15_LLLK":
        return (("levenlanglerenkrediet", balance),)
    travel = balance * rng.randint(8, 18) // 100
    grant = balance * rng.randint(0, 20) // 100 if plan.regime != "SF35" else 0
    parts = (("lening", balance - travel - grant), ("ov", travel), ("prestatiebeurs", grant))
    return tuple(part for part in parts if part[1])


def study_finance(life: Life, today: date) -> StudyFinance | None:
    if not life.student:
        return None
    away = life.away_from_home
    mbo = life.student == "mbo"
    started = date(today.year - 1, 9 if not mbo else 8, 1)
    return StudyFinance(
        True,
        life.student,
        away,
        32_489 if away else 13_065,
        19_870 if mbo else 0,
        0 if mbo else 42_500,
        0,
        True,
        started,
        date(today.year, 12, 31),
    )


def contribution(life: Life, today: date) -> Contribution | None:
    kinds = {
        "wmo": ("Wmo", "wmo_maandbedrag", "Hulp bij het huishouden", 2_160),
        "wlz_laag": ("Wlz", "wlz_laag", "Verblijf in een zorginstelling", 21_240),
        "wlz_hoog": ("Wlz", "wlz_hoog", "Verblijf in een zorginstelling", 128_655),
        "beschermd": ("Wmo", "wmo_beschermd_wonen", "Beschermd wonen", 19_980),
    }
    if life.care not in kinds:
        return None
    law, kind, care, amount = kinds[life.care]
    return Contribution(law, kind, care, amount, date(today.year, 1, 1), 2_431_700, today.year - 2, provisional=kind == "wlz_hoog")


def defaulter(life: Life, today: date) -> Defaulter | None:
    """Someone whose care insurer gave them up; what is still to pay is the balance of the premium case."""
    if not life.defaulter_since:
        return None
    registered = Month.of(today).plus(-life.defaulter_since).period.first
    collection = "broninhouding" if life.assistance or life.benefits else "cjib_acceptgiro"
    return Defaulter(registered, "Zorgverzekeraar De Voorzorg", _PREMIUM, collection, 0)


def tax_bill(life: Life, address: Address, source: str, today: date, rng: random.Random) -> tuple[TaxBill, Case]:
    """The yearly bill of the municipality, and the same amounts as an obligation with events."""
    lines = [("afvalstoffenheffing", "Huishouden", "vast bedrag", 38_412), ("rioolheffing", "Perceel", "vast bedrag", 18_936)]
    if life.owner_value:
        lines.insert(
            0, ("ozb_eigenaar", f"WOZ-waarde € {life.owner_value:,}".replace(",", "."), "0,0742%", life.owner_value * 742 // 10_000)
        )
    total = sum(line[3] for line in lines)
    number = f"{source[:2].upper()}{today.year}-{rng.randrange(10**6):06d}"
    waived = {"volledig": 1.0, "gedeeltelijk": 0.4}.get(life.remission, 0.0)
    paid = 0.0 if waived == 1.0 or life.tax_late else (1.0 - waived) if life.remission == "geen" else 0.2
    plan = DebtPlan("gemeente", "belasting", total, max(1, today.month - 2), paid, late=life.tax_late, waived=waived)
    made = case(plan, today, rng, number)
    dated = made.events[0].moment.astimezone(AMSTERDAM).date()
    bill = TaxBill(number, today.year, dated, dated + timedelta(days=60), tuple(lines), paid > 0.5, life.remission, life.tax_late, made)
    return bill, made


def home(life: Life, address: Address, today: date, rng: random.Random) -> Home | None:
    if not life.owner_value:
        return None
    values = tuple((today.year - 1 - back, round(life.owner_value * (0.955**back) / 1000) * 1000) for back in range(3))
    return Home(
        f"{address.municipality}{rng.randrange(10**8):08d}",
        address,
        rng.randint(80, 340),
        values,
        values[1][0] if rng.random() < 0.3 else None,
    )


def assistance(life: Life, today: date, rng: random.Random) -> Assistance | None:
    """Social assistance with a specification for each of the last twelve months."""
    if not life.assistance:
        return None
    norm = _ASSISTANCE_NORM[life.assistance]
    months = []
    for ago in range(min(12, life.assistance_since), 0, -1):
        month = Month.of(today).plus(-ago)
        withheld = norm // 20
        to_other = 12_500 if life.defaulter_since else 0
        months.append((str(month), month.period.last - timedelta(days=4), norm, withheld, norm - withheld - to_other, to_other))
    began = Month.of(today).plus(-life.assistance_since).period.first
    account = f"NL{rng.randrange(10, 99)}VRBD0{rng.randrange(10**9):09d}"
    return Assistance(life.assistance, began, began + timedelta(days=24), 1, account, "", 0, tuple(months))


def claim(life: Life, source: str, today: date, rng: random.Random) -> Claim | None:
    """Social assistance that must be paid back."""
    if not life.claim:
        return None
    number = f"{source[:2].upper()}-PW-{rng.randrange(10**5):05d}"
    made = case(DebtPlan("gemeente", "bijstand", life.claim, 10, 0.25), today, rng, number)
    first = Month.of(today).plus(-16).period.first
    return Claim(
        "Algemeen",
        "Participatiewet",
        first,
        Month.of(today).plus(-14).period.last,
        True,
        3_500,
        Month.of(today).plus(-9).period.first,
        made,
    )
