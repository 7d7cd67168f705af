"""Our mobile documents before pymdoccbor, and its documents before us; the clock is that of this machine, which it always uses."""

import os
from datetime import UTC, date, datetime, timedelta

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pymdoccbor.mdoc.issuer import MdocCborIssuer
from pymdoccbor.mdoc.verifier import MdocCbor

from blauweknop.standards.mdoc import Element, IssuerTrust, MdocProblem, issue, present, select, verify_issued
from blauweknop.standards.signing import key_signer
from blauweknop.standards.status_list import StatusReference
from tests.unit.standards.mdocs import TRANSCRIPT
from tests.unit.standards.pki import AUTHORITY, MESSAGES, Key, certify, p256

DOCTYPE = "org.blauweknop.duo.studieschuld.1"
NOW = datetime.now(UTC).replace(microsecond=0)
DAYS = timedelta(days=30)
ROOT = certify("wortel", None, AUTHORITY, starts=NOW - DAYS, ends=NOW + DAYS)
ISSUER = certify("bron", ROOT, MESSAGES, starts=NOW - DAYS, ends=NOW + DAYS)
TRUST = IssuerTrust((ROOT.certificate,), lambda certificate, doctype: certificate == ISSUER.certificate)
HOLDER_KEY = p256()
STATUS = StatusReference(7, "https://bron.example/statuslists/1")
CLAIMS: dict[str, Element] = {"given_name": "Noor", "debt_total_cents": 1234567, "birth_date": date(1985, 2, 3), "in_the_red": True}


def ours() -> bytes:
    return issue(
        {DOCTYPE: CLAIMS},
        doctype=DOCTYPE,
        holder_key=HOLDER_KEY.public_key(),
        signer=ISSUER.signer(),
        signed_at=NOW,
        expires_at=NOW + timedelta(days=20),
        status=STATUS,
        random_bytes=os.urandom,
        decoys=True,
    )


def judged(issuer_signed: bytes) -> MdocCbor:
    reader = MdocCbor()
    reader.loads(present([(issuer_signed, key_signer(HOLDER_KEY, b""))], transcript=TRANSCRIPT))
    reader.verify([ROOT.certificate])
    return reader


def named_key(key: Key) -> dict[str, object]:
    """A private key by the names of that package."""
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    numbers = key.public_key().public_numbers()
    point = {"X": numbers.x.to_bytes(32), "Y": numbers.y.to_bytes(32)}
    return {"KTY": "EC2", "CURVE": "P_256", "ALG": "ES256", "D": key.private_numbers().private_value.to_bytes(32), **point}


def theirs() -> dict[str, object]:
    """An IssuerSigned, as that package gives it."""
    issuer = MdocCborIssuer(private_key=named_key(ISSUER.key), alg="ES256")
    made = issuer.new(
        data={DOCTYPE: {"given_name": "Noor", "debt_total_cents": 1234567, "birth_date": "1985-02-03", "in_the_red": True}},
        doctype=DOCTYPE,
        validity={"issuance_date": NOW.date().isoformat(), "expiry_date": (NOW + timedelta(days=20)).date().isoformat()},
        devicekeyinfo=named_key(HOLDER_KEY),
        x509_chain=[ISSUER.certificate],
        revocation={"status_list": {"idx": STATUS.index, "uri": STATUS.uri}},
    )
    found: dict[str, object] = made["documents"][0]["issuerSigned"]
    return found


def test_pymdoccbor_verifies_ours_and_reads_what_was_chosen() -> None:
    reader = judged(select(ours(), lambda _, name: name != "birth_date"))
    assert (len(reader.documents), reader.documents_invalid) == (1, [])
    assert reader.documents[0].hash_verification["verified"] == 3
    assert reader.disclosure_map == {DOCTYPE: {"given_name": "Noor", "debt_total_cents": 1234567, "in_the_red": True}}


def test_pymdoccbor_refuses_ours_when_a_value_is_changed() -> None:
    assert judged(ours().replace(b"Noor", b"Nora")).documents == []


def test_we_verify_what_pymdoccbor_issues() -> None:
    verified = verify_issued(cbor2.dumps(theirs()), trust=TRUST, doctypes=[DOCTYPE], at=datetime.now(UTC))
    assert verified.claims == {DOCTYPE: CLAIMS | {"birth_date": "1985-02-03"}}
    assert verified.device_key == HOLDER_KEY.public_key()
    assert verified.status == STATUS


def test_we_refuse_what_pymdoccbor_issued_when_a_value_is_changed() -> None:
    with pytest.raises(MdocProblem) as caught:
        verify_issued(cbor2.dumps(theirs()).replace(b"Noor", b"Nora"), trust=TRUST, doctypes=[DOCTYPE], at=datetime.now(UTC))
    assert caught.value.code == "digest"
