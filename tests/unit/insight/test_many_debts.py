"""The quick ways to find money that is in two documents, held against the plain ones: each debt beside each other one."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blauweknop.insight.claims import Claim, Merged, claims_of, merge_claims
from blauweknop.insight.collection import collect
from blauweknop.insight.debts import Debt
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.events import ASKED, IMPOSED, ObligationEvent, events_of
from blauweknop.insight.overview import Overview, overview_of
from blauweknop.insight.remarks import MOST_PAIRS, RemarkKind
from tests.growth import TIMES, grows_with_its_input
from tests.unit.insight import papers as p

_CATALOGUE = p.with_collector()
_FAMILY = [dataset.id for dataset in _CATALOGUE.datasets.values() if dataset.family == "fcid"]
_DAYS = [date(2026, 5, 15), date(2026, 8, 1), p.AT]
_KINDS = ["cak_eigen_bijdrage", "cak_wanbetalerspremie", "duo_studieschuld_termijn", "uwv_terugvordering"]
_quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def _owed(draw: st.DrawFn, dataset: str) -> InsightDocument:
    """Few numbers, decisions and amounts, so that much is alike."""
    cases, events = [], []
    for index in range(draw(st.integers(0, 4))):
        number = draw(st.sampled_from([f"{dataset}-{index}", "1", "2"]))
        cases.append(p.case(number, draw(st.sampled_from([1_000, 2_000, 3_000])), 0, draw(st.none() | st.integers(0, 900))))
        decision = draw(st.sampled_from([None, "B1", "B2"]))
        more: dict[str, Any] = {"beschikkingsnummer": decision} if decision else {}
        reference = draw(st.sampled_from([f"{dataset}/{index}", "E1", "E2"]))
        kind = draw(st.sampled_from(_KINDS))
        events.append(p.event(number, IMPOSED, reference, 1_000, type=kind, primaire_verplichting=draw(st.booleans()), **more))
    return p.owed(dataset, cases, events, on=draw(st.sampled_from(_DAYS)))


@st.composite
def _lives(draw: st.DrawFn) -> list[InsightDocument]:
    """Debts that others may collect, a study debt, and the premium of who does not pay the health insurer."""
    found = [draw(_owed(dataset)) for dataset in ("cjib.vorderingen", "cak.betaaloverzicht", "duo.betaaloverzicht", "uwv.betaaloverzicht")]
    if draw(st.booleans()):
        found.append(
            p.paper("duo.studieschuld", {"schuldsaldo_inclusief_rente": draw(st.sampled_from([1_000, 9_000])), "achterstand": 500})
        )
    if draw(st.booleans()):
        found.append(p.paper("cak.wanbetalers", {"aangemeld": True, "nog_te_betalen": draw(st.sampled_from([1_000, 9_000]))}))
    return found


def _picture(found: Sequence[InsightDocument]) -> Overview:
    return overview_of(found, catalogue=_CATALOGUE, at=p.AT)


@_quick
@given(_lives())
def test_the_quick_way_finds_the_same_principals_as_each_beside_each_other(found: list[InsightDocument]) -> None:
    collection = collect(found, _FAMILY)
    claims = claims_of(collection, events_of(collection))

    assert merge_claims(claims).cases == tuple(_plain_principals(_plain_cases(claims)))


@_quick
@given(_lives())
def test_the_quick_way_finds_the_events_of_a_case_that_looking_through_all_finds(found: list[InsightDocument]) -> None:
    events = events_of(collect(found, _FAMILY))

    for name in {(event.creditor_oin, event.case) for event in events.events} | {(p.CJIB, "nobody's")}:
        assert events.of_case(*name) == _plain_events(events.events, *name)


@_quick
@given(_lives())
def test_the_quick_way_names_the_same_pairs_that_may_be_one_debt(found: list[InsightDocument]) -> None:
    picture = _picture(found)

    told = [remark.origins for remark in picture.remarks if remark.said.key == "insight.remark.perhaps_collected"]
    assert told == [(*one.balance.origins, *other.balance.origins) for one, other in _plain_pairs(picture.debts.all)]


@_quick
@given(_lives())
def test_a_study_debt_is_late_elsewhere_when_any_term_of_the_same_source_is(found: list[InsightDocument]) -> None:
    collection = collect(found, _FAMILY)
    claims = claims_of(collection, events_of(collection))

    for debt in _picture(found).debts.all:
        if debt.kind == "studieschuld":
            terms = [claim for claim in claims if claim.kind.startswith("duo_studieschuld") and claim.arrears and claim.arrears.cents > 0]
            assert debt.arrears_elsewhere == any(claim.document.source_oin == debt.creditor_oin for claim in terms)


def test_of_two_cases_that_a_collector_names_like_one_of_its_principal_the_first_is_the_same_money() -> None:
    """The collector tells newer things, so that its case counts from then on."""
    more: dict[str, Any] = {"type": "cak_eigen_bijdrage", "primaire_verplichting": True, "beschikkingsnummer": "B1"}
    principal = p.owed("cak.betaaloverzicht", [p.case("C", 1_000)], [p.event("C", IMPOSED, "C/1", 1_000, **more)], on=_DAYS[0])
    collected = [p.event(number, IMPOSED, f"{number}/1", 1_000, **more) for number in ("J1", "J2")]
    picture = _picture([principal, p.owed("cjib.vorderingen", [p.case("J1", 900), p.case("J2", 800)], collected)])

    assert sorted((debt.case, debt.collector) for debt in picture.debts.all) == [("J1", "CJIB"), ("J2", None)]


def test_of_very_many_pairs_the_first_are_named_and_the_others_counted() -> None:
    picture = _picture(_many(2 * (MOST_PAIRS // 10 + 5), amounts=1, decisions=False))
    pairs = (MOST_PAIRS // 10 + 5) ** 2

    perhaps = [remark for remark in picture.remarks if remark.kind is RemarkKind.PERHAPS_TWICE]
    assert [len(remark.origins) > 0 for remark in perhaps] == [True] * MOST_PAIRS + [False]
    assert dict(perhaps[-1].said.values) == {"count": pairs - MOST_PAIRS}
    assert picture.debts.total is not None
    assert picture.debts.total.cents == 2 * (MOST_PAIRS // 10 + 5) * 1_000


def test_many_debts_do_not_take_the_square_of_the_work() -> None:
    few, many = _many(200), _many(200 * TIMES)

    assert grows_with_its_input(lambda: _picture(few), lambda: _picture(many))


def _many(number: int, *, amounts: int = 50, decisions: bool = True) -> list[InsightDocument]:
    """Half at CAK, and half at who collects for it."""
    found = []
    for dataset, prefix in (("cak.betaaloverzicht", "C"), ("cjib.vorderingen", "J")):
        cases = [p.case(f"{prefix}{index}", 1_000 + index % amounts) for index in range(number // 2)]
        events = []
        for index in range(number // 2):
            decision = f"B{index}" if decisions and index % 2 else f"{prefix}{index}"
            more: dict[str, Any] = {"type": "cak_eigen_bijdrage", "primaire_verplichting": True, "beschikkingsnummer": decision}
            events.append(p.event(f"{prefix}{index}", IMPOSED, f"{prefix}{index}/1", 1_000, **more))
            events.append(p.event(f"{prefix}{index}", ASKED, f"{prefix}{index}/2", 1_000, vervaldatum="2026-12-01", betalingskenmerk="P"))
        found.append(p.owed(dataset, cases, events))
    return found


def _plain_events(events: Sequence[ObligationEvent], creditor_oin: str, case: str) -> tuple[ObligationEvent, ...]:
    return tuple(event for event in events if event.creditor_oin == creditor_oin and event.case == case)


def _plain_pairs(owed: Sequence[Debt]) -> Iterator[tuple[Debt, Debt]]:
    for one in owed:
        for other in owed:
            organisations = {origin.dataset.partition(".")[0] for origin in other.balance.origins}
            if other is not one and one.on_behalf_of in organisations and one.balance.cents == other.balance.cents:
                yield one, other


def _plain_cases(claims: Sequence[Claim]) -> list[Merged]:
    groups: dict[tuple[str, str], list[Claim]] = {}
    overviews = {claim.document.source_oin for claim in claims if claim.document.data.get("financiele_zaken")}
    for claim in claims:
        if claim.document.dataset != "cak.wanbetalers" or claim.document.source_oin not in overviews:
            groups.setdefault((claim.document.source_oin, claim.case), []).append(claim)
    return [_plain_merge(group) for _, group in sorted(groups.items())]


def _plain_principals(cases: Sequence[Merged]) -> list[Merged]:
    kept = list(cases)
    for collected in [case for case in cases if case.counted.on_behalf_of]:
        principal = next((case for case in kept if case is not collected and _plainly_same(collected.counted, case.counted)), None)
        if principal is not None:
            kept.remove(collected)
            both = _plain_merge([principal.counted, *principal.others, collected.counted, *collected.others])
            kept[kept.index(principal)] = Merged(both.counted, both.others, collected.counted.document.source_name)
    return kept


def _plain_merge(claims: Sequence[Claim]) -> Merged:
    ordered = sorted(claims, key=_plain_rank, reverse=True)
    return Merged(ordered[0], tuple(ordered[1:]))


def _plain_rank(claim: Claim) -> tuple[float, bool, bool, str]:
    document = claim.document
    return (document.reference.timestamp(), claim.on_behalf_of is None, claim.arrears is not None, document.dataset)


def _plainly_same(collected: Claim, other: Claim) -> bool:
    if other.on_behalf_of or other.organisation != collected.on_behalf_of:
        return False
    return other.case == collected.case or bool(other.decisions & collected.decisions) or bool(other.events & collected.events)
