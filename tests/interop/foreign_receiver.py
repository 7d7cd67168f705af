"""A receiver that is not ours (PyPI polaris-oid4vp, HAIP): it asks for one credential over TLS, and says what it makes of the answer."""

import socket
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from polaris_oid4vp.cli import FILES, keygen, verifier_from
from polaris_oid4vp.serve import serve
from polaris_oid4vp.status import StatedAuthority, decide_by_fetching

__all__ = ["ForeignReceiver", "foreign_receiver", "receiver_keys"]


@dataclass
class ForeignReceiver:
    """A receiver that listens."""

    _verifier: Any = field(repr=False)
    verdicts: list[Any] = field(default_factory=list)
    """What it made of each answer."""

    def request(self) -> str:
        """A new request, as the link that opens a wallet."""
        session, _ = self._verifier.new_request()
        return f"openid4vp://?{urlencode(self._verifier.authorization_request_params(session))}"


def receiver_keys(folder: Path) -> tuple[Path, Path]:
    """Make its keys; the certificate of its authority, and that of its listener."""
    keygen(folder, "localhost")
    return folder / FILES["anchor"], folder / FILES["tls_cert"]


@contextmanager
def foreign_receiver(
    keys: Path, *, anchors: Sequence[x509.Certificate], vct: str, claims: Collection[str], status_signer: ec.EllipticCurvePublicKey
) -> Iterator[ForeignReceiver]:
    """One that asks for these claims of this type, believes `anchors`, and looks in status lists that `status_signer` signed."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    verifier = verifier_from(keys, "localhost", port, issuer_trust_anchors=[*anchors], claims=[*claims], vct_values=[vct])

    def status(*, uri: str, idx: int, issuer: str) -> Any:
        authority = StatedAuthority().state(credential_issuer=issuer, status_uri=uri, verify=_verifies(status_signer), why="of the source")
        return decide_by_fetching(index=idx, expected_uri=uri, authority=authority, fetch=_fetch, credential_issuer=issuer)

    verifier.status_resolver = status
    receiver = ForeignReceiver(verifier)
    server = serve(
        verifier,
        host="127.0.0.1",
        port=port,
        certfile=str(keys / FILES["tls_cert"]),
        keyfile=str(keys / FILES["tls_key"]),
        on_verdict=lambda _status, _body, verdict: receiver.verdicts.append(verdict),
    )
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def _fetch(uri: str) -> bytes:
    return httpx.get(uri, headers={"Accept": "application/statuslist+jwt"}).raise_for_status().content


def _verifies(key: ec.EllipticCurvePublicKey) -> Any:
    """Whether a signature of JWS (ES256) is by this key."""

    def verify(signed: bytes, signature: bytes, *_: object) -> bool:
        half = len(signature) // 2
        encoded = utils.encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
        try:
            key.verify(encoded, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    return verify
