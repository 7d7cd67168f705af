import json
from collections.abc import Callable, Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards.jwe import CREDENTIAL_MESSAGE, Derive, decrypt_jwe, encrypt_jwe, key_agreement, parse_jwe
from blauweknop.standards.jwk import EncryptionKey, public_jwk
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.openid4vci.credential_request import (
    MOST_MESSAGE,
    CredentialMessage,
    CredentialRequest,
    DeferredRequest,
    Notification,
    read_credential_message,
    read_credential_request,
    read_deferred_request,
    read_notification,
    read_notification_message,
)
from tests.unit.standards.pki import p256

OURS, WALLETS = p256(), p256()
RANDOM = Random(5)
JWK: dict[str, JsonValue] = {**public_jwk(WALLETS.public_key()), "alg": "ECDH-ES"}
ENCRYPTION: dict[str, JsonValue] = {"jwk": {**JWK, "use": "enc", "kid": "w"}, "enc": "A128GCM"}
PROOFS: dict[str, JsonValue] = {"jwt": ["a.b.c"]}
REQUEST: dict[str, JsonValue] = {"credential_configuration_id": "duo.studieschuld.sd-jwt", "proofs": PROOFS}
NOTIFICATION: dict[str, JsonValue] = {"notification_id": "bericht", "event": "credential_accepted"}


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(OAuthProblem) as caught:
        act()
    return caught.value.code


def outcome(reader: Callable[[], object]) -> str:
    try:
        reader()
    except OAuthProblem as problem:
        return problem.code
    return "read"


def changed(members: Mapping[str, JsonValue], **changes: JsonValue) -> dict[str, JsonValue]:
    """The members with changes; an empty list leaves one out."""
    return {name: value for name, value in {**members, **changes}.items() if value != []}


def read(members: Mapping[str, JsonValue], *, encrypted: bool = True) -> CredentialRequest:
    return read_credential_request(members, encrypted=encrypted)


def key_for(key_id: str | None) -> Derive | None:
    return key_agreement(OURS) if key_id == "ons" else None


def message(body: bytes, content_type: str = "application/json") -> CredentialMessage:
    return read_credential_message(body, content_type, key_for)


def sealed(content: bytes, key_id: str | None = "ons") -> bytes:
    recipient = EncryptionKey(OURS.public_key(), key_id)
    return encrypt_jwe(content, recipient, CREDENTIAL_MESSAGE, random_bytes=RANDOM.randbytes).encode()


# The message itself.


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_a_message_as_it_is(content_type: str) -> None:
    assert message(json.dumps(REQUEST).encode(), content_type) == CredentialMessage(REQUEST, encrypted=False)


def test_a_message_that_was_encrypted_to_us() -> None:
    assert message(sealed(json.dumps(REQUEST).encode()), "application/jwt") == CredentialMessage(REQUEST, encrypted=True)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jose"])
def test_a_message_of_another_type_is_refused(content_type: str) -> None:
    assert code_of(lambda: message(b"{}", content_type)) == "invalid_credential_request"
    assert code_of(lambda: read_notification_message(b"{}", content_type)) == "invalid_notification_request"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"a":1,"a":2}', b'{"a":1.5}', b'{"a":"\xff"}', b'{"a":' + b"[" * 40])
def test_a_message_that_is_no_object_of_strict_json_is_refused(body: bytes) -> None:
    assert code_of(lambda: message(body)) == "invalid_credential_request"
    assert code_of(lambda: message(sealed(body), "application/jwt")) == "invalid_credential_request"
    assert code_of(lambda: read_notification_message(body, "application/json")) == "invalid_notification_request"


def test_so_large_and_no_larger() -> None:
    body = b'{"a":"' + b"x" * (MOST_MESSAGE - 8) + b'"}'
    assert len(body) == MOST_MESSAGE
    assert message(body).members.keys() == {"a"}
    assert code_of(lambda: message(body + b" ")) == "invalid_credential_request"


@pytest.mark.parametrize(
    "body", [b"", b"a.b.c", b"\xff", b"a.b.c.d.e", sealed(b"{}", "van een ander"), sealed(b"{}", None), sealed(b"{}")[:-2]]
)
def test_a_message_that_was_not_encrypted_to_us_is_refused(body: bytes) -> None:
    assert code_of(lambda: message(body, "application/jwt")) == "invalid_encryption_parameters"


def test_that_a_key_is_not_ours_and_that_it_does_not_fit_is_one_refusal() -> None:
    texts: list[str] = []
    for body in (sealed(b"{}", "van een ander"), sealed(b"{}")[:-2] + b"AA"):
        with pytest.raises(OAuthProblem) as caught:
            message(body, "application/jwt")
        texts.append(str(caught.value))
    assert texts[0] == texts[1]


@given(st.binary(max_size=300), st.sampled_from(["application/json", "application/jwt"]))
def test_any_bytes_are_read_or_refused_with_a_word_for_it(body: bytes, content_type: str) -> None:
    words = {"application/json": "invalid_credential_request", "application/jwt": "invalid_encryption_parameters"}
    assert outcome(lambda: message(body, content_type)) in {"read", words[content_type]}


# Credential requests.


def test_a_request_by_configuration() -> None:
    found = read(REQUEST | {"iets_nieuws": {"a": [1]}}, encrypted=False)
    assert found == CredentialRequest("duo.studieschuld.sd-jwt", None, PROOFS, None)


def test_a_request_by_identifier() -> None:
    members: dict[str, JsonValue] = {"credential_identifier": "een", "proofs": PROOFS}
    assert read(members, encrypted=False) == CredentialRequest(None, "een", PROOFS, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"credential_configuration_id": []},
        {"credential_identifier": "een"},
        {"credential_identifier": None},
        {"credential_configuration_id": None},
        {"credential_configuration_id": ""},
        {"credential_configuration_id": 5},
        {"credential_configuration_id": "a b"},
        {"credential_configuration_id": "é"},
        {"credential_configuration_id": "x" * 257},
        {"credential_configuration_id": [], "format": "dc+sd-jwt", "vct": "https://register.example/vct/x"},
    ],
)
def test_a_request_names_one_thing_in_one_way(changes: dict[str, JsonValue]) -> None:
    assert code_of(lambda: read(changed(REQUEST, **changes))) == "invalid_credential_request"


@pytest.mark.parametrize("proofs", [[], None, "a.b.c", ["a.b.c"], 5])
def test_a_request_without_proofs_is_refused(proofs: JsonValue) -> None:
    assert code_of(lambda: read(changed(REQUEST, proofs=proofs))) == "invalid_proof"


def test_the_single_proof_of_older_drafts_is_refused_with_words_that_help() -> None:
    with pytest.raises(OAuthProblem, match="older drafts") as caught:
        read(changed(REQUEST, proofs=[], proof={"proof_type": "jwt", "jwt": "a.b.c"}))
    assert caught.value.code == "invalid_proof"
    with pytest.raises(OAuthProblem, match=r"expected proofs as an object$"):
        read(changed(REQUEST, proofs=[]))


@pytest.mark.parametrize("encoding", ["A128GCM", "A256GCM"])
def test_the_answer_can_be_opened_by_the_wallet(encoding: str) -> None:
    found = read(REQUEST | {"credential_response_encryption": {**ENCRYPTION, "enc": encoding}}).encryption
    assert found is not None
    received = parse_jwe(found.encrypt(b'{"credentials":[]}', random_bytes=RANDOM.randbytes), CREDENTIAL_MESSAGE)
    assert (received.encoding, received.key_id) == (encoding, "w")
    assert decrypt_jwe(received, key_agreement(WALLETS)) == b'{"credentials":[]}'


def test_the_key_of_the_wallet_needs_no_name() -> None:
    found = read(REQUEST | {"credential_response_encryption": {"jwk": JWK, "enc": "A256GCM"}}).encryption
    assert found is not None
    assert found.recipient == EncryptionKey(WALLETS.public_key(), None)


BAD_ENCRYPTIONS: list[JsonValue] = [
    None,
    "A128GCM",
    {"enc": "A128GCM"},
    changed(ENCRYPTION, enc=[]),
    changed(ENCRYPTION, enc="A128CBC-HS256"),
    changed(ENCRYPTION, enc=["A128GCM"]),
    changed(ENCRYPTION, zip="DEF"),
    changed(ENCRYPTION, zip=None),
    changed(ENCRYPTION, jwk="tekst"),
    changed(ENCRYPTION, jwk=changed(JWK, alg=[])),
    changed(ENCRYPTION, jwk=changed(JWK, alg=[], use="enc"), alg="ECDH-ES"),
    changed(ENCRYPTION, jwk=changed(JWK, alg="RSA-OAEP-256")),
    changed(ENCRYPTION, jwk=changed(JWK, use="sig")),
    changed(ENCRYPTION, jwk=changed(JWK, kty="RSA")),
    changed(ENCRYPTION, jwk=changed(JWK, crv="P-384")),
    changed(ENCRYPTION, jwk=changed(JWK, x=JWK["y"])),
    changed(ENCRYPTION, jwk=changed(JWK, d="AA")),
    changed(ENCRYPTION, jwk=changed(JWK, kid=5)),
]


@pytest.mark.parametrize("encryption", BAD_ENCRYPTIONS)
def test_an_encryption_that_we_cannot_do_is_refused(encryption: JsonValue) -> None:
    request = REQUEST | {"credential_response_encryption": encryption}
    assert code_of(lambda: read(request)) == "invalid_encryption_parameters"
    deferred: dict[str, JsonValue] = {"transaction_id": "later", "credential_response_encryption": encryption}
    assert code_of(lambda: read_deferred_request(deferred, encrypted=True)) == "invalid_encryption_parameters"


def test_who_wants_the_answer_encrypted_encrypts_the_request() -> None:
    request = REQUEST | {"credential_response_encryption": ENCRYPTION}
    assert code_of(lambda: read(request, encrypted=False)) == "invalid_encryption_parameters"


# Deferred requests.


def test_a_deferred_request() -> None:
    assert read_deferred_request({"transaction_id": "later"}, encrypted=False) == DeferredRequest("later", None)
    both: dict[str, JsonValue] = {"transaction_id": "later", "credential_response_encryption": ENCRYPTION}
    found = read_deferred_request(both, encrypted=True).encryption
    assert found is not None
    assert found.recipient == EncryptionKey(WALLETS.public_key(), "w")


@pytest.mark.parametrize("name", [[], None, "", 5, "a b", "x" * 257])
def test_a_deferred_request_without_a_name_is_refused(name: JsonValue) -> None:
    assert code_of(lambda: read_deferred_request(changed({}, transaction_id=name), encrypted=False)) == "invalid_transaction_id"


# Notifications.


@pytest.mark.parametrize("event", ["credential_accepted", "credential_failure", "credential_deleted"])
def test_what_a_wallet_tells(event: str) -> None:
    told = read_notification(changed(NOTIFICATION, event=event, event_description="Storage was full. #3", iets_nieuws=True))
    assert (told.notification_id, told.event) == ("bericht", event)


def test_a_notification_without_a_description() -> None:
    body = json.dumps(NOTIFICATION).encode()
    assert read_notification(read_notification_message(body, "application/json")) == Notification("bericht", "credential_accepted")


@pytest.mark.parametrize("name", [[], None, "", 5, "a b", "x" * 257])
def test_a_notification_without_a_name_is_refused(name: JsonValue) -> None:
    assert code_of(lambda: read_notification(changed(NOTIFICATION, notification_id=name))) == "invalid_notification_id"


@pytest.mark.parametrize(
    "changes",
    [
        {"event": []},
        {"event": None},
        {"event": "credential_stolen"},
        {"event": "Credential_Accepted"},
        {"event": {"a": 1}},
        {"event_description": None},
        {"event_description": 5},
        {"event_description": "é"},
        {"event_description": 'a"b'},
        {"event_description": "a\\b"},
        {"event_description": "a\nb"},
        {"event_description": "x" * 1001},
    ],
)
def test_a_notification_of_another_form_is_refused(changes: dict[str, JsonValue]) -> None:
    assert code_of(lambda: read_notification(changed(NOTIFICATION, **changes))) == "invalid_notification_request"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)
NAMES = st.sampled_from([*REQUEST, "credential_identifier", "credential_response_encryption", "transaction_id", *NOTIFICATION])


@given(st.dictionaries(NAMES, VALUES))
def test_any_object_is_read_or_refused_with_a_word_of_openid4vci(members: dict[str, JsonValue]) -> None:
    bad_encryption = "invalid_encryption_parameters"
    assert outcome(lambda: read(members)) in {"read", "invalid_credential_request", "invalid_proof", bad_encryption}
    assert outcome(lambda: read_deferred_request(members, encrypted=True)) in {"read", "invalid_transaction_id", bad_encryption}
    assert outcome(lambda: read_notification(members)) in {"read", "invalid_notification_id", "invalid_notification_request"}


def test_names_of_transactions_stay_out_of_sight() -> None:
    shown = repr([read_deferred_request({"transaction_id": "geheim"}, encrypted=False), read_notification({**NOTIFICATION})])
    assert "geheim" not in shown
    assert "bericht" not in shown
