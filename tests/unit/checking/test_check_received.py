import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.checking.check_received import check_received
from blauweknop.checking.explaining import explain_steps, explanation_text
from blauweknop.checking.mdoc_carrier import MDOC_CODES
from blauweknop.checking.received_forms import MOST_MESSAGE, kind_of
from blauweknop.checking.report import explain, report_json, report_text, seal_level
from blauweknop.checking.sd_jwt_carrier import PROOF_CODES
from blauweknop.checking.transport import verdict_from_bytes, verdict_to_bytes
from blauweknop.checking.wording import sentence_about
from blauweknop.domain.verdict import CheckedKind, CheckResult, Colour, Verdict, Verified
from blauweknop.standards.jose import MAX_JWS
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x


def received(data: bytes) -> Verdict:
    return check_received(data, trust=c.trust(), at=x.NOW, catalogue=x.catalogue())


def test_a_document_is_checked_as_a_document() -> None:
    verdict = check_received(x.good_document(), trust=x.trust(), at=x.NOW, catalogue=x.catalogue())
    assert isinstance(verdict, Verified)
    assert verdict.facts.kind is CheckedKind.DOCUMENT


def test_a_credential_is_checked_as_a_credential() -> None:
    verdict = received(c.of_document().encode())
    assert isinstance(verdict, Verified)
    assert verdict.facts.kind is CheckedKind.CREDENTIAL


def test_a_presentation_in_a_file_is_left_open() -> None:
    verdict = received(c.presented().encode())
    assert (verdict.facts.kind, verdict.colour) == (CheckedKind.PRESENTATION, Colour.ORANGE)
    assert c.against(verdict) == ["orange holder holder_not_asked"]


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (b"hello", "not_a_pdf"), (b"eyJ", "not_a_pdf"), (b"%PDF-", "header")])
def test_what_is_none_of_these_is_refused_as_a_document(data: bytes, reason: str) -> None:
    verdict = received(data)
    assert (verdict.facts.kind, verdict.facts.steps[0].reason) == (CheckedKind.DOCUMENT, reason)


def test_a_message_beyond_the_limit_is_not_read() -> None:
    verdict = received(b"ey" + b"a" * MAX_JWS + b"~\n")
    assert verdict.facts.steps[0].reason == "proof_size"


def test_a_message_beyond_the_limit_of_every_form_is_not_begun() -> None:
    largest = b"ey" + b"a" * (MOST_MESSAGE - 3) + b"~"
    verdicts = [received(data) for data in (largest, largest + b"~")]
    assert [verdict.facts.steps[0].reason for verdict in verdicts] == ["proof_size", "proof_size"]
    trust_list = [step.result for verdict in verdicts for step in verdict.facts.steps if step.id == "trust_list"]
    assert trust_list == [CheckResult.OK, CheckResult.SKIPPED]


def test_a_document_may_be_larger_than_every_message() -> None:
    assert received(b"%PDF-1.7\n" + bytes(MOST_MESSAGE)).facts.steps[0].reason != "proof_size"


def test_a_credential_ends_with_its_last_mark_and_at_most_a_line_end() -> None:
    good = c.of_document().encode()
    assert [kind_of(good + end) for end in (b"", b"\n", b"\r\n")] == [CheckedKind.CREDENTIAL] * 3
    assert [kind_of(good + end) for end in (b" ", b"\t", b"\n\x00")] == [CheckedKind.PRESENTATION] * 3


@given(st.binary(max_size=200), st.sampled_from([b"", b"%PDF-1.7\n", b"ey", b"eyJhbGciOiJFUzI1NiJ9.e30.~"]))
def test_any_bytes_give_a_red_verdict_with_all_its_words(data: bytes, start: bytes) -> None:
    verdict = received(start + data)
    assert verdict.colour is Colour.RED
    assert verdict.facts.kind is kind_of(start + data)
    assert verdict_from_bytes(verdict_to_bytes(verdict)) == verdict
    assert explain(verdict, "nl").reasons


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_credential_is_told_and_explained_in_words_of_its_own(language: str) -> None:
    verdict = received(c.of_document().encode())
    said = report_text("a.sd-jwt", verdict, language) + explanation_text(verdict, language)
    assert not any(word in said.lower() for word in ("pdf", "zegel", "seal", "łukasz"))
    steps = explain_steps(verdict, language)
    assert len({step.found for step in steps}) == len(steps)
    assert all(step.looked.endswith("?") for step in steps)


def test_a_credential_has_no_level_of_a_seal() -> None:
    assert seal_level(received(c.of_document().encode())) is None


def test_the_report_of_a_credential_has_the_names_of_every_report() -> None:
    document = report_json("a", received(x.good_document()))
    credential = report_json("a", received(c.of_document().encode()))
    assert document.keys() == credential.keys()
    assert (document["kind"], credential["kind"]) == ("document", "credential")


SHARED = (
    "no_trust_list trust_list_unreachable trust_list_malformed trust_list_signature trust_list_signer_unknown trust_list_rollback "
    "trust_list_stale signer_unknown signer_wrong_use chain_not_found chain_constraints chain_algorithm certificate_expired "
    "certificate_not_yet_valid service_withdrawn service_not_started certificate_oin issuer_not_entitled source_oin source_name "
    "dataset_unknown schema data_expired status_host status_form status_index status_unknown status_list_expired status_list_not_yet "
    "status_list_malformed status_list_subject status_list_signature status_list_signer withdrawn suspended status_other beyond_limits "
    "holder_unproved holder_not_asked policy_kind policy_dataset policy_issuer policy_age policy_age_unknown"
)


@pytest.mark.parametrize("code", [*PROOF_CODES.values(), *MDOC_CODES.values(), *SHARED.split()])
def test_what_is_said_of_a_credential_does_not_speak_of_a_document(code: str) -> None:
    for language in ("nl", "en"):
        said = " ".join(sentence_about(CheckedKind.CREDENTIAL, f"{part}.{code}", language) for part in ("reason", "remedy"))
        assert not any(word in said.lower() for word in ("document", "zegel", "pdf"))
