"""Three made-up receivers and what each may ask, after the packages in the dictionary of the scheme; one is entitled to the BSN.

Their keys are made by `exercise_receiver_keys`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import text
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.texts import Text
from blauweknop.standards.dcql import Path
from blauweknop.standards.registration import LegalBasis, LifeEvent, RegisteredCredential, Registration, SupervisoryAuthority
from blauweknop.standards.registration_claims import SERVICE_PROVIDER
from blauweknop.standards.status_list import StatusReference

__all__ = ["EXERCISE_RECEIVERS", "RECEIVERS_SITE", "ExerciseReceiver", "exercise_registration"]

RECEIVERS_SITE = "https://register.example/ontvangers"
"""Where the receivers of the exercise would be found, if they were there."""

_REGISTRATION_LIFE = timedelta(days=364)
_PERSON: tuple[Path, ...] = (("subject", "given_name"), ("subject", "family_name"))
_BIRTH: Path = ("subject", "birth_date")
_BSN: Path = ("subject", "bsn")
_ADDRESS = ("naam", "verblijfplaats")
_WHOLE = ()


@dataclass(frozen=True, slots=True)
class ExerciseReceiver:
    """A made-up receiver; `wanted` names by data set the members of `data` it may ask; none named means all."""

    id: str
    name: str
    legal_name: str
    identifier: str
    life_event: LifeEvent
    legal_basis: LegalBasis
    retention: str
    person: tuple[Path, ...]
    wanted: Mapping[str, tuple[str, ...]]
    public_body: bool = False
    bsn_law: str | None = None


EXERCISE_RECEIVERS = (
    ExerciseReceiver(
        id="schuldhulp",
        name="OEFENING Schuldhulp Den Haag",
        legal_name="OEFENING Gemeente Den Haag",
        identifier="NTRNL-90001001",
        life_event=LifeEvent.DEBT_HELP,
        legal_basis=LegalBasis("e", "Wet gemeentelijke schuldhulpverlening"),
        retention="P5Y",
        person=(*_PERSON, _BIRTH, _BSN),
        wanted={
            "gem.brp": (*_ADDRESS, "geboorte", "partners", "kinderen_onder_18_aantal"),
            "gem.bijstand": _WHOLE,
            "gem.belastingaanslag": _WHOLE,
            "gem.betaaloverzicht": _WHOLE,
            "gem.pw_vordering": _WHOLE,
            "gem.woz": _WHOLE,
            "uwv.verzekeringsbericht": _WHOLE,
            "uwv.uitkeringsspecificatie": _WHOLE,
            "uwv.betaaloverzicht": _WHOLE,
            "duo.studieschuld": _WHOLE,
            "duo.studiefinanciering": _WHOLE,
            "duo.betaaloverzicht": _WHOLE,
            "cak.eigen_bijdrage": _WHOLE,
            "cak.wanbetalers": _WHOLE,
            "cak.betaaloverzicht": _WHOLE,
        },
        public_body=True,
        bsn_law="Wet algemene bepalingen burgerservicenummer, artikel 10",
    ),
    ExerciseReceiver(
        id="hypotheek",
        name="OEFENING Hypotheekadvies Zonneveld",
        legal_name="OEFENING Zonneveld Hypotheekadvies B.V.",
        identifier="NTRNL-90001002",
        life_event=LifeEvent.MORTGAGE,
        legal_basis=LegalBasis("b", "Overeenkomst van opdracht, Burgerlijk Wetboek boek 7"),
        retention="P1Y",
        person=(*_PERSON, _BIRTH),
        wanted={
            "uwv.verzekeringsbericht": _WHOLE,
            "duo.studieschuld": (
                "schuldsaldo_inclusief_rente",
                "wettelijk_maandbedrag",
                "te_betalen_maandbedrag",
                "rentepercentage",
                "resterende_maanden",
                "terugbetaalregime",
                "fase",
            ),
            "gem.brp": (*_ADDRESS, "geboorte", "partners"),
            "gem.woz": _WHOLE,
        },
    ),
    ExerciseReceiver(
        id="huur",
        name="OEFENING Verhuur De Linde",
        legal_name="OEFENING De Linde Vastgoed B.V.",
        identifier="NTRNL-90001003",
        life_event=LifeEvent.RENT,
        legal_basis=LegalBasis("b", "Huurovereenkomst, Burgerlijk Wetboek boek 7"),
        retention="P6M",
        person=_PERSON,
        wanted={"gem.brp": (*_ADDRESS, "leeftijd_18_plus")},
    ),
)


def exercise_registration(receiver: ExerciseReceiver, catalogue: Catalogue, *, status_uri: str, now: datetime) -> Registration:
    """What a receiver of the exercise may ask, for almost a year from now."""
    issued = now.replace(microsecond=0)
    return Registration(
        name=receiver.name,
        legal_name=receiver.legal_name,
        identifier=receiver.identifier,
        country="NL",
        registry_uri=RECEIVERS_SITE,
        service=_text(receiver, "service"),
        entitlements=(SERVICE_PROVIDER,),
        privacy_policy=f"{RECEIVERS_SITE}/{receiver.id}/privacy",
        info_uri=f"{RECEIVERS_SITE}/{receiver.id}",
        support_uri=f"mailto:privacy@{receiver.id}.example",
        authority=SupervisoryAuthority(uri="https://autoriteitpersoonsgegevens.nl"),
        certificate_policy=f"{RECEIVERS_SITE}/beleid",
        issued_at=issued,
        expires_at=issued + _REGISTRATION_LIFE,
        status=StatusReference(EXERCISE_RECEIVERS.index(receiver), status_uri),
        credentials=tuple(_credential(catalogue.dataset(name), receiver, members) for name, members in receiver.wanted.items()),
        purpose=_text(receiver, "purpose"),
        intended_use=f"{receiver.id}-1",
        public_body=receiver.public_body,
        life_event=receiver.life_event,
        legal_basis=receiver.legal_basis,
        retention=receiver.retention,
        bsn_law=receiver.bsn_law,
    )


def _text(receiver: ExerciseReceiver, what: str) -> Text:
    return text(f"receiver.{receiver.id}.{what}")


def _credential(dataset: Dataset, receiver: ExerciseReceiver, members: tuple[str, ...]) -> RegisteredCredential:
    paths: list[Path] = [("data", member) for member in members] or [("data",)]
    return RegisteredCredential("dc+sd-jwt", (dataset.type_uri,), (*receiver.person, *paths))
