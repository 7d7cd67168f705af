"""Who works at a receiver."""

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Role", "Staff"]


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
