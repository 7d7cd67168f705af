from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.dpop import BoundToken, DpopProblem, DpopProof, VerifiedDpop, sign_dpop, token_digest, verify_dpop
from blauweknop.standards.jose import Purpose
from blauweknop.standards.jwk import public_jwk, thumbprint
from tests.unit.standards.pki import MESSAGES, NOW, certify, p256

ADDRESS = "https://bron.example/duo/oid4vci/credential"
HOLDER_KEY = p256()
HOLDER = certify("portemonnee", None, MESSAGES, key=HOLDER_KEY)
KEY = HOLDER_KEY.public_key()
NONCE, TOKEN = "een-nonce-van-de-bron", "een-toegangsbewijs"
PROOF = DpopProof("POST", ADDRESS, "7d5b", NONCE, TOKEN)
BOUND = BoundToken(TOKEN, thumbprint(KEY))
SIGNED = sign_dpop(PROOF, HOLDER.signer(), KEY, NOW)


def verified(text: str, *, bound: BoundToken | None = BOUND, address: str = ADDRESS, later: timedelta = timedelta()) -> VerifiedDpop:
    return verify_dpop(text, method="POST", address=address, at=NOW + later, nonce_counts=lambda nonce: nonce == NONCE, bound=bound)


def code_of(text: str, bound: BoundToken | None = BOUND) -> str:
    with pytest.raises(DpopProblem) as caught:
        verified(text, bound=bound)
    return caught.value.code


def proof_with(**members: JsonValue) -> str:
    """A rightly signed proof with other members; None leaves one out."""
    claims: dict[str, JsonValue] = {
        "htm": "POST",
        "htu": ADDRESS,
        "iat": int(NOW.timestamp()),
        "jti": "7d5b",
        "nonce": NONCE,
        "ath": token_digest(TOKEN),
    }
    changed = {name: value for name, value in (claims | members).items() if value is not None}
    return jose.sign_jws(changed, HOLDER.signer(), jose.DPOP, header={"jwk": {**public_jwk(KEY)}})


def test_a_proof_names_itself_and_its_key() -> None:
    assert verified(SIGNED) == VerifiedDpop(thumbprint(KEY), "7d5b", NOW)


def test_the_digest_of_a_token_is_that_of_the_published_example() -> None:
    assert token_digest("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU") == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


def test_before_there_is_a_token_none_is_proved() -> None:
    assert verified(proof_with(ath=None), bound=None).thumbprint == thumbprint(KEY)


@pytest.mark.parametrize("address", [f"{ADDRESS}?a=1", f"{ADDRESS}#deel", "https://BRON.example:443/duo/oid4vci/credential"])
def test_query_fragment_and_spelling_of_the_host_make_no_other_address(address: str) -> None:
    assert verified(SIGNED, address=address).proof_id == "7d5b"
    assert verified(proof_with(htu=address)).proof_id == "7d5b"


@pytest.mark.parametrize(
    "members",
    [
        {"htm": "GET"},
        {"htm": "post"},
        {"htm": None},
        {"htu": "https://bron.example/duo/oid4vci/token"},
        {"htu": "https://ander.example/duo/oid4vci/credential"},
        {"htu": "http://bron.example/duo/oid4vci/credential"},
        {"htu": "https://bron.example:8443/duo/oid4vci/credential"},
        {"htu": "https://bron.example/duo/oid4vci/credential/"},
        {"htu": "https://u:p@bron.example/duo/oid4vci/credential"},
        {"htu": "https://bron.example:99999/duo"},
        {"htu": "/duo/oid4vci/credential"},
        {"htu": 7},
        {"htu": None},
        {"iat": None},
        {"iat": True},
        {"iat": str(int(NOW.timestamp()))},
        {"iat": int(NOW.timestamp()) - 61},
        {"iat": int(NOW.timestamp()) + 61},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 257},
        {"jti": 5},
        {"ath": None},
        {"ath": token_digest("een ander bewijs")},
        {"ath": 5},
    ],
)
def test_a_proof_that_does_not_fit_the_request_is_refused(members: dict[str, JsonValue]) -> None:
    assert code_of(proof_with(**members)) == "invalid_dpop_proof"


@pytest.mark.parametrize("nonce", [None, "", "van een ander", 5, ["een-nonce-van-de-bron"]])
def test_without_a_nonce_of_this_server_another_is_asked_for(nonce: JsonValue) -> None:
    assert code_of(proof_with(nonce=nonce)) == "use_dpop_nonce"


@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_proof_counts_to_the_last_second_of_its_minute(seconds: int) -> None:
    assert verified(SIGNED, later=timedelta(seconds=seconds)).issued_at == NOW


def test_the_token_of_another_key_is_refused() -> None:
    assert code_of(SIGNED, BoundToken(TOKEN, thumbprint(p256().public_key()))) == "invalid_dpop_proof"


def test_a_proof_by_another_key_than_the_one_it_shows_is_refused() -> None:
    text = sign_dpop(PROOF, HOLDER.signer(), p256().public_key(), NOW)
    assert code_of(text) == "invalid_dpop_proof"


def test_a_proof_that_shows_a_private_key_is_refused() -> None:
    number = HOLDER_KEY.private_numbers().private_value
    header: dict[str, JsonValue] = {"jwk": {**public_jwk(KEY), "d": base64url.encode(number.to_bytes(32))}}
    assert code_of(jose.sign_jws({}, HOLDER.signer(), jose.DPOP, header=header)) == "invalid_dpop_proof"


@pytest.mark.parametrize("typ", ["JWT", "openid4vci-proof+jwt", "application/dpop+jwt"])
def test_a_message_of_another_type_is_no_proof(typ: str) -> None:
    text = jose.sign_jws({}, HOLDER.signer(), Purpose(typ, "given"), header={"jwk": {**public_jwk(KEY)}})
    assert code_of(text) == "invalid_dpop_proof"


def test_a_payload_that_is_no_object_is_refused() -> None:
    assert code_of(jose.sign_jws(b"[]", HOLDER.signer(), jose.DPOP, header={"jwk": {**public_jwk(KEY)}})) == "invalid_dpop_proof"


def test_a_proof_of_many_kilobytes_is_refused() -> None:
    assert code_of(proof_with(meer="x" * 8192)) == "invalid_dpop_proof"


@given(st.integers(0, len(SIGNED) - 1), st.characters(codec="ascii"))
def test_every_changed_character_is_refused(place: int, character: str) -> None:
    changed = SIGNED[:place] + character + SIGNED[place + 1 :]
    if changed != SIGNED:
        assert code_of(changed) == "invalid_dpop_proof"


@given(st.text())
def test_any_text_is_refused_with_one_error(text: str) -> None:
    assert code_of(text) == "invalid_dpop_proof"


def test_the_token_stays_out_of_what_is_printed() -> None:
    assert TOKEN not in repr(PROOF)
    assert TOKEN not in repr(BOUND)
