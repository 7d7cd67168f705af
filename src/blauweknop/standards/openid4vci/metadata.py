"""What an issuer of credentials says of itself, plain and signed (OpenID4VCI 1.0 sections 12.2 and 12.3, RFC 8414; PROTOCOL 2.1).

The issuer is its own authorization server. All its endpoints lie below one address: `par`, `authorize`, `token`, `challenge`, `jwks`;
`nonce`, `credential`, `deferred-credential`, `notification`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.texts import Language, Text
from blauweknop.standards import base64url, jose
from blauweknop.standards.json_members import Members
from blauweknop.standards.jwe import CREDENTIAL_MESSAGE
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.openid4vci.key_attestation import levels_from
from blauweknop.standards.openid4vci.token_request import AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE, REFRESH_TOKEN
from blauweknop.standards.signing import Signer
from blauweknop.standards.x509 import read_certificate

__all__ = [
    "ClaimDescription",
    "CredentialDescription",
    "CredentialFormat",
    "IssuerDescription",
    "IssuerRegistration",
    "KeyAttestationRules",
    "Logo",
    "authorization_server_metadata",
    "encryption_jwks",
    "issuer_metadata",
    "sign_issuer_metadata",
]

CredentialFormat = Literal["dc+sd-jwt", "mso_mdoc"]

_ES256 = "ES256"
_ES256_COSE = -7


@dataclass(frozen=True, slots=True)
class Logo:
    """An image, mostly a `data:` address so that nobody fetches it, and what it shows in words."""

    uri: str
    alt_text: Text


@dataclass(frozen=True, slots=True)
class ClaimDescription:
    """One claim of a credential. `path` is where it is: one name, or of an mdoc the namespace and the name."""

    path: tuple[str, ...]
    label: Text
    mandatory: bool


@dataclass(frozen=True, slots=True)
class CredentialDescription:
    """One kind of credential in one format; `type_name` is the `vct`, or of an mdoc the doctype. Colours are of CSS, `#rrggbb`."""

    configuration_id: str
    format: CredentialFormat
    type_name: str
    scope: str
    name: Text
    description: Text
    logo: Logo
    background_color: str
    text_color: str
    claims: tuple[ClaimDescription, ...]


@dataclass(frozen=True, slots=True)
class KeyAttestationRules:
    """Attestations of keys are taken. With `required` one is a must, for keys of `level` or more (`ATTACK_POTENTIALS`; None: any)."""

    required: bool
    level: str | None = None


@dataclass(frozen=True, slots=True)
class IssuerRegistration:
    """How the issuer is registered as a relying party (TS 119 472-3, TS 119 475): its identifier, what it does, where that is registered.

    `certificate` is its registration certificate.
    """

    identifier: str
    service: Text
    registry_uri: str
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class IssuerDescription:
    """Everything that the metadata say.

    `endpoints` is the address below which the endpoints lie. `encryption_keys` are ours, for requests, by their `kid`; without them nothing
    is encrypted. A wallet gets at most `batch_size` copies at once, and asks for more when `reissue_trigger_unused` are left.
    With `servers`, clients may prove themselves by `private_key_jwt` too; with `unknown_wallets`, a wallet may come with a pre-authorised
    code and no name. `registration` is for the profile that asks for it.
    """

    issuer: str
    endpoints: str
    name: Text
    logo: Logo
    credentials: tuple[CredentialDescription, ...]
    batch_size: int
    reissue_trigger_unused: int = 2
    encryption_keys: Mapping[str, ec.EllipticCurvePublicKey] = field(default_factory=dict)
    encryption_required: bool = False
    key_attestations: KeyAttestationRules | None = None
    servers: bool = False
    unknown_wallets: bool = False
    registration: IssuerRegistration | None = None


def issuer_metadata(description: IssuerDescription, languages: Sequence[Language]) -> dict[str, JsonValue]:
    """The credential issuer metadata (section 12.2.4), with texts in these languages, in this order."""
    metadata: dict[str, JsonValue] = {
        "credential_issuer": description.issuer,
        "credential_endpoint": f"{description.endpoints}/credential",
        "nonce_endpoint": f"{description.endpoints}/nonce",
        "deferred_credential_endpoint": f"{description.endpoints}/deferred-credential",
        "notification_endpoint": f"{description.endpoints}/notification",
        "display": [
            {"name": description.name.in_language(language), "locale": language, "logo": _logo(description.logo, language)}
            for language in languages
        ],
        "credential_configurations_supported": {
            credential.configuration_id: _configuration(credential, description, languages) for credential in description.credentials
        },
    }
    if description.batch_size >= 2:
        metadata["batch_credential_issuance"] = {"batch_size": description.batch_size}
    if description.encryption_keys:
        metadata |= _encryption(description)
    if description.registration is not None:
        metadata["issuer_info"] = _issuer_info(description.registration, description.credentials, languages)
    return metadata


def authorization_server_metadata(description: IssuerDescription) -> dict[str, JsonValue]:
    """The metadata of the authorization server (RFC 8414 section 2, and those that name its members; OpenID4VCI section 12.3)."""
    by_assertion: list[JsonValue] = ["private_key_jwt"] if description.servers else []
    metadata: dict[str, JsonValue] = {
        "issuer": description.issuer,
        "authorization_endpoint": f"{description.endpoints}/authorize",
        "token_endpoint": f"{description.endpoints}/token",
        "pushed_authorization_request_endpoint": f"{description.endpoints}/par",
        "challenge_endpoint": f"{description.endpoints}/challenge",
        "jwks_uri": f"{description.endpoints}/jwks",
        "scopes_supported": [*dict.fromkeys(credential.scope for credential in description.credentials)],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE, *([REFRESH_TOKEN] if description.servers else [])],
        "authorization_details_types_supported": ["openid_credential"],
        "require_pushed_authorization_requests": True,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": [_ES256],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": ["attest_jwt_client_auth", *by_assertion],
        "client_attestation_signing_alg_values_supported": [_ES256],
        "client_attestation_pop_signing_alg_values_supported": [_ES256],
        "pre-authorized_grant_anonymous_access_supported": description.unknown_wallets,
    }
    if by_assertion:
        metadata["token_endpoint_auth_signing_alg_values_supported"] = [_ES256]
    return metadata


def sign_issuer_metadata(members: Members, issuer: str, signer: Signer, at: datetime, life: timedelta) -> str:
    """The metadata as a signed message (section 12.2.3), with the certificates of the signer but no anchor (HAIP 1.0 section 4.1).

    Raises:
        UnsuitableKey: no P-256 key.
    """
    claims = {**members, "sub": issuer, "iat": int(at.timestamp()), "exp": int((at + life).timestamp())}
    above = [encoded for encoded in signer.chain if not _signs_itself(encoded)]
    certificates: list[JsonValue] = [base64url.encode_standard(encoded) for encoded in (signer.certificate, *above)]
    return jose.sign_jws(claims, signer, jose.SIGNED_METADATA, header={"x5c": certificates})


def encryption_jwks(keys: Mapping[str, ec.EllipticCurvePublicKey]) -> dict[str, JsonValue]:
    """Keys to encrypt to, by their `kid`, as a set with the `alg` that section 10 asks for."""
    return {"keys": [{**public_jwk(key), "use": "enc", "alg": "ECDH-ES", "kid": name} for name, key in keys.items()]}


def _configuration(credential: CredentialDescription, issuer: IssuerDescription, languages: Sequence[Language]) -> JsonValue:
    shown: JsonValue = {
        "display": [_display(credential, language) for language in languages],
        "claims": [_claim(claim, languages) for claim in credential.claims],
        "credential_reuse_policy": _reuse_policy(issuer),
    }
    members: dict[str, JsonValue] = {
        "format": credential.format,
        "scope": credential.scope,
        "proof_types_supported": _proof_types(issuer.key_attestations),
        "credential_metadata": shown,
    }
    if credential.format == "mso_mdoc":
        members["doctype"] = credential.type_name
        members["credential_signing_alg_values_supported"] = [_ES256_COSE]
        members["cryptographic_binding_methods_supported"] = ["cose_key"]
    else:
        members["vct"] = credential.type_name
        members["credential_signing_alg_values_supported"] = [_ES256]
        members["cryptographic_binding_methods_supported"] = ["jwk"]
    return members


def _proof_types(attestations: KeyAttestationRules | None) -> JsonValue:
    """Section 12.2.4: `jwt` always; `attestation` where attestations are taken; what they must show where one is a must (appendix D)."""
    rules: dict[str, JsonValue] = {"proof_signing_alg_values_supported": [_ES256]}
    if attestations is None:
        return {"jwt": rules}
    if attestations.required:
        levels: list[JsonValue] = [*levels_from(attestations.level)] if attestations.level is not None else []
        rules["key_attestations_required"] = {"key_storage": levels, "user_authentication": levels} if levels else {}
    return {"jwt": rules, "attestation": rules}


def _reuse_policy(issuer: IssuerDescription) -> JsonValue:
    """Copies for one use each (ARF annex II)."""
    option: JsonValue = {
        "details": ["once_only"],
        "batch_size": issuer.batch_size,
        "reissue_trigger_unused": issuer.reissue_trigger_unused,
    }
    return {"id": "arf_annex_ii", "options": [option]}


def _display(credential: CredentialDescription, language: Language) -> JsonValue:
    return {
        "name": credential.name.in_language(language),
        "locale": language,
        "description": credential.description.in_language(language),
        "logo": _logo(credential.logo, language),
        "background_color": credential.background_color,
        "text_color": credential.text_color,
    }


def _claim(claim: ClaimDescription, languages: Sequence[Language]) -> JsonValue:
    return {
        "path": [*claim.path],
        "mandatory": claim.mandatory,
        "display": [{"name": claim.label.in_language(language), "locale": language} for language in languages],
    }


def _logo(logo: Logo, language: Language) -> JsonValue:
    return {"uri": logo.uri, "alt_text": logo.alt_text.in_language(language)}


def _encryption(description: IssuerDescription) -> Mapping[str, JsonValue]:
    """Of requests and of answers (section 10): without compression, so that there is no `zip_values_supported`."""
    encodings: list[JsonValue] = [*CREDENTIAL_MESSAGE.encodings]
    both: dict[str, JsonValue] = {"enc_values_supported": encodings, "encryption_required": description.encryption_required}
    return {
        "credential_request_encryption": {"jwks": encryption_jwks(description.encryption_keys), **both},
        "credential_response_encryption": {"alg_values_supported": ["ECDH-ES"], **both},
    }


def _issuer_info(
    registration: IssuerRegistration, credentials: Sequence[CredentialDescription], languages: Sequence[Language]
) -> JsonValue:
    """TS 119 472-3: the entry in the registry as data, and as a certificate where there is one."""
    entry: JsonValue = {
        "identifier": registration.identifier,
        "srvDescription": [{"lang": language, "content": registration.service.in_language(language)} for language in languages],
        "registryURI": registration.registry_uri,
        "providesAttestations": [_provided(credential) for credential in credentials],
    }
    info: list[JsonValue] = [{"format": "registrar_dataset", "data": entry}]
    if registration.certificate is not None:
        info.append({"format": "registration_cert", "data": registration.certificate})
    return info


def _provided(credential: CredentialDescription) -> JsonValue:
    meta: JsonValue = {"doctype_value": credential.type_name} if credential.format == "mso_mdoc" else {"vct_values": [credential.type_name]}
    return {"format": credential.format, "meta": meta}


def _signs_itself(encoded: bytes) -> bool:
    certificate = read_certificate(encoded)
    return certificate.subject == certificate.issuer
