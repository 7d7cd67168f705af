"""Make the documents a person asked for, and keep of each only that it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

import structlog

from blauweknop.document.certified import CertifiedDocument, certify
from blauweknop.document.content import DocumentFacts
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import Found, Outcome, Selection
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.login import Mandate
from blauweknop.issuer.ports import IssuerServices

__all__ = ["DocumentNotMade", "MadeDocument", "document_facts", "make_documents"]

_LOG = structlog.get_logger("blauweknop.issuer")


class DocumentNotMade(BlauweKnopError):
    """The data are there, but a document could not be set or sealed; `dataset` says which, `trace_id` finds it in the log."""

    def __init__(self, dataset: Dataset, trace_id: str) -> None:
        super().__init__(f"no document of {dataset.id} could be made", remedy="see the cause; try again")
        self.dataset = dataset
        self.trace_id = trace_id


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """A document to hand over; the name holds nothing personal."""

    dataset: Dataset
    file_name: str
    document: CertifiedDocument = field(repr=False)


def make_documents(
    selections: Sequence[Selection],
    outcomes: Mapping[str, Outcome],
    services: IssuerServices,
    *,
    person: Bsn,
    language: str,
    mandate: Mandate | None = None,
) -> tuple[MadeDocument, ...]:
    """A certified document for each selection whose data were found; the others have their outcome shown beside it.

    Raises:
        DocumentNotMade: setting, sealing or the time stamp failed; nothing is handed over.
    """
    known = {dataset.id: dataset for dataset in services.datasets}
    made: list[MadeDocument] = []
    for selection in selections:
        outcome = outcomes.get(selection.dataset_id)
        if not isinstance(outcome, Found):
            continue
        dataset = known[selection.dataset_id]
        facts = replace(document_facts(services, language=language), representative=mandate.representative if mandate else None)
        try:
            document = certify(outcome.snapshot, selection, dataset, services.certifier, facts)
        except BlauweKnopError as error:
            _keep_failure(error, dataset, services, facts)
            raise DocumentNotMade(dataset, facts.trace_id) from error
        _keep_record(document, dataset, selection, services, facts, person, mandate)
        made.append(MadeDocument(dataset, _file_name(services, dataset, facts.issued_at), document))
    return tuple(made)


def document_facts(services: IssuerServices, *, language: str) -> DocumentFacts:
    """Fresh random identifiers and the moment of now, for one document."""
    return DocumentFacts(
        document_id=services.random_id(),
        snapshot_id=services.random_id(),
        trace_id=services.random_id(),
        issued_at=services.now().replace(microsecond=0),
        language=language,
        correction_url=services.correction_url,
    )


def _keep_record(
    document: CertifiedDocument,
    dataset: Dataset,
    selection: Selection,
    services: IssuerServices,
    facts: DocumentFacts,
    person: Bsn,
    mandate: Mandate | None,
) -> None:
    valid_until = date.fromisoformat(str(document.content["valid_until"]))
    services.records.document_issued(
        document.document_id,
        source=services.source.id,
        dataset_id=dataset.id,
        dataset_version=dataset.version,
        issued_at=facts.issued_at,
        valid_until=datetime.combine(valid_until, time.max, AMSTERDAM),
        with_bsn=selection.with_bsn,
        status=document.status,
        person=person,
        acting=mandate.identifier if mandate else None,
    )
    outcome = "made"
    if document.level == "B-B":
        outcome = "made_without_time_stamp"
        _LOG.warning("certified_without_time_stamp", source=services.source.id, dataset=dataset.id, trace_id=facts.trace_id)
    services.records.event(time=facts.issued_at, source=services.source.id, activity="certify", outcome=outcome, trace_id=facts.trace_id)


def _keep_failure(error: BlauweKnopError, dataset: Dataset, services: IssuerServices, facts: DocumentFacts) -> None:
    _LOG.error("certify_failed", source=services.source.id, dataset=dataset.id, error_type=type(error).__name__, trace_id=facts.trace_id)
    services.records.event(time=facts.issued_at, source=services.source.id, activity="certify", outcome="failed", trace_id=facts.trace_id)


def _file_name(services: IssuerServices, dataset: Dataset, issued_at: datetime) -> str:
    day = issued_at.astimezone(AMSTERDAM).date().isoformat()
    return f"blauwe-knop-{services.source.id}-{dataset.id.split('.')[-1].replace('_', '-')}-{day}.pdf"
