"""`blauweknop verify`: check documents; exit 0 green, 1 orange, 2 red, 3 usage or read fault, the worst of all files."""

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from blauweknop.adapters.eu_lists import NO_EU_LISTS, EuListPlaces
from blauweknop.adapters.policy_file import load_policy
from blauweknop.adapters.sandbox import SandboxFailure, check_in_child
from blauweknop.adapters.sandbox_pool import Answer, Workers, check_in_order, checking
from blauweknop.adapters.sandbox_worker import warm_up
from blauweknop.adapters.status_store import StatusStore
from blauweknop.adapters.trust_store import state_folder
from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.checking.explaining import explanation_text
from blauweknop.checking.policy import Policy, apply_policy
from blauweknop.checking.report import report_json, report_text
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.trust import Trust
from blauweknop.cli.bulk_progress import RunProgress
from blauweknop.cli.document_files import FoundFile, documents_in, read_document, shown_name, usable_cores
from blauweknop.cli.trust import parse_moment, trust_of_options
from blauweknop.cli.verify_report import WriteReport, report_writer
from blauweknop.document.pdf_file import FileLimits
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Colour, Verdict

__all__ = ["EXIT_CODES", "READ_FAULT", "Checker", "prepare_checker", "tell_unreadable", "verify_files"]

EXIT_CODES = {Colour.GREEN: 0, Colour.ORANGE: 1, Colour.RED: 2}
READ_FAULT = 3
_LANGUAGES = ("nl", "en")
_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Checker:
    """Everything a check needs but the file; `now` is the real time, by which lists are fetched and kept."""

    trust: Trust
    at: datetime
    catalogue: Catalogue
    statuses: StatusStore
    now: datetime
    policy: Policy | None = None

    def read(self, path: Path) -> bytes:
        """The bytes of a file, or of a larger one as many as show that it is too large. Raises: OSError."""
        return read_document(FoundFile(path, named=True), FileLimits().file_size + 1)

    def check(self, data: bytes) -> Verdict:
        """The verdict, found in a child process with limits. Raises: SandboxFailure."""
        return self.statuses.check(
            lambda trust: check_in_child(data, trust=trust, at=self.at, catalogue=self.catalogue, policy=self.policy), self.trust, self.now
        )

    def again(self, found: FoundFile, answer: Answer) -> Answer:
        """The answer by the policy; found once more, when it lacks a status list that can be had."""
        if isinstance(answer, (OSError, SandboxFailure)):
            return answer
        uri = answer.facts.status_uri
        if uri is None or not self.statuses.renew(uri, self.trust, self.now):
            return apply_policy(answer, self.policy, self.at)
        try:
            return self.check(self.read(found.path))
        except (OSError, SandboxFailure) as error:
            return error


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
    eu_lists: EuListPlaces = NO_EU_LISTS,
    policy: Path | None = None,
) -> Checker:
    """Read the options that `verify` and `extract` share; `now` is the real time, by which the trust list itself is read.

    Raises:
        BlauweKnopError: one of them cannot be used.
    """
    if language not in _LANGUAGES:
        raise BlauweKnopError("this language is not offered", remedy="choose --language nl or --language en")
    moment = parse_moment(at, now)
    named = None if bundle is None else str(bundle)
    loaded = trust_of_options(trust_list, trust_anchor, offline=offline, config=config, now=now, eu_lists=eu_lists, bundle=named)
    if loaded.bundle_problem is not None:
        typer.echo(sentence(f"check.cli.{loaded.bundle_problem}", language), err=True)
        typer.echo(f"  {sentence('check.cli.bundle_remedy', language)}", err=True)
    trust = loaded.trust
    statuses = StatusStore(state=state_folder(os.environ), fetch=None if offline else _fetch_status_list)
    statuses.load_kept(trust, now)
    catalogue = warm_up()
    demands = None if policy is None else load_policy(policy, catalogue)
    return Checker(statuses.given(trust), moment, catalogue, statuses, now, demands)


def verify_files(
    files: Sequence[Path],
    *,
    as_json: bool = False,
    explained: bool = False,
    trust_list: str | None = None,
    trust_anchor: Path | None = None,
    offline: bool = False,
    at: str | None = None,
    bundle: Path | None = None,
    config: Path | None = None,
    language: str = "nl",
    processes: int | None = None,
    eu_lists: EuListPlaces = NO_EU_LISTS,
    policy: Path | None = None,
    report: Path | None = None,
    name_in_report: bool = False,
    now: datetime | None = None,
) -> int:
    """Check each file, and each PDF in each folder; print the verdicts in order, and give the exit code.

    Raises:
        BlauweKnopError: the options cannot be used.
    """
    if as_json and explained:
        raise BlauweKnopError("--json and --explain do not go together", remedy="choose one of them")
    write = None
    if report is not None:
        write = report_writer(report, files, at=at, config=config, policy=policy, language=language, named=name_in_report)
    checker = prepare_checker(
        trust_list,
        trust_anchor,
        offline=offline,
        at=at,
        bundle=bundle,
        config=config,
        language=language,
        now=now or datetime.now(UTC),
        eu_lists=eu_lists,
        policy=policy,
    )
    if write is not None:
        return _verify_and_report(files[0], checker, write, as_json=as_json, explained=explained, language=language)
    many = len(files) > 1 or any(path.is_dir() for path in files)
    quiet = not many or (sys.stdout.isatty() and sys.stderr.isatty())  # on one screen the verdicts show how far it is
    progress = RunProgress(_total(files) if many and not quiet else None, quiet=quiet)
    check = checking(trust=checker.trust, at=checker.at, catalogue=checker.catalogue)
    workers = Workers(processes or usable_cores())
    told = Counter[str]()
    try:
        for found, answer in check_in_order(documents_in(files), _read, check, workers):
            told[_tell(found, checker.again(found, answer), as_json=as_json, explained=explained, language=language)] += 1
            progress.show(told.total(), _count(told, language))
    finally:
        progress.close()
    if many:
        typer.echo(_count(told, language), err=True)
    return max((_code(outcome) for outcome in told), default=READ_FAULT)


def _verify_and_report(path: Path, checker: Checker, write: WriteReport, *, as_json: bool, explained: bool, language: str) -> int:
    """Check one file, tell the verdict, and write the report of it; nothing of a file that cannot be read."""
    found = FoundFile(path, named=True)
    try:
        data = checker.read(path)
        verdict = checker.check(data)
    except (OSError, SandboxFailure) as error:
        return _code(_tell(found, error, as_json=as_json, explained=explained, language=language))
    outcome = _tell(found, verdict, as_json=as_json, explained=explained, language=language)
    write(CheckedFile.of(data, verdict, checker.statuses.given(checker.trust)), checker.now, checker.catalogue)
    return _code(outcome)


def _fetch_status_list(uri: str) -> bytes:
    from blauweknop.adapters.status_fetching import fetch_status_list  # who checks offline needs no network parts

    return fetch_status_list(uri)


def _read(found: FoundFile) -> bytes:
    return read_document(found, FileLimits().file_size + 1)


def _total(files: Sequence[Path]) -> int | None:
    """How many there are, to show on a terminal how far it is; elsewhere looking through all folders first is not worth it."""
    return sum(1 for _ in documents_in(files)) if sys.stderr.isatty() else None


def _tell(found: FoundFile, answer: Answer, *, as_json: bool, explained: bool, language: str) -> str:
    """Say what became of one file; gives a colour, or `unreadable`."""
    name = shown_name(found.path)
    match answer:
        case IsADirectoryError():
            typer.echo(sentence("verify.no_documents", language, folder=name), err=True)
            typer.echo(f"  {sentence('verify.no_documents_remedy', language)}", err=True)
            return _UNREADABLE
        case OSError():
            tell_unreadable(found.path, language)
            return _UNREADABLE
        case SandboxFailure():
            typer.echo(f"{name}: {answer}\n  {answer.remedy}", err=True)
            return _UNREADABLE
    said = json.dumps(report_json(name, answer), ensure_ascii=False) if as_json else report_text(name, answer, language)
    if explained:
        said += f"\n{explanation_text(answer, language)}\n"
    sys.stdout.write(f"{said}\n")
    sys.stdout.flush()  # who reads along sees each verdict when it is there
    return answer.colour.value


def _count(told: Counter[str], language: str) -> str:
    counts = {colour.value: told[colour.value] for colour in Colour}
    return sentence("verify.count", language, unreadable=told[_UNREADABLE], **counts)


def _code(outcome: str) -> int:
    return READ_FAULT if outcome == _UNREADABLE else EXIT_CODES[Colour(outcome)]


def tell_unreadable(path: Path, language: str) -> None:
    """One clear sentence and the remedy, on standard error."""
    typer.echo(sentence("check.cli.unreadable", language, file=shown_name(path)), err=True)
    typer.echo(f"  {sentence('check.cli.unreadable_remedy', language)}", err=True)
