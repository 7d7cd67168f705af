from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.checking.credential_steps import SHORT_LIVED
from blauweknop.checking.sd_jwt_carrier import HELD_BY_NOBODY
from blauweknop.checking.steps import STEP_IDS
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.domain.document import JsonValue
from blauweknop.domain.texts import Text
from blauweknop.domain.verdict import CheckedKind, CheckResult, Colour, Rejected, Undecided, Verified
from blauweknop.standards import jose
from blauweknop.standards.jose import MAX_JWS
from blauweknop.standards.sd_jwt_vc import disclose
from blauweknop.standards.status_list import INVALID, SUSPENDED
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x


def test_the_credential_of_a_document_is_good_by_itself() -> None:
    verdict = c.credential(c.of_document())
    assert isinstance(verdict, Verified)
    assert verdict.content["data"] == x.content()["data"]
    facts = verdict.facts
    assert facts.issuer_oin == x.DUO.oin.digits
    assert (facts.kind, facts.issuer_name, facts.dataset, facts.status) == (CheckedKind.CREDENTIAL, "DUO", "duo.studieschuld", "valid")
    assert (facts.reference_date, facts.valid_until, facts.trust_list_sequence) == ("2026-11-23", "2027-02-21", 7)


def test_what_was_left_out_of_it_is_no_reason_against_the_rest() -> None:
    verdict = c.credential(disclose(c.of_document(), lambda place: place == ("data", "fase")))
    assert isinstance(verdict, Verified)
    assert verdict.content["data"] == {"fase": "aflosfase", "schuldonderdelen": []}


def test_every_verdict_lists_all_steps_in_order() -> None:
    for data in (c.of_document(), c.of_wallet(), "", "ey~"):
        assert tuple(step.id for step in c.credential(data).facts.steps) == STEP_IDS[CheckedKind.CREDENTIAL]


def test_one_of_nobody_says_so() -> None:
    (step,) = [step for step in c.credential(c.of_document()).facts.steps if step.id == "holder"]
    assert (step.result, step.reason) == (CheckResult.OK, HELD_BY_NOBODY)


def test_one_of_a_holder_is_not_proved_to_be_given_by_that_holder() -> None:
    verdict = c.credential(c.of_wallet())
    assert isinstance(verdict, Undecided)
    assert c.against(verdict) == ["orange holder holder_unproved"]


def test_a_key_binding_does_not_belong_to_a_credential_alone() -> None:
    assert c.against(c.credential(c.presented())) == ["red format proof_format"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_end_of_an_editor_is_allowed(end: str) -> None:
    assert isinstance(c.credential(c.of_document() + end), Verified)


@pytest.mark.parametrize("end", [" ", "\t", "X", "é", "\n."])
def test_anything_else_behind_it_is_not(end: str) -> None:
    assert c.against(c.credential(c.of_document() + end)) == ["red format proof_format"]


def test_a_credential_of_nobody_on_the_list() -> None:
    assert c.against(c.credential(c.of_document(), given=c.trust(duo=x.entity(x.UWV)))) == ["orange chain signer_unknown"]


@pytest.mark.parametrize("trust", [NO_TRUST, Trust(None)], ids=["with the reason", "without"])
def test_without_a_trust_list_nothing_is_good(trust: Trust) -> None:
    verdict = c.credential(c.of_document(), given=trust)
    assert isinstance(verdict, Undecided)
    assert c.against(verdict) == ["orange trust_list no_trust_list"]


def test_a_trust_list_that_is_too_old_leaves_it_open() -> None:
    old = replace(c.trust(), trust_list=x.trust_list(c.entity(), issued=x.NOW - timedelta(days=40)))
    assert c.against(c.credential(c.of_document(), given=old)) == ["orange trust_list trust_list_stale"]


def test_a_key_that_is_meant_for_seals() -> None:
    services = tuple(replace(service, kind=ServiceKind.STATUS_LIST) for service in c.entity().services)
    assert c.against(c.credential(c.of_document(), given=c.trust(duo=c.entity(services=services)))) == ["red chain signer_wrong_use"]


@pytest.mark.parametrize(
    ("status", "days", "expected"),
    [
        (ServiceStatus.WITHDRAWN, -1, "red revocation service_withdrawn"),
        (ServiceStatus.GRANTED, 1, "red revocation service_not_started"),
    ],
)
def test_a_key_behind_which_the_scheme_does_not_stand_now(status: ServiceStatus, days: int, expected: str) -> None:
    services = tuple(replace(service, status=status, since=x.NOW + timedelta(days=days)) for service in c.entity().services)
    assert expected in c.against(c.credential(c.of_document(), given=c.trust(duo=c.entity(services=services))))


def test_an_issuer_that_may_not_give_this_kind() -> None:
    duo = c.entity(datasets=("duo.diploma",))
    assert c.against(c.credential(c.of_document(), given=c.trust(duo=duo))) == ["red issuer issuer_not_entitled"]


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"source": {"oin": x.UWV.oin.digits, "name": "DUO"}}, "source_oin"),
        ({"issuing_authority_oin": x.UWV.oin.digits}, "source_oin"),
        ({"source": {"oin": x.DUO.oin.digits, "name": "UWV"}}, "source_name"),
        ({"issuing_authority": "UWV"}, "source_name"),
    ],
)
def test_an_issuer_that_speaks_in_the_name_of_another(claims: dict[str, JsonValue], reason: str) -> None:
    assert c.against(c.credential(c.of_document(**claims))) == [f"red issuer {reason}"]


@pytest.mark.parametrize("name", ["DUO", "The student loans", "Dienst Uitvoering Onderwijs (oefening)"])
def test_an_issuer_may_use_each_of_its_own_names(name: str) -> None:
    duo = c.entity(name=Text("DUO", "The student loans"))
    said = c.of_document(source={"oin": x.DUO.oin.digits, "name": name}, issuing_authority=name)
    assert isinstance(c.credential(said, given=c.trust(duo=duo)), Verified)


def test_a_certificate_that_names_another_organisation_than_the_list() -> None:
    assert c.against(c.credential(c.of_document(), given=c.trust(duo=c.entity(oin=x.UWV.oin)))) == ["red issuer certificate_oin"]


def test_a_kind_that_nobody_knows() -> None:
    assert c.against(c.credential(c.crafted({"vct": "urn:elders", "cnf": None}))) == ["orange type dataset_unknown"]


@pytest.mark.parametrize("vct", [None, 7, True, [c.WALLET_TYPE]])
def test_no_kind(vct: JsonValue) -> None:
    assert "red type proof_vct" in c.against(c.credential(c.crafted({"vct": vct, "cnf": None})))


@pytest.mark.parametrize(
    "claims", [{"document_id": "kort"}, {"data": {"fase": "onbekend"}}, {"erbij": 1}, {"reference_date": "2026-02-30"}]
)
def test_claims_of_another_form(claims: dict[str, JsonValue]) -> None:
    assert c.against(c.credential(c.of_document(**claims))) == ["red claims schema"]


@pytest.mark.parametrize(
    ("seconds", "expected"), [(60, []), (61, ["red validity proof_expired"])], ids=["the last moment", "a second later"]
)
def test_when_it_has_ended(seconds: int, expected: list[str]) -> None:
    at = c.ENDS + timedelta(seconds=seconds)
    lists = c.trust({c.URI: c.status_list(made=at)})
    lists = replace(lists, trust_list=x.trust_list(c.entity(), issued=at))
    assert [found for found in c.against(c.credential(c.of_wallet(), given=lists, at=at)) if "validity" in found] == expected


def test_before_it_begins() -> None:
    assert "red validity proof_not_yet_valid" in c.against(c.credential(c.of_wallet(made=x.NOW + timedelta(seconds=61))))


def test_data_that_its_source_meant_for_an_earlier_day_are_out_of_date() -> None:
    assert c.against(c.credential(c.of_document(valid_until="2026-11-22"))) == ["orange validity data_expired"]


@pytest.mark.parametrize(("moment", "expected"), [("22:59:59", []), ("23:00:00", ["orange validity data_expired"])])
def test_data_are_good_until_midnight_in_the_netherlands(moment: str, expected: list[str]) -> None:
    at = datetime.fromisoformat(f"2026-11-23T{moment}+00:00")
    assert c.against(c.credential(c.of_document(valid_until="2026-11-23"), at=at)) == expected


def test_without_a_last_day_of_its_data_it_is_valid_until_the_day_in_the_netherlands_on_which_it_ends() -> None:
    verdict = c.presentation(c.presented(c.of_wallet(ends=datetime(2027, 1, 21, 23, 30, tzinfo=UTC))))
    assert verdict.facts.valid_until == "2027-01-22"


@pytest.mark.parametrize("iss", [5, None, ["https://duo.example"], {}])
def test_an_issuer_that_is_no_text_is_of_another_form(iss: JsonValue) -> None:
    said: dict[str, JsonValue] = {"vct": c.WALLET_TYPE, "iss": iss, "exp": int(c.ENDS.timestamp())}
    signed = jose.sign_jws(said, x.exercise().credentials["duo"], jose.SD_JWT_VC) + "~"
    assert c.against(c.credential(signed)) == ["red signature proof_format"]


def test_no_end() -> None:
    assert "red validity proof_claim_missing" in c.against(c.credential(c.crafted({"exp": None})))


def test_nothing_to_withdraw_what_is_valid_for_longer_than_a_day() -> None:
    assert "red status proof_claim_missing" in c.against(c.credential(c.crafted({"status": None})))


def test_what_ends_within_a_day_needs_no_status() -> None:
    verdict = c.credential(c.of_wallet(status=None, made=x.NOW, ends=x.NOW + timedelta(days=1)))
    assert verdict.facts.steps[-1].reason == SHORT_LIVED
    assert verdict.facts.status == "none"


def test_a_status_that_is_nothing_is_no_status_of_the_form_that_we_know() -> None:
    said: dict[str, JsonValue] = {"vct": c.WALLET_TYPE, "iat": int(x.NOW.timestamp()), "exp": int(x.NOW.timestamp()) + 60, "status": None}
    signed = jose.sign_jws(said, x.exercise().credentials["duo"], jose.SD_JWT_VC) + "~"
    assert "red status status_form" in c.against(c.credential(signed))


@pytest.mark.parametrize(
    ("given_lists", "expected"),
    [
        ({}, "orange status status_unknown"),
        ({c.URI: c.status_list({c.INDEX: INVALID})}, "red status withdrawn"),
        ({c.URI: c.status_list({c.INDEX: SUSPENDED})}, "orange status suspended"),
        ({c.URI: c.status_list(made=x.NOW - timedelta(days=2))}, "orange status status_list_expired"),
        ({c.URI: c.status_list(made=x.NOW + timedelta(hours=1))}, "orange status status_list_not_yet"),
        ({c.URI: c.status_list(uri="https://duo.example/8")}, "orange status status_list_subject"),
        ({c.URI: b"<html>"}, "orange status status_list_malformed"),
    ],
)
def test_what_the_source_says_of_it_today(given_lists: dict[str, bytes], expected: str) -> None:
    assert c.against(c.credential(c.of_document(), given=c.trust(given_lists))) == [expected]


def test_a_status_at_an_address_of_somebody_else() -> None:
    elsewhere: JsonValue = {"status_list": {"idx": 1, "uri": "https://elders.example/1"}}
    assert c.against(c.credential(x.credential(x.changed(x.content(), status=elsewhere)))) == ["red status status_host"]


@pytest.mark.parametrize(("exercise", "expected"), [(True, []), (False, ["red status status_host"])])
def test_a_status_on_this_machine_counts_in_an_exercise_only(exercise: bool, expected: list[str]) -> None:
    here = "http://127.0.0.1:8000/7"
    listed = replace(x.trust_list(c.entity(status_list_hosts=("127.0.0.1:8000",))), exercise=exercise)
    given = replace(c.trust({here: c.status_list(uri=here)}), trust_list=listed)
    status: JsonValue = {"status_list": {"idx": c.INDEX, "uri": here}}
    assert c.against(c.credential(x.credential(x.changed(x.content(), status=status)), given=given)) == expected


def test_a_status_that_nobody_tells_is_unknown() -> None:
    facts = c.credential(c.of_document(), given=c.trust({})).facts
    assert (facts.status, facts.status_uri, facts.status_index) == ("unknown", c.URI, c.INDEX)


def test_one_that_is_too_large() -> None:
    assert c.against(c.credential(c.of_document() + "a" * MAX_JWS + "~")) == ["red format proof_size"]


def changed_in(part: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        parts = text.split("~")
        parts[part] = parts[part][:-2] + ("A" if parts[part][-2] != "A" else "B") + parts[part][-1:]
        return "~".join(parts)

    return change


def test_who_signed_is_named_when_the_signature_is_right() -> None:
    assert c.credential(c.of_document()).facts.sealed_by == "Dienst Uitvoering Onderwijs (oefening)"
    assert c.credential(c.of_document(), given=NO_TRUST).facts.sealed_by == "Dienst Uitvoering Onderwijs (oefening)"
    assert c.credential(changed_in(0)(c.of_document())).facts.sealed_by is None


def test_a_day_in_claims_of_another_form_is_not_told() -> None:
    facts = c.credential(c.of_document(erbij=1)).facts
    assert (facts.reference_date, facts.valid_until) == (None, "2027-02-22")
    assert c.credential(c.of_document()).facts.valid_until == "2027-02-21"


def test_a_changed_disclosure() -> None:
    verdict = c.credential(changed_in(1)(c.of_document()))
    assert isinstance(verdict, Rejected)
    assert c.against(verdict)[0].startswith("red disclosures proof_")


def test_a_changed_signature() -> None:
    assert c.against(c.credential(changed_in(0)(c.of_document()))) == ["red signature proof_signature"]


def test_nothing_of_a_verdict_that_is_not_green_holds_the_claims() -> None:
    verdict = c.credential(c.of_document(), given=c.trust({}))
    assert "Łukasz" not in repr(verdict)
    assert not hasattr(verdict, "content")


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_give_a_red_verdict_of_the_format(data: bytes) -> None:
    verdict = c.credential(data)
    assert verdict.colour is Colour.RED
    assert verdict.facts.steps[0].result is CheckResult.FAIL


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_no_changed_byte_is_ever_green(place: int, value: int) -> None:
    good = c.of_document().encode()
    place %= len(good)
    changed = good[:place] + bytes((value,)) + good[place + 1 :]
    assert changed == good or not isinstance(c.credential(changed), Verified)


def test_a_wallet_credential_under_the_address_of_its_type_has_the_form_of_its_summary() -> None:
    assert c.against(c.presentation(c.presented(c.of_wallet()))) == []


@pytest.mark.parametrize(
    "claims",
    [
        {"onbekend": "x"},
        {"schuldsaldo_inclusief_rente": "1234567"},
        {"schuldsaldo_inclusief_rente": True},
        {"has_student_debt": 1},
        {"reference_date": "2026-02-30"},
        {"reference_date": 20261121},
        {"given_name": ["Zoe"]},
        {"given_name": {"nl": "Zoe"}},
        {"given_name": None},
    ],
    ids=str,
)
def test_a_wallet_credential_with_a_claim_that_is_not_of_its_summary(claims: Mapping[str, JsonValue]) -> None:
    verdict = c.presentation(c.presented(c.of_wallet(claims)))
    assert c.against(verdict) == ["red claims schema"]


def test_a_wallet_credential_of_another_version_of_its_type() -> None:
    claims = {**c.CLAIMS, "vct#integrity": "sha256-" + "A" * 43 + "="}
    assert c.against(c.presentation(c.presented(c.of_wallet(claims)))) == ["red claims schema"]


def test_a_wallet_credential_that_belongs_to_no_key() -> None:
    assert "red claims schema" in c.against(c.credential(c.of_wallet(bound=False)))


def test_a_wallet_credential_under_the_type_of_a_document() -> None:
    assert c.against(c.presentation(c.presented(c.of_wallet(vct=x.dataset().type_uri)))) == ["red claims schema"]
