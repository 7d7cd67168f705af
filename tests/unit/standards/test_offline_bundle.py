import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.offline_bundle import BundledSchema, BundleRefused, OfflineBundle, read_offline_bundle, write_offline_bundle
from blauweknop.standards.pinned_message import sign_pinned
from tests.unit.standards.pki import MESSAGES, NOW, SEAL, Issued, certify

SIGNER = certify("lijst", None, MESSAGES)
JWT, CWT = b"e30.e30.aa", bytes.fromhex("d28443a10126a0")
SCHEMA = BundledSchema("proef.schuld", 1, '{"title":"Schuld é"}'.encode())
LISTS = {"https://bron.example/1": JWT, "https://bron.example/2": CWT}
BUNDLE = OfflineBundle(NOW, NOW + timedelta(days=1), b"e30.e30.bb", (SCHEMA,), LISTS)
CONTENT: Mapping[str, JsonValue] = {
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 60,
    "trust_list": "e30.e30.bb",
    "schemas": [],
    "status_lists": [],
}


def written(bundle: OfflineBundle = BUNDLE, signer: Issued = SIGNER) -> bytes:
    return write_offline_bundle(bundle, signer=signer.signer())


def crafted(changes: Mapping[str, JsonValue], *, without: str = "") -> bytes:
    content = {name: value for name, value in {**CONTENT, **changes}.items() if name != without}
    return sign_pinned(content, jose.OFFLINE_BUNDLE, signer=SIGNER.signer(), at=NOW).encode()


def code_of(data: bytes, *, anchors: tuple[Issued, ...] = (SIGNER,), **more: Any) -> str:
    with pytest.raises(BundleRefused) as caught:
        read_offline_bundle(data, anchors=[anchor.certificate for anchor in anchors], at=NOW, **more)
    return caught.value.code


def read(data: bytes) -> OfflineBundle:
    return read_offline_bundle(data, anchors=[SIGNER.certificate], at=NOW)


def test_a_bundle_comes_back() -> None:
    assert read(written()) == BUNDLE


def test_a_token_that_is_text_is_written_as_text_and_another_as_base64url() -> None:
    content = json.loads(base64url.decode(json.loads(written())["payload"]))
    assert content["status_lists"] == [
        {"uri": "https://bron.example/1", "jwt": "e30.e30.aa"},
        {"uri": "https://bron.example/2", "cwt": "0oRDoQEmoA"},
    ]


def test_the_compact_form_is_the_same_bundle() -> None:
    members = json.loads(written())
    assert read(".".join(members[name] for name in ("protected", "payload", "signature")).encode()) == BUNDLE


def test_a_bundle_that_has_ended_is_still_read() -> None:
    long_ago = replace(BUNDLE, issued_at=NOW - timedelta(days=9), expires_at=NOW - timedelta(days=8))
    assert read(written(long_ago)) == long_ago


def test_another_signer_has_no_say() -> None:
    assert code_of(written(signer=certify("ander", None, MESSAGES))) == "bundle_signer_unknown"


def test_a_pinned_certificate_for_seals_signs_no_bundle() -> None:
    seal = certify("zegel", None, SEAL)
    assert code_of(written(signer=seal), anchors=(seal,)) == "bundle_signer_unknown"


@pytest.mark.parametrize("purpose", [jose.TRUST_LIST, jose.STATUS_LIST, jose.SD_JWT_VC])
def test_another_message_of_the_same_signer_is_no_bundle(purpose: jose.Purpose) -> None:
    assert code_of(sign_pinned(CONTENT, purpose, signer=SIGNER.signer(), at=NOW).encode()) == "bundle_malformed"


def test_a_swapped_trust_list_breaks_the_signature() -> None:
    members = json.loads(written())
    content = json.loads(base64url.decode(members["payload"]))
    content["trust_list"] = "e30.e30.cc"
    members["payload"] = base64url.encode(json.dumps(content).encode())
    assert code_of(json.dumps(members).encode()) == "bundle_signature"


def test_an_older_bundle_than_one_seen_before() -> None:
    assert code_of(written(), not_before=NOW + timedelta(seconds=1)) == "bundle_rollback"
    assert read_offline_bundle(written(), anchors=[SIGNER.certificate], at=NOW, not_before=NOW) == BUNDLE


def test_a_bundle_of_tomorrow() -> None:
    assert code_of(crafted({"iat": int(NOW.timestamp()) + 61, "exp": int(NOW.timestamp()) + 99})) == "bundle_malformed"
    almost = int(NOW.timestamp()) + 60
    assert read(crafted({"iat": almost, "exp": almost + 1})).issued_at == NOW + timedelta(seconds=60)


def test_a_bundle_that_ends_before_it_begins() -> None:
    assert code_of(crafted({"exp": int(NOW.timestamp())})) == "bundle_malformed"


@pytest.mark.parametrize("name", list(CONTENT))
def test_every_member_must_be_there(name: str) -> None:
    assert code_of(crafted({}, without=name)) == "bundle_malformed"


def schema(**changes: JsonValue) -> JsonValue:
    right: dict[str, JsonValue] = {"dataset": "a", "version": 1, "sha256": hashlib.sha256(b"{}").hexdigest(), "schema": "{}"}
    return right | changes


def token(**changes: JsonValue) -> JsonValue:
    return {"uri": "https://bron.example/1", "jwt": "a.b.c"} | changes


def test_the_ones_that_the_next_test_breaks_are_right() -> None:
    assert read(crafted({"schemas": [schema()], "status_lists": [token()]})).schemas == (BundledSchema("a", 1, b"{}"),)


LARGE = '"' + "a" * (1024 * 1024 - 2) + '"'


@pytest.mark.parametrize(
    "changes",
    [
        {"schemas": [schema(dataset="a" * 100)]},
        {"schemas": [schema(version=number) for number in range(1, 501)]},
        {"schemas": [schema(schema=LARGE, sha256=hashlib.sha256(LARGE.encode()).hexdigest())]},
        {"schemas": [schema(), schema(dataset="b"), schema(version=2)]},
        {"status_lists": [token(uri="https://bron.example/" + "a" * 2027)]},
        {"status_lists": [token(uri=f"https://bron.example/{number}") for number in range(64)]},
    ],
    ids=["name", "schemas", "schema", "versions", "address", "lists"],
)
def test_content_may_be_as_large_as_is_allowed(changes: dict[str, JsonValue]) -> None:
    assert len(read(crafted(changes)).schemas) == len(changes.get("schemas", ()))  # type: ignore[arg-type] # a list
    assert len(read(crafted(changes)).status_lists) == len(changes.get("status_lists", ()))  # type: ignore[arg-type] # a list


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": 1},
        {"iat": "1"},
        {"exp": True},
        {"trust_list": 7},
        {"trust_list": ""},
        {"trust_list": "é"},
        {"schemas": {}},
        {"schemas": [1]},
        {"schemas": [schema(), schema()]},
        {"schemas": [schema(sha256="00" * 32)]},
        {"schemas": [schema(version=0)]},
        {"schemas": [schema(version=True)]},
        {"schemas": [schema(more=1)]},
        {"schemas": [schema(dataset="a" * 101)]},
        {"schemas": [schema(dataset="")]},
        {"schemas": [schema(version=number) for number in range(1, 502)]},
        {"schemas": [schema(schema=LARGE + " ", sha256=hashlib.sha256(LARGE.encode() + b" ").hexdigest())]},
        {"status_lists": [token(), token()]},
        {"status_lists": [token(cwt="aa")]},
        {"status_lists": [{"uri": "https://bron.example/1"}]},
        {"status_lists": [{"uri": "https://bron.example/1", "cwt": "a="}]},
        {"status_lists": [token(jwt=1)]},
        {"status_lists": [token(jwt="é")]},
        {"status_lists": [token(uri="https://bron.example/" + "a" * 2028)]},
        {"status_lists": [token(uri=f"https://bron.example/{number}") for number in range(65)]},
    ],
)
def test_content_of_another_form(changes: dict[str, JsonValue]) -> None:
    assert code_of(crafted(changes)) == "bundle_malformed"


def test_a_member_that_stands_twice() -> None:
    text = json.dumps(dict(CONTENT)).replace('{"iat"', '{"iat": 1, "iat"', 1)
    good = sign_pinned(CONTENT, jose.OFFLINE_BUNDLE, signer=SIGNER.signer(), at=NOW)
    header = json.loads(base64url.decode(good.split(".")[0]))
    assert code_of(jose.sign_jws(text.encode(), SIGNER.signer(), jose.OFFLINE_BUNDLE, header=header).encode()) == "bundle_malformed"


def test_a_flattened_bundle_with_more_in_it() -> None:
    assert code_of(written().replace(b'{\n "protected"', b'{"header": {}, "protected"')) == "bundle_malformed"


def test_a_bundle_that_is_too_large_is_not_read() -> None:
    assert code_of(written() + b" " * (48 << 20)) == "bundle_malformed"


@given(st.binary(max_size=200))
def test_no_other_bytes_are_a_bundle(data: bytes) -> None:
    assert code_of(data) == "bundle_malformed"


@given(st.integers(0, 5000), st.integers(1, 255))
def test_no_changed_byte_goes_unseen(place: int, value: int) -> None:
    good = written()
    place %= len(good)
    changed = good[:place] + bytes((good[place] ^ value,)) + good[place + 1 :]
    try:
        assert read(changed) == BUNDLE  # white space around the members says nothing
    except BundleRefused:
        assert changed != good
