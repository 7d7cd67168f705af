"""The packed list in a status list token, whatever it is signed as, and references to it (draft-ietf-oauth-status-list 4 and 6).

`status_list` has the tokens, and gives the names of this module too.
"""

import hashlib
import re
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.x509 import MalformedCertificate, key_usages, read_certificate

__all__ = [
    "INVALID",
    "MAX_TOKEN",
    "SUSPENDED",
    "VALID",
    "ReceivedStatusList",
    "StatusList",
    "StatusListProblem",
    "StatusListProblemCode",
    "StatusReference",
    "compress",
    "decompress",
    "is_on_hosts",
    "named_signer",
    "numeric_times",
    "read_claims",
    "read_reference",
    "shuffled_index",
]

VALID, INVALID, SUSPENDED = 0, 1, 2
"""The values with a meaning of their own (section 7.1 of the draft); INVALID is for good."""

MAX_TOKEN = 6 * 1024 * 1024
"""The largest token, in bytes: 4 MiB that could not be compressed, as base64url."""

StatusListProblemCode = Literal["malformed", "signer", "signature", "subject", "not_yet", "expired", "index", "final"]

_MAX_ENTRIES_BYTES = 4 * 1024 * 1024
_MAX_URI = 2048
_BITS = (1, 2, 4, 8)
_CLOCK_SKEW = timedelta(seconds=60)
_LEVEL = 5  # the highest takes up to fifteen times as long and saves an eighth
_ROUNDS = 10
_ADDRESS = re.compile(r"[!-~]+")
_THIS_MACHINE = ("127.0.0.1", "localhost")
_LATEST = 253402214400  # the year 9999, the last that a datetime can hold


class StatusListProblem(BlauweKnopError):
    """A list that must not be used, or a change that must not be made; `code` says why."""

    def __init__(self, code: StatusListProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: StatusListProblemCode = code


@dataclass(frozen=True, slots=True)
class StatusReference:
    """Where the status of one document or credential stands: its place in the list at this address."""

    index: int
    uri: str


@dataclass(frozen=True, slots=True)
class StatusList:
    """Statuses of `bits` bits each, low bits of a byte first (section 4.1 of the draft)."""

    bits: int
    entries: bytes = field(repr=False)

    @classmethod
    def of_size(cls, count: int, bits: int = 1) -> "StatusList":
        """A list in which everything is valid; `count` is rounded up to whole bytes."""
        if bits not in _BITS or count < 1:
            raise ValueError("expected entries of 1, 2, 4 or 8 bits, and at least one")
        return cls(bits, bytes(-(-count * bits // 8)))

    def __len__(self) -> int:
        return len(self.entries) * 8 // self.bits

    def status(self, index: int) -> int:
        """The status at this place.

        Raises:
            StatusListProblem: `index`; the list has no such place.
        """
        self._require_place(index)
        bit = index * self.bits
        return self.entries[bit >> 3] >> (bit & 7) & (1 << self.bits) - 1

    def with_statuses(self, changes: Mapping[int, int]) -> "StatusList":
        """The list with other statuses at these places.

        Raises:
            StatusListProblem: `index`; `final`, for what was INVALID stays so.
        """
        entries, mask = bytearray(self.entries), (1 << self.bits) - 1
        for index, status in changes.items():
            if not 0 <= status <= mask:
                raise ValueError(f"expected a status that fits in {self.bits} bits")
            if self.status(index) == INVALID != status:
                raise StatusListProblem("final", "expected what was withdrawn to stay withdrawn")
            place, shift = divmod(index * self.bits, 8)
            entries[place] = entries[place] & ~(mask << shift) | status << shift
        return StatusList(self.bits, bytes(entries))

    def _require_place(self, index: int) -> None:
        if not 0 <= index < len(self):
            raise StatusListProblem("index", "expected a place in the status list")


@dataclass(frozen=True, slots=True)
class ReceivedStatusList:
    """A list of which the signature and the form are right; whether it counts now is `require_current`."""

    statuses: StatusList = field(repr=False)
    issued_at: datetime
    starts_at: datetime
    """When it was made, or later when it says so (`nbf`)."""
    expires_at: datetime
    ttl: timedelta | None
    """How long it may be kept before a newer one is asked for."""
    signer_valid: tuple[datetime, datetime]
    signer: bytes = field(repr=False)
    """The certificate (DER): who trusts it no more has to ask for the list anew."""

    def require_current(self, at: datetime) -> None:
        """The times of steps 2 and 3.

        Raises:
            StatusListProblem: `not_yet`, `expired`, `signer`.
        """
        first, last = self.signer_valid
        if not first <= at <= last:
            raise StatusListProblem("signer", "expected a status list by a certificate that is valid now")
        if self.starts_at - at > _CLOCK_SKEW:
            raise StatusListProblem("not_yet", "expected a status list that was made before now, and has begun")
        if at - self.expires_at > _CLOCK_SKEW:
            raise StatusListProblem("expired", "expected a status list that has not ended")


def shuffled_index(counter: int, key: bytes, bits: int = 20) -> int:
    """The place for the `counter`-th document of a list of 2^`bits` places: each counter gets another place, in an order only `key` tells.

    A Feistel network over an even number of bits, so that an issuer keeps a counter and a key and never a list of what is taken.
    """
    if bits % 2 or not 0 <= counter < 1 << bits:
        raise ValueError("expected an even number of bits, and a counter below the size of the list")
    half = bits // 2
    mask = (1 << half) - 1
    left, right = counter >> half, counter & mask
    for number in range(_ROUNDS):
        mixed = hashlib.blake2b(bytes((number,)) + right.to_bytes(4), key=key, digest_size=8).digest()
        left, right = right, left ^ int.from_bytes(mixed) & mask
    return left << half | right


def compress(statuses: StatusList, level: int = _LEVEL) -> bytes:
    """The entries as one zlib stream (RFC 1950)."""
    return zlib.compress(statuses.entries, level)


def decompress(data: bytes, bits: int) -> StatusList:
    """Step 4: the entries of a zlib stream; never unpacks more than 4 MiB.

    Raises:
        StatusListProblem: `malformed`.
    """
    if bits not in _BITS:
        raise StatusListProblem("malformed", "expected bits of 1, 2, 4 or 8 in the status list")
    stream = zlib.decompressobj()
    try:
        entries = stream.decompress(data, _MAX_ENTRIES_BYTES + 1)
    except zlib.error as error:
        raise StatusListProblem("malformed", "expected the entries of the status list as a zlib stream") from error
    if len(entries) > _MAX_ENTRIES_BYTES:
        raise StatusListProblem("malformed", f"expected a status list of at most {_MAX_ENTRIES_BYTES} bytes")
    if not stream.eof or stream.unused_data or not entries:
        raise StatusListProblem("malformed", "expected one whole zlib stream with entries in the status list")
    return StatusList(bits, entries)


def named_signer(certificates: tuple[bytes, ...], signers: Collection[bytes]) -> x509.Certificate:
    """Step 2 without the signature: the certificate of a token, its first, when it is among those of the issuer and meant for signing.

    Raises:
        StatusListProblem: `malformed`, `signer`.
    """
    try:
        certificate = read_certificate(certificates[0])
    except MalformedCertificate as error:
        raise StatusListProblem("malformed", f"status list: {error}") from error
    if certificates[0] not in signers or "digital_signature" not in key_usages(certificate):
        raise StatusListProblem("signer", "expected a status list of its own issuer")
    return certificate


def numeric_times(issued_at: datetime, expires_at: datetime, ttl: timedelta) -> dict[str, int]:
    """The claims of a token about its times."""
    return {"iat": int(issued_at.timestamp()), "exp": int(expires_at.timestamp()), "ttl": int(ttl.total_seconds())}


def read_claims(claims: Mapping[str, object], *, uri: str, certificate: x509.Certificate) -> ReceivedStatusList:
    """Steps 3 and 4, over claims by their names in JSON, with `lst` in bytes.

    Raises:
        StatusListProblem: `subject`, `malformed`.
    """
    if claims.get("sub") != uri:
        raise StatusListProblem("subject", "expected the status list of this address")
    issued_at, expires_at = _moment(claims, "iat"), _moment(claims, "exp")
    starts_at = max(issued_at, _moment(claims, "nbf")) if "nbf" in claims else issued_at
    match claims.get("status_list"):
        case {"bits": int(bits), "lst": bytes(packed)} if not isinstance(bits, bool):
            valid = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            signer = certificate.public_bytes(Encoding.DER)
            statuses = decompress(packed, bits)
            return ReceivedStatusList(statuses, issued_at, starts_at, expires_at, _ttl(claims), valid, signer)
    raise StatusListProblem("malformed", "expected bits and lst in the status list")


def read_reference(value: object) -> StatusReference:
    """The member `status` of a document or credential, of JSON or of CBOR (section 6 of the draft); we know no other mechanism.

    Raises:
        StatusListProblem: `malformed`.
    """
    match value:
        case {"status_list": {"idx": int(index), "uri": str(uri)}} if (
            not isinstance(index, bool) and index >= 0 and 0 < len(uri) <= _MAX_URI
        ):
            return StatusReference(index, uri)
    raise StatusListProblem("malformed", "expected a status with idx and uri of a status list")


def is_on_hosts(uri: str, hosts: Collection[str], *, exercise: bool = False) -> bool:
    """Whether this is an https address on one of these hosts; only an exercise may be on this machine, and then without TLS.

    `hosts` are in lower case, with a port where it is not the usual one. What `urlsplit` would pass over (spaces, tabs, line ends) and
    others would not is in no address (RFC 3986 section 2).
    """
    if not _ADDRESS.fullmatch(uri):
        return False
    try:
        parts = urlsplit(uri)
        name = parts.hostname
    except ValueError:
        return False
    secure = parts.scheme == "https" or (exercise and parts.scheme == "http" and name in _THIS_MACHINE)
    return secure and parts.netloc.lower() in hosts and not parts.fragment


def _moment(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LATEST:
        raise StatusListProblem("malformed", f"expected {name} of the status list in seconds since 1970")
    return datetime.fromtimestamp(value, UTC)


def _ttl(claims: Mapping[str, object]) -> timedelta | None:
    if "ttl" not in claims:
        return None
    value = claims["ttl"]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LATEST:
        raise StatusListProblem("malformed", "expected ttl of the status list as a positive number of seconds")
    return timedelta(seconds=value)
