"""Whom a check trusts: the trust list as it was read, or the reason why there is none; always given, never looked up here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from blauweknop.standards.eu_trusted_list import EuTrustedList
from blauweknop.standards.trust_list import TrustList, TrustListProblemCode

__all__ = ["NO_TRUST", "Trust", "TrustProblem"]

TrustProblem = Literal["no_trust_list", "trust_list_unreachable"] | TrustListProblemCode


@dataclass(frozen=True, slots=True)
class Trust:
    """The trust list, or `problem`: exactly one of the two.

    `status_lists` are the last status list tokens that were fetched, by their address, as they came: the check verifies them itself.
    `list_sha256` is of the signed trust list as it came, in hexadecimal, for who reports on a check.
    `eu_lists` are European trusted lists, for the seals of others only.
    """

    trust_list: TrustList | None = field(repr=False)
    problem: TrustProblem | None = None
    status_lists: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    list_sha256: str | None = None
    eu_lists: tuple[EuTrustedList, ...] = field(default=(), repr=False)

    @property
    def is_exercise(self) -> bool:
        """Whether the scheme is for exercise, and made up; without a trust list nothing is."""
        return self.trust_list is not None and self.trust_list.exercise


NO_TRUST = Trust(None, "no_trust_list")
"""Nobody said whom to trust: documents can be found broken, and never found good."""
