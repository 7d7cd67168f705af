import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.checking.check_presentation import Asked, check_presentation
from blauweknop.checking.reasons import REASONS
from blauweknop.checking.sd_jwt_carrier import PROOF_CODES
from blauweknop.checking.trust import Trust
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import CheckedKind, CheckResult, Verified
from blauweknop.standards import base64url, jose
from blauweknop.standards.jose import KEY_PROOF
from blauweknop.standards.signing import key_signer
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustService
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x

UNSEEN = ("dataset_unknown", "status_unknown")  # the vectors are of a type outside the catalogue and come without a status list


def test_a_presentation_to_us_is_good_and_its_claims_are_the_content() -> None:
    verdict = c.presentation(c.presented(c.keep(c.of_wallet(), {"reference_date", "source_name"})))
    assert isinstance(verdict, Verified)
    assert verdict.content["reference_date"] == "2026-11-21"
    assert not {"given_name", "schuldsaldo_inclusief_rente"} & verdict.content.keys()
    assert (verdict.facts.kind, verdict.facts.reference_date) == (CheckedKind.PRESENTATION, "2026-11-21")


def test_a_presentation_that_nobody_here_asked_for_is_left_open() -> None:
    assert c.against(c.presentation(c.presented(), asked=None)) == ["orange holder holder_not_asked"]


def test_an_old_presentation_that_nobody_asked_for_is_no_more_wrong_than_a_new_one() -> None:
    old = c.presented(at=x.NOW - timedelta(days=1))
    assert c.against(c.presentation(old, asked=None)) == ["orange holder holder_not_asked"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"audience": "x509_hash:ander"}, "proof_kb_aud"),
        ({"audience": "ontvanger"}, "proof_kb_aud"),
        ({"nonce": "vraag-van-toen"}, "proof_kb_nonce"),
        ({"at": x.NOW - timedelta(seconds=301)}, "proof_kb_iat"),
        ({"at": x.NOW + timedelta(seconds=61)}, "proof_kb_iat"),
    ],
)
def test_a_presentation_for_another_or_of_another_moment(changes: dict[str, Any], reason: str) -> None:
    assert c.against(c.presentation(c.presented(**changes))) == [f"red holder {reason}"]


def test_a_credential_without_key_binding_is_no_presentation() -> None:
    assert c.against(c.presentation(c.of_wallet())) == ["red holder proof_kb_required"]


@pytest.mark.parametrize("source", ["UWV", ["UWV"], {"name": ["DUO"]}])
def test_a_presentation_that_names_another_source_in_another_form(source: JsonValue) -> None:
    shown = c.presented(c.of_wallet({**c.CLAIMS, "source": source}))
    # Beside that, no summary has such a claim.
    assert c.against(c.presentation(shown)) == ["red issuer source_name", "red claims schema"]


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_at_the_edges_of_the_calendar_a_presentation_is_of_another_moment(at: datetime) -> None:
    assert "red holder proof_kb_iat" in c.against(c.presentation(c.presented(), at=at))


def test_a_presentation_by_another_key() -> None:
    sd_jwt = c.of_wallet()
    other = c.crafted({})
    binding = c.presented(sd_jwt).rpartition("~")[2]
    assert "red holder proof_kb_sd_hash" in c.against(c.presentation(other + binding))
    thief = key_signer(ec.generate_private_key(ec.SECP256R1()), b"")
    stolen = sd_jwt + jose.sign_jws({"iat": 1}, thief, jose.KEY_BINDING)
    assert c.against(c.presentation(stolen)) == ["red holder proof_kb_signature"]


def test_a_key_binding_of_another_purpose() -> None:
    message = jose.sign_jws({"iat": 1}, c.holder(), KEY_PROOF, header={"jwk": {}})
    assert c.against(c.presentation(c.of_wallet() + message)) == ["red holder proof_kb_typ"]


def test_a_disclosure_that_was_taken_away_after_it_was_presented() -> None:
    parts = c.presented().split("~")
    assert c.against(c.presentation("~".join([parts[0], *parts[2:]]))) == ["red holder proof_kb_sd_hash"]


def test_a_kind_that_was_not_asked_for() -> None:
    asked = replace(c.ASKED, types=frozenset({"urn:iets-anders"}))
    assert c.against(c.presentation(c.presented(), asked=asked)) == ["red type proof_vct"]
    right = replace(c.ASKED, types=frozenset({c.WALLET_TYPE}))
    assert isinstance(c.presentation(c.presented(), asked=right), Verified)


PRESENTED = c.presented()


@pytest.mark.parametrize("cnf", [None, {}, {"jwk": {}}, {"jku": "https://sleutels.example"}, "tekst"])
def test_no_key_of_a_holder(cnf: JsonValue) -> None:
    assert "red holder proof_cnf" in c.against(c.presentation(c.crafted({"cnf": cnf}) + "ey.ey.ey"))


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_no_changed_byte_of_a_presentation_is_ever_green(place: int, value: int) -> None:
    good = PRESENTED.encode()
    place %= len(good)
    changed = good[:place] + bytes((value,)) + good[place + 1 :]
    assert changed == good or not isinstance(c.presentation(changed), Verified)


@pytest.fixture(scope="module")
def vectors(shared_folder: Path) -> Any:
    return json.loads((shared_folder / "vectors" / "own" / "sdjwt_vectors.json").read_bytes())


def trust_of(vectors: Any) -> Trust:
    """The issuer of the vectors on a list of ours, with its root as an authority."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    header = base64url.decode(vectors["cases"][0]["presentation"].split(".")[0])
    leaf = b64decode(json.loads(header)["x5c"][0])
    root = TrustService(ServiceKind.CERTIFICATE_AUTHORITY, (b64decode(vectors["trust_anchor_der_b64"]),), ServiceStatus.GRANTED, since)
    issuer = TrustService(ServiceKind.CREDENTIAL, (leaf,), ServiceStatus.GRANTED, since)
    entity = replace(x.entity(x.DUO, hosts=("status.example",)), services=(root, issuer))
    at = datetime.fromtimestamp(vectors["now"], UTC)
    return Trust(x.trust_list(entity, issued=at.replace(microsecond=0)))


def first_reason(presentation: str, vectors: Any) -> str:
    """Beside that the type is none of our catalogue."""
    asked = Asked(vectors["aud"], vectors["nonce"], frozenset(vectors["vct_values"]))
    at = datetime.fromtimestamp(vectors["now"], UTC)
    verdict = check_presentation(presentation.encode(), asked=asked, trust=trust_of(vectors), at=at, catalogue=x.catalogue())
    bad = (CheckResult.WARN, CheckResult.FAIL)
    return next((step.reason for step in verdict.facts.steps if step.result in bad and step.reason not in UNSEEN), "ok")


def test_each_code_of_the_vectors_leads_to_its_reason(vectors: Any) -> None:
    expected = {**{str(code): reason for code, reason in PROOF_CODES.items()}, "ok": "ok", "chain": "signer_unknown"}
    found = {case["id"]: first_reason(case["presentation"], vectors) for case in vectors["cases"]}
    assert found == {case["id"]: expected[case["expect"]] for case in vectors["cases"]}


def test_every_code_of_the_protocol_has_a_reason() -> None:
    assert set(PROOF_CODES.values()) <= REASONS.keys()
    assert all(reason == f"proof_{code}" for code, reason in PROOF_CODES.items())
