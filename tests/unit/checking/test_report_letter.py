import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from blauweknop.catalogue.texts import all_texts
from blauweknop.checking.page_step import find_page_difference
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.report_letter import compose_report_letter
from blauweknop.checking.trust import NO_TRUST
from blauweknop.checking.verification_report import UsedPolicy, VerificationReport
from blauweknop.document.blocks import Outcome, letter_text
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.domain.verdict import CheckedKind, CheckResult, Colour
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import foreign_documents
from tests.unit.checking import report_documents as r


def pages_of(report: VerificationReport) -> int:
    """How many pages its letter has; the pages must say what the letter says."""
    letter = compose_report_letter(report)
    shown = page_text(read_file(x.typeset(letter, [])))
    assert [page.problems for page in shown] == [()] * len(shown)
    assert find_page_difference(letter, shown) is None
    return len(shown)


HOSTILE = [
    "a\u202egnp.fdp",
    "中文.pdf",
    "e\u0301\u0301.pdf",
    "a\x00b",
    "ĈĈĈ",
    "a/b\\c" * 30,
    "\xad\xad",
    "'\"<>&{}#*_$`",
    "fi fl ffi",
    "ǅ ŉ",
]

FOUND: dict[str, Callable[[], CheckedFile]] = {
    **r.KINDS,
    "green": r.checked,
    "orange": lambda: r.checked(trust=NO_TRUST),
    "red": lambda: r.checked(x.good_document() + b"\n"),
    "garbage": lambda: r.checked(b"\x00nothing"),
}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", FOUND)
def test_a_report_takes_at_most_two_pages_that_say_what_it_says(name: str, language: str) -> None:
    assert pages_of(r.report(FOUND[name](), language=language)) <= 2


def test_a_report_with_everything_in_it_still_says_what_it_says() -> None:
    policy = UsedPolicy("Regels " + "van de bank " * 14, "ab" * 32)
    assert pages_of(r.report(file_name="x" * 5000, policy=policy, level="B-B")) <= 3


@pytest.mark.parametrize(
    "name", ["a\u202egnp.fdp", "中文.pdf", "e\u0301\u0301.pdf", "a\x00b", "ĈĈĈ", "a/b\\c" * 30, "\xad\xad", "'\"<>&{}#*_$`"]
)
def test_a_hostile_name_of_a_file_can_be_printed(name: str) -> None:
    assert pages_of(r.report(file_name=name)) <= 2


@pytest.mark.parametrize("name", ["Überlingen & Zn. <b>", "中文", "x" * 400, "a\u202eb"])
def test_a_hostile_name_of_an_organisation_can_be_printed(name: str) -> None:
    facts = replace(r.checked().verdict.facts, issuer_name=name)
    found = r.checked()
    assert pages_of(r.report(replace(found, verdict=replace(found.verdict, facts=facts)))) <= 2


@pytest.mark.parametrize("name", ["中文" * 32, "x" * 64, "a\u202eb", "Bank & Zn."])
def test_a_hostile_name_in_the_seal_of_somebody_else_can_be_printed(name: str) -> None:
    pdf = foreign_documents.sealed(foreign_documents.letter(), foreign_documents.stranger(organisation=name))
    assert pages_of(r.report(r.received(pdf, x.trust()))) <= 2


@pytest.mark.parametrize("name", FOUND)
def test_the_outcome_stands_first_in_words_and_colour(name: str) -> None:
    report = r.report(FOUND[name]())
    outcome = compose_report_letter(report).blocks[1]
    word = {"green": "GROEN", "orange": "ORANJE", "red": "ROOD"}[report.verdict]
    assert outcome == Outcome(report.verdict.value, f"UITKOMST: {word}", report.title.nl, report.summary.nl)


def test_a_letter_names_file_check_service_moment_and_lists() -> None:
    said = letter_text(compose_report_letter(r.report(file_name="a.pdf")))
    digest = r.digest_of(x.good_document())
    grouped = " ".join(digest[place : place + 4] for place in range(0, 64, 4))
    for words in (
        grouped,
        "a.pdf",
        r.NAME,
        "00000099000000000002",
        "23 november 2026 om 15.12 uur",
        "cdcd cdcd",
        "DUO (OIN 00000099000000001000)",
    ):
        assert words in said


def test_a_letter_without_time_stamp_says_so() -> None:
    assert "geen tijdstempel" in letter_text(compose_report_letter(r.report(level="B-B")))
    assert "geen tijdstempel" not in letter_text(compose_report_letter(r.report()))


def test_only_the_exercise_calls_its_reports_not_real() -> None:
    exercise, real = (compose_report_letter(r.report(exercise=exercise)).footer for exercise in (True, False))
    assert len(exercise) == len(real) + 1


def test_there_are_words_for_each_kind_result_and_colour() -> None:
    keys = [f"report.kind.{kind}" for kind in (*CheckedKind, "reduced", "other")]
    keys += [f"report.result.{result}" for result in CheckResult] + [f"report.colour.{colour}" for colour in Colour]
    assert set(keys) <= all_texts().keys()


def test_a_word_of_later_is_printed_as_it_is() -> None:
    report = r.report()
    letter = compose_report_letter(msgspec.structs.replace(report, status="frozen", reference_date="2026-13-45"))
    assert "frozen" in letter_text(letter)
    assert "2026-13-45" in letter_text(letter)


def test_the_words_of_version_1_stay_as_they_are() -> None:
    # A check composes the letter of a report again: with other words every report that was given out would turn red.
    not_on_paper = {"report.seal_field", "report.seal_reason", "report.description"}
    frozen = {
        key: [words.nl, words.en]
        for key, words in sorted(all_texts().items())
        if key.startswith("report.") and not key.startswith("report.kind.") and key not in not_on_paper  # kinds may be added
    }
    digest = hashlib.sha256(json.dumps(frozen).encode()).hexdigest()
    assert digest == "ae52ddbdf8498a6a210aaad839516b5740b1200ae47cf6a5da1811c238316396"
