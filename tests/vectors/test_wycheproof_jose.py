import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from blauweknop.standards.jose import JwsProblem, Purpose, ReceivedJws, parse_jws, verify_jws
from blauweknop.standards.jwk import UnsuitableJwk, read_encryption_jwk, read_encryption_keys, read_private_encryption_jwk, read_public_jwk

ANY = Purpose(None, "given")


@pytest.fixture(scope="module")
def vectors(shared_folder: Path) -> Path:
    return shared_folder / "vectors" / "wycheproof"


def cases(file: Path) -> Iterator[tuple[Any, Any]]:
    for group in json.loads(file.read_bytes())["testGroups"]:
        for case in group["tests"]:
            yield group, case


def verifies(text: str, key: Any) -> bool:
    try:
        verify_jws(parse_jws(text, ANY), read_public_jwk(key))
    except (JwsProblem, UnsuitableJwk):
        return False
    return True


def accepted(group: Any, case: Any) -> bool:
    """Whether the message verifies with the key of the group, or with any key of its set."""
    key = group.get("public", group.get("private"))
    return any(verifies(case["jws"], item) for item in key.get("keys", [key]))


@pytest.mark.parametrize("name", ["json_web_signature_test.json", "json_web_key_test.json"])
def test_no_invalid_message_and_no_unsuitable_key_is_accepted(name: str, vectors: Path) -> None:
    invalid = [(group, case) for group, case in cases(vectors / name) if case["result"] == "invalid"]
    assert invalid
    assert [case["tcId"] for group, case in invalid if accepted(group, case)] == []


def test_every_valid_message_with_p_256_is_accepted(vectors: Path) -> None:
    refused = [
        case["tcId"]
        for group, case in cases(vectors / "json_web_signature_test.json")
        if case["result"] == "valid" and group.get("public", {}).get("crv") == "P-256" and not accepted(group, case)
    ]
    assert refused == []


# A key of the vectors in which everything is right.
MENDED = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "y": "UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw"}


def test_every_case_of_the_key_sets_is_refused_for_none_is_of_our_algorithm(vectors: Path) -> None:
    every = list(cases(vectors / "json_web_key_test.json"))
    assert len(every) == 26
    assert [case["tcId"] for group, case in every if accepted(group, case)] == []


def test_each_broken_key_of_p_256_is_accepted_when_its_fault_is_mended(vectors: Path) -> None:
    every = {case["tcId"]: (group, case) for group, case in cases(vectors / "json_web_key_test.json")}
    for number in (19, 20, 21, 22, 23, 24):
        group, case = every[number]
        (key,) = group["public"]["keys"]
        assert not verifies(case["jws"], key)
        assert verifies(case["jws"], key | MENDED)


def test_no_key_for_signatures_is_one_to_encrypt_to(vectors: Path) -> None:
    for group, _ in cases(vectors / "json_web_key_test.json"):
        for keys in (group[kind] for kind in ("public", "private") if kind in group):
            with pytest.raises(UnsuitableJwk):
                read_encryption_keys(keys)
            for key in keys["keys"]:
                for read in (read_encryption_jwk, read_private_encryption_jwk):
                    with pytest.raises(UnsuitableJwk):
                        read(key)


def test_every_signature_of_64_bytes_gets_the_expected_answer(vectors: Path) -> None:
    wrong = []
    for group, case in cases(vectors / "ecdsa_secp256r1_sha256_p1363_test.json"):
        key = load_der_public_key(bytes.fromhex(group["publicKeyDer"]))
        received = ReceivedJws({}, b"", bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]), (), None)
        try:
            verify_jws(received, key)
            answer = "valid"
        except JwsProblem:
            answer = "invalid"
        if answer != case["result"]:
            wrong.append(case["tcId"])
    assert wrong == []
