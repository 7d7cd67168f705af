"""Mijn Blauwe Knop, from its settings or for one's own computer."""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore
from urllib.parse import urlsplit

from litestar import Litestar
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.holder_links import HolderLinks
from blauweknop.adapters.holder_outbox import HolderOutbox
from blauweknop.adapters.holder_passkeys import HolderSteps, WebauthnProof
from blauweknop.adapters.holder_sessions import HolderSessions, HolderTries
from blauweknop.adapters.holder_settings import HolderSettings, load_holder
from blauweknop.adapters.holder_store import AccountStore, ItemStore
from blauweknop.adapters.row_encryption import RowKey, new_secret_key, read_secret_key
from blauweknop.adapters.scheme_settings import SchemeSettings
from blauweknop.adapters.session_cookies import clear_site_data, request_cookie, session_cookie, step_cookie
from blauweknop.assembly.collecting import ServedCheck, collecting_services, nothing_to_collect
from blauweknop.assembly.links import link_pages_of, link_services, with_links
from blauweknop.assembly.readiness import database_ready, health_routes
from blauweknop.assembly.sharing import sharing_services
from blauweknop.assembly.trust import state_place
from blauweknop.assembly.upkeep import Sweep, Upkeep
from blauweknop.catalogue import load_catalogue
from blauweknop.checking.trust import NO_TRUST
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.routes import collecting_router
from blauweknop.holder.links.following import forget_links
from blauweknop.holder.page import holder_portal
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.routes import holder_router
from blauweknop.holder.sharing.routes import sharing_router
from blauweknop.holder.sharing.withdrawing import deliver_due
from blauweknop.holder.unlocking import PassphraseCost
from blauweknop.web.app import web_application
from blauweknop.web.first_page import lead_to
from blauweknop.web.page import WebSettings
from blauweknop.web.templates import load_templates

__all__ = [
    "address_of_return",
    "data_folder",
    "holder_application",
    "holder_services",
    "holder_sweeps",
    "local_holder_application",
    "try_holder",
]

_SLOW_AT_ONCE = 2  # passphrases computed at once, 64 MiB each


def holder_application(file: Path) -> Litestar:
    """The pages of the configuration file, `/livez` and `/readyz`.

    Raises:
        BlauweKnopError: the configuration, the database or its key cannot be used.
    """
    scheme, storage, settings = load_holder(file)
    engine = open_database(storage.url)
    row_key = RowKey.from_secret(read_secret_key(storage.secret_key_file))
    check = ServedCheck(scheme, state=state_place(os.environ))
    earlier = [RowKey.from_secret(read_secret_key(path)) for path in storage.earlier_secret_key_files]
    return _application(engine, row_key, settings, base_url=scheme.base_url, exercise=scheme.is_exercise, check=check, earlier=earlier)


def try_holder(file: Path) -> None:
    """What can be wrong for all processes of a server alike; brings the database up to date once.

    Raises:
        BlauweKnopError: the configuration, the database or its key cannot be used.
    """
    _, storage, _ = load_holder(file)
    for path in (storage.secret_key_file, *storage.earlier_secret_key_files):
        read_secret_key(path)
    engine = open_database(storage.url)
    upgrade(engine)
    engine.dispose()


def local_holder_application(
    folder: Path, base_url: str, *, scheme: SchemeSettings | None = None, settings: HolderSettings | None = None
) -> Litestar:
    """The same for one person on one's own computer; what it keeps is in `folder`, in which a first start makes what is missing.

    With a scheme, whose trust list it needs, it checks what a person adds, and fetches at the sources of the settings; without, only own
    papers can be kept.

    Raises:
        BlauweKnopError: the folder cannot be used.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BlauweKnopError(f"the folder {folder} cannot be made", remedy="mend its rights, or set XDG_DATA_HOME") from error
    secret = folder / "secret-key"
    if not secret.exists():
        new_secret_key(secret)
    engine = open_database(f"sqlite:///{folder / 'mijn.db'}")
    check = ServedCheck(scheme, state=state_place(os.environ)) if scheme else None
    exercise = scheme is not None and scheme.is_exercise
    row_key = RowKey.from_secret(read_secret_key(secret))
    return _application(engine, row_key, settings or HolderSettings(), base_url=base_url, exercise=exercise, check=check)


def address_of_return(base_url: str, settings: HolderSettings) -> str:
    """Where sources send a browser back to: the `redirect_uri` by which they know us."""
    return f"{base_url}{settings.path}/ophalen/terug"


def data_folder(environment: Mapping[str, str]) -> Path:
    """Where the programs of this user keep their data (XDG Base Directory)."""
    home = environment.get("XDG_DATA_HOME")
    return (Path(home) if home else Path(environment.get("HOME") or Path.home()) / ".local" / "share") / "blauweknop"


def holder_services(
    engine: Engine, row_key: RowKey, settings: HolderSettings, *, base_url: str, earlier: Sequence[RowKey] = ()
) -> HolderServices:
    """What the pages need, over this database; `earlier` are the secrets by which passphrases were kept before."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    return HolderServices(
        path=settings.path,
        base_url=base_url,
        colour=settings.colour,
        accounts=AccountStore(engine),
        items=ItemStore(engine),
        sessions=HolderSessions(engine),
        tries=HolderTries(engine),
        steps=HolderSteps(engine, row_key),
        passkeys=WebauthnProof(host, f"{parts.scheme}://{parts.netloc}"),
        relying_party=host,
        now=lambda: datetime.now(UTC),
        random=secrets.token_bytes,
        keyed_hash=_keyed_hash(row_key),
        earlier_keyed_hashes=tuple(map(_keyed_hash, earlier)),
        session_cookie=session_cookie("holder", secure=base_url.startswith("https://")),
        step_cookie=step_cookie(secure=base_url.startswith("https://")),
        request_cookie=request_cookie(secure=base_url.startswith("https://")),
        forget_pages=clear_site_data(shared_origin=True),  # so that the chosen language stays
        slow_turns=BoundedSemaphore(_SLOW_AT_ONCE),
        cost=PassphraseCost(),
        new_accounts=settings.new_accounts,
        attempts=settings.attempts,
        before_erasing=lambda vault: forget_links(vault, HolderLinks(engine, row_key)),
    )


def _keyed_hash(key: RowKey) -> Callable[[str, str], bytes]:
    return lambda purpose, value: key.tag(f"holder {purpose}", value)


def holder_sweeps(engine: Engine, row_key: RowKey, services: HolderServices) -> tuple[Sweep, ...]:
    """What must be forgotten on time: sessions that locked, what was made for them, questions without an answer, attempts of long ago."""
    return (
        HolderSessions(engine).sweep,
        HolderSteps(engine, row_key).sweep,
        HolderTries(engine).sweep,
        HolderOutbox(engine, row_key).sweep,
        HolderLinks(engine, row_key).sweep,
        services.remembered.sweep,
    )


def _application(
    engine: Engine,
    row_key: RowKey,
    settings: HolderSettings,
    *,
    base_url: str,
    exercise: bool,
    check: ServedCheck | None = None,
    earlier: Sequence[RowKey] = (),
) -> Litestar:
    upgrade(engine)
    services = holder_services(engine, row_key, settings, base_url=base_url, earlier=earlier)
    catalogue, background, looking = load_catalogue(), Background(), Background(threads=1)
    back = address_of_return(base_url, settings)
    collecting = nothing_to_collect(catalogue, redirect_uri=back, check=check)
    if settings.collect is not None and check is not None:
        collecting = collecting_services(settings.collect, redirect_uri=back, trust=check.trust, check=check, catalogue=catalogue)
    sharing = sharing_services(
        collecting,
        trust=check.trust if check else lambda _: NO_TRUST,
        trust_with=check.trust_with if check else lambda _, __: NO_TRUST,
        outbox=HolderOutbox(engine, row_key),
        exercise=exercise,
        background=background,
    )
    links = link_services(settings, sharing, engine, row_key, exercise=exercise)
    services = with_links(services, links)
    upkeep = Upkeep((*holder_sweeps(engine, row_key, services), deliver_due(sharing)))
    pages = [
        holder_router(services, check=check, background=looking),
        collecting_router(services, collecting, background),
        sharing_router(services, sharing, links=links),
        *link_pages_of(services, links),
    ]
    return web_application(
        [*pages, lead_to(f"{settings.path}/"), *health_routes({"database": database_ready(engine)})],
        WebSettings(csrf_secret=row_key.tag("web", "forms").hex(), secure=base_url.startswith("https://"), exercise=exercise),
        portals=(holder_portal(services),),
        on_startup=[partial(load_templates, role="holder"), upkeep.start, *([check.start] if check else [])],
        on_shutdown=[background.stop, looking.stop, *([check.stop] if check else []), upkeep.stop],
    )
