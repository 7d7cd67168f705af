"""The SD-JWT VCs that wallets get of every data set, before PyPI sd-jwt and npm @sd-jwt/sd-jwt-vc; the clock is that of this machine."""

import functools
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jwcrypto.jwk import JWK
from jwcrypto.jws import InvalidJWSSignature
from sd_jwt.verifier import SDJWTVerifier

from blauweknop.document.type_metadata import published_type
from blauweknop.standards import base64url
from blauweknop.standards.jwk import public_jwk
from tests.interop import issued_copies as i
from tests.suites import wallets_folder
from tests.unit.document.wallet_samples import summary

SCRIPT = Path(__file__).with_name("sd_jwt_vc.mjs")
every_dataset = pytest.mark.parametrize("dataset_id", i.IDS)
in_node = pytest.mark.suite("wallets")
DEBT = i.copy_of("duo.studieschuld")


def with_a_changed_value(copy: i.Copy) -> str:
    """One value is another, and its holder signs that."""
    jws, first, *others = copy.sd_jwt.split("~")
    salt, name, value = json.loads(base64url.decode(first))
    return i.sd_jwt_presented(copy, "~".join([jws, base64url.encode(json.dumps([salt, name, f"{value}!"]).encode()), *others]))


def without_the_changed_value() -> dict[str, object]:
    _, name, _ = json.loads(base64url.decode(DEBT.sd_jwt.split("~")[1]))
    return {key: value for key, value in {**DEBT.visible, **DEBT.as_json()}.items() if key != name}


def with_a_changed_date(copy: i.Copy) -> str:
    """It says that it counts longer than the source said."""
    jws, *others = copy.sd_jwt.split("~")
    header, payload, signature = jws.split(".")
    longer = json.loads(base64url.decode(payload)) | {"exp": 4102444800}
    changed = ".".join([header, base64url.encode(json.dumps(longer).encode()), signature])
    return i.sd_jwt_presented(copy, "~".join([changed, *others]))


def read_in_python(presentation: str, *, nonce: str = i.NONCE) -> dict[str, Any]:
    key = JWK(**public_jwk(i.issuer_key()))
    read: dict[str, Any] = SDJWTVerifier(presentation, lambda _issuer, _header: key, i.AUDIENCE, nonce).get_verified_payload()
    return read


def read_in_node(presentations: Sequence[str], *, nonce: str = i.NONCE) -> list[dict[str, Any]]:
    given = {
        "modules": str(wallets_folder()),
        "issuerKey": public_jwk(i.issuer_key()),
        "types": {i.copy_of(name).visible["vct"]: json.loads(published_type(summary(name))) for name in i.IDS},
        "lists": dict([i.status_token()]),
        "presentations": list(presentations),
        "nonce": nonce,
    }
    done = subprocess.run(["node", str(SCRIPT)], input=json.dumps(given), capture_output=True, text=True, check=True, timeout=60)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


@functools.cache
def all_read_in_node() -> dict[str, dict[str, Any]]:
    """Every data set in one process."""
    return dict(zip(i.IDS, read_in_node([i.sd_jwt_presented(i.copy_of(name)) for name in i.IDS]), strict=True))


@functools.cache
def bad_ones_read_in_node() -> dict[str, dict[str, Any]]:
    """What it must not believe, in one process."""
    bad = {
        "another signer": i.with_another_signature(DEBT),
        "another holder": i.sd_jwt_presented(DEBT, by_its_holder=False),
        "withdrawn": i.sd_jwt_presented(i.copy_of("duo.studieschuld", index=i.WITHDRAWN)),
        "changed value": with_a_changed_value(DEBT),
        **{f"changed date of {name}": with_a_changed_date(i.copy_of(name)) for name in i.IDS},
    }
    return dict(zip(bad, read_in_node([*bad.values()]), strict=True))


@every_dataset
def test_sd_jwt_in_python_reads_every_claim_the_dates_and_the_status(dataset_id: str) -> None:
    copy = i.copy_of(dataset_id)
    assert read_in_python(i.sd_jwt_presented(copy)) == {**copy.visible, **copy.as_json()}


@every_dataset
def test_sd_jwt_in_python_refuses_a_date_that_the_source_did_not_sign(dataset_id: str) -> None:
    with pytest.raises(InvalidJWSSignature):
        read_in_python(with_a_changed_date(i.copy_of(dataset_id)))


def test_sd_jwt_in_python_refuses_a_copy_that_another_signed() -> None:
    with pytest.raises(InvalidJWSSignature):
        read_in_python(i.with_another_signature(DEBT))


def test_sd_jwt_in_python_refuses_a_copy_that_its_holder_does_not_show() -> None:
    with pytest.raises(InvalidJWSSignature):
        read_in_python(i.sd_jwt_presented(DEBT, by_its_holder=False))


def test_sd_jwt_in_python_refuses_a_copy_shown_on_another_question() -> None:
    with pytest.raises(ValueError, match="Invalid nonce"):
        read_in_python(i.sd_jwt_presented(DEBT), nonce="een andere vraag")


def test_sd_jwt_in_python_leaves_out_a_value_that_the_source_did_not_say() -> None:
    # It drops what no digest is of, where RFC 9901 section 7.1 refuses; either way nobody reads the changed value.
    assert read_in_python(with_a_changed_value(DEBT)) == without_the_changed_value()


@in_node
@every_dataset
def test_sd_jwt_in_node_reads_every_claim_the_dates_and_the_status(dataset_id: str) -> None:
    copy, read = i.copy_of(dataset_id), all_read_in_node()[dataset_id]
    assert read["payload"] == {**copy.visible, **copy.as_json()}
    assert (read["binding"]["aud"], read["binding"]["nonce"]) == (i.AUDIENCE, i.NONCE)


@in_node
@every_dataset
def test_sd_jwt_in_node_finds_words_for_every_claim_in_the_type_metadata(dataset_id: str) -> None:
    read, title = all_read_in_node()[dataset_id], summary(dataset_id).dataset.title
    assert read["shown"] == [["nl", title.nl], ["en", title.en]]
    assert set(read["described"]) >= i.copy_of(dataset_id).claims.keys()


@in_node
@every_dataset
def test_sd_jwt_in_node_refuses_a_date_that_the_source_did_not_sign(dataset_id: str) -> None:
    assert bad_ones_read_in_node()[f"changed date of {dataset_id}"] == {"problem": "Verify Error: Invalid JWT Signature"}


@in_node
@pytest.mark.parametrize(
    ("what", "problem"),
    [
        ("another signer", "Verify Error: Invalid JWT Signature"),
        ("another holder", "Verify Error: Invalid JWT Signature"),
        ("withdrawn", "Status is not valid"),
    ],
)
def test_sd_jwt_in_node_refuses_a_copy_that_is_of_another_or_withdrawn(what: str, problem: str) -> None:
    assert bad_ones_read_in_node()[what] == {"problem": problem}


@in_node
def test_sd_jwt_in_node_leaves_out_a_value_that_the_source_did_not_say() -> None:
    assert bad_ones_read_in_node()["changed value"]["payload"] == without_the_changed_value()


@in_node
def test_sd_jwt_in_node_refuses_a_copy_shown_on_another_question() -> None:
    assert read_in_node([i.sd_jwt_presented(DEBT)], nonce="een andere vraag") == [{"problem": "Verify Error: Invalid Nonce"}]
