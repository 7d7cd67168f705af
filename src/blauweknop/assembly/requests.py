"""From settings to what each receiver needs to ask people for data."""

import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.x509.oid import NameOID
from sqlalchemy.engine import Engine

from blauweknop.adapters.api_settings import ApiSettings
from blauweknop.adapters.database import one_transaction
from blauweknop.adapters.keys import load_signer
from blauweknop.adapters.request_events import RequestEvents
from blauweknop.adapters.requests_settings import AskingReceiver, RequestsSettings
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.session_cookies import session_cookie
from blauweknop.adapters.verifier_answers import VerifierAnswers, sweep_answers
from blauweknop.adapters.verifier_households import HouseholdStore
from blauweknop.adapters.verifier_requests import RequestStore, TransactionStore, sweep_requests
from blauweknop.adapters.verifier_sharings import VerifierSharings
from blauweknop.assembly.upkeep import Sweep
from blauweknop.catalogue import Catalogue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.registration import RegistrationProblem, read_own_registration
from blauweknop.standards.x509 import name_value, read_certificate
from blauweknop.verifier.afterwards.erasing import erase_what_is_over
from blauweknop.verifier.afterwards.ports import AfterwardsServices
from blauweknop.verifier.api.later import new_id
from blauweknop.verifier.asking.ports import AskingServices, Judge, Receiver, Use

__all__ = ["afterwards_services", "asking_services", "clients_told", "holder_origin", "open_receiver", "request_sweeps"]

_MOST_REGISTRATION = 512 * 1024


def asking_services(
    settings: RequestsSettings,
    base_url: str,
    engine: Engine,
    key: RowKey,
    *,
    judge: Judge,
    catalogue: Catalogue,
    told: Collection[str] = (),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> tuple[AskingServices, ...]:
    """What each receiver of [requests] needs; `told` are clients of the API with a webhook, for the requests that they make.

    Raises:
        BlauweKnopError: a key, certificate or registration cannot be used.
    """
    events = {name: _events(engine, key, name, told, clock) for name in settings.receivers}
    return tuple(
        AskingServices(
            receiver=open_receiver(name, receiver, base_url),
            catalogue=catalogue,
            requests=RequestStore(engine, key, name),
            transactions=TransactionStore(engine, key, name),
            answers=VerifierAnswers(engine, key, name),
            sharings=VerifierSharings(engine, key, name),
            households=HouseholdStore(engine, key, name),
            together=lambda: one_transaction(engine),
            judge=judge,
            clock=clock,
            random=secrets.token_bytes,
            session_cookie=session_cookie(f"verzoek-{name}", secure=base_url.startswith("https://")),
            holder_address=settings.holder,
            tell_answered=events[name].answered,
            tell_withdrawn=events[name].withdrawn,
            wallet_link=settings.link,
            gives_by_get=settings.gives_by_get,
            calls_a_minute=settings.calls_a_minute,
            begins_a_minute=settings.begins_a_minute,
            all_begins_a_minute=settings.all_begins_a_minute,
        )
        for name, receiver in settings.receivers.items()
    )


def open_receiver(name: str, settings: AskingReceiver, base_url: str) -> Receiver:
    """A receiver with its key, and its registrations by intended use.

    Raises:
        BlauweKnopError: they cannot be used, or are not of one organisation.
    """
    signer = load_signer(settings.access.key, settings.access.certificate)
    organisation = name_value(read_certificate(signer.certificate).subject, NameOID.ORGANIZATION_IDENTIFIER)
    uses = [_use(path) for path in settings.registrations]
    for use, path in zip(uses, settings.registrations, strict=True):
        if use.registration.identifier != organisation:
            raise BlauweKnopError(
                f"{path.name} is of another organisation than the access certificate of {name}",
                remedy="give the registrations of the organisation that the access certificate names",
            )
    return Receiver(
        id=name,
        name=uses[0].registration.name,
        path=settings.path,
        address=f"{base_url}{settings.path}",
        signer=signer,
        uses={use.registration.intended_use: use for use in uses},
        colour=settings.colour,
    )


def holder_origin(settings: RequestsSettings) -> str:
    """Where forms may lead: to Mijn Blauwe Knop (CSP form-action)."""
    parts = urlsplit(settings.holder)
    return f"{parts.scheme}://{parts.netloc}"


def clients_told(api: ApiSettings | None) -> frozenset[str]:
    """The clients of the API that have a webhook."""
    return frozenset(client.id for client in api.clients.values() if client.receiver is not None) if api else frozenset()


def afterwards_services(asking: Sequence[AskingServices]) -> tuple[AfterwardsServices, ...]:
    """What each receiver needs for the time after sharing."""
    return tuple(AfterwardsServices(each.receiver.signer, each.sharings, each.clock, each.tell_withdrawn) for each in asking)


def request_sweeps(engine: Engine, afterwards: Sequence[AfterwardsServices]) -> tuple[Sweep, ...]:
    """What must be forgotten on time: what was shared, with a proof; answers without a receipt; attempts and requests."""
    return (
        *(partial(erase_what_is_over, each) for each in afterwards),
        lambda now: sweep_answers(engine, now),
        lambda now: sweep_requests(engine, now),
    )


def _events(engine: Engine, key: RowKey, receiver: str, told: Collection[str], clock: Callable[[], datetime]) -> RequestEvents:
    return RequestEvents(engine, key, RequestStore(engine, key, receiver), frozenset(told), clock, new_id)


def _use(path: Path) -> Use:
    try:
        text = path.read_bytes()[:_MOST_REGISTRATION].decode("ascii").strip()
        return Use(read_own_registration(text), text)
    except (OSError, UnicodeError, RegistrationProblem) as error:
        raise BlauweKnopError(f"{path.name} is no registration certificate", remedy="give the file that the register gave") from error
