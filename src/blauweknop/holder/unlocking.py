"""Ways to open a vault: each makes a key of its own from what the person has or knows, and wraps the one data key of the account with it.

A way is found by its tag. The tag of a passphrase comes from the same slow computation (Argon2id, RFC 9106) as its key, over the name
and the passphrase together: an unknown name and a wrong passphrase are one and the same case, in words and in time, and two people may
have one name. What the server keeps are random bytes to whoever has not the passphrase, the recovery code or the passkey.
"""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, get_args

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.encryption import Random, VaultKey
from blauweknop.holder.recovery_code import RecoveryCode

__all__ = [
    "KINDS",
    "NameAndPassphrase",
    "Opener",
    "PassphraseCost",
    "UnlockKind",
    "credential_tag",
    "open_wrapped",
    "passkey_opener",
    "passphrase_opener",
    "recovery_opener",
    "wrap_for",
]

UnlockKind = Literal["passkey", "passphrase", "recovery"]
KINDS: tuple[UnlockKind, ...] = get_args(UnlockKind)

NameTag = Callable[[str], bytes]
"""A keyed hash of a name with a secret of the server, so that whoever has only the database cannot even start to guess."""

_SHORTEST_PASSPHRASE, _LONGEST = 15, 200
_FEWEST_LETTERS = 6
_PRF_BYTES = 32


@dataclass(frozen=True, slots=True)
class PassphraseCost:
    """What one guess costs; at least what OWASP and RFC 9106 ask of 64 MiB."""

    memory_kib: int = 64 * 1024
    rounds: int = 3
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class NameAndPassphrase:
    """As a person gives them, brought to one form."""

    name: str = field(repr=False)
    passphrase: str = field(repr=False)

    @classmethod
    def parse(cls, name: str, passphrase: str) -> "NameAndPassphrase":
        """Capitals and double spaces make no other name, and different ways to write one letter no other passphrase.

        Raises:
            MalformedValue: one is empty or too long.
        """
        plain_name = " ".join(unicodedata.normalize("NFKC", name[: _LONGEST + 1]).casefold().split())
        plain_phrase = unicodedata.normalize("NFC", passphrase[: _LONGEST + 1])
        if not 0 < len(plain_name) <= _LONGEST:
            raise MalformedValue("name", remedy="give a name of 1 to 200 characters")
        if not 0 < len(plain_phrase) <= _LONGEST or "\x00" in plain_phrase:
            raise MalformedValue("passphrase", remedy="give a passphrase of 1 to 200 characters")
        return cls(plain_name, plain_phrase)

    def weakness(self) -> Literal["short", "few_letters", "has_name"] | None:
        """Why this may not become a way to open a vault; None when it may (NIST SP 800-63B 3.1.1: 15 characters where it is all)."""
        if len(self.passphrase) < _SHORTEST_PASSPHRASE:
            return "short"
        plain = self.passphrase.casefold()
        if len(set(plain)) < _FEWEST_LETTERS:
            return "few_letters"
        return "has_name" if len(plain.replace(self.name, "")) < _SHORTEST_PASSPHRASE else None


@dataclass(frozen=True, slots=True)
class Opener:
    """What a person showed just now: by `tag` the way is found, `key` opens what it wraps."""

    kind: UnlockKind
    tag: bytes = field(repr=False)
    key: VaultKey = field(repr=False)


def passphrase_opener(given: NameAndPassphrase, *, name_tag: NameTag, cost: PassphraseCost) -> Opener:
    """About half a second and 64 MiB, whether or not there is such an account."""
    slow = Argon2id(salt=name_tag(given.name), length=32, iterations=cost.rounds, lanes=cost.lanes, memory_cost=cost.memory_kib).derive(
        given.passphrase.encode()
    )
    return Opener("passphrase", _tag(slow, "passphrase"), VaultKey(slow).for_purpose("passphrase key"))


def recovery_opener(code: RecoveryCode) -> Opener:
    secret = VaultKey.from_secret(code.secret, salt=b"", purpose="blauweknop recovery 1")
    return Opener("recovery", _tag(code.secret, "recovery"), secret.for_purpose("recovery key"))


def passkey_opener(credential_id: bytes, prf_output: bytes) -> Opener:
    """From what the authenticator computed with our salt (WebAuthn Level 3, 10.1.4).

    Raises:
        MalformedValue: that is not 32 bytes.
    """
    if len(prf_output) != _PRF_BYTES:
        raise MalformedValue("the output of a passkey has 32 bytes")
    secret = VaultKey.from_secret(prf_output, salt=hashlib.sha256(credential_id).digest(), purpose="blauweknop passkey 1")
    return Opener("passkey", credential_tag(credential_id), secret.for_purpose("passkey key"))


def credential_tag(credential_id: bytes) -> bytes:
    """Finds a passkey by the name that the authenticator gave it."""
    return hashlib.sha256(b"blauweknop passkey tag 1" + credential_id).digest()


def wrap_for(opener: Opener, data_key: VaultKey, *, account: bytes, unlock: bytes, random: Random) -> bytes:
    """The data key, as this way to open keeps it."""
    return opener.key.wrap(data_key, place=_place(opener.kind, account, unlock), random=random)


def open_wrapped(opener: Opener, wrapped: bytes, *, account: bytes, unlock: bytes) -> VaultKey:
    """The data key.

    Raises:
        CannotOpen: this way does not open it.
    """
    return opener.key.unwrap(wrapped, place=_place(opener.kind, account, unlock))


def _place(kind: UnlockKind, account: bytes, unlock: bytes) -> str:
    return f"unlock|{kind}|{account.hex()}|{unlock.hex()}"


def _tag(secret: bytes, kind: UnlockKind) -> bytes:
    return HKDFExpand(SHA256(), 32, f"blauweknop {kind} tag 1".encode()).derive(secret)
