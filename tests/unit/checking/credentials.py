"""Credentials and presentations to attack: right but for one thing; keys and trust are those of `exercise_documents`."""

import functools
import hashlib
import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.checking.check_credential import check_credential
from blauweknop.checking.check_presentation import Asked, check_presentation
from blauweknop.checking.trust import Trust
from blauweknop.document.type_metadata import vct_of
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import CheckResult, Verdict, Verified
from blauweknop.standards import base64url, jose, sd_jwt_vc
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.signing import KeySigner, key_signer
from blauweknop.standards.status_list import StatusList, sign_status_list
from blauweknop.standards.strict_json import canonical_json
from blauweknop.standards.trust_list import TrustedEntity
from tests.unit.checking import exercise_documents as x

URI = "https://duo.example/statuslists/7"
INDEX = 4711
STATUS: JsonValue = {"status_list": {"idx": INDEX, "uri": URI}}
AUDIENCE = "x509_hash:ontvanger"
WALLET_TYPE = vct_of(x.dataset())
NONCE = "vraag-van-nu"
ASKED = Asked(AUDIENCE, NONCE)
MADE = x.NOW - timedelta(days=2)
ENDS = x.NOW + timedelta(days=60)
CLAIMS: Mapping[str, JsonValue] = {
    "given_name": "Çağla Đorđe",
    "family_name": "van der Łukasz",
    "reference_date": "2026-11-21",
    "source_name": "DUO",
    "schuldsaldo_inclusief_rente": 1234567,
}


@functools.cache
def holder() -> KeySigner:
    return key_signer(holder_key(), b"")


@functools.cache
def holder_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def of_document(**claims: JsonValue) -> str:
    """The credential of a document, whose claims are its data."""
    return x.credential(x.changed(x.content(), status=STATUS, **claims))


def of_wallet(
    claims: Mapping[str, JsonValue] = CLAIMS,
    *,
    status: JsonValue = STATUS,
    signer: KeySigner | None = None,
    vct: str | None = None,
    made: datetime = MADE,
    ends: datetime = ENDS,
    bound: bool = True,
) -> str:
    """A credential as wallets have it: single values, and the key of its holder."""
    always: dict[str, JsonValue] = {} if status is None else {"status": status}
    return sd_jwt_vc.issue(
        {**claims, **always},
        disclosable=lambda _: True,
        signer=signer or x.exercise().credentials["duo"],
        vct=vct or WALLET_TYPE,
        issuer="https://duo.example",
        issued_at=made,
        expires_at=ends,
        random_bytes=random.Random(7).randbytes,
        holder_key=holder_key().public_key() if bound else None,
    )


def crafted(payload: Mapping[str, JsonValue], *disclosures: str, header: Mapping[str, JsonValue] | None = None) -> str:
    """Any payload beside what is needed, signed right by DUO; None leaves a member out."""
    whole: dict[str, JsonValue] = {
        "vct": WALLET_TYPE,
        "iat": int(MADE.timestamp()),
        "exp": int(ENDS.timestamp()),
        "status": STATUS,
        "cnf": {"jwk": public_jwk(holder_key().public_key())},
        **payload,
    }
    said = {name: value for name, value in whole.items() if value is not None}
    return "~".join((jose.sign_jws(said, x.exercise().credentials["duo"], jose.SD_JWT_VC, header=header), *disclosures, ""))


def disclosure(*parts: JsonValue) -> tuple[str, str]:
    """Its text and its digest."""
    text = base64url.encode(canonical_json(list(parts)))
    return text, base64url.encode(hashlib.sha256(text.encode()).digest())


def keep(sd_jwt: str, names: Collection[str]) -> str:
    """What its holder leaves of it."""
    return sd_jwt_vc.disclose(sd_jwt, lambda place: place[0] in names)


def presented(sd_jwt: str | None = None, *, audience: str = AUDIENCE, nonce: str = NONCE, at: datetime = x.NOW) -> str:
    return sd_jwt_vc.bind(sd_jwt or of_wallet(), holder(), audience=audience, nonce=nonce, at=at)


def in_json(compact: str) -> dict[str, JsonValue]:
    """The same as one object, flattened (RFC 9901 section 8.1)."""
    message, *disclosures, binding = compact.split("~")
    protected, payload, signature = message.split(".")
    header: dict[str, JsonValue] = {"disclosures": [*disclosures]}
    if binding:
        header["kb_jwt"] = binding
    return {"payload": payload, "protected": protected, "signature": signature, "header": header}


def status_list(changes: Mapping[int, int] | None = None, *, made: datetime = x.NOW, uri: str = URI) -> bytes:
    statuses = StatusList.of_size(8192, 2).with_statuses(changes or {})
    signer = x.exercise().credentials["duo"]
    return sign_status_list(
        statuses, uri=uri, issued_at=made, expires_at=made + timedelta(days=1), ttl=timedelta(hours=1), signer=signer
    ).encode()


def entity(**changes: object) -> TrustedEntity:
    return replace(x.entity(x.DUO, hosts=("duo.example",)), **changes)  # type: ignore[arg-type] # the names are those of the fields


def trust(lists: Mapping[str, bytes] | None = None, *, duo: TrustedEntity | None = None) -> Trust:
    return replace(x.trust(duo or entity()), status_lists={URI: status_list()} if lists is None else lists)


def credential(text: str | bytes, *, given: Trust | None = None, at: datetime = x.NOW) -> Verdict:
    data = text if isinstance(text, bytes) else text.encode()
    return check_credential(data, trust=given or trust(), at=at, catalogue=x.catalogue())


def presentation(text: str | bytes, *, given: Trust | None = None, at: datetime = x.NOW, asked: Asked | None = ASKED) -> Verdict:
    data = text if isinstance(text, bytes) else text.encode()
    return check_presentation(data, asked=asked, trust=given or trust(), at=at, catalogue=x.catalogue())


def content_of(verdict: Verdict) -> dict[str, JsonValue]:
    """Of one that must be green."""
    assert isinstance(verdict, Verified)
    return verdict.content


def against(verdict: Verdict) -> list[str]:
    """Colour, step and reason of each step that is not in order and was not skipped."""
    bad = (CheckResult.WARN, CheckResult.FAIL)
    return [f"{verdict.colour} {step.id} {step.reason}" for step in verdict.facts.steps if step.result in bad]
