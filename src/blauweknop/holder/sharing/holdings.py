"""What is here that a receiver may ask for: the credentials inside documents that count, and kept credentials of which a copy is left."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from blauweknop.catalogue import Catalogue
from blauweknop.document.certified import CREDENTIAL_NAME
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.type_metadata import vct_of
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.holder.credential_forms import MDOC, SD_JWT
from blauweknop.holder.credentials import kept_credentials
from blauweknop.holder.items import Standing
from blauweknop.holder.kept_documents import KeptDocument, kept_document, kept_items
from blauweknop.holder.sharing.matching import Holding
from blauweknop.holder.vault import Vault
from blauweknop.standards.undisclosed import take_inventory

__all__ = ["dataset_of", "holdings_for"]

_MOST_EARLIER = 12
"""So many documents of one data set in whose place a newer one came are opened, the newest."""


def holdings_for(
    types: Collection[str], vault: Vault, catalogue: Catalogue, now: datetime, *, with_earlier: bool = False
) -> tuple[Holding, ...]:
    """Everything of these types that counts now, the newest first; on request then documents in whose place a newer one came.

    Raises:
        MalformedValue: another version of this program kept it.
    """
    standing = (kept_items(vault).documents, types, vault, catalogue, now)
    current = _inside_documents(*standing, "current")
    earlier = _inside_documents(*standing, "replaced") if with_earlier else ()
    return (*current, *earlier, *_with_a_key(types, vault, catalogue, now))


def dataset_of(kind: str, catalogue: Catalogue) -> Dataset | None:
    """The data set of a type, of documents or of wallets in either form."""
    return next((dataset for dataset in catalogue.datasets.values() if kind in (dataset.type_uri, vct_of(dataset), dataset.doctype)), None)


def _inside_documents(
    documents: Iterable[KeptDocument], types: Collection[str], vault: Vault, catalogue: Catalogue, now: datetime, standing: Standing
) -> Iterator[Holding]:
    today, seen = now.astimezone(AMSTERDAM).date(), Counter[str]()
    for document in documents:
        item, dataset = document.item, catalogue.datasets.get(document.item.dataset)
        if dataset is None or dataset.type_uri not in types or not document.counts:
            continue
        if item.standing != standing or item.valid_until < today or seen[dataset.id] >= _MOST_EARLIER:
            continue
        seen[dataset.id] += standing == "replaced"
        credential = _credential_in(document, vault)
        if credential is not None:
            yield Holding(
                bytes.fromhex(document.key),
                False,
                SD_JWT,
                dataset.type_uri,
                dataset,
                item.source_name,
                item.source_oin,
                item.reference.astimezone(AMSTERDAM).date(),
                credential,
                take_inventory(credential).claims,
                standing == "replaced",
            )


def _credential_in(document: KeptDocument, vault: Vault) -> str | None:
    """None when the document was removed meanwhile. The file passed the check when it came, so it is read here as it is."""
    kept = kept_document(vault, document.key)
    return embedded_files(read_file(kept[1]))[CREDENTIAL_NAME].content.decode("ascii") if kept else None


def _with_a_key(types: Collection[str], vault: Vault, catalogue: Catalogue, now: datetime) -> Iterator[Holding]:
    for kept in kept_credentials(vault, types):
        dataset, form = dataset_of(kept.type, catalogue), MDOC if kept.item.format == MDOC else SD_JWT
        if dataset is None or kept.unused == 0 or kept.validity.ends <= now:
            continue
        yield Holding(kept.id, True, form, kept.type, dataset, kept.item.source_name, kept.item.source_oin, None, kept.text, kept.claims)
