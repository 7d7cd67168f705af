"""Whether this process should get visitors: it lives when it answers, it is ready when it could make a document now."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import StorageError, pending
from blauweknop.adapters.keys import KeyProblem
from blauweknop.standards.signing import Signer
from blauweknop.standards.x509 import read_certificate

__all__ = ["database_ready", "health_routes", "signs"]

_FOR_MACHINES: dict[str, Any] = {"exclude_from_csrf": True}
_NOT_KEPT = {"Cache-Control": "no-store"}


def health_routes(conditions: Mapping[str, Callable[[], bool]]) -> list[HTTPRouteHandler]:
    """`/livez`, and `/readyz` with 503 as long as one of the conditions does not hold; each says only ok or fail."""

    @get("/livez", sync_to_thread=False, opt=_FOR_MACHINES)
    def live() -> Response[str]:
        return Response("ok\n", media_type="text/plain", headers=_NOT_KEPT)

    @get("/readyz", sync_to_thread=True, opt=_FOR_MACHINES)
    def ready() -> Response[bytes]:
        found = {name: holds() for name, holds in conditions.items()}
        body = msgspec.json.encode({name: "ok" if holds else "fail" for name, holds in found.items()})
        return Response(body, status_code=200 if all(found.values()) else 503, media_type="application/json", headers=_NOT_KEPT)

    return [live, ready]


def database_ready(engine: Engine) -> Callable[[], bool]:
    """Whether the database answers and has the tables of this version."""

    def holds() -> bool:
        try:
            return not pending(engine)
        except StorageError:
            return False

    return holds


def signs(signers: Sequence[Signer]) -> bool:
    """Whether each signs, and its certificate says that it was its signature."""
    digest = hashlib.sha256(b"ready").digest()
    try:
        for signer in signers:
            _require_signature(signer.sign(digest), digest, read_certificate(signer.certificate).public_key())
    except (InvalidSignature, KeyProblem):
        return False
    return True


def _require_signature(signature: bytes, digest: bytes, key: object) -> None:
    prehashed = Prehashed(hashes.SHA256())
    match key:
        case ec.EllipticCurvePublicKey() as elliptic:
            elliptic.verify(signature, digest, ec.ECDSA(prehashed))
        case rsa.RSAPublicKey() as modular:
            modular.verify(signature, digest, padding.PKCS1v15(), prehashed)
        case _:
            raise InvalidSignature
