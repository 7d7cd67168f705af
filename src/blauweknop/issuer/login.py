"""What a source needs of logging a person in and remembering them: who they are, at which level, and every way it can go wrong.

The provider, the database and the cookies are the business of the adapters; this module only says what they must offer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, Self

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.document import JsonValue, Selection
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.representation import Representative
from blauweknop.domain.texts import Language

__all__ = [
    "LoggedIn",
    "Login",
    "LoginCompleted",
    "LoginProblem",
    "LoginProblemCode",
    "LoginStarted",
    "LogoutNotice",
    "Mandate",
    "Session",
    "Sessions",
    "StartedSession",
]


class LoginProblemCode(StrEnum):
    """Why there is no login. Each code has its sentence in the catalogue: `login.problem.<code>`."""

    CANCELLED = "cancelled"  # the person pressed cancel
    # the browser came back in a way that does not fit
    CALLBACK_MALFORMED = "callback_malformed"
    ATTEMPT_UNKNOWN = "attempt_unknown"
    ATTEMPT_EXPIRED = "attempt_expired"
    ATTEMPT_USED = "attempt_used"
    OTHER_BROWSER = "other_browser"
    CALLBACK_ISSUER = "callback_issuer"
    # the provider does not work, or not as agreed
    BUSY = "busy"
    PROVIDER_UNREACHABLE = "provider_unreachable"
    PROVIDER_METADATA = "provider_metadata"
    PROVIDER_ERROR = "provider_error"
    REQUEST_REFUSED = "request_refused"
    CODE_REFUSED = "code_refused"
    CODE_ANSWER = "code_answer"
    # what the provider says of the person cannot be trusted
    ANSWER_MALFORMED = "answer_malformed"
    ANSWER_NOT_ENCRYPTED = "answer_not_encrypted"
    ANSWER_ENCRYPTION = "answer_encryption"
    ANSWER_ALGORITHM = "answer_algorithm"
    ANSWER_KEY = "answer_key"
    ANSWER_SIGNATURE = "answer_signature"
    ANSWER_ISSUER = "answer_issuer"
    ANSWER_AUDIENCE = "answer_audience"
    ANSWER_PARTY = "answer_party"
    ANSWER_EXPIRED = "answer_expired"
    ANSWER_LIFETIME = "answer_lifetime"
    ANSWER_TIME = "answer_time"
    ANSWER_NONCE = "answer_nonce"
    LOGIN_OLD = "login_old"
    # it can be trusted, but the person or the level is not
    LEVEL_UNKNOWN = "level_unknown"
    LEVEL_TOO_LOW = "level_too_low"
    REPRESENTATION = "representation"
    REPRESENTS_MALFORMED = "represents_malformed"
    REPRESENTS_NESTED = "represents_nested"
    REPRESENTS_ISSUER = "represents_issuer"
    REPRESENTS_IDENTIFIER = "represents_identifier"
    REPRESENTS_SELF = "represents_self"
    MANDATE_CAPACITY = "mandate_capacity"
    MANDATE_SERVICE = "mandate_service"
    MANDATE_ENDED = "mandate_ended"
    MANDATE_NAMELESS = "mandate_nameless"
    IDENTIFIER_TYPE = "identifier_type"
    IDENTIFIER_MISSING = "identifier_missing"
    IDENTIFIER_MALFORMED = "identifier_malformed"
    LOGOUT_NOTICE = "logout_notice"


_WORTH_RETRYING = frozenset(
    {
        LoginProblemCode.CANCELLED,
        LoginProblemCode.ATTEMPT_UNKNOWN,
        LoginProblemCode.ATTEMPT_EXPIRED,
        LoginProblemCode.ATTEMPT_USED,
        LoginProblemCode.OTHER_BROWSER,
        LoginProblemCode.BUSY,
        LoginProblemCode.PROVIDER_UNREACHABLE,
        LoginProblemCode.PROVIDER_ERROR,
        LoginProblemCode.CODE_REFUSED,
        LoginProblemCode.ANSWER_EXPIRED,
        LoginProblemCode.LOGIN_OLD,
        LoginProblemCode.LEVEL_TOO_LOW,
        LoginProblemCode.REPRESENTATION,
        LoginProblemCode.REPRESENTS_SELF,
        LoginProblemCode.MANDATE_CAPACITY,
        LoginProblemCode.MANDATE_SERVICE,
        LoginProblemCode.MANDATE_ENDED,
    }
)


@dataclass(frozen=True, slots=True)
class LoginProblem:
    """There is no login, and this is why. Holds nothing of the person and nothing of what was received."""

    code: LoginProblemCode

    @property
    def worth_retrying(self) -> bool:
        """Whether logging in once more can help; otherwise the source must mend something."""
        return self.code in _WORTH_RETRYING

    def sentence(self, language: Language, *, login_name: str) -> str:
        """What happened and what to do. `login_name` is what people call the provider: "DigiD"."""
        return sentence(f"login.problem.{self.code.value}", language, login=login_name)


@dataclass(frozen=True, slots=True)
class Mandate:
    """Somebody proved who they are, and acts for another. `identifier` is what the provider knows them by: a BSN, or a pseudonym."""

    representative: Representative
    identifier: str = field(repr=False)
    datasets: frozenset[str] | None = None
    """Which data sets the source gives to who acts for another; None: all."""
    represented: str = field(default="", repr=False)
    """What the provider calls the person whose data it is about; empty when it says only the number."""

    def as_json(self) -> dict[str, JsonValue]:
        """What waits with an order: who acts, and no name of the person."""
        return {"representative": {**self.representative.as_json()}, "identifier": self.identifier}

    @classmethod
    def from_json(cls, value: JsonValue) -> Self:
        """What `as_json` gave.

        Raises:
            MalformedValue: another shape.
        """
        match value:
            case {"representative": representative, "identifier": str(identifier)}:
                return cls(Representative.parse_json(representative), identifier)
        raise MalformedValue("expected a mandate as this version keeps it")

    def covers(self, dataset_id: str) -> bool:
        return self.datasets is None or dataset_id in self.datasets


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The person whose data it is about: who logged in, or, with a mandate, the one for whom somebody logged in."""

    bsn: Bsn = field(repr=False)
    level: AssuranceLevel
    authenticated_at: datetime
    # what the provider needs to end its own session
    subject: str = field(default="", repr=False)
    provider_session: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)  # signed, no longer encrypted
    mandate: Mandate | None = None

    def may_have(self, dataset_id: str) -> bool:
        """Whether a mandate, when there is one, opens this data set."""
        return self.mandate is None or self.mandate.covers(dataset_id)


@dataclass(frozen=True, slots=True)
class LoginStarted:
    """Send the browser to `address` and give it the cookie `browser_reference`; it must come back with both."""

    address: str = field(repr=False)
    browser_reference: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginCompleted:
    """A good login, and the local path where the person wanted to be."""

    person: LoggedIn
    return_to: str


class LogoutNotice(Protocol):
    """The provider says that one of its sessions, or everything of a person, has ended."""

    @property
    def provider_session(self) -> str | None: ...

    @property
    def subject(self) -> str | None: ...


class Login(Protocol):
    """A provider that can tell a source who a person is."""

    @property
    def name(self) -> str:
        """What people call it: "DigiD"."""
        ...

    def begin(self, level: AssuranceLevel, *, return_to: str, now: datetime, afresh: bool = False) -> LoginStarted | LoginProblem:
        """Start a login at this level or higher. `return_to` is a local path; `afresh` demands that the person logs in anew.

        Raises:
            MalformedValue: `return_to` is not a path on this site.
        """
        ...

    def complete(self, callback: Mapping[str, str], *, browser_reference: str | None, now: datetime) -> LoginCompleted | LoginProblem:
        """Finish a login with the query of the callback and the cookie that `begin` gave."""
        ...

    def logout_address(self, person: LoggedIn, *, now: datetime) -> str | None:
        """Where to send the browser so that the provider ends its session too; None when it does not offer that."""
        ...

    def logout_notice(self, form: Mapping[str, str], *, now: datetime) -> LogoutNotice | LoginProblem:
        """What the provider posted to the back-channel logout address (OpenID Connect Back-Channel Logout 1.0)."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """A person at a source, between login and logout. Lives encrypted at the source; the browser only has a random reference."""

    source: str
    person: LoggedIn
    language: Language
    selections: tuple[Selection, ...]
    notes: Mapping[str, JsonValue] = field(repr=False)  # small things the pages remember
    created_at: datetime
    last_seen_at: datetime
    idle_ends_at: datetime
    ends_at: datetime
    id_hash: bytes = field(repr=False)

    def authenticated_within(self, span: timedelta, *, now: datetime) -> bool:
        """Whether the person logged in this recently; a download asks for 15 minutes (PROTOCOL 8.4)."""
        return now - self.person.authenticated_at <= span


@dataclass(frozen=True, slots=True)
class StartedSession:
    """A new session and the reference that only the browser of the person gets."""

    reference: str = field(repr=False)
    session: Session


class Sessions(Protocol):
    """The sessions of one source."""

    def start(self, person: LoggedIn, *, language: Language, now: datetime, replaces: str | None = None) -> StartedSession | LoginProblem:
        """Begin a session under a new reference; `replaces` is the reference the browser had, and ends. Choices made before move along
        when the same person logs in again.
        """
        ...

    def read(self, reference: str | None, *, now: datetime) -> Session | None:
        """The session of a reference; None when there is none, or it ended. Does not move the idle clock."""
        ...

    def touch(self, session: Session, *, now: datetime) -> Session | None:
        """Note that the person is still there; None when the session ended meanwhile."""
        ...

    def save(
        self,
        session: Session,
        *,
        now: datetime,
        language: Language | None = None,
        selections: tuple[Selection, ...] | None = None,
        notes: Mapping[str, JsonValue] | None = None,
    ) -> Session | None:
        """Keep changed choices, and note that the person is still there; None when the session ended meanwhile."""
        ...

    def end(self, reference: str | None) -> None:
        """End the session of a reference, if there is one."""
        ...

    def end_by_provider(self, *, provider_session: str | None, subject: str | None) -> int:
        """End what the provider says has ended; how many."""
        ...
