"""What is asked of a passkey, and what it answers (WebAuthn Level 3). The `prf` extension gives the secret that opens the vault.

A question is used once, within ten minutes, by the browser that asked it and for what it was asked. The person must have been recognised by
the device (user verification). Which authenticator it is, is not asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

import msgspec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.standards import base64url

__all__ = [
    "PURPOSES",
    "KnownPasskey",
    "PasskeyAnswer",
    "PasskeyProof",
    "Purpose",
    "Question",
    "creation_options",
    "read_answer",
    "read_known",
    "read_question",
    "use_options",
    "write_known",
    "write_question",
]

Purpose = Literal["new", "open", "add"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

_PRF_SALT = b"blauweknop vault prf 1".ljust(32, b"\x00")  # the same for everybody; each passkey has a secret of its own
_ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256
_MILLISECONDS = 5 * 60 * 1000
_MOST_ANSWER, _MOST_ID = 20_000, 1023


@dataclass(frozen=True, slots=True)
class Question:
    """What we asked: the answer must hold the challenge. `session` is whose it is, empty before anybody is in."""

    purpose: Purpose
    challenge: bytes = field(repr=False)
    session: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """What the browser sent: the name of the passkey, all of its answer, and the secret it computed."""

    credential_id: bytes = field(repr=False)
    answer: str = field(repr=False)
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownPasskey:
    """What checks a passkey: its public key (COSE), and how often it says it was used."""

    public_key: bytes = field(repr=False)
    uses: int


class PasskeyProof(Protocol):
    """Checks answers of passkeys for our address."""

    def made(self, answer: PasskeyAnswer, challenge: bytes) -> KnownPasskey | None:
        """A new passkey; None when the answer does not prove it."""
        ...

    def used(self, answer: PasskeyAnswer, challenge: bytes, known: KnownPasskey) -> KnownPasskey | None:
        """The same passkey with its new number of uses; None when the answer does not prove that it was used now."""
        ...


class _StoredQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    purpose: Purpose
    challenge: bytes
    session: bytes


class _StoredPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: int
    key: bytes
    uses: int


def creation_options(
    challenge: bytes, *, relying_party: str, name: str, user_handle: bytes, known: Sequence[bytes]
) -> Mapping[str, JsonValue]:
    """To make a passkey that needs no name to be found; `known` are those that the account has already."""
    return {
        "challenge": base64url.encode(challenge),
        "rp": {"id": relying_party, "name": name},
        "user": {"id": base64url.encode(user_handle), "name": name, "displayName": name},
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in _ALGORITHMS],
        "excludeCredentials": [{"type": "public-key", "id": base64url.encode(one)} for one in known],
        "authenticatorSelection": {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"},
        "attestation": "none",
        "timeout": _MILLISECONDS,
        "salt": base64url.encode(_PRF_SALT),
    }


def use_options(challenge: bytes, *, relying_party: str) -> Mapping[str, JsonValue]:
    """To use any passkey of ours that the person has."""
    return {
        "challenge": base64url.encode(challenge),
        "rpId": relying_party,
        "userVerification": "required",
        "timeout": _MILLISECONDS,
        "salt": base64url.encode(_PRF_SALT),
    }


def read_answer(form: Mapping[str, str]) -> PasskeyAnswer:
    """The hidden fields that our script filled.

    Raises:
        MalformedValue: not what our script sends.
    """
    answer = form.get("answer", "")
    if not 0 < len(answer) <= _MOST_ANSWER:
        raise MalformedValue("an answer of a passkey is missing or too long")
    try:
        members = msgspec.json.decode(answer, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise MalformedValue("an answer of a passkey is JSON") from error
    name = members.get("id")
    if not isinstance(name, str):
        raise MalformedValue("an answer of a passkey has an id")
    try:
        credential_id, secret = base64url.decode(name), base64url.decode(form.get("secret", ""))
    except base64url.MalformedBase64 as error:
        raise MalformedValue("an id and a secret of a passkey are base64url") from error
    if not 0 < len(credential_id) <= _MOST_ID or len(secret) != 32:
        raise MalformedValue("an id of a passkey has at most 1023 bytes, and its secret 32")
    return PasskeyAnswer(credential_id, answer, secret)


def write_question(question: Question) -> bytes:
    return msgspec.json.encode(_StoredQuestion(question.purpose, question.challenge, question.session))


def read_question(content: bytes) -> Question:
    """What `write_question` was given."""
    stored = msgspec.json.decode(content, type=_StoredQuestion)
    return Question(stored.purpose, stored.challenge, stored.session)


def write_known(known: KnownPasskey) -> bytes:
    return msgspec.json.encode(_StoredPasskey(1, known.public_key, known.uses))


def read_known(content: bytes) -> KnownPasskey:
    """What `write_known` was given."""
    stored = msgspec.json.decode(content, type=_StoredPasskey)
    return KnownPasskey(stored.key, stored.uses)
