"""Where a wallet finds what a source says of itself, and that it can believe it (conformance: issuer-metadata-test, -signed)."""

import json

import pytest
from cryptography import x509

from blauweknop.standards import jose
from tests.unit.issuer.wallet.wallet_world import IDENTIFIER, WalletWorld
from tests.wallet import TestWallet

ISSUER = "/.well-known/openid-credential-issuer/duo"
SERVER = "/.well-known/oauth-authorization-server/duo"


@pytest.fixture
def wallet(wallets: WalletWorld) -> TestWallet:
    return wallets.wallet(wallets.services())


@pytest.mark.parametrize(("path", "member"), [(ISSUER, "credential_issuer"), (SERVER, "issuer")])
def test_a_document_names_exactly_the_issuer_that_was_asked_for(path: str, member: str, wallet: TestWallet) -> None:
    answer = wallet.client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()[member] == IDENTIFIER


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/openid-credential-issuer",
        "/.well-known/openid-credential-issuer/duo/",
        "/.well-known/openid-credential-issuer/DUO",
        "/.well-known/openid-credential-issuer/duo/oid4vci",
        "/.well-known/openid-credential-issuer/uwv",
        "/duo/.well-known/openid-credential-issuer",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/duo/",
        "/.well-known/oauth-authorization-server/duo/oid4vci",
    ],
)
def test_no_document_is_given_for_an_issuer_that_is_not_here(path: str, wallet: TestWallet) -> None:
    assert wallet.client.get(path).status_code == 404


def test_the_signed_document_says_the_same_as_the_plain_one(wallet: TestWallet) -> None:
    signed = wallet.client.get(ISSUER, headers={"Accept": "application/jwt"})
    received = jose.parse_jws(signed.text, jose.SIGNED_METADATA)
    leaf = x509.load_der_x509_certificate(received.certificates[0])
    claims = jose.verify_jws(received, leaf.public_key()).claims()

    assert signed.headers["content-type"] == "application/jwt"
    assert claims.pop("sub") == IDENTIFIER
    assert int(str(claims.pop("exp"))) - int(str(claims.pop("iat"))) == 24 * 3600
    assert claims == wallet.client.get(ISSUER).json()


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("application/jwt, application/json;q=0.5", "application/jwt"),
        ("Application/JWT;q=0.1", "application/jwt"),
        ("application/jwt;q=0", "application/json"),
        ("application/json, application/jwt; q=0.000", "application/json"),
        ("application/jwtx", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
    ],
)
def test_the_document_is_signed_for_who_asks_that(accept: str, given: str, wallet: TestWallet) -> None:
    assert wallet.client.get(ISSUER, headers={"Accept": accept}).headers["content-type"] == given


def test_the_signed_document_brings_no_anchor_along(wallet: TestWallet) -> None:
    received = jose.parse_jws(wallet.client.get(ISSUER, headers={"Accept": "application/jwt"}).text, jose.SIGNED_METADATA)
    certificates = [x509.load_der_x509_certificate(encoded) for encoded in received.certificates]

    assert certificates
    assert all(certificate.subject != certificate.issuer for certificate in certificates)


@pytest.mark.parametrize(("accept", "locales"), [("nl", ["nl"]), ("en", ["en"]), ("de", ["nl", "en"]), ("", ["nl", "en"])])
def test_texts_come_in_the_languages_that_are_asked(accept: str, locales: list[str], wallet: TestWallet) -> None:
    answer = wallet.client.get(ISSUER, headers={"Accept-Language": accept})

    assert sorted(item["locale"] for item in answer.json()["display"]) == sorted(locales)
    assert "Accept-Language" in answer.headers["vary"]


def test_each_endpoint_in_the_documents_is_there(wallet: TestWallet) -> None:
    documents = [wallet.client.get(path).json() for path in (ISSUER, SERVER)]
    addresses = [value for document in documents for name, value in document.items() if name.endswith("_endpoint")]
    missing = [address for address in addresses if wallet.client.post(address, content=b"").status_code == 404]

    assert len(addresses) >= 8
    assert all(address.startswith(f"{IDENTIFIER}/oid4vci/") for address in addresses)
    assert missing in ([], [f"{IDENTIFIER}/oid4vci/authorize"])


def test_the_server_asks_for_pushed_requests_pkce_and_dpop(wallet: TestWallet) -> None:
    document = wallet.client.get(SERVER).json()

    assert document["require_pushed_authorization_requests"] is True
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["dpop_signing_alg_values_supported"] == ["ES256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth"]
    assert document["pre-authorized_grant_anonymous_access_supported"] is False


def test_the_keys_of_the_source_are_public_halves(wallet: TestWallet) -> None:
    answer = wallet.client.get(wallet.client.get(SERVER).json()["jwks_uri"])

    assert [sorted(key) for key in answer.json()["keys"]] == [["alg", "crv", "kid", "kty", "use", "x", "y"]]


def test_public_documents_set_no_cookie_and_may_be_kept(wallet: TestWallet) -> None:
    answers = [wallet.client.get(path) for path in (ISSUER, SERVER)]

    assert all("set-cookie" not in answer.headers and "public" in answer.headers["cache-control"] for answer in answers)
    assert all("999990019" not in json.dumps(answer.json()) for answer in answers)
