"""What an account remembers of itself, encrypted with its own data key: not even when something happened is to be read in the database."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from blauweknop.holder.encryption import CannotOpen, Random, VaultKey, pad, unpad

__all__ = ["COOL_OFF", "NEW_STATE", "AccountState", "UnlockLabel", "read_label", "read_state", "write_label", "write_state"]

COOL_OFF = timedelta(hours=72)
"""After the recovery code was used nobody who came in by it may take other ways to open away (PROTOCOL 10, T-45)."""

_STEP = 1024


@dataclass(frozen=True, slots=True)
class AccountState:
    """Since when the recovery code is in use, and until when nothing may be taken away for that reason."""

    has_recovery_code: bool = False
    recovered_at: datetime | None = None
    cools_until: datetime | None = None

    def cooling_at(self, moment: datetime) -> bool:
        return self.cools_until is not None and moment < self.cools_until

    def recovered(self, moment: datetime) -> "AccountState":
        """The recovery code was used. Used again within the time, the time is longer, and what came before is still what came before."""
        began = (self.recovered_at if self.cooling_at(moment) else None) or moment
        return replace(self, recovered_at=began.replace(microsecond=0), cools_until=moment + COOL_OFF)

    def trusts(self, label: "UnlockLabel", kind: str, moment: datetime) -> bool:
        """Whether who opens in this way may take others away: always, but not by the recovery code or what was added after its use."""
        if not self.cooling_at(moment) or self.recovered_at is None:
            return kind != "recovery"
        return kind != "recovery" and label.added_at < self.recovered_at


NEW_STATE = AccountState()


@dataclass(frozen=True, slots=True)
class UnlockLabel:
    """What the person sees of a way to open; `credential_id` is the name that the authenticator gave a passkey."""

    name: str = field(repr=False)
    added_at: datetime
    credential_id: bytes = field(default=b"", repr=False)


class _StoredState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: int
    has_recovery_code: bool
    recovered_at: datetime | None
    cools_until: datetime | None


class _StoredLabel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: int
    name: str
    added_at: datetime
    credential_id: bytes


_Stored = TypeVar("_Stored", _StoredState, _StoredLabel)


def write_state(state: AccountState, data_key: VaultKey, *, account: bytes, random: Random) -> bytes:
    stored = _StoredState(1, state.has_recovery_code, state.recovered_at, state.cools_until)
    return _written(stored, data_key, f"state|{account.hex()}", random)


def read_state(encrypted: bytes, data_key: VaultKey, *, account: bytes) -> AccountState:
    """What `write_state` was given.

    Raises:
        CannotOpen: another key or account, or of a newer version of this program.
    """
    stored = _read(encrypted, data_key, f"state|{account.hex()}", _StoredState)
    return AccountState(stored.has_recovery_code, stored.recovered_at, stored.cools_until)


def write_label(label: UnlockLabel, data_key: VaultKey, *, account: bytes, unlock: bytes, random: Random) -> bytes:
    stored = _StoredLabel(1, label.name, label.added_at, label.credential_id)
    return _written(stored, data_key, f"label|{account.hex()}|{unlock.hex()}", random)


def read_label(encrypted: bytes, data_key: VaultKey, *, account: bytes, unlock: bytes) -> UnlockLabel:
    """What `write_label` was given.

    Raises:
        CannotOpen: another key, account or way to open, or of a newer version of this program.
    """
    stored = _read(encrypted, data_key, f"label|{account.hex()}|{unlock.hex()}", _StoredLabel)
    return UnlockLabel(stored.name, stored.added_at, stored.credential_id)


def _written(stored: _StoredState | _StoredLabel, data_key: VaultKey, place: str, random: Random) -> bytes:
    return data_key.for_purpose("state").encrypt(pad(msgspec.json.encode(stored), _STEP), place=place, random=random)


def _read(encrypted: bytes, data_key: VaultKey, place: str, kind: type[_Stored]) -> _Stored:
    try:
        return msgspec.json.decode(unpad(data_key.for_purpose("state").decrypt(encrypted, place=place)), type=kind)
    except msgspec.ValidationError as error:
        raise CannotOpen("something in a vault has a form that this version does not know") from error
