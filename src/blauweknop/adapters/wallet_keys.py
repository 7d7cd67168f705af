"""The keys that issuing to wallets needs beside those of the source: of its registered wallets, and the one they encrypt to."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.adapters.keys import KeyProblem, load_certificates
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.wallet_settings import KnownWallet
from blauweknop.issuer.wallet.ports import RequestKey, Wallet
from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.json_members import MalformedMember, member_objects
from blauweknop.standards.jwe import key_agreement
from blauweknop.standards.jwk import UnsuitableJwk, read_public_jwk, thumbprint
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["load_wallet", "request_key"]

_MOST_BYTES = 64 * 1024
_MOST_KEYS = 10
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def request_key(key: RowKey, source: str) -> RequestKey:
    """The key of a source that wallets encrypt to. It follows from the secret key of the storage, so that all processes have the same one,
    and changes with it (PROTOCOL 12: every 90 days)."""
    wide = key.tag("request key", f"{source}|1") + key.tag("request key", f"{source}|2")
    private = ec.derive_private_key(int.from_bytes(wide, "big") % (_ORDER - 1) + 1, ec.SECP256R1())
    public = private.public_key()
    return RequestKey(public, thumbprint(public), key_agreement(private))


def load_wallet(settings: KnownWallet) -> Wallet:
    """A registered wallet with the certificates or keys of its settings.

    Raises:
        KeyProblem: a file cannot be used.
    """
    if settings.keys is not None:
        return Wallet(settings.client_id, settings.name, settings.redirect_uris, keys=_keys(settings.keys))
    anchors = tuple(certificate for path in settings.providers for certificate in load_certificates(path))
    # Whoever the anchor of a wallet vouches for may vouch for its instances and for their keys.
    trust = IssuerTrust(anchors, entitled=lambda _certificate, _kind: True)
    return Wallet(settings.client_id, settings.name, settings.redirect_uris, providers=trust, challenges=settings.challenges)


def _keys(path: Path) -> tuple[ec.EllipticCurvePublicKey, ...]:
    try:
        with path.open("rb") as file:
            members = parse_json_object(file.read(_MOST_BYTES + 1), max_bytes=_MOST_BYTES)
        return tuple(read_public_jwk({**key}) for key in member_objects(members, "keys", least=1, most=_MOST_KEYS))
    except (OSError, MalformedJson, MalformedMember, UnsuitableJwk) as error:
        raise KeyProblem(f"{path.name}: the keys of a wallet cannot be read", remedy="give a JSON Web Key Set with P-256 keys") from error
