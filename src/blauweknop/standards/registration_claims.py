"""What stands in the registration of a receiver (PROTOCOL 5.3; TS 119 475 clause 5.2): its types, and their form in JSON.

Members beginning with `bk_` are of this scheme. Members we do not know are not looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blauweknop.domain.document import JsonValue
from blauweknop.domain.durations import DURATION
from blauweknop.domain.life_event import LIFE_EVENT_NAME, LegalBasis
from blauweknop.domain.texts import Text
from blauweknop.standards.access_certificate import RECEIVER_ID
from blauweknop.standards.dcql import CredentialFormat, Path, meta_json, read_claims, read_format, read_types
from blauweknop.standards.json_members import (
    SHOWN_TEXT,
    MalformedMember,
    Members,
    as_members,
    member_address,
    member_flag,
    member_languages,
    member_list,
    member_moment,
    member_object,
    member_objects,
    member_text,
    member_texts,
)
from blauweknop.standards.jwk import EncryptionKey, UnsuitableJwk, public_jwk, read_encryption_jwk
from blauweknop.standards.status_list import StatusReference, read_reference

__all__ = [
    "SERVICE_PROVIDER",
    "LegalBasis",
    "RegisteredCredential",
    "RegisteredUpdates",
    "Registration",
    "SupervisoryAuthority",
    "read_registration",
    "registration_claims",
]

SERVICE_PROVIDER = "https://uri.etsi.org/19475/Entitlement/Service_Provider"
"""What who asks for credentials must be entitled to be (TS 119 475 annex A.2.1)."""

_POLICY = "0.4.0.19475.3.1"
_COUNTRY = re.compile(r"[A-Z]{2}")
_OBJECT_IDENTIFIER = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]{0,9})){1,20}")
_URI = re.compile(r"[a-z][a-z0-9+.-]{1,20}:[!-~]{1,1900}")
_E_MAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,250}")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()-]{2,30}")
_USE = re.compile(r"[A-Za-z0-9._:/-]{1,200}")
_LETTER = re.compile(r"[a-f]")
_MAX_CREDENTIALS = 64
_MAX_RECIPIENTS = 20
_MAX_TYPES = 200
_TYPE = re.compile(r"[!-~]{1,2000}")


@dataclass(frozen=True, slots=True)
class SupervisoryAuthority:
    """Who supervises the receiver, and how to reach it; at least one way."""

    email: str | None = None
    phone: str | None = None
    uri: str | None = None

    @property
    def contact(self) -> str:
        """The way that says most: a page before an address, and that before a number."""
        return self.uri or self.email or self.phone or ""


@dataclass(frozen=True, slots=True)
class RegisteredCredential:
    """Credentials of these types, of which these claims may be asked; without claims none that can be left out.

    A claim with `limits` may only be asked with some of those values (the `values` of a claim in ETSI TS 119 475).
    """

    format: CredentialFormat
    types: tuple[str, ...]
    claims: tuple[Path, ...] = ()
    limits: tuple[tuple[Path, tuple[str | int | bool, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class RegisteredUpdates:
    """That a receiver may be kept up to date, for how long at most from a consent (a duration), and with which types of credentials."""

    longest: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registration:
    """What one receiver may ask for one use. `retention` is a duration of ISO 8601; `bsn_law` the article that entitles it to the BSN."""

    name: str
    legal_name: str
    identifier: str
    country: str
    registry_uri: str
    service: Text
    entitlements: tuple[str, ...]
    privacy_policy: str
    info_uri: str
    support_uri: str
    authority: SupervisoryAuthority
    certificate_policy: str
    issued_at: datetime
    expires_at: datetime
    status: StatusReference
    credentials: tuple[RegisteredCredential, ...]
    purpose: Text
    intended_use: str
    public_body: bool
    life_event: str
    """Of any name: a new life event is a file of whoever asks, and no change of the standard."""
    legal_basis: LegalBasis
    retention: str
    bsn_law: str | None = None
    recipients: tuple[Text, ...] = ()
    """Who else gets the data; nobody when none are named."""
    intermediary: tuple[str, str] | None = None
    """Identifier and name of who asks on behalf of the receiver."""
    updates: RegisteredUpdates | None = None
    """What it may be sent again when there is something newer; nothing when None (ADR 0040)."""
    link_key: EncryptionKey | None = None
    """What documents are encrypted to that come without a wallet; without it a receiver gets none."""
    begins_at: datetime | None = None
    """What it says of when it begins, beside when it was issued; see `starts_at`."""

    @property
    def starts_at(self) -> datetime:
        """From when it counts."""
        return max(self.issued_at, self.begins_at or self.issued_at)

    def counts_at(self, moment: datetime) -> bool:
        """Whether it has begun and not ended at an aware moment; its status is another question."""
        return self.starts_at <= moment <= self.expires_at


def registration_claims(registration: Registration) -> dict[str, JsonValue]:
    """The registration as the payload of a certificate."""
    authority = registration.authority
    reachable = {"email": authority.email, "phone": authority.phone, "uri": authority.uri}
    claims: dict[str, JsonValue] = {
        "name": registration.name,
        "sub_ln": registration.legal_name,
        "sub": registration.identifier,
        "country": registration.country,
        "registry_uri": registration.registry_uri,
        "srv_description": [_in_languages(registration.service)],
        "entitlements": [*registration.entitlements],
        "privacy_policy": registration.privacy_policy,
        "info_uri": registration.info_uri,
        "support_uri": registration.support_uri,
        "supervisory_authority": {name: value for name, value in reachable.items() if value is not None},
        "policy_id": [_POLICY],
        "certificate_policy": registration.certificate_policy,
        "iat": int(registration.issued_at.timestamp()),
        "exp": int(registration.expires_at.timestamp()),
        "status": {"status_list": {"idx": registration.status.index, "uri": registration.status.uri}},
        "credentials": [_credential_json(credential) for credential in registration.credentials],
        "purpose": _in_languages(registration.purpose),
        "intended_use_id": registration.intended_use,
        "public_body": registration.public_body,
        "bk_life_event": registration.life_event,
        "bk_legal_basis": {"article_6_1": registration.legal_basis.letter, "law": registration.legal_basis.law},
        "bk_retention": registration.retention,
    }
    if registration.bsn_law is not None:
        claims["bk_bsn_entitled"] = registration.bsn_law
    if registration.recipients:
        claims["bk_recipients"] = [_in_languages(recipient) for recipient in registration.recipients]
    if registration.intermediary is not None:
        claims["intermediary"] = {"sub": registration.intermediary[0], "name": registration.intermediary[1]}
    if registration.updates is not None:
        claims["bk_updates"] = {"longest": registration.updates.longest, "types": [*registration.updates.types]}
    if registration.link_key is not None:
        claims["bk_link_key"] = _link_key_json(registration.link_key)
    if registration.begins_at is not None:
        claims["nbf"] = int(registration.begins_at.timestamp())
    return claims


def read_registration(members: Members) -> Registration:
    """The registration from the payload of a certificate.

    Raises:
        MalformedMember, StatusListProblem: a member that is missing or of another form.
    """
    if _POLICY not in member_texts(members, "policy_id", _OBJECT_IDENTIFIER, most=20):
        raise MalformedMember(f"expected the policy {_POLICY} in policy_id")
    entitlements = member_texts(members, "entitlements", _URI, most=20)
    if SERVICE_PROVIDER not in entitlements:
        raise MalformedMember("expected the entitlement of a service provider")
    (service,) = member_list(members, "srv_description", least=1, most=1)
    credentials = tuple(map(_read_credential, member_objects(members, "credentials", least=1, most=_MAX_CREDENTIALS)))
    return Registration(
        name=member_text(members, "name", SHOWN_TEXT),
        legal_name=member_text(members, "sub_ln", SHOWN_TEXT),
        identifier=member_text(members, "sub", RECEIVER_ID),
        country=member_text(members, "country", _COUNTRY),
        registry_uri=member_address(members, "registry_uri"),
        service=member_languages({"srv_description": service}, "srv_description"),
        entitlements=entitlements,
        privacy_policy=member_address(members, "privacy_policy"),
        info_uri=member_address(members, "info_uri"),
        support_uri=member_text(members, "support_uri", _URI),
        authority=_read_authority(member_object(members, "supervisory_authority")),
        certificate_policy=member_text(members, "certificate_policy", _URI),
        issued_at=member_moment(members, "iat"),
        expires_at=member_moment(members, "exp"),
        status=read_reference(members.get("status")),
        credentials=credentials,
        purpose=member_languages(members, "purpose"),
        intended_use=member_text(members, "intended_use_id", _USE),
        public_body=member_flag(members, "public_body"),
        life_event=member_text(members, "bk_life_event", LIFE_EVENT_NAME),
        legal_basis=_read_legal_basis(member_object(members, "bk_legal_basis")),
        retention=member_text(members, "bk_retention", DURATION),
        bsn_law=member_text(members, "bk_bsn_entitled", SHOWN_TEXT) if "bk_bsn_entitled" in members else None,
        recipients=_read_recipients(members),
        intermediary=_read_intermediary(members),
        updates=_read_updates(members, credentials),
        link_key=_read_link_key(members),
        begins_at=member_moment(members, "nbf") if "nbf" in members else None,
    )


def _in_languages(text: Text) -> list[JsonValue]:
    return [{"lang": "nl", "value": text.nl}, {"lang": "en", "value": text.en}]


def _credential_json(credential: RegisteredCredential) -> JsonValue:
    limits = dict(credential.limits)
    claims: list[JsonValue] = [_claim_json(path, limits.get(path)) for path in credential.claims]
    return {"format": credential.format, "meta": meta_json(credential.format, credential.types)} | ({"claim": claims} if claims else {})


def _claim_json(path: Path, limit: tuple[str | int | bool, ...] | None) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {"path": [*path]}
    return members if limit is None else {**members, "values": [*limit]}


def _read_authority(members: Members) -> SupervisoryAuthority:
    forms = {"email": _E_MAIL, "phone": _TELEPHONE, "uri": _URI}
    found = {name: member_text(members, name, form) for name, form in forms.items() if name in members}
    if not found:
        raise MalformedMember("expected a way to reach the supervisory_authority")
    return SupervisoryAuthority(**found)


def _read_credential(members: Members) -> RegisteredCredential:
    form = read_format(members)
    claims = read_claims(members, "claim", form)
    limits = tuple((claim.path, claim.values) for claim in claims if claim.values is not None)
    return RegisteredCredential(form, read_types(members, form), tuple(claim.path for claim in claims), limits)


def _read_legal_basis(members: Members) -> LegalBasis:
    return LegalBasis(member_text(members, "article_6_1", _LETTER), member_text(members, "law", SHOWN_TEXT))


def _read_recipients(members: Members) -> tuple[Text, ...]:
    named = member_list(members, "bk_recipients", most=_MAX_RECIPIENTS) if "bk_recipients" in members else []
    return tuple(member_languages({"bk_recipients": recipient}, "bk_recipients") for recipient in named)


def _read_intermediary(members: Members) -> tuple[str, str] | None:
    if "intermediary" not in members:
        return None
    between = as_members(members["intermediary"], "intermediary")
    return member_text(between, "sub", RECEIVER_ID), member_text(between, "name", SHOWN_TEXT)


def _link_key_json(key: EncryptionKey) -> dict[str, JsonValue]:
    named: dict[str, JsonValue] = {"kid": key.key_id} if key.key_id is not None else {}
    return {**public_jwk(key.public), "use": "enc", "alg": "ECDH-ES", **named}


def _read_link_key(members: Members) -> EncryptionKey | None:
    """One that says itself that it is to encrypt to: a key that signs is none by mistake."""
    if "bk_link_key" not in members:
        return None
    given = as_members(members["bk_link_key"], "bk_link_key")
    try:
        key = read_encryption_jwk({**given})
    except UnsuitableJwk as error:
        raise MalformedMember(f"bk_link_key: {error}") from error
    if given.get("use") != "enc" or key.key_id is None:
        raise MalformedMember("expected bk_link_key with use enc and a kid")
    return key


def _read_updates(members: Members, credentials: Sequence[RegisteredCredential]) -> RegisteredUpdates | None:
    if "bk_updates" not in members:
        return None
    given = as_members(members["bk_updates"], "bk_updates")
    updates = RegisteredUpdates(member_text(given, "longest", DURATION), member_texts(given, "types", _TYPE, least=1, most=_MAX_TYPES))
    if not {*updates.types} <= {kind for credential in credentials for kind in credential.types}:
        raise MalformedMember("expected bk_updates of types that are registered")
    return updates
