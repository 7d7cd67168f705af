"""What systems give each other: status lists, trust lists, the offline bundle, reports, proofs of keys."""

import base64
import hashlib
import json
from datetime import timedelta
from random import Random

from cbor2 import CBORTag

from blauweknop.checking.check_document import check_document
from blauweknop.checking.signed_report import ReportRefused, flattened, read_report, sign_report
from blauweknop.checking.trust import Trust
from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.dpop import DpopProblem
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.lote import lote_from_json, lote_to_json
from blauweknop.standards.offline_bundle import BundleRefused, read_offline_bundle, write_offline_bundle
from blauweknop.standards.openid4vci.key_proofs import KeyProofProblem, keys_of_proofs
from blauweknop.standards.pinned_message import sign_pinned
from blauweknop.standards.status_entries import StatusListProblem
from blauweknop.standards.status_list import StatusList, read_reference, read_status_list, sign_status_list
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json, parse_json_object
from blauweknop.standards.trust_list import TrustListRefused, read_trust_list, write_trust_list
from fuzz.mutators.cbor_items import change_cbor
from fuzz.mutators.json_members import change_json
from fuzz.mutators.messages import change_message
from fuzz.target import Target
from fuzz.targets.parties import STATUS_URI, issuer
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


def _check_status_list(data: bytes) -> str:
    try:
        found = read_status_list(data, uri=STATUS_URI, signers=[issuer().der])
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
        statuses, uri=STATUS_URI, issued_at=NOW - a_day, expires_at=NOW + a_day, ttl=timedelta(hours=1), signer=issuer().signer()
    )


def _check_status_claims(data: bytes) -> str:
    return _check_status_list(jose.sign_jws(data, issuer().signer(), jose.STATUS_LIST).encode())


def _check_reference(data: bytes) -> str:
    """The status of a document, as far as a whole check with a list at hand."""
    try:
        value = parse_json(data, max_bytes=1 << 16)
        read_reference(value)
    except (MalformedJson, StatusListProblem) as error:
        return str(error)
    written = json.dumps({**x.content(), "status": value}).encode()
    attached = x.attachments(x.content(), data=written)
    trust = Trust(x.trust_list(x.entity(x.DUO, hosts=["bron.example"])), None, {STATUS_URI: _status_token().encode()})
    verdict = check_document(x.sealed(x.typeset(x.letter(x.content()), attached)), trust=trust, at=x.NOW, catalogue=x.catalogue())
    return f"{verdict.facts.status}"


def _references() -> list[bytes]:
    return [canonical_json({"status_list": {"idx": 7, "uri": STATUS_URI}})]


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
    Target("status-list", "status list tokens", lambda: [_status_token().encode()], _check_status_list, change_message),
    Target(
        "status-list-claims",
        "changed status lists under a right signature",
        lambda: _payload_of(_status_token()),
        _check_status_claims,
        change_json,
    ),
    Target(
        "status-reference",
        "where the status of a document stands, in the whole check",
        _references,
        _check_reference,
        change_json,
        tries=30,
    ),
    Target("trust-list", "trust lists", lambda: [_trust_token(), _flattened(_trust_token())], _check_trust_list, _change_list_file),
    Target(
        "trust-list-claims",
        "changed trust lists under a right signature",
        lambda: _payload_of(_trust_token().decode()),
        _check_trust_claims,
        change_json,
    ),
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
