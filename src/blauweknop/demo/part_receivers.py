"""The receivers of the exercise: the check for everybody, its API, their requests, and their staff."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode, urlsplit

from blauweknop.adapters.http_client import GuardedClient, Reach
from blauweknop.adapters.requests_settings import RequestsSettings
from blauweknop.adapters.verifier_settings import VerifierSettings
from blauweknop.assembly.dossier_seals import dossier_sealers
from blauweknop.assembly.dossiers import dossier_services, dossier_sweeps
from blauweknop.assembly.issuers import SharedParts
from blauweknop.assembly.link_desks import link_desk_routes, link_desks, with_links
from blauweknop.assembly.reporting import ServedReports
from blauweknop.assembly.requests import afterwards_services, asking_services, clients_told, holder_origin, request_sweeps
from blauweknop.assembly.staff import staff_keys, staff_origins, staff_routes, staff_services, staff_sweeps
from blauweknop.assembly.trust import status_teller
from blauweknop.assembly.verifier_api import api_parts
from blauweknop.demo.digid_provider import ExerciseClient, ExerciseProvider
from blauweknop.demo.judge import ExerciseJudge
from blauweknop.demo.part import Part
from blauweknop.demo.staff_login import staff_login_router
from blauweknop.demo.staff_people import client_of, exercise_staff
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.verifier.afterwards.routes import afterwards_routes
from blauweknop.verifier.api.routes import set_api_headers
from blauweknop.verifier.asking.page import asking_portal
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.routes import asking_routes
from blauweknop.verifier.dossier.ports import DossierSealer
from blauweknop.verifier.routes import check_portal, check_router

__all__ = ["receivers_parts"]


def receivers_parts(base_url: str, verifier: VerifierSettings, shared: SharedParts, judge: ExerciseJudge) -> tuple[Part, Part]:
    """The requests of all receivers, and the check with the API, through which they can be asked too.

    Raises:
        BlauweKnopError: the configuration lacks a part, or a key cannot be used.
    """
    if verifier.requests is None:
        raise BlauweKnopError("the configuration of the exercise has no [requests]", remedy="choose another folder with --data-dir")
    asking = asking_services(
        verifier.requests,
        base_url,
        shared.engine,
        shared.row_key,
        judge=lambda look, at: look(judge.trust(at)),
        catalogue=shared.catalogue,
        told=clients_told(verifier.api),
    )
    return _requests_part(base_url, verifier.requests, asking, shared, judge, dossier_sealers(verifier)), _check_part(
        verifier, asking, shared, judge
    )


def _requests_part(
    base_url: str,
    asked: RequestsSettings,
    asking: Sequence[AskingServices],
    shared: SharedParts,
    judge: ExerciseJudge,
    sealers: Mapping[str, DossierSealer],
) -> Part:
    afterwards = afterwards_services(asking)
    staff = with_links(staff_services(asked, asking, shared.engine, shared.row_key, exercise=True), asked)
    desks = link_desks(staff, asked, check=judge.verdict, exercise=True)
    dossiers = dossier_services(staff, shared.engine, shared.row_key, trust_with=judge.trust_with, sealers=sealers)
    return Part(
        [
            *(route for service in asking for route in asking_routes(service)),
            *(route for service, after in zip(asking, afterwards, strict=True) for route in afterwards_routes(service, after)),
            *staff_routes(staff, dossiers),
            *link_desk_routes(desks),
            staff_login_router(_staff_provider(asked, asking, base_url), partial(_tell, base_url)),
        ],
        portals=[asking_portal(service) for service in asking],
        sweeps=[
            *request_sweeps(shared.engine, afterwards),
            *staff_sweeps(staff, shared.engine, shared.row_key),
            *dossier_sweeps(dossiers),
        ],
        login_origins=[holder_origin(asked), *staff_origins(asked)],
    )


def _check_part(verifier: VerifierSettings, asking: Sequence[AskingServices], shared: SharedParts, judge: ExerciseJudge) -> Part:
    if verifier.api is None:
        raise BlauweKnopError("the configuration of the exercise has no [api]", remedy="choose another folder with --data-dir")
    report = ServedReports(verifier.reports, shared.catalogue) if verifier.reports else None
    api = api_parts(
        verifier.api,
        verifier.scheme,
        check=judge.check,
        status_of=status_teller(judge.trust_with),
        database=(shared.engine, shared.row_key),
        report=report,
        asking={each.receiver.id: each for each in asking},
    )
    return Part(
        [check_router(check=judge.check, now=lambda: datetime.now(UTC), catalogue=shared.catalogue, report=report), api.router],
        portals=[check_portal()],
        before_send=[set_api_headers],
        on_startup=api.on_startup,
        on_shutdown=api.on_shutdown,
    )


def _staff_provider(asked: RequestsSettings, asking: Sequence[AskingServices], base_url: str) -> ExerciseProvider:
    """The exercise login for staff knows every receiver, and who works there."""
    clients = []
    for service in asking:
        agreement = asked.receivers[service.receiver.id].staff
        if agreement is None:
            continue
        keys, login = staff_keys(agreement), agreement.login(service.receiver.address)
        clients.append(
            ExerciseClient.of(
                client_of(service.receiver.id),
                service.receiver.name,
                signing_key=keys.signing,
                encryption_key=keys.decryption[0],
                redirect_uris=[login.redirect_uri],
                post_logout_redirect_uris=[login.post_logout_redirect_uri],
                logout_uri=f"{service.receiver.address}/uitloggen-bij-inlogdienst",
            )
        )
    return ExerciseProvider(f"{base_url}/medewerkers", exercise_staff(), clients)


def _tell(base_url: str, address: str, token: str) -> bool:
    """A logout token to a receiver of the exercise, which is at our own address."""
    client = GuardedClient(Reach(frozenset({urlsplit(base_url).netloc.lower()}), allow_loopback=True))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        return client.send("POST", address, headers=headers, content=urlencode({"logout_token": token}).encode()).status == 200
    except BlauweKnopError:
        return False
    finally:
        client.close()
