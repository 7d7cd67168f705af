from datetime import UTC, datetime

import pytest

from blauweknop.checking.check_document import check_document
from blauweknop.checking.steps import STEP_IDS
from blauweknop.checking.trust import NO_TRUST
from blauweknop.domain.verdict import CheckedKind, CheckResult, Rejected, Undecided, Verdict, Verified
from tests.unit.checking import exercise_documents as x


def verdict(pdf: bytes) -> Verdict:
    return check_document(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())


def test_every_verdict_lists_all_steps_in_order() -> None:
    for pdf in (x.good_document(), b"", x.good_document() + b"\n", x.good_letter()):
        assert tuple(step.id for step in verdict(pdf).facts.steps) == STEP_IDS[CheckedKind.DOCUMENT]


@pytest.mark.parametrize(
    "at", [datetime.min.replace(tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_at_the_edges_of_the_calendar_a_document_is_not_good_and_no_crash(at: datetime) -> None:
    found = check_document(x.good_document(), trust=x.trust(), at=at, catalogue=x.catalogue())
    assert isinstance(found, Rejected | Undecided)


def test_steps_after_a_failed_one_are_skipped_and_not_green() -> None:
    found = verdict(x.good_document() + b"\n")
    results = {step.id: step.result for step in found.facts.steps}
    assert results["container"] is CheckResult.FAIL
    assert {results[step] for step in ("structure", "seal", "chain", "content", "page_text", "status")} == {CheckResult.SKIPPED}


def test_a_green_verdict_skips_nothing() -> None:
    found = verdict(x.good_document())
    assert isinstance(found, Verified)
    assert {step.result for step in found.facts.steps} == {CheckResult.OK}
    assert found.content == x.content()


def test_without_trust_the_seal_is_still_judged() -> None:
    found = check_document(x.good_document(), trust=NO_TRUST, at=x.NOW, catalogue=x.catalogue())
    results = {step.id: step.result for step in found.facts.steps}
    assert isinstance(found, Undecided)
    assert results["seal"] is CheckResult.OK
    assert results["chain"] is CheckResult.SKIPPED


def test_without_trust_a_broken_seal_is_red() -> None:
    pdf = x.good_document().replace(b"<xmp:CreateDate>2026", b"<xmp:CreateDate>2025")
    assert isinstance(check_document(pdf, trust=NO_TRUST, at=x.NOW, catalogue=x.catalogue()), Rejected)


def test_the_facts_of_a_broken_document_name_nobody() -> None:
    facts = verdict(x.good_document().replace(b"<xmp:CreateDate>2026", b"<xmp:CreateDate>2025")).facts
    assert (facts.issuer_name, facts.issuer_oin, facts.dataset, facts.seal_time, facts.best_signature_time) == (None,) * 5


def test_a_seal_is_no_longer_proved_when_the_certificate_of_its_time_stamp_ends_and_not_refused_either() -> None:
    # Four years on all certificates have ended. With a later time stamp it stays good: test_archived_documents.py.
    later = datetime(2030, 11, 23, tzinfo=UTC)
    found = check_document(x.good_document(), trust=x.trust(), at=later, catalogue=x.catalogue())
    assert isinstance(found, Undecided)
    assert {step.reason for step in found.facts.steps if step.result is CheckResult.WARN} == {
        "trust_list_stale",
        "time_stamp_aged",
        "data_expired",
    }
