"""A verdict and a trust between two of our own processes, as JSON: a process that read hostile bytes may send data, never objects."""

from dataclasses import dataclass
from typing import Any, cast

import msgspec

from blauweknop.checking.trust import Trust, TrustProblem
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Rejected, Undecided, Verdict, VerdictFacts, Verified
from blauweknop.standards.eu_trusted_list import EuTrustedList
from blauweknop.standards.lote import MalformedLote, lote_from_json, lote_to_json

__all__ = ["MalformedTransport", "trust_from_bytes", "trust_to_bytes", "verdict_from_bytes", "verdict_to_bytes"]


class MalformedTransport(BlauweKnopError):
    """The other process sent something else than was agreed."""


@dataclass(frozen=True, slots=True)
class _SentVerdict:
    colour: str
    facts: VerdictFacts
    sub_indication: str | None
    content: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class _SentTrust:
    trust_list: dict[str, Any] | None
    problem: str | None
    status_lists: dict[str, bytes]
    eu_lists: tuple[EuTrustedList, ...]


def verdict_to_bytes(verdict: Verdict) -> bytes:
    content = verdict.content if isinstance(verdict, Verified) else None
    return msgspec.json.encode(_SentVerdict(verdict.colour.value, verdict.facts, verdict.sub_indication, content))


def verdict_from_bytes(data: bytes) -> Verdict:
    """Raises: MalformedTransport."""
    try:
        sent = msgspec.json.decode(data, type=_SentVerdict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedTransport("expected a verdict") from error
    match sent:
        case _SentVerdict("green", facts, None, dict(content)):
            return Verified(facts, content)
        case _SentVerdict("red", facts, str(sub_indication), None):
            return Rejected(facts, sub_indication)
        case _SentVerdict("orange", facts, str(sub_indication), None):
            return Undecided(facts, sub_indication)
    raise MalformedTransport("expected a verdict of one of the three kinds")


def trust_to_bytes(trust: Trust) -> bytes:
    listed = lote_to_json(trust.trust_list) if trust.trust_list else None
    return msgspec.json.encode(_SentTrust(listed, trust.problem, dict(trust.status_lists), trust.eu_lists))


def trust_from_bytes(data: bytes) -> Trust:
    """The trust that our own process read and verified before. Raises: MalformedTransport."""
    try:
        sent = msgspec.json.decode(data, type=_SentTrust)
        listed = lote_from_json(sent.trust_list) if sent.trust_list is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError, MalformedLote) as error:
        raise MalformedTransport("expected a trust") from error
    problem = cast("TrustProblem | None", sent.problem)  # one of the codes that `trust_to_bytes` was given
    return Trust(listed, problem, sent.status_lists, eu_lists=sent.eu_lists)
