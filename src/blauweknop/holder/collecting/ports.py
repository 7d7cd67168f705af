"""What collecting needs from outside, as small protocols; the adapters fit them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from blauweknop.catalogue import Catalogue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.keeping import Check
from blauweknop.standards.signing import Signer

__all__ = ["Answer", "Client", "CollectingServices", "ProblemCode", "Send", "Source", "SourceProblem"]

ProblemCode = Literal["silent", "busy", "unreachable", "answer", "too_large", "denied", "over", "refused"]
"""Why nothing came: no answer, too busy to answer, an address that may not be asked, an answer that breaks the rules, one that is too
large, the source does not give it, what we had from it counts no more, or it does not know us."""


class SourceProblem(BlauweKnopError):
    """A source gave nothing that can be used."""

    def __init__(self, code: ProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: ProblemCode = code

    @property
    def may_pass(self) -> bool:
        """Whether the same question may be answered a moment later."""
        return self.code in ("silent", "busy")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of headers in small letters."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Send(Protocol):
    """One request to a source, bounded in time and size; nothing is followed.

    Raises: SourceProblem (silent, unreachable, too_large).
    """

    def __call__(self, method: str, address: str, *, headers: Mapping[str, str], content: bytes | None) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Source:
    """A source of the trust list that we are registered at. `issuer` is its credential issuer identifier."""

    id: str
    oin: str
    name: str
    issuer: str
    datasets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to sources: a server with a key of its own (`private_key_jwt`)."""

    client_id: str
    redirect_uri: str
    signer: Signer = field(repr=False)
    key_id: str


@dataclass(frozen=True, slots=True)
class CollectingServices:
    """Everything that collecting needs; built by the application assembly."""

    sources: Callable[[datetime], Sequence[Source]] = field(repr=False)
    """Those that the trust list of now knows."""
    client: Client
    send: Send = field(repr=False)
    check: Check | None = field(repr=False)
    """None where there is no trust list: then pages offer nothing that needs it."""
    catalogue: Catalogue = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)
    random: Callable[[int], bytes] = field(repr=False)
    copies: int = 10
    """Of each credential, one for each use."""
