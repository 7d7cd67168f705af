"""Somebody logs in for somebody else: taken only when everything was agreed, and never taken for themselves."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from blauweknop.adapters.login_settings import LoginSettings
from blauweknop.adapters.representation_settings import RepresentationSettings
from blauweknop.adapters.settings import load_settings
from blauweknop.adapters.settings_table import SettingsError
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.issuer.login import LoginCompleted, LoginProblem, Mandate
from blauweknop.issuer.login import LoginProblemCode as Code
from tests.unit.adapters.login_stand_in import BSN, ISSUER, SETTINGS, StandInProvider, begin, log_in, relying_party
from tests.unit.adapters.settings_stand_in import SETTINGS as WHOLE
from tests.unit.adapters.settings_stand_in import write_settings

FATHER = "999992016"
BSN_TYPE = "urn:nl-eid-gdi:1.0:id:BSN"
SERVICE = "urn:nl-eid-gdi:1.0:ServiceUUID"
AGREED = replace(SETTINGS, representation=RepresentationSettings(frozenset({"blauwe-knop-duo"}), ISSUER))
REPRESENTS: dict[str, object] = {"sub": FATHER, "iss": ISSUER, "sub_id_type": BSN_TYPE}
MANDATE: dict[str, object] = {
    "represents": REPRESENTS,
    SERVICE: "blauwe-knop-duo",
    "mandate_capacity": "gemachtigde",
    "mandate_until": "2026-11-23",
    "name": "Anna de Vries",
}
"""What the provider says of Anna, who acts for her father until and with today."""


def logged_in(folder: Path, claims: Mapping[str, object], settings: LoginSettings = AGREED) -> LoginCompleted | Code:
    def change(all_claims: dict[str, object]) -> None:
        all_claims.update(MANDATE | dict(claims))
        for name in [name for name, value in all_claims.items() if value is None]:
            del all_claims[name]

    provider = StandInProvider(change_claims=change)
    outcome = log_in(relying_party(folder, provider, settings), provider)
    return outcome.code if isinstance(outcome, LoginProblem) else outcome


def mandate(folder: Path, claims: Mapping[str, object], settings: LoginSettings = AGREED) -> Mandate:
    outcome = logged_in(folder, claims, settings)
    assert isinstance(outcome, LoginCompleted), outcome
    assert outcome.person.bsn.digits == FATHER
    assert outcome.person.mandate is not None
    return outcome.person.mandate


def test_the_data_are_of_the_person_for_whom_somebody_logs_in(tmp_path: Path) -> None:
    assert mandate(tmp_path, {}) == Mandate(Representative("Anna de Vries", Capacity.AUTHORISED, date(2026, 11, 23)), BSN)


def test_an_organisation_that_acts_has_no_number_and_is_known_by_its_pseudonym(tmp_path: Path) -> None:
    assert mandate(tmp_path, {"bsn": None, "mandate_capacity": "bewindvoerder"}).identifier == "pairwise-1"


def test_a_mandate_of_a_court_may_have_no_end_yet(tmp_path: Path) -> None:
    assert mandate(tmp_path, {"mandate_until": None}).representative.until is None


def test_a_mandate_may_be_for_several_services(tmp_path: Path) -> None:
    assert mandate(tmp_path, {SERVICE: ["another", "blauwe-knop-duo"]}).identifier == BSN


def test_what_else_the_provider_says_of_the_person_is_no_reason_to_refuse(tmp_path: Path) -> None:
    assert mandate(tmp_path, {"represents": {**REPRESENTS, "name": "Bert Bos", "since": 2020}}).represented == "Bert Bos"


def test_a_name_that_would_steer_the_screen_is_not_shown(tmp_path: Path) -> None:
    assert mandate(tmp_path, {"represents": {**REPRESENTS, "name": "Bert\u202e"}}).represented == ""


def test_a_provider_may_name_its_claims_and_capacities_otherwise(tmp_path: Path) -> None:
    own = RepresentationSettings(
        frozenset({"7"}), ISSUER, frozenset({"duo.studieschuld"}), {"CURATELE": Capacity.CURATOR}, "dienst", "soort", "tot", "naam"
    )
    said = {"dienst": "7", "soort": "CURATELE", "tot": "2027-01-01", "naam": "Mr. Prins", "name": None, "mandate_capacity": None}

    found = mandate(tmp_path, said, replace(SETTINGS, representation=own))

    assert found.representative == Representative("Mr. Prins", Capacity.CURATOR, date(2027, 1, 1))
    assert (found.covers("duo.studieschuld"), found.covers("duo.studiefinanciering")) == (True, False)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"represents": []}, Code.REPRESENTS_MALFORMED),
        ({"represents": {}}, Code.REPRESENTS_MALFORMED),
        ({"represents": FATHER}, Code.REPRESENTS_MALFORMED),
        ({"represents": [REPRESENTS]}, Code.REPRESENTS_MALFORMED),
        *(({"represents": {**REPRESENTS, name: None}}, Code.REPRESENTS_MALFORMED) for name in REPRESENTS),
        *(
            ({"represents": {key: value for key, value in REPRESENTS.items() if key != name}}, Code.REPRESENTS_MALFORMED)
            for name in REPRESENTS
        ),
        ({"represents": {**REPRESENTS, "sub": 999992016}}, Code.REPRESENTS_MALFORMED),
        ({"represents": {**REPRESENTS, "represents": REPRESENTS}}, Code.REPRESENTS_NESTED),
        ({"represents": {**REPRESENTS, "represents": {}}}, Code.REPRESENTS_NESTED),
        ({"represents": {**REPRESENTS, "act": {"sub": BSN}}}, Code.REPRESENTS_NESTED),
        ({"represents": {**REPRESENTS, "iss": "https://elders.example"}}, Code.REPRESENTS_ISSUER),
        ({"represents": {**REPRESENTS, "iss": ""}}, Code.REPRESENTS_ISSUER),
        ({"represents": {**REPRESENTS, "sub_id_type": "urn:nl-eid-gdi:1.0:id:pseudonym"}}, Code.REPRESENTS_IDENTIFIER),
        ({"represents": {**REPRESENTS, "sub": "123456789"}}, Code.REPRESENTS_IDENTIFIER),
        ({"represents": {**REPRESENTS, "sub": f"{FATHER} "}}, Code.REPRESENTS_IDENTIFIER),
        ({"represents": {**REPRESENTS, "sub": BSN}}, Code.REPRESENTS_SELF),
        ({"mandate_capacity": "vriend"}, Code.MANDATE_CAPACITY),
        ({"mandate_capacity": None}, Code.MANDATE_CAPACITY),
        ({"mandate_capacity": ["gemachtigde"]}, Code.MANDATE_CAPACITY),
        ({SERVICE: "toeslagen"}, Code.MANDATE_SERVICE),
        ({SERVICE: []}, Code.MANDATE_SERVICE),
        ({SERVICE: None}, Code.MANDATE_SERVICE),
        ({SERVICE: {"blauwe-knop-duo": True}}, Code.MANDATE_SERVICE),
        ({SERVICE: ["blauwe-knop-duo"] * 1001}, Code.MANDATE_SERVICE),
        ({"mandate_until": "2026-11-22"}, Code.MANDATE_ENDED),
        ({"mandate_until": "31-12-2027"}, Code.MANDATE_ENDED),
        ({"mandate_until": 1900000000}, Code.MANDATE_ENDED),
        ({"mandate_until": ""}, Code.MANDATE_ENDED),
        ({"name": None}, Code.MANDATE_NAMELESS),
        ({"name": ""}, Code.MANDATE_NAMELESS),
        ({"name": ["Anna"]}, Code.MANDATE_NAMELESS),
        ({"name": "Anna\n"}, Code.MANDATE_NAMELESS),
        ({"bsn": "123456789"}, Code.IDENTIFIER_MALFORMED),
        ({"act": {"sub": FATHER}}, Code.REPRESENTATION),
        ({"urn:nl-eid-gdi:1.0:LegalSubjectID": FATHER}, Code.REPRESENTATION),
        ({"represents": None, "urn:nl-eid-gdi:1.0:ActingSubjectID": BSN}, Code.REPRESENTATION),
    ],
)
def test_a_mandate_that_is_not_as_agreed_is_refused_with_its_own_code(tmp_path: Path, claims: dict[str, object], code: Code) -> None:
    assert logged_in(tmp_path, claims) is code


def test_a_source_that_did_not_agree_to_it_lets_nobody_act_for_another(tmp_path: Path) -> None:
    assert logged_in(tmp_path, {}, SETTINGS) is Code.REPRESENTATION


def test_a_level_that_is_too_low_is_refused_for_who_acts_for_another_too(tmp_path: Path) -> None:
    assert logged_in(tmp_path, {"acr": "http://eidas.europa.eu/LoA/low"}) is Code.LEVEL_TOO_LOW


@pytest.mark.parametrize(("settings", "asked"), [(SETTINGS, {"bsn"}), (AGREED, {"bsn", *MANDATE})])
def test_the_provider_is_asked_for_a_mandate_only_where_that_was_agreed(tmp_path: Path, settings: LoginSettings, asked: set[str]) -> None:
    provider = StandInProvider()
    begin(relying_party(tmp_path, provider, settings))

    assert json.loads(provider.pushed["claims"])["id_token"].keys() == asked


def in_file(folder: Path, table: str) -> RepresentationSettings | None:
    text = WHOLE.replace('[sources.duo.datasets."duo', f'{table}\n[sources.duo.datasets."duo', 1)
    return load_settings(write_settings(folder, text)).sources["duo"].login.representation


def test_without_the_table_nobody_acts_for_another(tmp_path: Path) -> None:
    assert in_file(tmp_path, "") is None


def test_the_services_are_enough(tmp_path: Path) -> None:
    found = in_file(tmp_path, '[sources.duo.login.representation]\nservices = ["a", "b"]')

    assert found == RepresentationSettings(frozenset({"a", "b"}), "https://login.example")


def test_a_source_may_give_less_to_who_acts_for_another(tmp_path: Path) -> None:
    found = in_file(tmp_path, '[sources.duo.login.representation]\nservices = ["a"]\ndatasets = ["duo.studiefinanciering"]')

    assert found is not None
    assert found.datasets == frozenset({"duo.studiefinanciering"})


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("services = []", "services"),
        ("", "services"),
        ('services = ["a"]\ndatasets = ["uwv.verzekeringsbericht"]', "datasets"),
        ('services = ["a"]\ncapacities = { B = "buurman" }', "capacities"),
        ('services = ["a"]\nwho = "anybody"', "who"),
    ],
)
def test_a_setting_that_cannot_work_is_named(tmp_path: Path, line: str, key: str) -> None:
    with pytest.raises(SettingsError, match=rf"representation\.{key}"):
        in_file(tmp_path, f"[sources.duo.login.representation]\n{line}")
