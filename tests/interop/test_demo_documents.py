"""Every document of the demo before judges that are not ours, and before ourselves."""

import json
import re
import subprocess
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from jsonschema import Draft202012Validator, FormatChecker

from blauweknop.adapters.trust_store import TrustPlaces, load_trust
from blauweknop.catalogue import json_schema, load_catalogue
from blauweknop.checking.check_document import check_document
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.values import format_value
from blauweknop.domain.dataset import Field, FieldType
from blauweknop.domain.verdict import CheckResult, Verified
from blauweknop.register.exercise_keys import open_exercise_scheme
from tests.demo_scheme import NO_BSN, PlayedDemo
from tests.interop.pdf_validators import pdfsig, qpdf_check, verapdf_findings
from tests.interop.signature_validators import pyhanko_verdict
from tests.security.bsn_scan import bsns_in_file


def test_the_journeys_go_well_and_bring_documents_of_all_five_sources(demo: PlayedDemo) -> None:
    sources = {name for name in ("duo", "uwv", "cak", "denhaag", "dichtbij") for path in demo.documents if f"-{name}-" in path.name}
    failed = [step for step in demo.report["steps"] if step["outcome"] != "ok"]
    assert (demo.exit_code, failed, sources) == (0, [], {"duo", "uwv", "cak", "denhaag", "dichtbij"})


def test_all_scripted_journeys_are_played(demo: PlayedDemo) -> None:
    played = {(step["journey"], step["step"]) for step in demo.report["steps"]}
    assert {journey for journey, _ in played} == {"J1", "J2", "J3", "J4", "J5", "J5 by two", "J6", "J7", "J8", "J10"}
    assert {("J3", "dossier"), ("J4", "dossier"), ("J5", "dossier"), ("J7", "dossier is gone"), ("J10", "dossier names both")} <= played


def test_a_document_that_its_source_withdrew_turned_red(demo: PlayedDemo) -> None:
    withdrawn = [(step["step"], step["outcome"]) for step in demo.report["steps"] if step["journey"] == "J8"]
    assert withdrawn == [("green", "ok"), ("withdraw", "ok"), ("red", "ok")]


@pytest.mark.suite("verapdf")
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_verapdf_passes_every_document(demo: PlayedDemo, flavour: str) -> None:
    assert {path.name: found for path, found in verapdf_findings(demo.documents, flavour).items() if found} == {}


@pytest.mark.suite("poppler")
def test_pdfsig_finds_one_valid_signature_over_the_whole_document(demo: PlayedDemo) -> None:
    judged = {path.name: [(seal.valid, seal.total_document_signed) for seal in pdfsig(path)] for path in demo.documents}
    assert {name: seals for name, seals in judged.items() if seals != [(True, True)]} == {}


@pytest.mark.suite("qpdf")
def test_qpdf_finds_every_document_clean(demo: PlayedDemo) -> None:
    assert {path.name: found for path in demo.documents if (found := qpdf_check(path))} == {}


def test_pyhanko_trusts_every_document_with_its_time_stamp(demo: PlayedDemo) -> None:
    root = open_exercise_scheme(demo.folder / "keys").authorities()[0].public_bytes(Encoding.DER)
    opinions = {path.name: pyhanko_verdict(path.read_bytes(), roots=[root]) for path in demo.documents}
    assert {name: opinion.summary for name, opinion in opinions.items() if not (opinion.good and opinion.time_stamp)} == {}


def test_our_own_check_calls_every_document_green(demo: PlayedDemo) -> None:
    now = datetime.now(UTC)
    trust = load_trust(
        TrustPlaces(str(demo.folder / "trust-list.json"), demo.folder / "trust-anchor.pem"),
        now=now,
        state=demo.folder / "receiver",
        fetch=None,
    )
    verdicts = {path.name: check_document(path.read_bytes(), trust=trust, at=now, catalogue=load_catalogue()) for path in demo.documents}
    bad = {
        name: [f"{step.id}: {step.reason}" for step in verdict.facts.steps if step.result is not CheckResult.OK]
        for name, verdict in verdicts.items()
        if not isinstance(verdict, Verified)
    }
    assert bad == {}


@pytest.mark.suite("mupdf")
def test_mutool_reads_every_document_without_complaint(demo: PlayedDemo) -> None:
    complaints = {path.name: _run("mutool", "draw", "-q", "-F", "txt", "-o", "/dev/null", str(path)).stderr for path in demo.documents}
    of_the_build = "warning: ICC support is not available\n"  # said of any file with an output intent, as PDF/A must have
    assert {name: complaint for name, complaint in complaints.items() if complaint.replace(of_the_build, "")} == {}


@pytest.mark.suite("poppler")
def test_pdftotext_reads_every_document_without_complaint(demo: PlayedDemo) -> None:
    complaints = {path.name: _run("pdftotext", str(path), "-").stderr for path in demo.documents}
    assert {name: complaint for name, complaint in complaints.items() if complaint} == {}


@pytest.mark.suite("poppler")
def test_every_document_has_its_two_attachments(demo: PlayedDemo) -> None:
    listed = {path.name: re.findall(r"^\d+: (.+)$", _run("pdfdetach", "-list", str(path)).stdout, re.MULTILINE) for path in demo.documents}
    assert {name: files for name, files in listed.items() if files != ["gegevens.json", "gegevens.sd-jwt"]} == {}


@pytest.mark.suite("poppler")
def test_the_data_inside_fit_the_published_schema(demo: PlayedDemo, tmp_path: Path) -> None:
    faults: dict[str, list[str]] = {}
    for path in demo.documents:
        content = _data_inside(path, tmp_path)
        schema = json_schema(load_catalogue().dataset(content["type"]))
        found = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(content)
        faults[path.name] = [f"{error.json_path}: {error.validator}" for error in found]
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.suite("poppler")
def test_the_page_shows_every_value_of_the_data(demo: PlayedDemo, tmp_path: Path) -> None:
    missing: dict[str, list[str]] = {}
    for path in demo.documents:
        shown = _bare("".join(page.content for page in page_text(read_file(path.read_bytes()))))
        missing[path.name] = [place for place, value in _values_inside(path, tmp_path) if _bare(value) not in shown]
    assert {name: places for name, places in missing.items() if places} == {}


@pytest.mark.suite("poppler")
def test_another_reader_finds_every_word_of_the_values_on_the_page(demo: PlayedDemo, tmp_path: Path) -> None:
    missing: dict[str, list[str]] = {}
    for path in demo.documents:
        words = set(unicodedata.normalize("NFC", _run("pdftotext", "-raw", str(path), "-").stdout).split())
        missing[path.name] = [place for place, value in _values_inside(path, tmp_path) if not words.issuperset(value.split())]
    assert {name: places for name, places in missing.items() if places} == {}


def test_no_document_holds_a_burgerservicenummer(demo: PlayedDemo) -> None:
    assert {path.name: found for path in demo.documents if (found := bsns_in_file(path, allowed=NO_BSN))} == {}


def _values_inside(path: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Where and how each value that belongs on paper reads: the person, and every chosen field and cell."""
    content = _data_inside(path, folder)
    yield "subject", f"{content['subject']['given_name']} {content['subject']['family_name']}"
    fields = load_catalogue().dataset(content["type"]).fields
    yield from _values(fields, content["data"], content["language"])


def _values(fields: Sequence[Field], data: Any, language: str) -> Iterator[tuple[str, str]]:
    for field in fields:
        value = data
        for step in field.path:
            value = value.get(step) if isinstance(value, dict) else None
        if value is None or not field.on_paper:
            continue
        if field.type is FieldType.LIST:
            for row in value:
                yield from ((f"{field.name}.{place}", words) for place, words in _values(field.fields, row, language))
        else:
            yield field.name, format_value(field, value, language)


def _data_inside(path: Path, folder: Path) -> dict[str, Any]:
    target = folder / f"{path.stem}.json"
    if not target.exists():
        done = _run("pdfdetach", "-savefile", "gegevens.json", "-o", str(target), str(path))
        assert done.returncode == 0, done.stderr
    content: dict[str, Any] = json.loads(target.read_text("utf-8"))
    return content


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
