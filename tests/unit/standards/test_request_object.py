from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.catalogue.texts import all_texts
from blauweknop.standards import base64url, jose
from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.registration import RegisteredCredential
from blauweknop.standards.registration_claims import RegisteredUpdates
from blauweknop.standards.request_object import RequestProblem, RequestProblemCode, VerifiedRequest, registration_status_of, verify_request
from blauweknop.standards.request_scope import Excess
from blauweknop.standards.status_list import INVALID
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import NOW, certify, p256

ASK = r.Question()
CLIENT = x509_hash(r.RECEIVER.der)
SECONDS = int(NOW.timestamp())


def verify(text: str, *, client_id: str = CLIENT, status_lists: Mapping[str, bytes] | None = None) -> VerifiedRequest:
    lists = r.status_lists() if status_lists is None else status_lists
    return verify_request(text, client_id=client_id, wallet_nonce=r.WALLET_NONCE, trust_list=r.trust_list(), status_lists=lists, at=NOW)


def code_of(text: str, *, client_id: str = CLIENT, status_lists: Mapping[str, bytes] | None = None) -> str:
    with pytest.raises(RequestProblem) as caught:
        verify(text, client_id=client_id, status_lists=status_lists)
    return caught.value.code


def test_a_question_says_who_asks_what_and_why() -> None:
    found = verify(ASK.signed())
    assert (found.receiver.name, found.registration) == ("Schuldhulp Proef", r.REGISTRATION)
    assert [claim.path for claim in found.query.credentials[0].claims] == [("schuld",)]
    assert found.response_uri == "https://proef.example/oid4vp/responses/1"
    assert (found.key.key_id, found.encodings) == ("1", ("A256GCM", "A128GCM"))
    assert (found.nonce, found.state) == (ASK.members()["nonce"], ASK.members()["state"])


def test_members_that_we_do_not_know_are_not_looked_at() -> None:
    assert verify(ASK.signed(nieuw=[1])) == verify(ASK.signed())


@pytest.mark.parametrize("text", ["", "a.b.c", ASK.signed(jose.KEY_ATTESTATION), ASK.signed() + "=", "{}"])
def test_another_kind_of_message_is_no_question(text: str) -> None:
    assert code_of(text) == "request_malformed"


def test_a_receiver_without_access_does_not_ask() -> None:
    stranger = r.access_certificate(issuer=certify("vreemd"))
    assert code_of(r.Question(stranger).signed(), client_id=x509_hash(stranger.der)) == "access_chain"


def test_a_question_signed_by_another_key_is_refused() -> None:
    header, payload, _ = ASK.signed().split(".")
    other = r.Question(r.access_certificate()).signed().rpartition(".")[2]
    assert code_of(f"{header}.{payload}.{other}") == "request_signature"


def test_a_question_under_another_name_than_that_of_the_link_is_refused() -> None:
    assert code_of(ASK.signed(), client_id=x509_hash(b"x")) == "request_client"


@pytest.mark.parametrize(
    "said",
    [x509_hash(b"x"), CLIENT.removeprefix("x509_hash:"), "x509_san_dns:proef.example", None, 1],
    ids=["another", "without prefix", "another prefix", "none", "number"],
)
def test_a_question_that_names_another_client_is_refused(said: Any) -> None:
    assert code_of(ASK.signed(client_id=said)) == "request_client"


@pytest.mark.parametrize(
    "changes",
    [
        {"response_type": "code"},
        {"response_type": None},
        {"response_mode": "direct_post"},
        {"response_mode": "fragment"},
        {"response_uri": None},
        {"response_uri": "http://proef.example/x"},
        {"response_uri": "https://user@proef.example/x"},
        {"response_uri": "https://proef.example/x#y"},
        {"response_uri": "https://"},
        {"redirect_uri": "https://proef.example/x"},
        {"scope": "alles"},
        {"presentation_definition": {}},
        {"transaction_data": ["e30"]},
        {"state": None},
        {"state": "kort"},
        {"nonce": None},
        {"nonce": "n" * 21},
        {"nonce": "n" * 22 + " "},
        {"iat": None},
        {"exp": None},
        {"exp": "2026"},
    ],
    ids=str,
)
def test_an_answer_that_could_go_astray_is_not_given(changes: dict[str, Any]) -> None:
    assert code_of(ASK.signed(**changes)) == "request_form"


@pytest.mark.parametrize(
    "changes",
    [{"aud": None}, {"aud": ["https://self-issued.me/v2"]}, {"aud": "https://x"}, {"wallet_nonce": None}, {"wallet_nonce": "x" * 22}],
    ids=str,
)
def test_a_question_for_another_or_of_another_time_is_refused(changes: dict[str, Any]) -> None:
    assert code_of(ASK.signed(**changes)) == "request_nonce"


def test_a_question_of_the_future_is_refused() -> None:
    assert not refused(ASK.signed(iat=SECONDS + 60))
    assert code_of(ASK.signed(iat=SECONDS + 61)) == "request_not_yet"


def test_a_question_that_begins_later_is_refused_before() -> None:
    assert not refused(ASK.signed(nbf=SECONDS + 60))
    assert code_of(ASK.signed(nbf=SECONDS + 61)) == "request_not_yet"
    assert code_of(ASK.signed(nbf="morgen")) == "request_form"


def test_a_question_that_has_ended_is_refused() -> None:
    assert not refused(ASK.signed(iat=SECONDS - 300, exp=SECONDS - 60))
    assert code_of(ASK.signed(iat=SECONDS - 300, exp=SECONDS - 61)) == "request_expired"


def test_a_question_lives_ten_minutes_at_most() -> None:
    assert not refused(ASK.signed(exp=SECONDS + 600))
    assert code_of(ASK.signed(exp=SECONDS + 601)) == "request_expired"


def metadata(*keys: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"jwks": {"keys": [*keys]}} | more


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        metadata(),
        metadata(public_jwk(p256().public_key()) | {"use": "sig"}),
        metadata(r.ENCRYPTION | {"d": "AA"}),
        metadata(r.ENCRYPTION, encrypted_response_enc_values_supported=["A128CBC-HS256"]),
        metadata(r.ENCRYPTION, encrypted_response_enc_values_supported=[]),
    ],
    ids=["none", "empty", "no key", "for signatures", "private", "old encryption", "no encryption"],
)
def test_an_answer_that_cannot_be_encrypted_is_not_given(value: Any) -> None:
    assert code_of(ASK.signed(client_metadata=value)) == "request_keys"


def test_what_is_not_said_of_the_encryption_is_the_smaller_one() -> None:
    assert verify(ASK.signed(client_metadata=metadata(r.ENCRYPTION))).encodings == ("A128GCM",)


@pytest.mark.parametrize(
    ("offered", "code"), [(["A256GCM"], None), (["A256GCM"] * 20, None), (["A256GCM"] * 21, "request_keys"), (["x" * 100, "A256GCM"], None)]
)
def test_so_many_encryptions_are_looked_at_and_no_more(offered: list[str], code: str | None) -> None:
    question = ASK.signed(client_metadata=metadata(r.ENCRYPTION, encrypted_response_enc_values_supported=offered))
    if code is None:
        assert verify(question).encodings == ("A256GCM",)
    else:
        assert code_of(question) == code


@pytest.mark.parametrize("odd", ["", "x" * 101, "x y"])
def test_an_encryption_of_another_form_is_refused(odd: str) -> None:
    assert (
        code_of(ASK.signed(client_metadata=metadata(r.ENCRYPTION, encrypted_response_enc_values_supported=["A256GCM", odd])))
        == "request_keys"
    )


def test_a_nonce_has_so_many_signs_and_no_more() -> None:
    assert verify(ASK.signed(nonce="n" * 512)).nonce == "n" * 512
    assert code_of(ASK.signed(nonce="n" * 513)) == "request_form"


def test_a_signed_message_that_is_no_object_is_no_question() -> None:
    assert code_of(jose.sign_jws(b"[]", r.RECEIVER.signer(), jose.REQUEST_OBJECT)) == "request_malformed"


def test_a_question_ends_when_it_says_so() -> None:
    assert verify(ASK.signed()).expires_at == NOW + timedelta(minutes=5)


def test_a_person_begins_again_on_a_page_of_the_site_that_gets_the_answer_only() -> None:
    page = "https://proef.example/begin"
    assert verify(ASK.signed(bk_request_page=page)).page == page
    assert verify(ASK.signed()).page is None
    for elsewhere in ("https://elders.example/begin", "http://proef.example/begin", "https://proef.example:444/begin", ["x"]):
        assert code_of(ASK.signed(bk_request_page=elsewhere)) == "request_form"


def test_only_in_an_exercise_an_answer_goes_to_this_machine() -> None:
    here: dict[str, Any] = {"response_uri": "http://127.0.0.1:8000/antwoord", "bk_request_page": "http://127.0.0.1:8000/begin"}
    exercise = replace(r.trust_list(), exercise=True)
    found = verify_request(
        ASK.signed(**here), client_id=CLIENT, wallet_nonce=r.WALLET_NONCE, trust_list=exercise, status_lists=r.status_lists(), at=NOW
    )
    assert (found.response_uri, found.page) == tuple(here.values())
    assert code_of(ASK.signed(**here)) == "request_form"


def kept_up_to_date(asked: Any, longest: str | None = "P1Y") -> str:
    updates = None if longest is None else RegisteredUpdates(longest, (r.DEBT,))
    return r.Question(registration=r.registered(updates=updates)).signed(bk_updates=asked)


def test_a_receiver_asks_to_be_kept_up_to_date_for_as_long_as_it_registered_and_no_longer() -> None:
    assert verify(kept_up_to_date("P1Y")).updates == RegisteredUpdates("P1Y", (r.DEBT,))
    assert verify(kept_up_to_date("P3M")).updates == RegisteredUpdates("P3M", (r.DEBT,))
    assert verify(kept_up_to_date(None)).updates is None
    assert code_of(kept_up_to_date("P13M")) == "request_updates"
    assert code_of(kept_up_to_date("P3M", longest=None)) == "request_updates"
    assert code_of(kept_up_to_date("drie maanden")) == "request_form"


def test_the_list_that_will_be_needed_is_known_before_anything_is_verified() -> None:
    assert registration_status_of(ASK.signed()) == r.STATUS_URI
    for text in ("", "a.b.c", ASK.signed(verifier_info=None), ASK.signed(verifier_info=information(base64url.encode(b"a.b.c")))):
        assert registration_status_of(text) is None
    for said in (b"{}", b'{"status":{}}', b"[]"):
        registered = jose.sign_jws(said, r.REGISTRAR.signer(), jose.REGISTRATION_CERTIFICATE)
        assert registration_status_of(ASK.signed(verifier_info=information(base64url.encode(registered.encode())))) is None
    assert registration_status_of(jose.sign_jws(b"[]", r.RECEIVER.signer(), jose.REQUEST_OBJECT)) is None


def test_so_much_is_said_of_a_receiver_and_no_more() -> None:
    ours, other = ASK.members()["verifier_info"], {"format": "keurmerk"}
    assert verify(ASK.signed(verifier_info=[*ours, *[other] * 19])).registration == r.REGISTRATION
    assert code_of(ASK.signed(verifier_info=[*ours, *[other] * 20])) == "registration_malformed"


def test_a_question_without_a_meaning_is_refused() -> None:
    assert code_of(ASK.signed(dcql_query=None)) == "request_query"


def information(*data: str) -> list[dict[str, str]]:
    return [{"format": "registration_cert", "data": text} for text in data]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        information("=="),
        information(base64url.encode(b"\xff")),
        information(r.registered()),
        [{"format": "jwt", "data": base64url.encode(r.registered().encode())}],
        information(*[base64url.encode(r.registered().encode())] * 2),
    ],
    ids=["none", "empty", "no base64url", "no text", "not encoded", "another format", "two"],
)
def test_a_question_carries_one_registration(value: Any) -> None:
    assert code_of(ASK.signed(verifier_info=value)) == "registration_malformed"


def test_what_others_say_of_a_receiver_is_not_looked_at() -> None:
    beside = [{"format": "keurmerk", "data": "x"}, *ASK.members()["verifier_info"]]
    assert verify(ASK.signed(verifier_info=beside)) == verify(ASK.signed())


def test_a_withdrawn_registration_asks_nothing() -> None:
    assert code_of(ASK.signed(), status_lists=r.status_lists({r.INDEX: INVALID})) == "registration_withdrawn"
    assert code_of(ASK.signed(), status_lists={}) == "registration_status"


def test_the_registration_of_another_organisation_does_not_count() -> None:
    question = r.Question(registration=r.registered(identifier="NTRNL-90009999"))
    assert code_of(question.signed()) == "request_receiver"


def asking(*paths: list[Any], vct: str = r.DEBT) -> dict[str, Any]:
    claims = [{"path": path} for path in paths]
    return {"credentials": [{"id": "schuld", "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}, "claims": claims}]}


@pytest.mark.parametrize(
    ("query", "excess"),
    [
        (asking(["schuld"], vct=r.INCOME), Excess("request_data_set", "schuld", r.INCOME)),
        (asking(["schuld"], ["adres"]), Excess("request_claim", "schuld", r.DEBT, ("adres",))),
    ],
    ids=["data set", "claim"],
)
def test_a_receiver_that_asks_too_much_is_told_what(query: dict[str, Any], excess: Excess) -> None:
    with pytest.raises(RequestProblem) as caught:
        verify(ASK.signed(dcql_query=query))
    assert (caught.value.code, caught.value.excess) == (excess.kind, (excess,))


def test_a_receiver_that_is_not_entitled_does_not_ask_for_the_bsn() -> None:
    claims = (RegisteredCredential("dc+sd-jwt", (r.DEBT,), (("bsn",),)),)
    assert code_of(r.Question(registration=r.registered(credentials=claims)).signed(dcql_query=asking(["bsn"]))) == "request_bsn"
    entitled = r.Question(registration=r.registered(credentials=claims, bsn_law="Wgs artikel 8"))
    assert verify(entitled.signed(dcql_query=asking(["bsn"]))).registration.bsn_law == "Wgs artikel 8"


def refused(text: str) -> bool:
    try:
        verify(text)
    except RequestProblem:
        return True
    return False


def test_changed_characters_are_refused() -> None:
    text = ASK.signed()
    places = range(0, len(text), 7)
    assert [place for place in places if not refused(text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :])] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53) + 1, (1 << 53) - 1) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["keys", "jwks", "format", "data", "credentials"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(ASK.members())), JSON, min_size=1, max_size=3))
def test_any_members_are_read_or_refused_with_one_error(changes: dict[str, Any]) -> None:
    text = ASK.signed(**changes)
    assert refused(text) or verify(text).nonce


@given(st.text(max_size=300))
def test_any_text_is_refused_with_one_error(text: str) -> None:
    assert code_of(text) == "request_malformed"


def every_code() -> set[str]:
    return {code for kind in get_args(RequestProblemCode) for code in get_args(kind) or [kind]}


def test_every_refusal_has_its_sentence_and_no_sentence_is_left_over() -> None:
    assert len(every_code()) > 30
    assert {f"receiver.problem.{code}" for code in every_code()} == {key for key in all_texts() if key.startswith("receiver.problem.")}
