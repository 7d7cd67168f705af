"""Publish the status lists of a source: signed anew every quarter of an hour, and at once when a document was withdrawn (PROTOCOL 5.1).

A list is signed when it is asked for and the last one is too old. What was signed is kept with the list, so that all processes of a
source publish the very same token. After a change of the key it is signed anew within a minute: who does not trust the old key any more
would not know the status of what was made with it. Not at once, or processes with the old and the new key would replace each other's
lists with every question while a source starts anew.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import StatusList, says_to_be_of, sign_status_list
from blauweknop.standards.status_list_cwt import sign_status_list_as_cwt

__all__ = ["STATUS_LISTS_PATH", "TTL", "KeptList", "ListRenewal", "ListToken", "StatusListStorage", "current_token"]

STATUS_LISTS_PATH = "statuslists"
"""Below the address of a source, and before the id of a list (PROTOCOL 2)."""

TTL = timedelta(hours=1)
"""How long whoever fetched a list keeps it before asking again."""

_EVERY = timedelta(minutes=15)
_AFTER_A_CHANGE_OF_KEY = timedelta(minutes=1)
_LIFE = timedelta(hours=24)
_A_SECOND = timedelta(seconds=1)
_CLOCK_SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ListToken:
    """A list as it is published, in text (JWT) and in CBOR (CWT), and the moment that stands in it."""

    jwt: bytes = field(repr=False)
    cwt: bytes = field(repr=False)
    made_at: datetime


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list in the storage: its address, and how it was published last; `changed` when something was withdrawn since."""

    uri: str
    last: ListToken | None
    changed: bool


class ListRenewal(Protocol):
    """A list that nobody else changes or signs at this moment."""

    @property
    def kept(self) -> KeptList: ...

    @property
    def statuses(self) -> StatusList: ...

    @property
    def packed(self) -> bytes:
        """The statuses as one zlib stream."""
        ...

    def keep(self, token: ListToken) -> None: ...


class StatusListStorage(Protocol):
    """The lists of one source."""

    def kept(self, list_id: str) -> KeptList | None: ...

    def renewing(self, list_id: str) -> AbstractContextManager[ListRenewal]: ...


def current_token(list_id: str, *, storage: StatusListStorage, signer: Signer, now: datetime) -> ListToken | None:
    """The list to publish now; None when the source has no list of this name.

    Raises:
        KeyProblem, UnsuitableKey: it cannot be signed.
        StorageError: the database does not answer.
    """
    kept = storage.kept(list_id)
    if kept is None:
        return None
    if (current := _current(kept, signer, now)) is not None:
        return current
    with storage.renewing(list_id) as renewal:
        if (current := _current(renewal.kept, signer, now)) is not None:  # another process was first
            return current
        fresh = _signed(renewal, _moment(renewal.kept.last, now), signer)
        renewal.keep(fresh)
    return fresh


def _signed(renewal: ListRenewal, made_at: datetime, signer: Signer) -> ListToken:
    uri, ends, statuses, packed = renewal.kept.uri, made_at + _LIFE, renewal.statuses, renewal.packed
    jwt = sign_status_list(statuses, uri=uri, issued_at=made_at, expires_at=ends, ttl=TTL, signer=signer, packed=packed)
    cwt = sign_status_list_as_cwt(statuses, uri=uri, issued_at=made_at, expires_at=ends, ttl=TTL, signer=signer, packed=packed)
    return ListToken(jwt.encode("ascii"), cwt, made_at)


def _current(kept: KeptList, signer: Signer, now: datetime) -> ListToken | None:
    """The last token when it may be published still. One of a later moment than now was made by a clock that was wrong."""
    last = kept.last
    if last is None or kept.changed or not -_CLOCK_SKEW <= now - last.made_at < _EVERY:
        return None
    return last if now - last.made_at < _AFTER_A_CHANGE_OF_KEY or says_to_be_of(last.jwt, signer.certificate) else None


def _moment(last: ListToken | None, now: datetime) -> datetime:
    """Now, in whole seconds, and later than the token before: receivers take no list that is not newer than the one they have."""
    moment = now.replace(microsecond=0)
    if last is not None and moment <= last.made_at <= moment + _CLOCK_SKEW:
        return last.made_at + _A_SECOND
    return moment
