import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blauweknop.standards.jwe import EncryptionPurpose, JweProblem, decrypt_jwe, key_agreement, parse_jwe
from blauweknop.standards.jwk import UnsuitableJwk, read_private_encryption_jwk

PURPOSES = [EncryptionPurpose(), EncryptionPurpose(compression=True)]


@pytest.fixture(scope="module")
def cases(shared_folder: Path) -> list[tuple[Any, Any]]:
    return list(every_case(shared_folder / "vectors" / "wycheproof" / "json_web_encryption_test.json"))


def every_case(file: Path) -> Iterator[tuple[Any, Any]]:
    for group in json.loads(file.read_bytes())["testGroups"]:
        for case in group["tests"]:
            yield group["private"], case


def opened(key: Any, text: str, purpose: EncryptionPurpose) -> bytes | None:
    try:
        return decrypt_jwe(parse_jwe(text, purpose), key_agreement(read_private_encryption_jwk(key)))
    except (JweProblem, UnsuitableJwk):
        return None


def opened_whatever_the_key_says(key: Any, text: str, purpose: EncryptionPurpose) -> bytes | None:
    """As `opened`, with a key that says nothing of its algorithm, so that the message alone must be refused."""
    return opened({name: value for name, value in key.items() if name != "alg"}, text, purpose)


def for_us(key: Any, case: Any) -> bool:
    return (key.get("crv"), key.get("alg")) == ("P-256", "ECDH-ES") and case["enc"] in ("A128GCM", "A256GCM")


@pytest.mark.parametrize("purpose", PURPOSES, ids=["plain", "compression allowed"])
@pytest.mark.parametrize("attempt", [opened, opened_whatever_the_key_says])
def test_no_invalid_message_opens(attempt: Any, purpose: EncryptionPurpose, cases: list[tuple[Any, Any]]) -> None:
    invalid = [(key, case) for key, case in cases if case["result"] == "invalid"]
    assert len(invalid) > 50
    assert [case["tcId"] for key, case in invalid if attempt(key, case["jwe"], purpose) is not None] == []


def test_every_valid_message_of_our_kind_opens_and_no_other(cases: list[tuple[Any, Any]]) -> None:
    valid = [(key, case) for key, case in cases if case["result"] == "valid"]
    expected = {case["tcId"]: case["pt"] for key, case in valid if for_us(key, case)}
    found = {case["tcId"]: text.hex() for key, case in valid if (text := opened(key, case["jwe"], PURPOSES[0])) is not None}
    assert len(expected) >= 2
    assert found == expected
