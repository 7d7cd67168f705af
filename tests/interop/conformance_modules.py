"""The modules of the conformance suite of the OpenID Foundation for issuers and verifiers under HAIP, and which tests of ours hold the same
rule.

The names are those of the plans `oid4vci-1_0-issuer-haip-test-plan` and `oid4vp-1final-verifier-haip-test-plan`, as their sources had
them in the autumn of 2026. The suite itself is a
server with a database and a browser of its own, which is not run here; whoever runs it against us knows from this table what to expect.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["MODULES", "PLAN", "Cover", "lines_of_modules"]

PLAN = "oid4vci-1_0-issuer-haip-test-plan"
_ASKING = "unit/verifier/asking"
_VERIFIER = "oid4vp-1final-verifier-"
_WALLET = "unit/issuer/wallet"
_MESSAGES = "unit/standards/openid4vci"
_FOREIGN = "interop/test_foreign_wallets.py"
_ISSUER = "oid4vci-1_0-issuer-"
_SERVER = "fapi2-security-profile-final-"


@dataclass(frozen=True, slots=True)
class Cover:
    """Tests as `file::name` below tests; `but` says what of the module we do not do, and why."""

    tests: tuple[str, ...]
    but: str = ""


def _wallet(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{_WALLET}/test_{file}.py::{name}" for name in names)


def _messages(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{_MESSAGES}/test_{file}.py::{name}" for name in names)


def _foreign(*names: str) -> tuple[str, ...]:
    return tuple(f"{_FOREIGN}::{name}" for name in names)


_FLOW = (
    *_wallet("codes", "test_a_wallet_fetches_what_the_person_agreed_to"),
    *_foreign("test_a_wallet_fetches_after_a_login_in_the_browser"),
)
_BOUND = _wallet(
    "codes", "test_a_code_that_is_bound_to_a_key_gives_no_token_to_another", "test_a_key_that_was_proved_when_asking_binds_the_code"
)
_NEEDED = _messages("authorization_request", "test_what_is_needed_is_there")
_ONLY_PUSHED = _wallet("pushed_requests", "test_a_person_comes_with_a_pushed_request_only")
_ONLY_CODE = _messages("authorization_request", "test_only_a_code_is_given")
_ADDRESS = _wallet("consent_pages", "test_what_else_is_in_the_address_changes_nothing")
_TIMES = (
    *_wallet("possession", "test_a_proof_is_of_its_time_to_the_second"),
    "unit/standards/test_dpop.py::test_a_proof_counts_to_the_last_second_of_its_minute",
)

_OF_ISSUERS: Mapping[str, Cover] = {
    "metadata-test": Cover(
        _wallet(
            "metadata_documents",
            "test_a_document_names_exactly_the_issuer_that_was_asked_for",
            "test_each_endpoint_in_the_documents_is_there",
        )
    ),
    "metadata-test-signed": Cover(
        (
            *_wallet("metadata_documents", "test_the_signed_document_says_the_same_as_the_plain_one"),
            *_foreign("test_one_wallet_believes_the_signed_metadata_of_each_source_and_the_other_the_plain_ones"),
        )
    ),
    "happy-flow": Cover(_FLOW),
    "happy-flow-additional-requests": Cover(
        (),
        "It asks for the same credential again with the same token. Here a consent is for one delivery"
        " ([ADR 0025](adr/0025-wallets-get-one-delivery-for-one-consent.md)).",
    ),
    "happy-flow-multiple-clients": Cover(
        (
            *_wallet("codes", "test_a_code_of_another_wallet_is_refused"),
            *_foreign("test_a_wallet_gets_what_the_source_says_once_for_each_of_its_keys"),
        )
    ),
    "happy-flow-skip-notification": Cover(_FLOW),
    "batch-issuance": Cover(
        (
            "unit/document/test_wallet_credentials.py::test_two_copies_share_no_salt_digest_key_signature_or_place_in_a_status_list",
            "unit/document/test_wallet_credentials.py::test_all_copies_have_the_same_times_and_these_are_whole_days",
            *_wallet("credential_proofs", "test_each_credential_is_for_the_key_of_its_proof"),
        )
    ),
    "fail-invalid-nonce": Cover(_wallet("credential_proofs", "test_a_proof_without_a_nonce_of_the_source_is_refused")),
    "fail-invalid-jwt-proof-signature": Cover(_wallet("credential_proofs", "test_a_proof_with_another_signature_is_refused")),
    "fail-invalid-key-attestation-signature": Cover(
        _messages("key_proofs", "test_an_attestation_by_somebody_who_may_not_vouch_is_refused")
    ),
    "fail-invalid-client-attestation-signature": Cover(
        (
            *_wallet("who_calls", "test_an_attestation_with_another_signature_is_refused"),
            *_messages("client_attestation", "test_every_changed_character_of_an_attestation_is_refused"),
        )
    ),
    "fail-invalid-client-attestation-pop-signature": Cover(
        _messages("client_attestation", "test_every_changed_character_of_a_proof_is_refused")
    ),
    "fail-client-attestation-exp-in-past": Cover(_messages("client_attestation", "test_an_attestation_that_ended_is_refused")),
    "fail-client-attestation-no-sub": Cover(_wallet("who_calls", "test_an_attestation_that_does_not_say_what_it_must_is_refused")),
    "fail-client-attestation-pop-wrong-aud": Cover(
        _wallet("who_calls", "test_a_proof_of_possession_for_another_server_moment_or_wallet_is_refused")
    ),
    "fail-mismatched-client-attestation-pop-key": Cover(_wallet("who_calls", "test_a_proof_of_possession_by_another_key_is_refused")),
    "fail-missing-proof": Cover(_wallet("credential_proofs", "test_without_proofs_nothing_is_given")),
    "fail-unsupported-encryption-algorithm": Cover(_messages("credential_request", "test_an_encryption_that_we_cannot_do_is_refused")),
    "fail-unknown-credential-configuration": Cover(_wallet("conformance", "test_a_configuration_that_nobody_knows_is_refused")),
    "fail-unknown-credential-identifier": Cover(_wallet("conformance", "test_an_identifier_that_was_not_given_is_refused")),
    "fail-on-access-token-in-query": Cover(_wallet("possession", "test_a_token_in_the_address_is_refused_even_beside_the_right_one")),
}
_OF_SERVERS: Mapping[str, Cover] = {
    "discovery-end-point-verification": Cover(_wallet("metadata_documents", "test_the_server_asks_for_pushed_requests_pkce_and_dpop")),
    "access-token-type-header-case-sensitivity": Cover(_wallet("possession", "test_the_scheme_may_be_written_in_any_letters")),
    "attempt-reuse-authorization-code-after-one-second": Cover(
        _wallet("codes", "test_a_code_is_used_once", "test_a_second_use_of_a_code_ends_the_token_of_the_first")
    ),
    "ensure-token-endpoint-fails-with-expired-auth-code": Cover(_wallet("codes", "test_a_code_ends_after_a_minute")),
    "check-dpop-proof-nbf-exp": Cover(_wallet("possession", "test_other_claims_of_time_and_a_query_are_not_looked_at")),
    "dpop-negative-tests": Cover(
        _wallet("possession", "test_a_token_is_shown_with_a_proof_for_this_request", "test_a_token_is_shown_with_a_proof_of_the_right_kind")
    ),
    "ensure-authorization-code-is-bound-to-client": Cover(_wallet("codes", "test_a_code_of_another_wallet_is_refused")),
    "ensure-authorization-request-with-long-state": Cover(_messages("authorization_request", "test_a_state_may_be_long")),
    "ensure-authorization-request-without-state-success": Cover(
        _wallet("pushed_requests", "test_an_answer_to_a_request_without_state_has_none")
    ),
    "ensure-client-id-in-token-endpoint": Cover(_wallet("who_calls", "test_a_form_may_not_name_another_wallet_than_the_attestation")),
    "ensure-different-state-inside-and-outside-request-object": Cover(_ADDRESS),
    "ensure-dpop-auth-code-binding-success": Cover(_BOUND),
    "ensure-dpopproof-at-par-endpoint-binding-success": Cover(_BOUND),
    "ensure-dpopproof-with-iat-10seconds-after-succeeds": Cover(_TIMES),
    "ensure-dpopproof-with-iat-10seconds-before-succeeds": Cover(_TIMES),
    "ensure-holder-of-key-required": Cover(_wallet("possession", "test_each_endpoint_of_the_source_asks_for_a_proof")),
    "ensure-mismatched-dpop-jkt-fails": Cover(_wallet("pushed_requests", "test_a_key_that_is_announced_must_be_the_one_that_is_proved")),
    "ensure-redirect-uri-in-authorization-request": Cover(_NEEDED),
    "ensure-request-object-without-redirect-uri-fails": Cover(_NEEDED),
    "ensure-response-type-code-idtoken-fails": Cover(_ONLY_CODE),
    "ensure-response-type-token-fails": Cover(_ONLY_CODE),
    "ensure-token-endpoint-fails-with-mismatched-dpop-jkt": Cover(_BOUND),
    "ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt": Cover(_BOUND),
    "ensure-unsigned-authorization-request-without-using-par-fails": Cover(_ONLY_PUSHED),
    "happy-flow": Cover(_FLOW),
    "par-attempt-reuse-request_uri": Cover(_wallet("pushed_requests", "test_a_request_is_used_once")),
    "par-attempt-to-use-expired-request_uri": Cover(_wallet("pushed_requests", "test_a_request_ends_after_a_minute")),
    "ensure-pkce-code-verifier-required": Cover(_wallet("codes", "test_a_code_with_anything_else_beside_it_gives_no_token")),
    "par-ensure-pkce-required": Cover(_NEEDED),
    "par-plain-pkce-rejected": Cover(_messages("authorization_request", "test_only_s256_counts_as_pkce")),
    "par-attempt-to-use-request_uri-for-different-client": Cover(_wallet("pushed_requests", "test_a_request_is_of_one_wallet")),
    "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds": Cover(
        _wallet("consent_pages", "test_a_request_works_once"),
        "It is a recommendation, and gives a warning: here a request is used up when the person comes with it, and the page behind"
        " it may be opened again.",
    ),
    "incorrect-pkce-code-verifier-rejected": Cover(_wallet("codes", "test_a_code_is_gone_after_a_wrong_verifier")),
    "par-attempt-invalid-http-method": Cover(_wallet("conformance", "test_a_request_is_pushed_and_not_fetched")),
    "par-authorization-request-containing-request_uri-form-param": Cover(
        _messages("authorization_request", "test_a_request_in_or_behind_the_request_is_refused")
    ),
    "par-without-duplicate-parameters": Cover(_FLOW),
    "refresh-token": Cover(
        _wallet("codes", "test_the_answer_holds_a_token_for_five_minutes_and_no_way_to_another"),
        "There are none: data that need DigiD ask a new login. The module skips itself.",
    ),
    "state-only-outside-request-object-not-used": Cover(_ADDRESS),
    "plain-fapi-tolerate-unregistered-redirect-uri": Cover(
        _wallet("pushed_requests", "test_a_request_that_breaks_a_rule_is_refused"),
        "Either is allowed; here an address that is not registered is refused.",
    ),
    "user-rejects-authentication": Cover(_wallet("consent_pages", "test_who_says_no_goes_back_to_the_wallet_with_nothing")),
}


def _asking(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{_ASKING}/test_{file}.py::{name}" for name in names)


_DROPPED = _asking("refused_answers", "test_a_presentation_that_is_not_good_is_dropped")
_SPOILED = (*_DROPPED, *_foreign("test_we_refuse_what_a_wallet_spoils"))
_BINDING = ("unit/standards/test_sd_jwt_vc.py::test_a_presentation_that_breaks_a_rule_is_refused",)

_OF_VERIFIERS: Mapping[str, Cover] = {
    "happy-flow": Cover(
        (
            *_asking("there_and_back", "test_what_was_asked_and_shown_is_kept_when_its_browser_comes_back"),
            *_foreign("test_we_keep_what_a_wallet_presents", "test_we_keep_the_mobile_document_that_a_wallet_presents"),
        ),
        "The suite fetches the question by GET, as a wallet does that knows no `request_uri_method`: give `get = true` in `[requests]`.",
    ),
    "minimal-cnf-jwk": Cover(_asking("there_and_back", "test_what_was_asked_and_shown_is_kept_when_its_browser_comes_back")),
    "request-uri-method-post": Cover(
        _asking("fetching", "test_mijn_blauwe_knop_is_led_to_a_question_that_it_accepts", "test_a_holder_need_not_give_a_nonce")
    ),
    "request-uri-fetched-twice": Cover(
        _asking("fetching", "test_a_question_is_given_once"),
        "It wants the question once more. Here a question is given once, so that nobody who saw the link gets it too; a wallet that lost it"
        " begins again on the page.",
    ),
    "invalid-session-transcript": Cover(_asking("there_and_back", "test_a_mobile_document_of_another_session_is_no_answer")),
    "invalid-kb-jwt-signature": Cover(_foreign("test_we_refuse_what_a_wallet_spoils")),
    "invalid-credential-signature": Cover((*_DROPPED, *_BINDING)),
    "invalid-sd-hash": Cover(_BINDING),
    "invalid-kb-jwt-nonce": Cover(_SPOILED),
    "invalid-kb-jwt-aud": Cover(_SPOILED),
    "kb-jwt-iat-in-past": Cover(_DROPPED),
    "kb-jwt-iat-in-future": Cover(_DROPPED),
    "present-credential-without-status": Cover(
        _asking("refused_answers", "test_a_credential_without_status_that_lives_longer_than_a_day_is_dropped")
    ),
    "present-revoked-credential": Cover(_asking("refused_answers", "test_a_withdrawn_credential_is_dropped")),
    "present-credential-on-identifier-list": Cover(
        _asking("refused_answers", "test_a_withdrawn_credential_is_dropped"),
        "Identifier lists are not in this scheme: the status of a mobile document is in a status list, and without one it is not taken.",
    ),
}

MODULES: Mapping[str, Cover] = {
    **{_ISSUER + name: cover for name, cover in _OF_ISSUERS.items()},
    **{_SERVER + name: cover for name, cover in _OF_SERVERS.items()},
    **{_VERIFIER + name: cover for name, cover in _OF_VERIFIERS.items()},
}


def lines_of_modules() -> str:
    """The table."""
    rows = []
    for module, cover in MODULES.items():
        tests = ", ".join(f"`{test}`" for test in cover.tests) or "none"
        rows.append(f"| `{module}` | {tests} | {cover.but} |\n")
    return "| module | our tests | but |\n|---|---|---|\n" + "".join(rows)
