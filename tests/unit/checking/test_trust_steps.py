"""When it was sealed and by whom, at the edges of time and of the list; `test_own_attacks` has each refusal of a document in whole."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.document.augmenting import add_security_store
from blauweknop.domain.texts import Text
from blauweknop.domain.verdict import CheckResult, Verdict
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, StatusPeriod, TrustedEntity, TrustService
from blauweknop.standards.x509 import read_certificate
from tests.unit.checking import archived_documents as a
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.standards.pki import STAMPING, certify, constraints, usage

SOON = a.NEXT_DAY + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def checked(pdf: bytes, trust: Trust) -> Verdict:
    return check_document(pdf, trust=trust, at=x.NOW, catalogue=x.catalogue())


def reasons(pdf: bytes, trust: Trust) -> dict[str, str]:
    return {step.id: step.reason for step in checked(pdf, trust).facts.steps if step.result is not CheckResult.OK}


def scheme_with(*services: TrustService) -> Trust:
    """The trust list of the exercise, with other services of the scheme itself."""
    listed = x.trust_list()
    return Trust(replace(listed, entities=(replace(x.operator(), services=services), *listed.entities[1:])))


AUTHORITIES, STAMPS = x.operator().services


@pytest.mark.parametrize(("seconds", "expected"), [(60, None), (61, "time_stamp_future")])
def test_a_time_stamp_may_be_a_minute_ahead(seconds: int, expected: str | None) -> None:
    found = a.reasons(a.document(), x.ISSUED - timedelta(seconds=seconds))
    assert found.get("time_stamp") == expected
    assert (found.get("chain") == "skipped") is (expected is not None), "a clock that is wrong cannot judge certificates"


@pytest.mark.parametrize(("seconds", "expected"), [(60, None), (61, "time_stamp_order")])
def test_a_later_time_stamp_may_be_a_minute_before_the_one_under_it(seconds: int, expected: str | None) -> None:
    pdf = a.stamped(a.kept(), a.NEXT_DAY + timedelta(minutes=1) - timedelta(seconds=seconds))
    assert a.reasons(pdf, SOON).get("time_stamp") == expected


def test_a_time_stamp_holds_to_the_last_second_of_its_certificate() -> None:
    ends = read_certificate(a.scheme().time_stamp.certificate).not_valid_after_utc
    assert a.reasons(a.document(), ends).get("chain") is None
    assert a.reasons(a.document(), ends + SECOND)["chain"] == "time_stamp_aged"


def test_a_time_stamp_behind_which_the_scheme_stood_no_longer() -> None:
    granted = StatusPeriod(ServiceStatus.GRANTED, STAMPS.since)
    gone = replace(STAMPS, status=ServiceStatus.WITHDRAWN, since=x.ISSUED, history=(granted,))
    assert reasons(x.good_document(), scheme_with(AUTHORITIES, gone))["chain"] == "time_stamp_unknown"
    assert reasons(x.good_document(), scheme_with(AUTHORITIES, replace(gone, since=x.ISSUED + SECOND))) == {}


def test_an_authority_that_was_taken_from_the_list_leads_nowhere() -> None:
    assert reasons(x.good_document(), scheme_with(STAMPS))["chain"] == "chain_not_found"
    gone = replace(AUTHORITIES, status=ServiceStatus.WITHDRAWN, since=x.ISSUED)
    assert reasons(x.good_document(), scheme_with(gone, STAMPS))["chain"] == "chain_not_found"


def test_a_time_stamp_of_which_the_certificate_was_taken_back_condemns() -> None:
    pdf = add_security_store(a.document(), certificates=(), crls=a.scheme().revoked_time_stamp)
    assert a.reasons(pdf, SOON)["revocation"] == "time_stamp_revoked"


@pytest.mark.parametrize("made", [a.document, a.kept], ids=["over the seal", "over another"])
def test_a_later_time_stamp_of_which_the_certificate_was_taken_back_condemns(made: Callable[[], bytes]) -> None:
    lists = (*a.scheme().lists[a.BEFORE_THE_END], *a.later_scheme().revoked_time_stamp)
    stored = add_security_store(made(), certificates=(), crls=lists)
    pdf = a.stamped(stored, a.BEFORE_THE_END + timedelta(minutes=1), a.later_scheme().time_stamp)
    assert a.reasons(pdf, a.LONG_AFTER)["revocation"] == "time_stamp_revoked"


def test_time_stamps_of_which_the_key_was_stolen_prove_nothing_of_before() -> None:
    lists = (*a.scheme().lists[a.NEXT_DAY], a.stolen_time_stamps(a.NEXT_DAY - timedelta(hours=2)))
    pdf = add_security_store(a.document(), certificates=(), crls=lists)
    assert a.reasons(pdf, SOON)["revocation"] == "time_stamp_revoked"


def test_a_key_that_was_stolen_when_another_time_stamp_was_over_it_does_no_harm() -> None:
    lists = (a.stolen_time_stamps(a.BEFORE_THE_END + timedelta(hours=1)),)
    pdf = add_security_store(a.renewed(), certificates=(), crls=lists)
    assert a.reasons(pdf, a.LONG_AFTER) == {"validity": "data_expired"}


def test_a_time_stamp_of_nobody_we_know_takes_nothing_from_those_under_it() -> None:
    unknown = certify("tijd", None, STAMPING, ends=a.LONG_AFTER + timedelta(days=1)).signer()
    pdf = a.stamped(a.renewed(), a.LONG_AFTER - timedelta(minutes=1), unknown)
    assert a.reasons(pdf, a.LONG_AFTER)["chain"] == "time_stamp_unknown", "the seal is not judged as of now"


def test_an_authority_that_was_taken_back_by_the_one_on_the_list_condemns() -> None:
    listed = a.trust(SOON).trust_list
    assert listed is not None
    operator, *others = listed.entities
    root = next(one for one in a.scheme().authorities if read_certificate(one).issuer == read_certificate(one).subject)
    services = (replace(operator.services[0], certificates=(root,)), *operator.services[1:])
    only_root = Trust(replace(listed, entities=(replace(operator, services=services), *others)))
    found = {}
    for name, lists in (("good", a.scheme().lists[a.NEXT_DAY]), ("taken back", a.scheme().revoked_authority)):
        pdf = add_security_store(a.document(), certificates=(), crls=lists)
        steps = check_document(pdf, trust=only_root, at=SOON, catalogue=x.catalogue()).facts.steps
        found[name] = next(step.reason for step in steps if step.id == "revocation")
    assert found == {"good": "level_b_lt", "taken back": "authority_revoked"}


def test_a_seal_of_which_the_certificate_names_another_organisation() -> None:
    other = replace(x.entity(x.DUO), oin=x.UWV.oin)
    assert reasons(x.good_document(), x.trust(other))["issuer"] == "certificate_oin"


def named(name: str) -> bytes:
    return x.document_saying(x.changed(x.content(), source={"oin": x.DUO.oin.digits, "name": name}, issuing_authority=name))


@pytest.mark.parametrize("name", ["DUO", "The student loans", "Dienst Uitvoering Onderwijs (oefening)"])
def test_a_source_may_use_each_of_its_own_names(name: str) -> None:
    duo: TrustedEntity = replace(x.entity(x.DUO), name=Text("DUO", "The student loans"))
    assert "issuer" not in reasons(named(name), x.trust(duo))


@pytest.mark.parametrize(
    ("member", "value", "expected"),
    [("issuing_authority", "Belastingdienst", "source_name"), ("issuing_authority_oin", x.UWV.oin.digits, "source_oin")],
)
def test_a_source_that_speaks_under_the_authority_of_another(member: str, value: str, expected: str) -> None:
    assert reasons(x.document_saying(x.changed(x.content(), **{member: value})), x.trust())["issuer"] == expected


@pytest.mark.parametrize(("seconds", "expected"), [(0, None), (1, "certificate_expired")])
def test_a_credential_is_good_to_the_last_second_of_the_certificate_of_its_signer(seconds: int, expected: str | None) -> None:
    at = read_certificate(x.exercise().credentials["duo"].certificate).not_valid_after_utc + timedelta(seconds=seconds)
    given = replace(c.trust(), trust_list=x.trust_list(c.entity(), issued=at - timedelta(days=1)))
    (chain,) = (step for step in c.credential(c.of_document(), given=given, at=at).facts.steps if step.id == "chain")
    assert chain.reason == (expected or "ok")


def test_a_credential_below_no_authority_on_the_list() -> None:
    listed = x.trust_list(c.entity())
    without = replace(listed, entities=(replace(x.operator(), services=(STAMPS,)), *listed.entities[1:]))
    assert c.against(c.credential(c.of_document(), given=replace(c.trust(), trust_list=without))) == ["orange chain chain_not_found"]


def test_a_credential_that_is_signed_with_a_seal_is_refused_even_when_the_list_has_it_for_credentials() -> None:
    seal = x.exercise().seals["duo"]
    listed = TrustService(ServiceKind.CREDENTIAL, (seal.certificate,), ServiceStatus.GRANTED, STAMPS.since)
    given = c.trust(duo=c.entity(services=(listed,)))
    assert c.against(c.credential(x.credential(x.changed(x.content(), status=c.STATUS), signer=seal), given=given)) == [
        "red chain signer_wrong_use"
    ]


def sealed_with(*uses: str) -> str:
    """What is said of the chain of a seal by a key of these uses, which is on the list and below no authority."""
    own = certify("zegel", None, (constraints(authority=False), *([usage(*uses)] if uses else [])))
    listed = TrustService(ServiceKind.SEAL, (own.der,), ServiceStatus.GRANTED, STAMPS.since)
    duo = replace(x.entity(x.DUO), services=(listed,))
    return reasons(x.sealed(x.good_letter(), signer=own.signer()), x.trust(duo))["chain"]


@pytest.mark.parametrize("uses", [(), ("content_commitment", "key_encipherment"), ("key_cert_sign",)], ids=["none", "more", "another"])
def test_a_seal_with_a_key_of_other_uses_is_refused_even_when_the_list_has_it(uses: tuple[str, ...]) -> None:
    assert sealed_with(*uses) == "signer_wrong_use"


@pytest.mark.parametrize("uses", [("content_commitment",), ("digital_signature",), ("content_commitment", "digital_signature")])
def test_a_key_for_seals_commits_or_signs(uses: tuple[str, ...]) -> None:
    assert sealed_with(*uses) not in ("signer_wrong_use", "signer_unknown")
