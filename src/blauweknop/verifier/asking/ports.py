"""What asking needs from outside, as small protocols; the adapters fit them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from blauweknop.catalogue import Catalogue
from blauweknop.checking.trust import Trust
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Verdict
from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.registration import Registration
from blauweknop.standards.signing import Signer
from blauweknop.verifier.afterwards.ports import Sharings
from blauweknop.verifier.asking.answers import Answer, CheckedItem
from blauweknop.verifier.asking.household import Households
from blauweknop.verifier.asking.questions import Question, QuestionRefused
from blauweknop.web.cookies import Cookie

__all__ = [
    "Answer",
    "AnswerStore",
    "AskingServices",
    "CheckedItem",
    "Judge",
    "KeptAnswer",
    "KeptRequest",
    "Phase",
    "Receiver",
    "RequestState",
    "Requests",
    "Tell",
    "Transaction",
    "Transactions",
    "Use",
]

Tell = Callable[[str], None]
"""Tells the system that made a request, by its id, that something happened to it."""

Judge = Callable[[Callable[[Trust], Verdict], datetime], Verdict]
"""The verdict of a check with whom we trust at a moment; looks up what the check finds missing, such as a status list."""


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One intended use of a receiver: its registration, and the certificate of it as the registrar signed it. Each is only itself."""

    registration: Registration
    certificate: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who asks. `id` is its short name, `path` where its pages are, `address` the same with the site before it."""

    id: str
    name: str
    path: str
    address: str
    signer: Signer = field(repr=False)
    """With the access certificate."""
    uses: Mapping[str, Use]
    """By the id of the intended use, which is that of a package."""
    colour: str = ""

    @property
    def client_id(self) -> str:
        return x509_hash(self.signer.certificate)

    def use_of(self, question: Question) -> Use:
        """The registration under which a question is asked.

        Raises:
            QuestionRefused: there is none any more.
        """
        if question.package not in self.uses:
            raise QuestionRefused("question_registration", "expected a registration for this use")
        return self.uses[question.package]


class RequestState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """One question to one person. `id` says nothing about the link that leads to it; `reference` is of a case of the receiver."""

    id: str
    question: Question
    state: RequestState
    made_at: datetime
    ends_at: datetime
    reference: str | None = field(default=None, repr=False)
    client: str | None = None
    """The system that made it, by the API; None when a person did."""
    expected: str | None = field(default=None, repr=False)
    """The name of whom it is meant for, as the staff typed it: anybody with the link can answer."""


class Requests(Protocol):
    """The requests of one receiver. Whoever has the token may answer; of it only the SHA-256 is kept."""

    def open(
        self,
        question: Question,
        *,
        now: datetime,
        life: timedelta,
        reference: str | None = None,
        client: str | None = None,
        expected: str | None = None,
    ) -> tuple[str, KeptRequest]:
        """A new request, and the token that leads to it."""
        ...

    def by_token(self, token: str, *, now: datetime) -> KeptRequest | None:
        """None when there is no such request, or it ended."""
        ...

    def by_id(self, request_id: str) -> KeptRequest | None: ...

    def newest(self, *, most: int) -> Sequence[KeptRequest]: ...

    def withdraw(self, request_id: str) -> bool:
        """Nobody can answer it any more; False when it was answered, or is not there."""
        ...


class Phase(StrEnum):
    """How far an attempt to answer came. Each goes to the next, once, and never back."""

    OPEN = "open"  # nobody fetched the question
    ASKED = "asked"  # a holder did
    TAKEN = "taken"  # an answer came: nonce, key and state are gone
    JUDGED = "judged"  # and was judged; who asked must come back for it
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One attempt to answer a request, bound to the session of one browser; `elsewhere` when the answer comes from another device."""

    id: str
    request_id: str
    phase: Phase
    elsewhere: bool
    content: Mapping[str, JsonValue] = field(repr=False)
    ends_at: datetime
    session_hash: bytes = field(repr=False)


class Transactions(Protocol):
    """The attempts at one receiver. Of references (state, session, response code) only the SHA-256 is kept; contents are encrypted."""

    def begin(
        self, request_id: str, session: str, content: Mapping[str, JsonValue], *, elsewhere: bool, now: datetime, life: timedelta
    ) -> tuple[str, Transaction]:
        """A new attempt and its state; earlier ones of this session end. `content` gets the state with it."""
        ...

    def find_open(self, state: str, *, now: datetime) -> Transaction | None:
        """None when it is not OPEN."""
        ...

    def ask(self, transaction_id: str, content: Mapping[str, JsonValue], *, now: datetime, life: timedelta) -> bool:
        """From OPEN to ASKED; False when it is not OPEN any more."""
        ...

    def take(self, state: str, *, now: datetime) -> Transaction | None:
        """From ASKED to TAKEN; what was kept of it is gone after this. None when it is not ASKED."""
        ...

    def judge(self, transaction_id: str, content: Mapping[str, JsonValue], *, now: datetime) -> str | None:
        """From TAKEN to JUDGED; gives the response code. None when it ended meanwhile."""
        ...

    def is_known(self, state: str) -> bool:
        """Whether there is or was such an attempt lately, whatever became of it."""
        ...

    def by_code(self, code: str, *, now: datetime) -> Transaction | None:
        """A JUDGED attempt by its response code."""
        ...

    def of_session(self, session: str, *, now: datetime) -> Transaction | None:
        """The last attempt of the browser with this session."""
        ...

    def is_of_session(self, transaction: Transaction, session: str | None) -> bool: ...

    def finish(self, transaction_id: str, content: Mapping[str, JsonValue], *, now: datetime, life: timedelta) -> bool:
        """From JUDGED to DONE; the code is of no use after this. False when it was not JUDGED any more."""
        ...

    def forget(self, transaction_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer in the dossier of a receiver."""

    id: str
    answer: Answer = field(repr=False)
    erase_at: datetime


class AnswerStore(Protocol):
    """What a receiver keeps of answers, until its retention ends."""

    def keep(self, answer: Answer, *, erase_at: datetime) -> str | None:
        """Keep it, and note that its request is answered; None when it was already, or was withdrawn."""
        ...

    def of_request(self, request_id: str) -> KeptAnswer | None: ...

    def update(self, request_id: str, items: Sequence[CheckedItem]) -> bool:
        """Newer pieces beside those of the answer. Of what they replace one earlier version stays.

        False when there is no such answer, or no room for all of them (`MOST_KEPT`).
        """
        ...

    def replace_papers(self, request_id: str, papers: Mapping[int, Mapping[str, JsonValue]]) -> bool:
        """Newer own papers in the place of those with these numbers, from 1; nothing of those stays.

        False when there is no such answer, or it has no paper of such a number.
        """
        ...


@dataclass(frozen=True, slots=True)
class AskingServices:
    """Everything one receiver needs to ask."""

    receiver: Receiver
    catalogue: Catalogue
    requests: Requests = field(repr=False)
    transactions: Transactions = field(repr=False)
    answers: AnswerStore = field(repr=False)
    sharings: Sharings = field(repr=False)
    households: Households = field(repr=False)
    together: Callable[[], AbstractContextManager[object]] = field(repr=False)
    """What this thread has these stores keep in the block is kept wholly, or not at all."""
    judge: Judge = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    random: Callable[[int], bytes] = field(repr=False)
    session_cookie: Cookie
    holder_address: str
    """Where Mijn Blauwe Knop takes requests."""
    tell_answered: Tell = field(default=lambda _: None, repr=False)
    tell_withdrawn: Tell = field(default=lambda _: None, repr=False)
    wallet_link: str = "haip-vp://"
    """What opens a wallet on this device."""
    gives_by_get: bool = False
    """Whether a wallet that does not know `request_uri_method` may fetch a question by GET: it is without the nonce of the wallet then."""
    calls_a_minute: int = 600
    """How often one address may call; wallets of many people may share one."""
    begins_a_minute: int = 60
    """How often one address may begin an attempt to answer."""
    all_begins_a_minute: int = 6000
    """How often all together may, of this receiver in this process: with their short lives it bounds what is kept of them."""

    @property
    def now(self) -> datetime:
        return self.clock()

    def request_uri(self, state: str) -> str:
        return f"{self.receiver.address}/oid4vp/requests/{state}"

    def response_uri(self, state: str) -> str:
        return f"{self.receiver.address}/oid4vp/responses/{state}"
