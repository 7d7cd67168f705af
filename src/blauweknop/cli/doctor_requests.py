"""Can a receiver ask people for data, and can its staff work? Nothing is said when the configuration has no [requests].

1. Its database answers, unless that was said already.
2. The access key of each receiver fits its certificate, which counts now; so does each registration.
3. Its keys for links, and the key that seals its dossiers, where it has them: `doctor_receiver_keys`.
4. The login of its staff: the provider and its keys can be had, it takes our request with our address and key, it says that it gives the
   claim with the roles, and it can end sessions.
5. The log of its staff is whole; else the first place that does not fit.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from blauweknop.adapters.database import open_database
from blauweknop.adapters.http_client import GuardedClient, Reach
from blauweknop.adapters.login_provider import LoginHttp
from blauweknop.adapters.login_tokens import LoginRefused
from blauweknop.adapters.login_trial import try_login
from blauweknop.adapters.row_encryption import RowKey, read_secret_key
from blauweknop.adapters.settings_storage import StorageSettings
from blauweknop.adapters.settings_table import read_toml
from blauweknop.adapters.staff_settings import STAFF_LEVEL, StaffAgreement
from blauweknop.adapters.verifier_settings import load_verifier
from blauweknop.adapters.verifier_staff_log import StaffLogStore
from blauweknop.assembly.requests import open_receiver
from blauweknop.assembly.staff import staff_keys
from blauweknop.cli.doctor_findings import Finding, State, fail, fault, ok, warn
from blauweknop.cli.doctor_receiver_keys import examine_dossier_seal, examine_link_keys
from blauweknop.cli.doctor_systems import examine_database
from blauweknop.domain.dates import date_in_words
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.trust_list import TrustList
from blauweknop.standards.x509 import read_certificate
from blauweknop.verifier.asking.ports import Receiver
from blauweknop.verifier.staff.log_checking import first_break_now

__all__ = ["examine_requests"]

Reached = Callable[[str], LoginHttp]
"""The way to a provider, by its address."""

_SOON = timedelta(days=30)
_SAID_APART = frozenset({"provider_unreachable", "provider_metadata", "request_refused"})


def examine_requests(
    config: Path, trust_list: TrustList | None, *, now: datetime, language: str, with_database: bool, reach: Reached | None = None
) -> Iterator[Finding]:
    """Everything of [requests]; `with_database` when nobody looked at it yet.

    Raises:
        SettingsError: a table is broken.
    """
    if "requests" not in read_toml(config):
        return
    verifier = load_verifier(config)
    if verifier.requests is None or verifier.storage is None:
        return
    database = [*examine_database(verifier.storage)]
    if with_database:
        yield from database
    has_tables = not any(finding.state is State.FAIL for finding in database)
    for name, settings in verifier.requests.receivers.items():
        try:
            receiver = open_receiver(name, settings, verifier.scheme.base_url)
        except BlauweKnopError as error:
            yield fault("receiver", error, receiver=name)
            continue
        yield from _examine_receiver(receiver, now, language)
        yield from examine_link_keys(receiver, settings.link_keys)
        if settings.seal is not None:
            yield from examine_dossier_seal(receiver, settings.seal, trust_list, now=now, language=language)
        if settings.staff is None:
            yield warn("staff_none", receiver=name)
            continue
        yield from _examine_login(receiver, settings.staff, (reach or _reach(verifier.scheme.is_exercise))(settings.staff.issuer), now)
        if has_tables:
            yield _examine_log(receiver, verifier.storage)


def _examine_receiver(receiver: Receiver, now: datetime, language: str) -> Iterator[Finding]:
    """Step 2."""
    certificate = read_certificate(receiver.signer.certificate)
    ends = {"": certificate.not_valid_after_utc} | {use: known.registration.expires_at for use, known in receiver.uses.items()}
    starts = {"": certificate.not_valid_before_utc} | {use: known.registration.starts_at for use, known in receiver.uses.items()}
    well = True
    for use, end in ends.items():
        code = "receiver_registration" if use else "receiver_certificate"
        named = {"receiver": receiver.id, "use": use, "day": date_in_words(end.date(), language)}
        if not starts[use] <= now <= end:
            well = False
            yield fail(code, **named)
        elif end - now < _SOON:
            yield warn(f"{code}_ends", **named)
    if well:
        yield ok("receiver", receiver=receiver.id, name=receiver.name, count=len(receiver.uses))


def _examine_login(receiver: Receiver, agreement: StaffAgreement, http: LoginHttp, now: datetime) -> Iterator[Finding]:
    """Step 4."""
    login = agreement.login(receiver.address)
    named = {"receiver": receiver.id, "issuer": agreement.issuer, "redirect": login.redirect_uri, "client": agreement.client_id}
    try:
        metadata = try_login(login, staff_keys(agreement), http, STAFF_LEVEL, now=now)
    except LoginRefused as refused:
        code = refused.code.value
        yield fail(f"staff_{code}", **named) if code in _SAID_APART else fail("staff_login", **named, reason=code)
        return
    except BlauweKnopError as error:
        yield fault("staff_login", error, **named)
        return
    yield ok("staff_login", **named)
    if metadata.claims_supported is not None and agreement.roles_claim not in metadata.claims_supported:
        yield warn("staff_roles_claim", **named, claim=agreement.roles_claim)
    if not metadata.backchannel_logout_supported:
        yield warn("staff_no_logout", **named)


def _examine_log(receiver: Receiver, storage: StorageSettings) -> Finding:
    """Step 5."""
    named = {"receiver": receiver.id}
    try:
        key = RowKey.from_secret(read_secret_key(storage.secret_key_file))
        store = StaffLogStore(open_database(storage.url), key, receiver.id, receiver.signer)
        found = first_break_now(store, receiver=receiver.id, certificate=receiver.signer.certificate)
        head, checkpoints = store.head(), store.checkpoints()
    except BlauweKnopError as error:
        return fault("staff_log", error, **named)
    if found is not None:
        return fail(f"staff_log_{found.code}", **named, number=found.number)
    last = checkpoints[-1].number if checkpoints else 0
    return ok("staff_log", **named, count=head.number if head is not None else 0, signed=last)


def _reach(exercise: bool) -> Reached:
    return lambda issuer: GuardedClient(Reach(frozenset({urlsplit(issuer).netloc.lower()}), allow_loopback=exercise))
