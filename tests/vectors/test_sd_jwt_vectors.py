import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from blauweknop.standards import base64url
from blauweknop.standards.disclosures import SdJwtProblem, resolve
from blauweknop.standards.jose import Purpose, parse_jws, verify_jws
from blauweknop.standards.jwk import read_public_jwk
from blauweknop.standards.sd_jwt_json import compact_form
from blauweknop.standards.sd_jwt_vc import IssuerTrust, verify_bound
from blauweknop.standards.x509 import read_certificate

ISSUER_KEY = read_public_jwk(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    }
)
COMPACT_CASES = (
    "array_data_types",
    "array_full_sd",
    "array_in_sd",
    "array_nested_in_plain",
    "array_none_disclosed",
    "array_of_nulls",
    "array_of_objects",
    "array_of_scalars",
    "array_recursive_sd",
    "array_recursive_sd_some_disclosed",
    "header_mod",
    "key_binding",
    "no_sd",
    "object_data_types",
    "recursions",
)


@pytest.fixture(scope="module")
def presentations(shared_folder: Path) -> Any:
    return json.loads((shared_folder / "vectors" / "own" / "sdjwt_vectors.json").read_bytes())


def answer(presentation: str, vectors: Any) -> str:
    anchor = read_certificate(base64.b64decode(vectors["trust_anchor_der_b64"]))
    try:
        verify_bound(
            presentation,
            trust=IssuerTrust((anchor,), lambda certificate, vct: True),
            vct_values=vectors["vct_values"],
            at=datetime.fromtimestamp(vectors["now"], UTC),
            audience=vectors["aud"],
            nonce=vectors["nonce"],
        )
    except SdJwtProblem as problem:
        return problem.code
    return "ok"


def test_every_presentation_gets_the_expected_answer(presentations: Any) -> None:
    answers = {case["id"]: answer(case["presentation"], presentations) for case in presentations["cases"]}
    assert answers == {case["id"]: case["expect"] for case in presentations["cases"]}


def test_all_presentations_are_there(presentations: Any) -> None:
    assert len(presentations["cases"]) == 25


JSON_CASES = ("json_serialization_flattened", "json_serialization_general")


def presented_in(folder: Path) -> str:
    """In compact form; JSON is kept there as a text in JSON."""
    compact = folder / "sd_jwt_presentation.txt"
    return (
        compact.read_text() if compact.exists() else compact_form(json.loads((folder / "sd_jwt_presentation.json").read_bytes()).encode())
    )


def verified_claims(folder: Path) -> Any:
    message, *disclosures, _ = presented_in(folder).split("~")
    payload = verify_jws(parse_jws(message, Purpose(None, "given")), ISSUER_KEY).claims(fractions=True)
    return resolve(payload, disclosures, ()).claims


@pytest.mark.parametrize("name", COMPACT_CASES + JSON_CASES)
def test_the_cases_of_another_library_give_the_same_claims(name: str, shared_folder: Path) -> None:
    folder = shared_folder / "vectors" / "sd-jwt-cases" / name
    assert verified_claims(folder) == json.loads((folder / "verified_contents.json").read_bytes())


@pytest.mark.parametrize("name", JSON_CASES)
def test_a_key_binding_beside_json_is_over_the_compact_form(name: str, shared_folder: Path) -> None:
    presented, _, binding = presented_in(shared_folder / "vectors" / "sd-jwt-cases" / name).rpartition("~")
    said = json.loads(base64url.decode(binding.split(".")[1]))
    assert said["sd_hash"] == base64url.encode(hashlib.sha256(f"{presented}~".encode()).digest())


def test_every_case_is_played(shared_folder: Path) -> None:
    found = {file.parent.name for file in (shared_folder / "vectors" / "sd-jwt-cases").glob("*/sd_jwt_presentation.*")}
    assert found == {*COMPACT_CASES, *JSON_CASES}
