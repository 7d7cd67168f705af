"""`blauweknop seal`: one certified document from what a source knows, given as a file; the same path as the pages of a source take."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import typer
from sqlalchemy.engine import Engine

from blauweknop.adapters.certifying import random_id
from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.records import Records
from blauweknop.adapters.settings import Settings, SourceSettings
from blauweknop.assembly.sealing import certifier_for, row_key, time_stamping
from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.configuration import find_settings
from blauweknop.cli.output_file import place_for, write_whole
from blauweknop.cli.seal_input import MOST_BYTES, SealInput, SealInputFault, read_seal_input
from blauweknop.document.certified import CertifiedDocument, certify
from blauweknop.document.content import DocumentFacts
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["choose_source", "seal_file"]


def seal_file(data: Path, dataset_id: str, output: Path, *, config: Path | None, source: str | None) -> int:
    """Read, check, seal, keep the record that it was made, and write; an `output` that was there is replaced in one step.

    Raises:
        BlauweKnopError: the first thing that is wrong; nothing was written then.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    dataset = load_catalogue().dataset(dataset_id)
    settings = find_settings(config, near=data)
    place = place_for(output, data)
    try:
        wanted = read_seal_input(_read(data), dataset, now=now)
    except SealInputFault as error:
        raise SealInputFault(f"{data}: {error}", remedy=error.remedy) from error
    chosen = choose_source(settings, dataset, given=source, named=wanted.source)
    engine = open_database(settings.storage.url)
    upgrade(engine)
    document = _seal(wanted, dataset, settings, chosen, engine, now)
    _keep_record(document, dataset, wanted, chosen, Records(engine, row_key(settings)), now)
    write_whole(document.pdf, place)
    typer.echo(sentence("cli.sealed", wanted.language, file=output, source=chosen.identity.name))
    if document.level == "B-B":
        typer.echo(sentence("cli.sealed_without_time_stamp", wanted.language), err=True)
    return 0


def choose_source(settings: Settings, dataset: Dataset, *, given: str | None, named: str | None) -> SourceSettings:
    """The source of the option, else the one that the input names, else the only one that has this data set.

    Raises:
        BlauweKnopError: there is no such source, it does not have the data set, or there is more than one to choose from.
    """
    able = {name: source for name, source in settings.sources.items() if dataset.id in source.datasets}
    listed = ", ".join(able) or "none"
    wanted = given or named
    if wanted is None and len(able) == 1:
        return next(iter(able.values()))
    if wanted is None:
        problem = "more than one source" if able else "no source"
        remedy = f"choose one with --source: {listed}" if able else f"add [sources.<name>.datasets.{dataset.id!r}] to it"
        raise BlauweKnopError(f"{settings.file.name}: {problem} has data set {dataset.id}", remedy=remedy)
    if wanted not in settings.sources:
        raise BlauweKnopError(f"{settings.file.name}: there is no source of that name", remedy=f"these have {dataset.id}: {listed}")
    if wanted not in able:
        raise BlauweKnopError(f"{settings.file.name}: source {wanted} does not have data set {dataset.id}", remedy=f"these do: {listed}")
    return able[wanted]


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BlauweKnopError(f"{path} cannot be read", remedy="check the path and the rights of the file") from error


def _seal(
    wanted: SealInput, dataset: Dataset, settings: Settings, source: SourceSettings, engine: Engine, now: datetime
) -> CertifiedDocument:
    certifier = certifier_for(
        settings, source, typesetter=Typesetter(), time_stamp=time_stamping(settings), places_in=engine, places_at_once=1
    )
    facts = DocumentFacts(
        document_id=random_id(),
        snapshot_id=random_id(),
        trace_id=random_id(),
        issued_at=now,
        language=wanted.language,
        correction_url=f"{settings.scheme.base_url}{source.path}/klopt-niet",
    )
    return certify(wanted.snapshot, wanted.selection, dataset, certifier, facts)


def _keep_record(
    document: CertifiedDocument, dataset: Dataset, wanted: SealInput, source: SourceSettings, records: Records, now: datetime
) -> None:
    """As for a document that a person downloads (PROTOCOL 9.4): that it was made, not of whom or what."""
    records.document_issued(
        document.document_id,
        source=source.identity.id,
        dataset_id=dataset.id,
        dataset_version=dataset.version,
        issued_at=now,
        valid_until=datetime.combine(date.fromisoformat(str(document.content["valid_until"])), time.max, AMSTERDAM),
        with_bsn=wanted.selection.with_bsn,
        status=document.status,
        person=wanted.snapshot.subject.bsn,
    )
    trace_id = str(document.content["trace_id"])
    outcome = "made" if document.level == "B-T" else "made_without_time_stamp"
    records.event(time=now, source=source.identity.id, activity="certify", outcome=outcome, trace_id=trace_id)
