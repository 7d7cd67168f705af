from dataclasses import replace

import pytest

from blauweknop.catalogue.texts import text
from blauweknop.checking.check_document import check_document
from blauweknop.checking.explaining import explain_steps, explanation_text, limits_of
from blauweknop.checking.reasons import REASONS, SKIPPED, result_of
from blauweknop.checking.steps import STEP_IDS
from blauweknop.checking.trust import NO_TRUST
from blauweknop.domain.verdict import CheckedKind, CheckResult, CheckStep, Rejected, Undecided, Verdict, VerdictFacts, Verified
from tests.unit.checking import exercise_documents as x

LANGUAGES = ("nl", "en")


def good() -> Verified:
    found = check_document(x.good_document(), trust=x.trust(), at=x.NOW, catalogue=x.catalogue())
    assert isinstance(found, Verified)
    return found


def rejected(step: str, reason: str) -> Verdict:
    return Rejected(VerdictFacts((CheckStep(step, CheckResult.FAIL, reason),)), "FORMAT_FAILURE")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_is_explained_in_its_order(language: str) -> None:
    steps = explain_steps(good(), language)
    assert tuple(step.id for step in steps) == STEP_IDS[CheckedKind.DOCUMENT]
    assert all(step.looked.endswith("?") and step.found for step in steps)
    assert len({step.found for step in steps}) == len(STEP_IDS[CheckedKind.DOCUMENT])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_told_in_its_step(reason: str, language: str) -> None:
    given = rejected("seal", reason) if result_of(reason) is CheckResult.FAIL else rejected("status", reason)
    (step,) = explain_steps(given, language)
    assert step.found == text(f"reason.{reason}").in_language(language)


def test_a_step_that_did_not_run_is_not_called_good() -> None:
    (step,) = explain_steps(Undecided(VerdictFacts((CheckStep("chain", CheckResult.SKIPPED, SKIPPED),)), "NO_POE"), "nl")
    assert step.found == text("explain.skipped").nl


def test_a_source_without_lists_is_not_said_to_have_been_asked() -> None:
    assert explain_steps(good(), "en")[-1].found == text("check.remark.status_not_offered").en


def test_a_document_made_smaller_has_its_own_answers() -> None:
    found = good()
    steps = tuple(replace(step, reason="reduced") if step.id == "seal_coverage" else step for step in found.facts.steps)
    reduced = replace(found, facts=replace(found.facts, steps=steps))
    said = {step.id: step.found for step in explain_steps(reduced, "nl")}
    assert said["seal"] == text("explain.seal.reduced").nl
    assert text("explain.limits.left_out").nl in limits_of(reduced, "nl")
    assert text("explain.limits.left_out").nl not in limits_of(found, "nl")


def test_what_a_verdict_does_not_say_depends_on_its_colour() -> None:
    unknown = check_document(x.good_document(), trust=NO_TRUST, at=x.NOW, catalogue=x.catalogue())
    limits = [limits_of(verdict, "nl") for verdict in (good(), unknown, rejected("seal", "seal_hash"))]
    assert len({one[0] for one in limits}) == 3
    assert any("2026" in words for words in limits[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_the_person_is_in_the_explanation(language: str) -> None:
    said = explanation_text(good(), language)
    assert not any(word in said for word in ("Çağla", "Łukasz", "1985"))
    assert max(map(len, said.splitlines())) <= 80
