"""Signed messages of every purpose (JWS), and keys as JSON."""

import base64
import contextlib
import json

from joserfc import jws as other_jws
from joserfc.errors import ExceededSizeError
from joserfc.jwk import ECKey

from blauweknop.domain.document import JsonValue
from blauweknop.standards import jose
from blauweknop.standards.jose import JwsProblem, Purpose
from blauweknop.standards.jwk import UnsuitableJwk, public_jwk, read_public_jwk
from blauweknop.standards.signing import KeySigner, key_signer
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json
from fuzz.mutators.json_members import change_json
from fuzz.mutators.messages import change_message
from fuzz.target import Target
from fuzz.targets.parties import holder_key, issuer, root
from tests.unit.standards.pki import NOW

__all__ = ["MESSAGE_TARGETS"]

_PURPOSES = (jose.SD_JWT_VC, jose.STATUS_LIST, jose.TRUST_LIST, jose.DPOP, jose.KEY_PROOF, jose.KEY_BINDING)


def _holder() -> KeySigner:
    return key_signer(holder_key(), b"")


def _check_message(data: bytes) -> str:
    """Whatever purpose; a message that we take is one that another library takes too, with the same content."""
    text = data.decode("latin-1")
    answers = [_read_for(text, purpose) for purpose in _PURPOSES]
    return " ".join(answers)


def _read_for(text: str, purpose: Purpose) -> str:
    try:
        received = jose.parse_jws(text, purpose)
        verified = jose.verify_jws(received, issuer().key.public_key() if received.key is None else received.key)
        verified.claims()
    except JwsProblem as problem:
        return problem.code
    key = ECKey.import_key(dict(public_jwk(issuer().key.public_key() if received.key is None else received.key)))  # type: ignore[arg-type] # P-256
    header, payload, signature = text.split(".")
    with contextlib.suppress(ExceededSizeError):  # it takes smaller messages than we do
        assert other_jws.deserialize_compact(text, key, algorithms=["ES256"]).payload == verified.payload
    assert base64.urlsafe_b64decode(payload + "==") == verified.payload
    assert len(base64.urlsafe_b64decode(signature + "==")) == 64
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == "ES256"
    return "accepted"


def _messages() -> list[bytes]:
    claims: dict[str, JsonValue] = {"iss": "https://bron.example", "iat": int(NOW.timestamp()), "a": ["é", None, True]}
    embedded: dict[str, JsonValue] = {"jwk": public_jwk(holder_key().public_key())}
    made = [jose.sign_jws(claims, issuer().signer(root()), purpose) for purpose in (jose.SD_JWT_VC, jose.TRUST_LIST, jose.KEY_BINDING)]
    return [text.encode() for text in (*made, jose.sign_jws(claims, _holder(), jose.DPOP, header=embedded))]


def _check_key(data: bytes) -> str:
    try:
        value = parse_json(data, max_bytes=1 << 16)
        key = read_public_jwk(value)
    except (MalformedJson, UnsuitableJwk) as error:
        return str(error)
    assert public_jwk(key).items() <= value.items()  # type: ignore[union-attr] # an object, since a key was read from it
    return "accepted"


def _keys() -> list[bytes]:
    jwk = public_jwk(holder_key().public_key())
    return [canonical_json(jwk), canonical_json({**jwk, "use": "sig", "alg": "ES256", "key_ops": ["verify"], "kid": "../1"})]


MESSAGE_TARGETS = (
    Target("message", "signed messages of every purpose", _messages, _check_message, change_message, largest=600 * 1024),
    Target("key", "public keys as JSON", _keys, _check_key, change_json),
)
