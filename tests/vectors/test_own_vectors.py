import base64
import json
from pathlib import Path
from typing import Any

import pytest

from blauweknop.domain.errors import MalformedValue
from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.jwk import read_public_jwk, thumbprint
from blauweknop.standards.pkce import code_challenge


@pytest.fixture(scope="module")
def vectors(shared_folder: Path) -> Any:
    return json.loads((shared_folder / "vectors" / "own" / "other_vectors.json").read_bytes())


def test_the_challenge_of_a_code_verifier(vectors: Any) -> None:
    assert code_challenge(vectors["pkce_s256"]["verifier"]) == vectors["pkce_s256"]["challenge"]


@pytest.mark.parametrize("verifier", ["", "v" * 42, "v" * 129, "v" * 42 + "+", "v" * 43 + "\n", "é" * 43])
def test_a_code_verifier_has_its_form(verifier: str) -> None:
    with pytest.raises(MalformedValue):
        code_challenge(verifier)


def test_the_thumbprint_of_a_key(vectors: Any) -> None:
    assert thumbprint(read_public_jwk(vectors["jwk_thumbprint"]["jwk"])) == vectors["jwk_thumbprint"]["sha256"]


def test_the_client_id_of_a_certificate(vectors: Any) -> None:
    vector = vectors["x509_hash"]
    assert x509_hash(base64.b64decode(vector["cert_der_b64"])) == vector["client_id"]
