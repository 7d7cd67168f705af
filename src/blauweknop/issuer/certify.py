"""Make the documents a person asked for, and keep of each only that it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from blauweknop.document.certified import CertifiedDocument, certify
from blauweknop.document.content import DocumentFacts
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import Found, Outcome, Selection
from blauweknop.issuer.ports import IssuerServices

__all__ = ["MadeDocument", "document_facts", "make_documents"]


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """A document to hand over; the name holds nothing personal."""

    dataset: Dataset
    file_name: str
    document: CertifiedDocument = field(repr=False)


def make_documents(
    selections: Sequence[Selection], outcomes: Mapping[str, Outcome], services: IssuerServices, *, language: str
) -> tuple[MadeDocument, ...]:
    """A certified document for each selection whose data were found; the others have their outcome shown beside it.

    Raises:
        SelectionRefused, TypesettingFailed, SealTooLarge, TimeStampProblem: see `document.certified.certify`.
    """
    known = {dataset.id: dataset for dataset in services.datasets}
    made: list[MadeDocument] = []
    for selection in selections:
        outcome = outcomes.get(selection.dataset_id)
        if not isinstance(outcome, Found):
            continue
        dataset = known[selection.dataset_id]
        facts = document_facts(services, language=language)
        document = certify(outcome.snapshot, selection, dataset, services.certifier, facts)
        _keep_record(document, dataset, selection, services, facts)
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
    document: CertifiedDocument, dataset: Dataset, selection: Selection, services: IssuerServices, facts: DocumentFacts
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
    )
    services.records.event(time=facts.issued_at, source=services.source.id, activity="certify", outcome="made", trace_id=facts.trace_id)


def _file_name(services: IssuerServices, dataset: Dataset, issued_at: datetime) -> str:
    day = issued_at.astimezone(AMSTERDAM).date().isoformat()
    return f"blauwe-knop-{services.source.id}-{dataset.id.split('.')[-1].replace('_', '-')}-{day}.pdf"
