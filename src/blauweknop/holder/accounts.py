"""Make an account, open it, change the ways to open it, erase it. No name, address or number of a person is needed, nor kept in clear.

A new account is made in one transaction with its first way to open. Its recovery code counts from when the person typed it back; until
then nothing else can be done. Whatever ends in between, the account can be opened again and goes on where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.encryption import CannotOpen, VaultKey
from blauweknop.holder.ports import HolderServices, StateChange, UnlockRow
from blauweknop.holder.state import NEW_STATE, AccountState, UnlockLabel, read_label, read_state, write_label, write_state
from blauweknop.holder.unlocking import NameAndPassphrase, Opener, UnlockKind, open_wrapped, passphrase_opener, wrap_for

__all__ = [
    "Opened",
    "OpeningProblem",
    "OpeningProblemCode",
    "Way",
    "add_way",
    "counted",
    "make_account",
    "new_opener",
    "open_account",
    "open_with_passphrase",
    "slow_opener",
    "state_of",
    "try_to_open",
    "ways_of",
]

_ID_BYTES = 16
_FREE_FOR_NAME, _FREE_FOR_ADDRESS = 5, 20
_PATIENCE_SECONDS = 10.0
_AGAIN = 5  # how often a change is tried that another request came between

OpeningProblemCode = Literal["unknown", "wait", "busy"]
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Opened:
    """An account, and how it was opened."""

    account: bytes
    data_key: VaultKey = field(repr=False)
    kind: UnlockKind
    added_at: datetime  # when this way to open was added


@dataclass(frozen=True, slots=True)
class OpeningProblem:
    """Why it stays closed; the same for a name that nobody has and a passphrase that is wrong."""

    code: OpeningProblemCode
    wait: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Way:
    """A way to open an account, as its owner sees it."""

    id: bytes
    kind: UnlockKind
    label: UnlockLabel
    public: bytes = field(repr=False)


def make_account(opener: Opener, name: str, services: HolderServices, *, public: bytes = b"", credential_id: bytes = b"") -> Opened | None:
    """A new account that opens in this way; None when an account does so already."""
    now = services.now()
    account, data_key = services.random(_ID_BYTES), VaultKey.new(services.random)
    label = UnlockLabel(name, now, credential_id)
    unlock = _row(opener, label, account, data_key, services, public)
    state = write_state(NEW_STATE, data_key, account=account, random=services.random)
    if not services.accounts.make(account, day=now.date(), state=state, unlock=unlock):
        return None
    return Opened(account, data_key, opener.kind, now)


def open_with_passphrase(given: NameAndPassphrase, address: str, services: HolderServices) -> Opened | OpeningProblem:
    """Takes as long for a name that nobody has as for a wrong passphrase; each attempt that fails makes the next one wait longer."""
    return counted(lambda: _by_passphrase(given, services), address, services, name=given.name)


def try_to_open(
    showing: Callable[[], Opener | OpeningProblem], address: str, services: HolderServices, *, name: str | None = None
) -> Opened | OpeningProblem:
    """Open with what a person shows, unless this address, or this name, must wait."""

    def attempt() -> Opened | OpeningProblem:
        opener = showing()
        return opener if isinstance(opener, OpeningProblem) else open_account(opener, services) or OpeningProblem("unknown")

    return counted(attempt, address, services, name=name)


def counted(
    attempt: Callable[[], _Found | OpeningProblem], address: str, services: HolderServices, *, name: str | None = None
) -> _Found | OpeningProblem:
    """Everything by which one could find out what opens an account: after some failures the next attempt must wait, longer each time."""
    tags = [(services.keyed_hash("try address", address), _FREE_FOR_ADDRESS)]
    if name is not None:
        tags.append((services.keyed_hash("try name", name), _FREE_FOR_NAME))
    for tag, free in tags:
        wait = services.tries.take(tag, free=free, now=services.now())
        if wait > timedelta():
            return OpeningProblem("wait", wait)
    found = attempt()
    if not isinstance(found, OpeningProblem):
        for tag, _ in tags:
            services.tries.give_back(tag)
    return found


def slow_opener(
    given: NameAndPassphrase, services: HolderServices, *, keyed_hash: Callable[[str, str], bytes] | None = None
) -> Opener | OpeningProblem:
    """The slow computation, when there is a place for it: each takes much memory. `keyed_hash` is of an earlier secret of the server."""
    if not services.slow_turns.acquire(timeout=_PATIENCE_SECONDS):
        return OpeningProblem("busy")
    try:
        hashed = keyed_hash or services.keyed_hash
        return passphrase_opener(given, name_tag=lambda name: hashed("name", name), cost=services.cost)
    finally:
        services.slow_turns.release()


def new_opener(given: NameAndPassphrase, services: HolderServices) -> Opener | OpeningProblem:
    """For a new way to open; `unknown` when an account opens so already by an earlier secret: then nobody else may come to open so."""
    for keyed_hash in services.earlier_keyed_hashes:
        earlier = slow_opener(given, services, keyed_hash=keyed_hash)
        if isinstance(earlier, OpeningProblem):
            return earlier
        if services.accounts.find(earlier.tag) is not None:
            return OpeningProblem("unknown")
    return slow_opener(given, services)


def _by_passphrase(given: NameAndPassphrase, services: HolderServices) -> Opened | OpeningProblem:
    """By the secret of the server, else by each that it had before; then it opens by the secret of now from then on.

    Whoever is refused waits for all of them, so that this tells no names either.
    """
    now = slow_opener(given, services)
    if isinstance(now, OpeningProblem):
        return now
    opened = open_account(now, services)
    if opened is not None:
        return opened
    for keyed_hash in services.earlier_keyed_hashes:
        earlier = slow_opener(given, services, keyed_hash=keyed_hash)
        if isinstance(earlier, OpeningProblem):
            return earlier
        opened = open_account(earlier, services)
        if opened is not None:
            _wrap_anew(now, earlier, opened, services)
            return opened
    return OpeningProblem("unknown")


def _wrap_anew(now: Opener, earlier: Opener, opened: Opened, services: HolderServices) -> None:
    """The way that just opened takes another form, under its own name and day. Where somebody else did so, it is done."""
    row = services.accounts.find(earlier.tag)
    if row is not None:
        label = read_label(row.label, opened.data_key, account=row.account, unlock=row.id)
        unlock = _row(now, label, row.account, opened.data_key, services, row.public)
        services.accounts.add(unlock, instead_of=[row.id])


def open_account(opener: Opener, services: HolderServices) -> Opened | None:
    """The account that opens in this way; None when there is none. The use of a recovery code is remembered."""
    row = services.accounts.find(opener.tag)
    if row is None or row.kind != opener.kind:
        return None
    try:
        data_key = open_wrapped(opener, row.wrapped_key, account=row.account, unlock=row.id)
    except CannotOpen:  # a passkey is found by its name, and opens by its secret
        return None
    label = read_label(row.label, data_key, account=row.account, unlock=row.id)
    if row.kind == "recovery":
        now = services.now()
        _change_state(row.account, data_key, services, lambda state: state.recovered(now))
    return Opened(row.account, data_key, row.kind, label.added_at)


def state_of(account: bytes, data_key: VaultKey, services: HolderServices) -> AccountState | None:
    """What the account remembers of itself; None when it was erased."""
    kept = services.accounts.state(account)
    return None if kept is None else read_state(kept, data_key, account=account)


def ways_of(account: bytes, data_key: VaultKey, services: HolderServices) -> Sequence[Way]:
    """All ways to open an account, the oldest first."""
    rows = services.accounts.unlocks(account)
    ways = [Way(row.id, row.kind, read_label(row.label, data_key, account=account, unlock=row.id), row.public) for row in rows]
    return sorted(ways, key=lambda way: way.label.added_at)


def add_way(
    opener: Opener, label: UnlockLabel, opened: Opened, services: HolderServices, *, instead: bool = False, public: bytes = b""
) -> bool:
    """One more way to open an account; with `instead` it takes the place of the others of its kind. False: there is this way already."""
    account, data_key = opened.account, opened.data_key
    unlock = _row(opener, label, account, data_key, services, public)
    for _ in range(_AGAIN):
        gone = [row.id for row in services.accounts.unlocks(account) if instead and row.kind == opener.kind]
        kept = services.accounts.state(account)
        if kept is None or services.accounts.find(opener.tag) is not None:
            return False
        change = None
        if opener.kind == "recovery":
            state = replace(read_state(kept, data_key, account=account), has_recovery_code=True)
            change = StateChange(kept, write_state(state, data_key, account=account, random=services.random))
        if services.accounts.add(unlock, instead_of=gone, state=change):
            return True
    raise BlauweKnopError("an account was changed by others all the time", remedy="try again")


def _row(opener: Opener, label: UnlockLabel, account: bytes, data_key: VaultKey, services: HolderServices, public: bytes) -> UnlockRow:
    unlock = services.random(_ID_BYTES)
    return UnlockRow(
        unlock,
        account,
        opener.kind,
        opener.tag,
        wrap_for(opener, data_key, account=account, unlock=unlock, random=services.random),
        write_label(label, data_key, account=account, unlock=unlock, random=services.random),
        public,
    )


def _change_state(account: bytes, data_key: VaultKey, services: HolderServices, change: Callable[[AccountState], AccountState]) -> None:
    for _ in range(_AGAIN):
        before = services.accounts.state(account)
        if before is None:
            return
        state = change(read_state(before, data_key, account=account))
        after = write_state(state, data_key, account=account, random=services.random)
        if services.accounts.keep_state(account, StateChange(before, after)):
            return
    raise BlauweKnopError("an account was changed by others all the time", remedy="try again")
