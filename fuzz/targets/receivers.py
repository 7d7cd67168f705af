"""What receivers send and are sent: encrypted messages, questions, registrations, access certificates, webhooks."""

import base64
import functools
import json
import random
from collections.abc import Callable

from joserfc import jwe as other_jwe
from joserfc.jwk import ECKey

from blauweknop.standards import jose
from blauweknop.standards.access_certificate import AccessProblem, read_access_certificate
from blauweknop.standards.dcql import MalformedQuery, read_dcql
from blauweknop.standards.jwe import CREDENTIAL_MESSAGE, EncryptionPurpose, JweProblem, decrypt_jwe, encrypt_jwe, key_agreement, parse_jwe
from blauweknop.standards.jwk import EncryptionKey, UnsuitableJwk, public_jwk, read_encryption_keys
from blauweknop.standards.registration import RegistrationProblem, verify_registration
from blauweknop.standards.registration_claims import registration_claims
from blauweknop.standards.request_object import RequestProblem, verify_request
from blauweknop.standards.request_scope import beyond_registration
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json
from blauweknop.standards.webhook_signature import WebhookRefused, signed_headers, verify_webhook
from fuzz.mutators.der_values import change_der
from fuzz.mutators.json_members import change_json
from fuzz.mutators.messages import change_message
from fuzz.target import Target
from fuzz.targets.signed_data import signed_by
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import NOW, p256

__all__ = ["RECEIVER_TARGETS"]

_KEY = p256()
_COMPRESSED = EncryptionPurpose(compression=True)


def _check_encrypted(data: bytes) -> str:
    """A message that we open is one that another library opens too, with the same content."""
    text = data.decode("latin-1")
    return " ".join(_opened(text, purpose) for purpose in (CREDENTIAL_MESSAGE, _COMPRESSED))


def _opened(text: str, purpose: EncryptionPurpose) -> str:
    try:
        content = decrypt_jwe(parse_jwe(text, purpose), key_agreement(_KEY))
    except JweProblem as problem:
        return problem.code
    key = ECKey.import_key(_KEY)
    found = other_jwe.decrypt_compact(text, key, algorithms=["ECDH-ES", "A128GCM", "A256GCM", "DEF"])
    assert found.plaintext == content
    return "accepted"


def _encrypted() -> list[bytes]:
    ours = EncryptionKey(_KEY.public_key(), "1")
    made = [
        encrypt_jwe(b'{"a":1}', ours, CREDENTIAL_MESSAGE, random_bytes=random.Random(7).randbytes, encoding="A128GCM"),
        encrypt_jwe(b'{"a":1}', ours, CREDENTIAL_MESSAGE, random_bytes=random.Random(8).randbytes, parties=(b"Alice", b"Bob")),
    ]
    return [text.encode() for text in made]


def _check_keys(data: bytes) -> str:
    try:
        found = read_encryption_keys(parse_json(data, max_bytes=1 << 16))
    except (MalformedJson, UnsuitableJwk) as error:
        return str(error)
    return f"{len(found)} keys"


def _keys() -> list[bytes]:
    first, second = ({**public_jwk(p256().public_key()), "use": "enc", "alg": "ECDH-ES", "kid": name} for name in "12")
    return [canonical_json({"keys": [first, second]})]


def _check_query(data: bytes) -> str:
    try:
        query = read_dcql(parse_json(data, max_bytes=1 << 18))
    except (MalformedJson, MalformedQuery) as error:
        return str(error)
    beyond_registration(query, r.REGISTRATION)
    return "accepted"


def _queries() -> list[bytes]:
    whole = {
        "credentials": [
            {
                **r.QUERY["credentials"][0],
                "multiple": True,
                "claims": [{"id": "a", "path": ["x", None, 0], "values": [1, "b", True]}],
                "claim_sets": [["a"]],
            },
            {"id": "m", "format": "mso_mdoc", "meta": {"doctype_value": "org.iso.x"}, "claims": [{"path": ["org.iso.x", "n"]}]},
        ],
        "credential_sets": [{"options": [["schuld"], ["m", "schuld"]], "required": False}],
    }
    return [json.dumps(r.QUERY).encode(), json.dumps(whole).encode()]


def _check_registration(data: bytes) -> str:
    try:
        found = verify_registration(data.decode("latin-1"), trust_list=r.trust_list(), status_lists=r.status_lists(), at=NOW)
    except RegistrationProblem as problem:
        return problem.code
    registration_claims(found)
    return "accepted"


def _check_registration_claims(data: bytes) -> str:
    return _check_registration(jose.sign_jws(data, r.REGISTRAR.signer(), jose.REGISTRATION_CERTIFICATE).encode())


@functools.cache
def _question() -> r.Question:
    return r.Question()


def _check_request(data: bytes) -> str:
    client = str(_question().members()["client_id"])
    lists = {"trust_list": r.trust_list(), "status_lists": r.status_lists()}
    try:
        verify_request(data.decode("latin-1"), client_id=client, wallet_nonce=r.WALLET_NONCE, at=NOW, **lists)  # type: ignore[arg-type] # by name
    except RequestProblem as problem:
        return problem.code
    return "accepted"


def _check_request_claims(data: bytes) -> str:
    return _check_request(jose.sign_jws(data, _question().receiver.signer(), jose.REQUEST_OBJECT).encode())


def _check_access(data: bytes) -> str:
    """A changed certificate of a receiver, under a right signature of those who give them out."""
    encoded = signed_by(r.AUTHORITY_OF_RECEIVERS, data)
    try:
        read_access_certificate([encoded], trust_list=r.trust_list(), at=NOW)
    except AccessProblem as problem:
        return problem.code
    return "accepted"


def _check_webhook(data: bytes) -> str:
    """The first three lines are the headers."""
    message_id, seconds, signature, body = [*data.split(b"\n", 3), b"", b"", b""][:4]
    headers = {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": signature}
    try:
        found = verify_webhook({name: value.decode("latin-1") for name, value in headers.items()}, body, _SECRET, now=NOW)
    except WebhookRefused as refused:
        return str(refused)
    assert signed_headers(found, body, [_SECRET], at=NOW)["webhook-id"] == found
    return "accepted"


_SECRET = bytes(range(32))


def _webhook() -> list[bytes]:
    return [b"\n".join(value.encode() for value in signed_headers("msg_1", b'{"a":1}', [_SECRET], at=NOW).values()) + b'\n{"a":1}']


def _payload_of(token: str) -> list[bytes]:
    return [base64.urlsafe_b64decode(token.split(".")[1] + "==")]


def _target(name: str, about: str, seeds: Callable[[], list[bytes]], check: Callable[[bytes], str]) -> Target:
    return Target(name, about, seeds, check, change_json if name.endswith("-claims") else change_message)


RECEIVER_TARGETS = (
    _target("encrypted", "encrypted messages", _encrypted, _check_encrypted),
    Target("encryption-keys", "sets of keys to encrypt to", _keys, _check_keys, change_json),
    Target("query", "questions in DCQL", _queries, _check_query, change_json),
    _target("registration", "registrations of receivers", lambda: [r.registered().encode()], _check_registration),
    _target(
        "registration-claims",
        "changed registrations under a right signature",
        lambda: _payload_of(r.registered()),
        _check_registration_claims,
    ),
    _target("request", "signed questions of receivers", lambda: [_question().signed().encode()], _check_request),
    _target(
        "request-claims", "changed questions under a right signature", lambda: _payload_of(_question().signed()), _check_request_claims
    ),
    Target(
        "access-certificate",
        "changed certificates of receivers under a right signature",
        lambda: [r.RECEIVER.certificate.tbs_certificate_bytes],
        _check_access,
        change_der,
    ),
    _target("webhook", "messages to receivers", _webhook, _check_webhook),
)
