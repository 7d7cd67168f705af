from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.texts import Text
from blauweknop.standards import base64url, jose
from blauweknop.standards.jwk import EncryptionKey, public_jwk
from blauweknop.standards.lote import ServiceKind, ServiceStatus, TrustList
from blauweknop.standards.registration import (
    RegisteredCredential,
    Registration,
    RegistrationProblem,
    SupervisoryAuthority,
    verify_registration,
)
from blauweknop.standards.registration_claims import SERVICE_PROVIDER, registration_claims
from blauweknop.standards.status_list import INVALID, SUSPENDED, StatusReference
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import MESSAGES, NOW, SEAL, Issued, certify, p256

SECOND = timedelta(seconds=1)


def verify(text: str, *, trust_list: TrustList | None = None, status_lists: Mapping[str, bytes] | None = None) -> Registration:
    lists = r.status_lists() if status_lists is None else status_lists
    return verify_registration(text, trust_list=trust_list or r.trust_list(), status_lists=lists, at=NOW)


def code_of(text: str, *, trust_list: TrustList | None = None, status_lists: Mapping[str, bytes] | None = None) -> str:
    with pytest.raises(RegistrationProblem) as caught:
        verify(text, trust_list=trust_list, status_lists=status_lists)
    return caught.value.code


def test_a_registration_comes_back() -> None:
    assert verify(r.registered()) == r.REGISTRATION


def test_a_registration_with_everything_in_it_comes_back() -> None:
    everything: dict[str, Any] = {
        "bsn_law": "Wgs artikel 8",
        "intermediary": ("NTRNL-90009999", "Bemiddelaar"),
        "authority": SupervisoryAuthority("toezicht@ap.example", "+31 70 1234567", "https://ap.example"),
        "credentials": (
            RegisteredCredential("dc+sd-jwt", (r.DEBT, r.INCOME), (("schulden", None, "bedrag"), ("posten", 0))),
            RegisteredCredential("mso_mdoc", ("org.blauweknop.duo.studieschuld.1",), (("org.blauweknop", "schuld"),)),
            RegisteredCredential("dc+sd-jwt", (r.INCOME,), (("soort",),), ((("soort",), ("loon", 1, True)),)),
            RegisteredCredential("dc+sd-jwt", (r.INCOME,)),
        ),
    }
    found = verify(r.registered(**everything))
    assert {name: getattr(found, name) for name in everything} == everything


LINK_KEY = EncryptionKey(p256().public_key(), "sleutel-1")


def test_a_registration_with_a_key_for_links_comes_back() -> None:
    assert verify(r.registered(link_key=LINK_KEY)).link_key == LINK_KEY


@pytest.mark.parametrize(
    "given",
    [
        "sleutel",
        {},
        {**public_jwk(LINK_KEY.public), "kid": "1"},
        {**public_jwk(LINK_KEY.public), "use": "sig", "kid": "1"},
        {**public_jwk(LINK_KEY.public), "use": "enc"},
        {**public_jwk(LINK_KEY.public), "use": "enc", "kid": "1", "d": "geheim"},
    ],
)
def test_a_key_for_links_that_is_none_to_encrypt_to_is_refused(given: Any) -> None:
    claims = registration_claims(r.REGISTRATION) | {"bk_link_key": given}
    assert code_of(jose.sign_jws(claims, r.REGISTRAR.signer(), jose.REGISTRATION_CERTIFICATE)) == "registration_member"


def test_another_kind_of_message_is_no_registration() -> None:
    claims = registration_claims(r.REGISTRATION)
    assert code_of(jose.sign_jws(claims, r.REGISTRAR.signer(), jose.STATUS_LIST)) == "registration_malformed"


@pytest.mark.parametrize("text", ["", "a.b.c", r.registered() + "=", r.registered().rpartition(".")[0], "{}"])
def test_another_form_is_no_registration(text: str) -> None:
    assert code_of(text) == "registration_malformed"


def test_a_registrar_that_is_not_listed_is_unknown() -> None:
    assert code_of(r.registered(certify("registrar", None, MESSAGES))) == "registrar_unknown"


@pytest.mark.parametrize("kind", [kind for kind in ServiceKind if kind is not ServiceKind.RECEIVER_REGISTRATION])
def test_who_is_listed_for_something_else_registers_nobody(kind: ServiceKind) -> None:
    assert code_of(r.registered(), trust_list=r.trust_list(r.service(kind, r.REGISTRAR))) == "registrar_unknown"


@pytest.mark.parametrize(
    ("status", "since"),
    [(ServiceStatus.WITHDRAWN, NOW), (ServiceStatus.GRANTED, NOW + SECOND)],
    ids=["left the scheme", "not yet in the scheme"],
)
def test_a_registrar_out_of_the_scheme_is_unknown(status: ServiceStatus, since: Any) -> None:
    listed = r.service(ServiceKind.RECEIVER_REGISTRATION, r.REGISTRAR, status=status, since=since)
    assert code_of(r.registered(), trust_list=r.trust_list(listed)) == "registrar_unknown"


@pytest.mark.parametrize(
    "registrar",
    [
        certify("zegel", None, SEAL),
        certify("oud", None, MESSAGES, ends=NOW - SECOND),
        certify("nieuw", None, MESSAGES, starts=NOW + SECOND),
    ],
    ids=["key for seals", "ended", "not begun"],
)
def test_a_listed_registrar_with_an_unfit_certificate_is_unknown(registrar: Issued) -> None:
    listed = r.trust_list(r.service(ServiceKind.RECEIVER_REGISTRATION, registrar))
    assert code_of(r.registered(registrar), trust_list=listed) == "registrar_unknown"


@pytest.mark.parametrize(("starts", "ends"), [(NOW, NOW + r.DAY), (NOW - r.DAY, NOW)], ids=["first second", "last second"])
def test_a_registrar_registers_from_the_first_to_the_last_second_of_its_certificate(starts: datetime, ends: datetime) -> None:
    registrar = certify("registrar", None, MESSAGES, starts=starts, ends=ends)
    listed = r.trust_list(r.service(ServiceKind.RECEIVER_REGISTRATION, registrar))
    assert verify(r.registered(registrar), trust_list=listed, status_lists=r.status_lists(signer=registrar)) == r.REGISTRATION


def test_a_changed_registration_has_a_wrong_signature() -> None:
    header, payload, signature = r.registered().split(".")
    changed = base64url.encode(base64url.decode(payload).replace(b"P5Y", b"P9Y"))
    assert code_of(f"{header}.{changed}.{signature}") == "registration_signature"


def test_every_changed_character_is_refused() -> None:
    text = r.registered()
    assert [
        place for place in range(len(text)) if not refused(text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :])
    ] == []


def saying(**changes: Any) -> str:
    """Signed right, with other members; None takes one away."""
    claims: dict[str, Any] = registration_claims(r.REGISTRATION) | changes
    return jose.sign_jws(
        {name: value for name, value in claims.items() if value is not None}, r.REGISTRAR.signer(), jose.REGISTRATION_CERTIFICATE
    )


@pytest.mark.parametrize("name", sorted(registration_claims(r.REGISTRATION)))
def test_every_member_must_be_there(name: str) -> None:
    assert code_of(saying(**{name: None})) == "registration_member"


def test_members_that_we_do_not_know_are_not_looked_at() -> None:
    assert verify(saying(nieuw={"iets": [1]})) == r.REGISTRATION


LANGUAGES = [{"lang": "nl", "value": "Doel"}]
POLICY = "0.4.0.19475.3.1"
CREDENTIAL = {"format": "dc+sd-jwt", "meta": {"vct_values": [r.DEBT]}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "a\nb"),
        ("name", "\u202eneppeH"),
        ("name", ["x"]),
        ("sub_ln", "x" * 2001),
        ("sub", "90001001"),
        ("sub", "NTRNL-9000100"),
        ("country", "nl"),
        ("registry_uri", "http://register.example"),
        ("registry_uri", "https://user@register.example"),
        ("registry_uri", "https://register.example/#x"),
        ("registry_uri", "javascript:alert(1)"),
        ("srv_description", []),
        ("srv_description", [LANGUAGES, LANGUAGES]),
        ("srv_description", LANGUAGES),
        ("entitlements", []),
        ("entitlements", [SERVICE_PROVIDER] * 21),
        ("entitlements", ["https://uri.etsi.org/19475/Entitlement/PID_Provider"]),
        ("privacy_policy", "ftp://x"),
        ("info_uri", 1),
        ("support_uri", "bel ons"),
        ("supervisory_authority", {}),
        ("supervisory_authority", {"email": "geen adres"}),
        ("supervisory_authority", {"phone": "bel ons"}),
        ("policy_id", []),
        ("policy_id", [POLICY] * 21),
        ("policy_id", ["0.4.0.19475.3.2"]),
        ("policy_id", "0.4.0.19475.3.1"),
        ("certificate_policy", "beleid"),
        ("iat", "2026"),
        ("iat", True),
        ("exp", -1),
        ("exp", (1 << 53) - 1),
        ("status", {}),
        ("status", {"status_list": {"idx": -1, "uri": r.STATUS_URI}}),
        ("credentials", []),
        ("credentials", [CREDENTIAL] * 65),
        ("credentials", {}),
        ("credentials", [{"format": "jwt_vc_json", "meta": {"vct_values": [r.DEBT]}}]),
        ("credentials", [{"format": "dc+sd-jwt", "meta": {}}]),
        ("credentials", [{"format": "dc+sd-jwt", "meta": {"vct_values": []}}]),
        ("credentials", [{"format": "dc+sd-jwt", "meta": {"vct_values": [r.DEBT]}, "claim": [{"path": []}]}]),
        ("credentials", [{"format": "dc+sd-jwt", "meta": {"vct_values": [r.DEBT]}, "claim": []}]),
        ("credentials", [{"format": "mso_mdoc", "meta": {"doctype_value": "x"}, "claim": [{"path": ["a"]}]}]),
        ("purpose", []),
        ("purpose", [{"lang": "en", "value": "only English"}]),
        ("purpose", [*LANGUAGES, *LANGUAGES]),
        ("intended_use_id", ""),
        ("intended_use_id", "../x y"),
        ("public_body", "true"),
        ("intermediary", {"sub": "x", "name": "y"}),
        ("intermediary", {"sub": "NTRNL-90009999", "name": "\u202ey"}),
        ("bk_life_event", ""),
        ("bk_life_event", "Verhuizen"),
        ("bk_life_event", "ver huizen"),
        ("bk_life_event", "v" * 41),
        ("bk_life_event", ["schuldhulp"]),
        ("bk_legal_basis", "AVG"),
        ("bk_legal_basis", {"article_6_1": "g", "law": "Wgs"}),
        ("bk_legal_basis", {"article_6_1": "e", "law": ""}),
        ("bk_retention", "5 jaar"),
        ("bk_recipients", "iedereen"),
        ("bk_recipients", [{"lang": "nl", "value": "een ander"}]),
        ("bk_recipients", [[{"lang": "en", "value": "only English"}]]),
        ("bk_recipients", [LANGUAGES] * 21),
        ("bk_bsn_entitled", True),
        ("bk_bsn_entitled", ""),
    ],
)
def test_every_member_is_in_its_form(name: str, value: Any) -> None:
    assert code_of(saying(**{name: value})) == "registration_member"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("policy_id", [POLICY] * 20),
        ("entitlements", [SERVICE_PROVIDER] * 20),
        ("credentials", [CREDENTIAL] * 64),
        ("intended_use_id", "Schuldhulp_1.a:b/c-d"),
    ],
    ids=["policies", "entitlements", "credentials", "use"],
)
def test_every_member_may_be_as_large_and_as_odd_as_its_form_says(name: str, value: Any) -> None:
    assert verify(saying(**{name: value})).name == r.REGISTRATION.name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("policy_id", [POLICY, text]) for text in ("1.0", "1" + ".1" * 20, "2.9999999999")),
        *(("support_uri", text) for text in ("ab:c", "a" * 21 + ":" + "c" * 1900)),
        *(("supervisory_authority", {"email": text}) for text in ("a@b", "a" * 64 + "@" + "b" * 250)),
        *(("supervisory_authority", {"phone": text}) for text in ("112", "+" + "1" * 31)),
        ("intended_use_id", "u" * 200),
        *(("bk_retention", text) for text in ("P9999W", "P999Y9999M99999DT99999H99999M99999S")),
    ],
)
def test_the_shortest_and_the_longest_of_each_form_are_read(name: str, value: Any) -> None:
    assert verify(saying(**{name: value})).name == r.REGISTRATION.name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("policy_id", [POLICY, text]) for text in ("1", "1" + ".1" * 21, "2.10000000000", "2.01", "3.1")),
        *(("support_uri", text) for text in ("a:c", "ab:", "a" * 22 + ":c", "ab:" + "c" * 1901)),
        *(("supervisory_authority", {"email": text}) for text in ("@b", "a@", "a" * 65 + "@b", "a@" + "b" * 251, "a b@c", "a\x1f@b")),
        *(("supervisory_authority", {"phone": text}) for text in ("11", "+" + "1" * 32)),
        ("intended_use_id", "u" * 201),
        *(("bk_retention", text) for text in ("P10000W", "P1000Y", "P10000M", "P100000D", "PT100000H", "PT100000M", "PT100000S")),
        *(("bk_retention", text) for text in ("P1YM", "P1YD", "PT1HM", "PT1HS")),
    ],
)
def test_one_sign_beyond_each_form_is_refused(name: str, value: Any) -> None:
    assert code_of(saying(**{name: value})) == "registration_member"


@pytest.mark.parametrize("text", ["P5Y", "P6M", "P30D", "P2W", "P1Y6M", "P1Y2M3D", "PT24H", "P1DT12H30M5S", "P0D"])
def test_a_retention_is_a_duration(text: str) -> None:
    assert verify(r.registered(retention=text)).retention == text


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "5Y", "P-1Y", "P1Y2W", "P1.5Y", "P1M1Y", "p5y", "P5Y ", "PT5D", "P99999Y"])
def test_another_text_is_no_duration(text: str) -> None:
    assert code_of(r.registered(retention=text)) == "registration_member"


@pytest.mark.parametrize("recipients", [(), (Text("De geldverstrekker", "The lender"),), (Text("a", "a"), Text("b", "c"))])
def test_who_else_gets_the_data_is_read(recipients: tuple[Text, ...]) -> None:
    assert verify(r.registered(recipients=recipients)).recipients == recipients


@pytest.mark.parametrize("event", ["schuldhulp", "hypotheek", "huur", "verhuizen", "na_een_scheiding"])
def test_a_life_event_may_be_one_that_nobody_knew_before(event: str) -> None:
    assert verify(r.registered(life_event=event)).life_event == event


def test_a_registration_of_the_future_does_not_count() -> None:
    assert verify(r.registered(issued_at=NOW + 60 * SECOND)).issued_at == NOW + 60 * SECOND
    assert code_of(r.registered(issued_at=NOW + 61 * SECOND)) == "registration_not_yet"


def test_a_registration_that_has_not_begun_does_not_count() -> None:
    assert verify(r.registered(begins_at=NOW + 60 * SECOND)).begins_at == NOW + 60 * SECOND
    assert code_of(r.registered(begins_at=NOW + 61 * SECOND)) == "registration_not_yet"


def test_a_registration_that_began_before_it_was_made_does_not_count_before_that() -> None:
    assert code_of(r.registered(issued_at=NOW + 61 * SECOND, begins_at=NOW)) == "registration_not_yet"


@pytest.mark.parametrize("begin", [None, True, -1, "nu"])
def test_a_beginning_that_is_no_moment_is_refused(begin: Any) -> None:
    claims = registration_claims(r.REGISTRATION) | {"nbf": begin}
    assert code_of(jose.sign_jws(claims, r.REGISTRAR.signer(), jose.REGISTRATION_CERTIFICATE)) == "registration_member"


def test_a_registration_that_has_ended_does_not_count() -> None:
    assert verify(r.registered(expires_at=NOW - 60 * SECOND)).expires_at == NOW - 60 * SECOND
    assert code_of(r.registered(expires_at=NOW - 61 * SECOND)) == "registration_expired"


def test_a_registration_lives_a_year_at_most() -> None:
    assert not refused(r.registered(expires_at=r.REGISTRATION.issued_at + 366 * r.DAY))
    assert code_of(r.registered(expires_at=r.REGISTRATION.issued_at + 366 * r.DAY + SECOND)) == "registration_lifetime"


def test_a_withdrawn_registration_does_not_count() -> None:
    assert code_of(r.registered(), status_lists=r.status_lists({r.INDEX: INVALID})) == "registration_withdrawn"


def test_a_suspended_registration_does_not_count() -> None:
    assert code_of(r.registered(), status_lists=r.status_lists({r.INDEX: SUSPENDED})) == "registration_suspended"


OTHER = certify("ander", None, MESSAGES)


@pytest.mark.parametrize(
    "lists",
    [
        pytest.param({}, id="no list at hand"),
        pytest.param({r.STATUS_URI: b"x"}, id="no list at all"),
        pytest.param(r.status_lists(made=NOW - 2 * r.DAY), id="list that has ended"),
        pytest.param(r.status_lists(made=NOW + r.HOUR), id="list of the future"),
        pytest.param(r.status_lists(signer=OTHER), id="list of somebody else"),
        pytest.param(r.status_lists(uri=r.STATUS_URI + "0"), id="list of another address"),
        pytest.param(r.status_lists({r.INDEX: 3}), id="status without a meaning"),
    ],
)
def test_a_status_that_is_not_known_is_no_yes(lists: dict[str, bytes]) -> None:
    assert code_of(r.registered(), status_lists=lists) == "registration_status"


def test_a_place_beyond_the_list_is_no_yes() -> None:
    assert code_of(r.registered(status=StatusReference(64, r.STATUS_URI))) == "registration_status"


@pytest.mark.parametrize("hosts", [(), ("andere.example",)])
def test_a_status_list_elsewhere_is_not_looked_at(hosts: tuple[str, ...]) -> None:
    assert code_of(r.registered(), trust_list=r.trust_list(hosts=hosts)) == "registration_status"


def test_only_an_exercise_has_its_status_list_on_this_machine() -> None:
    uri = "http://127.0.0.1:8000/statuslists/1"
    text, lists = r.registered(status=StatusReference(r.INDEX, uri)), {uri: r.status_lists(uri=uri)[r.STATUS_URI]}
    trust_list = r.trust_list(hosts=["127.0.0.1:8000"])
    assert code_of(text, trust_list=trust_list, status_lists=lists) == "registration_status"
    assert verify(text, trust_list=replace(trust_list, exercise=True), status_lists=lists).status.uri == uri


def test_a_key_of_the_registrar_for_status_lists_signs_them() -> None:
    services = (*r.SERVICES, r.service(ServiceKind.STATUS_LIST, OTHER))
    assert verify(r.registered(), trust_list=r.trust_list(*services), status_lists=r.status_lists(signer=OTHER)) == r.REGISTRATION


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53) + 1, (1 << 53) - 1) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["lang", "value", "path", "format", "meta", "idx"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(registration_claims(r.REGISTRATION))), JSON, min_size=1, max_size=3))
def test_any_members_are_read_or_refused_with_one_error(changes: dict[str, Any]) -> None:
    text = jose.sign_jws(registration_claims(r.REGISTRATION) | changes, r.REGISTRAR.signer(), jose.REGISTRATION_CERTIFICATE)
    assert refused(text) or verify(text).name


def refused(text: str) -> bool:
    try:
        verify(text)
    except RegistrationProblem:
        return True
    return False


@given(st.text(max_size=300))
def test_any_text_is_refused_with_one_error(text: str) -> None:
    assert code_of(text) == "registration_malformed"


def test_an_error_names_the_member_and_never_its_value() -> None:
    with pytest.raises(RegistrationProblem) as caught:
        verify(saying(bk_retention="geheim-900000107"))
    assert "bk_retention" in str(caught.value)
    assert "geheim" not in str(caught.value)
