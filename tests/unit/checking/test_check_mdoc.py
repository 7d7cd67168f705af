from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.checking.check_received import check_received
from blauweknop.checking.mdoc_carrier import MDOC_CODES
from blauweknop.checking.reasons import REASONS
from blauweknop.checking.received_forms import form_of, kind_of
from blauweknop.domain.verdict import CheckedKind, Colour, Undecided, Verdict, Verified
from blauweknop.standards import mdoc
from blauweknop.standards.mdoc import Element
from blauweknop.standards.mdoc.parts import MAX_MDOC
from blauweknop.standards.signing import key_signer
from blauweknop.standards.status_list import INVALID
from blauweknop.standards.x509 import read_certificate
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import mdocs as m


def shown(data: bytes) -> Verdict:
    return c.presentation(data, asked=m.ASKED)


def test_a_mobile_document_that_is_shown_to_us_is_good_and_its_claims_are_the_content() -> None:
    kept = mdoc.select(m.issued(), lambda _, name: name != "given_name")
    verdict = shown(m.presented([kept]))
    assert isinstance(verdict, Verified)
    assert verdict.content == {"reference_date": "2026-11-21", "source_name": "DUO", "schuldsaldo_inclusief_rente": 1234567}
    facts = verdict.facts
    assert (facts.kind, facts.issuer_name, facts.dataset) == (CheckedKind.PRESENTATION, "DUO", "duo.studieschuld")
    assert (facts.reference_date, facts.status, facts.status_index) == ("2026-11-21", "valid", c.INDEX)


@pytest.mark.parametrize("as_text", [False, True], ids=["as CBOR", "as text"])
def test_one_that_travels_alone_is_not_proved_to_be_given_by_its_holder(as_text: bool) -> None:
    data = m.as_text(m.issued()) + b"\n" if as_text else m.issued()
    verdict = check_received(data, trust=c.trust(), at=x.NOW, catalogue=x.catalogue())
    assert isinstance(verdict, Undecided)
    assert (verdict.facts.kind, c.against(verdict)) == (CheckedKind.CREDENTIAL, ["orange holder holder_unproved"])


@pytest.mark.parametrize("as_text", [False, True], ids=["as CBOR", "as text"])
def test_an_answer_in_a_file_is_left_open(as_text: bool) -> None:
    data = m.as_text(m.presented()) if as_text else m.presented()
    verdict = check_received(data, trust=c.trust(), at=x.NOW, catalogue=x.catalogue())
    assert (verdict.facts.kind, c.against(verdict)) == (CheckedKind.PRESENTATION, ["orange holder holder_not_asked"])


def test_an_answer_to_another_question() -> None:
    other = mdoc.openid4vp_transcript(client_id=c.AUDIENCE, nonce="toen", response_uri="https://ontvanger.example", jwk_thumbprint=None)
    assert c.against(shown(m.presented(transcript=other))) == ["red holder proof_device_signature"]


def test_an_answer_by_another_device() -> None:
    thief = key_signer(ec.generate_private_key(ec.SECP256R1()), b"")
    assert c.against(shown(m.presented(device=thief))) == ["red holder proof_device_signature"]


def test_without_a_transcript_nobody_knows_for_whom_it_is() -> None:
    assert c.against(c.presentation(m.presented(), asked=replace(m.ASKED, session_transcript=None))) == ["orange holder holder_not_asked"]


def test_several_documents_at_once() -> None:
    assert c.against(shown(m.presented([m.issued(), m.issued()]))) == ["orange format proof_several"]


def test_a_kind_that_was_not_asked_for() -> None:
    asked = replace(m.ASKED, types=frozenset({"org.elders.1"}))
    assert c.against(c.presentation(m.presented(), asked=asked)) == ["red type proof_vct"]


def test_a_kind_that_nobody_knows() -> None:
    assert c.against(c.credential(m.issued(doctype="org.blauweknop.duo.studieschuld.2"))) == [
        "orange type dataset_unknown",
        "orange holder holder_unproved",
    ]


def test_claims_in_another_namespace() -> None:
    assert c.against(shown(m.presented([m.issued(namespace="org.iso.18013.5.1")]))) == ["red claims schema"]


def test_the_name_of_another_source() -> None:
    assert c.against(shown(m.presented([m.issued({"source_name": "UWV"})]))) == ["red issuer source_name"]


def test_an_issuer_that_is_not_on_the_list_for_credentials() -> None:
    keys = x.exercise()
    assert c.against(shown(m.presented([m.issued(signer=keys.credentials["uwv"])]))) == ["orange chain signer_unknown"]
    assert c.against(shown(m.presented([m.issued(signer=keys.seals["duo"])]))) == ["red chain signer_wrong_use"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ends": x.NOW - timedelta(seconds=61)}, "red validity proof_expired"),
        ({"made": x.NOW + timedelta(seconds=61)}, "red validity proof_not_yet_valid"),
        ({"made": x.NOW - timedelta(days=500)}, "red validity proof_signed_out_of_time"),
        ({"status": None}, "red status proof_claim_missing"),
    ],
)
def test_what_is_wrong_with_its_time(changes: dict[str, object], expected: str) -> None:
    assert expected in c.against(shown(m.presented([m.issued(**changes)])))  # type: ignore[arg-type] # the names of the parameters


def test_one_that_was_signed_after_the_certificate_of_its_signer_ended() -> None:
    ended = read_certificate(x.exercise().credentials["duo"].certificate).not_valid_after_utc
    later = m.issued(made=ended + timedelta(seconds=1), ends=ended + timedelta(days=1))
    assert "red validity proof_signed_out_of_time" in c.against(shown(m.presented([later])))


@pytest.mark.parametrize(("seconds", "expected"), [(60, []), (61, ["red validity proof_not_yet_valid"])])
def test_one_that_was_signed_and_has_not_begun(seconds: int, expected: list[str]) -> None:
    assert c.against(shown(m.presented([m.valid_from(x.NOW + timedelta(seconds=seconds))]))) == expected


def test_one_that_lasts_as_long_as_the_calendar_is_judged_like_any_other() -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    verdict = shown(m.presented([m.issued(ends=last)]))
    assert (verdict.colour, verdict.facts.valid_until) == (Colour.GREEN, "9999-12-31")
    assert c.against(shown(m.presented([m.issued(signer=x.exercise().credentials["uwv"], ends=last)]))) == ["orange chain signer_unknown"]


def test_a_mobile_document_that_was_withdrawn() -> None:
    given = c.trust({c.URI: c.status_list({c.INDEX: INVALID})})
    assert c.against(c.presentation(m.presented(), given=given, asked=m.ASKED)) == ["red status withdrawn"]


def test_a_changed_value() -> None:
    changed = m.presented().replace("Çağla".encode(), "Cağla".encode() + b" ")
    assert c.against(shown(changed)) == ["red disclosures proof_digest"]


def test_a_response_of_an_app_that_says_it_failed() -> None:
    response = cbor2.loads(m.presented())
    response["status"] = 10
    assert c.against(shown(cbor2.dumps(response))) == ["red format proof_response_status"]


@pytest.mark.parametrize("data", [m.as_text(m.issued()) + b" ", m.as_text(m.issued()) + b"=", b"omppc3N1ZXJBdXRo\xff"])
def test_a_text_that_is_not_base64url_to_its_end(data: bytes) -> None:
    assert c.against(check_received(data, trust=c.trust(), at=x.NOW, catalogue=x.catalogue())) == ["red format proof_format"]


def test_one_that_is_too_large() -> None:
    assert c.against(c.credential(m.issued() + bytes(MAX_MDOC))) == ["red format proof_size"]
    verdict = check_received(m.as_text(m.issued() + bytes(2 * MAX_MDOC)), trust=c.trust(), at=x.NOW, catalogue=x.catalogue())
    assert c.against(verdict) == ["red format proof_size"]


def test_a_form_is_known_by_its_first_bytes() -> None:
    assert [form_of(data) for data in (m.issued(), m.presented(), m.as_text(m.issued()), m.as_text(m.presented()))] == ["mdoc"] * 4
    others = (b"", b"\xa1", b"\xb8\x02", b"\xa2\x6a", b"olala", b"%PDF-1.7", b"\xa1\x61a\x01", b"\xa1\x8aissuerAuth", b"o\n")
    assert [form_of(data) for data in others] == ["document"] * len(others)


@pytest.mark.parametrize(
    "head", [b"\xa1", b"\xb7", b"\xb8\x02", b"\xb9\x00\x02"], ids=["one member", "as many as fit", "their number apart", "in two bytes"]
)
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (b"nameSpaces", CheckedKind.CREDENTIAL),
        (b"issuerAuth", CheckedKind.CREDENTIAL),
        (b"version", CheckedKind.PRESENTATION),
        (b"documents", CheckedKind.PRESENTATION),
        (b"documentErrors", CheckedKind.PRESENTATION),
        (b"status", CheckedKind.PRESENTATION),
    ],
)
def test_the_first_name_tells_an_answer_from_what_travels_alone(head: bytes, name: bytes, kind: CheckedKind) -> None:
    begin = head + bytes((0x60 + len(name),)) + name + bytes(8)
    assert [kind_of(begin), kind_of(m.as_text(begin))] == [kind, kind]
    assert kind_of(begin.replace(name, name.swapcase())) is CheckedKind.DOCUMENT


def test_a_name_in_a_text_that_was_cut_off_is_still_seen() -> None:
    ends = (b"o", b"\r\n\r\n", b"    ")
    assert [form_of(b"omppc3N1ZXJBdXRo" + end) for end in ends] == ["mdoc", "mdoc", "document"]


@given(
    st.binary(max_size=100), st.sampled_from([b"\xa2\x6anameSpaces", b"\xa3\x67version", b"\xb8\x02\x6aissuerAuth", b"omppc3N1ZXJBdXRo"])
)
def test_any_bytes_give_a_red_verdict_of_the_format(data: bytes, start: bytes) -> None:
    verdict = check_received(start + data, trust=c.trust(), at=x.NOW, catalogue=x.catalogue())
    assert verdict.colour is Colour.RED
    assert verdict.facts.kind is kind_of(start + data)


PRESENTED = m.presented()
GOOD = shown(PRESENTED)


def test_a_changed_certificate_of_an_authority_that_only_came_along() -> None:
    authority = x.exercise().credentials["duo"].chain[0]
    before, after = PRESENTED.split(authority)
    changed = before + authority[:-1] + bytes((authority[-1] ^ 1,)) + after
    assert c.against(shown(changed)) == ["red chain chain_constraints"]


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_changes_what_a_green_one_says(place: int, value: int) -> None:
    place %= len(PRESENTED)
    changed = PRESENTED[:place] + bytes((PRESENTED[place] ^ value,)) + PRESENTED[place + 1 :]
    verdict = shown(changed)
    # What stands beside the signature, such as how long a length is written, says nothing.
    assert not isinstance(verdict, Verified) or verdict.content == c.content_of(GOOD)


def test_every_problem_of_an_mdoc_has_a_reason() -> None:
    assert set(MDOC_CODES.values()) <= REASONS.keys()


@pytest.mark.parametrize("claims", [{"onbekend": "x"}, {"schuldsaldo_inclusief_rente": "1"}, {"has_student_debt": 1}], ids=str)
def test_a_claim_that_is_not_of_the_summary(claims: Mapping[str, Element]) -> None:
    assert c.against(shown(m.presented([m.issued(claims)]))) == ["red claims schema"]
