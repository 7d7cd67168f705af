"""What the pages for the staff of a receiver need from outside, and who such a member of staff is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.staff.four_eyes import Approvals, Guarded
from blauweknop.verifier.staff.logbook import Deed, Entry, Logbook
from blauweknop.verifier.staff.people import Role, Staff
from blauweknop.web.cookies import Cookie

__all__ = [
    "Colleagues",
    "EndedAtProvider",
    "LoggedInStaff",
    "LoginBegun",
    "Role",
    "Staff",
    "StaffLogin",
    "StaffProblem",
    "StaffServices",
    "StaffSession",
    "StaffSessions",
    "Tasks",
]


@dataclass(frozen=True, slots=True)
class LoggedInStaff:
    """Somebody who logged in, and what their provider needs to end its own session."""

    staff: Staff
    provider_session: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LoginBegun:
    """Send the browser to `address` and give it the cookie; it must come back with both."""

    address: str = field(repr=False)
    browser_reference: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StaffProblem:
    """There is no login. `sentence` is the key of its words; holds nothing of what was received."""

    code: str
    sentence: str
    cancelled: bool = False
    can_retry: bool = False
    unreachable: bool = False
    is_of_staff: bool = False
    """Somebody did log in at the organisation, and may not come in here. All else anybody can bring about."""


@dataclass(frozen=True, slots=True)
class EndedAtProvider:
    """The provider says that one of its sessions ended, or, without a session, everything of somebody. `token_id` is of the message."""

    token_id: str = field(repr=False)
    provider_session: str | None = field(repr=False)
    staff_id: str | None


class StaffLogin(Protocol):
    """The login of the organisation."""

    @property
    def name(self) -> str:
        """What staff call it."""
        ...

    def begin(self, *, return_to: str, now: datetime) -> LoginBegun | StaffProblem: ...

    def complete(
        self, callback: Mapping[str, str], *, browser_reference: str | None, now: datetime
    ) -> tuple[LoggedInStaff, str] | StaffProblem:
        """Who came back, and the local path where they wanted to be."""
        ...

    def ended(self, form: Mapping[str, str], *, now: datetime) -> EndedAtProvider | StaffProblem:
        """What the provider posted (OpenID Connect Back-Channel Logout 1.0, 2.5)."""
        ...

    def end_address(self, who: LoggedInStaff, *, now: datetime) -> str | None:
        """Where the browser goes so that the provider ends its session too; None when it does not offer that."""
        ...


@dataclass(frozen=True, slots=True)
class StaffSession:
    who: LoggedInStaff
    started_at: datetime


class StaffSessions(Protocol):
    """Who is in, at one receiver."""

    @property
    def idle(self) -> timedelta: ...

    def start(self, who: LoggedInStaff, *, now: datetime, replaces: str | None) -> str | None:
        """A new reference, whatever the browser had before; that ends. None: too many people at once."""
        ...

    def touch(self, reference: str | None, *, now: datetime) -> StaffSession | None:
        """The session of a reference, its idle clock set back; None when there is none, or it ended."""
        ...

    def end(self, reference: str | None) -> None: ...

    def end_by_provider(self, ended: EndedAtProvider, *, now: datetime) -> frozenset[str] | None:
        """End what the provider says has ended; of whom, by their ids. None when it said the very same before."""
        ...


class Tasks(Protocol):
    """Who works on which request, at one receiver. A task ends with its request."""

    def give(self, request_id: str, staff_id: str, *, now: datetime) -> None: ...

    def take(self, request_id: str, staff_id: str) -> None: ...

    def of_whom(self, request_id: str) -> frozenset[str]:
        """Ids of staff."""
        ...

    def has(self, request_id: str, staff_id: str) -> bool: ...

    def of(self, staff_id: str, *, most: int) -> Sequence[str]:
        """Ids of requests, the newest first."""
        ...


class Colleagues(Protocol):
    """Who works at one receiver, as far as they logged in lately: to whom tasks can be given."""

    def remember(self, staff: Staff, *, now: datetime) -> None: ...

    def known(self) -> Sequence[Staff]:
        """By name."""
        ...


@dataclass(frozen=True, slots=True)
class StaffServices:
    """Everything the pages for the staff of one receiver need."""

    asking: AskingServices
    login: StaffLogin = field(repr=False)
    sessions: StaffSessions = field(repr=False)
    tasks: Tasks = field(repr=False)
    colleagues: Colleagues = field(repr=False)
    approvals: Approvals = field(repr=False)
    log: Logbook = field(repr=False)
    four_eyes: frozenset[Guarded]
    """What waits for the yes of a colleague."""
    session_cookie: Cookie
    login_cookie: Cookie
    forget_pages: Mapping[str, str]
    """Headers that make a browser forget the pages of a session."""
    login_starts: int = 60
    """A minute, from one address."""
    takes_links: bool = False
    """Whether people can give this receiver documents by a link."""
    logouts: int = 600
    """How many messages of the provider in a minute, from one address."""

    @property
    def now(self) -> datetime:
        return self.asking.now

    @property
    def path(self) -> str:
        return self.asking.receiver.path

    def write_down(self, deed: Deed, staff: Staff | None, *, about: str | None = None, detail: str = "") -> None:
        """Put it in the log of the staff, before it is done or in one transaction with it.

        Raises:
            StorageError: it could not be written; then it may not happen either.
        """
        self.log.write(Entry(deed, staff.id if staff is not None else None, about, detail), now=self.now)
