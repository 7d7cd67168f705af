"""`blauweknop withdraw`: take documents back, for good; exit 0, 1 when some of them were not found or the question was answered with no.

Mass withdrawals tell how many documents go and ask first. The same command again changes nothing more, so a script may repeat it.
Burgerservicenummers come from a file or standard input and never as an argument: lists of processes and the history of a shell show those.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import typer
from sqlalchemy.engine import Engine

from blauweknop.adapters.certifying import random_id
from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.settings import Settings
from blauweknop.adapters.status_lists import sources_of_key
from blauweknop.adapters.withdrawals import Withdrawals
from blauweknop.assembly.sealing import key_fingerprint, person_keys
from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.configuration import find_settings
from blauweknop.cli.seal import choose_source
from blauweknop.cli.trust import parse_moment
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.withdraw import OfDataset, OfDocuments, OfKey, OfPeople, Reason, What, Withdrawn, withdraw

__all__ = ["NOT_ALL", "Asked", "withdraw_documents"]

NOT_ALL = 1

_DOCUMENT_ID = re.compile(r"[0-9a-f]{32}")
_FINGERPRINT = re.compile(r"([0-9a-fA-F]{2}:?){32}")
_MOST_BYTES = 64 * 1024 * 1024
_MOST_PEOPLE = 100_000  # no list is signed while they are looked up
_BY_WHAT = "expected documents, or persons, or a data set, or a key"


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that say what is withdrawn and why, as they were given."""

    documents: Sequence[str] = field(default=(), repr=False)
    documents_from: str | None = None
    persons_from: str | None = None
    dataset_id: str | None = None
    key: str | None = None
    since: str | None = None
    until: str | None = None
    source: str | None = None
    reason: Literal["correction", "key", "other"] | None = None


def withdraw_documents(asked: Asked, *, config: Path | None, yes: bool, language: str) -> int:
    """Withdraw documents by their numbers, all of persons, of a data set, or of a key.

    Raises:
        BlauweKnopError: the options do not go together, or name what is not there; nothing was withdrawn.
    """
    settings = find_settings(config)
    engine = open_database(settings.storage.url)
    upgrade(engine)
    now = datetime.now(UTC).replace(microsecond=0)
    source, what = _what(asked, settings, now)
    sources = [source] if source is not None else _sources(what, settings, engine)
    work = _Work(settings, engine, sources, now)
    reason = Reason(asked.reason) if asked.reason is not None else _usual_reason(what)
    foreseen = _withdraw(what, reason, work, only_tried=True)
    if _is_mass(what, foreseen) and not yes and not _agreed(what, foreseen, language):
        typer.echo(sentence("withdraw.stopped", language), err=True)
        return NOT_ALL
    done = _withdraw(what, reason, work, only_tried=False)
    _tell(what, done, language)
    return NOT_ALL if done.unknown else 0


@dataclass(frozen=True, slots=True)
class _Work:
    settings: Settings
    engine: Engine
    sources: Sequence[str]
    now: datetime


def _what(asked: Asked, settings: Settings, now: datetime) -> tuple[str | None, What]:
    """What to withdraw, and the source when the options lead to one."""
    since, until = _moment(asked.since, now, "--since"), _moment(asked.until, now, "--until")
    by_number, by_person = bool(asked.documents) or asked.documents_from is not None, asked.persons_from is not None
    by_dataset = asked.dataset_id is not None and not by_person
    if [by_number, by_person, by_dataset, asked.key is not None].count(True) != 1:
        raise BlauweKnopError(_BY_WHAT, remedy="see: blauweknop withdraw --help")
    if until is not None and since is not None and until <= since:
        raise BlauweKnopError("--until must be later than --since", remedy="made since the first moment, and before the second")
    source = _given_source(settings, asked.source)
    if asked.persons_from is not None:
        chosen, dataset_ids = _datasets_of_people(settings, asked)
        return chosen, OfPeople(_people_in(asked.persons_from), dataset_ids, since, until)
    if asked.dataset_id is not None:
        if since is None:
            raise BlauweKnopError("--dataset needs --since", remedy="for example --since 2026-11-23T14:00:00+01:00")
        return source, OfDataset(load_catalogue().dataset(asked.dataset_id).id, since, until)
    if until is not None:
        raise BlauweKnopError("--until goes with --dataset or --persons-from", remedy="leave it out")
    if asked.key is not None:
        return source, OfKey(_fingerprint(asked.key), since)
    if since is not None:
        raise BlauweKnopError("--since does not go with --document", remedy="leave it out")
    return source, OfDocuments(_numbers(asked))


def _moment(text: str | None, now: datetime, option: str) -> datetime | None:
    return parse_moment(text, now, option=option) if text else None


def _numbers(asked: Asked) -> tuple[str, ...]:
    named = [*asked.documents, *(_lines_of(asked.documents_from) if asked.documents_from is not None else ())]
    for place, document_id in enumerate(named, start=1):
        if not _DOCUMENT_ID.fullmatch(document_id):
            raise BlauweKnopError(f"document {place} is no document number", remedy="give 32 hexadecimal digits: document_id in the data")
    return tuple(dict.fromkeys(named))


def _people_in(file: str) -> tuple[Bsn, ...]:
    """One burgerservicenummer a line; no error shows one."""
    people: dict[Bsn, None] = {}
    for place, digits in enumerate(_lines_of(file), start=1):
        try:
            people[Bsn.parse(digits)] = None
        except MalformedValue as error:
            remedy = "give one a line, nine digits; nothing was withdrawn"
            raise BlauweKnopError(f"person {place} is no burgerservicenummer", remedy=remedy) from error
    if not 0 < len(people) <= _MOST_PEOPLE:
        raise BlauweKnopError(f"expected 1 to {_MOST_PEOPLE} persons, and got {len(people)}", remedy="give more in parts")
    return tuple(people)


def _datasets_of_people(settings: Settings, asked: Asked) -> tuple[str, tuple[str, ...]]:
    """The source whose data were wrong, and which of its data sets: one, or all that a source of its kind can have."""
    catalogue = load_catalogue()
    if asked.dataset_id is not None:
        dataset = catalogue.dataset(asked.dataset_id)
        return choose_source(settings, dataset, given=asked.source, named=None).identity.id, (dataset.id,)
    if asked.source is None and len(settings.sources) != 1:
        listed = ", ".join(settings.sources)
        raise BlauweKnopError("--persons-from needs the source whose data changed", remedy=f"choose one with --source: {listed}")
    source = settings.sources[asked.source] if asked.source is not None else next(iter(settings.sources.values()))
    return source.identity.id, tuple(dataset.id for dataset in catalogue.of_kind(source.identity.kind))


def _lines_of(file: str) -> Iterable[str]:
    """One a line; empty lines do not count."""
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BlauweKnopError(f"{file} cannot be read", remedy="check the path and the rights of the file") from error
    if len(content) > _MOST_BYTES:
        raise BlauweKnopError(f"{file} is larger than {_MOST_BYTES} bytes", remedy="give it in parts")
    return [line.strip() for line in content.decode("ascii", "replace").splitlines() if line.strip()]


def _fingerprint(key: str) -> bytes:
    """The SHA-256 of a certificate, given as it is or as the file of the certificate."""
    return bytes.fromhex(key.replace(":", "")) if _FINGERPRINT.fullmatch(key) else key_fingerprint(Path(key))


def _given_source(settings: Settings, given: str | None) -> str | None:
    if given is not None and given not in settings.sources:
        listed = ", ".join(settings.sources)
        raise BlauweKnopError(f"{settings.file.name}: there is no source of that name", remedy=f"these are there: {listed}")
    return given


def _sources(what: What, settings: Settings, engine: Engine) -> Sequence[str]:
    match what:
        case OfDocuments() | OfPeople():
            return [*settings.sources]
        case OfDataset(dataset_id):
            return [choose_source(settings, load_catalogue().dataset(dataset_id), given=None, named=None).identity.id]
        case OfKey(fingerprint):
            found = {name for name in sources_of_key(engine, fingerprint) if name in settings.sources}
            found |= {source_id for source_id, certificate in _certificates(settings) if key_fingerprint(certificate) == fingerprint}
            if not found:
                raise BlauweKnopError("no document was made with this key", remedy="give the SHA-256 of its certificate, or its file")
            return sorted(found)


def _certificates(settings: Settings) -> Iterable[tuple[str, Path]]:
    for source_id, source in settings.sources.items():
        yield source_id, source.seal.certificate
        if source.credential is not None:
            yield source_id, source.credential.certificate


def _usual_reason(what: What) -> Reason:
    match what:
        case OfPeople():
            return Reason.CORRECTION
        case OfKey():
            return Reason.KEY
        case OfDocuments() | OfDataset():
            return Reason.OTHER


def _withdraw(what: What, reason: Reason, work: _Work, *, only_tried: bool) -> Withdrawn:
    trace_id, keys = random_id(), person_keys(work.settings) if isinstance(what, OfPeople) else ()
    storages = [Withdrawals(work.engine, source, now=work.now, trace_id=trace_id, keys=keys) for source in work.sources]
    parts = [withdraw(what, storage, reason=reason, only_tried=only_tried) for storage in storages]
    unknown = tuple(document_id for document_id in parts[0].unknown if all(document_id in part.unknown for part in parts))
    return Withdrawn(
        sum(part.documents for part in parts),
        sum(part.before for part in parts),
        unknown,
        sum(part.without for part in parts),
        sum(part.unseen for part in parts),
    )


def _tell(what: What, done: Withdrawn, language: str) -> None:
    typer.echo(sentence("withdraw.done", language, documents=done.documents, before=done.before))
    for document_id in done.unknown:
        typer.echo(sentence("withdraw.unknown", language, document_id=document_id), err=True)
    if isinstance(what, OfPeople):
        typer.echo(sentence("withdraw.people", language, people=len(what.people), without=done.without))
    if done.unseen:
        typer.echo(sentence("withdraw.unseen", language, documents=done.unseen), err=True)


def _is_mass(what: What, foreseen: Withdrawn) -> bool:
    return foreseen.documents > 1 or isinstance(what, OfDataset | OfKey)


def _agreed(what: What, foreseen: Withdrawn, language: str) -> bool:
    """Ask. Raises: BlauweKnopError when there is nobody to ask."""
    if not sys.stdin.isatty():
        remedy = "look at it with care, and give the same command with --yes"
        raise BlauweKnopError(f"{foreseen.documents} documents would be withdrawn for good, and nobody can be asked", remedy=remedy)
    question = "withdraw.ask_key" if isinstance(what, OfKey) else "withdraw.ask_documents"
    return typer.confirm(sentence(question, language, documents=foreseen.documents))
