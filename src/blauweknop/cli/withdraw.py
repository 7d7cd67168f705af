"""`blauweknop withdraw`: take documents back, for good; exit 0, 1 when some of them were not found or the question was answered with no.

Mass withdrawals tell how many documents go and ask first. The same command again changes nothing more, so a script may repeat it.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer
from sqlalchemy.engine import Engine

from blauweknop.adapters.certifying import random_id
from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.settings import Settings
from blauweknop.adapters.status_lists import sources_of_key
from blauweknop.adapters.withdrawals import Withdrawals
from blauweknop.assembly.sealing import key_fingerprint
from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.configuration import find_settings
from blauweknop.cli.seal import choose_source
from blauweknop.cli.trust import parse_moment
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.issuer.withdraw import OfDataset, OfDocuments, OfKey, What, Withdrawn, withdraw

__all__ = ["NOT_ALL", "withdraw_documents"]

NOT_ALL = 1

_DOCUMENT_ID = re.compile(r"[0-9a-f]{32}")
_FINGERPRINT = re.compile(r"([0-9a-fA-F]{2}:?){32}")
_MOST_BYTES = 64 * 1024 * 1024


def withdraw_documents(
    documents: Sequence[str],
    documents_from: str | None,
    dataset_id: str | None,
    key: str | None,
    since: str | None,
    *,
    source: str | None,
    config: Path | None,
    yes: bool,
    language: str,
) -> int:
    """Withdraw documents by their numbers, of a data set, or of a key.

    Raises:
        BlauweKnopError: the options do not go together, or name what is not there; nothing was withdrawn.
    """
    settings = find_settings(config)
    engine = open_database(settings.storage.url)
    upgrade(engine)
    now = datetime.now(UTC).replace(microsecond=0)
    what = _what(documents, documents_from, dataset_id, key, parse_moment(since, now, option="--since") if since else None)
    sources = _sources(what, settings, engine, source)
    foreseen = _withdraw(what, sources, engine, now, only_tried=True)
    if _is_mass(what, foreseen) and not yes and not _agreed(what, foreseen, language):
        typer.echo(sentence("withdraw.stopped", language), err=True)
        return NOT_ALL
    done = _withdraw(what, sources, engine, now, only_tried=False)
    typer.echo(sentence("withdraw.done", language, documents=done.documents, before=done.before))
    for document_id in done.unknown:
        typer.echo(sentence("withdraw.unknown", language, document_id=document_id), err=True)
    return NOT_ALL if done.unknown else 0


def _what(documents: Sequence[str], documents_from: str | None, dataset_id: str | None, key: str | None, since: datetime | None) -> What:
    by_number = bool(documents) or documents_from is not None
    if [by_number, dataset_id is not None, key is not None].count(True) != 1:
        raise BlauweKnopError("expected documents, or a data set, or a key", remedy="see: blauweknop withdraw --help")
    if key is not None:
        return OfKey(_fingerprint(key), since)
    if dataset_id is not None:
        if since is None:
            raise BlauweKnopError("--dataset needs --since", remedy="for example --since 2026-11-23T14:00:00+01:00")
        return OfDataset(load_catalogue().dataset(dataset_id).id, since)
    if since is not None:
        raise BlauweKnopError("--since does not go with --document", remedy="leave it out")
    named = [*documents, *(_numbers_in(documents_from) if documents_from is not None else ())]
    for place, document_id in enumerate(named, start=1):
        if not _DOCUMENT_ID.fullmatch(document_id):
            raise BlauweKnopError(f"document {place} is no document number", remedy="give 32 hexadecimal digits: document_id in the data")
    return OfDocuments(tuple(dict.fromkeys(named)))


def _numbers_in(file: str) -> Iterable[str]:
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


def _sources(what: What, settings: Settings, engine: Engine, given: str | None) -> Sequence[str]:
    if given is not None and given not in settings.sources:
        listed = ", ".join(settings.sources)
        raise BlauweKnopError(f"{settings.file.name}: there is no source of that name", remedy=f"these are there: {listed}")
    if given is not None:
        return [given]
    match what:
        case OfDocuments():
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


def _withdraw(what: What, sources: Sequence[str], engine: Engine, now: datetime, *, only_tried: bool) -> Withdrawn:
    trace_id = random_id()
    parts = [withdraw(what, Withdrawals(engine, source, now=now, trace_id=trace_id), only_tried=only_tried) for source in sources]
    unknown = [document_id for document_id in parts[0].unknown if all(document_id in part.unknown for part in parts)]
    return Withdrawn(sum(part.documents for part in parts), sum(part.before for part in parts), tuple(unknown))


def _is_mass(what: What, foreseen: Withdrawn) -> bool:
    return foreseen.documents > 1 or not isinstance(what, OfDocuments)


def _agreed(what: What, foreseen: Withdrawn, language: str) -> bool:
    """Ask. Raises: BlauweKnopError when there is nobody to ask."""
    if not sys.stdin.isatty():
        remedy = "look at it with care, and give the same command with --yes"
        raise BlauweKnopError(f"{foreseen.documents} documents would be withdrawn for good, and nobody can be asked", remedy=remedy)
    question = "withdraw.ask_key" if isinstance(what, OfKey) else "withdraw.ask_documents"
    return typer.confirm(sentence(question, language, documents=foreseen.documents))
