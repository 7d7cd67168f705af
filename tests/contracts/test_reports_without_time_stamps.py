"""Reports of checks when no time stamp authority answers: refused or made without, as the configuration says."""

import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blauweknop.adapters.settings_reports import ReportSettings, load_report_settings
from blauweknop.adapters.settings_time_stamp import TimeStampSettings
from blauweknop.adapters.time_stamping import TimeStampUnavailable
from blauweknop.assembly.reporting import make_report, open_report_service
from blauweknop.checking.report_document import MadeReport
from blauweknop.document.typesetting import Typesetter
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import report_documents as r
from tests.unit.cli.installation import install


def nobody() -> str:
    """An address of this machine at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def made(folder: Path, time_stamp: TimeStampSettings) -> MadeReport:
    settings = load_report_settings(install(folder))
    assert isinstance(settings, ReportSettings)
    service = open_report_service(replace(settings, time_stamp=time_stamp), typesetter=Typesetter(), catalogue=x.catalogue())
    now = datetime.now(UTC)
    return make_report(r.checked(b"nothing"), service, at=now, now=now)


def test_a_report_is_refused_when_no_authority_answers(tmp_path: Path) -> None:
    with pytest.raises(TimeStampUnavailable):
        made(tmp_path, TimeStampSettings(urls=(nobody(),), attempts=1))


def test_a_report_is_made_without_and_says_so_when_that_is_allowed(tmp_path: Path) -> None:
    report = made(tmp_path, TimeStampSettings(urls=(nobody(),), attempts=1, seal_without=True)).report
    assert report.report_level == "B-B"
