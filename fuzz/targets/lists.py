"""What systems give each other: the offline bundle, reports, status lists in CBOR, proofs of keys."""

import base64
import json
from random import Random

from cbor2 import CBORTag

from blauweknop.checking.signed_report import ReportRefused, flattened, read_report, sign_report
from blauweknop.standards import jose
from blauweknop.standards.dpop import DpopProblem
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.offline_bundle import BundleRefused, read_offline_bundle, write_offline_bundle
from blauweknop.standards.openid4vci.key_proofs import KeyProofProblem, keys_of_proofs
from blauweknop.standards.pinned_message import sign_pinned
from blauweknop.standards.status_entries import StatusListProblem
from blauweknop.standards.status_list import read_status_list
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object
from fuzz.mutators.cbor_items import change_cbor
from fuzz.mutators.json_members import change_json
from fuzz.mutators.messages import change_message
from fuzz.target import Target
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import report_documents
from tests.unit.checking import test_signed_report as reports
from tests.unit.standards import mdocs
from tests.unit.standards import test_dpop as dpop
from tests.unit.standards import test_offline_bundle as bundles
from tests.unit.standards import test_status_list_cwt as cwt
from tests.unit.standards.openid4vci import test_key_proofs as proofs
from tests.unit.standards.pki import NOW

__all__ = ["LIST_TARGETS"]


def _check_bundle(data: bytes) -> str:
    try:
        found = read_offline_bundle(data, anchors=[bundles.SIGNER.certificate], at=NOW)
    except BundleRefused as refused:
        return refused.code
    assert bundles.read(write_offline_bundle(found, signer=bundles.SIGNER.signer())) == found
    return "accepted"


def _check_bundle_claims(data: bytes) -> str:
    try:
        claims = parse_json_object(data, max_bytes=1 << 22)
        signed = sign_pinned(claims, jose.OFFLINE_BUNDLE, signer=bundles.SIGNER.signer(), at=NOW)
    except MalformedJson:
        return "not for this target"
    return _check_bundle(signed.encode())


def _check_report(data: bytes) -> str:
    try:
        read_report(data, anchors=reports.anchors(), at=report_documents.LATER)
    except ReportRefused as refused:
        return refused.code
    return "accepted"


def _report() -> str:
    return sign_report(report_documents.report(), signer=x.exercise().check_service[1], at=x.NOW)


def _check_report_claims(data: bytes) -> str:
    header, _, _ = _report().split(".")
    members = json.loads(base64.urlsafe_b64decode(header + "=="))
    extra = {name: value for name, value in members.items() if name not in ("alg", "typ", "x5c")}
    return _check_report(jose.sign_jws(data, x.exercise().check_service[1], jose.Purpose(members["typ"], "x5c"), header=extra).encode())


def _check_cwt(data: bytes) -> str:
    try:
        found = read_status_list(data, uri=cwt.URI, signers=[cwt.ISSUER.der])
        found.require_current(NOW)
    except StatusListProblem as problem:
        return problem.code
    assert len(found.statuses.entries) <= 4 * 1024 * 1024
    return "accepted"


def _check_cwt_claims(data: bytes) -> str:
    message = mdocs.sign1(data, cwt.ISSUER.key, protected=cwt.HEADER, unprotected=mdocs.chain(cwt.ISSUER))
    return _check_cwt(mdocs.cbor(CBORTag(18, message)))


def _check_dpop(data: bytes) -> str:
    try:
        found = dpop.verified(data.decode("latin-1"))
    except DpopProblem as problem:
        return problem.code
    assert found.thumbprint == thumbprint(dpop.KEY)
    return "accepted"


def _check_dpop_claims(data: bytes) -> str:
    signed = jose.sign_jws(data, dpop.HOLDER.signer(), jose.DPOP, header={"jwk": {**public_jwk(dpop.KEY)}})
    return _check_dpop(signed.encode())


def _check_proofs(data: bytes) -> str:
    """`data` is the member `proofs` of a request for credentials."""
    try:
        members = parse_json_object(data, max_bytes=1 << 20)
        found = keys_of_proofs(members, proofs.ATTESTING, at=NOW, nonce_counts=lambda nonce: nonce == proofs.NONCE)
    except MalformedJson:
        return "no JSON"
    except KeyProofProblem as problem:
        return problem.code
    assert 0 < len(found) <= proofs.ATTESTING.most_keys
    return "accepted"


def _change_proofs(random: Random, data: bytes) -> bytes:
    """Members, or one of the messages in them."""
    if random.randrange(2):
        return change_json(random, data)
    kind = random.choice(("jwt", "attestation"))
    texts = (
        json.loads(canonical_json(proofs.attested(*proofs.KEYS[:2])))["jwt"]
        if kind == "jwt"
        else [proofs.attestation({"nonce": proofs.NONCE})]
    )
    place = random.randrange(len(texts))
    texts[place] = change_message(random, texts[place].encode()).decode("latin-1")
    return json.dumps({kind: texts}).encode()


def _change_list_file(random: Random, data: bytes) -> bytes:
    return change_json(random, data) if data.startswith(b"{") else change_message(random, data)


def _payload_of(token: str) -> list[bytes]:
    return [base64.urlsafe_b64decode(token.split(".")[1] + "==")]


LIST_TARGETS = (
    Target("bundle", "the offline bundle", lambda: [bundles.written(), bundles.crafted({})], _check_bundle, _change_list_file),
    Target(
        "bundle-claims",
        "changed bundles under a right signature",
        lambda: [canonical_json(dict(bundles.CONTENT))],
        _check_bundle_claims,
        change_json,
    ),
    Target("report", "signed reports of a check", lambda: [_report().encode(), flattened(_report())], _check_report, _change_list_file),
    Target("report-claims", "changed reports under a right signature", lambda: _payload_of(_report()), _check_report_claims, change_json),
    Target("status-list-cwt", "status lists in CBOR", lambda: [cwt.token()], _check_cwt, change_cbor),
    Target(
        "status-list-cwt-claims",
        "changed status lists in CBOR under a right signature",
        lambda: [mdocs.cbor(cwt.claims())],
        _check_cwt_claims,
        change_cbor,
    ),
    Target("dpop", "proofs with a request", lambda: [dpop.SIGNED.encode()], _check_dpop, change_message),
    Target(
        "dpop-claims",
        "changed proofs with a request under a right signature",
        lambda: _payload_of(dpop.SIGNED),
        _check_dpop_claims,
        change_json,
    ),
    Target(
        "key-proofs",
        "proofs of the keys of a wallet",
        lambda: [canonical_json(proofs.attested(*proofs.KEYS[:2])), canonical_json({"jwt": [proofs.proof()]})],
        _check_proofs,
        _change_proofs,
    ),
)
