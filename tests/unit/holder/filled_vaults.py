"""Vaults with documents in them, as collecting would leave them there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from blauweknop.domain.dates import PartialDate
from blauweknop.holder.items import DocumentItem, OwnPaperItem, Standing, head_of, joined_document
from blauweknop.holder.vault import Vault
from blauweknop.insight import read_document
from tests.unit.holder.holder_world import Person

__all__ = ["PDF", "keep", "keep_paper", "vault_of"]

_PNG = b"\x89PNG\r\n\x1a\n"
PDF = b"%PDF-1.7 as its source sealed it"


def vault_of(person: Person) -> Vault:
    services = person.world.services()
    session = services.sessions.touch(person.cookie, now=services.now())
    assert session is not None
    return Vault.of(session.account, session.data_key, storage=services.items, now=services.now, random=services.random)


def keep(vault: Vault, content: Mapping[str, Any], kept_at: datetime, *, standing: Standing = "current", pdf: bytes = PDF) -> str:
    """The key of the document."""
    read = read_document("", content)
    item = DocumentItem(
        read.document_id,
        read.dataset,
        read.version,
        read.source_oin,
        read.source_name,
        read.reference,
        read.issued_at,
        read.valid_until,
        kept_at,
        "fetched",
        standing,
        str(read.subject.get("given_name")),
        str(read.subject.get("family_name")),
        PartialDate.parse_json(read.subject["birth_date"]),
    )
    return vault.add(head_of(item), joined_document(content, pdf)).id.hex()


def keep_paper(vault: Vault, title: str, kept_at: datetime) -> str:
    return vault.add(head_of(OwnPaperItem(title, "image/png", len(_PNG), kept_at)), _PNG).id.hex()
