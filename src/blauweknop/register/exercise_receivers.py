"""Three made-up receivers, and what each may ask: one registration for each package of its life event; one is entitled to the BSN.

Their keys are made by `exercise_receiver_keys`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.catalogue.texts import text
from blauweknop.document.package_claims import registered_credentials, registered_updates
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.life_event import Package
from blauweknop.standards.jwk import EncryptionKey
from blauweknop.standards.registration import Registration, SupervisoryAuthority
from blauweknop.standards.registration_claims import SERVICE_PROVIDER
from blauweknop.standards.status_list import StatusReference

__all__ = ["EXERCISE_RECEIVERS", "RECEIVERS_SITE", "ExerciseReceiver", "exercise_registration", "exercise_uses", "packages_of"]

RECEIVERS_SITE = "https://register.example/ontvangers"
"""Where the receivers of the exercise would be found, if they were there."""

_REGISTRATION_LIFE = timedelta(days=364)


@dataclass(frozen=True, slots=True)
class ExerciseReceiver:
    """A made-up receiver, which asks in one life event; `main` is the package it is registered for before others."""

    id: str
    name: str
    legal_name: str
    identifier: str
    life_event: str
    main: str
    public_body: bool = False
    bsn_law: str | None = None


EXERCISE_RECEIVERS = (
    ExerciseReceiver(
        id="schuldhulp",
        name="OEFENING Schuldhulp Den Haag",
        legal_name="OEFENING Gemeente Den Haag",
        identifier="NTRNL-90001001",
        life_event="schuldhulp",
        main="schuldhulp.plan_van_aanpak",
        public_body=True,
        bsn_law="Wet algemene bepalingen burgerservicenummer, artikel 10",
    ),
    ExerciseReceiver(
        id="hypotheek",
        name="OEFENING Hypotheekadvies Zonneveld",
        legal_name="OEFENING Zonneveld Hypotheekadvies B.V.",
        identifier="NTRNL-90001002",
        life_event="hypotheek",
        main="hypotheek.aanvraag",
    ),
    ExerciseReceiver(
        id="huur",
        name="OEFENING Verhuur De Linde",
        legal_name="OEFENING De Linde Vastgoed B.V.",
        identifier="NTRNL-90001003",
        life_event="huur",
        main="huurwoning.vrije_sector.contract",
    ),
)


def packages_of(receiver: ExerciseReceiver) -> tuple[Package, ...]:
    """The packages with which a receiver asks something certified."""
    return tuple(package for package in load_life_events().events[receiver.life_event].packages if package.items)


def exercise_uses() -> tuple[tuple[ExerciseReceiver, Package], ...]:
    """Who asks what; the place of each is its place in the status list of registrations."""
    return tuple((receiver, package) for receiver in EXERCISE_RECEIVERS for package in packages_of(receiver))


def exercise_registration(
    receiver: ExerciseReceiver,
    package: Package,
    catalogue: Catalogue,
    *,
    status_uri: str,
    now: datetime,
    link_key: EncryptionKey | None = None,
) -> Registration:
    """What a receiver of the exercise may ask with one package, for almost a year from now; `link_key` is for documents without a wallet.

    Raises:
        BlauweKnopError: the package is for receivers that a law gives the burgerservicenummer, and this one is none.
    """
    if package.may_ask_bsn and receiver.bsn_law is None:
        raise BlauweKnopError(f"expected a receiver that may have the burgerservicenummer for package {package.id}")
    issued = now.replace(microsecond=0)
    return Registration(
        name=receiver.name,
        legal_name=receiver.legal_name,
        identifier=receiver.identifier,
        country="NL",
        registry_uri=RECEIVERS_SITE,
        service=text(f"receiver.{receiver.id}.service"),
        entitlements=(SERVICE_PROVIDER,),
        privacy_policy=f"{RECEIVERS_SITE}/{receiver.id}/privacy",
        info_uri=f"{RECEIVERS_SITE}/{receiver.id}",
        support_uri=f"mailto:privacy@{receiver.id}.example",
        authority=SupervisoryAuthority(uri="https://autoriteitpersoonsgegevens.nl"),
        certificate_policy=f"{RECEIVERS_SITE}/beleid",
        issued_at=issued,
        expires_at=issued + _REGISTRATION_LIFE,
        status=StatusReference(exercise_uses().index((receiver, package)), status_uri),
        credentials=registered_credentials(package, catalogue),
        purpose=package.purpose,
        intended_use=package.id,
        public_body=receiver.public_body,
        life_event=package.event,
        legal_basis=package.basis,
        retention=package.retention,
        bsn_law=receiver.bsn_law if package.may_ask_bsn else None,
        recipients=package.recipients,
        updates=registered_updates(package, catalogue),
        link_key=link_key,
    )
