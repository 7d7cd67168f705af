"""What waits for the yes of a colleague: taking data out, and asking for the BSN (threat T-41).

A yes is of somebody else with the role for it. It is for one thing, of exactly the content that it was asked for; it works once, for who
asked, and for a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from blauweknop.verifier.staff.people import Role, Staff

__all__ = ["LIFE", "LONGEST_REASON", "Approval", "ApprovalState", "Approvals", "Guarded", "NewApproval", "may_decide"]

LIFE = timedelta(hours=24)
"""How long a question waits, and after that how long a yes can be used."""
LONGEST_REASON = 500


class Guarded(StrEnum):
    """What can be made to wait for a colleague."""

    EXPORT = "export"
    BSN = "bsn"


class ApprovalState(StrEnum):
    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class NewApproval:
    """A question to a colleague. `what` is the name of a file or the id of a package; `about` the request whose dossier it is of.

    `content` says exactly of what: a hash of the dossier, or the question to a person as it will be asked. `reference` is of that request.
    """

    guarded: Guarded
    what: str
    content: str = field(repr=False)
    reason: str = field(repr=False)
    about: str | None = None
    reference: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Approval:
    """A question to a colleague, and what came of it. What was used is not there any more."""

    id: str
    asked: NewApproval
    asker: Staff
    state: ApprovalState
    asked_at: datetime
    ends_at: datetime
    decided_by: str | None = field(default=None, repr=False)
    """The name of who said yes or no."""


class Approvals(Protocol):
    """The questions at one receiver, until they end. Each method raises StorageError."""

    def ask(self, new: NewApproval, asker: Staff, *, now: datetime) -> Approval | None:
        """Instead of what the same person asked before about the same file of the same dossier. None: too many wait already."""
        ...

    def by_id(self, approval_id: str, *, now: datetime) -> Approval | None: ...

    def waiting(self, *, now: datetime, most: int) -> Sequence[Approval]:
        """The oldest first."""
        ...

    def of(self, staff_id: str, *, now: datetime, most: int) -> Sequence[Approval]:
        """What somebody asked, the newest first."""
        ...

    def decide(self, approval_id: str, by: Staff, *, granted: bool, now: datetime) -> bool:
        """False when it does not wait any more, or is of who decides."""
        ...

    def take_back(self, approval_id: str, asker_id: str) -> bool: ...

    def use(self, approval: Approval, *, now: datetime) -> bool:
        """Once: it is gone after this. False when it is not a yes (any more)."""
        ...


def may_decide(staff: Staff, approval: Approval) -> bool:
    """Whether their yes counts: it is their role, and they did not ask it themselves."""
    return staff.has(Role.REVIEWER) and staff.id != approval.asker.id
