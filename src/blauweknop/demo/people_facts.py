"""What sources know of a made-up person: plain facts, in our own words. How each source stores them is written elsewhere.

Money is integer cents, except WOZ values (whole euros).
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from blauweknop.domain.dates import PartialDate
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.texts import Text

__all__ = [
    "Address",
    "Assistance",
    "Benefit",
    "BenefitSlip",
    "Case",
    "Claim",
    "Contribution",
    "Defaulter",
    "Event",
    "Home",
    "Job",
    "Partner",
    "PayItem",
    "Person",
    "StudentDebt",
    "StudyFinance",
    "Suspension",
    "TaxBill",
]


@dataclass(frozen=True, slots=True)
class Address:
    """`kind` is Adres, Locatie or VerblijfplaatsBuitenland; `country` only for the last."""

    kind: str
    street: str = ""
    number: int = 0
    letter: str = ""
    addition: str = ""
    postcode: str = ""
    town: str = ""
    municipality: str = ""  # code of four digits
    description: str = ""
    country: str = ""
    since: PartialDate = field(default_factory=lambda: PartialDate(None))
    postal_only: bool = False


@dataclass(frozen=True, slots=True)
class Partner:
    given_name: str
    prefix: str
    family_name: str
    kind: str  # H or P
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """Why the population register no longer keeps the record: O deceased, E emigrated."""

    reason: str
    since: date


@dataclass(frozen=True, slots=True)
class StudentDebt:
    customer_number: str
    regime: str
    phase: str
    original: int
    parts: tuple[tuple[str, int], ...]
    arrears: int
    ratio: Decimal
    rate_until: date
    repayment_start: date
    statutory: int
    by_capacity: int | None
    to_pay: int
    months_left: int
    free_months_left: int

    @property
    def balance(self) -> int:
        return sum(amount for _, amount in self.parts)


@dataclass(frozen=True, slots=True)
class StudyFinance:
    receives: bool
    level: str
    away_from_home: bool
    basic_grant: int
    extra_grant: int
    loan: int
    fee_loan: int
    travel: bool
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class PayItem:
    first: date
    last: date
    hours: Decimal
    pay: int
    car_value: int | None = None
    car_contribution: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An income relation as UWV keeps it: a job, or a benefit paid by UWV."""

    employer: str
    wage_tax_number: str
    contract: str | None
    laws: str
    is_benefit: bool
    items: tuple[PayItem, ...]


@dataclass(frozen=True, slots=True)
class BenefitSlip:
    first: date
    last: date
    gross: int
    net: int


@dataclass(frozen=True, slots=True)
class Benefit:
    kind: str
    four_weeks: bool
    tax_credit: bool
    supplement: bool
    right_until: date | None
    slips: tuple[BenefitSlip, ...]
    seized: bool = False
    fined: bool = False
    reduced: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    law: str
    kind: str
    care: str
    amount: int
    first: date
    income: int
    income_year: int
    provisional: bool


@dataclass(frozen=True, slots=True)
class Defaulter:
    registered: date
    insurer: str
    premium: int
    collection: str
    still_to_pay: int


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about an obligation, after the FCID; amounts are positive."""

    kind: str
    reference: str
    moment: datetime
    amount: int
    text: str = ""
    obligation_type: str = ""
    category: str = ""
    request_kind: str = ""
    payment_reference: str = ""
    due: date | None = None
    decision: str = ""
    law: str = ""
    law_url: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one obligation; what is owed follows from its events."""

    number: str
    text: str
    events: tuple[Event, ...]
    overdue: int = 0

    @property
    def obliged(self) -> int:
        return sum(event.amount for event in self.events if event.kind == "FinancieleVerplichtingOpgelegd")

    @property
    def settled(self) -> int:
        kinds = ("BetalingVerwerkt", "FinancieleVerplichtingKwijtgescholden")
        return sum(event.amount for event in self.events if event.kind in kinds)

    @property
    def balance(self) -> int:
        return self.obliged - self.settled


@dataclass(frozen=True, slots=True)
class TaxBill:
    number: str
    year: int
    dated: date
    due: date
    lines: tuple[tuple[str, str, str, int], ...]  # kind, basis, rate, amount
    direct_debit: bool
    remission: str
    writ: bool
    case: Case


@dataclass(frozen=True, slots=True)
class Home:
    """A dwelling with its values by year of reference, newest first, in whole euros."""

    number: str
    address: Address
    area: int
    values: tuple[tuple[int, int], ...]
    objection_year: int | None = None


@dataclass(frozen=True, slots=True)
class Assistance:
    living: str
    first: date
    granted: date
    cost_sharers: int
    account: str
    stopped: str
    exempted: int
    months: tuple[tuple[str, date, int, int, int, int], ...]  # month, paid on, norm, withheld, paid to client, paid to someone else


@dataclass(frozen=True, slots=True)
class Claim:
    """What a person must pay back of social assistance."""

    kind: str
    scheme: str
    first: date
    last: date
    gross: bool
    monthly: int
    agreed: date
    case: Case


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person. Everything that is absent is not known at the source that would know it."""

    id: str
    description: Text
    bsn: Bsn
    given_name: str
    prefix: str
    family_name: str
    gender: str
    name_use: str
    birth: PartialDate
    birth_place: str  # code of a municipality, or a name abroad
    birth_country: str
    municipality: str  # id of the source: denhaag or dichtbij
    address: Address
    registered: PartialDate
    nationalities: tuple[str, ...]
    partner: Partner | None = None
    children: tuple[PartialDate, ...] = ()
    guardianship: bool = False
    secrecy: bool = False
    under_investigation: bool = False  # the address
    suspension: Suspension | None = None
    student_debt: StudentDebt | None = None
    study_finance: StudyFinance | None = None
    jobs: tuple[Job, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    contribution: Contribution | None = None
    defaulter: Defaulter | None = None
    known_to_cak: bool = False
    tax: TaxBill | None = None
    home: Home | None = None
    assistance: Assistance | None = None
    claims: tuple[Claim, ...] = ()
    cases: tuple[tuple[str, Case], ...] = ()  # source id, case

    @property
    def surname(self) -> str:
        return f"{self.prefix} {self.family_name}".strip()

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}".strip()

    def cases_at(self, source: str) -> tuple[Case, ...]:
        return tuple(case for where, case in self.cases if where == source)
