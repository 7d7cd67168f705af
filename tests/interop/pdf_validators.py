"""Judges of PDF files that are not ours: veraPDF, qpdf and pdfsig. A test that calls one marks the suite of that name."""

import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.suites import verapdf_classpath

__all__ = ["PdfSignature", "ValidatorFailure", "pdfsig", "qpdf_check", "verapdf", "verapdf_findings"]

_VERAPDF_MAIN = "org.verapdf.apps.GreenfieldCliWrapper"
_SECONDS = 300


class ValidatorFailure(Exception):
    """A validator did not give a judgement at all."""


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """What `pdfsig` of poppler says of one signature; it does not look at who signed."""

    valid: bool
    total_document_signed: bool
    subfilter: str


def verapdf(paths: Iterable[Path], flavour: str) -> dict[Path, bool]:
    """Whether each file passes a flavour (`3a`, `ua1`, ...), for all files in one start of Java.

    Raises:
        ValidatorFailure: veraPDF is silent about a file.
    """
    return {path: findings == () for path, findings in verapdf_findings(paths, flavour).items()}


def verapdf_findings(paths: Iterable[Path], flavour: str) -> dict[Path, tuple[str, ...]]:
    """The broken rules of each file, as clause and test number (`6.1.11-2`), or what else veraPDF says; nothing when it passes.

    Raises:
        ValidatorFailure: veraPDF is silent about a file.
    """
    files = list(paths)
    if not files:
        return {}
    classpath = verapdf_classpath()
    assert classpath is not None, "mark the test suite('verapdf')"
    java = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classpath, _VERAPDF_MAIN]
    lines = _output([*java, "--format", "text", "-v", "-f", flavour, *(str(path) for path in files)]).splitlines()
    return {path: _findings_of(path, flavour, lines) for path in files}


def _findings_of(path: Path, flavour: str, lines: Sequence[str]) -> tuple[str, ...]:
    absolute = str(path.absolute())
    if f"PASS {absolute} {flavour}" in lines:
        return ()
    failed = f"FAIL {absolute} {flavour}"
    if failed in lines:
        start = lines.index(failed) + 1
        rules = []
        for line in lines[start:]:
            if not line.startswith("  FAIL "):
                break
            rules.append(line.removeprefix("  FAIL "))
        return tuple(rules) or ("fails",)
    said = tuple(line for line in lines if line.startswith(absolute))
    if not said:
        raise ValidatorFailure(f"veraPDF said nothing about {path.name}")
    return said


def qpdf_check(path: Path) -> tuple[str, ...]:
    """What `qpdf --check` finds wrong in the structure of a file; nothing when it is clean, warnings count."""
    done = _run(["qpdf", "--check", str(path)])
    if done.returncode == 0:
        return ()
    return tuple(line for line in done.stderr.splitlines() if line) or (f"exit code {done.returncode}",)


def pdfsig(path: Path) -> tuple[PdfSignature, ...]:
    """Every signature that poppler sees, in order; none for a file without, or one that it cannot read."""
    report = _run(["pdfsig", "-nocert", str(path)]).stdout
    return tuple(
        PdfSignature(
            valid="Signature Validation: Signature is Valid." in part,
            total_document_signed="Total document signed" in part and "Not total document signed" not in part,
            subfilter=_field(part, "Signature Type"),
        )
        for part in re.split(r"^Signature #[0-9]+:$", report, flags=re.MULTILINE)[1:]
    )


def _field(report: str, name: str) -> str:
    found = re.search(rf"^\s*- {re.escape(name)}: (.*)$", report, flags=re.MULTILINE)
    return found[1].strip() if found else ""


def _output(command: Sequence[str]) -> str:
    return _run(command).stdout


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, timeout=_SECONDS, env=environment, stdin=subprocess.DEVNULL
    )
