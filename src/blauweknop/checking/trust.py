"""Whom a check trusts: the trust list as it was read, or the reason why there is none; always given, never looked up here."""

from dataclasses import dataclass, field
from typing import Literal

from blauweknop.standards.trust_list import TrustList, TrustListProblemCode

__all__ = ["NO_TRUST", "Trust", "TrustProblem"]

TrustProblem = Literal["no_trust_list", "trust_list_unreachable"] | TrustListProblemCode


@dataclass(frozen=True, slots=True)
class Trust:
    """The trust list, or `problem`: exactly one of the two."""

    trust_list: TrustList | None = field(repr=False)
    problem: TrustProblem | None = None


NO_TRUST = Trust(None, "no_trust_list")
"""Nobody said whom to trust: documents can be found broken, and never found good."""
