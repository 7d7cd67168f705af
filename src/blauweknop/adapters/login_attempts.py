"""Login attempts under way: what we sent with a person to the provider, kept encrypted until they come back, once (PROTOCOL 8.1)."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.login_tokens import LoginRefused
from blauweknop.adapters.records import LOGIN_ATTEMPTS, fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.sessions import has_room, new_reference, readable_reference
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.issuer.login import LoginProblemCode

__all__ = ["Attempt", "LoginAttempts", "NewAttempt"]


class Attempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What only we know of an attempt."""

    nonce: str
    code_verifier: str
    level: AssuranceLevel
    return_to: str
    browser_hash: bytes
    started_at: datetime
    afresh: bool

    def __repr__(self) -> str:
        return "Attempt(hidden)"


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """An attempt and the two references that travel: `state` through the provider, `browser_reference` in a cookie."""

    state: str = field(repr=False)
    browser_reference: str = field(repr=False)
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class LoginAttempts:
    """The attempts of one source."""

    engine: Engine
    key: RowKey = field(repr=False)
    source: str
    random: Callable[[int], bytes] = field(repr=False)
    life: timedelta = timedelta(minutes=15)
    rows: int = 100_000

    def begin(self, level: AssuranceLevel, *, return_to: str, afresh: bool, now: datetime) -> NewAttempt:
        """Keep a new attempt.

        Raises:
            LoginRefused: too many at once.
            StorageError: the database does not answer.
        """
        state, browser = new_reference(self.random), new_reference(self.random)
        attempt = Attempt(
            nonce=new_reference(self.random),
            code_verifier=new_reference(self.random),
            level=level,
            return_to=return_to,
            browser_hash=fingerprint(browser),
            started_at=now,
            afresh=afresh,
        )
        row = {
            "state_hash": fingerprint(state),
            "source": self.source,
            "payload": self.key.encrypt(msgspec.json.encode(attempt), table=LOGIN_ATTEMPTS.name, row=fingerprint(state)),
            "created_at": now,
            "expires_at": now + self.life,
        }
        with writing(self.engine) as connection:
            connection.execute(delete(LOGIN_ATTEMPTS).where(LOGIN_ATTEMPTS.c.expires_at <= now - self.life))
            if not has_room(connection, LOGIN_ATTEMPTS, self.rows):
                raise LoginRefused(LoginProblemCode.BUSY)
            connection.execute(insert(LOGIN_ATTEMPTS).values(row))
        return NewAttempt(state, browser, attempt)

    def take(self, state: str, *, browser_reference: str | None, now: datetime) -> Attempt:
        """The attempt of a state, which is then used up. Another browser cannot use it up.

        Raises:
            LoginRefused: unknown, of another browser, used before, or too late.
            StorageError: the database does not answer.
        """
        state_hash, browser_hash = readable_reference(state), readable_reference(browser_reference)
        if state_hash is None:
            raise LoginRefused(LoginProblemCode.ATTEMPT_UNKNOWN)
        this = (LOGIN_ATTEMPTS.c.state_hash == state_hash, LOGIN_ATTEMPTS.c.source == self.source)
        with reading(self.engine) as connection:
            row = connection.execute(select(LOGIN_ATTEMPTS).where(*this)).one_or_none()
        if row is None:
            raise LoginRefused(LoginProblemCode.ATTEMPT_UNKNOWN)
        if row.used_at is not None:
            raise LoginRefused(LoginProblemCode.ATTEMPT_USED)
        try:
            clear = self.key.decrypt(row.payload, table=LOGIN_ATTEMPTS.name, row=state_hash)
            attempt = msgspec.json.decode(clear, type=Attempt)
        except (Unreadable, msgspec.ValidationError) as error:
            raise LoginRefused(LoginProblemCode.ATTEMPT_UNKNOWN) from error
        if browser_hash is None or not hmac.compare_digest(browser_hash, attempt.browser_hash):
            raise LoginRefused(LoginProblemCode.OTHER_BROWSER)
        with writing(self.engine) as connection:
            first = update(LOGIN_ATTEMPTS).where(*this, LOGIN_ATTEMPTS.c.used_at.is_(None)).values(used_at=now, payload=b"")
            if connection.execute(first).rowcount != 1:
                raise LoginRefused(LoginProblemCode.ATTEMPT_USED)
        if row.expires_at <= now:
            raise LoginRefused(LoginProblemCode.ATTEMPT_EXPIRED)
        return attempt

    def sweep(self, now: datetime) -> int:
        """Remove attempts that ended a while ago; how many. Until then a late person still gets the right reason."""
        with writing(self.engine) as connection:
            return connection.execute(delete(LOGIN_ATTEMPTS).where(LOGIN_ATTEMPTS.c.expires_at <= now - self.life)).rowcount
