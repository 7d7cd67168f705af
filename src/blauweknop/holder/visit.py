"""What every page of Mijn Blauwe Knop does with its visitor: know who is in, lock kindly, and lead back to where the person was.

A page begins with `enter`: it gives the visit, or the answer that goes out instead of the page. Nothing of a vault is reachable but by a
visit, and a visit holds the vault of one account.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from blauweknop.domain.document import JsonValue
from blauweknop.holder.accounts import Opened, state_of
from blauweknop.holder.encryption import VaultKey
from blauweknop.holder.ports import HolderServices, KeptSession
from blauweknop.holder.removing import REMOVED_NOTE, forget, removed_of
from blauweknop.holder.state import AccountState, UnlockLabel
from blauweknop.holder.unlocking import KINDS, UnlockKind
from blauweknop.holder.vault import Vault
from blauweknop.web.cookies import forget_cookie, give_cookie
from blauweknop.web.page import see_other

__all__ = [
    "FRESH",
    "PageRequest",
    "Services",
    "Visit",
    "begin_visit",
    "current_visit",
    "end_visit",
    "enter",
    "form_of",
    "keep_note",
    "lock_first",
    "place_within",
    "vault_of",
]

PageRequest = Request[Any, Any, Any]
Services = NamedDependency[SkipValidation[HolderServices]]
FRESH = timedelta(minutes=10)
"""How recently a person must have opened the account to change who can open it, or to erase it."""

_PLACE = re.compile(r"/[a-z0-9/-]{0,200}")


@dataclass(frozen=True, slots=True)
class Visit:
    """A person who is in: the session of this browser, what the account remembers, and the opened vault."""

    session: KeptSession = field(repr=False)
    state: AccountState
    vault: Vault = field(repr=False)
    kind: UnlockKind
    """How the person came in."""
    added_at: datetime
    """When this way to come in was added."""

    @property
    def opened(self) -> Opened:
        return Opened(self.session.account, self.session.data_key, self.kind, self.added_at)

    def fresh_at(self, moment: datetime) -> bool:
        return moment < self.session.started_at + FRESH

    def may_take_away_at(self, moment: datetime) -> bool:
        """Whether this person may take ways to open away: not who came in by the recovery code, or by what was added since."""
        return self.state.trusts(UnlockLabel("", self.added_at), self.kind, moment)


def current_visit(request: PageRequest, services: HolderServices) -> Visit | None:
    """Who is in, the idle clock set back; None when nobody is, or no longer."""
    session = services.sessions.touch(request.cookies.get(services.session_cookie.name), now=services.now())
    if session is None:
        return None
    kind, added_at = session.notes.get("kind"), session.notes.get("added_at")
    state = state_of(session.account, session.data_key, services)
    known = next((one for one in KINDS if one == kind), None)
    if state is None or known is None or not isinstance(added_at, str):
        return None
    return Visit(session, state, vault_of(session.account, session.data_key, services), known, datetime.fromisoformat(added_at))


def vault_of(account: bytes, data_key: VaultKey, services: HolderServices) -> Vault:
    return Vault.of(account, data_key, storage=services.items, now=services.now, random=services.random)


def enter(request: PageRequest, services: HolderServices) -> Visit | Response[Any]:
    """Who is in; or the way to unlock, or to the recovery code that still must be kept, instead of the page."""
    visit = current_visit(request, services)
    if visit is None:
        return lock_first(request, services)
    if not visit.state.has_recovery_code:
        return see_other(f"{services.path}/herstelcode")
    return _without_what_is_over(visit, services)


def _without_what_is_over(visit: Visit, services: HolderServices) -> Visit:
    """What was taken away too long ago to be put back goes for good, and its key with it."""
    removed = removed_of(visit.session.notes)
    if removed is None or services.now() < removed.until:
        return visit
    forget(removed, visit.vault)
    keep_note(visit, services, REMOVED_NOTE, None)
    return replace(visit, session=replace(visit.session, notes={**visit.session.notes, REMOVED_NOTE: None}))


def lock_first(request: PageRequest, services: HolderServices) -> Response[Any]:
    """To the page where one comes in, and from there back here."""
    path = request.url.path.removeprefix(services.path)
    place = path if request.method == "GET" else ""
    locked = services.session_cookie.name in request.cookies
    address = f"{services.path}/{'vergrendeld' if locked else 'openen'}"
    answer = see_other(f"{address}?naar={place}" if _PLACE.fullmatch(place) else address)
    if locked:
        forget_cookie(answer, services.session_cookie)
        answer.headers.update(services.forget_pages)
    return answer


def place_within(services: HolderServices, wanted: str | None) -> str:
    """Where to go after coming in: a page of ours, whatever was asked."""
    return services.path + (wanted if wanted and _PLACE.fullmatch(wanted) and "//" not in wanted else "/gegevens")


def begin_visit(request: PageRequest, services: HolderServices, opened: Opened, place: str) -> Response[Any] | None:
    """In, under a new reference, whatever the browser had before; that session ends. None: too many people at once."""
    reference = services.sessions.start(
        opened.account,
        opened.data_key,
        notes={"kind": opened.kind, "added_at": opened.added_at.isoformat()},
        now=services.now(),
        replaces=request.cookies.get(services.session_cookie.name),
    )
    if reference is None:
        return None
    answer = see_other(place)
    give_cookie(answer, services.session_cookie, reference)
    return answer


def end_visit(request: PageRequest, services: HolderServices, place: str) -> Response[Any]:
    """Out; browser and server forget what was seen."""
    visit = current_visit(request, services)
    if visit is not None:
        services.remembered.forget(visit.session.account)
    services.sessions.end(request.cookies.get(services.session_cookie.name))
    answer = see_other(place)
    answer.headers.update(services.forget_pages)
    forget_cookie(answer, services.session_cookie)
    return answer


def keep_note(visit: Visit, services: HolderServices, name: str, value: JsonValue) -> bool:
    """Remember something until the visit ends, encrypted with the cookie of this browser; whether it was still going on."""
    return services.sessions.keep_notes(visit.session, {**visit.session.notes, name: value})


async def form_of(request: PageRequest) -> Mapping[str, str]:
    """The texts of a form; of a name that stands there more than once the last."""
    received = await request.form()
    return {name: value for name in received for value in received.getall(name) if isinstance(value, str)}
