"""Whom to trust on this machine: find the trust list and its pinned signer, read them, and remember the newest list seen.

Each of the two is looked for in this order: what the caller gives, the environment (`BLAUWEKNOP_TRUST_LIST`, `BLAUWEKNOP_TRUST_ANCHOR`),
the configuration file. Without any there is nobody to trust, and every verdict is undecided.

The highest sequence number that was accepted is kept per pinned certificate in `$XDG_STATE_HOME/blauweknop/`, so that an older list is
refused even when it is properly signed (threat T-19), wherever it comes from. Certificates that are pinned together share what was seen,
from the moment that they are, so that the last one left remembers it. A list from the network is kept there too, for when the network is
away.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.state_files import one_at_a_time, write_in_one_step
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.trust_list import TrustListRefused, read_trust_list
from blauweknop.standards.x509 import MalformedCertificate, certificates_from_pem

__all__ = ["ANCHOR_VARIABLE", "LIST_VARIABLE", "TrustPlaces", "TrustStoreProblem", "find_trust_places", "load_trust", "state_folder"]

LIST_VARIABLE = "BLAUWEKNOP_TRUST_LIST"
ANCHOR_VARIABLE = "BLAUWEKNOP_TRUST_ANCHOR"

Fetch = Callable[[str], bytes]


class TrustStoreProblem(BlauweKnopError):
    """The trust list or its anchor cannot be used as it was given; that is a fault of usage, no verdict on a document."""


@dataclass(frozen=True, slots=True)
class TrustPlaces:
    """Where the trust list (a path or an https address) and the certificate of its signer (PEM) are; None when nobody said."""

    trust_list: str | None = None
    trust_anchor: Path | None = None

    @property
    def complete(self) -> bool:
        return self.trust_list is not None and self.trust_anchor is not None


def find_trust_places(given: TrustPlaces, *, environment: Mapping[str, str], configured: Callable[[], TrustPlaces]) -> TrustPlaces:
    """The places by the order above; `configured` reads the configuration file, and is only asked when something is still missing.

    Raises:
        TrustStoreProblem: one of the two is known and the other is not.
    """
    anchor = environment.get(ANCHOR_VARIABLE)
    found = _first(given, TrustPlaces(environment.get(LIST_VARIABLE) or None, Path(anchor) if anchor else None))
    if not found.complete:
        found = _first(found, configured())
    if found.trust_list is not None and found.trust_anchor is None:
        raise TrustStoreProblem(
            "there is a trust list and no trust anchor", remedy=f"give its signer with --trust-anchor or {ANCHOR_VARIABLE}"
        )
    if found.trust_list is None and found.trust_anchor is not None:
        raise TrustStoreProblem("there is a trust anchor and no trust list", remedy=f"give the list with --trust-list or {LIST_VARIABLE}")
    return found


def _first(preferred: TrustPlaces, other: TrustPlaces) -> TrustPlaces:
    return TrustPlaces(preferred.trust_list or other.trust_list, preferred.trust_anchor or other.trust_anchor)


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where this user's programs keep what they must remember (XDG Base Directory)."""
    home = environment.get("XDG_STATE_HOME")
    return (Path(home) if home else Path(environment.get("HOME") or Path.home()) / ".local" / "state") / "blauweknop"


def load_trust(places: TrustPlaces, *, now: datetime, state: Path, fetch: Fetch | None) -> Trust:
    """Read the list, check its signer and its sequence number, and remember it.

    `fetch` gets an https address and gives the bytes, or raises BlauweKnopError; None means offline: only files and the kept copy.

    Raises:
        TrustStoreProblem: a file cannot be read, or what was seen cannot be remembered.
    """
    if places.trust_list is None or places.trust_anchor is None:
        return NO_TRUST
    anchors = _read_anchors(places.trust_anchor)
    data = _read_list(places.trust_list, state, fetch)
    copy = _kept_copy(places.trust_list, state) if _is_address(places.trust_list) else None
    try:
        with one_at_a_time(state):
            return _accept(data, anchors, _SequenceMemory(state, anchors), now, copy)
    except OSError as error:
        raise TrustStoreProblem(
            f"{state} cannot be written, so an older trust list would not be noticed next time",
            remedy="make the folder writable, or name another with XDG_STATE_HOME",
        ) from error


def _accept(data: bytes | None, anchors: Sequence[x509.Certificate], memory: "_SequenceMemory", now: datetime, copy: Path | None) -> Trust:
    highest = memory.highest()
    memory.remember(highest)  # a certificate that is new here remembers it too, whatever becomes of this list
    if data is None:
        return Trust(None, "trust_list_unreachable")
    try:
        trust_list = read_trust_list(data, anchors=anchors, at=now, minimum_sequence=highest)
    except TrustListRefused as refused:
        return Trust(None, refused.code)
    memory.remember(trust_list.sequence)
    if copy is not None:
        write_in_one_step(copy, data)
    return Trust(trust_list, list_sha256=hashlib.sha256(data).hexdigest())


def _read_anchors(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        return certificates_from_pem(path.read_bytes())
    except OSError as error:
        raise TrustStoreProblem(f"the trust anchor {path} cannot be read", remedy="check the path and the rights of the file") from error
    except MalformedCertificate as error:
        raise TrustStoreProblem(
            f"the trust anchor {path} is no certificate", remedy="give the certificate of the list's signer as PEM"
        ) from error


def _read_list(place: str, state: Path, fetch: Fetch | None) -> bytes | None:
    if not _is_address(place):
        try:
            return Path(place).read_bytes()
        except OSError as error:
            raise TrustStoreProblem(f"the trust list {place} cannot be read", remedy="check the path and the rights of the file") from error
    if fetch is not None:
        try:
            return fetch(place)
        except BlauweKnopError:
            # The list that was good a while ago is better than none; that it grows old is told by its own date.
            return _read_copy(place, state)
    return _read_copy(place, state)


def _is_address(place: str) -> bool:
    return place.startswith(("https://", "http://"))


def _kept_copy(address: str, state: Path) -> Path:
    return state / f"trust-list-{hashlib.sha256(address.encode()).hexdigest()[:32]}.jws"


def _read_copy(address: str, state: Path) -> bytes | None:
    try:
        return _kept_copy(address, state).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TrustStoreProblem(f"the kept trust list in {state} cannot be read", remedy="check the rights of the folder") from error


class _SequenceMemory:
    """The highest sequence number accepted so far, per pinned certificate; with two of them the higher one counts."""

    def __init__(self, state: Path, anchors: Sequence[x509.Certificate]) -> None:
        fingerprints = [hashlib.sha256(anchor.public_bytes(Encoding.DER)).hexdigest() for anchor in anchors]
        self._files = [state / f"trust-anchor-{fingerprint[:32]}.json" for fingerprint in fingerprints]

    def highest(self) -> int:
        return max(map(_read_sequence, self._files))

    def remember(self, sequence: int) -> None:
        """Raises: OSError."""
        for file in self._files:
            if _read_sequence(file) < sequence:
                write_in_one_step(file, json.dumps({"sequence": sequence}).encode("ascii"))


def _read_sequence(file: Path) -> int:
    try:
        match json.loads(file.read_bytes()):
            case {"sequence": int(sequence)}:
                return sequence
    except FileNotFoundError:
        return 0
    except (OSError, ValueError) as error:
        raise _broken_memory(file) from error
    raise _broken_memory(file)


def _broken_memory(file: Path) -> TrustStoreProblem:
    return TrustStoreProblem(f"{file} does not say which trust list was seen last", remedy="remove this file if you know why it is broken")
