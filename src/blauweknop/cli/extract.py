"""`blauweknop extract`: the data of a document or credential, only after it passed the check; the exit codes are those of `verify`."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from blauweknop.catalogue.texts import sentence
from blauweknop.checking.extract import as_csv, as_json, attached_credential
from blauweknop.checking.report import report_text
from blauweknop.cli.output_file import place_for, write_whole
from blauweknop.cli.verify import EXIT_CODES, READ_FAULT, prepare_checker, tell_unreadable
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import CheckedKind, Verified

__all__ = ["FORMS", "extract_file"]

FORMS = ("json", "csv", "sd-jwt")


def extract_file(
    file: Path,
    *,
    to: str = "json",
    output: Path | None = None,
    trust_list: str | None = None,
    trust_anchor: Path | None = None,
    offline: bool = False,
    at: str | None = None,
    bundle: Path | None = None,
    policy: Path | None = None,
    config: Path | None = None,
    language: str = "nl",
    now: datetime | None = None,
) -> int:
    """Write the data to `output` or standard output, and give the exit code; nothing is written when the verdict is not green.

    Raises:
        BlauweKnopError: the options cannot be used, or `output` cannot be written.
    """
    if to not in FORMS:
        raise BlauweKnopError("this form is not offered", remedy=f"choose --to {', '.join(FORMS)}")
    place = place_for(output, file) if output is not None else None
    checker = prepare_checker(
        trust_list,
        trust_anchor,
        offline=offline,
        at=at,
        bundle=bundle,
        config=config,
        language=language,
        now=now or datetime.now(UTC),
        policy=policy,
    )
    try:
        data = checker.read(file)
    except OSError:
        tell_unreadable(file, language)
        return READ_FAULT
    verdict = checker.check(data)
    if not isinstance(verdict, Verified):
        typer.echo(sentence("check.cli.not_green", language, file=file), err=True)
        typer.echo(report_text(str(file), verdict, language), err=True)
        return EXIT_CODES[verdict.colour]
    made = _in_form(verdict, data, to).encode("utf-8")
    if place is None:
        typer.echo(made, nl=False)
    else:
        write_whole(made, place)
    return EXIT_CODES[verdict.colour]


def _in_form(verdict: Verified, data: bytes, to: str) -> str:
    if to == "csv":
        return as_csv(verdict)
    if to == "json":
        return as_json(verdict)
    if verdict.facts.kind is CheckedKind.REPORT:
        raise BlauweKnopError("a report of a check holds no credential", remedy="choose --to json")
    return (attached_credential(data) if verdict.facts.kind is CheckedKind.DOCUMENT else data.decode("ascii").rstrip()) + "\n"
