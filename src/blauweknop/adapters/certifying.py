"""Put together what a source needs to certify: its keys, revocation lists, the time stamp authority, typst."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from cryptography import x509

from blauweknop.adapters.keys import KeyProblem
from blauweknop.adapters.memory import give_back_memory
from blauweknop.adapters.time_stamping import TimeStampUnavailable, fresh_nonce
from blauweknop.document.archiving import ArchiveLevel, ProofsAtOnce
from blauweknop.document.certified import Certifier, SealedDigest
from blauweknop.document.shapes.cache import Shapes
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.document import SourceIdentity
from blauweknop.standards.pades import SealTemplate, cms_size_limit, prepare_seal
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import StatusReference
from blauweknop.standards.timestamp import stamper

__all__ = ["new_certifier", "new_sealing", "random_id", "time_stamper"]

_LOG = structlog.get_logger("blauweknop.certify")


def random_id() -> str:
    """128 random bits as 32 hex digits."""
    return secrets.token_hex(16)


def time_stamper(send: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """From a digest to a verified time stamp token; `send` brings a request to the authority and its response back."""
    return stamper(send, fresh_nonce)


def new_certifier(
    source: SourceIdentity,
    *,
    seal_signer: Signer,
    credential_signer: Signer,
    revocation: Callable[[], Sequence[bytes]],
    time_stamp: Callable[[bytes], bytes],
    issuer_url: str,
    accent: str,
    check_url: str,
    exercise: bool,
    typesetter: Typesetter,
    seal_without: bool = False,
    proofs: ArchiveLevel | None = None,
    status_place: Callable[[datetime], StatusReference] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Certifier:
    """`revocation` gives the lists (DER) that are fresh at the moment of sealing; it is asked for every document.

    With `proofs` each document is brought to that level as soon as it is sealed.
    With `seal_without` a document is sealed without time stamp when `time_stamp` raises TimeStampUnavailable.
    Sealing raises KeyProblem when a list is past its next update: such a seal would be rejected by everybody.
    """
    return Certifier(
        source=source,
        issuer_url=issuer_url,
        accent=accent,
        check_url=check_url,
        exercise=exercise,
        typesetter=typesetter,
        shapes=Shapes(typesetter, after_compiling=give_back_memory),
        seal=new_sealing(seal_signer, revocation=revocation, time_stamp=time_stamp, seal_without=seal_without, now=now),
        seal_size=cms_size_limit(seal_signer, revocation()),
        credential_signer=credential_signer,
        random_bytes=secrets.token_bytes,
        proofs=ProofsAtOnce(proofs, revocation, time_stamp) if proofs else None,
        status_place=status_place,
    )


def new_sealing(
    signer: Signer,
    *,
    revocation: Callable[[], Sequence[bytes]],
    time_stamp: Callable[[bytes], bytes],
    seal_without: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Callable[[bytes], SealedDigest]:
    """From a SHA-256 digest to a seal, as in a `Certifier`. Raises, when it seals: TimeStampUnavailable, KeyProblem."""
    return _Sealing(signer, revocation, time_stamp, seal_without, now)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What all seals have in common as long as the lists do not change; `until` is when the first of those grows old."""

    lists: tuple[bytes, ...] = field(repr=False)
    template: SealTemplate
    until: datetime | None


class _Sealing:
    """Seals one digest after another; may be shared by threads."""

    def __init__(
        self,
        signer: Signer,
        revocation: Callable[[], Sequence[bytes]],
        time_stamp: Callable[[bytes], bytes],
        seal_without: bool,
        now: Callable[[], datetime],
    ) -> None:
        self._signer = signer
        self._revocation = revocation
        self._time_stamp = time_stamp
        self._seal_without = seal_without
        self._now = now
        self._prepared: _Prepared | None = None

    def __call__(self, digest: bytes) -> SealedDigest:
        template = self._template()
        try:
            return SealedDigest(template.seal(digest, self._time_stamp), "B-T")
        except TimeStampUnavailable:
            if not self._seal_without:
                raise
            _LOG.warning("sealed_without_time_stamp")
        return SealedDigest(template.seal(digest, None), "B-B")

    def _template(self) -> SealTemplate:
        lists = tuple(self._revocation())
        kept = self._prepared  # replaced as a whole, so that no thread sees half
        if kept is None or kept.lists != lists:
            kept = self._prepared = _Prepared(lists, prepare_seal(self._signer, lists), _fresh_until(lists))
        if kept.until is not None and self._now() > kept.until:
            raise KeyProblem(
                "a revocation list under seal.crls is past its next update", remedy="fetch fresh lists from who issued the certificates"
            )
        return kept.template


def _fresh_until(lists: Sequence[bytes]) -> datetime | None:
    try:
        ends = [x509.load_der_x509_crl(encoded).next_update_utc for encoded in lists]
    except ValueError as error:
        raise KeyProblem("a revocation list under seal.crls cannot be read", remedy="give the lists as DER") from error
    if None in ends:
        raise KeyProblem("a revocation list under seal.crls does not say its next update", remedy="give lists of RFC 5280")
    return min((end for end in ends if end is not None), default=None)
