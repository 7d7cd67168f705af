"""What can be put in a wallet here: each data set in two formats, and the names by which a wallet asks for them.

A server that acts for a person may also ask for the document itself, by a name beside those two (ADR 0028). It is in no metadata: a
wallet would not know what to do with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.summary import Summary

__all__ = ["FORMATS", "Configuration", "configurations_of", "dataset_of_document", "document_name"]

FORMATS: Mapping[str, CredentialFormat] = {"sd-jwt": "dc+sd-jwt", "mdoc": "mso_mdoc"}
"""The last part of the name of a configuration, and the format that it stands for (OpenID4VCI appendix A)."""

_DOCUMENT = ".document"


@dataclass(frozen=True, slots=True)
class Configuration:
    """A data set in one format. `id` is its name in metadata, offers and requests, and its `scope`."""

    id: str
    summary: Summary
    format: CredentialFormat

    @property
    def dataset(self) -> Dataset:
        return self.summary.dataset


def configurations_of(summaries: Iterable[Summary]) -> dict[str, Configuration]:
    """By id, in the order of the data sets: `duo.studieschuld.sd-jwt`, `duo.studieschuld.mdoc`."""
    made = [Configuration(f"{summary.dataset.id}.{word}", summary, form) for summary in summaries for word, form in FORMATS.items()]
    return {configuration.id: configuration for configuration in made}


def document_name(dataset_id: str) -> str:
    """The name of the whole document: `duo.studieschuld.document`."""
    return f"{dataset_id}{_DOCUMENT}"


def dataset_of_document(name: str) -> str | None:
    """The id of the data set whose document has this name; None when it is no name of a document."""
    dataset_id = name.removesuffix(_DOCUMENT)
    return dataset_id if dataset_id != name else None
