"""What this machine saw of the scheme: the newest trust list and bundle per pinned certificate, and copies for when the network is away.

It is kept in `$XDG_STATE_HOME/blauweknop/`, so that an older list or bundle is refused even when it is properly signed (threat T-19),
wherever it comes from. Certificates that are pinned together share what was seen, from the moment that they are, so that the last one left
remembers it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.state_files import write_in_one_step
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["TrustMemory", "TrustStoreProblem", "is_address", "kept_copy", "read_copy", "state_folder"]

_SEQUENCE, _BUNDLE = "sequence", "bundle"


class TrustStoreProblem(BlauweKnopError):
    """The trust list or its anchor cannot be used as it was given; that is a fault of usage, no verdict on a document."""


class TrustMemory:
    """The highest sequence number and the newest bundle accepted so far, per pinned certificate; with two of them the higher one counts."""

    def __init__(self, state: Path, anchors: Sequence[x509.Certificate]) -> None:
        fingerprints = [hashlib.sha256(anchor.public_bytes(Encoding.DER)).hexdigest() for anchor in anchors]
        self._files = [state / f"trust-anchor-{fingerprint[:32]}.json" for fingerprint in fingerprints]

    def sequence(self) -> int:
        """0 when no list was seen."""
        return max(_read(file)[_SEQUENCE] for file in self._files)

    def bundle(self) -> datetime:
        """When the newest bundle was made; 1970 when none was seen."""
        return datetime.fromtimestamp(max(_read(file)[_BUNDLE] for file in self._files), UTC)

    def remember(self, sequence: int, bundle: datetime) -> None:
        """Each when it is higher than what was seen before. Raises: OSError."""
        seen = {_SEQUENCE: sequence, _BUNDLE: int(bundle.timestamp())}
        for file in self._files:
            known = _read(file)
            newest = {name: max(known[name], seen[name]) for name in known}
            if newest != known:
                write_in_one_step(file, json.dumps(newest).encode("ascii"))


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where this user's programs keep what they must remember (XDG Base Directory)."""
    home = environment.get("XDG_STATE_HOME")
    return (Path(home) if home else Path(environment.get("HOME") or Path.home()) / ".local" / "state") / "blauweknop"


def is_address(place: str) -> bool:
    """Not a path."""
    return place.startswith(("https://", "http://"))


def kept_copy(address: str, state: Path, kind: str) -> Path:
    """Where the last good answer of an address is kept."""
    return state / f"{kind}-{hashlib.sha256(address.encode()).hexdigest()[:32]}.jws"


def read_copy(address: str, state: Path, kind: str) -> bytes | None:
    """The last good answer of an address.

    Raises:
        TrustStoreProblem: it is there and cannot be read.
    """
    try:
        return kept_copy(address, state, kind).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TrustStoreProblem(f"the kept copy in {state} cannot be read", remedy="check the rights of the folder") from error


def _read(file: Path) -> dict[str, int]:
    try:
        match json.loads(file.read_bytes()):
            case {"sequence": int(sequence), "bundle": int(bundle)}:
                return {_SEQUENCE: sequence, _BUNDLE: bundle}
            case {"sequence": int(sequence), **others} if _BUNDLE not in others:  # of before there were bundles
                return {_SEQUENCE: sequence, _BUNDLE: 0}
    except FileNotFoundError:
        return {_SEQUENCE: 0, _BUNDLE: 0}
    except (OSError, ValueError) as error:
        raise _broken(file) from error
    raise _broken(file)


def _broken(file: Path) -> TrustStoreProblem:
    return TrustStoreProblem(f"{file} does not say which trust list was seen last", remedy="remove this file if you know why it is broken")
