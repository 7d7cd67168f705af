"""What a source agreed about people who log in for somebody else: under which services, in which capacities, for which data sets.

Standards name the represented person (OIDC NL GOV, `represents`) and not the mandate; providers differ in how they tell of it. So the
names of those claims are settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.adapters.settings_table import Table
from blauweknop.domain.representation import Capacity

__all__ = ["RepresentationSettings", "representation_settings"]

_SAME_WORDS: Mapping[str, Capacity] = MappingProxyType({capacity.value: capacity for capacity in Capacity})


@dataclass(frozen=True, slots=True)
class RepresentationSettings:
    """`services` are the names that a mandate must hold one of; `datasets` None: everything the source offers."""

    services: frozenset[str]
    issuer: str  # who gives out the number of the represented person, as the provider names it
    datasets: frozenset[str] | None = None
    capacities: Mapping[str, Capacity] = field(default_factory=lambda: _SAME_WORDS)  # what the provider says -> what it is
    service_claim: str = "urn:nl-eid-gdi:1.0:ServiceUUID"
    capacity_claim: str = "mandate_capacity"
    until_claim: str = "mandate_until"
    name_claim: str = "name"


def representation_settings(table: Table, *, issuer: str, offered: frozenset[str]) -> RepresentationSettings:
    """From the table `representation` of a login; `offered` are the data sets of the source.

    Raises:
        SettingsError: names the setting.
    """
    services = frozenset(table.texts("services"))
    if not services:
        raise table.error("services", "is empty", "name the service of the mandate, or take the table out: then nobody acts for another")
    datasets = frozenset(table.texts("datasets")) if "datasets" in table else None
    if datasets is not None and not datasets <= offered:
        raise table.error("datasets", "names a data set that this source does not have", "take it out, or add the data set")
    said = table.text_map("capacities")
    if not set(said.values()) <= set(_SAME_WORDS):
        raise table.error("capacities", "has an unknown capacity", f"map each to one of: {', '.join(_SAME_WORDS)}")
    defaults = RepresentationSettings(services, issuer)
    settings = RepresentationSettings(
        services,
        table.text("issuer", issuer),
        datasets,
        {word: Capacity(meant) for word, meant in said.items()} or _SAME_WORDS,
        table.text("service_claim", defaults.service_claim),
        table.text("capacity_claim", defaults.capacity_claim),
        table.text("until_claim", defaults.until_claim),
        table.text("name_claim", defaults.name_claim),
    )
    table.finish()
    return settings
