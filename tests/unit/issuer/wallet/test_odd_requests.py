"""Requests that no wallet sends: too large, too deep, in another form, by another method, to another address (T-38, T-39)."""

import gzip
import json
from typing import Any

import pytest

from tests.unit.issuer.source_world import DEBT
from tests.unit.issuer.wallet.wallet_flows import PLAIN, refusal, with_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_POSTED = ["par", "token", "challenge", "nonce", "credential", "deferred-credential", "notification"]
_MESSAGES = {
    "credential": "invalid_credential_request",
    "deferred-credential": "invalid_credential_request",
    "notification": "invalid_notification_request",
}


@pytest.fixture
def wallet(wallets: WalletWorld) -> TestWallet:
    return with_token(wallets, DEBT)


@pytest.mark.parametrize("endpoint", _POSTED)
@pytest.mark.parametrize("size", [2 * 1024 * 1024, 300 * 1024])
def test_a_body_that_is_too_large_is_refused(size: int, endpoint: str, wallet: TestWallet) -> None:
    answer = wallet.ask({}, endpoint, content=b"x" * size)

    if endpoint in ("challenge", "nonce"):
        assert answer.status_code in (200, 413)  # nothing in a body counts there
    else:
        assert answer.status_code in (400, 413)
        assert b"xxxx" not in answer.content


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '{"a":' * 50_000,
        '{"proofs":' * 40 + "{}" + "}" * 40,
        '{"credential_configuration_id":"x","credential_configuration_id":"y"}',
        '{"notification_id":"x","notification_id":"y","event":"credential_accepted"}',
        '{"transaction_id":"x","transaction_id":"y"}',
        '{"a":NaN}',
        '{"a":1e400}',
        '{"a":123456789012345678901234567890}',
        '{"a":"\\ud800"}',
        "[]",
        '"x"',
        "7",
        "null",
        "",
        " ",
        "{} {}",
        '{"a":1,}',
        "{'a':1}",
    ],
)
@pytest.mark.parametrize("endpoint", sorted(_MESSAGES))
def test_a_message_that_is_no_object_is_refused(endpoint: str, content: str, wallet: TestWallet) -> None:
    assert refusal(wallet.ask({}, endpoint, content=content.encode())) == (400, _MESSAGES[endpoint])


@pytest.mark.parametrize("content", [b"\xff\xfe{}", b'{"a":"\xff"}', b"\xef\xbb\xbf{}", "{}".encode("utf-16")])
@pytest.mark.parametrize("endpoint", sorted(_MESSAGES))
def test_a_message_that_is_not_in_utf8_is_refused(endpoint: str, content: bytes, wallet: TestWallet) -> None:
    assert refusal(wallet.ask({}, endpoint, content=content)) == (400, _MESSAGES[endpoint])


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json-seq", "application/jose", "", None])
@pytest.mark.parametrize("endpoint", sorted(_MESSAGES))
def test_a_message_of_another_type_is_refused(endpoint: str, kind: str | None, wallet: TestWallet) -> None:
    assert refusal(wallet.ask({}, endpoint, content=b"{}", content_type=kind)) == (400, _MESSAGES[endpoint])


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/json;x=y"])
def test_the_type_of_a_message_may_have_parameters(kind: str, wallet: TestWallet) -> None:
    body = {"credential_configuration_id": PLAIN, "proofs": wallet.proofs([SoftwareKey()])}
    assert wallet.ask(body, content_type=kind).status_code == 200


def test_what_wallets_tell_is_never_sealed(wallet: TestWallet) -> None:
    answer = wallet.ask({}, "notification", content=b"a.b.c.d.e", content_type="application/jwt")
    assert refusal(answer) == (400, "invalid_notification_request")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_packed_body_is_not_unpacked(encoding: str, wallet: TestWallet) -> None:
    packed = gzip.compress(json.dumps({"credential_configuration_id": PLAIN}).encode())
    headers = {
        "Authorization": f"DPoP {wallet.token}",
        "DPoP": wallet.dpop("credential", token=wallet.token),
        "Content-Type": "application/json",
        "Content-Encoding": encoding,
    }
    answer = wallet.client.post(f"{wallet.address}/credential", content=packed, headers=headers)
    assert refusal(answer) == (400, "invalid_credential_request")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("endpoint", _POSTED)
def test_what_is_posted_is_not_there_for_another_method(endpoint: str, method: str, wallet: TestWallet) -> None:
    answer = wallet.client.request(method, f"{wallet.address}/{endpoint}")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["jwks", "offers/x"])
def test_what_is_read_is_not_there_for_another_method(path: str, method: str, wallet: TestWallet) -> None:
    assert wallet.client.request(method, f"{wallet.address}/{path}").status_code in (403, 405)


@pytest.mark.parametrize("endpoint", [f"{name}/" for name in _POSTED])
def test_an_address_with_a_slash_behind_it_is_another(endpoint: str, wallet: TestWallet) -> None:
    assert wallet.ask({}, endpoint).status_code == 404


@pytest.mark.parametrize("endpoint", ["Token", "token/x", "", "introspect", "register", "revoke"])
def test_an_endpoint_that_we_do_not_have_is_not_there(endpoint: str, wallet: TestWallet) -> None:
    assert wallet.ask({}, endpoint).status_code == 404


@pytest.mark.parametrize("endpoint", _POSTED)
def test_no_endpoint_needs_or_sets_a_cookie(endpoint: str, wallet: TestWallet) -> None:
    answer = wallet.ask({}, endpoint)
    assert answer.status_code != 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("endpoint", _POSTED)
def test_a_call_from_a_page_of_another_site_gets_no_leave_to_read(endpoint: str, wallet: TestWallet) -> None:
    answer = wallet.client.post(
        f"{wallet.address}/{endpoint}", headers={"Origin": "https://aanvaller.example", "Sec-Fetch-Site": "cross-site"}
    )
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("endpoint", _POSTED)
def test_no_answer_to_a_wallet_is_kept_by_anybody(endpoint: str, wallet: TestWallet) -> None:
    assert wallet.ask({}, endpoint).headers["cache-control"] == "no-store"


def test_two_nonces_are_never_the_same(wallet: TestWallet) -> None:
    given = [nonce for _ in range(20) for nonce in (wallet.c_nonce(), wallet.challenge(), str(wallet.dpop_nonce))]
    assert len({*given}) == len(given)


def test_who_calls_too_often_has_to_wait(wallets: WalletWorld) -> None:
    wallets.changes["calls_a_minute"] = 3
    wallet = wallets.wallet(wallets.services())
    answers = [wallet.client.post(f"{wallet.address}/nonce") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_so_many_times_a_minute_the_metadata_are_signed_for_one_address(wallets: WalletWorld) -> None:
    wallets.changes["calls_a_minute"] = 3
    wallet = wallets.wallet(wallets.services())
    answers = [wallet.client.get("/.well-known/openid-credential-issuer/duo", headers={"Accept": "application/jwt"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert wallet.client.post("/duo/oid4vci/nonce").status_code == 200


@pytest.mark.parametrize("value", ["é", "\x00", "a\r\nX-Evil: 1", '"><script>alert(1)</script>', "%s%n", "' OR 1=1 --", "../../etc/passwd"])
@pytest.mark.parametrize("name", ["credential_configuration_id", "transaction_id", "notification_id"])
def test_a_refusal_never_repeats_what_was_sent(name: str, value: str, wallet: TestWallet) -> None:
    endpoint = {"credential_configuration_id": "credential", "transaction_id": "deferred-credential"}.get(name, "notification")
    body: dict[str, Any] = {name: value, "proofs": {"jwt": [value]}, "event": value}
    answer = wallet.ask(body, endpoint)

    assert refusal(answer)[0] == 400
    assert value not in answer.json()["error_description"]
