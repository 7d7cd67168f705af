"""The European trusted lists that a receiver gave, as files: read them, and remember the newest of each, so that an older one is noticed.

A list is signed by a pinned certificate, or by one that a list of lists among them names for its territory (TS 119 612 clause 5.3.13).
Nothing is fetched. lxml and signxml, of the extra `[seals]`, are loaded only when there is a list to read.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from blauweknop.adapters.state_files import one_at_a_time, write_in_one_step
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.eu_trusted_list import EuTrustedList
from blauweknop.standards.x509 import MalformedCertificate, certificates_from_pem, read_certificate

if TYPE_CHECKING:
    pass

__all__ = ["NO_EU_LISTS", "EuListPlaces", "EuListProblem", "load_eu_lists"]


class EuListProblem(BlauweKnopError):
    """A European list cannot be used as it was given; that is a fault of usage, no verdict on a document."""


@dataclass(frozen=True, slots=True)
class EuListPlaces:
    """The files (XML), and the certificates (PEM) of who signs them or the list of lists among them."""

    lists: tuple[Path, ...] = ()
    signers: Path | None = None


NO_EU_LISTS = EuListPlaces()


def load_eu_lists(places: EuListPlaces, *, now: datetime, state: Path) -> tuple[EuTrustedList, ...]:
    """The lists, each signed by somebody who is pinned, none older than what was read before.

    Raises: EuListProblem.
    """
    if not places.lists and places.signers is None:
        return ()
    if not places.lists or places.signers is None:
        raise EuListProblem(
            "a European trusted list and the certificate of its signer belong together",
            remedy="give both --eu-trusted-list and --eu-trusted-list-signer",
        )
    try:
        import blauweknop.standards.eu_trusted_list_reading  # noqa: F401 # who has no such lists needs no XML
    except ModuleNotFoundError as error:
        raise EuListProblem("European trusted lists need lxml and signxml", remedy="pip install 'blauweknop[seals]'") from error
    pinned = _read_signers(places.signers)
    found = _read_all({path: _read(path) for path in places.lists}, pinned, now)
    try:
        with one_at_a_time(state):
            for one in found:
                _remember(one, state)
    except OSError as error:
        raise EuListProblem(
            f"{state} cannot be written, so an older list would not be noticed next time",
            remedy="make the folder writable, or name another with XDG_STATE_HOME",
        ) from error
    return found


def _read_signers(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        return certificates_from_pem(path.read_bytes())
    except OSError as error:
        raise EuListProblem(f"{path} cannot be read", remedy="check the path and the rights of the file") from error
    except MalformedCertificate as error:
        raise EuListProblem(f"{path} holds no certificate", remedy="give the certificates of the signers as PEM") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EuListProblem(f"{path} cannot be read", remedy="check the path and the rights of the file") from error


def _read_all(files: dict[Path, bytes], pinned: Sequence[x509.Certificate], now: datetime) -> tuple[EuTrustedList, ...]:
    """First those of pinned signers; a list of lists among them then vouches for the others, each for its own territory."""
    from blauweknop.standards.eu_trusted_list_reading import EuListRefused, read_eu_trusted_list

    found: dict[Path, EuTrustedList] = {}
    refused: dict[Path, EuListRefused] = {}
    for path, data in files.items():
        try:
            found[path] = read_eu_trusted_list(data, pinned=pinned, at=now)
        except EuListRefused as error:
            refused[path] = error
    pointers = [pointer for one in found.values() if one.usable_at(now) for pointer in one.pointers]
    for path, first in refused.items():
        for territory in {pointer.territory for pointer in pointers}:
            signers = [read_certificate(signer) for pointer in pointers if pointer.territory == territory for signer in pointer.signers]
            try:
                one = read_eu_trusted_list(files[path], pinned=signers, at=now)
            except EuListRefused:
                continue
            if one.territory == territory and not one.pointers:
                found[path] = one
        if path not in found:
            raise EuListProblem(
                f"{path}: {first} ({first.code})", remedy="get the list anew, and check whose certificate is pinned"
            ) from first
    return tuple(found[path] for path in files)


def _remember(one: EuTrustedList, state: Path) -> None:
    """Raises: EuListProblem for an older list than the last; OSError."""
    file = state / f"eu-list-{one.territory}-{'lists' if one.pointers else 'services'}.json"
    highest = _highest(file)
    if one.sequence < highest:
        raise EuListProblem(f"the list of {one.territory} is older than one that was read before", remedy="get the list anew")
    if one.sequence > highest:
        write_in_one_step(file, json.dumps({"sequence": one.sequence}).encode("ascii"))


def _highest(file: Path) -> int:
    try:
        match json.loads(file.read_bytes()):
            case {"sequence": int(sequence)}:
                return sequence
    except FileNotFoundError:
        return 0
    except (OSError, ValueError) as error:
        raise _broken(file) from error
    raise _broken(file)


def _broken(file: Path) -> EuListProblem:
    return EuListProblem(f"{file} does not say which list was read last", remedy="remove this file if you know why it is broken")
