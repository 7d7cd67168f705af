from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.adapters.keys import KeyProblem
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.wallet_keys import load_wallet, request_key
from blauweknop.adapters.wallet_nonces import TimedNonces
from blauweknop.adapters.wallet_settings import KnownWallet
from blauweknop.issuer.wallet.ports import Nonces
from blauweknop.standards import base64url
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.strict_json import canonical_json

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY, OTHER_KEY = RowKey.from_secret(bytes(range(32))), RowKey.from_secret(bytes(32))
LIFE = timedelta(minutes=5)
NONCES = TimedNonces(KEY, "duo|proof", LIFE)


def test_nonces_are_what_issuing_asks_for() -> None:
    nonces: Nonces = NONCES
    assert nonces.counts(nonces.give(NOON), NOON)


@given(st.integers(-(10**6), 10**6))
def test_a_nonce_counts_for_its_life_and_the_difference_of_clocks_before_it(milliseconds: int) -> None:
    later = NOON + timedelta(milliseconds=milliseconds)
    assert NONCES.counts(NONCES.give(NOON), later) == (-60_000 <= milliseconds <= 300_000)


@pytest.mark.parametrize(
    "other", [TimedNonces(KEY, "duo|dpop", LIFE), TimedNonces(KEY, "uwv|proof", LIFE), TimedNonces(OTHER_KEY, "duo|proof", LIFE)]
)
def test_a_nonce_of_another_use_source_or_key_does_not_count(other: TimedNonces) -> None:
    assert not NONCES.counts(other.give(NOON), NOON)


@given(st.data())
def test_no_changed_character_counts(data: st.DataObject) -> None:
    nonce = NONCES.give(NOON)
    place, character = data.draw(st.integers(0, len(nonce) - 1)), data.draw(st.characters(codec="utf-8"))
    changed = nonce[:place] + character + nonce[place + 1 :]
    assert NONCES.counts(changed, NOON) == (changed == nonce)


@given(st.one_of(st.text(), st.binary(max_size=80).map(base64url.encode)))
def test_what_was_never_given_does_not_count(text: str) -> None:
    assert not NONCES.counts(text, NOON)


def test_a_nonce_says_nothing_but_its_time_and_is_never_the_same() -> None:
    given_out = {NONCES.give(NOON) for _ in range(100)}
    assert len(given_out) == 100
    assert {len(base64url.decode(nonce)) for nonce in given_out} == {38}


def test_all_processes_with_one_secret_have_one_key_for_requests() -> None:
    assert request_key(KEY, "duo").public == request_key(RowKey.from_secret(bytes(range(32))), "duo").public
    assert request_key(KEY, "duo").key_id == thumbprint(request_key(KEY, "duo").public)


def test_each_source_and_each_secret_has_another_key_for_requests() -> None:
    names = {request_key(key, source).key_id for key in (KEY, OTHER_KEY) for source in ("duo", "uwv", "duo|1", "")}
    assert len(names) == 8


def test_the_key_for_requests_agrees_as_its_public_half_says() -> None:
    own, mine = request_key(KEY, "duo"), ec.generate_private_key(ec.SECP256R1())
    assert own.derive(mine.public_key()) == mine.exchange(ec.ECDH(), own.public)
    assert "derive" not in repr(own)


def server(path: Path) -> KnownWallet:
    return KnownWallet("Mijn Blauwe Knop", "mijn", (), (), path)


def key_set(*keys: object) -> bytes:
    return canonical_json({"keys": list(keys)})  # type: ignore[arg-type] # some are none, on purpose


def jwk(**changes: object) -> dict[str, object]:
    return {**public_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()), **changes}


def test_the_keys_of_a_server_are_read(tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_bytes(key_set(jwk(), jwk(kid="2")))
    wallet = load_wallet(server(tmp_path / "jwks.json"))
    assert (len(wallet.keys), wallet.providers) == (2, None)


@pytest.mark.parametrize(
    "content",
    [
        lambda: b"",
        lambda: b"{}",
        lambda: b"[]",
        lambda: key_set(),
        lambda: key_set(*(jwk() for _ in range(11))),
        lambda: key_set(jwk(d="AAAA")),
        lambda: key_set(jwk(crv="P-384")),
        lambda: key_set({"kty": "oct", "k": "AAAA"}),
        lambda: key_set("x"),
        lambda: b" " * (64 * 1024 + 1),
    ],
)
def test_keys_that_cannot_be_used_are_a_problem_of_their_file(content: Callable[[], bytes], tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_bytes(content())
    with pytest.raises(KeyProblem, match=r"jwks\.json"):
        load_wallet(server(tmp_path / "jwks.json"))


def test_a_file_that_is_not_there_is_a_problem_too(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem):
        load_wallet(server(tmp_path / "jwks.json"))
    with pytest.raises(KeyProblem):
        load_wallet(KnownWallet("x", "x", (), (tmp_path / "provider.pem",), None))
