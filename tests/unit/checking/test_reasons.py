import ast
from pathlib import Path

import pytest

from blauweknop.catalogue.texts import all_texts
from blauweknop.checking.reasons import REASONS, STRUCTURE_OTHER, known_reason, result_of
from blauweknop.checking.steps import STEP_IDS
from blauweknop.domain.verdict import CheckResult
from tests.suites import PROJECT

SOURCE = PROJECT / "src" / "blauweknop"
# Calls whose first argument is a code, in the modules that read files.
NAMING = {"MalformedPdf", "PdfProblem", "StopStep", "_refuse", "report", "_unknown"}


def codes_in(path: Path) -> set[str]:
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) in NAMING]
    arguments = [argument for call in named for argument in call.args[:3]]
    compared = {id(inner) for call in named for node in ast.walk(call) if isinstance(node, ast.Compare) for inner in ast.walk(node)}
    nodes = [node for argument in arguments for node in ast.walk(argument) if isinstance(node, ast.Constant) and id(node) not in compared]
    texts = [node.value for node in nodes]
    return {text for text in texts if isinstance(text, str) and text.replace("_", "").isalpha() and text.islower()}


def test_every_code_of_the_check_is_listed() -> None:
    used = set().union(*(codes_in(path) for path in (SOURCE / "checking").glob("*.py")))
    assert used <= REASONS.keys()


def test_every_code_of_the_file_reader_is_listed() -> None:
    used = set().union(*(codes_in(path) for path in (SOURCE / "document").glob("*.py") if path.stem.startswith(("pdf_", "page_"))))
    assert used <= REASONS.keys()


def test_every_code_of_the_reader_of_files_of_others_is_listed() -> None:
    used = set().union(*(codes_in(path) for path in (SOURCE / "document" / "foreign").glob("*.py")))
    assert used <= REASONS.keys()


def test_a_code_that_is_not_listed_is_still_red() -> None:
    assert result_of(known_reason("a_rule_of_tomorrow")) is CheckResult.FAIL
    assert known_reason("a_rule_of_tomorrow") == STRUCTURE_OTHER


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_has_a_sentence_and_a_next_step(code: str) -> None:
    for key in (f"reason.{code}", f"remedy.{code}"):
        assert all_texts()[key].nl.endswith((".", "!", "?"))
        assert all_texts()[key].en.endswith((".", "!", "?"))


def test_there_are_no_sentences_without_a_reason() -> None:
    keys = {key.split(".")[1] for key in all_texts() if key.startswith(("reason.", "remedy."))}
    assert keys == REASONS.keys()


def test_every_step_and_result_has_a_name() -> None:
    steps = set().union(*STEP_IDS.values())
    assert {f"check.step.{step}" for step in steps} | {f"check.result.{result}" for result in CheckResult} <= all_texts().keys()
