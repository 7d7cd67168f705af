"""What can be put in a wallet here: each data set in two formats, and the names by which a wallet asks for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.summary import Summary

__all__ = ["FORMATS", "Configuration", "configurations_of"]

FORMATS: Mapping[str, CredentialFormat] = {"sd-jwt": "dc+sd-jwt", "mdoc": "mso_mdoc"}
"""The last part of the name of a configuration, and the format that it stands for (OpenID4VCI appendix A)."""


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
