"""A receiver and those who vouch for it, in which a test can break any part."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from blauweknop.domain.identifiers import Oin
from blauweknop.domain.texts import Text
from blauweknop.standards import base64url, jose
from blauweknop.standards.access_certificate import NCP_LEGAL, x509_hash
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.lote import ServiceKind, ServiceStatus, TrustedEntity, TrustList, TrustService
from blauweknop.standards.registration import (
    LegalBasis,
    RegisteredCredential,
    Registration,
    SupervisoryAuthority,
    sign_registration,
)
from blauweknop.standards.registration_claims import SERVICE_PROVIDER
from blauweknop.standards.status_list import StatusList, StatusReference, sign_status_list
from tests.unit.standards.pki import AUTHORITY, MESSAGES, NOW, YEAR, Extension, Issued, certify, constraints, p256, usage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STATUS_URI = "https://registrar.example/statuslists/1"
INDEX = 42
IDENTIFIER = "NTRNL-90001001"
DEBT, INCOME = "https://register.example/vct/duo-studieschuld/1", "https://register.example/vct/uwv-loonaangifte/1"

AUTHORITY_OF_RECEIVERS = certify("ontvangers", None, AUTHORITY)
REGISTRAR = certify("registrar", None, MESSAGES)

Attribute = tuple[x509.ObjectIdentifier, str]
SUBJECT: tuple[Attribute, ...] = (
    (NameOID.COUNTRY_NAME, "NL"),
    (NameOID.ORGANIZATION_NAME, "Gemeente Proef"),
    (NameOID.ORGANIZATION_IDENTIFIER, IDENTIFIER),
    (NameOID.COMMON_NAME, "Schuldhulp Proef"),
)
CONTACT: tuple[x509.GeneralName, ...] = (x509.UniformResourceIdentifier("https://proef.example/contact"),)


def policy(*identifiers: str) -> Extension:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(text), None) for text in identifiers]), False


def access_certificate(
    *,
    issuer: Issued = AUTHORITY_OF_RECEIVERS,
    subject: Sequence[Attribute] = SUBJECT,
    contact: Sequence[x509.GeneralName] | None = CONTACT,
    policies: Sequence[str] = (NCP_LEGAL,),
    extensions: Sequence[Extension] = (constraints(authority=False), usage("digital_signature")),
    starts: datetime = NOW - DAY,
    ends: datetime = NOW + 364 * DAY,
    key: Any = None,
) -> Issued:
    own = key or p256()
    builder = x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(kind, value) for kind, value in subject]))
    builder = builder.issuer_name(issuer.certificate.subject).public_key(own.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(starts).not_valid_after(ends)
    named: list[Extension] = [(x509.SubjectAlternativeName(contact), False)] if contact else []
    for extension, critical in (*extensions, *named, *([policy(*policies)] if policies else [])):
        builder = builder.add_extension(extension, critical=critical)
    return Issued(builder.sign(issuer.key, hashes.SHA256()), own)


RECEIVER = access_certificate()


def service(
    kind: ServiceKind, *issued: Issued, status: ServiceStatus = ServiceStatus.GRANTED, since: datetime = NOW - YEAR
) -> TrustService:
    return TrustService(kind, tuple(item.der for item in issued), status, since)


SERVICES = (service(ServiceKind.RECEIVER_ACCESS, AUTHORITY_OF_RECEIVERS), service(ServiceKind.RECEIVER_REGISTRATION, REGISTRAR))


def trust_list(*services: TrustService, hosts: Sequence[str] = ("registrar.example",)) -> TrustList:
    name = Text("Register van ontvangers", "Register of receivers")
    entity = TrustedEntity(Oin("00000099000000000002"), name, "Proef", services or SERVICES, (), tuple(hosts))
    return TrustList(7, NOW - HOUR, NOW + DAY, "Proef", (entity,))


REGISTRATION = Registration(
    name="Schuldhulp Proef",
    legal_name="Gemeente Proef",
    identifier=IDENTIFIER,
    country="NL",
    registry_uri="https://register.example/ontvangers",
    service=Text("Hulp bij schulden", "Help with debts"),
    entitlements=(SERVICE_PROVIDER,),
    privacy_policy="https://proef.example/privacy",
    info_uri="https://proef.example",
    support_uri="mailto:privacy@proef.example",
    authority=SupervisoryAuthority(uri="https://autoriteitpersoonsgegevens.nl"),
    certificate_policy="https://register.example/ontvangers/beleid",
    issued_at=NOW - DAY,
    expires_at=NOW + 300 * DAY,
    status=StatusReference(INDEX, STATUS_URI),
    credentials=(RegisteredCredential("dc+sd-jwt", (DEBT,), (("schuld",), ("peildatum",))),),
    purpose=Text("Een betalingsregeling maken", "To make a payment plan"),
    intended_use="schuldhulp-1",
    public_body=True,
    life_event="schuldhulp",
    legal_basis=LegalBasis("e", "Wgs artikel 4"),
    retention="P5Y",
)


def status_lists(
    changes: Mapping[int, int] | None = None, *, signer: Issued = REGISTRAR, uri: str = STATUS_URI, made: datetime = NOW, bits: int = 2
) -> dict[str, bytes]:
    statuses = StatusList.of_size(64, bits).with_statuses(changes or {})
    token = sign_status_list(statuses, uri=uri, issued_at=made, expires_at=made + DAY, ttl=HOUR, signer=signer.signer())
    return {STATUS_URI: token.encode()}


def registered(signer: Issued = REGISTRAR, **changes: Any) -> str:
    return sign_registration(replace(REGISTRATION, **changes), signer.signer())


WALLET_NONCE = "w" * 22
ENCRYPTION: dict[str, Any] = public_jwk(p256().public_key()) | {"use": "enc", "alg": "ECDH-ES", "kid": "1"}
QUERY: dict[str, Any] = {
    "credentials": [{"id": "schuld", "format": "dc+sd-jwt", "meta": {"vct_values": [DEBT]}, "claims": [{"path": ["schuld"]}]}],
}


@dataclass(frozen=True)
class Question:
    """A request object of which any member can be set, or taken away with None."""

    receiver: Issued = RECEIVER
    registration: str = registered()

    def members(self, **changes: Any) -> dict[str, Any]:
        seconds = int(NOW.timestamp())
        members: dict[str, Any] = {
            "client_id": x509_hash(self.receiver.der),
            "response_type": "vp_token",
            "response_mode": "direct_post.jwt",
            "response_uri": "https://proef.example/oid4vp/responses/1",
            "aud": "https://self-issued.me/v2",
            "nonce": base64url.encode(random.Random(7).randbytes(16)),
            "state": base64url.encode(random.Random(8).randbytes(16)),
            "wallet_nonce": WALLET_NONCE,
            "iat": seconds,
            "exp": seconds + 300,
            "client_metadata": {"jwks": {"keys": [ENCRYPTION]}, "encrypted_response_enc_values_supported": ["A128GCM", "A256GCM"]},
            "verifier_info": [{"format": "registration_cert", "data": base64url.encode(self.registration.encode())}],
            "dcql_query": QUERY,
        } | changes
        return {name: value for name, value in members.items() if value is not None}

    def signed(self, purpose: jose.Purpose = jose.REQUEST_OBJECT, **changes: Any) -> str:
        return jose.sign_jws(self.members(**changes), self.receiver.signer(), purpose)
