"""What a source issues to wallets of every data set, in both forms and of this very day: foreign readers use the clock of this machine."""

import functools
import os
import random
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cbor2 import CBORTag
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.document.summary_claims import ClaimValue, claims_of
from blauweknop.document.type_metadata import type_integrity, vct_of
from blauweknop.document.wallet_credentials import CopyOrder, WalletIssuer, batch_times, issue_batch
from blauweknop.domain.document import JsonValue, Snapshot
from blauweknop.domain.identifiers import Bsn
from blauweknop.register.exercise_keys import KeyHolder, new_exercise_scheme
from blauweknop.standards import base64url, mdoc, sd_jwt_vc
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.signing import KeySigner, key_signer
from blauweknop.standards.status_list import INVALID, StatusList, StatusReference, sign_status_list
from blauweknop.standards.x509 import read_certificate
from tests.unit.catalogue.samples import sample_snapshot
from tests.unit.checking import exercise_documents as x
from tests.unit.document.wallet_samples import IDS, summary
from tests.unit.standards.mdocs import cbor

__all__ = [
    "AUDIENCE",
    "IDS",
    "NONCE",
    "NOW",
    "WITHDRAWN",
    "Copy",
    "authorities",
    "copy_of",
    "issuer_key",
    "mdoc_presented",
    "sd_jwt_presented",
    "signer",
    "status_token",
    "transcript",
    "with_another_signature",
]

NOW = datetime.now(UTC).replace(microsecond=0)
AUDIENCE, NONCE = "x509_hash:ontvanger", "vraag-van-nu"
ISSUER = "https://duo.example"
STATUS_URI = "https://duo.example/statuslists/7"
WITHDRAWN = 4711
_OTHER_HOLDER = ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class Copy:
    """One data set in both forms for one holder; `claims` and `visible` are what a reader must find."""

    dataset_id: str
    doctype: str
    claims: Mapping[str, ClaimValue]
    visible: Mapping[str, JsonValue]
    sd_jwt: str
    issuer_signed: bytes
    holder: ec.EllipticCurvePrivateKey = field(repr=False)

    def as_json(self) -> dict[str, JsonValue]:
        """The claims as they stand in JSON."""
        return {name: value if isinstance(value, bool | int | str) else value.isoformat() for name, value in self.claims.items()}


def signer() -> KeySigner:
    """The key for credentials of the source."""
    return _scheme()[0]


def issuer_key() -> ec.EllipticCurvePublicKey:
    """With which a reader checks what the source signed."""
    key = read_certificate(signer().certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def authorities() -> tuple[x509.Certificate, x509.Certificate]:
    """The root and the authority that certified the source."""
    return _scheme()[1]


@functools.cache
def copy_of(dataset_id: str, *, index: int = 7) -> Copy:
    """Everything that can be said of a made-up person, the burgerservicenummer too; `index` is its place in the status list."""
    described, given, holder = summary(dataset_id), _of_everyone(dataset_id), ec.generate_private_key(ec.SECP256R1())
    issuer = WalletIssuer(x.DUO, ISSUER, signer(), random.SystemRandom().randbytes)
    order = CopyOrder(holder.public_key(), StatusReference(index, STATUS_URI))
    (sd_jwt,) = issue_batch(given, described, [order], issuer, form="dc+sd-jwt", at=NOW, with_bsn=True)
    (issuer_signed,) = issue_batch(given, described, [order], issuer, form="mso_mdoc", at=NOW, with_bsn=True)
    begins, ends = (int(moment.timestamp()) for moment in batch_times(described, signer(), NOW))
    visible: dict[str, JsonValue] = {
        "iss": ISSUER,
        "vct": vct_of(described.dataset),
        "vct#integrity": type_integrity(described),
        "iat": begins,
        "nbf": begins,
        "exp": ends,
        "cnf": {"jwk": public_jwk(holder.public_key())},
        "status": {"status_list": {"idx": index, "uri": STATUS_URI}},
    }
    claims = claims_of(given, described, x.DUO, with_bsn=True)
    return Copy(dataset_id, described.dataset.doctype, claims, visible, sd_jwt, base64url.decode(issuer_signed), holder)


def sd_jwt_presented(copy: Copy, sd_jwt: str | None = None, *, by_its_holder: bool = True) -> str:
    """All of it, shown to AUDIENCE on the question NONCE."""
    key = copy.holder if by_its_holder else _OTHER_HOLDER
    return sd_jwt_vc.bind(sd_jwt or copy.sd_jwt, key_signer(key, b""), audience=AUDIENCE, nonce=NONCE, at=NOW)


def mdoc_presented(copy: Copy, issuer_signed: bytes | None = None, *, by_its_holder: bool = True) -> bytes:
    """All of it, in the session of `transcript`."""
    key = key_signer(copy.holder if by_its_holder else _OTHER_HOLDER, b"")
    return mdoc.present([(issuer_signed or copy.issuer_signed, key)], transcript=_session())


def transcript() -> bytes:
    """CBOR inside CBOR, as some want it."""
    return cbor(CBORTag(24, _session()))


def with_another_signature(copy: Copy) -> str:
    """Its SD-JWT, signed by who is no source."""
    stranger = key_signer(_OTHER_HOLDER, signer().certificate, signer().chain)
    issued = sd_jwt_vc.issue(
        copy.as_json() | {"status": copy.visible["status"]},
        disclosable=lambda _: True,
        signer=stranger,
        vct=str(copy.visible["vct"]),
        issuer=ISSUER,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=9),
        random_bytes=os.urandom,
        holder_key=copy.holder.public_key(),
    )
    return sd_jwt_presented(copy, issued)


def status_token() -> tuple[str, str]:
    """The address of the status list and the list, in which WITHDRAWN is withdrawn."""
    statuses = StatusList.of_size(8192, 2).with_statuses({WITHDRAWN: INVALID})
    token = sign_status_list(
        statuses, uri=STATUS_URI, issued_at=NOW, expires_at=NOW + timedelta(days=1), ttl=timedelta(hours=1), signer=signer()
    )
    return STATUS_URI, token


@functools.cache
def _scheme() -> tuple[KeySigner, tuple[x509.Certificate, x509.Certificate]]:
    duo = KeyHolder(x.DUO.oin, x.DUO.legal_name, "NTRNL-90000001", x.DUO.id, address=ISSUER)
    with tempfile.TemporaryDirectory() as name:
        made = new_exercise_scheme(Path(name) / "scheme", [duo], now=NOW - timedelta(days=2))
        return made.credential_signer(duo.id), made.authorities()


def _session() -> bytes:
    uri = "https://ontvanger.example/antwoord"
    return mdoc.openid4vp_transcript(client_id=AUDIENCE, nonce=NONCE, response_uri=uri, jwk_thumbprint=bytes(32))


def _of_everyone(dataset_id: str) -> Snapshot:
    given = sample_snapshot(summary(dataset_id).dataset)
    return replace(given, subject=replace(given.subject, bsn=Bsn.parse(x.BSN)))
