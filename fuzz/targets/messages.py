"""Signed messages: JWS, keys as JSON, SD-JWT with disclosures and key binding, status lists and trust lists.

The targets named `...-claims` take JSON and sign it, so that what lies behind a right signature is reached.
"""

import base64
import contextlib
import functools
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from random import Random

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws as other_jws
from joserfc.errors import ExceededSizeError
from joserfc.jwk import ECKey

from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.disclosures import SdJwtProblem, resolve
from blauweknop.standards.jose import JwsProblem, Purpose
from blauweknop.standards.jwk import UnsuitableJwk, public_jwk, read_public_jwk
from blauweknop.standards.lote import lote_from_json, lote_to_json
from blauweknop.standards.sd_jwt_vc import NEVER_DISCLOSABLE, IssuerTrust, bind, disclose, issue, verify_bound, verify_unbound
from blauweknop.standards.signing import KeySigner, key_signer
from blauweknop.standards.status_list import StatusList, StatusListProblem, read_reference, read_status_list, sign_status_list
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json, parse_json_object
from blauweknop.standards.trust_list import TrustListRefused, read_trust_list, write_trust_list
from blauweknop.standards.undisclosed import take_inventory_of_parts
from fuzz.mutators.json_members import change_json
from fuzz.mutators.messages import change_message
from fuzz.target import Target
from tests.unit.checking import exercise_documents as x
from tests.unit.standards.pki import MESSAGES, NOW, Issued, certify, p256

__all__ = ["MESSAGE_TARGETS"]

_VCT = "https://register.example/vct/proef/1"
_URI = "https://bron.example/statuslists/1"
_AUDIENCE, _NONCE = "https://ontvanger.example", "n-0S6"
_PURPOSES = (jose.SD_JWT_VC, jose.STATUS_LIST, jose.TRUST_LIST, jose.DPOP, jose.KEY_PROOF, jose.KEY_BINDING)


@functools.cache
def _root() -> Issued:
    return certify("wortel")


@functools.cache
def _issuer() -> Issued:
    return certify("bron", _root(), MESSAGES)


@functools.cache
def _holder_key() -> ec.EllipticCurvePrivateKey:
    return p256()


def _holder() -> KeySigner:
    return key_signer(_holder_key(), b"")


def _trust() -> IssuerTrust:
    return IssuerTrust((_root().certificate,), lambda _, vct: vct == _VCT)


# Messages of all purposes


def _check_message(data: bytes) -> str:
    """Whatever purpose; a message that we take is one that another library takes too, with the same content."""
    text = data.decode("latin-1")
    answers = [_read_for(text, purpose) for purpose in _PURPOSES]
    return " ".join(answers)


def _read_for(text: str, purpose: Purpose) -> str:
    try:
        received = jose.parse_jws(text, purpose)
        verified = jose.verify_jws(received, _issuer().key.public_key() if received.key is None else received.key)
        verified.claims()
    except JwsProblem as problem:
        return problem.code
    key = ECKey.import_key(dict(public_jwk(_issuer().key.public_key() if received.key is None else received.key)))  # type: ignore[arg-type] # P-256
    header, payload, signature = text.split(".")
    with contextlib.suppress(ExceededSizeError):  # it takes smaller messages than we do
        assert other_jws.deserialize_compact(text, key, algorithms=["ES256"]).payload == verified.payload
    assert base64.urlsafe_b64decode(payload + "==") == verified.payload
    assert len(base64.urlsafe_b64decode(signature + "==")) == 64
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == "ES256"
    return "accepted"


def _messages() -> list[bytes]:
    claims: dict[str, JsonValue] = {"iss": "https://bron.example", "iat": int(NOW.timestamp()), "a": ["é", None, True]}
    embedded: dict[str, JsonValue] = {"jwk": public_jwk(_holder_key().public_key())}
    made = [jose.sign_jws(claims, _issuer().signer(_root()), purpose) for purpose in (jose.SD_JWT_VC, jose.TRUST_LIST, jose.KEY_BINDING)]
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
    jwk = public_jwk(_holder_key().public_key())
    return [canonical_json(jwk), canonical_json({**jwk, "use": "sig", "alg": "ES256", "key_ops": ["verify"], "kid": "../1"})]


# Credentials


def _check_credential(data: bytes) -> str:
    """Unbound, bound, made smaller and counted; what we take shows what a reader by the book puts together."""
    text = data.decode("latin-1")
    answers = [_unbound(text), _bound(text)]
    try:
        disclose(text, lambda place: len(place) < 2)
        answers.append("made smaller")
    except SdJwtProblem as problem:
        answers.append(problem.code)
    return " ".join(answers)


def _unbound(text: str) -> str:
    try:
        verified = verify_unbound(text, trust=_trust(), vct_values=[_VCT], at=NOW)
    except SdJwtProblem as problem:
        return problem.code
    assert verified.claims == _by_the_book(text)
    return "accepted"


def _bound(text: str) -> str:
    try:
        verified = verify_bound(text, trust=_trust(), vct_values=[_VCT], at=NOW, audience=_AUDIENCE, nonce=_NONCE)
    except SdJwtProblem as problem:
        return problem.code
    assert verified.claims == _by_the_book(text)
    return "accepted"


def _by_the_book(text: str) -> object:
    """RFC 9901 section 7.1 step 3, word for word and without any refusal: for what was accepted there is nothing left to refuse."""
    message, *disclosures = text.split("~")
    payload = json.loads(base64.urlsafe_b64decode(message.split(".")[1] + "=="))
    table = {_digest(one): json.loads(base64.urlsafe_b64decode(one + "==")) for one in disclosures[:-1]}

    def put_back(value: object) -> object:
        if isinstance(value, list):
            hidden = [item["..."] if isinstance(item, dict) and item.keys() == {"..."} else None for item in value]
            pairs = [(item, place) for item, place in zip(value, hidden, strict=True) if place is None or place in table]
            return [put_back(item if place is None else table[place][1]) for item, place in pairs]
        if not isinstance(value, dict):
            return value
        found = {name: put_back(inner) for name, inner in value.items() if name != "_sd"}
        return found | {table[one][1]: put_back(table[one][2]) for one in value.get("_sd", []) if one in table}

    claims = put_back(payload)
    assert isinstance(claims, dict)
    claims.pop("_sd_alg", None)
    return claims


def _digest(disclosure: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(disclosure.encode()).digest()).decode().rstrip("=")


@functools.cache
def _issued(*, held: bool) -> str:
    salts = Random(7)
    claims: dict[str, JsonValue] = {
        "name": "Noor",
        "data": {"total": 5, "payments": [{"amount": 1}, {"amount": 2}]},
        "status": {"status_list": {"idx": 1, "uri": _URI}},
    }
    return issue(
        claims,
        disclosable=lambda _: True,
        signer=_issuer().signer(_root()),
        vct=_VCT,
        issuer="https://bron.example",
        issued_at=NOW - timedelta(days=1),
        expires_at=NOW + timedelta(days=9),
        random_bytes=salts.randbytes,
        holder_key=_holder_key().public_key() if held else None,
    )


def _credentials() -> list[bytes]:
    bound = bind(_issued(held=True), _holder(), audience=_AUDIENCE, nonce=_NONCE, at=NOW)
    return [_issued(held=False).encode(), bound.encode(), disclose(_issued(held=False), lambda place: place == ("name",)).encode()]


def _check_credential_claims(data: bytes) -> str:
    """`data` is a JSON list of the payload and the content of each disclosure; digests named D0, D1, ... are those of the disclosures."""
    try:
        payload, *contents = json.loads(data)
        texts = _linked(contents[:_MOST_LINKED])
        written = json.dumps(payload)
        for number, text in enumerate(texts):
            written = written.replace(f'"D{number}"', f'"{_digest(text)}"')
        message = jose.sign_jws(written.encode(), _issuer().signer(_root()), jose.SD_JWT_VC)
    except (ValueError, TypeError, RecursionError):
        return "not for this target"
    answer = _check_credential("~".join((message, *texts, "")).encode())
    return f"{answer} {_inventory(written.encode(), texts)}"


_MOST_LINKED = 501  # one more than there may be


def _linked(contents: list[object]) -> list[str]:
    """The disclosures, the last one first, since an earlier one may name the digest of a later one."""
    texts: dict[int, str] = {}
    for number in reversed(range(len(contents))):
        written = json.dumps(contents[number])
        for other, text in texts.items():
            written = written.replace(f'"D{other}"', f'"{_digest(text)}"')
        texts[number] = base64url.encode(written.encode())
    return [texts[number] for number in range(len(contents))]


def _inventory(payload: bytes, texts: list[str]) -> str:
    try:
        read = parse_json_object(payload, max_bytes=jose.MAX_JWS)
        found = take_inventory_of_parts(read, texts)
    except (MalformedJson, SdJwtProblem):
        return "not counted"
    assert len(found.disclosed) == len(texts)
    assert found.claims == resolve(read, texts, NEVER_DISCLOSABLE).claims
    return "counted"


def _credential_claims() -> list[bytes]:
    moment = int(NOW.timestamp())
    payload = {"vct": _VCT, "iss": "https://bron.example", "nbf": moment, "exp": moment + 3600, "_sd_alg": "sha-256"}
    plain = [
        {**payload, "_sd": ["D0", "D1"], "a": {"_sd": ["D3"]}},
        ["s", "n", "v"],
        ["s", "l", [1, {"...": "D2"}]],
        ["s", {"x": 1}],
        ["s", "m", 2],
    ]
    chain: list[object] = [{**payload, "_sd": ["D0"]}]
    chain += [["s", f"n{number}", {"_sd": [f"D{number + 1}"]}] for number in range(30)]
    return [json.dumps(said).encode() for said in (plain, chain, [{**payload, "cnf": {"jwk": public_jwk(_holder_key().public_key())}}])]


# Lists


def _check_status_list(data: bytes) -> str:
    try:
        found = read_status_list(data, uri=_URI, signers=[_issuer().der])
        found.require_current(NOW)
        found.statuses.status(7)
    except StatusListProblem as problem:
        return problem.code
    assert len(found.statuses.entries) <= 4 * 1024 * 1024
    return "accepted"


def _status_token() -> str:
    statuses = StatusList.of_size(64, 2).with_statuses({3: 1})
    a_day = timedelta(days=1)
    return sign_status_list(
        statuses, uri=_URI, issued_at=NOW - a_day, expires_at=NOW + a_day, ttl=timedelta(hours=1), signer=_issuer().signer()
    )


def _check_status_claims(data: bytes) -> str:
    return _check_status_list(jose.sign_jws(data, _issuer().signer(), jose.STATUS_LIST).encode())


def _check_reference(data: bytes) -> str:
    """The status of a document, as far as a whole check with a list at hand."""
    try:
        value = parse_json(data, max_bytes=1 << 16)
        read_reference(value)
    except (MalformedJson, StatusListProblem) as error:
        return str(error)
    said = x.changed(x.content(), status=value)
    trust = Trust(x.trust_list(x.entity(x.DUO, hosts=["bron.example"])), None, {_URI: _status_token().encode()})
    verdict = check_document(
        x.sealed(x.typeset(x.letter(x.content()), x.attachments(said))), trust=trust, at=x.NOW, catalogue=x.catalogue()
    )
    return f"{verdict.facts.status}"


def _check_trust_list(data: bytes) -> str:
    try:
        found = read_trust_list(data, anchors=[x.exercise().anchor], at=x.NOW)
    except TrustListRefused as refused:
        return refused.code
    assert lote_from_json(lote_to_json(found)) == found
    return "accepted"


def _trust_token() -> bytes:
    return write_trust_list(x.trust_list(), signer=x.exercise().list_signer, at=x.NOW).encode()


def _flattened(token: bytes) -> bytes:
    return json.dumps(dict(zip(("protected", "payload", "signature"), token.decode().split("."), strict=True))).encode()


def _check_trust_claims(data: bytes) -> str:
    signer = x.exercise().list_signer
    header: dict[str, JsonValue] = {
        "iat": int(x.NOW.timestamp()),
        "x5t#S256": base64url.encode(hashlib.sha256(signer.certificate).digest()),
    }
    return _check_trust_list(jose.sign_jws(data, signer, jose.TRUST_LIST, header=header).encode())


def _change_list_file(random: Random, data: bytes) -> bytes:
    return change_json(random, data) if data.startswith(b"{") else change_message(random, data)


def _claims_of(token: str) -> list[bytes]:
    return [base64.urlsafe_b64decode(token.split(".")[1] + "==")]


def _message_target(name: str, about: str, seeds: Callable[[], list[bytes]], check: Callable[[bytes], str]) -> Target:
    return Target(name, about, seeds, check, change_message, largest=600 * 1024)


MESSAGE_TARGETS = (
    _message_target("message", "signed messages of every purpose", _messages, _check_message),
    Target("key", "public keys as JSON", _keys, _check_key, change_json),
    _message_target("credential", "SD-JWT with disclosures and key binding", _credentials, _check_credential),
    Target(
        "credential-claims",
        "changed claims and disclosures under a right signature",
        _credential_claims,
        _check_credential_claims,
        change_json,
    ),
    _message_target("status-list", "status list tokens", lambda: [_status_token().encode()], _check_status_list),
    Target(
        "status-list-claims",
        "changed status lists under a right signature",
        lambda: _claims_of(_status_token()),
        _check_status_claims,
        change_json,
    ),
    Target("trust-list", "trust lists", lambda: [_trust_token(), _flattened(_trust_token())], _check_trust_list, _change_list_file),
    Target(
        "trust-list-claims",
        "changed trust lists under a right signature",
        lambda: _claims_of(_trust_token().decode()),
        _check_trust_claims,
        change_json,
    ),
)
