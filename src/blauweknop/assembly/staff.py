"""From settings to the pages for the staff of each receiver that has them."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from litestar import Router
from sqlalchemy.engine import Engine

from blauweknop.adapters.http_client import GuardedClient, Reach
from blauweknop.adapters.keys import load_private_key
from blauweknop.adapters.login import RelyingParty
from blauweknop.adapters.login_attempts import LoginAttempts
from blauweknop.adapters.login_settings import ClientKeys
from blauweknop.adapters.requests_settings import RequestsSettings
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.session_cookies import clear_site_data, login_cookie, session_cookie
from blauweknop.adapters.staff_login import OrganisationLogin
from blauweknop.adapters.staff_settings import StaffAgreement
from blauweknop.adapters.verifier_approvals import ApprovalStore
from blauweknop.adapters.verifier_colleagues import ColleagueStore
from blauweknop.adapters.verifier_staff import StaffSessionStore, TaskStore
from blauweknop.adapters.verifier_staff_log import StaffLogStore
from blauweknop.assembly.upkeep import Sweep
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.dossier.ports import DossierServices
from blauweknop.verifier.dossier.routes import dossier_router
from blauweknop.verifier.household.routes import household_router
from blauweknop.verifier.staff.ports import StaffServices
from blauweknop.verifier.staff.routes import staff_router

__all__ = ["staff_keys", "staff_origins", "staff_routes", "staff_services", "staff_sweeps"]


def staff_services(
    settings: RequestsSettings, asking: Sequence[AskingServices], engine: Engine, key: RowKey, *, exercise: bool
) -> tuple[StaffServices, ...]:
    """Of each receiver that says how its staff log in.

    Raises:
        BlauweKnopError: a key or an agreement cannot be used.
    """
    return tuple(_services(agreement, each, engine, key, exercise) for each, agreement in _with_staff(settings, asking))


def staff_routes(staff: Sequence[StaffServices], dossiers: Sequence[DossierServices]) -> list[Router]:
    """Their pages, with those of the dossiers, and of two dossiers together."""
    together = (router(each) for each in dossiers for router in (dossier_router, household_router))
    return [*(staff_router(each) for each in staff), *together]


def staff_origins(settings: RequestsSettings) -> tuple[str, ...]:
    """Where forms may lead by way of logging in or out (CSP form-action)."""
    agreements = (receiver.staff for receiver in settings.receivers.values())
    parts = (urlsplit(agreement.issuer) for agreement in agreements if agreement is not None)
    return tuple(sorted({f"{part.scheme}://{part.netloc}" for part in parts}))


def staff_keys(agreement: StaffAgreement) -> ClientKeys:
    """The keys by which the provider of the organisation knows us.

    Raises:
        KeyProblem, LoginSettingsError: a key cannot be used.
    """
    return ClientKeys.of(load_private_key(agreement.key), [load_private_key(path) for path in agreement.decryption_keys])


def staff_sweeps(staff: Sequence[StaffServices], engine: Engine, key: RowKey) -> tuple[Sweep, ...]:
    """What must be forgotten on time: who was in, who was logging in, who works here no more, what waited, and what is old in the logs."""
    sessions, attempts = StaffSessionStore(engine, key, ""), LoginAttempts(engine, key, "", secrets.token_bytes)
    logs = (partial(_keep_log, each) for each in staff)
    return (sessions.sweep, attempts.sweep, ColleagueStore(engine, key, "").sweep, ApprovalStore(engine, key, "").sweep, *logs)


def _keep_log(services: StaffServices, now: datetime) -> int:
    return services.log.keep_up(now=now)


def _with_staff(settings: RequestsSettings, asking: Sequence[AskingServices]) -> list[tuple[AskingServices, StaffAgreement]]:
    agreements: Mapping[str, StaffAgreement | None] = {name: receiver.staff for name, receiver in settings.receivers.items()}
    return [(each, agreement) for each in asking if (agreement := agreements[each.receiver.id]) is not None]


def _services(agreement: StaffAgreement, asking: AskingServices, engine: Engine, key: RowKey, exercise: bool) -> StaffServices:
    receiver = asking.receiver
    secure = receiver.address.startswith("https://")
    client = GuardedClient(Reach(frozenset([urlsplit(agreement.issuer).netloc.lower()]), allow_loopback=exercise))
    name = f"staff-{receiver.id}"
    attempts = LoginAttempts(engine, key, name, secrets.token_bytes)
    party = RelyingParty.open(agreement.login(receiver.address), staff_keys(agreement), http=client, attempts=attempts)
    return StaffServices(
        asking=asking,
        login=OrganisationLogin(party, agreement, key, receiver.id),
        sessions=StaffSessionStore(engine, key, receiver.id),
        tasks=TaskStore(engine, receiver.id),
        colleagues=ColleagueStore(engine, key, receiver.id),
        approvals=ApprovalStore(engine, key, receiver.id),
        log=StaffLogStore(engine, key, receiver.id, receiver.signer, timedelta(days=agreement.log_days)),
        four_eyes=agreement.four_eyes,
        session_cookie=session_cookie(name, secure=secure),
        login_cookie=login_cookie(name, secure=secure),
        # People of the receiver may be on the same origin: their cookies stay.
        forget_pages=clear_site_data(shared_origin=True),
    )
