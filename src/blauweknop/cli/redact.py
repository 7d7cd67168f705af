"""`blauweknop redact`: make one's own document smaller and still certified, only after it passed the check; exit codes as `verify`.

It needs no key of the source and asks nobody: see `document.redaction`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer

from blauweknop.catalogue.texts import sentence
from blauweknop.checking.received_forms import kind_of
from blauweknop.checking.report import report_text
from blauweknop.cli.output_file import place_for, write_whole
from blauweknop.cli.verify import EXIT_CODES, READ_FAULT, Checker, prepare_checker, tell_unreadable
from blauweknop.document.kept_paths import KeptPath, parse_path, path_choices
from blauweknop.document.pdf_file import read_file
from blauweknop.document.redaction import TrustedInput, lay_out_reduced, read_trusted, reduce_credential
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import CheckedKind, Verdict, Verified
from blauweknop.standards.undisclosed import take_inventory

__all__ = ["redact_file"]


def redact_file(
    file: Path,
    *,
    keep: Sequence[str],
    output: Path | None = None,
    list_paths: bool = False,
    trust_list: str | None = None,
    trust_anchor: Path | None = None,
    offline: bool = False,
    at: str | None = None,
    bundle: Path | None = None,
    config: Path | None = None,
    language: str = "nl",
    now: datetime | None = None,
) -> int:
    """Write the smaller document to `output`, or with `list_paths` the paths there are; nothing when the verdict is not green.

    The exit code is that of the document; when that is green, of the smaller one.

    Raises:
        BlauweKnopError: the options cannot be used, a path leads to nothing, or `output` cannot be written.
    """
    if not list_paths and (not keep or output is None):
        raise BlauweKnopError("say what to keep and where to write it", remedy="give --keep PATH and -o OUT; --list shows the paths")
    place = place_for(output, file) if output is not None else None
    paths = [parse_path(text) for text in keep]
    moment = now or datetime.now(UTC)
    checker = prepare_checker(trust_list, trust_anchor, offline=offline, at=at, bundle=bundle, config=config, language=language, now=moment)
    try:
        pdf = checker.read(file)
    except OSError:
        tell_unreadable(file, language)
        return READ_FAULT
    if kind_of(pdf) is not CheckedKind.DOCUMENT:
        raise BlauweKnopError(f"{file} is no document but a credential", remedy="give the PDF of the source")
    verdict = checker.check(pdf)
    if not isinstance(verdict, Verified):
        typer.echo(sentence("check.cli.not_green", language, file=file), err=True)
        typer.echo(report_text(str(file), verdict, language), err=True)
        return EXIT_CODES[verdict.colour]
    if verdict.facts.kind is CheckedKind.REPORT:
        raise BlauweKnopError(f"{file} is no document but the report of a check", remedy="give the PDF of the source")
    trusted = read_trusted(read_file(pdf))
    if list_paths or output is None or place is None:
        _show_paths(trusted, language)
        return EXIT_CODES[verdict.colour]
    smaller = _smaller(trusted, verdict, paths, checker, moment)
    write_whole(smaller, place)
    typer.echo(sentence("redact.written", language, file=output))
    return _tell_result(replace(checker, at=moment).check(smaller), output, language)


def _smaller(trusted: TrustedInput, verdict: Verified, paths: Sequence[KeptPath], checker: Checker, now: datetime) -> bytes:
    from blauweknop.document.typesetting import Typesetter

    dataset = checker.catalogue.dataset(str(verdict.facts.dataset))
    made_at = now.replace(microsecond=0)
    reduced = reduce_credential(trusted.credential, paths, dataset, made_at=made_at)
    exercise = checker.trust.trust_list is not None and checker.trust.trust_list.exercise
    return lay_out_reduced(
        reduced, dataset, revocation=trusted.revocation, exercise=exercise, made_at=made_at, lay_out=Typesetter().typeset
    )


def _tell_result(verdict: Verdict, output: Path, language: str) -> int:
    """What a receiver would see now: of an old document the revocation lists, which the smaller one lives by, may be too old."""
    if not isinstance(verdict, Verified):
        typer.echo(report_text(str(output), verdict, language), err=True)
    return EXIT_CODES[verdict.colour]


def _show_paths(trusted: TrustedInput, language: str) -> None:
    typer.echo(sentence("redact.paths", language))
    for path in path_choices([item.shown for item in take_inventory(trusted.credential).disclosed]):
        typer.echo(f"  {path}")
    typer.echo(sentence("redact.always", language))
