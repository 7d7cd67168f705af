"""From settings to the services of each source."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes
from urllib.parse import urlsplit

from sqlalchemy.engine import Engine

from blauweknop.adapters.certifying import random_id
from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.http_client import GuardedClient, Reach
from blauweknop.adapters.keys import load_private_key
from blauweknop.adapters.login import RelyingParty
from blauweknop.adapters.login_attempts import LoginAttempts
from blauweknop.adapters.login_settings import ClientKeys
from blauweknop.adapters.records import Records
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.session_cookies import clear_site_data, login_cookie, session_cookie
from blauweknop.adapters.sessions import SessionStore
from blauweknop.adapters.settings import Settings, SourceSettings
from blauweknop.adapters.sources.open import open_source
from blauweknop.adapters.status_lists import StatusLists
from blauweknop.adapters.withdrawn_records import WithdrawnInDatabase
from blauweknop.assembly.sealing import certifier_for, person_keys, row_key, time_stamping
from blauweknop.catalogue import Catalogue, load_catalogue
from blauweknop.document.typesetting import Typesetter
from blauweknop.issuer.ports import IssuerServices
from blauweknop.issuer.status_lists import ListToken, current_token
from blauweknop.standards.signing import Signer

__all__ = ["SharedParts", "client_keys", "issuer_services", "login_origins", "open_parts", "status_list_publisher"]

_PLACES_AT_ONCE = 16  # of a status list; so many at most are lost when a process ends
_OPEN_QUESTIONS = 32  # to the systems of the sources, at once


@dataclass(frozen=True, slots=True)
class SharedParts:
    """What the sources of one process have in common."""

    engine: Engine
    row_key: RowKey = field(repr=False)
    typesetter: Typesetter
    pool: ThreadPoolExecutor
    catalogue: Catalogue


def open_parts(settings: Settings) -> SharedParts:
    """Open the database (brought to this version), the key of its rows, and typst.

    Raises:
        StorageError, SecretKeyError: the database or its key cannot be used.
    """
    engine = open_database(settings.storage.url)
    upgrade(engine)
    return SharedParts(
        engine,
        row_key(settings),
        Typesetter(),
        ThreadPoolExecutor(_OPEN_QUESTIONS, thread_name_prefix="source"),
        load_catalogue(),
    )


def issuer_services(settings: Settings, parts: SharedParts) -> tuple[IssuerServices, ...]:
    """Every source of the configuration, ready to serve.

    Raises:
        KeyProblem, UnsuitableKey, SettingsError, LoginSettingsError: a key or an agreement cannot be used.
    """
    time_stamp = time_stamping(settings)
    return tuple(_services(settings, source, parts, time_stamp) for source in settings.sources.values())


def _services(settings: Settings, source: SourceSettings, parts: SharedParts, time_stamp: Callable[[bytes], bytes]) -> IssuerServices:
    certifier = certifier_for(
        settings,
        source,
        typesetter=parts.typesetter,
        time_stamp=time_stamp,
        places_in=parts.engine,
        places_at_once=_PLACES_AT_ONCE,
    )
    return IssuerServices(
        source=source.identity,
        path=source.path,
        colour=source.colour,
        datasets=tuple(parts.catalogue.dataset(dataset_id) for dataset_id in source.datasets),
        systems={dataset_id: open_source(dataset) for dataset_id, dataset in source.datasets.items()},
        login=_login(settings, source, parts),
        sessions=SessionStore(parts.engine, parts.row_key, source=source.identity.id),
        certifier=certifier,
        records=Records(parts.engine, parts.row_key),
        withdrawn=WithdrawnInDatabase(parts.engine, source.identity.id, person_keys(settings)),
        now=lambda: datetime.now(UTC),
        random_id=random_id,
        check_url=settings.scheme.check_url,
        correction_url=f"{settings.scheme.base_url}{source.path}/klopt-niet",
        session_cookie=session_cookie(source.identity.id, secure=_secure(settings)),
        login_cookie=login_cookie(source.identity.id, secure=_secure(settings)),
        forget_pages=clear_site_data(shared_origin=len(settings.sources) > 1),
        status_list=status_list_publisher(parts.engine, source.identity.id, certifier.credential_signer),
        pool=parts.pool,
        wallets=settings.wallets is not None and certifier.status_place is not None,
    )


def status_list_publisher(
    engine: Engine, source: str, signer: Signer, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Callable[[str], ListToken | None]:
    """What a source publishes at the moment of asking, by the name of a list."""
    storage = StatusLists(engine, source)
    return lambda list_id: current_token(list_id, storage=storage, signer=signer, now=now())


def login_origins(settings: Settings) -> tuple[str, ...]:
    """Where forms may lead by way of the login (CSP form-action)."""
    origins = {_origin(source.login.issuer) for source in settings.sources.values()}
    return tuple(sorted(origins))


def client_keys(source: SourceSettings) -> ClientKeys:
    """The keys by which the login provider knows a source.

    Raises:
        KeyProblem, LoginSettingsError: a key cannot be used.
    """
    agreement = source.login
    return ClientKeys.of(load_private_key(agreement.key), [load_private_key(path) for path in agreement.decryption_keys])


def _login(settings: Settings, source: SourceSettings, parts: SharedParts) -> RelyingParty:
    own = f"{settings.scheme.base_url}{source.path}"
    agreement = source.login.settings(redirect_uri=f"{own}/terug", post_logout_redirect_uri=f"{own}/uitgelogd")
    client = GuardedClient(Reach(frozenset(_hosts([agreement.issuer])), allow_loopback=settings.scheme.is_exercise))
    attempts = LoginAttempts(parts.engine, parts.row_key, source.identity.id, token_bytes)
    return RelyingParty.open(agreement, client_keys(source), http=client, attempts=attempts)


def _hosts(addresses: Sequence[str]) -> list[str]:
    return [urlsplit(address).netloc.lower() for address in addresses]


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _secure(settings: Settings) -> bool:
    return settings.scheme.base_url.startswith("https://")
