"""Brings a sealed document to level B-LT or B-LTA (EN 319 142-1 clause 6), so that it proves itself when certificates have ended.

Steps:

1. find what the document rests on: its seal, and each time stamp over it;
2. when nothing proves the time of sealing yet, put a document time stamp over it;
3. take the revocation lists that were issued after each of these was made: only those can say that all was well at that moment
   (EN 319 102-1, 5.2.5); refuse when one is missing, and say which;
4. add them, with all certificates, in a store;
5. for B-LTA, put a document time stamp over that. The same again, years later, before the certificate of that time stamp ends.

Whether anything of it is to be trusted is not asked here: the document is checked before, and again after.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from blauweknop.document.augmenting import add_document_time_stamp, add_security_store
from blauweknop.document.pdf_file import PdfFile, read_file
from blauweknop.document.pdf_revisions import DocumentTimeStamp
from blauweknop.document.pdf_seal import read_seal, sealed_digest
from blauweknop.document.pdf_signature_bytes import covered_digest
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.pades import parse_cms, verify_cms
from blauweknop.standards.revocation_history import issued_at, issuer_of
from blauweknop.standards.timestamp import TimeStamp, verify_token
from blauweknop.standards.x509 import name_value

__all__ = ["ArchiveLevel", "ListsTooOld", "NothingToAdd", "ProofsAtOnce", "archive"]

ArchiveLevel = Literal["B-LT", "B-LTA"]


class ListsTooOld(BlauweKnopError):
    """A revocation list is missing that was issued after what it must vouch for."""


class NothingToAdd(BlauweKnopError):
    """The document has this level already."""


@dataclass(frozen=True, slots=True)
class ProofsAtOnce:
    """Brings each document to a level as soon as it is sealed, with the revocation lists of that moment."""

    level: ArchiveLevel
    crls: Callable[[], Sequence[bytes]] = field(repr=False)
    stamp: Callable[[bytes], bytes] = field(repr=False)

    def add(self, pdf: bytes) -> bytes:
        """The document at this level. Raises: as `archive`."""
        return archive(pdf, self.level, crls=self.crls(), stamp=self.stamp, at_once=True)


def archive(pdf: bytes, level: ArchiveLevel, *, crls: Sequence[bytes], stamp: Callable[[bytes], bytes], at_once: bool = False) -> bytes:
    """The document at this level; `crls` are the newest lists (DER), `stamp` turns a SHA-256 digest into a time stamp token (DER).

    `at_once` takes the lists as they are, for a document that was sealed just now: they are of the moment, not after it.

    Raises:
        ListsTooOld: they say nothing about the time at which the document was sealed.
        NothingToAdd: B-LT was asked for, and is there.
        MalformedPdf, CmsProblem, TimeStampProblem, TimeStampTooLarge: the document or the time stamp is not in order.
    """
    # 1, 2
    if not _read_basis(read_file(pdf)).stamps:
        pdf = add_document_time_stamp(pdf, stamp)
    file = read_file(pdf)
    needs = _read_basis(file).needs()
    # 3
    stored = list(file.history.crls.values()) if file.history else []
    if level == "B-LT" and not at_once and not _missing(needs, stored):
        raise NothingToAdd("the document holds everything for level B-LT already", remedy="for more years, ask for --level B-LTA")
    missing = [] if at_once else _missing(needs, [*stored, *crls])
    if missing:
        raise _too_old(missing[0])
    # 4: all lists that were given, since the time stamp that follows may be of an authority that is new here
    pdf = add_security_store(
        pdf,
        certificates=[certificate.public_bytes(Encoding.DER) for need in needs for certificate in need.certificates],
        crls=crls,
    )
    # 5
    return add_document_time_stamp(pdf, stamp) if level == "B-LTA" else pdf


@dataclass(frozen=True, slots=True)
class _Need:
    """Certificates that must have been good at a moment."""

    certificates: tuple[x509.Certificate, ...]
    moment: datetime


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a document rests on: the certificates of its seal, and its time stamps, the first first."""

    seal: tuple[x509.Certificate, ...]
    stamps: tuple[TimeStamp, ...]

    def needs(self) -> tuple[_Need, ...]:
        """The seal is judged at the time of the first stamp, each stamp at its own."""
        return (
            _Need(self.seal, self.stamps[0].moment),
            *(_Need((stamp.certificate, *stamp.others), stamp.moment) for stamp in self.stamps),
        )


def _read_basis(file: PdfFile) -> _Basis:
    seal = read_seal(file)
    verified = verify_cms(parse_cms(seal.cms), sealed_digest(file, seal))
    stamps = [verify_token(step.token, covered_digest(file.data, step.byte_range)) for step in _over_all(file)]
    if verified.time_stamp is not None:
        stamps.insert(0, verify_token(verified.time_stamp, hashlib.sha256(verified.signature).digest()))
    return _Basis((verified.certificate, *verified.others), tuple(stamps))


def _over_all(file: PdfFile) -> Iterator[DocumentTimeStamp]:
    return (step for step in file.later if isinstance(step, DocumentTimeStamp))


def _missing(needs: Sequence[_Need], crls: Sequence[bytes]) -> list[tuple[x509.Certificate, datetime]]:
    """Certificates, with their moment, for which no list was issued after that moment and within their own life."""
    return [
        (certificate, need.moment)
        for need in needs
        for certificate in need.certificates
        if certificate.issuer != certificate.subject and not any(_vouches(crl, certificate, need.moment) for crl in crls)
    ]


def _vouches(crl: bytes, certificate: x509.Certificate, moment: datetime) -> bool:
    issued = issued_at(crl)
    return issued is not None and issuer_of(crl) == certificate.issuer and moment <= issued <= certificate.not_valid_after_utc


def _too_old(missing: tuple[x509.Certificate, datetime]) -> ListsTooOld:
    certificate, moment = missing
    authority = name_value(certificate.issuer, NameOID.COMMON_NAME) or "the authority"
    return ListsTooOld(
        f"there is no revocation list of “{authority}” that was issued after {moment:%Y-%m-%d %H:%M:%S} UTC",
        remedy="get the newest lists of your certificate authorities (the files that `crls` of the source names), and try again; "
        "an authority issues new ones every day or so",
    )
