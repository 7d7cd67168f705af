import zlib
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from cbor2 import CBORTag
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.status_list import (
    INVALID,
    ReceivedStatusList,
    StatusList,
    StatusListProblem,
    compress,
    read_status_list,
    sign_status_list,
    sign_status_list_as_cwt,
)
from tests.unit.standards.mdocs import cbor, chain, sign1
from tests.unit.standards.pki import MESSAGES, NOW, SEAL, Issued, certify, p256

URI = "https://bron.example/statuslists/7"
A_DAY = timedelta(days=1)
ROOT = certify("wortel")
ISSUER = certify("bron", ROOT, MESSAGES)
TYP = "application/statuslist+cwt"
HEADER = cbor({1: -7, 16: TYP})
ENTRIES = {"bits": 1, "lst": zlib.compress(b"\x04\x00")}
IAT = int(NOW.timestamp())


def claims(**changes: object) -> dict[int, object]:
    labels = {"sub": 2, "iat": 6, "nbf": 5, "exp": 4, "ttl": 65534, "status_list": 65533}
    said: dict[str, object] = {"sub": URI, "iat": IAT, "exp": IAT + 24 * 3600, "ttl": 3600, "status_list": ENTRIES}
    return {labels[name]: value for name, value in (said | changes).items() if value is not None}


def token(said: object = None, *, by: Issued = ISSUER, tags: tuple[int, ...] = (18,), **changes: object) -> bytes:
    arguments: dict[str, object] = {
        "payload": cbor(claims() if said is None else said),
        "key": by.key,
        "protected": HEADER,
        "unprotected": chain(by),
    }
    message: object = sign1(**(arguments | changes))  # type: ignore[arg-type] # the names are those of the parameters
    for tag in reversed(tags):
        message = CBORTag(tag, message)
    return cbor(message)


def read(data: bytes, *, at: datetime = NOW, signers: tuple[bytes, ...] = (ISSUER.der,)) -> ReceivedStatusList:
    found = read_status_list(data, uri=URI, signers=signers)
    found.require_current(at)
    return found


def code(data: bytes, *, at: datetime = NOW, signers: tuple[bytes, ...] = (ISSUER.der,)) -> str:
    with pytest.raises(StatusListProblem) as caught:
        read(data, at=at, signers=signers)
    return caught.value.code


@pytest.mark.parametrize("tags", [(18,), (61, 18), ()], ids=["sign1", "cwt", "none"])
def test_a_token_of_another_writer_is_read(tags: tuple[int, ...]) -> None:
    found = read(token(tags=tags))
    assert [found.statuses.status(index) for index in range(4)] == [0, 0, 1, 0]
    assert (found.issued_at, found.expires_at, found.ttl) == (NOW, NOW + A_DAY, timedelta(hours=1))


@given(st.sampled_from([1, 2, 4, 8]), st.data())
def test_what_is_written_is_read_and_says_what_the_jwt_says(bits: int, data: st.DataObject) -> None:
    changes = data.draw(st.dictionaries(st.integers(0, 99), st.integers(0, (1 << bits) - 1)))
    statuses = StatusList.of_size(100, bits).with_statuses(changes)
    given_to_both = {"uri": URI, "issued_at": NOW, "expires_at": NOW + A_DAY, "ttl": timedelta(hours=1), "signer": ISSUER.signer()}
    as_cwt = read(sign_status_list_as_cwt(statuses, **given_to_both))  # type: ignore[arg-type] # the names are those of the parameters
    as_jwt = read(sign_status_list(statuses, **given_to_both).encode())  # type: ignore[arg-type] # the same
    assert as_cwt == as_jwt
    assert as_cwt.statuses == statuses


def test_a_list_that_was_compressed_before_is_taken_as_it_is() -> None:
    statuses = StatusList.of_size(1 << 14).with_statuses({5: INVALID})
    packed = compress(statuses)
    signed = sign_status_list_as_cwt(
        statuses, uri=URI, issued_at=NOW, expires_at=NOW + A_DAY, ttl=timedelta(hours=1), signer=ISSUER.signer(), packed=packed
    )
    assert packed in signed
    assert read(signed).statuses == statuses


def test_a_token_is_tagged_and_names_its_type() -> None:
    signed = sign_status_list_as_cwt(
        StatusList.of_size(8), uri=URI, issued_at=NOW, expires_at=NOW + A_DAY, ttl=timedelta(hours=1), signer=ISSUER.signer()
    )
    message = cbor2.loads(signed)
    assert message.tag == 18
    assert cbor2.loads(message.value[0]) == {1: -7, 16: TYP}


def test_lengths_may_be_open() -> None:
    payload = b"\xbf" + cbor(claims())[1:] + b"\xff"
    assert read(token(payload=payload)).ttl == timedelta(hours=1)
    around = b"\xd2\x9f" + token(tags=())[1:] + b"\xff"
    assert read(around).ttl == timedelta(hours=1)


def test_a_token_has_not_more_than_a_thousand_items() -> None:
    def with_header(count: int) -> bytes:
        return token(unprotected=chain(ISSUER) | {99: [0] * count})

    def with_claim(count: int) -> bytes:
        return token(claims() | {99: [0] * count})

    assert read(with_header(900)) == read(with_claim(900)) == read(token())
    assert code(with_header(1000)) == code(with_claim(1000)) == "malformed"


def test_a_list_need_not_say_how_long_it_may_be_kept() -> None:
    assert read(token(claims(ttl=None))).ttl is None


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": None},
        {"iat": True},
        {"iat": -1},
        {"iat": 1.5},
        {"exp": None},
        {"exp": "2026-11-23"},
        {"exp": 1 << 52},
        {"ttl": 0},
        {"ttl": "3600"},
        {"status_list": None},
        {"status_list": []},
        {"status_list": {"bits": 3, "lst": ENTRIES["lst"]}},
        {"status_list": {"bits": True, "lst": ENTRIES["lst"]}},
        {"status_list": {"bits": 1}},
        {"status_list": {"bits": 1, "lst": "eNrbuRgAAhcBXQ"}},
        {"status_list": {"bits": 1, "lst": b"no zlib"}},
        {"status_list": {"bits": 1, "lst": zlib.compress(b"")}},
        {"status_list": {"bits": 1, "lst": zlib.compress(b"\x00") + b"\x00"}},
        {"status_list": {"bits": 1, "lst": zlib.compress(bytes(4 * 1024 * 1024 + 1))}},
    ],
    ids=range(19),
)
def test_a_claim_of_another_form(changes: dict[str, object]) -> None:
    assert code(token(claims(**changes))) == "malformed"


@pytest.mark.parametrize("said", [5, [], {}, {"sub": URI}], ids=range(4))
def test_a_payload_of_another_form(said: object) -> None:
    assert code(token(said)) in ("malformed", "subject")


@pytest.mark.parametrize(
    "changes",
    [
        {"protected": cbor({1: -7})},
        {"protected": cbor({1: -7, 16: "application/cwt"})},
        {"protected": cbor({1: -8, 16: TYP})},
        {"protected": cbor({1: -7, 16: TYP, 2: [1]})},
        {"unprotected": {}},
        {"unprotected": {33: b"no certificate"}},
        {"payload": None},
        {"payload": b"\xff"},
        {"tags": (18, 18)},
        {"tags": (17,)},
    ],
    ids=range(10),
)
def test_a_message_of_another_kind(changes: dict[str, object]) -> None:
    assert code(token(**changes)) == "malformed"  # type: ignore[arg-type] # the names are those of the parameters


def test_a_list_of_another_issuer() -> None:
    other = certify("ander", ROOT, MESSAGES)
    assert code(token(by=other)) == "signer"
    assert code(token(), signers=()) == "signer"


def test_a_certificate_that_is_for_seals() -> None:
    seal = certify("zegel", ROOT, SEAL)
    assert code(token(by=seal), signers=(seal.der,)) == "signer"


@pytest.mark.parametrize("changes", [{"key": p256()}, {"signature": bytes(64)}, {"signature": b""}], ids=range(3))
def test_a_signature_that_does_not_fit(changes: dict[str, object]) -> None:
    assert code(token(**changes)) == "signature"  # type: ignore[arg-type] # the names are those of the parameters


def test_a_list_of_another_address() -> None:
    assert code(token(claims(sub=URI + "0"))) == "subject"
    assert code(token(claims(sub=None))) == "subject"


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (NOW - timedelta(seconds=61), "not_yet"),
        (NOW + A_DAY + timedelta(seconds=61), "expired"),
        (datetime(2030, 1, 1, tzinfo=UTC), "signer"),
    ],
)
def test_a_list_outside_its_time(at: datetime, refused: str) -> None:
    assert code(token(), at=at) == refused


def test_a_list_that_begins_later_does_not_count_before() -> None:
    assert code(token(claims(nbf=IAT + 61))) == "not_yet"
    read(token(claims(nbf=IAT + 60)))


def test_clocks_may_differ_a_minute() -> None:
    for at in (NOW - timedelta(seconds=60), NOW + A_DAY + timedelta(seconds=60)):
        read(token(), at=at)


@pytest.mark.parametrize(
    "bomb", [b"\x9f" + b"\xa0" * 5_000_000, b"\xd2\x84\x5a\x00\x5b\x00\x00", b"\xff" * 6_291_457], ids=["items", "cut", "long"]
)
def test_a_bomb_is_refused(bomb: bytes) -> None:
    assert code(bomb) == "malformed"


@given(
    st.binary(min_size=1, max_size=100).filter(lambda data: data[0] >= 0x80)
    | st.integers(1, len(token()) - 1).map(lambda end: token()[:end])
)
def test_any_bytes_only_raise_what_is_documented(data: bytes) -> None:
    assert code(data) == "malformed"


def test_a_token_of_which_any_byte_is_changed_is_refused() -> None:
    whole = token()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises(StatusListProblem):
            read(bytes(changed))
