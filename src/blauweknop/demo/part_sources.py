"""The sources of the exercise: their pages and wallets, the login and the systems behind them."""

from collections.abc import Sequence
from datetime import datetime

from blauweknop.adapters.settings import Settings
from blauweknop.assembly.issuer_sweeps import issuer_sweeps
from blauweknop.assembly.issuers import SharedParts, client_keys, login_origins
from blauweknop.assembly.wallets import wallet_services
from blauweknop.demo.brp_service import brp_router
from blauweknop.demo.digid import digid_router
from blauweknop.demo.digid_provider import ExerciseClient, ExercisePerson, ExerciseProvider
from blauweknop.demo.mandates import exercise_mandates
from blauweknop.demo.part import Part
from blauweknop.demo.people_facts import Person
from blauweknop.demo.scheme import DemoScheme
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.issuer.page import issuer_portal
from blauweknop.issuer.ports import IssuerServices
from blauweknop.issuer.routes import issuer_router
from blauweknop.issuer.wallet.pages import wallet_pages
from blauweknop.issuer.wallet.routes import wallet_routes

__all__ = ["sources_part"]

_DIGID = "/digid"


def sources_part(scheme: DemoScheme, shared: SharedParts, services: Sequence[IssuerServices]) -> Part:
    """Everything of the sources that `services` are of.

    Raises:
        BlauweKnopError: a key or certificate cannot be used.
    """
    settings = scheme.settings
    wallets = [made for service in services if (made := wallet_services(settings, service, shared)) is not None]
    return Part(
        [
            *(issuer_router(service) for service in services),
            *(route for wallet in wallets for route in (*wallet_routes(wallet), wallet_pages(wallet))),
            digid_router(_provider(settings, scheme.people), _DIGID),
            brp_router(scheme.folder / "sources"),
        ],
        portals=[issuer_portal(service) for service in services],
        sweeps=issuer_sweeps(shared, tuple(settings.sources)),
        login_origins=login_origins(settings),
    )


def _provider(settings: Settings, people: Sequence[Person]) -> ExerciseProvider:
    """The exercise login knows every person and every source."""
    clients = []
    for source in settings.sources.values():
        keys = client_keys(source)
        own = f"{settings.scheme.base_url}{source.path}"
        clients.append(
            ExerciseClient.of(
                source.login.client_id,
                source.identity.name,
                signing_key=keys.signing,
                encryption_key=keys.decryption[0],
                redirect_uris=[f"{own}/terug"],
                post_logout_redirect_uris=[f"{own}/uitgelogd"],
            )
        )
    known = [ExercisePerson(person.id, person.bsn, person.name, person.description) for person in people]
    issuer = f"{settings.scheme.base_url}{_DIGID}"
    mandates = exercise_mandates(people, issuer, datetime.now(AMSTERDAM).date())
    return ExerciseProvider(issuer, [*known, *mandates], clients)
