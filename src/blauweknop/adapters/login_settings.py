"""What a source must know of its login provider, and the keys it is known by there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc.jwk import ECKey, Key, RSAKey

from blauweknop.adapters.representation_settings import RepresentationSettings
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["DIGID_LEVELS", "EIDAS_LEVELS", "ClientKeys", "LoginSettings", "LoginSettingsError", "client_key"]

EIDAS_LEVELS: Mapping[str, AssuranceLevel] = MappingProxyType({level.acr: level for level in AssuranceLevel})
DIGID_LEVELS: Mapping[str, AssuranceLevel] = MappingProxyType(
    {"urn:digid:20": AssuranceLevel.LOW, "urn:digid:25": AssuranceLevel.SUBSTANTIAL, "urn:digid:30": AssuranceLevel.HIGH}
)
ID_TOKEN_ALGORITHMS = frozenset({"ES256", "PS256", "RS256"})


class LoginSettingsError(BlauweKnopError):
    """The settings of a login provider, or the keys for it, cannot work."""


@dataclass(frozen=True, slots=True)
class LoginSettings:
    """One source at one OpenID Connect provider (OIDC NL GOV 1.0.1). What is agreed with the provider stands here, not in its answers."""

    issuer: str
    client_id: str
    redirect_uri: str
    post_logout_redirect_uri: str
    name: str = "DigiD"  # what people call the provider
    scope: str = "openid"
    bsn_claim: str | None = "bsn"  # `sub` when the provider says with sub_id_type that it is a BSN; None: of staff no BSN is asked or taken
    levels: Mapping[str, AssuranceLevel] = field(default_factory=lambda: EIDAS_LEVELS)  # acr value -> level
    id_token_algorithms: frozenset[str] = ID_TOKEN_ALGORITHMS
    require_encrypted_id_token: bool = True
    require_callback_issuer: bool = True  # RFC 9207
    longest_id_token_life: timedelta = timedelta(minutes=5)
    representation: RepresentationSettings | None = None  # None: nobody logs in for another

    def __post_init__(self) -> None:
        """Refuse what can never work.

        Raises:
            LoginSettingsError: names the setting.
        """
        for name in ("issuer", "redirect_uri", "post_logout_redirect_uri"):
            if not getattr(self, name).startswith(("https://", "http://")):
                raise LoginSettingsError(f"login: {name} must be an https address")
        if not self.client_id:
            raise LoginSettingsError("login: client_id is empty", remedy="use the one the provider gave")
        if not self.levels:
            raise LoginSettingsError("login: no acr value is mapped to a level", remedy="map at least one")
        if not self.id_token_algorithms or not self.id_token_algorithms <= ID_TOKEN_ALGORITHMS:
            raise LoginSettingsError("login: id_token_algorithms must be chosen from ES256, PS256 and RS256")
        if "openid" not in self.scope.split():
            raise LoginSettingsError("login: the scope must contain openid")

    def acr_for(self, level: AssuranceLevel) -> str:
        """The acr value of the lowest level that is enough.

        Raises:
            LoginSettingsError: the provider has no such level.
        """
        enough = [(mapped.rank, acr) for acr, mapped in self.levels.items() if mapped.rank >= level.rank]
        if not enough:
            raise LoginSettingsError(f"login: no acr value is mapped to level {level.value} or higher")
        return min(enough)[1]


@dataclass(frozen=True, slots=True)
class ClientKeys:
    """The source's own keys at its provider: one to sign with, others that the provider encrypts to (the newest first)."""

    signing: Key = field(repr=False)
    decryption: tuple[Key, ...] = field(repr=False)

    @classmethod
    def of(cls, signing: object, decryption: Iterable[object] = ()) -> "ClientKeys":
        """From private keys of `cryptography`.

        Raises:
            LoginSettingsError: a key is neither P-256 nor RSA of at least 2048 bits.
        """
        return cls(client_key(signing, use="sig"), tuple(client_key(key, use="enc") for key in decryption))

    def public_keys(self) -> dict[str, list[dict[str, object]]]:
        """The JSON Web Key Set to hand to the provider."""
        keys: list[dict[str, object]] = [dict(self.signing.as_dict(private=False))]
        for key in self.decryption:
            keys.append(dict(key.as_dict(private=False, alg="ECDH-ES" if isinstance(key, ECKey) else "RSA-OAEP-256")))
        return {"keys": keys}


def client_key(private_key: object, *, use: str) -> Key:
    """A private key as a JSON Web Key with its thumbprint as `kid`; `use` is sig or enc.

    Raises:
        LoginSettingsError: neither P-256 nor RSA of at least 2048 bits.
    """
    key: Key
    match private_key:
        case ec.EllipticCurvePrivateKey(curve=ec.SECP256R1()):
            key = ECKey(private_key, private_key, {"use": use, "alg": "ES256"} if use == "sig" else {"use": use})
        case rsa.RSAPrivateKey(key_size=size) if size >= 2048:
            key = RSAKey(private_key, private_key, {"use": use, "alg": "PS256"} if use == "sig" else {"use": use})
        case _:
            remedy = "make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
            raise LoginSettingsError("a key for the login is neither P-256 nor RSA of at least 2048 bits", remedy=remedy)
    key.ensure_kid()
    return key
