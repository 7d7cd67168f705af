"""To whom a link can be given: the registered receivers that have a key for it, each use of one apart. Others are not there."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.checking.trust import Trust
from blauweknop.domain.dataset import Dataset
from blauweknop.holder.links.ports import LinkServices
from blauweknop.holder.sharing.holdings import dataset_of
from blauweknop.standards.dcql import Path
from blauweknop.standards.jwk import EncryptionKey
from blauweknop.standards.registration import Registration, RegistrationProblem, registration_status_uri, verify_registration
from blauweknop.standards.request_scope import may_hold_bsn

__all__ = ["LinkReceiver", "link_receivers", "receiver_of"]

_KEY_LENGTH = 32


@dataclass(frozen=True, slots=True)
class LinkReceiver:
    """One use of a receiver: its registration, verified and as it was signed, and the key that documents are encrypted to."""

    registration: Registration
    text: str = field(repr=False)
    key: EncryptionKey = field(repr=False)

    @property
    def name(self) -> str:
        """By which an address names it; the same when it is registered anew."""
        of = self.registration
        return hashlib.sha256(f"{of.identifier} {of.intended_use}".encode()).hexdigest()[:_KEY_LENGTH]

    def paths_of(self, dataset: Dataset) -> tuple[Path, ...]:
        """What of a document of this data set the receiver may have, the number of the person only by law; without any not the document."""
        of = self.registration
        registered = [one for one in of.credentials if one.format == "dc+sd-jwt" and dataset.type_uri in one.types]
        return tuple(path for one in registered for path in one.claims if of.bsn_law is not None or not may_hold_bsn(path))


def link_receivers(services: LinkServices, now: datetime) -> tuple[LinkReceiver, ...]:
    """All of now that may have a document, by name and purpose."""
    found = {each.name: each for each in _verified(services, now)}
    return tuple(sorted(found.values(), key=lambda each: (each.registration.name, each.registration.purpose.nl)))


def receiver_of(name: str, services: LinkServices, now: datetime) -> LinkReceiver | None:
    """The one of this name; None when it may have nothing, or not any more."""
    return next((each for each in _verified(services, now) if each.name == name), None)


def _verified(services: LinkServices, now: datetime) -> Iterator[LinkReceiver]:
    sharing, lists = services.sharing, dict[str, Trust]()
    for text in services.registrations(now):
        status = registration_status_uri(text)
        if status is None:
            continue
        trust = lists.setdefault(status, lists.get(status) or sharing.trust_with(status, now))
        if trust.trust_list is None:
            return
        try:
            registration = verify_registration(text, trust_list=trust.trust_list, status_lists=trust.status_lists, at=now)
        except RegistrationProblem:
            continue  # withdrawn, over, or never signed: it is nobody
        types = {kind for one in registration.credentials if one.format == "dc+sd-jwt" for kind in one.types}
        datasets = [found for kind in types if (found := dataset_of(kind, services.catalogue)) is not None]
        if registration.link_key is not None and any(dataset.type_uri in types for dataset in datasets):
            yield LinkReceiver(registration, text, registration.link_key)
