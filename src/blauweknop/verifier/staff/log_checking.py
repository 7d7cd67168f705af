"""Whether the log of the staff is whole: as it was written, from its first line to its last (T-22).

1. Each checkpoint is signed by the certificate in its header (signature). That is the present one of the receiver, or an earlier one of the
   same organisation (signer). It is about this receiver, and this number (checkpoint).
2. The lines follow each other by number (gap).
3. Each line says the hash of the line before it (order), and fits its own (line). None says that the end of the log was lost (resumed).
4. A checkpoint of a line has its hash (checkpoint).
5. The last line is the one that the closed head names, and no checkpoint is of a later one (tail).
6. The first line is number 1, or the one after those that the log itself says were old enough to go (start).

A log that was put back whole to an earlier state, with its head and checkpoints, is only found beside a checkpoint that was kept elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography.x509.oid import NameOID

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import jose
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.signing import Signer
from blauweknop.standards.x509 import name_value, read_certificate
from blauweknop.verifier.staff.logbook import NO_HASH, Checkpoint, Deed, Head, Line, Logbook, line_hash

__all__ = ["Break", "BreakCode", "first_break", "first_break_now", "sign_checkpoint"]

BreakCode = Literal["signature", "signer", "gap", "order", "line", "resumed", "checkpoint", "tail", "start"]
_MOST_CHECKPOINT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the log is not as it was written: the number of the line that does not fit, or that is not there."""

    number: int
    code: BreakCode


class _Broken(BlauweKnopError):
    def __init__(self, number: int, code: BreakCode) -> None:
        super().__init__(f"line {number}: {code}")
        self.found = Break(number, code)


def sign_checkpoint(receiver: str, head: Head, signer: Signer, *, now: datetime) -> str:
    """What the receiver says its log is, up to a line.

    Raises:
        UnsuitableKey: no P-256 key.
    """
    claims: dict[str, JsonValue] = {"receiver": receiver, "number": head.number, "hash": head.hash, "iat": int(now.timestamp())}
    return jose.sign_jws(claims, signer, jose.STAFF_LOG)


def first_break(
    lines: Iterable[Line], *, receiver: str, head: Head | None, checkpoints: Sequence[Checkpoint], certificate: bytes
) -> Break | None:
    """None when the log is whole. `certificate` is the present one of the receiver (DER)."""
    try:
        _check(lines, receiver, head, _hashes(checkpoints, receiver, certificate))
    except _Broken as broken:
        return broken.found
    return None


def first_break_now(log: Logbook, *, receiver: str, certificate: bytes) -> Break | None:
    """The same of a log that is in use: what is written meanwhile does no harm.

    Raises:
        StorageError: it cannot be read.
    """
    checkpoints = log.checkpoints()
    head = log.head()
    lines = (line for line in log.lines() if head is None or line.number <= head.number)
    found = first_break(lines, receiver=receiver, head=head, checkpoints=checkpoints, certificate=certificate)
    if found is not None:
        return found
    newest = log.newest(most=1)
    now = log.head()  # read last: it never lags behind
    last = now.number if now is not None else 0
    return Break(last + 1, "tail") if newest and newest[0].number > last else None


def _check(lines: Iterable[Line], receiver: str, head: Head | None, signed: Mapping[int, str]) -> None:
    first: Line | None = None
    before: Line | None = None
    gone = 0
    for line in lines:
        if before is not None and line.number != before.number + 1:
            raise _Broken(before.number + 1, "gap")  # 2
        expected = before.hash if before is not None else NO_HASH
        if line.previous != expected and (before is not None or line.number == 1):
            raise _Broken(line.number, "order")  # 3
        if line.hash != line_hash(receiver, line):
            raise _Broken(line.number, "line")
        if line.deed == Deed.LOG_RESUMED:
            raise _Broken(line.number, "resumed")
        if signed.get(line.number, line.hash) != line.hash:
            raise _Broken(line.number, "checkpoint")  # 4
        if line.deed == Deed.LOG_SHORTENED and line.detail.isdecimal():
            gone = int(line.detail)
        first, before = first or line, line
    # 5
    last = before.number if before is not None else 0
    later = [number for number in signed if number > last]
    if later or (head is None) != (before is None):
        raise _Broken(last + 1, "tail")
    if head is not None and before is not None and (head.number, head.hash) != (before.number, before.hash):
        raise _Broken(min(head.number, last) + 1, "tail")
    # 6
    if first is not None and first.number != gone + 1:
        raise _Broken(gone + 1, "start")


def _hashes(checkpoints: Sequence[Checkpoint], receiver: str, certificate: bytes) -> dict[int, str]:
    """Step 1: what each checkpoint says, by number."""
    organisation = _organisation(certificate)
    found = {}
    for checkpoint in checkpoints:
        try:
            message = jose.parse_jws(checkpoint.signed, jose.STAFF_LOG, max_bytes=_MOST_CHECKPOINT)
            leaf = message.certificates[0]
            claims = jose.verify_jws(message, read_certificate(leaf).public_key()).claims()
            named = _organisation(leaf)
        except (BlauweKnopError, JwsProblem) as error:
            raise _Broken(checkpoint.number, "signature") from error
        if leaf != certificate and (named is None or named != organisation):
            raise _Broken(checkpoint.number, "signer")
        said = claims.get("hash")
        if claims.get("receiver") != receiver or claims.get("number") != checkpoint.number or not isinstance(said, str):
            raise _Broken(checkpoint.number, "checkpoint")
        found[checkpoint.number] = said
    return found


def _organisation(certificate: bytes) -> str | None:
    return name_value(read_certificate(certificate).subject, NameOID.ORGANIZATION_IDENTIFIER)
