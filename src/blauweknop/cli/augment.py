"""`blauweknop augment`: add the proofs to a document that keep it good for years; the exit codes are those of `verify`."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from blauweknop.assembly.archiving import archive_means
from blauweknop.catalogue.texts import sentence
from blauweknop.checking.report import deciding_steps, report_text, seal_level
from blauweknop.cli.configuration import find_settings
from blauweknop.cli.output_file import place_for, write_whole
from blauweknop.cli.verify import EXIT_CODES, READ_FAULT, prepare_checker, tell_unreadable
from blauweknop.document.archiving import ArchiveLevel, archive
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Colour, Verdict

__all__ = ["augment_file"]

# What new lists and time stamps mend; and what is no matter of the seal: documents are kept longer than their data are news.
_MENDED = frozenset({"time_stamp_missing", "no_crl", "crl_stale", "crl_not_yet"})
_OF_THE_DATA = frozenset({"data_expired"})


def augment_file(
    file: Path,
    level: ArchiveLevel,
    output: Path,
    *,
    trust_list: str | None = None,
    trust_anchor: Path | None = None,
    offline: bool = False,
    config: Path | None = None,
    language: str = "nl",
    now: datetime | None = None,
) -> int:
    """Check, add, check again, and write in one step; a document that does not pass is told as `verify` does, and nothing is written.

    Raises:
        BlauweKnopError: the options cannot be used, the lists are too old, or `output` cannot be written.
    """
    moment = now or datetime.now(UTC)
    settings = find_settings(config)  # not one beside the document: it would say whom to trust
    checker = prepare_checker(trust_list, trust_anchor, offline=offline, at=None, bundle=None, config=config, language=language, now=moment)
    place = place_for(output, file, otherwise="give another file with -o, and keep the document as the source gave it")
    try:
        pdf = checker.read(file)
    except OSError:
        tell_unreadable(file, language)
        return READ_FAULT
    before = checker.check(pdf)
    oin = before.facts.issuer_oin
    if oin is None or not _only(before, _MENDED | _OF_THE_DATA):
        typer.echo(sentence("augment.not_good", language, file=file), err=True)
        typer.echo(report_text(str(file), before, language), err=True)
        return EXIT_CODES[before.colour] or READ_FAULT
    means = archive_means(settings, oin, now=moment)
    try:
        augmented = archive(pdf, level, crls=means.crls, stamp=means.stamp)
    except MalformedPdf as error:
        raise BlauweKnopError(f"{file} cannot be extended: {error}", remedy=sentence("augment.new_document", language)) from error
    after = checker.check(augmented)
    if not _only(after, _OF_THE_DATA) or seal_level(after) != level:
        typer.echo(sentence("augment.not_better", language, file=file, level=level), err=True)
        typer.echo(report_text(str(output), after, language), err=True)
        return EXIT_CODES[after.colour] or READ_FAULT
    write_whole(augmented, place)
    typer.echo(sentence("augment.done", language, file=output, level=level))
    return 0


def _only(verdict: Verdict, accepted: frozenset[str]) -> bool:
    """Whether the document is green, or orange for these reasons alone."""
    if verdict.colour is Colour.GREEN:
        return True
    return verdict.colour is Colour.ORANGE and {step.reason for step in deciding_steps(verdict)} <= accepted
