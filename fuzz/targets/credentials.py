"""SD-JWT with disclosures and key binding: as it comes, and with changed claims and disclosures under a right signature."""

import base64
import functools
import hashlib
import json
from datetime import timedelta
from random import Random

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.disclosures import SdJwtProblem, resolve
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.sd_jwt_vc import NEVER_DISCLOSABLE, IssuerTrust, bind, disclose, issue, verify_bound, verify_unbound
from blauweknop.standards.signing import KeySigner, key_signer
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.standards.undisclosed import take_inventory_of_parts
from fuzz.mutators.json_members import change_json
from fuzz.mutators.messages import change_message
from fuzz.target import Target
from fuzz.targets.parties import STATUS_URI, holder_key, issuer, root
from tests.unit.standards.pki import NOW

__all__ = ["CREDENTIAL_TARGETS"]

_VCT = "https://register.example/vct/proef/1"
_AUDIENCE, _NONCE = "https://ontvanger.example", "n-0S6"


def _holder() -> KeySigner:
    return key_signer(holder_key(), b"")


def _trust() -> IssuerTrust:
    return IssuerTrust((root().certificate,), lambda _, vct: vct == _VCT)


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
        "status": {"status_list": {"idx": 1, "uri": STATUS_URI}},
    }
    return issue(
        claims,
        disclosable=lambda _: True,
        signer=issuer().signer(root()),
        vct=_VCT,
        issuer="https://bron.example",
        issued_at=NOW - timedelta(days=1),
        expires_at=NOW + timedelta(days=9),
        random_bytes=salts.randbytes,
        holder_key=holder_key().public_key() if held else None,
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
        message = jose.sign_jws(written.encode(), issuer().signer(root()), jose.SD_JWT_VC)
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
    return [json.dumps(said).encode() for said in (plain, chain, [{**payload, "cnf": {"jwk": public_jwk(holder_key().public_key())}}])]


CREDENTIAL_TARGETS = (
    Target("credential", "SD-JWT with disclosures and key binding", _credentials, _check_credential, change_message, largest=600 * 1024),
    Target(
        "credential-claims",
        "changed claims and disclosures under a right signature",
        _credential_claims,
        _check_credential_claims,
        change_json,
    ),
)
