"""Lives by chance for properties: pay by month or by four weeks with corrections, benefits in two documents, debts with events, history."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from blauweknop.domain.periods import Month, four_week_periods
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.events import ASKED, IMPOSED, PAID
from tests.unit.insight import papers as p

__all__ = ["documents", "relations"]

_MONTHS = [Month(2023, 12).plus(index).period for index in range(35)]
_FOUR_WEEKS = [period for year in (2024, 2025, 2026) for period in four_week_periods(year) if period.last < p.AT]
_CENTS = st.integers(-50_000, 900_000)
_REFERENCES = [date(2025, 6, 30), date(2026, 5, 15), p.AT]


@st.composite
def relations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to three jobs and benefits, each by month or by four weeks, with gaps and now and then a correction of an earlier period."""
    made: list[dict[str, Any]] = []
    for index in range(draw(st.integers(0, 3))):
        periods = _FOUR_WEEKS if draw(st.booleans()) else _MONTHS
        chosen = sorted(draw(st.sets(st.sampled_from(periods), max_size=8)))
        items = [p.pay(str(period.first), str(period.last), draw(_CENTS)) for period in chosen]
        if draw(st.booleans()) and items:
            items.append({**draw(st.sampled_from(items)), "sv_loon": -draw(st.integers(1, 90_000)), "aantal_uren": "-8.00"})
        made.append(p.relation(*items, payer=f"Werkgever {index}", benefit=draw(st.booleans()), number=f"81234567{index}L01"))
    return made


@st.composite
def _claims(draw: st.DrawFn, prefix: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    cases: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for index in range(draw(st.integers(0, 3))):
        number = f"{prefix}-{index}"
        obliged, settled = draw(st.integers(0, 90_000)), draw(st.integers(0, 90_000))
        cases.append(p.case(number, obliged, settled, draw(st.none() | st.integers(0, 90_000))))
        kind = draw(st.sampled_from(["cak_eigen_bijdrage", "gem_belastingen", "duo_studieschuld_termijn"]))
        events.append(p.event(number, IMPOSED, f"{number}/1", obliged, type=kind, primaire_verplichting=True))
        events.append(p.event(number, PAID, f"{number}/2", settled, "2026-07-01T09:00:00Z"))
        due = str(draw(st.dates(date(2026, 1, 1), date(2027, 6, 1))))
        events.append(p.event(number, ASKED, f"{number}/3", obliged, "2026-06-03T09:00:00Z", vervaldatum=due, betalingskenmerk="P"))
    return cases, events


@st.composite
def documents(draw: st.DrawFn) -> list[InsightDocument]:
    """Documents of several sources, some of them in more than one version."""
    found: list[InsightDocument] = []
    for on in draw(st.lists(st.sampled_from(_REFERENCES), unique=True, max_size=2)):
        found.append(p.insured(*draw(relations()), on=on, months=draw(st.sampled_from([None, 12, 36]))))
    for dataset, source in (("cak.betaaloverzicht", p.CAK), ("gem.betaaloverzicht", p.THE_HAGUE), ("gem.betaaloverzicht", p.BOXTEL)):
        for on in draw(st.lists(st.sampled_from(_REFERENCES), unique=True, max_size=2)):
            cases, events = draw(_claims(source[-1]))
            found.append(p.owed(dataset, cases, events, on=on, source=source))
    if draw(st.booleans()):
        debt = {
            "schuldsaldo_inclusief_rente": draw(st.integers(0, 5_000_000)),
            "fase": "aflosfase",
            "achterstand": draw(st.integers(0, 9_000)),
        }
        found.append(p.paper("duo.studieschuld", {**debt, "te_betalen_maandbedrag": draw(st.integers(0, 30_000))}))
    if draw(st.booleans()):
        agreement = {"startdatum": "2026-01-01", "einddatum": "2027-01-01", "bedrag": draw(st.integers(0, 9_000))}
        claim = {"zaakkenmerk": f"{p.THE_HAGUE[-1]}-0", "saldo": draw(st.integers(0, 9_000)), "aflossingsafspraken": [agreement]}
        found.append(p.paper("gem.pw_vordering", {"vorderingen": [claim]}))
    if draw(st.booleans()):
        bill = {"aanslagbiljetnummer": f"{p.BOXTEL[-1]}-1", "saldo": draw(st.integers(0, 9_000)), "vervaldatum": "2026-12-31"}
        found.append(p.paper("gem.belastingaanslag", bill, source=p.BOXTEL))
    if draw(st.booleans()):
        period = draw(st.sampled_from(["maand", "vier_weken", "week", "kwartaal", "jaar"]))
        care = {"bijdrage": {"bedrag": draw(st.integers(0, 99_000)), "periode": period}, "einddatum": "2027-03-01"}
        found.append(p.paper("cak.eigen_bijdrage", care))
    if draw(st.booleans()):
        premium = {"aangemeld": True, "bestuursrechtelijke_premie": 18_430, "nog_te_betalen": draw(st.integers(0, 9_000))}
        found.append(p.paper("cak.wanbetalers", {**premium, "inning": draw(st.sampled_from(["broninhouding", "cjib_acceptgiro"]))}))
    if draw(st.booleans()):
        grant = {"studiefinanciering_ontvangt": True, "ingangsdatum": "2026-02-01", "basisbeurs": 30_000, "einddatum": "2026-12-31"}
        found.append(p.paper("duo.studiefinanciering", grant))
    return found
