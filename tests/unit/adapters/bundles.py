"""Bundles of the exercise of `exercise_documents`, as files a receiver has."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.trust_store import TrustPlaces
from blauweknop.standards.offline_bundle import OfflineBundle, write_offline_bundle
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.trust_list import write_trust_list
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x


def listed(sequence: int = 7, *, signer: KeySigner | None = None, issued: datetime = x.NOW - timedelta(days=1)) -> bytes:
    given = x.trust_list(c.entity(), sequence=sequence, issued=issued)
    return write_trust_list(given, signer=signer or x.exercise().list_signer, at=issued).encode()


def bundled(
    *,
    trust_list: bytes | None = None,
    lists: Mapping[str, bytes] | None = None,
    made: datetime = x.NOW - timedelta(minutes=2),
    ends: datetime = x.NOW + timedelta(days=1),
    signer: KeySigner | None = None,
) -> bytes:
    given = {c.URI: c.status_list()} if lists is None else lists
    bundle = OfflineBundle(made, ends, listed() if trust_list is None else trust_list, (), given)
    return write_offline_bundle(bundle, signer=signer or x.exercise().list_signer)


def places(folder: Path, bundle: bytes | None, *, trust_list: bytes | None = None) -> TrustPlaces:
    """Files in a folder: the bundle named, and the list only when it is given."""
    folder.mkdir(exist_ok=True)
    (folder / "anchor.pem").write_bytes(x.exercise().anchor.public_bytes(Encoding.PEM))
    if bundle is not None:
        (folder / "given.json").write_bytes(bundle)
    if trust_list is not None:
        (folder / "list.jws").write_bytes(trust_list)
    return TrustPlaces(
        None if trust_list is None else str(folder / "list.jws"),
        folder / "anchor.pem",
        None if bundle is None else str(folder / "given.json"),
    )
