"""The same two lines per document as `records.Records` keeps, for hundreds of documents in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import writing
from blauweknop.adapters.records import DOCUMENT, EVENTS, ISSUED_DOCUMENTS, fingerprint, place_of
from blauweknop.standards.status_list import StatusReference

__all__ = ["IssuedDocument", "documents_issued"]


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """That a document was made; not of whom (`person_tag` finds it, see `person_tags`), and nothing of what is in it."""

    document_id: str
    source: str
    dataset_id: str
    dataset_version: int
    issued_at: datetime
    valid_until: datetime
    with_bsn: bool
    trace_id: str
    status: StatusReference | None = None
    person_tag: bytes | None = field(default=None, repr=False)


def documents_issued(engine: Engine, documents: Sequence[IssuedDocument]) -> None:
    """Keep all of them, with a line each in the processing log, or none.

    Raises:
        StorageError: the database does not answer, or a document id or a place in a status list was used before.
    """
    if not documents:
        return
    issued = [
        {
            "document_id_hash": fingerprint(document.document_id),
            "source": document.source,
            "dataset_id": document.dataset_id,
            "dataset_version": document.dataset_version,
            "issued_at": document.issued_at,
            "valid_until": document.valid_until,
            "with_bsn": document.with_bsn,
            "kind": DOCUMENT,
            "person_tag": document.person_tag,
            **place_of(document.status),
        }
        for document in documents
    ]
    events = [
        {"time": document.issued_at, "source": document.source, "activity": "certify", "outcome": "made", "trace_id": document.trace_id}
        for document in documents
    ]
    with writing(engine) as connection:
        connection.execute(insert(ISSUED_DOCUMENTS), issued)
        connection.execute(insert(EVENTS), events)
