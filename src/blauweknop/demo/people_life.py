"""The outline of a made-up life, from which the facts at every source follow. Some are written by hand, the others by chance."""

from dataclasses import dataclass, field
from datetime import date

from blauweknop.domain.dates import PartialDate

__all__ = ["BenefitPlan", "DebtPlan", "JobPlan", "Life", "StudyDebtPlan", "Work"]

PERMANENT = "schriftelijke arbeidsovereenkomst voor onbepaalde tijd, geen oproepovereenkomst"
TEMPORARY = "schriftelijke arbeidsovereenkomst voor bepaalde tijd, geen oproepovereenkomst"
ON_CALL = "schriftelijke arbeidsovereenkomst voor bepaalde tijd, oproepovereenkomst"
CIVIL_SERVANT = "publiekrechtelijke aanstelling voor onbepaalde tijd"
Work = {"vast": PERMANENT, "tijdelijk": TEMPORARY, "oproep": ON_CALL, "ambtenaar": CIVIL_SERVANT}


@dataclass(frozen=True, slots=True)
class JobPlan:
    """From and until in months before today: `(30, 8)` began thirty months ago and ended eight months ago, `0` lasts."""

    employer: str
    hourly: int  # cents now; earlier years are lower
    weekly: int = 40
    began: int = 36
    ended: int = 0
    contract: str = "vast"
    four_weeks: bool = False
    car_value: int = 0  # per month
    correction_ago: int = 0  # months: a negative item in that month
    irregular: bool = False  # hours differ per month


@dataclass(frozen=True, slots=True)
class BenefitPlan:
    kind: str
    gross: int  # per month
    began: int
    ended: int = 0
    four_weeks: bool = False
    supplement: bool = False
    seized: bool = False
    reduced: bool = False


@dataclass(frozen=True, slots=True)
class StudyDebtPlan:
    regime: str
    original: int
    paid_share: float
    began: int  # months since repayment began; negative: still to begin
    by_capacity: int | None = None
    arrears: int = 0


@dataclass(frozen=True, slots=True)
class DebtPlan:
    """One obligation: `paid` is the share that was paid, `late` says whether it is overdue with reminders."""

    source: str
    kind: str
    amount: int
    months_ago: int
    paid: float = 0.0
    late: bool = False
    waived: float = 0.0


@dataclass(frozen=True, slots=True)
class Life:
    id: str
    given_name: str
    prefix: str
    family_name: str
    gender: str
    birth: PartialDate
    birth_place: str = "0518"
    birth_country: str = "6030"
    town: str = "'s-Gravenhage"
    addition: str = ""
    letter: str = ""
    since: PartialDate | None = None
    abroad: str = ""  # code of the country that an emigrant lives in
    suspended: str = ""
    location: str = ""
    postal_only: bool = False
    nationalities: tuple[str, ...] = ("0001",)
    partner: str = ""  # given|prefix|family
    partner_kind: str = "H"
    name_use: str = "E"
    married: date | None = None
    divorced: date | None = None
    children: tuple[PartialDate, ...] = ()
    guardianship: bool = False
    secrecy: bool = False
    under_investigation: bool = False
    jobs: tuple[JobPlan, ...] = ()
    benefits: tuple[BenefitPlan, ...] = ()
    study_debt: StudyDebtPlan | None = None
    student: str = ""  # mbo, hbo or wo
    away_from_home: bool = False
    care: str = ""  # wmo, wlz_laag, wlz_hoog or beschermd
    defaulter_since: int = 0  # months
    assistance: str = ""  # alleenstaand, alleenstaande_ouder or gehuwd_samenwonend
    assistance_since: int = 17  # months
    owner_value: int = 0  # whole euros
    remission: str = "geen"
    tax_late: bool = False
    debts: tuple[DebtPlan, ...] = field(default_factory=tuple)
    claim: int = 0
