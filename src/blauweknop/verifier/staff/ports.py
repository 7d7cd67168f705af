"""What the pages for the staff of a receiver need from outside, and who such a member of staff is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.web.cookies import Cookie

__all__ = [
    "Colleagues",
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


class Role(StrEnum):
    """What somebody may do at all; what of which person is for their tasks to say."""

    WORKER = "medewerker"  # asks people, and sees the answers to what is their task
    MANAGER = "beheerder"  # gives tasks, and sees no answer
    REVIEWER = "controleur"  # the second pair of eyes


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works at the receiver. `id` says nothing to who has no key of this system."""

    id: str
    name: str = field(repr=False)
    roles: frozenset[Role]

    def has(self, role: Role) -> bool:
        return role in self.roles


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
    session_cookie: Cookie
    login_cookie: Cookie
    forget_pages: Mapping[str, str]
    """Headers that make a browser forget the pages of a session."""
    login_starts: int = 60
    """A minute, from one address."""

    @property
    def now(self) -> datetime:
        return self.asking.now

    @property
    def path(self) -> str:
        return self.asking.receiver.path
