from dataclasses import replace
from datetime import timedelta

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.domain.texts import Text
from blauweknop.standards import jose
from blauweknop.standards.jose import VerifiedJws
from blauweknop.standards.jwk import read_encryption_jwk
from blauweknop.standards.openid4vci.metadata import (
    ClaimDescription,
    CredentialDescription,
    IssuerDescription,
    IssuerRegistration,
    KeyAttestationRules,
    Logo,
    authorization_server_metadata,
    encryption_jwks,
    issuer_metadata,
    sign_issuer_metadata,
)
from tests.unit.standards.pki import AUTHORITY, MESSAGES, NOW, certify, p256

ISSUER = "https://bron.example/duo"
BELOW = f"{ISSUER}/oid4vci"
LOGO = Logo("data:image/svg+xml;base64,PHN2Zy8+", Text("Blauwe knop", "Blue button"))
DOCTYPE = "org.blauweknop.duo.studieschuld.1"
KEY = p256().public_key()
SD_JWT = CredentialDescription(
    configuration_id="duo.studieschuld.sd-jwt",
    format="dc+sd-jwt",
    type_name="https://register.example/vct/duo-studieschuld/1",
    scope="duo.studieschuld.sd-jwt",
    name=Text("Studieschuld", "Student debt"),
    description=Text("Wat u nog moet betalen", "What you still have to pay"),
    logo=LOGO,
    background_color="#0b4a8f",
    text_color="#ffffff",
    claims=(ClaimDescription(("total",), Text("Totaal", "Total"), mandatory=True),),
)
MDOC = replace(
    SD_JWT,
    configuration_id="duo.studieschuld.mdoc",
    format="mso_mdoc",
    type_name=DOCTYPE,
    scope="duo.studieschuld.mdoc",
    claims=(ClaimDescription((DOCTYPE, "total"), Text("Totaal", "Total"), mandatory=False),),
)
DESCRIPTION = IssuerDescription(ISSUER, BELOW, Text("DUO", "DUO (NL)"), LOGO, (SD_JWT, MDOC), batch_size=10)
ROOT = certify("wortel")
MIDDLE = certify("tussen", ROOT, AUTHORITY)
SIGNING = certify("bron", MIDDLE, MESSAGES)


def at(value: JsonValue, *path: str | int) -> JsonValue:
    """What is at this place."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value[step]
        else:
            assert isinstance(value, list)
            assert isinstance(step, int)
            value = value[step]
    return value


def configuration(credential: CredentialDescription, description: IssuerDescription = DESCRIPTION) -> JsonValue:
    return at(issuer_metadata(description, ["nl", "en"]), "credential_configurations_supported", credential.configuration_id)


def test_an_issuer_says_where_it_is_and_what_it_is_called() -> None:
    found = issuer_metadata(DESCRIPTION, ["nl", "en"])
    found.pop("credential_configurations_supported")
    assert found == {
        "credential_issuer": ISSUER,
        "credential_endpoint": f"{BELOW}/credential",
        "nonce_endpoint": f"{BELOW}/nonce",
        "deferred_credential_endpoint": f"{BELOW}/deferred-credential",
        "notification_endpoint": f"{BELOW}/notification",
        "batch_credential_issuance": {"batch_size": 10},
        "display": [
            {"name": "DUO", "locale": "nl", "logo": {"uri": LOGO.uri, "alt_text": "Blauwe knop"}},
            {"name": "DUO (NL)", "locale": "en", "logo": {"uri": LOGO.uri, "alt_text": "Blue button"}},
        ],
    }


def test_a_credential_as_sd_jwt() -> None:
    assert configuration(SD_JWT) == {
        "format": "dc+sd-jwt",
        "vct": "https://register.example/vct/duo-studieschuld/1",
        "scope": "duo.studieschuld.sd-jwt",
        "credential_signing_alg_values_supported": ["ES256"],
        "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
        "credential_metadata": {
            "display": [
                {
                    "name": "Studieschuld",
                    "locale": "nl",
                    "description": "Wat u nog moet betalen",
                    "logo": {"uri": LOGO.uri, "alt_text": "Blauwe knop"},
                    "background_color": "#0b4a8f",
                    "text_color": "#ffffff",
                },
                {
                    "name": "Student debt",
                    "locale": "en",
                    "description": "What you still have to pay",
                    "logo": {"uri": LOGO.uri, "alt_text": "Blue button"},
                    "background_color": "#0b4a8f",
                    "text_color": "#ffffff",
                },
            ],
            "claims": [
                {
                    "path": ["total"],
                    "mandatory": True,
                    "display": [{"name": "Totaal", "locale": "nl"}, {"name": "Total", "locale": "en"}],
                }
            ],
            "credential_reuse_policy": {
                "id": "arf_annex_ii",
                "options": [{"details": ["once_only"], "batch_size": 10, "reissue_trigger_unused": 2}],
            },
        },
    }


def test_a_credential_as_mdoc() -> None:
    found = configuration(MDOC)
    assert isinstance(found, dict)
    assert "vct" not in found
    assert (found["format"], found["doctype"], found["scope"]) == ("mso_mdoc", DOCTYPE, "duo.studieschuld.mdoc")
    assert found["credential_signing_alg_values_supported"] == [-7]
    assert found["cryptographic_binding_methods_supported"] == ["cose_key"]
    assert at(found, "credential_metadata", "claims", 0, "path") == [DOCTYPE, "total"]
    assert at(found, "credential_metadata", "claims", 0, "mandatory") is False


def test_texts_come_in_the_languages_that_are_asked() -> None:
    found = issuer_metadata(DESCRIPTION, ["en"])
    assert at(found, "display") == [{"name": "DUO (NL)", "locale": "en", "logo": {"uri": LOGO.uri, "alt_text": "Blue button"}}]
    shown = at(found, "credential_configurations_supported", SD_JWT.configuration_id, "credential_metadata")
    assert [at(shown, "display", 0, "name"), at(shown, "claims", 0, "display")] == ["Student debt", [{"name": "Total", "locale": "en"}]]


def test_an_issuer_of_one_copy_says_nothing_of_batches() -> None:
    assert "batch_credential_issuance" not in issuer_metadata(replace(DESCRIPTION, batch_size=1), ["nl"])


def test_an_issuer_without_keys_says_nothing_of_encryption() -> None:
    found = issuer_metadata(DESCRIPTION, ["nl"])
    assert not found.keys() & {"credential_request_encryption", "credential_response_encryption"}


@pytest.mark.parametrize("required", [True, False])
def test_encryption_both_ways(required: bool) -> None:
    description = replace(DESCRIPTION, encryption_keys={"2026": KEY}, encryption_required=required)
    found = issuer_metadata(description, ["nl"])
    encodings = {"enc_values_supported": ["A128GCM", "A256GCM"], "encryption_required": required}
    assert found["credential_request_encryption"] == {"jwks": encryption_jwks({"2026": KEY}), **encodings}
    assert found["credential_response_encryption"] == {"alg_values_supported": ["ECDH-ES"], **encodings}


def test_keys_to_encrypt_to_have_a_name_and_an_algorithm() -> None:
    key = at(encryption_jwks({"2026": KEY, "2027": p256().public_key()}), "keys", 0)
    assert (at(key, "kid"), at(key, "alg"), at(key, "use")) == ("2026", "ECDH-ES", "enc")
    assert read_encryption_jwk(key).public == KEY


ES256: dict[str, JsonValue] = {"proof_signing_alg_values_supported": ["ES256"]}
MODERATE: JsonValue = ["iso_18045_moderate", "iso_18045_high"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (KeyAttestationRules(required=False), ES256),
        (KeyAttestationRules(required=True), {**ES256, "key_attestations_required": {}}),
        (
            KeyAttestationRules(required=True, level="iso_18045_moderate"),
            {**ES256, "key_attestations_required": {"key_storage": MODERATE, "user_authentication": MODERATE}},
        ),
    ],
)
def test_which_attestations_of_keys_are_asked(rules: KeyAttestationRules, expected: JsonValue) -> None:
    found = at(configuration(MDOC, replace(DESCRIPTION, key_attestations=rules)), "proof_types_supported")
    assert found == {"jwt": expected, "attestation": expected}


def test_how_the_issuer_is_registered() -> None:
    registration = IssuerRegistration(
        "NTRNL-50973029", Text("Gegevens over studieschuld", "Data on student debt"), "https://register.example"
    )
    entry = {
        "identifier": "NTRNL-50973029",
        "srvDescription": [
            {"lang": "nl", "content": "Gegevens over studieschuld"},
            {"lang": "en", "content": "Data on student debt"},
        ],
        "registryURI": "https://register.example",
        "providesAttestations": [
            {"format": "dc+sd-jwt", "meta": {"vct_values": [SD_JWT.type_name]}},
            {"format": "mso_mdoc", "meta": {"doctype_value": DOCTYPE}},
        ],
    }
    found = issuer_metadata(replace(DESCRIPTION, registration=registration), ["nl", "en"])
    assert found["issuer_info"] == [{"format": "registrar_dataset", "data": entry}]
    certified = issuer_metadata(replace(DESCRIPTION, registration=replace(registration, certificate="a.b.c")), ["nl", "en"])
    assert at(certified, "issuer_info", 1) == {"format": "registration_cert", "data": "a.b.c"}


def test_the_authorization_server_asks_the_most_of_its_clients() -> None:
    assert authorization_server_metadata(DESCRIPTION) == {
        "issuer": ISSUER,
        "authorization_endpoint": f"{BELOW}/authorize",
        "token_endpoint": f"{BELOW}/token",
        "pushed_authorization_request_endpoint": f"{BELOW}/par",
        "challenge_endpoint": f"{BELOW}/challenge",
        "jwks_uri": f"{BELOW}/jwks",
        "scopes_supported": ["duo.studieschuld.sd-jwt", "duo.studieschuld.mdoc"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "urn:ietf:params:oauth:grant-type:pre-authorized_code"],
        "authorization_details_types_supported": ["openid_credential"],
        "require_pushed_authorization_requests": True,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": ["attest_jwt_client_auth"],
        "client_attestation_signing_alg_values_supported": ["ES256"],
        "client_attestation_pop_signing_alg_values_supported": ["ES256"],
        "pre-authorized_grant_anonymous_access_supported": False,
    }


def test_servers_prove_themselves_by_what_they_sign() -> None:
    found = authorization_server_metadata(replace(DESCRIPTION, servers=True))
    assert found["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth", "private_key_jwt"]
    assert found["token_endpoint_auth_signing_alg_values_supported"] == ["ES256"]


def test_wallets_that_are_not_known_are_told_when_they_may_come() -> None:
    found = authorization_server_metadata(replace(DESCRIPTION, unknown_wallets=True))
    assert found["pre-authorized_grant_anonymous_access_supported"] is True


def test_signed_metadata_say_the_same_for_a_while() -> None:
    members = issuer_metadata(DESCRIPTION, ["nl"])
    signed = sign_issuer_metadata(members, ISSUER, SIGNING.signer(MIDDLE), NOW, timedelta(hours=1))
    received = jose.parse_jws(signed, jose.SIGNED_METADATA)
    seconds = int(NOW.timestamp())
    expected = {**members, "sub": ISSUER, "iat": seconds, "exp": seconds + 3600}
    assert jose.verify_jws(received, SIGNING.key.public_key()).claims() == expected
    assert received.header["typ"] == "openidvci-issuer-metadata+jwt"


def test_signed_metadata_hold_no_anchor() -> None:
    signed = sign_issuer_metadata({}, ISSUER, SIGNING.signer(MIDDLE, ROOT), NOW, timedelta(hours=1))
    assert jose.parse_jws(signed, jose.SIGNED_METADATA).certificates == (SIGNING.der, MIDDLE.der)


def test_signed_metadata_are_about_this_issuer_whatever_the_members_say() -> None:
    signed = sign_issuer_metadata({"sub": "https://ander.example", "exp": 1}, ISSUER, SIGNING.signer(), NOW, timedelta(hours=1))
    received = jose.parse_jws(signed, jose.SIGNED_METADATA)
    claims = VerifiedJws(received.header, received.payload).claims()
    assert (claims["sub"], claims["exp"]) == (ISSUER, int(NOW.timestamp()) + 3600)
