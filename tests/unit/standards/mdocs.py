"""Mobile documents of which a test can break any part; written apart from the product's own writer."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import cbor2
from cbor2 import CBORTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.signing import key_signer
from tests.unit.standards.pki import MESSAGES, NOW, Issued, certify, p256

DOCTYPE = "org.blauweknop.proef.1"
ROOT = certify("wortel")
MIDDLE = certify("uitgever", ROOT)
ISSUER = certify("bron", MIDDLE, MESSAGES)
HOLDER_KEY = p256()
HOLDER = key_signer(HOLDER_KEY, b"")
TRUST = IssuerTrust((ROOT.certificate,), lambda certificate, doctype: certificate == ISSUER.certificate and doctype == DOCTYPE)
TRANSCRIPT = cbor2.dumps([None, None, ["OpenID4VPHandover", b"h" * 32]])
OTHER_TRANSCRIPT = cbor2.dumps([None, None, ["OpenID4VPHandover", b"i" * 32]])


def cbor(value: object) -> bytes:
    return cbor2.dumps(value)


def item(number: object, name: object, value: object, random: object = b"r" * 32, **others: object) -> bytes:
    return cbor({"digestID": number, "random": random, "elementIdentifier": name, "elementValue": value, **others})


def inside(encoded: bytes) -> CBORTag:
    return CBORTag(24, encoded)


def digest(encoded: bytes) -> bytes:
    return hashlib.sha256(cbor(inside(encoded))).digest()


def tdate(moment: datetime) -> CBORTag:
    return CBORTag(0, moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


ITEMS = (item(0, "given_name", "Noor"), item(1, "total_cents", 5), item(2, "birth_date", CBORTag(1004, "1985-02-03")))


def cose_key(key: ec.EllipticCurvePrivateKey = HOLDER_KEY) -> dict[object, object]:
    numbers = key.public_key().public_numbers()
    return {1: 2, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}


def validity(**changes: object) -> dict[str, object]:
    return {"signed": tdate(NOW), "validFrom": tdate(NOW), "validUntil": tdate(NOW + timedelta(days=90))} | changes


def security_object(**changes: object) -> dict[str, object]:
    """An MSO over `ITEMS`; a member that is changed to None is left out."""
    whole = {
        "version": "1.0",
        "digestAlgorithm": "SHA-256",
        "valueDigests": {DOCTYPE: {number: digest(encoded) for number, encoded in enumerate(ITEMS)}},
        "deviceKeyInfo": {"deviceKey": cose_key()},
        "docType": DOCTYPE,
        "validityInfo": validity(),
        "status": {"status_list": {"idx": 7, "uri": "https://bron.example/statuslists/1"}},
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def sign1(
    payload: bytes | None,
    key: object,
    *,
    protected: bytes = b"\xa1\x01\x26",
    unprotected: Mapping[object, object] = {},
    detached: bytes | None = None,
    signature: bytes | None = None,
) -> list[object]:
    """A COSE_Sign1; the signature is right, unless it is given."""
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signed = cbor(["Signature1", protected, b"", payload if detached is None else detached])
    r, s = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    raw = r.to_bytes(32) + s.to_bytes(32) if signature is None else signature
    return [protected, dict(unprotected), payload, raw]


def chain(*issued: Issued) -> dict[object, object]:
    encoded = [one.der for one in issued]
    return {33: encoded[0] if len(encoded) == 1 else encoded}


def issuer_auth(mso: object = None, **changes: object) -> list[object]:
    payload = cbor(inside(cbor(security_object() if mso is None else mso)))
    arguments: dict[str, object] = {"payload": payload, "key": ISSUER.key, "unprotected": chain(ISSUER, MIDDLE)}
    return sign1(**(arguments | changes))  # type: ignore[arg-type] # the names are those of the parameters


def issuer_signed(items: object = ITEMS, auth: object = None, **members: object) -> dict[str, object]:
    spaces = {DOCTYPE: [inside(encoded) for encoded in items]} if isinstance(items, Sequence) else items
    return {"nameSpaces": spaces, "issuerAuth": issuer_auth() if auth is None else auth, **members}


def device_signed(
    spaces: object = None, *, transcript: bytes = TRANSCRIPT, doctype: str = DOCTYPE, auth: object = None, **changes: object
) -> dict[str, object]:
    encoded = cbor({} if spaces is None else spaces)
    detached = cbor(inside(cbor(["DeviceAuthentication", cbor2.loads(transcript), doctype, inside(encoded)])))
    arguments: dict[str, object] = {"payload": None, "key": HOLDER_KEY, "detached": detached}
    signature = sign1(**(arguments | changes))  # type: ignore[arg-type] # the names are those of the parameters
    return {"nameSpaces": inside(encoded), "deviceAuth": {"deviceSignature": signature} if auth is None else auth}


def document(**changes: object) -> dict[str, object]:
    whole = {"docType": DOCTYPE, "issuerSigned": issuer_signed(), "deviceSigned": device_signed()} | changes
    return {name: value for name, value in whole.items() if value is not None}


def response(*documents: object, **changes: object) -> bytes:
    whole = {"version": "1.0", "documents": list(documents) or [document()], "status": 0} | changes
    return cbor({name: value for name, value in whole.items() if value is not None})
