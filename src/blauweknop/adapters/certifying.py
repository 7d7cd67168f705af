"""Put together what a source needs to certify: keys from files, revocation lists, the time stamp authority, typst."""

import secrets
from collections.abc import Callable, Sequence

from blauweknop.document.certified import Certifier, SealedDigest
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.document import SourceIdentity
from blauweknop.standards.pades import cms_size_limit, prepare_seal
from blauweknop.standards.signing import Signer
from blauweknop.standards.timestamp import stamper

__all__ = ["new_certifier", "random_id", "time_stamper"]


def random_id() -> str:
    """128 random bits as 32 hex digits."""
    return secrets.token_hex(16)


def time_stamper(send: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """From a digest to a verified time stamp token; `send` brings a request to the authority and its response back."""
    return stamper(send, lambda: secrets.randbits(127) | 1 << 127)


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
) -> Certifier:
    """`revocation` gives the lists (DER) that are fresh at the moment of sealing; it is asked for every document."""

    def seal(digest: bytes) -> SealedDigest:
        return SealedDigest(prepare_seal(seal_signer, revocation()).seal(digest, time_stamp), "B-T")

    return Certifier(
        source=source,
        issuer_url=issuer_url,
        accent=accent,
        check_url=check_url,
        exercise=exercise,
        typesetter=typesetter,
        seal=seal,
        seal_size=cms_size_limit(seal_signer, revocation()),
        credential_signer=credential_signer,
        salt=lambda: secrets.token_bytes(16),
    )
