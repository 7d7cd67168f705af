"""Ordinary lives by chance, in the shares that make an exercise useful rather than those of the country."""

import random
from datetime import date, timedelta

from blauweknop.demo.people_life import BenefitPlan, DebtPlan, JobPlan, Life, StudyDebtPlan
from blauweknop.domain.dates import PartialDate

__all__ = ["life_by_chance"]

_WOMEN = (
    "Emma",
    "Sophie",
    "Fenna",
    "Aaltje",
    "Chloë",
    "Naïma",
    "Ayşe",
    "Zofia",
    "Ingrid",
    "Marloes",
    "Ruth",
    "Esmée",
    "Oluwaseun",
    "Siobhán",
    "Živa",
)
_MEN = (
    "Daan",
    "Sem",
    "Bjørn",
    "Çağlar",
    "Tomáš",
    "Ruben",
    "Kees",
    "René",
    "Ștefan",
    "Abdullah",
    "Gijs",
    "Jean-Luc",
    "Nguyễn",
    "Øyvind",
    "Þór",
)
_FAMILIES = (
    "|Bakker",
    "de|Groot",
    "van|Dijk",
    "|Mulder",
    "|Özdemir",
    "|Nowák",
    "van den|Berg",
    "|Bouzid",
    "|Kovačević",
    "|Çelik",
    "ter|Haar",
    "|Ğül",
    "|Ørsted",
    "in 't|Veld",
    "|Lefèvre",
    "|Santos Araújo",
    "op den|Kamp",
    "|Żukowska",
    "|Huỳnh",
    "van 't|Hoff",
    "|Bērziņš",
    "|Nuñez",
    "|Ťažký",
)
_EMPLOYERS = (
    "Bakkerij Het Gouden Graan",
    "Transportbedrijf Zuiderwind B.V.",
    "Thuiszorg Dichtbij U",
    "Garage Van Vliet B.V.",
    "Drukkerij De Letterbak",
    "Hoveniersbedrijf Groenrijk",
    "Ziekenhuis Sint Voorbeeld",
    "Softwarehuis Puntkomma B.V.",
    "Bouwbedrijf De Hoeksteen B.V.",
    "Restaurant De Oefening",
)
_TOWNS = ("'s-Gravenhage", "'s-Gravenhage", "Boxtel", "Sint-Michielsgestel")


def life_by_chance(index: int, rng: random.Random, today: date) -> Life:
    """The outline of one life."""
    woman = rng.random() < 0.5
    prefix, family = rng.choice(_FAMILIES).split("|")
    age = rng.randint(18, 78)
    born = date(today.year - age, rng.randint(1, 12), rng.randint(1, 28))
    working, retired = 20 < age < 67, age >= 67
    out_of_work = working and rng.random() < 0.25
    assistance = "alleenstaand" if out_of_work and rng.random() < 0.4 else ""
    partner_prefix, partner_family = rng.choice(_FAMILIES).split("|")
    married = age > 28 and rng.random() < 0.5
    trouble = rng.random() < 0.25
    return Life(
        id=f"persoon-{index + 1:04d}",
        given_name=rng.choice(_WOMEN if woman else _MEN) + (f" {rng.choice(_WOMEN if woman else _MEN)}" if rng.random() < 0.3 else ""),
        prefix=prefix,
        family_name=family,
        gender="V" if woman else "M",
        birth=PartialDate(born.year, born.month, born.day) if rng.random() > 0.04 else PartialDate(born.year),
        birth_place=rng.choice(("0518", "0757", "0363", "0599", "0344", "0845")),
        town=rng.choice(_TOWNS),
        addition=rng.choice(("", "", "", "2", "hs", "A3")),
        partner=f"{rng.choice(_MEN if woman else _WOMEN)}|{partner_prefix}|{partner_family}" if married else "",
        married=born + timedelta(days=365 * rng.randint(24, max(25, age - 1))) if married else None,
        children=_children(born, age, rng),
        jobs=_jobs(rng) if working and not assistance else (),
        benefits=(BenefitPlan("WW-Uitkering van UWV", rng.randrange(110_000, 260_000, 50), rng.randint(3, 14), 0),)
        if out_of_work and not assistance
        else (),
        study_debt=StudyDebtPlan(
            rng.choice(("SF35", "SF15_NIEUW")), rng.randrange(300_000, 4_200_000, 100), rng.randint(0, 80) / 100, rng.randint(0, 150)
        )
        if 23 <= age <= 48 and rng.random() < 0.5
        else None,
        student="wo" if 18 <= age <= 23 and rng.random() < 0.6 else "",
        away_from_home=rng.random() < 0.5,
        care=rng.choice(("wmo", "wmo", "beschermd")) if retired and rng.random() < 0.5 else "",
        defaulter_since=rng.randint(3, 40) if trouble and rng.random() < 0.5 else 0,
        assistance=assistance,
        owner_value=rng.randrange(210_000, 890_000, 1000) if age > 30 and not assistance and rng.random() < 0.4 else 0,
        remission="volledig" if assistance else "geen",
        tax_late=trouble and not assistance and rng.random() < 0.5,
        debts=_debts(rng) if trouble else (),
        claim=rng.randrange(20_000, 180_000, 10) if assistance and rng.random() < 0.5 else 0,
    )


def _children(born: date, age: int, rng: random.Random) -> tuple[PartialDate, ...]:
    if age < 26 or rng.random() < 0.5:
        return ()
    dates = [born + timedelta(days=rng.randint(24 * 365, min(age - 1, 42) * 365)) for _ in range(rng.randint(1, 3))]
    return tuple(PartialDate(day.year, day.month, day.day) for day in sorted(dates))


def _jobs(rng: random.Random) -> tuple[JobPlan, ...]:
    employers = rng.sample(_EMPLOYERS, 2)
    wage = rng.randrange(1_560, 4_800, 5)
    rhythm = rng.random() < 0.3
    changed = rng.randint(6, 28)
    now = JobPlan(
        employers[0], wage, rng.choice((16, 24, 32, 36, 38, 40)), 48 if rng.random() < 0.5 else changed, 0, "vast", four_weeks=rhythm
    )
    if now.began == 48:
        return (now,)
    return JobPlan(
        employers[1], max(1_520, wage - 180), 36, 48, changed + 1, "tijdelijk", correction_ago=rng.choice((0, 0, changed + 3))
    ), now


def _debts(rng: random.Random) -> tuple[DebtPlan, ...]:
    choices = (("duo", "achterstand"), ("uwv", "terugvordering"), ("cak", "premie"), ("gemeente", "parkeren"), ("uwv", "boete"))
    return tuple(
        DebtPlan(source, kind, rng.randrange(4_000, 260_000, 5), rng.randint(2, 30), rng.randint(0, 9) / 10, late=rng.random() < 0.6)
        for source, kind in rng.sample(choices, rng.randint(1, 3))
    )
