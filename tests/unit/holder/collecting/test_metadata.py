"""What a source tells of itself is believed only as far as it speaks for itself."""

from dataclasses import replace

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.holder.collecting.metadata import describe
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from tests.unit.holder.collecting.collecting_world import CollectingWorld, changed_json
from tests.unit.issuer.wallet.wallet_world import IDENTIFIER

ISSUER, SERVER = "/openid-credential-issuer/duo", "/oauth-authorization-server/duo"
OTHER = "http://evil.example/duo"


def problem(here: CollectingWorld) -> str:
    with pytest.raises(SourceProblem) as caught:
        describe(here.source, here.wire)
    return caught.value.code


def test_a_source_describes_itself(here: CollectingWorld) -> None:
    found = describe(here.source, here.wire)
    assert (found.issuer, found.document) == (IDENTIFIER, f"{IDENTIFIER}/oid4vci/document")


@pytest.mark.parametrize(
    ("end", "name", "said"),
    [
        (ISSUER, "credential_issuer", OTHER),
        (ISSUER, "credential_issuer", None),
        (ISSUER, "authorization_servers", [OTHER]),
        (ISSUER, "authorization_servers", [IDENTIFIER, OTHER]),
        (ISSUER, "authorization_servers", "x"),
        (ISSUER, "credential_endpoint", "http://evil.example/duo/oid4vci/credential"),
        (ISSUER, "credential_endpoint", "http://duo.example:8080/credential"),
        (ISSUER, "credential_endpoint", "http://duo.example@evil.example/credential"),
        (ISSUER, "credential_endpoint", "http://x@duo.example/credential"),
        (ISSUER, "credential_endpoint", "http://duo.example/credential?next=evil"),
        (ISSUER, "credential_endpoint", "file:///etc/passwd"),
        (ISSUER, "credential_endpoint", "http://[::1"),
        (ISSUER, "nonce_endpoint", "http://169.254.169.254/latest"),
        (ISSUER, "deferred_credential_endpoint", "http://localhost/x"),
        (ISSUER, "notification_endpoint", OTHER),
        (ISSUER, "credential_configurations_supported", []),
        (ISSUER, "batch_credential_issuance", {"batch_size": 0}),
        (ISSUER, "batch_credential_issuance", {"batch_size": True}),
        (SERVER, "issuer", OTHER),
        (SERVER, "pushed_authorization_request_endpoint", OTHER),
        (SERVER, "authorization_endpoint", OTHER),
        (SERVER, "token_endpoint", OTHER),
        (SERVER, "token_endpoint", 7),
        (SERVER, "token_endpoint_auth_methods_supported", ["client_secret_basic"]),
        (SERVER, "code_challenge_methods_supported", ["plain"]),
        (SERVER, "authorization_response_iss_parameter_supported", False),
        (SERVER, "authorization_response_iss_parameter_supported", None),
    ],
)
def test_a_source_that_lies_or_lacks_something_is_refused(here: CollectingWorld, end: str, name: str, said: JsonValue) -> None:
    here.wire.instead[end] = changed_json(**{name: said})
    assert problem(here) == "answer"


@pytest.mark.parametrize("end", [ISSUER, SERVER])
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"a":1,"a":2}', b"[" * 100_000, b'{"x":"' + b"y" * 2_000_000 + b'"}'])
def test_what_is_no_plain_object_is_refused(here: CollectingWorld, end: str, body: bytes) -> None:
    here.wire.instead[end] = Answer(200, {}, body)
    assert problem(here) == "answer"


@pytest.mark.parametrize(("status", "code"), [(404, "answer"), (302, "answer"), (429, "busy"), (503, "busy")])
def test_another_status_is_no_description(here: CollectingWorld, status: int, code: str) -> None:
    here.wire.instead[SERVER] = Answer(status, {}, b"{}")
    assert problem(here) == code


def test_the_documents_of_another_issuer_on_the_same_host_are_not_taken(here: CollectingWorld) -> None:
    real = here.wire
    here.source = replace(here.source, issuer="http://duo.example/uwv")
    names = ("openid-credential-issuer", "oauth-authorization-server")
    answers = {name: real("GET", f"http://duo.example/.well-known/{name}/duo", headers={}, content=None) for name in names}
    for name, answer in answers.items():
        here.wire.instead[f"{name}/uwv"] = answer
    assert problem(here) == "answer"
