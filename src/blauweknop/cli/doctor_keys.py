"""Are the keys and certificates of a source, or of who reports on checks, such that what they seal today will be believed?

For the seal and the credential key of each:
1. The key can be read, is a pair with its certificate, and is of a kind the scheme allows (PROTOCOL 12).
2. Others on the machine cannot read the key, or the PIN of a key in hardware.
3. It signs, and its certificate says so.
4. The certificate is of now, and will be for a month.
5. It is meant for this: contentCommitment for a seal, digitalSignature for credentials (RFC 5280 section 4.2.1.3).
6. It names the OIN, or the other identifier, of the configuration.
For the seal:
7. A path leads to an authority of the trust list (RFC 5280 section 6.1).
8. Revocation lists for the whole path are fresh, will be for two days, and do not name it (RFC 5280 section 6.3).
"""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import NameOID

from blauweknop.adapters.keys import load_signer
from blauweknop.adapters.pkcs11_uri import HardwareKey
from blauweknop.adapters.settings import KeyFiles, SealSettings, SourceSettings
from blauweknop.assembly.readiness import signs
from blauweknop.assembly.sealing import RevocationFiles
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.doctor_findings import Finding, fail, fault, ok, warn
from blauweknop.domain.dates import date_in_words
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.revocation import NotRevoked, Revoked, check_revocation
from blauweknop.standards.trust_list import ServiceKind, TrustList
from blauweknop.standards.x509 import build_path, key_usages, name_value, read_certificate

__all__ = ["KeyOwner", "examine_keys", "examine_keys_of", "examine_seal_of"]

_SOON = timedelta(days=30)
_VERY_SOON = timedelta(days=2)
_IDENTIFIERS = (NameOID.SERIAL_NUMBER, NameOID.ORGANIZATION_IDENTIFIER)


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Whose keys they are: what it is (`doctor.owner.<kind>`), its name in the configuration, and how its certificates identify it."""

    kind: Literal["source", "receiver", "check_service"]
    id: str
    identifier: str
    seal: SealSettings
    credential: KeyFiles | None

    def in_words(self, language: str) -> str:
        return sentence(f"doctor.owner.{self.kind}", language, name=self.id)


def examine_keys(source: SourceSettings, trust_list: TrustList | None, *, now: datetime, language: str) -> Iterator[Finding]:
    """All findings on the keys of one source."""
    owner = KeyOwner("source", source.identity.id, source.identity.oin.digits, source.seal, source.credential)
    return examine_keys_of(owner, trust_list, now=now, language=language)


def examine_keys_of(owner: KeyOwner, trust_list: TrustList | None, *, now: datetime, language: str) -> Iterator[Finding]:
    """All findings on the keys; without a trust list the path and its revocation cannot be judged, and that is said."""
    yield from examine_seal_of(owner, trust_list, now=now, language=language)
    if owner.credential is None:
        yield fail("credential_missing", source=owner.id)
    else:
        yield from _examine_pair(owner.credential, "credential", owner, now, language)


def examine_seal_of(owner: KeyOwner, trust_list: TrustList | None, *, now: datetime, language: str) -> Iterator[Finding]:
    """Those on the seal alone."""
    yield from _examine_pair(KeyFiles(owner.seal.key, owner.seal.certificate), "seal", owner, now, language)
    yield from _examine_path(owner, trust_list, now, language)


def _examine_pair(files: KeyFiles, use: str, owner: KeyOwner, now: datetime, language: str) -> Iterator[Finding]:
    named = {"owner": owner.in_words(language), "file": files.certificate.name, "use": use}
    try:
        signer = load_signer(files.key, files.certificate, owner.seal.chain)  # 1
        certificate = read_certificate(signer.certificate)
    except BlauweKnopError as error:
        yield fault("key", error, **named)
        return
    secret = files.key.pin_file if isinstance(files.key, HardwareKey) else files.key
    if secret is not None and _readable_for_others(secret):  # 2
        yield warn("key_open", owner=owner.in_words(language), file=secret.name)
    if isinstance(files.key, HardwareKey):
        yield ok("key_hardware", **named, place=files.key.name)
    yield ok("sign", **named) if signs([signer]) else fail("sign", **named)  # 3
    yield _life(certificate, named, now, language)  # 4
    yield from _usage(certificate, use, named)  # 5
    if owner.identifier not in (name_value(certificate.subject, kind) for kind in _IDENTIFIERS):  # 6
        yield fail("certificate_oin", **named)


def _readable_for_others(key: Path) -> bool:
    return bool(key.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH))


def _life(certificate: x509.Certificate, named: dict[str, str], now: datetime, language: str) -> Finding:
    starts, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < starts:
        return fail("certificate_early", **named, day=date_in_words(starts.date(), language))
    if now > ends:
        return fail("certificate_expired", **named, day=date_in_words(ends.date(), language))
    day = date_in_words(ends.date(), language)
    return warn("certificate_ends", **named, day=day) if ends - now < _SOON else ok("certificate", **named, day=day)


def _usage(certificate: x509.Certificate, use: str, named: dict[str, str]) -> Iterator[Finding]:
    """A seal with only digitalSignature passes the check, and is not what its certificate was given out for."""
    found = key_usages(certificate)
    allowed = {"content_commitment", "digital_signature"}
    wanted = "content_commitment" if use == "seal" else "digital_signature"
    if not found or (use == "seal" and not found <= allowed) or (use == "credential" and wanted not in found):
        yield fail(f"usage_{use}", **named)
    elif wanted not in found:
        yield warn(f"usage_{use}", **named)


def _examine_path(owner: KeyOwner, trust_list: TrustList | None, now: datetime, language: str) -> Iterator[Finding]:
    named = {"owner": owner.in_words(language)}
    if trust_list is None:
        yield warn("path_unknown", **named)
        return
    try:
        signer = load_signer(owner.seal.key, owner.seal.certificate, owner.seal.chain)
        crls = RevocationFiles(owner.seal.crls)()
        leaf, above = read_certificate(signer.certificate), [read_certificate(encoded) for encoded in signer.chain]
        anchors = [read_certificate(encoded) for encoded in trust_list.certificates(ServiceKind.CERTIFICATE_AUTHORITY, now)]
        path = build_path(leaf, above, anchors, now)  # 7
    except BlauweKnopError as error:
        yield fault("path", error, **named)
        return
    yield ok("path", **named, authority=name_value(path[-1].subject, NameOID.COMMON_NAME) or "")
    yield _revocation(path, crls, named, now, language)  # 8


def _revocation(path: Sequence[x509.Certificate], crls: Sequence[bytes], named: dict[str, str], now: datetime, language: str) -> Finding:
    match check_revocation(path, crls, now):
        case Revoked(moment=moment):
            return fail("revoked", **named, day=date_in_words(moment.date(), language))
        case NotRevoked(until=until):
            day = date_in_words(until.date(), language) if until else ""
            return warn("crl_ends", **named, day=day) if until and until - now < _VERY_SOON else ok("crl", **named, day=day)
        case unknown:
            return fail("crl", **named, reason=unknown.reason)
