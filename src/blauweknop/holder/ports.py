"""What Mijn Blauwe Knop needs from outside, as small protocols; the adapters fit them. All that they keep are hashes and ciphertext."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from blauweknop.domain.document import JsonValue
from blauweknop.holder.encryption import Random, VaultKey
from blauweknop.holder.passkeys import PasskeyProof
from blauweknop.holder.remembered import Remembered
from blauweknop.holder.unlocking import PassphraseCost, UnlockKind
from blauweknop.web.cookies import Cookie

if TYPE_CHECKING:
    from blauweknop.holder.vault import Vault  # which is made of what stands here

__all__ = [
    "AccountStorage",
    "Changed",
    "HeadRow",
    "HolderServices",
    "ItemChanges",
    "ItemRow",
    "ItemStorage",
    "KeptSession",
    "SessionStorage",
    "SlowTurns",
    "StateChange",
    "StepStorage",
    "TryStorage",
    "UnlockRow",
]


@dataclass(frozen=True, slots=True)
class UnlockRow:
    """A way to open an account, as it is kept. `public` is what checks a passkey: its public key and how often it was used."""

    id: bytes
    account: bytes
    kind: UnlockKind
    tag: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)
    label: bytes = field(repr=False)
    public: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class StateChange:
    """From what was read to what is to be kept; both encrypted."""

    before: bytes = field(repr=False)
    after: bytes = field(repr=False)


class AccountStorage(Protocol):
    """Each method is one transaction: all of it happens, or nothing."""

    def make(self, account: bytes, *, day: date, state: bytes, unlock: UnlockRow) -> bool:
        """A new account with one way to open it; False when there is one with this tag."""
        ...

    def find(self, tag: bytes) -> UnlockRow | None: ...

    def unlocks(self, account: bytes) -> Sequence[UnlockRow]:
        """Of one account, the oldest first."""
        ...

    def add(self, unlock: UnlockRow, *, instead_of: Collection[bytes] = (), state: StateChange | None = None) -> bool:
        """One more way, which may take the place of others; False when the tag is taken, the state changed, or the account is gone."""
        ...

    def remove(self, account: bytes, unlock: bytes) -> bool:
        """Take a way away, but never the last recovery code, nor the last of the others; whether it went."""
        ...

    def count_use(self, unlock: UnlockRow, public: bytes) -> bool:
        """Note that a passkey was used; False when it was used elsewhere since it was read."""
        ...

    def state(self, account: bytes) -> bytes | None: ...

    def keep_state(self, account: bytes, change: StateChange) -> bool:
        """False when it changed since it was read."""
        ...

    def erase(self, account: bytes) -> None:
        """The account with all that hangs on it, at once and for good."""
        ...


@dataclass(frozen=True, slots=True)
class HeadRow:
    """Of an item as it is kept what stands before its body: a database reads the rest only by reading the body too."""

    id: bytes
    account: bytes
    version: int
    wrapped_key: bytes = field(repr=False)
    head: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as it is kept."""

    id: bytes
    account: bytes
    version: int
    wrapped_key: bytes = field(repr=False)
    head: bytes = field(repr=False)
    body: bytes = field(repr=False)
    day: date


@dataclass(frozen=True, slots=True)
class ItemChanges:
    """Changes of one account that happen together; a replaced row with the version whose place it takes."""

    added: Sequence[ItemRow] = ()
    replaced: Sequence[tuple[ItemRow, int]] = ()
    removed: Collection[bytes] = ()
    spare: bool = False  # see `ItemStorage.add`


Changed = Literal["done", "full", "changed"]
"""All of it happened; or nothing, because there is no room (or no account), or because others changed the same meanwhile."""


class ItemStorage(Protocol):
    """Every question names the account, so that nobody reaches the items of another."""

    def add(self, row: ItemRow, *, spare: bool = False) -> bool:
        """False when the account is gone or full; with `spare` there is room for a few more, for what this program writes itself."""
        ...

    def heads(self, account: bytes) -> Iterable[HeadRow]: ...

    def read(self, account: bytes, item: bytes) -> ItemRow | None: ...

    def replace(self, row: ItemRow, *, version_before: int) -> bool:
        """False when it has another version, or is gone."""
        ...

    def remove(self, account: bytes, item: bytes) -> bool: ...

    def change(self, account: bytes, changes: ItemChanges) -> Changed:
        """In one transaction. An item that is to be removed and is gone already is no obstacle."""
        ...


@dataclass(frozen=True, slots=True)
class KeptSession:
    """An account that is open in one browser. `notes` are encrypted with a key that only this browser's cookie gives."""

    id_hash: bytes
    account: bytes
    data_key: VaultKey = field(repr=False)
    notes_key: VaultKey = field(repr=False)
    notes: Mapping[str, JsonValue] = field(repr=False)
    started_at: datetime
    ends_at: datetime


class SessionStorage(Protocol):
    @property
    def idle(self) -> timedelta:
        """After so much time without a request it locks."""
        ...

    def start(
        self, account: bytes, data_key: VaultKey, *, notes: Mapping[str, JsonValue], now: datetime, replaces: str | None
    ) -> str | None:
        """Begin under a new reference, which the browser gets; the one it had ends. None: too many at once, or the account is gone."""
        ...

    def touch(self, reference: str | None, *, now: datetime) -> KeptSession | None:
        """The session of a reference, its idle clock set back; None when there is none, or it ended."""
        ...

    def keep_notes(self, session: KeptSession, notes: Mapping[str, JsonValue]) -> bool:
        """Whether the session was still there."""
        ...

    def end(self, reference: str | None) -> None: ...

    def end_others(self, session: KeptSession) -> None:
        """All sessions of its account but this one."""
        ...


class TryStorage(Protocol):
    def take(self, tag: bytes, *, free: int, now: datetime) -> timedelta:
        """Count an attempt: zero, or how long to wait. After `free` attempts that failed each next one waits longer."""
        ...

    def give_back(self, tag: bytes) -> None:
        """The attempt did not fail."""
        ...


class StepStorage(Protocol):
    """What was asked of a browser, until it is answered."""

    def begin(self, content: bytes, *, now: datetime) -> str | None:
        """A reference for the browser; None: too many at once."""
        ...

    def take(self, reference: str | None, *, now: datetime) -> bytes | None:
        """The content, which is then gone; None: no such reference, used before, or too late."""
        ...


class SlowTurns(Protocol):
    """A place among the few that may do the slow computation of a passphrase at once."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class HolderServices:
    """Everything Mijn Blauwe Knop needs to serve people; built by the application assembly."""

    path: str  # where its pages are: "/mijn"
    base_url: str  # what the outside sees, without a slash at the end
    colour: str
    accounts: AccountStorage = field(repr=False)
    items: ItemStorage = field(repr=False)
    sessions: SessionStorage = field(repr=False)
    tries: TryStorage = field(repr=False)
    steps: StepStorage = field(repr=False)
    passkeys: PasskeyProof = field(repr=False)
    relying_party: str  # the host that passkeys belong to
    now: Callable[[], datetime] = field(repr=False)
    random: Random = field(repr=False)
    keyed_hash: Callable[[str, str], bytes] = field(repr=False)  # of a purpose and a value, with a secret of the server
    earlier_keyed_hashes: Sequence[Callable[[str, str], bytes]] = field(default=(), repr=False, kw_only=True)  # with secrets of before
    session_cookie: Cookie
    step_cookie: Cookie
    request_cookie: Cookie  # ties the request of a receiver to the browser that brought it, until its person is in
    forget_pages: Mapping[str, str]  # headers that make a browser forget the pages of a person
    slow_turns: SlowTurns = field(repr=False)
    cost: PassphraseCost
    new_accounts: int = 20  # an hour from one address
    attempts: int = 30  # to open, a minute from one address
    remembered: Remembered = field(default_factory=Remembered, repr=False)
    before_erasing: Callable[["Vault"], None] = field(default=lambda _: None, repr=False)
    """Takes away what stands elsewhere for an account that is erased, while it can still be read."""
    before_taking_along: Callable[["Vault"], None] = field(default=lambda _: None, repr=False)
    """Brings what stands elsewhere for an account into its vault, before all of that is taken along."""
