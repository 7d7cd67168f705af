"""CBOR, COSE and mobile documents, also with a changed security object under a right signature."""

from collections.abc import Callable, Mapping

import cbor2
from cbor2 import CBORTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from blauweknop.standards import cose
from blauweknop.standards.cose import CoseProblem
from blauweknop.standards.cose_key import UnsuitableCoseKey, public_cose_key, read_public_cose_key
from blauweknop.standards.mdoc.parts import MdocProblem
from blauweknop.standards.mdoc.presenting import select
from blauweknop.standards.mdoc.verifying import verify_issued, verify_presented
from blauweknop.standards.strict_cbor import CborValue, MalformedCbor, Tagged, read_cbor, write_cbor
from fuzz.mutators.cbor_items import change_cbor
from fuzz.target import Target
from tests.unit.standards import mdocs as m
from tests.unit.standards.pki import NOW

__all__ = ["MOBILE_DOCUMENT_TARGETS"]

_MOST = 1 << 20
_TAGS = (18, 24, 61)  # for which the other library has no meaning of its own


def _check_cbor(data: bytes) -> str:
    """Another library reads the same, to the type of each value; what is short and in order is written the same."""
    try:
        value = read_cbor(data, max_bytes=_MOST, tags=_TAGS)
    except MalformedCbor as error:
        _check_any_lengths(data)
        return str(error)
    assert _told(value) == _told_by_other(data)
    again = write_cbor(value)
    assert _told(read_cbor(again, max_bytes=_MOST, tags=_TAGS)) == _told(value)
    assert len(again) == len(data)
    assert _told(read_cbor(data, max_bytes=_MOST, tags=_TAGS, any_lengths=True)) == _told(value)
    return "accepted"


def _check_any_lengths(data: bytes) -> None:
    try:
        value = read_cbor(data, max_bytes=_MOST, tags=_TAGS, any_lengths=True)
    except MalformedCbor:
        return
    assert _told(value) == _told_by_other(data)


def _told(value: CborValue) -> object:
    """A value in a form in which 1 and true differ."""
    if isinstance(value, Tagged):
        return "tag", value.number, _told(value.value)
    if isinstance(value, list):
        return [_told(item) for item in value]
    if isinstance(value, dict):
        return {(type(name), name): _told(item) for name, item in value.items()}
    return type(value), value


def _told_by_other(data: bytes) -> object:
    return _told_of(cbor2.loads(data, allow_duplicate_keys=False))


def _told_of(value: object) -> object:
    """In a tag, the other library makes lists and maps that cannot change."""
    if isinstance(value, CBORTag):
        return "tag", value.tag, _told_of(value.value)
    if isinstance(value, Mapping):
        return {(type(name), name): _told_of(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_told_of(item) for item in value]
    return type(value), value


def _check_message(data: bytes) -> str:
    """A signed message for each purpose; what we accept fits by a plain verification over the bytes of the standard."""
    try:
        value = read_cbor(data, max_bytes=_MOST, tags=_TAGS, any_lengths=True)
    except MalformedCbor:
        return "no CBOR"
    return " ".join(_verified(value, purpose) for purpose in (cose.ISSUER_AUTH, cose.STATUS_LIST, cose.DEVICE_AUTH))


def _verified(value: CborValue, purpose: cose.Purpose) -> str:
    try:
        received = cose.parse_cose(value, purpose)
        payload = cose.verify_cose(received, m.ISSUER.key.public_key(), b"" if received.payload is not None else _DETACHED)
    except CoseProblem as problem:
        return problem.code
    signed = cbor2.dumps(["Signature1", received.protected, b"", payload])
    r, s = int.from_bytes(received.signature[:32]), int.from_bytes(received.signature[32:])
    key = m.ISSUER.key.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    assert cbor2.loads(received.protected)[1] in (-7, -9)
    return "accepted"


_DETACHED = b"elsewhere"


def _messages() -> list[bytes]:
    typed = m.cbor({1: -7, 16: "application/statuslist+cwt", 33: m.ISSUER.der})
    return [
        m.cbor(m.sign1(b"payload", m.ISSUER.key, unprotected=m.chain(m.ISSUER, m.MIDDLE))),
        m.cbor(CBORTag(61, CBORTag(18, m.sign1(b"payload", m.ISSUER.key, protected=typed)))),
        m.cbor(m.sign1(None, m.ISSUER.key, detached=_DETACHED)),
    ]


def _check_key(data: bytes) -> str:
    try:
        value = read_cbor(data, max_bytes=_MOST)
        key = read_public_cose_key(value)
    except (MalformedCbor, UnsuitableCoseKey) as error:
        return str(error)
    assert isinstance(value, dict)
    assert public_cose_key(key).items() <= value.items()
    return "accepted"


def _check_issued(data: bytes) -> str:
    try:
        verified = verify_issued(data, trust=m.TRUST, doctypes=[m.DOCTYPE], at=NOW)
    except MdocProblem as problem:
        return f"{problem.code} {_selected(data)}"
    assert verified.claims.keys() <= {m.DOCTYPE}
    return f"accepted {_selected(data)}"


def _selected(data: bytes) -> str:
    try:
        select(data, lambda _, name: name == "given_name")
    except MdocProblem as problem:
        return problem.code
    return "made smaller"


def _check_presented(data: bytes) -> str:
    try:
        found = verify_presented(data, trust=m.TRUST, doctypes=[m.DOCTYPE], at=NOW, transcript=m.TRANSCRIPT)
    except MdocProblem as problem:
        return problem.code
    signed = {"given_name": "Noor", "total_cents": 5, "birth_date": "1985-02-03"}
    assert all(verified.claims.get(m.DOCTYPE, {}).items() <= signed.items() for verified in found)
    return "accepted"


def _check_security_object(data: bytes) -> str:
    """A changed security object, signed by the issuer."""
    auth = m.issuer_auth(payload=m.cbor(m.inside(data)))
    return _check_issued(m.cbor(m.issuer_signed(auth=auth)))


def _check_device_spaces(data: bytes) -> str:
    """Changed data of the device, signed by it."""
    try:
        spaces = cbor2.loads(data)
    except (cbor2.CBORError, ValueError, RecursionError, OverflowError):
        return "not for this target"
    return _check_presented(m.response(m.document(deviceSigned=m.device_signed(spaces))))


def _cbor_target(name: str, about: str, seeds: Callable[[], list[bytes]], check: Callable[[bytes], str]) -> Target:
    return Target(name, about, seeds, check, change_cbor)


MOBILE_DOCUMENT_TARGETS = (
    _cbor_target(
        "cbor", "strict CBOR", lambda: [m.cbor(m.issuer_signed()), m.cbor({"a": [1, -1, True, None, b"x"], 7: {"b": "é"}})], _check_cbor
    ),
    _cbor_target("cose", "signed messages in CBOR, of every purpose", _messages, _check_message),
    _cbor_target("cose-key", "public keys in CBOR", lambda: [m.cbor(m.cose_key())], _check_key),
    _cbor_target("mdoc", "mobile documents as they are issued", lambda: [m.cbor(m.issuer_signed())], _check_issued),
    _cbor_target("mdoc-presented", "mobile documents as they are presented", lambda: [m.response()], _check_presented),
    _cbor_target(
        "mdoc-object", "changed security objects under a right signature", lambda: [m.cbor(m.security_object())], _check_security_object
    ),
    _cbor_target(
        "mdoc-device",
        "changed data of a device under a right signature",
        lambda: [m.cbor({m.DOCTYPE: {"a": 1}}), m.cbor({})],
        _check_device_spaces,
    ),
)
