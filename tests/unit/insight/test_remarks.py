from datetime import date
from typing import Any

import pytest

from blauweknop.domain.dates import PartialDate
from blauweknop.insight.contradictions import subject_differences
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.remarks import Remark, RemarkKind
from tests.unit.insight import papers as p

BRP = {"given_name": "Zoë", "family_name": "de Wit", "birth_date": PartialDate(1985, 8, 12).as_json()}


def remarks(kind: RemarkKind, *documents: InsightDocument, **choices: Any) -> list[Remark]:
    return [remark for remark in p.overview(*documents, **choices).remarks if remark.kind is kind]


def register(**data: Any) -> InsightDocument:
    return p.paper("gem.brp", {"verblijfplaats": {"type": "Adres"}, **data}, subject=BRP)


def at_duo(**subject: Any) -> InsightDocument:
    return p.paper("duo.studieschuld", {}, subject={**BRP, **subject})


def test_a_data_set_that_should_be_there_is_told_as_missing() -> None:
    found = remarks(RemarkKind.MISSING, at_duo(), expected=["duo.studieschuld", "gem.brp", "gem.brp"])

    assert [(remark.dataset, remark.said.in_language("en")) for remark in found] == [
        ("gem.brp", "Not fetched yet: Extract from the Personal Records Database (BRP).")
    ]


def test_a_benefit_without_its_specification_is_told() -> None:
    insured = p.insured(p.relation(p.pay("2026-10-01", "2026-10-31", 100), benefit=True))

    assert [remark.dataset for remark in remarks(RemarkKind.MISSING, insured)] == ["uwv.uitkeringsspecificatie"]


@pytest.mark.parametrize(("on", "old"), [(date(2026, 8, 25), False), (date(2026, 8, 24), True), (date(2025, 1, 1), True), (p.AT, False)])
def test_a_document_of_more_than_ninety_days_is_old(on: date, old: bool) -> None:
    assert bool(remarks(RemarkKind.OLD, p.paper("cak.wanbetalers", {}, on=on))) is old


@pytest.mark.parametrize(
    "subject",
    [
        {"given_name": "Zoe"},
        {"family_name": "de Witt"},
        {"birth_date": PartialDate(1985, 8, 13).as_json()},
        {"birth_date": PartialDate(1986).as_json()},
    ],
)
def test_another_name_or_date_of_birth_than_in_the_register_is_a_contradiction(subject: dict[str, Any]) -> None:
    (found,) = remarks(RemarkKind.CONTRADICTION, at_duo(**subject), register())

    assert [origin.dataset for origin in found.origins] == ["gem.brp", "duo.studieschuld"]


@pytest.mark.parametrize(
    "subject",
    [
        {"given_name": "Zoe\u0308"},
        {"family_name": "De  Wit"},
        {"birth_date": PartialDate(1985).as_json()},
        {"birth_date": PartialDate(None).as_json()},
        {"given_name": None},
    ],
)
def test_the_same_name_written_otherwise_or_a_date_known_in_part_is_no_contradiction(subject: dict[str, Any]) -> None:
    assert remarks(RemarkKind.CONTRADICTION, at_duo(**subject), register()) == []


def test_without_the_register_the_first_document_that_has_a_name_is_the_one_to_compare_with() -> None:
    nameless = p.paper("cak.wanbetalers", {}, subject={})
    other = p.paper("uwv.verzekeringsbericht", {}, subject={**BRP, "family_name": "Bos"})

    assert len(remarks(RemarkKind.CONTRADICTION, nameless, at_duo(), other)) == 1


def test_a_document_of_somebody_else_is_told_apart_before_it_comes_in() -> None:
    mine, partners = at_duo(), at_duo(given_name="Kim", birth_date=PartialDate(1984, 1, 1).as_json())

    assert subject_differences(mine, partners) == ("given_name", "birth_date")
    assert subject_differences(mine, register()) == ()
    assert subject_differences(mine, p.paper("cak.wanbetalers", {}, subject={})) == ()


def home(postcode: str, number: int, **more: Any) -> dict[str, Any]:
    return {"verblijfplaats": {"verblijfadres": {"postcode": postcode, "huisnummer": number, **more}}}


def building(postcode: str, number: int, **more: Any) -> dict[str, Any]:
    return {"aanduiding": {"postcode": postcode, "huisnummer": number, **more}, "identificatie": "051800000001"}


@pytest.mark.parametrize(
    ("buildings", "told"),
    [
        ([building("2538UR", 155)], False),
        ([building("2538UR", 157)], True),
        ([building("2538UR", 155, huisletter="A")], True),
        ([building("1234AB", 1), building("2538UR", 155)], False),
        ([{"identificatie": "051800000001"}], False),
    ],
)
def test_an_owner_who_lives_in_none_of_their_buildings_is_asked_about_it(buildings: list[dict[str, Any]], told: bool) -> None:
    woz = p.paper("gem.woz", {"wozObjecten": buildings}, subject=BRP)

    assert bool(remarks(RemarkKind.CONTRADICTION, woz, register(**home("2538UR", 155)))) is told


def test_a_postal_address_is_held_against_no_building() -> None:
    data = home("1234AB", 1)
    data["verblijfplaats"]["functieAdres"] = {"code": "B", "omschrijving": "briefadres"}

    assert remarks(RemarkKind.CONTRADICTION, p.paper("gem.woz", {"wozObjecten": [building("2538UR", 155)]}), register(**data)) == []


MARRIED = [{"naam": {"voornamen": "Kim"}}]
DIVORCED = [{"naam": {"voornamen": "Kim"}, "ontbindingHuwelijkPartnerschap": {"datum": PartialDate(2020, 1, 1).as_json()}}]


@pytest.mark.parametrize(
    ("norm", "data", "told"),
    [
        ("alleenstaand", {"partners": MARRIED}, True),
        ("alleenstaande_ouder", {"partners": MARRIED, "kinderen_onder_18_aantal": 1}, True),
        ("alleenstaand", {"partners": DIVORCED}, False),
        ("gehuwd_samenwonend", {"partners": MARRIED}, False),
        ("alleenstaande_ouder", {"kinderen_onder_18_aantal": 0}, True),
        ("alleenstaande_ouder", {}, False),
        (None, {"partners": MARRIED}, False),
    ],
)
def test_a_living_situation_that_the_register_contradicts_is_told(norm: str | None, data: dict[str, Any], told: bool) -> None:
    assistance = p.paper("gem.bijstand", {"norm_leefvorm": norm, "specificaties": []}, subject=BRP)

    assert bool(remarks(RemarkKind.CONTRADICTION, assistance, register(**data))) is told


def test_a_value_that_is_looked_into_is_told_with_its_path() -> None:
    data = {
        "naam": {"inOnderzoek": {"voornamen": True, "voorletters": False}},
        "partners": [{"naam": {"inOnderzoek": {"voornamen": True}}}],
    }
    found = remarks(RemarkKind.UNDER_INVESTIGATION, register(**data))

    assert [remark.origins[0].path for remark in found] == [
        "data.naam.inOnderzoek.voornamen",
        "data.partners[0].naam.inOnderzoek.voornamen",
    ]
