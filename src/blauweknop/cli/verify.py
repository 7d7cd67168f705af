"""`blauweknop verify`: check documents; exit 0 green, 1 orange, 2 red, 3 usage or read fault, the worst of all files."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from blauweknop.adapters.sandbox import SandboxFailure, check_in_child
from blauweknop.adapters.sandbox_worker import warm_up
from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.checking.report import report_json, report_text
from blauweknop.checking.trust import Trust
from blauweknop.cli.trust import parse_moment, trust_of_options
from blauweknop.document.pdf_file import FileLimits
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Colour, Verdict

__all__ = ["EXIT_CODES", "READ_FAULT", "Checker", "prepare_checker", "tell_unreadable", "verify_files"]

EXIT_CODES = {Colour.GREEN: 0, Colour.ORANGE: 1, Colour.RED: 2}
READ_FAULT = 3
_LANGUAGES = ("nl", "en")


@dataclass(frozen=True, slots=True)
class Checker:
    """Everything a check needs but the file."""

    trust: Trust
    at: datetime
    catalogue: Catalogue

    def read(self, path: Path) -> bytes:
        """The bytes of a file, or of a larger one as many as show that it is too large. Raises: OSError."""
        with path.open("rb") as file:
            return file.read(FileLimits().file_size + 1)

    def check(self, pdf: bytes) -> Verdict:
        """The verdict, found in a child process with limits. Raises: SandboxFailure."""
        return check_in_child(pdf, trust=self.trust, at=self.at, catalogue=self.catalogue)


def prepare_checker(
    trust_list: str | None,
    trust_anchor: Path | None,
    *,
    offline: bool,
    at: str | None,
    bundle: Path | None,
    config: Path | None,
    language: str,
    now: datetime,
) -> Checker:
    """Read the options that `verify` and `extract` share; `now` is the real time, by which the trust list itself is read.

    Raises:
        BlauweKnopError: one of them cannot be used.
    """
    if language not in _LANGUAGES:
        raise BlauweKnopError("this language is not offered", remedy="choose --language nl or --language en")
    if bundle is not None or os.environ.get("BLAUWEKNOP_BUNDLE"):
        typer.echo(sentence("check.cli.bundle", language), err=True)
    moment = parse_moment(at, now)
    trust = trust_of_options(trust_list, trust_anchor, offline=offline, config=config, now=now)
    return Checker(trust, moment, warm_up())


def verify_files(
    files: Sequence[Path],
    *,
    as_json: bool = False,
    trust_list: str | None = None,
    trust_anchor: Path | None = None,
    offline: bool = False,
    at: str | None = None,
    bundle: Path | None = None,
    config: Path | None = None,
    language: str = "nl",
    now: datetime | None = None,
) -> int:
    """Check each file, print its verdict, and give the exit code.

    Raises:
        BlauweKnopError: the options cannot be used.
    """
    checker = prepare_checker(
        trust_list, trust_anchor, offline=offline, at=at, bundle=bundle, config=config, language=language, now=now or datetime.now(UTC)
    )
    worst = 0
    for path in files:
        try:
            pdf = checker.read(path)
        except OSError:
            tell_unreadable(path, language)
            worst = READ_FAULT
            continue
        try:
            verdict = checker.check(pdf)
        except SandboxFailure as error:
            typer.echo(f"{path}: {error}\n  {error.remedy}", err=True)
            worst = READ_FAULT
            continue
        typer.echo(
            json.dumps(report_json(str(path), verdict), ensure_ascii=False) if as_json else report_text(str(path), verdict, language)
        )
        worst = max(worst, EXIT_CODES[verdict.colour])
    return worst


def tell_unreadable(path: Path, language: str) -> None:
    """One clear sentence and the remedy, on standard error."""
    typer.echo(sentence("check.cli.unreadable", language, file=path), err=True)
    typer.echo(f"  {sentence('check.cli.unreadable_remedy', language)}", err=True)
