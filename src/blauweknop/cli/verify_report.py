"""`blauweknop verify FILE --report OUT.pdf|OUT.json`: the signed report of the check, by the keys of [verifier] in the configuration.

OUT.pdf is the sealed letter with the signed report inside, OUT.json the signed report alone (JWS, flattened). What cannot be used is said
before anything is checked.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import typer

from blauweknop.adapters.settings_reports import ReportSettings, load_report_settings
from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.cli.configuration import find_configuration, no_configuration
from blauweknop.cli.document_files import shown_name
from blauweknop.cli.output_file import place_for, write_whole
from blauweknop.document.pdf_file import FileLimits
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["WriteReport", "report_writer"]

WriteReport = Callable[[CheckedFile, datetime, Catalogue], None]
_FORMS = (".pdf", ".json")
_PLACE = "docs/roles/verifier.md shows how"


def report_writer(
    output: Path, files: Sequence[Path], *, at: str | None, config: Path | None, policy: Path | None, language: str, named: bool
) -> WriteReport:
    """What makes the report of the one file and writes it; with `named` the report tells the name of the file.

    Raises:
        BlauweKnopError: the options cannot be used, or there is no key.
    """
    if len(files) != 1 or files[0].is_dir():
        raise BlauweKnopError("a report is of one file", remedy="give one file with --report")
    if at is not None:
        raise BlauweKnopError("a report is of a check that is done now", remedy="leave out --at")
    if output.suffix.lower() not in _FORMS:
        raise BlauweKnopError("the form of the report is not known", remedy="give --report a name that ends in .pdf or .json")
    place = place_for(output, files[0], same="the report would replace the file", otherwise="give another name with --report")
    settings = _settings(config)
    name = files[0].name if named else None

    def write(checked: CheckedFile, now: datetime, catalogue: Catalogue) -> None:
        if checked.size > FileLimits().file_size:
            raise BlauweKnopError("the file is too large to be reported on", remedy="no document is that large")
        from blauweknop.assembly.reporting import make_report, open_report_service, used_policy
        from blauweknop.document.typesetting import Typesetter  # who only checks needs no typst

        service = open_report_service(settings, typesetter=Typesetter(), catalogue=catalogue)
        chosen: Literal["nl", "en"] = "en" if language == "en" else "nl"
        used = None if policy is None else used_policy(policy)
        made = make_report(checked, service, at=now, now=now, language=chosen, file_name=name, policy=used)
        write_whole(made.pdf if place.suffix.lower() == ".pdf" else made.json, place)
        typer.echo(sentence("verify.report_written", language, file=shown_name(output)), err=True)
        if made.report.report_level == "B-B":
            typer.echo(f"  {sentence('verify.report_unstamped', language)}", err=True)

    return write


def _settings(config: Path | None) -> ReportSettings:
    path = find_configuration(config)
    if path is None:
        raise no_configuration()
    settings = load_report_settings(path)
    if settings is None:
        raise BlauweKnopError(f"{path.name} has no key to sign a report with", remedy=f"add a table [verifier]: {_PLACE}")
    return settings
