import json
from pathlib import Path

import cbor2
import pytest

from blauweknop.standards.mdoc import dc_api_transcript, openid4vp_transcript


@pytest.fixture(scope="module")
def vectors(shared_folder: Path) -> dict[str, dict[str, str]]:
    listed = json.loads((shared_folder / "vectors" / "own" / "other_vectors.json").read_bytes())["openid4vp_handover_sha256"]
    return {vector["kind"]: vector for vector in listed}


def test_the_handover_of_an_answer_by_redirect(vectors: dict[str, dict[str, str]]) -> None:
    vector = vectors["OpenID4VPHandover"]
    transcript = openid4vp_transcript(
        client_id=vector["client_id"],
        nonce=vector["nonce"],
        response_uri=vector["response_uri"],
        jwk_thumbprint=bytes.fromhex(vector["jwk_thumbprint_hex"]),
    )
    assert cbor2.loads(transcript) == [None, None, ["OpenID4VPHandover", bytes.fromhex(vector["sha256"])]]


def test_the_handover_of_an_answer_by_the_api_of_the_browser(vectors: dict[str, dict[str, str]]) -> None:
    vector = vectors["OpenID4VPDCAPIHandover"]
    transcript = dc_api_transcript(
        origin=vector["origin"], nonce=vector["nonce"], jwk_thumbprint=bytes.fromhex(vector["jwk_thumbprint_hex"])
    )
    assert cbor2.loads(transcript) == [None, None, ["OpenID4VPDCAPIHandover", bytes.fromhex(vector["sha256"])]]


def test_an_answer_that_is_not_encrypted_has_another_handover(vectors: dict[str, dict[str, str]]) -> None:
    vector = vectors["OpenID4VPDCAPIHandover"]
    transcript = dc_api_transcript(origin=vector["origin"], nonce=vector["nonce"], jwk_thumbprint=None)
    assert bytes.fromhex(vector["sha256"]) not in transcript
