"""Our mobile documents before npm @auth0/mdl, and its documents before us; the clock is that of this machine, which it always uses."""

import json
import os
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cbor2 import CBORTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.standards.base64url import encode
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.mdoc import Element, IssuerTrust, MdocProblem, issue, openid4vp_transcript, present, select, verify_presented
from blauweknop.standards.signing import key_signer
from blauweknop.standards.status_list import StatusReference
from tests.suites import mdl_folder
from tests.unit.standards.mdocs import cbor
from tests.unit.standards.pki import AUTHORITY, MESSAGES, Key, certify, p256

pytestmark = pytest.mark.suite("mdl")

SCRIPT = Path(__file__).with_name("mdl.mjs")
DOCTYPE = "org.blauweknop.duo.studieschuld.1"
NOW = datetime.now(UTC).replace(microsecond=0)
DAYS = timedelta(days=30)
ROOT = certify("wortel", None, AUTHORITY, starts=NOW - DAYS, ends=NOW + DAYS)
ISSUER = certify("bron", ROOT, MESSAGES, starts=NOW - DAYS, ends=NOW + DAYS)
TRUST = IssuerTrust((ROOT.certificate,), lambda certificate, doctype: certificate == ISSUER.certificate)
HOLDER_KEY = p256()
HOLDER = key_signer(HOLDER_KEY, b"")
CLAIMS: dict[str, Element] = {"given_name": "Noor", "debt_total_cents": 1234567, "birth_date": date(1985, 2, 3), "in_the_red": True}


def transcript(nonce: str = "een keer") -> bytes:
    uri = "https://ontvanger.example/antwoord"
    return openid4vp_transcript(client_id="x509_hash:abc", nonce=nonce, response_uri=uri, jwk_thumbprint=bytes(32))


def mdl(**asked: object) -> dict[str, Any]:
    given = json.dumps({"modules": str(mdl_folder()), **asked})
    done = subprocess.run(["node", str(SCRIPT)], input=given, capture_output=True, text=True, check=True, timeout=60)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def judged(response: bytes, session: bytes) -> dict[str, Any]:
    roots = [ROOT.certificate.public_bytes(Encoding.PEM).decode()]
    return mdl(judge={"response": response.hex(), "transcript": cbor(CBORTag(24, session)).hex(), "roots": roots})


def private_jwk(key: Key) -> dict[str, object]:
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    # Without a name for the key it writes the value undefined, which is none of the three simple values that anybody may expect.
    return {**public_jwk(key.public_key()), "kid": "1", "d": encode(key.private_numbers().private_value.to_bytes(32))}


def ours(*elements: str) -> bytes:
    issued = issue(
        {DOCTYPE: CLAIMS},
        doctype=DOCTYPE,
        holder_key=HOLDER_KEY.public_key(),
        signer=ISSUER.signer(),
        signed_at=NOW,
        expires_at=NOW + timedelta(days=20),
        status=StatusReference(7, "https://bron.example/statuslists/1"),
        random_bytes=os.urandom,
        decoys=True,
    )
    return present([(select(issued, lambda _, name: name in elements), HOLDER)], transcript=transcript())


def theirs() -> bytes:
    made = mdl(
        make={
            "doctype": DOCTYPE,
            "values": {"given_name": "Noor", "debt_total_cents": 1234567, "birth_date": "1985-02-03", "in_the_red": True},
            "issuerKey": private_jwk(ISSUER.key),
            "certificates": [ISSUER.der.hex()],
            "deviceKey": private_jwk(HOLDER_KEY),
            "transcript": cbor(CBORTag(24, transcript())).hex(),
            "elements": ["given_name", "debt_total_cents", "birth_date"],
            "validUntil": (NOW + timedelta(hours=20)).isoformat(),
        }
    )
    assert "response" in made, made
    return bytes.fromhex(made["response"])


def test_mdl_verifies_ours_and_reads_what_was_chosen() -> None:
    answer = judged(ours("given_name", "debt_total_cents", "in_the_red"), transcript())
    assert answer.get("failed") == [], answer
    assert answer["values"] == [[[DOCTYPE, [["given_name", "Noor"], ["debt_total_cents", 1234567], ["in_the_red", True]]]]]


def test_mdl_reads_our_dates() -> None:
    ((_, ((name, value),)),) = judged(ours("birth_date"), transcript())["values"][0]
    assert (name, value[:10]) == ("birth_date", "1985-02-03")


def test_mdl_refuses_ours_in_another_session() -> None:
    assert judged(ours("given_name"), transcript("een andere keer"))["failed"] == ["Device signature must be valid"]


def test_mdl_refuses_ours_when_a_value_is_changed() -> None:
    answer = judged(ours("given_name").replace(b"Noor", b"Nora"), transcript())
    assert [check for check in answer["failed"] if "given_name" in check]


def test_we_verify_what_mdl_makes() -> None:
    (verified,) = verify_presented(theirs(), trust=TRUST, doctypes=[DOCTYPE], at=datetime.now(UTC), transcript=transcript())
    assert verified.claims == {DOCTYPE: {"given_name": "Noor", "debt_total_cents": 1234567, "birth_date": "1985-02-03"}}
    assert verified.device_key == HOLDER_KEY.public_key()


def test_we_refuse_what_mdl_makes_for_another_session() -> None:
    with pytest.raises(MdocProblem) as caught:
        verify_presented(theirs(), trust=TRUST, doctypes=[DOCTYPE], at=datetime.now(UTC), transcript=transcript("een andere keer"))
    assert caught.value.code == "device_signature"
