import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.checking.signed_report import (
    MAX_REPORT,
    ReportRefused,
    SignedReport,
    flattened,
    parse_report,
    read_report,
    sign_report,
)
from blauweknop.checking.verification_report import CheckService, report_to_json
from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.jose import Purpose
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.strict_json import canonical_json
from blauweknop.standards.x509 import read_certificate
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import report_documents as r

IAT = int(x.NOW.timestamp())


def own() -> KeySigner:
    return x.exercise().check_service[1]


@cache
def good() -> str:
    return sign_report(r.report(), signer=own(), at=x.NOW)


def anchors() -> list[x509.Certificate]:
    return [read_certificate(encoded) for encoded in x.exercise().authorities]


def read(data: str | bytes) -> SignedReport:
    return read_report(data.encode() if isinstance(data, str) else data, anchors=anchors(), at=r.LATER)


def refusal(data: str | bytes) -> str:
    with pytest.raises(ReportRefused) as refused:
        read(data)
    return refused.value.code


def signed(
    payload: Mapping[str, JsonValue] | bytes,
    *,
    signer: KeySigner | None = None,
    typ: str | None = None,
    header: Mapping[str, JsonValue] | None = None,
) -> str:
    """Signed well, with another payload or header."""
    by = signer or own()
    purpose = jose.VERIFICATION_REPORT if typ is None else Purpose(typ, "x5c")
    members: dict[str, JsonValue] = {"iat": IAT, "x5t#S256": digest_of(by)}
    return jose.sign_jws(payload if isinstance(payload, bytes) else dict(payload), by, purpose, header={**members, **(header or {})})


def digest_of(signer: KeySigner) -> str:
    return base64url.encode(bytes.fromhex(r.digest_of(signer.certificate)))


def members() -> dict[str, JsonValue]:
    return report_to_json(r.report())


def test_a_signed_report_is_read_again() -> None:
    found = read(good())
    assert found.report == r.report()
    assert found.signed_at == x.NOW
    assert found.signer == read_certificate(own().certificate)


def test_the_flattened_form_is_the_same_report_as_json() -> None:
    assert json.loads(flattened(good())).keys() == {"payload", "protected", "signature"}
    assert read(flattened(good())) == read(good())


def test_the_header_is_that_of_a_baseline_signature_of_our_own_type() -> None:
    header = dict(parse_report(good().encode()).message.header)
    assert header["typ"] == "bk-verification-report+jwt"
    assert (header["alg"], header["iat"], header["x5t#S256"]) == ("ES256", IAT, digest_of(own()))
    assert isinstance(header["x5c"], list)


@pytest.mark.filterwarnings("ignore:Attribute's length")  # cryptography remarks on names in certificates that were changed
def test_no_byte_can_be_another() -> None:
    text = good().encode()
    accepted = [place for place in range(len(text)) if is_read(text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :])]
    assert accepted == []


def is_read(data: bytes) -> bool:
    try:
        read(data)
    except ReportRefused:
        return False
    return True


@given(st.binary(max_size=300))
def test_other_bytes_are_refused_and_nothing_else(data: bytes) -> None:
    assert refusal(data) == "report_malformed"


@given(st.integers(min_value=0, max_value=20_000), st.binary(min_size=1, max_size=5))
def test_a_report_with_something_put_in_is_refused(place: int, more: bytes) -> None:
    text = good().encode()
    cut = place % (len(text) + 1)
    assert not is_read(text[:cut] + more + text[cut:])


@pytest.mark.parametrize("cut", [1, 2, 100])
def test_a_report_cut_short_is_refused(cut: int) -> None:
    assert not is_read(good().encode()[:-cut])


def test_a_report_has_so_many_bytes_and_no_more() -> None:
    whole = flattened(good()).ljust(MAX_REPORT)
    assert read(whole).report == r.report()
    assert refusal(whole + b" ") == "report_malformed"


def test_a_compact_report_has_as_many_bytes_as_a_flattened_one() -> None:
    payload = json.dumps(members()).encode()
    room = (MAX_REPORT - len(signed(payload))) * 3 // 4
    longest = signed(payload + b" " * room)
    assert MAX_REPORT - 4 < len(longest) <= MAX_REPORT
    assert read(longest).report == r.report()
    assert refusal(signed(payload + b" " * (room + 4))) == "report_malformed"


@pytest.mark.parametrize(
    "data",
    [b"{}", b'{"payload":"","protected":"","signature":1}', b'{"payload":"","payload":"","protected":"","signature":""}', b"{", b"\xff.."],
)
def test_json_that_is_no_flattened_message_is_refused(data: bytes) -> None:
    assert refusal(data) == "report_malformed"


def test_a_flattened_message_with_an_unprotected_header_is_refused() -> None:
    assert refusal(json.dumps({**json.loads(flattened(good())), "header": {"typ": "x"}}).encode()) == "report_malformed"


@pytest.mark.parametrize("typ", ["JOSE", "JWT", "statuslist+jwt", "dc+sd-jwt"])
def test_a_message_of_another_type_is_refused(typ: str) -> None:
    assert refusal(signed(members(), typ=typ)) == "report_malformed"


@pytest.mark.parametrize(
    "header",
    [
        {"iat": None},
        {"iat": True},
        {"iat": "now"},
        {"iat": -1},
        {"iat": 1 << 37},
        {"x5t#S256": "AAAA"},
        {"kid": "a"},
        {"jku": "https://evil.example"},
        {"crit": ["b64"], "b64": False},
    ],
    ids=str,
)
def test_a_header_with_other_members_is_refused(header: dict[str, JsonValue]) -> None:
    assert refusal(signed(members(), header=header)) == "report_malformed"


@pytest.mark.parametrize("iat", [0, (1 << 37) - 1])
def test_every_moment_is_of_the_form_and_judged_by_the_clock(iat: int) -> None:
    assert refusal(signed(members(), header={"iat": iat})) == "report_time"


def test_a_signature_of_another_report_is_refused() -> None:
    other = sign_report(r.report(language="en"), signer=own(), at=x.NOW)
    assert refusal(good().rpartition(".")[0] + "." + other.rpartition(".")[2]) == "report_signature"


def test_a_report_of_a_later_version_is_not_judged() -> None:
    assert refusal(signed({**members(), "version": 2})) == "report_version"


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"version":1,"version":1}', b"\xff"])
def test_a_payload_that_is_no_report_is_refused(payload: bytes) -> None:
    assert refusal(signed(payload)) == "report_schema"


def test_a_report_that_contradicts_itself_is_refused() -> None:
    assert refusal(signed({**members(), "verdict": "red"})) == "report_schema"


def test_another_notation_of_the_same_report_is_read() -> None:
    assert read(signed(json.dumps(members(), indent=1).encode())).report == r.report()
    assert json.loads(canonical_json(members())) == members()


def test_a_report_by_somebody_below_no_anchor_is_refused() -> None:
    with pytest.raises(ReportRefused) as refused:
        read_report(good().encode(), anchors=[], at=r.LATER)
    assert refused.value.code == "report_chain"


def test_an_authority_between_the_signer_and_the_anchor_comes_with_the_report() -> None:
    roots = [authority for authority in anchors() if authority.issuer == authority.subject]
    assert len(roots) < len(anchors())
    assert read_report(good().encode(), anchors=roots, at=r.LATER).report == r.report()


def test_a_report_signed_with_a_key_for_seals_is_refused() -> None:
    assert refusal(signed(members(), signer=x.exercise().check_service[0])) == "report_chain"


def test_a_report_that_names_another_check_service_is_refused() -> None:
    assert refusal(signed(members(), signer=x.exercise().credentials["duo"])) == "report_checker"


def test_the_signer_may_be_named_by_its_organisation_identifier() -> None:
    service = CheckService(r.NAME, "NTRNL-99999999")
    assert read(sign_report(r.report(service=service), signer=own(), at=x.NOW)).report.signature_validator == service


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (x.NOW - timedelta(seconds=61), "report_time"),
        (r.LATER + timedelta(seconds=61), "report_time"),
    ],
)
def test_a_report_signed_before_the_check_or_in_the_future_is_refused(at: object, expected: str) -> None:
    assert refusal(sign_report(r.report(), signer=own(), at=at)) == expected  # type: ignore[arg-type] # a moment


def test_a_report_of_a_check_at_an_edge_of_the_calendar_is_judged_like_any_other() -> None:
    assert read(signed({**members(), "validationTime": "0001-01-01T00:00:00Z"})).report.validation_time == datetime(1, 1, 1, tzinfo=UTC)
    assert refusal(signed({**members(), "validationTime": "9999-12-31T23:59:59Z"})) == "report_time"


@pytest.mark.parametrize("at", [x.NOW - timedelta(seconds=60), r.LATER + timedelta(seconds=60)])
def test_clocks_may_differ_by_a_minute(at: object) -> None:
    assert is_read(sign_report(r.report(), signer=own(), at=at).encode())  # type: ignore[arg-type] # a moment


def test_a_report_outlives_its_certificate_only_with_proof_of_its_time() -> None:
    end = read_certificate(own().certificate).not_valid_after_utc + timedelta(days=1)
    with pytest.raises(ReportRefused) as refused:
        read_report(good().encode(), anchors=anchors(), at=end)
    assert refused.value.code == "report_chain"
    assert read_report(good().encode(), anchors=anchors(), at=end, proved_at=x.NOW).report == r.report()
