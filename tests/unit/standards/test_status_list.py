import json
import tracemalloc
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.status_list import (
    INVALID,
    SUSPENDED,
    VALID,
    ReceivedStatusList,
    StatusList,
    StatusListProblem,
    StatusReference,
    compress,
    decompress,
    is_on_hosts,
    read_reference,
    read_status_list,
    says_to_be_of,
    shuffled_index,
    sign_status_list,
)
from tests.unit.checking import exercise_documents as x

URI = "https://duo.example/statuslists/7"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
A_DAY = timedelta(days=1)


def signer() -> KeySigner:
    return x.exercise().credentials["duo"]


def claims(**changes: JsonValue) -> dict[str, JsonValue]:
    entries: JsonValue = {"bits": 1, "lst": base64url.encode(zlib.compress(b"\x04\x00"))}
    said: dict[str, JsonValue] = {"sub": URI, "iat": int(NOW.timestamp()), "exp": int((NOW + A_DAY).timestamp()), "ttl": 3600}
    return {name: value for name, value in (said | {"status_list": entries} | changes).items() if value != "absent"}


def token(**changes: JsonValue) -> bytes:
    return signed(claims(**changes))


def signed(said: dict[str, JsonValue], purpose: jose.Purpose = jose.STATUS_LIST, by: KeySigner | None = None) -> bytes:
    return jose.sign_jws(said, by or signer(), purpose).encode()


def read(data: bytes, *, uri: str = URI, at: datetime = NOW, certificates: tuple[bytes, ...] | None = None) -> ReceivedStatusList:
    found = read_status_list(data, uri=uri, signers=certificates or (signer().certificate,))
    found.require_current(at)
    return found


def code(data: bytes, **options: object) -> str:
    with pytest.raises(StatusListProblem) as caught:
        read(data, **options)  # type: ignore[arg-type] # those of `read`
    return caught.value.code


def listed(**members: JsonValue) -> bytes:
    entries: dict[str, JsonValue] = {"bits": 1, "lst": base64url.encode(zlib.compress(b"\x04\x00"))}
    return token(status_list={**entries, **members})


@given(st.sampled_from([1, 2, 4, 8]), st.data())
def test_what_is_written_is_read(bits: int, data: st.DataObject) -> None:
    changes = data.draw(st.dictionaries(st.integers(0, 99), st.integers(0, (1 << bits) - 1)))
    statuses = StatusList.of_size(100, bits).with_statuses(changes)
    written = sign_status_list(statuses, uri=URI, issued_at=NOW, expires_at=NOW + A_DAY, ttl=timedelta(hours=1), signer=signer())
    found = read(written.encode())
    assert [found.statuses.status(index) for index in range(100)] == [changes.get(index, VALID) for index in range(100)]
    assert (found.issued_at, found.expires_at, found.ttl) == (NOW, NOW + A_DAY, timedelta(hours=1))


def test_withdrawn_is_for_good() -> None:
    statuses = StatusList.of_size(8, 2).with_statuses({3: INVALID, 4: SUSPENDED})
    assert statuses.with_statuses({3: INVALID, 4: VALID}).status(4) == VALID
    with pytest.raises(StatusListProblem) as caught:
        statuses.with_statuses({3: VALID})
    assert caught.value.code == "final"


@pytest.mark.parametrize("index", [-1, 16, 10**30])
def test_a_place_that_the_list_has_not(index: int) -> None:
    with pytest.raises(StatusListProblem) as caught:
        StatusList.of_size(16).status(index)
    assert caught.value.code == "index"


@pytest.mark.parametrize("bits", [2, 8, 12])
def test_each_counter_gets_its_own_place(bits: int) -> None:
    places = [shuffled_index(counter, b"a key of this list", bits) for counter in range(1 << bits)]
    assert sorted(places) == list(range(1 << bits))


def test_another_key_gives_another_order() -> None:
    assert [shuffled_index(counter, b"one") for counter in range(8)] != [shuffled_index(counter, b"two") for counter in range(8)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iat", "absent"),
        ("iat", True),
        ("nbf", "2026-11-23"),
        ("nbf", None),
        ("iat", -1),
        ("exp", "absent"),
        ("exp", "2026-11-23"),
        ("exp", 1 << 52),
        ("ttl", 0),
        ("ttl", "3600"),
        ("ttl", None),
        ("status_list", "absent"),
        ("status_list", []),
    ],
)
def test_a_claim_of_another_form(name: str, value: JsonValue) -> None:
    assert code(token(**{name: value})) == "malformed"


@pytest.mark.parametrize(
    "members",
    [
        {"bits": 3},
        {"bits": 0},
        {"bits": True},
        {"bits": "1"},
        {"lst": "eNrbuRgAAhcBXQ=="},
        {"lst": ""},
        {"lst": 7},
        {"lst": base64url.encode(zlib.compress(b"\x04") + b"more")},
        {"lst": base64url.encode(zlib.compress(b"\x04" * 999)[:-1])},
        {"lst": base64url.encode(zlib.compress(b""))},
        {"lst": base64url.encode(b"\x04\x00")},
    ],
)
def test_entries_of_another_form(members: dict[str, JsonValue]) -> None:
    assert code(listed(**members)) == "malformed"


def test_a_list_that_unpacks_to_very_much_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(200 * 1024 * 1024), 9)
    assert len(bomb) < 250_000
    tracemalloc.start()
    with pytest.raises(StatusListProblem):
        decompress(bomb, 1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16 * 1024 * 1024
    assert code(listed(lst=base64url.encode(bomb))) == "malformed"


def test_the_largest_list_that_is_unpacked() -> None:
    assert len(decompress(zlib.compress(bytes(4 * 1024 * 1024)), 8)) == 4 * 1024 * 1024
    with pytest.raises(StatusListProblem):
        decompress(zlib.compress(bytes(4 * 1024 * 1024 + 1)), 8)


def test_the_list_of_another_address() -> None:
    assert code(token(sub="https://duo.example/statuslists/8")) == "subject"
    assert code(token(sub="absent")) == "subject"
    assert code(token(), uri=URI + "/") == "subject"


def test_a_list_by_somebody_else() -> None:
    assert code(signed(claims(), by=x.exercise().credentials["uwv"])) == "signer"


def test_a_list_by_a_certificate_that_is_for_seals() -> None:
    seal = x.exercise().seals["duo"]
    assert code(signed(claims(), by=seal), certificates=(seal.certificate,)) == "signer"


def test_a_list_by_a_certificate_that_has_ended() -> None:
    assert code(token(), at=NOW + timedelta(days=9000)) == "signer"


def test_a_list_whose_signature_is_another() -> None:
    first, second = token(ttl=1), token(ttl=2)
    assert code(first.rpartition(b".")[0] + b"." + second.rpartition(b".")[2]) == "signature"


def test_a_list_of_another_type() -> None:
    assert code(signed(claims(), jose.SD_JWT_VC)) == "malformed"


@pytest.mark.parametrize("data", [b"", b"..", b"\xff", json.dumps({"bits": 1}).encode(), b"a" * 7_000_000])
def test_what_is_no_message(data: bytes) -> None:
    assert code(data) == "malformed"


@pytest.mark.parametrize(("moment", "expected"), [(-120, "not_yet"), (-59, None), (86_400 + 59, None), (86_400 + 61, "expired")])
def test_when_a_list_counts(moment: int, expected: str | None) -> None:
    found, at = read(token()), NOW + timedelta(seconds=moment)
    if expected is None:
        found.require_current(at)
    else:
        with pytest.raises(StatusListProblem) as caught:
            found.require_current(at)
        assert caught.value.code == expected


def test_a_list_that_was_compressed_before_is_taken_as_it_is() -> None:
    statuses = StatusList.of_size(1 << 22).with_statuses({5: INVALID})
    packed = compress(statuses, 0)
    made = sign_status_list(
        statuses, uri=URI, issued_at=NOW, expires_at=NOW + A_DAY, ttl=timedelta(hours=1), signer=signer(), packed=packed
    ).encode()
    assert len(made) > len(packed) > jose.MAX_JWS
    assert read(made).statuses == statuses


def test_a_token_says_of_which_certificate_it_is_and_nothing_of_it_is_verified() -> None:
    own, other = signer(), x.exercise().credentials["uwv"]
    assert says_to_be_of(token(), own.certificate)
    assert says_to_be_of(token() + b"x", own.certificate)
    assert not says_to_be_of(token(), other.certificate)
    assert not says_to_be_of(token(), own.chain[0])
    for header in (b"", b"\xff", b"e30", base64url.encode_ascii(b'{"x5c":"x"}'), base64url.encode_ascii(b'{"x5c":[]}'), b"e30" * 30_000):
        assert not says_to_be_of(header + b".e30.", own.certificate)


def test_a_list_that_begins_later_does_not_count_before() -> None:
    assert code(token(nbf=int(NOW.timestamp()) + 61)) == "not_yet"
    read(token(nbf=int(NOW.timestamp()) + 60))
    assert code(token(nbf=0), at=NOW - timedelta(seconds=61)) == "not_yet"


def test_a_reference() -> None:
    assert read_reference({"status_list": {"idx": 4711, "uri": URI}}) == StatusReference(4711, URI)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        [],
        {"status_list": {"idx": 1}},
        {"status_list": {"uri": URI}},
        {"status_list": {"idx": -1, "uri": URI}},
        {"status_list": {"idx": True, "uri": URI}},
        {"status_list": {"idx": "1", "uri": URI}},
        {"status_list": {"idx": 1, "uri": ""}},
        {"status_list": {"idx": 1, "uri": "https://duo.example/" + "a" * 3000}},
    ],
)
def test_a_reference_of_another_form(value: JsonValue) -> None:
    with pytest.raises(StatusListProblem):
        read_reference(value)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_a_refusal(data: bytes) -> None:
    for bits in (1, 2, 4, 8):
        with suppress(StatusListProblem):
            assert len(decompress(data, bits)) > 0


def test_the_order_of_a_list_never_changes() -> None:
    assert [shuffled_index(counter, b"a key of this list", 20) for counter in (0, 1, 2, (1 << 20) - 1)] == [324803, 581843, 868053, 536838]


@pytest.mark.parametrize(("counter", "bits"), [(-1, 4), (16, 4), (0, 3)])
def test_a_counter_outside_the_list_has_no_place(counter: int, bits: int) -> None:
    with pytest.raises(ValueError, match="even number of bits"):
        shuffled_index(counter, b"key", bits)


HOSTS = ("duo.example", "uwv.example:8443", "127.0.0.1:8000")


@pytest.mark.parametrize("uri", ["https://duo.example/x", "https://DUO.example", "https://uwv.example:8443/x?y"])
def test_an_address_on_a_host_of_the_issuer_is_its_own(uri: str) -> None:
    assert is_on_hosts(uri, HOSTS)


@pytest.mark.parametrize(
    "uri",
    [
        "http://duo.example/x",
        "https://duo.example:444/x",
        "https://uwv.example/x",
        "https://duo.example@evil.example/x",
        "https://evil.example\\@duo.example/x",
        "https://duo.example.evil.example/x",
        "https://evilduo.example/x",
        "https://duo.example/x#y",
        "https://user@duo.example/x",
        "//duo.example/x",
        "https://[duo.example/x",
        "http://127.0.0.1:8000/x",
        " https://duo.example/x",
        "https://du\to.example/x",
        "https://duo.example/x\n",
        "https://duo.example/ x",
        "https://duo.example/\u00e9",
    ],
)
def test_another_address_is_not(uri: str) -> None:
    assert not is_on_hosts(uri, HOSTS)


@given(st.sampled_from(["https", "http", "ftp", "HTTPS", ""]), st.text(max_size=40), st.text(max_size=10), st.booleans())
def test_no_text_leads_to_a_host_that_the_issuer_does_not_have(scheme: str, place: str, path: str, exercise: bool) -> None:
    uri = f"{scheme}://{place}/{path}"
    if is_on_hosts(uri, HOSTS, exercise=exercise):
        assert urlsplit(uri).netloc.lower() in HOSTS
        assert not is_on_hosts(uri, (), exercise=exercise)


@pytest.mark.parametrize(("count", "bits"), [(0, 1), (-1, 1), (8, 3), (8, 0), (8, 16)])
def test_a_list_without_places_or_of_another_width_is_not_made(count: int, bits: int) -> None:
    with pytest.raises(ValueError, match="expected entries"):
        StatusList.of_size(count, bits)


def test_a_list_has_one_bit_a_place_unless_asked() -> None:
    assert StatusList.of_size(1) == StatusList(1, b"\x00")
    assert len(StatusList.of_size(9)) == 16


def test_a_change_leaves_all_other_places_as_they_were() -> None:
    before = StatusList.of_size(8, 4).with_statuses(dict.fromkeys(range(8), SUSPENDED))
    for place in range(8):
        for status in (VALID, 15):
            after = before.with_statuses({place: status})
            assert [after.status(index) for index in range(8)] == [status if index == place else SUSPENDED for index in range(8)]


def test_the_earliest_and_the_latest_moment_of_a_list() -> None:
    year_9999 = 253402214400
    found = read_status_list(token(iat=0, exp=year_9999 - 1, ttl=1), uri=URI, signers=(signer().certificate,))
    assert (found.issued_at, found.ttl) == (datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1))
    assert code(token(exp=year_9999)) == code(token(ttl=year_9999)) == "malformed"


def test_a_list_counts_from_the_first_to_the_last_second_of_its_certificate() -> None:
    found = read(token(iat=0, exp=1 << 36))
    first, last = found.signer_valid
    for at in (first, last):
        found.require_current(at)
    for at in (first - timedelta(seconds=1), last + timedelta(seconds=1)):
        with pytest.raises(StatusListProblem) as caught:
            found.require_current(at)
        assert caught.value.code == "signer"


def test_an_exercise_may_be_on_this_machine_without_tls_and_nowhere_else() -> None:
    hosts = (*HOSTS, "localhost:8000")
    for uri in ("http://127.0.0.1:8000/x", "http://localhost:8000/x"):
        assert is_on_hosts(uri, hosts, exercise=True)
        assert not is_on_hosts(uri, hosts)
    assert not is_on_hosts("http://duo.example/x", hosts, exercise=True)
    assert not is_on_hosts("ftp://127.0.0.1:8000/x", hosts, exercise=True)
