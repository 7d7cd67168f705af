"""Whom to trust on this machine: find the trust list and its pinned signer, read them, and remember the newest list seen.

Each of them is looked for in this order: what the caller gives, the environment (`BLAUWEKNOP_TRUST_LIST`, `BLAUWEKNOP_TRUST_ANCHOR`,
`BLAUWEKNOP_BUNDLE`), the configuration file. Without any there is nobody to trust, and every verdict is undecided.

An offline bundle holds a trust list of its own; the newer of the two counts. When the list is a file, a `bundle.json` beside it is used
too. `trust_memory` keeps what was seen, so that nothing older is taken later.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from cryptography import x509

from blauweknop.adapters.state_files import one_at_a_time, write_in_one_step
from blauweknop.adapters.trust_memory import TrustMemory, TrustStoreProblem, is_address, kept_copy, read_copy, state_folder
from blauweknop.checking.trust import NO_TRUST, Trust, TrustProblem
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.offline_bundle import BundleProblemCode, BundleRefused, OfflineBundle, read_offline_bundle
from blauweknop.standards.trust_list import TrustListRefused, read_trust_list
from blauweknop.standards.x509 import MalformedCertificate, certificates_from_pem

__all__ = [
    "ANCHOR_VARIABLE",
    "BUNDLE_NAME",
    "BUNDLE_VARIABLE",
    "LIST_VARIABLE",
    "BundleProblem",
    "LoadedTrust",
    "TrustPlaces",
    "TrustStoreProblem",
    "find_trust_places",
    "load_trust",
    "load_trust_and_bundle",
    "state_folder",
]

LIST_VARIABLE = "BLAUWEKNOP_TRUST_LIST"
ANCHOR_VARIABLE = "BLAUWEKNOP_TRUST_ANCHOR"
BUNDLE_VARIABLE = "BLAUWEKNOP_BUNDLE"
BUNDLE_NAME = "bundle.json"

BundleProblem = BundleProblemCode | Literal["bundle_unreachable"]

_MOST_FILE = 48 * 1024 * 1024 + 1  # bytes: one more than a bundle may have, so that it is seen to be too large
_LIST_COPY, _BUNDLE_COPY = "trust-list", "bundle"
_LIST_PROBLEMS: Mapping[BundleProblem, TrustProblem] = {
    "bundle_unreachable": "trust_list_unreachable",
    "bundle_malformed": "trust_list_malformed",
    "bundle_signer_unknown": "trust_list_signer_unknown",
    "bundle_signature": "trust_list_signature",
    "bundle_rollback": "trust_list_rollback",
}

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class TrustPlaces:
    """Where the trust list and the bundle (each a path or an https address) and the certificate of their signer (PEM) are.

    None when nobody said.
    """

    trust_list: str | None = None
    trust_anchor: Path | None = None
    bundle: str | None = None

    @property
    def complete(self) -> bool:
        return self.trust_anchor is not None and (self.trust_list is not None or self.bundle is not None)


def find_trust_places(given: TrustPlaces, *, environment: Mapping[str, str], configured: Callable[[], TrustPlaces]) -> TrustPlaces:
    """The places by the order above; `configured` reads the configuration file, and is only asked when something is still missing.

    Raises:
        TrustStoreProblem: there is something to read and no anchor for it, or an anchor and nothing to read.
    """
    anchor = environment.get(ANCHOR_VARIABLE)
    in_environment = TrustPlaces(
        environment.get(LIST_VARIABLE) or None, Path(anchor) if anchor else None, environment.get(BUNDLE_VARIABLE) or None
    )
    found = _first(given, in_environment)
    if not found.complete:
        found = _first(found, configured())
    if found.trust_anchor is None and (found.trust_list is not None or found.bundle is not None):
        raise TrustStoreProblem(
            "there is a trust list and no trust anchor", remedy=f"give its signer with --trust-anchor or {ANCHOR_VARIABLE}"
        )
    if found.trust_list is None and found.bundle is None and found.trust_anchor is not None:
        raise TrustStoreProblem("there is a trust anchor and no trust list", remedy=f"give the list with --trust-list or {LIST_VARIABLE}")
    return found


def _first(preferred: TrustPlaces, other: TrustPlaces) -> TrustPlaces:
    return TrustPlaces(
        preferred.trust_list or other.trust_list,
        preferred.trust_anchor or other.trust_anchor,
        preferred.bundle or other.bundle,
    )


@dataclass(frozen=True, slots=True)
class LoadedTrust:
    """The trust, with the status lists of a bundle that was used; `bundle_problem` says why one that was there was not used."""

    trust: Trust
    bundle_problem: BundleProblem | None = None


def load_trust(places: TrustPlaces, *, now: datetime, state: Path, fetch: Fetch | None) -> Trust:
    """The trust of `load_trust_and_bundle`, for who does not tell about bundles."""
    return load_trust_and_bundle(places, now=now, state=state, fetch=fetch).trust


def load_trust_and_bundle(places: TrustPlaces, *, now: datetime, state: Path, fetch: Fetch | None) -> LoadedTrust:
    """Read the list and the bundle, check signer and age of each, take the newer list of the two, and remember what was seen.

    `fetch` gets an https address and gives the bytes, or raises BlauweKnopError; None means offline: only files and the kept copy.

    Raises:
        TrustStoreProblem: a file cannot be read, or what was seen cannot be remembered.
    """
    if places.trust_anchor is None or (places.trust_list is None and places.bundle is None):
        return LoadedTrust(NO_TRUST)
    anchors = _read_anchors(places.trust_anchor)
    listed = _read_from(places.trust_list, state, fetch, _LIST_COPY)
    bundle = _read_from(places.bundle or _beside(places.trust_list), state, fetch, _BUNDLE_COPY)
    try:
        with one_at_a_time(state):
            return _accept(listed, bundle, _Judge(anchors, TrustMemory(state, anchors), now))
    except OSError as error:
        raise TrustStoreProblem(
            f"{state} cannot be written, so an older trust list would not be noticed next time",
            remedy="make the folder writable, or name another with XDG_STATE_HOME",
        ) from error


@dataclass(frozen=True, slots=True)
class _Read:
    """What is at a place, None when it cannot be had now; `copy` is where an answer of the network is kept when it is good."""

    data: bytes | None = field(repr=False)
    copy: Path | None


def _accept(listed: _Read | None, bundled: _Read | None, judge: "_Judge") -> LoadedTrust:
    at_hand = None if listed is None else judge.trust_list(listed)
    if bundled is None:
        return LoadedTrust(judge.remembered(at_hand or NO_TRUST))
    bundle = judge.bundle(bundled)
    if not isinstance(bundle, OfflineBundle):
        return LoadedTrust(judge.remembered(at_hand or Trust(None, _LIST_PROBLEMS[bundle])), bundle)
    trust = _newer(at_hand, judge.trust_list(_Read(bundle.trust_list, None)))
    return LoadedTrust(replace(judge.remembered(trust), status_lists=bundle.status_lists))


class _Judge:
    """List and bundle by the same anchors, at one moment, after what was seen before. Raises OSError when that cannot be remembered."""

    def __init__(self, anchors: Sequence[x509.Certificate], memory: TrustMemory, now: datetime) -> None:
        self._anchors, self._memory, self._now = anchors, memory, now
        self._highest, self._newest = memory.sequence(), memory.bundle()
        memory.remember(self._highest, self._newest)  # a certificate that is new here remembers it too, whatever becomes of this list

    def trust_list(self, read: _Read) -> Trust:
        if read.data is None:
            return Trust(None, "trust_list_unreachable")
        try:
            trust_list = read_trust_list(read.data, anchors=self._anchors, at=self._now, minimum_sequence=self._highest)
        except TrustListRefused as refused:
            return Trust(None, refused.code)
        if read.copy is not None:
            write_in_one_step(read.copy, read.data)
        return Trust(trust_list, list_sha256=hashlib.sha256(read.data).hexdigest())

    def bundle(self, read: _Read) -> OfflineBundle | BundleProblem:
        if read.data is None:
            return "bundle_unreachable"
        try:
            bundle = read_offline_bundle(read.data, anchors=self._anchors, at=self._now, not_before=self._newest)
        except BundleRefused as refused:
            return refused.code
        self._memory.remember(self._highest, bundle.issued_at)
        if read.copy is not None:
            write_in_one_step(read.copy, read.data)
        return bundle

    def remembered(self, trust: Trust) -> Trust:
        if trust.trust_list is not None:
            self._memory.remember(trust.trust_list.sequence, self._newest)
        return trust


def _newer(listed: Trust | None, bundled: Trust) -> Trust:
    """By sequence number; the problem of the list at hand when neither can be used."""
    if listed is None or (listed.trust_list is None and bundled.trust_list is not None):
        return bundled
    if listed.trust_list is None or bundled.trust_list is None:
        return listed
    return bundled if bundled.trust_list.sequence > listed.trust_list.sequence else listed


def _beside(trust_list: str | None) -> str | None:
    """The bundle in the folder of a trust list that is a file: whoever may say which list is read may say this too, the anchor decides."""
    if trust_list is None or is_address(trust_list):
        return None
    found = Path(trust_list).with_name(BUNDLE_NAME)
    return str(found) if found.is_file() else None


def _read_anchors(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        return certificates_from_pem(path.read_bytes())
    except OSError as error:
        raise TrustStoreProblem(f"the trust anchor {path} cannot be read", remedy="check the path and the rights of the file") from error
    except MalformedCertificate as error:
        raise TrustStoreProblem(
            f"the trust anchor {path} is no certificate", remedy="give the certificate of the list's signer as PEM"
        ) from error


def _read_from(place: str | None, state: Path, fetch: Fetch | None, kind: str) -> _Read | None:
    if place is None:
        return None
    if not is_address(place):
        try:
            with Path(place).open("rb") as file:
                return _Read(file.read(_MOST_FILE), None)
        except OSError as error:
            raise TrustStoreProblem(f"{place} cannot be read", remedy="check the path and the rights of the file") from error
    copy = kept_copy(place, state, kind)
    if fetch is not None:
        with suppress(BlauweKnopError):
            return _Read(fetch(place), copy)
    # What was good a while ago is better than nothing; that it grows old is told by its own date.
    return _Read(read_copy(place, state, kind), copy)
