"""Keys in hardware behind the same `sign(digest)` as keys in files (PKCS #11 v2.40).

Login counts for a whole process, so each process holds one session that logged in, and for each key a bounded number of others
that sign at the same time. What it must survive:

1. a token that was reset: its sessions are lost; one is opened anew, once, and the signature asked again;
2. a fork: the child starts the module anew and shares nothing with its parent;
3. a wrong PIN: it is tried once in the life of a process, and not at all when only one try is left, because tokens lock themselves.
"""

import hashlib
import os
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Lock

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11.constants import Attribute, ObjectClass, TokenFlag
from pkcs11.exceptions import (
    MultipleObjectsReturned,
    NoSuchKey,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    UserNotLoggedIn,
    UserPinNotInitialized,
)
from pkcs11.mechanisms import Mechanism
from pkcs11.types import Session, SignMixin, Token

from blauweknop.adapters.keys import KeyProblem
from blauweknop.adapters.pkcs11_modules import start_module, tokens_of
from blauweknop.adapters.pkcs11_uri import HardwareKey, KeyAddress
from blauweknop.standards.signing import UnsuitableKey

__all__ = ["HardwareSigner", "open_hardware_signer"]

_PIN_REFUSED = (PinIncorrect, PinInvalid, PinLenRange, PinLocked, PinExpired, UserPinNotInitialized)
_LONGEST_WAIT = 20.0  # seconds for a free session
_SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017 section 9.2, note 1


@dataclass(frozen=True, slots=True)
class HardwareSigner:
    """A signer whose private key never leaves its token; see `blauweknop.standards.signing.Signer`."""

    certificate: bytes
    chain: tuple[bytes, ...]
    key: HardwareKey
    elliptic: bool

    def sign(self, digest: bytes) -> bytes:
        """Sign a SHA-256 digest of 32 bytes: ECDSA as DER, RSA as PKCS #1 v1.5.

        Raises:
            KeyProblem: the token does not answer, or not in time.
        """
        pool = _PROCESS.pool(self.key)
        if not self.elliptic:
            return pool.sign(_SHA256_DIGEST_INFO + digest, Mechanism.RSA_PKCS)
        raw = pool.sign(digest, Mechanism.ECDSA)
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))


def open_hardware_signer(key: HardwareKey, certificate: x509.Certificate, chain: tuple[bytes, ...]) -> HardwareSigner:
    """The signer of a key on a token, after a signature that its certificate recognised.

    Raises:
        KeyProblem: module, token, PIN or key are not there or not right, or the certificate is of another key.
        UnsuitableKey: another kind of key than the scheme allows.
    """
    public = certificate.public_key()
    digest = hashlib.sha256(b"is this a pair").digest()
    prehashed = Prehashed(hashes.SHA256())
    signer = HardwareSigner(certificate.public_bytes(Encoding.DER), chain, key, isinstance(public, ec.EllipticCurvePublicKey))
    try:
        match public:
            case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()):
                public.verify(signer.sign(digest), digest, ec.ECDSA(prehashed))
            case rsa.RSAPublicKey(key_size=size) if size >= 3072:
                public.verify(signer.sign(digest), digest, padding.PKCS1v15(), prehashed)
            case _:
                raise UnsuitableKey("expected a P-256 key or an RSA key of at least 3072 bits")
    except InvalidSignature as error:
        raise KeyProblem(
            f"the certificate does not belong to the key {key.name} in the token",
            remedy="give the certificate that was issued for this key",
        ) from error
    return signer


@dataclass(frozen=True, slots=True)
class _OpenKey:
    """A private key as one session sees it."""

    session: Session
    key: SignMixin

    def sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        return bytes(self.key.sign(data, mechanism=mechanism))


class _Login:
    """The login of this process on one token, kept by a session that does nothing else."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: Session | None = None
        self._token: Token | None = None
        self._refused = False

    def open_key(self, key: HardwareKey, *, lost: bool) -> _OpenKey:
        """The private key in a session of its own. With `lost`, the login itself is in doubt.

        Raises:
            KeyProblem: see `open_hardware_signer`.
        """
        with self._lock:
            if self._token is not None and not lost:
                with suppress(PKCS11Error):  # the token was reset since: log in again
                    return _find(self._token, key)
            token = self._logged_in(key)
            try:
                return _find(token, key)
            except NoSuchKey as error:
                raise KeyProblem(
                    f"the token has no private key {key.name}", remedy="check object and id in the address of the key"
                ) from error
            except MultipleObjectsReturned as error:
                raise KeyProblem(
                    f"the token has more than one private key {key.name}", remedy="add id=... to the address of the key"
                ) from error
            except PKCS11Error as error:
                raise _silent(key) from error

    def _logged_in(self, key: HardwareKey) -> Token:
        if self._refused:
            raise KeyProblem(
                f"the token of {key.name} refused the PIN before, and is not asked again",
                remedy="correct the PIN and start anew; too many wrong ones lock the token",
            )
        try:
            token = _token_of(key)
            if token.flags & TokenFlag.USER_PIN_LOCKED:
                raise KeyProblem(f"the PIN of the token of {key.name} is locked", remedy="unlock it with the tool of the token")
            if token.flags & TokenFlag.USER_PIN_FINAL_TRY:
                raise KeyProblem(
                    f"the token of {key.name} allows one more try of its PIN, which is left to you",
                    remedy="log in once with the tool of the token",
                )
            self._held = token.open(user_pin=_pin(key))
        except _PIN_REFUSED as error:
            self._refused = True
            raise KeyProblem(
                f"the token of {key.name} refuses the PIN",
                remedy="correct pin_file or pin_variable; it is not tried again before a restart",
            ) from error
        except PKCS11Error as error:
            if type(error).__name__ != "UserAlreadyLoggedIn":
                raise _silent(key) from error
            token = _token_of(key)
        self._token = token
        return token


class _Pool:
    """The sessions of this process for one key."""

    def __init__(self, key: HardwareKey, login: _Login) -> None:
        self._key = key
        self._login = login
        self._free: deque[_OpenKey] = deque()
        self._places = BoundedSemaphore(key.sessions)

    def sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        if not self._places.acquire(timeout=_LONGEST_WAIT):
            raise KeyProblem(f"the token of {self._key.name} is too busy", remedy="raise sessions, or spread the work over more tokens")
        try:
            try:
                private = self._free.pop()
            except IndexError:
                private = self._login.open_key(self._key, lost=False)
            try:
                signature = private.sign(data, mechanism)
            except PKCS11Error as error:  # 1
                private, signature = self._signed_anew(error, data, mechanism)
            self._free.append(private)
            return signature
        finally:
            self._places.release()

    def _signed_anew(self, lost: PKCS11Error, data: bytes, mechanism: Mechanism) -> tuple[_OpenKey, bytes]:
        while self._free:  # what took one session took the others
            with suppress(IndexError, PKCS11Error):
                self._free.pop().session.close()
        private = self._login.open_key(self._key, lost=isinstance(lost, UserNotLoggedIn))
        try:
            return private, private.sign(data, mechanism)
        except PKCS11Error as error:
            with suppress(PKCS11Error):
                private.session.close()
            raise KeyProblem(
                f"the token does not sign with the key {self._key.name}",
                remedy="check that the key may sign (CKA_SIGN) and is of the kind that its certificate says",
            ) from error


@dataclass(slots=True)
class _Process:
    """What this process has open; nothing of it outlives a fork (2)."""

    lock: Lock = field(default_factory=Lock)
    started: set[Path] = field(default_factory=set)
    logins: dict[tuple[Path, KeyAddress], _Login] = field(default_factory=dict)
    pools: dict[HardwareKey, _Pool] = field(default_factory=dict)

    def pool(self, key: HardwareKey) -> _Pool:
        known = self.pools.get(key)
        if known is not None:
            return known
        with self.lock:
            if key.module not in self.started:
                start_module(key.module)
                self.started.add(key.module)
            place = KeyAddress(key.address.token, key.address.serial, key.address.manufacturer, key.address.model)
            login = self.logins.setdefault((key.module, place), _Login())
            return self.pools.setdefault(key, _Pool(key, login))

    def forget(self) -> None:
        self.lock, self.started, self.logins, self.pools = Lock(), set(), {}, {}


_PROCESS = _Process()
os.register_at_fork(after_in_child=_PROCESS.forget)


def _token_of(key: HardwareKey) -> Token:
    address = key.address
    found = tokens_of(key.module, token=address.token, serial=address.serial, manufacturer=address.manufacturer, model=address.model)
    if not found:
        raise KeyProblem(
            f"there is no token for {key.name}", remedy="check that it is connected, and token and serial in the address of the key"
        )
    if len(found) > 1:
        raise KeyProblem(f"there is more than one token for {key.name}", remedy="add serial=... to the address of the key")
    return found[0]


def _find(token: Token, key: HardwareKey) -> _OpenKey:
    wanted: dict[Attribute, object] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
    if key.address.object:
        wanted[Attribute.LABEL] = key.address.object
    if key.address.id:
        wanted[Attribute.ID] = key.address.id
    session = token.open()
    try:
        found = list(session.get_objects(wanted))
        if not found:
            raise NoSuchKey
        if len(found) > 1:
            raise MultipleObjectsReturned
        private = found[0]
        if not isinstance(private, SignMixin):
            raise KeyProblem(f"the key {key.name} may not sign", remedy="make or choose a key with CKA_SIGN on the token")
        return _OpenKey(session, private)
    except (PKCS11Error, KeyProblem):
        with suppress(PKCS11Error):
            session.close()
        raise


def _pin(key: HardwareKey) -> str:
    if key.pin_file is None:
        pin = os.environ.get(key.pin_variable, "")
        place = f"the environment variable {key.pin_variable}"
    else:
        place = f"the PIN file {key.pin_file.name}"
        try:
            pin = key.pin_file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise KeyProblem(f"{place} cannot be read", remedy="check the path and the rights of the file") from error
    if not pin:
        raise KeyProblem(f"{place} holds no PIN", remedy="put the PIN of the token there, and nothing else")
    return pin


def _silent(key: HardwareKey) -> KeyProblem:
    return KeyProblem(f"the token of {key.name} does not answer", remedy="check that the token is connected and its driver works")
