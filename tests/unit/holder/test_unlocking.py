import hashlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.encryption import CannotOpen, VaultKey, pad, unpad
from blauweknop.holder.recovery_code import RecoveryCode, new_recovery_code, read_recovery_code
from blauweknop.holder.unlocking import (
    NameAndPassphrase,
    Opener,
    open_wrapped,
    passkey_opener,
    passphrase_opener,
    recovery_opener,
    wrap_for,
)
from tests.unit.holder.holder_world import CHEAP

RANDOM = Random(7).randbytes
ACCOUNT, UNLOCK, OTHER = b"a" * 16, b"u" * 16, b"o" * 16
_CODES = st.binary(min_size=16, max_size=16)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def name_tag(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def by_passphrase(name: str, phrase: str) -> Opener:
    return passphrase_opener(NameAndPassphrase.parse(name, phrase), name_tag=name_tag, cost=CHEAP)


OPENERS = {
    "passphrase": by_passphrase("samira", "vier groene paarden"),
    "recovery": recovery_opener(new_recovery_code(bytes(range(16)))),
    "passkey": passkey_opener(b"credential", bytes(32)),
}


@pytest.mark.parametrize("kind", OPENERS)
def test_each_way_opens_what_it_wrapped(kind: str) -> None:
    data_key = VaultKey.new(RANDOM)
    wrapped = wrap_for(OPENERS[kind], data_key, account=ACCOUNT, unlock=UNLOCK, random=RANDOM)
    assert open_wrapped(OPENERS[kind], wrapped, account=ACCOUNT, unlock=UNLOCK) == data_key


@pytest.mark.parametrize("kind", OPENERS)
@pytest.mark.parametrize(("account", "unlock"), [(OTHER, UNLOCK), (ACCOUNT, OTHER)])
def test_what_was_wrapped_opens_in_no_other_place(kind: str, account: bytes, unlock: bytes) -> None:
    wrapped = wrap_for(OPENERS[kind], VaultKey.new(RANDOM), account=ACCOUNT, unlock=UNLOCK, random=RANDOM)
    with pytest.raises(CannotOpen):
        open_wrapped(OPENERS[kind], wrapped, account=account, unlock=unlock)


@pytest.mark.parametrize("kind", OPENERS)
def test_no_way_opens_what_another_wrapped(kind: str) -> None:
    wrapped = wrap_for(OPENERS[kind], VaultKey.new(RANDOM), account=ACCOUNT, unlock=UNLOCK, random=RANDOM)
    for other in OPENERS.keys() - {kind}:
        with pytest.raises(CannotOpen):
            open_wrapped(OPENERS[other], wrapped, account=ACCOUNT, unlock=UNLOCK)


@pytest.mark.parametrize(
    ("name", "phrase"), [("samira", "vier groene paarden."), ("samir", "vier groene paarden"), ("samira", "Vier groene paarden")]
)
def test_another_name_or_passphrase_has_another_tag_and_another_key(name: str, phrase: str) -> None:
    other = by_passphrase(name, phrase)
    assert other.tag != OPENERS["passphrase"].tag
    assert other.key != OPENERS["passphrase"].key


def test_without_the_secret_of_the_server_no_passphrase_can_be_tried() -> None:
    given_values = NameAndPassphrase.parse("samira", "vier groene paarden")
    thief = passphrase_opener(given_values, name_tag=lambda name: hashlib.sha256(b"guess" + name.encode()).digest(), cost=CHEAP)
    assert thief.tag != OPENERS["passphrase"].tag


def test_a_letter_may_be_written_in_two_ways() -> None:
    assert by_passphrase("Zoë", "kleine café's in de straat") == by_passphrase("ZOE\u0308", "kleine cafe\u0301's in de straat")


@pytest.mark.parametrize("kind", OPENERS)
def test_the_tag_says_nothing_about_the_key(kind: str) -> None:
    wrapped = wrap_for(OPENERS[kind], VaultKey.new(RANDOM), account=ACCOUNT, unlock=UNLOCK, random=RANDOM)
    thief = Opener(OPENERS[kind].kind, OPENERS[kind].tag, VaultKey(OPENERS[kind].tag))
    with pytest.raises(CannotOpen):
        open_wrapped(thief, wrapped, account=ACCOUNT, unlock=UNLOCK)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_passkey_that_gives_another_size_is_refused(size: int) -> None:
    with pytest.raises(MalformedValue):
        passkey_opener(b"credential", bytes(size))


@pytest.mark.parametrize(
    ("name", "phrase", "field"), [(" \t", "x", "name"), ("n" * 201, "x", "name"), ("n", "", "passphrase"), ("n", "\x00" * 15, "passphrase")]
)
def test_a_name_or_passphrase_that_cannot_be_one_is_refused_by_its_field(name: str, phrase: str, field: str) -> None:
    with pytest.raises(MalformedValue, match=f"^{field}$"):
        NameAndPassphrase.parse(name, phrase)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_are_read_or_refused(name: str, phrase: str) -> None:
    try:
        read = NameAndPassphrase.parse(name, phrase)
    except MalformedValue:
        return
    assert NameAndPassphrase.parse(read.name, read.passphrase) == read


def test_secrets_do_not_show_themselves() -> None:
    shown = repr(
        [OPENERS, NameAndPassphrase.parse("samira", "vier groene paarden"), RecoveryCode(b"0123456789abcdef"), VaultKey(b"k" * 32)]
    )
    for secret in ("samira", "paarden", "0123456789abcdef", "kkkk"):
        assert secret not in shown


@given(st.binary(max_size=200), st.text(), st.text())
def test_a_key_decrypts_what_it_encrypted_in_the_same_place_only(content: bytes, place: str, other: str) -> None:
    key = VaultKey.new(RANDOM)
    encrypted = key.encrypt(content, place=place, random=RANDOM)
    assert key.decrypt(encrypted, place=place) == content
    if place != other:
        with pytest.raises(CannotOpen):
            key.decrypt(encrypted, place=other)


@given(st.binary(max_size=60), st.integers(min_value=0), st.integers(1, 255))
def test_no_changed_byte_decrypts(content: bytes, place: int, change: int) -> None:
    key = VaultKey.new(RANDOM)
    changed = bytearray(key.encrypt(content, place="x", random=RANDOM))
    changed[place % len(changed)] ^= change
    with pytest.raises(CannotOpen):
        key.decrypt(bytes(changed), place="x")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_none(size: int) -> None:
    with pytest.raises(CannotOpen):
        VaultKey(bytes(size))


def test_keys_for_two_purposes_are_two_keys() -> None:
    key = VaultKey.new(RANDOM)
    assert len({key, key.for_purpose("items"), key.for_purpose("state")}) == 3


@given(st.binary(max_size=5000), st.integers(1, 1024))
def test_padding_comes_off_and_hides_the_size(content: bytes, step: int) -> None:
    padded = pad(content, step)
    assert len(padded) % step == 0
    assert len(content) < len(padded) <= len(content) + step
    assert unpad(padded) == content


@given(st.binary(max_size=40).filter(lambda content: not content.rstrip(b"\x00").endswith(b"\x80")))
def test_what_was_not_padded_is_refused(content: bytes) -> None:
    with pytest.raises(CannotOpen):
        unpad(content)


@given(_CODES)
def test_a_printed_code_is_read_back_however_it_is_typed(secret: bytes) -> None:
    code = new_recovery_code(secret)
    groups = code.groups()
    assert [len(group) for group in groups] == [4] * 7
    for typed in (" ".join(groups), "-".join(groups).lower(), "".join(groups).replace("0", "O").replace("1", "l")):
        assert read_recovery_code(typed) == code


@given(_CODES, st.integers(0, 27), st.sampled_from(_ALPHABET))
def test_one_wrong_character_is_seen(secret: bytes, place: int, letter: str) -> None:
    text = "".join(new_recovery_code(secret).groups())
    if text[place] != letter:
        with pytest.raises(MalformedValue):
            read_recovery_code(text[:place] + letter + text[place + 1 :])


@given(_CODES, st.integers(0, 26))
def test_two_neighbours_that_changed_places_are_seen(secret: bytes, place: int) -> None:
    text = "".join(new_recovery_code(secret).groups())
    if text[place] != text[place + 1]:
        with pytest.raises(MalformedValue):
            read_recovery_code(text[:place] + text[place + 1] + text[place] + text[place + 2 :])


@given(st.text(max_size=200))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    try:
        code = read_recovery_code(text)
    except MalformedValue:
        return
    assert read_recovery_code("".join(code.groups())) == code


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_code_is_made_of_sixteen_bytes(size: int) -> None:
    with pytest.raises(MalformedValue):
        new_recovery_code(bytes(size))
