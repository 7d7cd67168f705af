"""Why each thing is asked, in the words of the scheme: those of the package that a registration is for, when the question fits it.

A receiver cannot bring words of its own. A question that is of no package is shown with the purpose of the registration alone.
"""

from dataclasses import dataclass

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.document.package_claims import item_id_of
from blauweknop.document.type_metadata import vct_of
from blauweknop.domain.durations import Duration
from blauweknop.domain.life_event import Item, Package
from blauweknop.domain.texts import Text
from blauweknop.standards.dcql import CredentialQuery
from blauweknop.standards.registration_claims import Registration

__all__ = ["Reasons", "reasons_of"]


@dataclass(frozen=True, slots=True)
class Reasons:
    """The package of a question, if there is one."""

    package: Package | None
    catalogue: Catalogue

    @property
    def title(self) -> Text | None:
        return self.package.title if self.package else None

    def recipients_of(self, registration: Registration) -> tuple[Text, ...] | None:
        """Who else gets it; nothing when nobody does, None when only the privacy statement says so."""
        return registration.recipients or (self.package.recipients if self.package else None)

    def item_of(self, query: CredentialQuery) -> Item | None:
        """What a credential of the question is in the package: by its name, and only when it is of that data set too."""
        items = self.package.items if self.package else ()
        item = next((item for item in items if item.id == item_id_of(query.id)), None)
        if item is None:
            return None
        datasets = [self.catalogue.dataset(name) for name in item.datasets]
        known = {kind for dataset in datasets for kind in (dataset.type_uri, vct_of(dataset), dataset.doctype)}
        return item if {*query.types} <= known else None

    def greatest_age(self, query: CredentialQuery) -> Duration | None:
        item = self.item_of(query)
        return item.maximum_age if item else None


def reasons_of(registration: Registration, catalogue: Catalogue) -> Reasons:
    """By the intended use, which is the id of a package, in the life event of the registration."""
    packages = load_life_events().packages
    found = (each for each in packages if each.id == registration.intended_use and each.event == registration.life_event)
    return Reasons(next(found, None), catalogue)
