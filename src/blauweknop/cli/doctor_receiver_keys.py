"""The keys of a receiver beside the one with which it asks.

For links:
1. Each key of `link_keys` can be used.
2. The registrations name one of them, and no other: what people close with another key nobody can open.
3. Some registration names one; else nobody can make a link for this receiver.
For sealing dossiers: what `doctor_keys` asks of a seal, with the organisation of the access certificate.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from cryptography.x509.oid import NameOID

from blauweknop.adapters.settings_keys import SealSettings
from blauweknop.assembly.link_desks import link_keys
from blauweknop.cli.doctor_findings import Finding, State, fault, ok, warn
from blauweknop.cli.doctor_keys import KeyOwner, examine_seal_of
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.trust_list import TrustList
from blauweknop.standards.x509 import name_value, read_certificate
from blauweknop.verifier.asking.ports import Receiver

__all__ = ["examine_dossier_seal", "examine_link_keys"]


def examine_link_keys(receiver: Receiver, paths: Sequence[Path]) -> Iterator[Finding]:
    """Nothing for who takes no links."""
    named = any(known.registration.link_key is not None for known in receiver.uses.values())
    if not paths and not named:
        return
    try:
        link_keys(receiver, paths)
    except BlauweKnopError as error:
        yield fault("link_keys", error, receiver=receiver.id)
        return
    yield ok("link_keys", receiver=receiver.id) if named else warn("link_keys_unnamed", receiver=receiver.id)


def examine_dossier_seal(
    receiver: Receiver, seal: SealSettings, trust_list: TrustList | None, *, now: datetime, language: str
) -> Iterator[Finding]:
    """What is not well, or one line when all is."""
    organisation = name_value(read_certificate(receiver.signer.certificate).subject, NameOID.ORGANIZATION_IDENTIFIER) or ""
    owner = KeyOwner("receiver", receiver.id, organisation, seal, None)
    found = [finding for finding in examine_seal_of(owner, trust_list, now=now, language=language) if finding.state is not State.OK]
    yield from found or [ok("dossier_seal", receiver=receiver.id, file=seal.certificate.name)]
