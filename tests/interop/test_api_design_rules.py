import subprocess
from pathlib import Path

import pytest

from blauweknop.verifier.api.openapi import Contact, description
from blauweknop.verifier.api.routes import API_VERSION
from tests.suites import spectral_program

CONTACT = Contact("Beheer", "api@controle.example", "https://controle.example")


def lint(document: bytes, rules: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    """What the linter of the Dutch API Design Rules says; it ends with 1 when there are errors."""
    program = spectral_program()
    assert program is not None, "mark the test suite('spectral')"
    (folder / "openapi.json").write_bytes(document)
    return subprocess.run(
        [str(program), "lint", "--fail-severity", "error", "-r", str(rules), str(folder / "openapi.json")],
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.mark.suite("spectral")
def test_the_description_keeps_the_dutch_api_design_rules(shared_folder: Path, tmp_path: Path) -> None:
    document = description("https://controle.example/v1", API_VERSION, CONTACT)
    done = lint(document, shared_folder / "vectors" / "api-design-rules" / "linter.yaml", tmp_path)
    assert done.returncode == 0, done.stdout
    assert "No results with a severity of 'error' found!" in done.stdout


@pytest.mark.suite("spectral")
def test_the_linter_sees_a_description_that_breaks_a_rule(shared_folder: Path, tmp_path: Path) -> None:
    document = description("https://controle.example/api", API_VERSION, CONTACT)  # no version in the address
    done = lint(document, shared_folder / "vectors" / "api-design-rules" / "linter.yaml", tmp_path)
    assert done.returncode == 1
    assert "nlgov:include-major-version-in-uri" in done.stdout
