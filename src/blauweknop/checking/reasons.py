"""Every reason a check can give: a code that stays the same, whether it condemns or leaves open, and its sub-indication in ETSI's words.

The sentences for people stand in the catalogue under `reason.<code>` and `remedy.<code>`. EN 319 102-1 clause 5.1.3 has the
sub-indications; which of them is red is PROTOCOL 7.4.
"""

from collections.abc import Mapping
from typing import Literal

from blauweknop.domain.verdict import CheckResult

__all__ = ["OK", "REASONS", "SKIPPED", "STRUCTURE_OTHER", "SubIndication", "known_reason", "result_of", "sub_indication_of"]

SubIndication = Literal[
    "FORMAT_FAILURE",
    "HASH_FAILURE",
    "SIG_CRYPTO_FAILURE",
    "REVOKED",
    "EXPIRED",
    "NOT_YET_VALID",
    "SIG_CONSTRAINTS_FAILURE",
    "CHAIN_CONSTRAINTS_FAILURE",
    "CRYPTO_CONSTRAINTS_FAILURE",
    "POLICY_PROCESSING_ERROR",
    "SIGNATURE_POLICY_NOT_AVAILABLE",
    "TIMESTAMP_ORDER_FAILURE",
    "NO_SIGNING_CERTIFICATE_FOUND",
    "NO_CERTIFICATE_CHAIN_FOUND",
    "OUT_OF_BOUNDS_NOT_REVOKED",
    "REVOCATION_OUT_OF_BOUNDS_NO_POE",
    "NO_POE",
    "OUT_OF_BOUNDS_NO_POE",
    "TRY_LATER",
    "SIGNED_DATA_NOT_FOUND",
]

OK = "ok"
SKIPPED = "skipped"
STRUCTURE_OTHER = "structure_other"

# What the strict reader says of a file; see document/pdf_*.py and page_text.py.
_FILE = (
    "empty not_a_pdf encrypted file_size header file_end startxref trailing_bytes xref_missing xref_entry xref_mismatch xref_stream "
    "hybrid_xref incremental_update trailer object_number object_kind object_end object_stream duplicate_object too_many_objects "
    "too_many_values too_deep stray_bytes unexpected_token dictionary duplicate_key number name_escape name_length hex_string "
    "string_escape string_length text_string stream_length stream_data stream_filter stream_type external_stream inflate_limit "
    "inflate_ratio missing_object wrong_type page_tree too_many_pages beyond_limits structure_other"
)
_CONTENT = (
    "action script form optional_content external_content multimedia catalog_entry info_entry names_entry page_entry field_tree "
    "annotation link_address attachment_name attachments font pattern graphics_state image_size unreachable_object actual_text"
)
_SEAL_FORM = "no_seal several_seals certification seal_form byte_range contents"
_PAGE = (
    "page_differs page_artifacts letter_impossible to_unicode invisible_text text_off_page unmarked_text marked_content structure_tree "
    "operator operands too_many_operations"
)
_DATA = (
    "data_missing data_form json_malformed schema selection_mismatch envelope_mismatch counts_mismatch credential_missing "
    "credential_format credential_disclosures credential_claims reduced_mismatch"
)
# What stands against the report of a check: see `signed_report`.
_REPORT = "report_malformed report_schema"
# What stands against a credential or presentation: proof_<code of PROTOCOL 4.3>.
_PROOF = (
    "proof_size proof_format proof_alg proof_typ proof_crit proof_x5c proof_sd_alg proof_disclosure_duplicate proof_digest_duplicate "
    "proof_claim_name proof_claim_collision proof_never_sd proof_disclosure_shape proof_disclosure_unreferenced proof_claim_missing "
    "proof_cnf proof_kb_alg proof_kb_typ proof_digest_alg proof_doctype proof_response_status proof_device_key proof_device_alg "
    "proof_device_mac proof_device_claims"
)

# What only the general check of the seals of others finds; see checking/other_seals.py.
_OTHER = "other_signature active_content hidden_content form_content"

_RED: Mapping[SubIndication, str] = {
    "FORMAT_FAILURE": (
        f"{_FILE} {_CONTENT} {_SEAL_FORM} seal_format security_store time_stamp_malformed status_missing status_form status_index {_DATA} "
        f"{_PROOF} {_OTHER} {_REPORT}"
    ),
    "HASH_FAILURE": (
        f"revision_after_seal time_stamp_coverage seal_coverage seal_hash time_stamp_imprint credential_differs proof_digest "
        f"proof_kb_sd_hash other_changed {_PAGE}"
    ),
    "SIG_CRYPTO_FAILURE": (
        "seal_signature time_stamp_signature credential_signature proof_signature proof_kb_signature proof_device_signature "
        "report_signature"
    ),
    "REVOKED": "certificate_revoked authority_revoked time_stamp_revoked credential_revoked withdrawn",
    "EXPIRED": "certificate_expired time_stamp_expired credential_expired proof_expired",
    "NOT_YET_VALID": "certificate_not_yet_valid proof_not_yet_valid",
    "SIG_CONSTRAINTS_FAILURE": (
        "issuer_not_entitled service_withdrawn service_not_started signer_wrong_use source_oin source_name certificate_oin "
        "time_stamp_certificate credential_signer credential_type issued_after_seal reduced_order status_host "
        "proof_vct proof_kb_required proof_kb_aud proof_kb_nonce proof_kb_iat report_checker report_time"
    ),
    "CHAIN_CONSTRAINTS_FAILURE": "chain_constraints credential_chain proof_signed_out_of_time report_chain",
    "NO_SIGNING_CERTIFICATE_FOUND": "seal_certificate_missing",
}
_ORANGE: Mapping[SubIndication, str] = {
    "CRYPTO_CONSTRAINTS_FAILURE": "seal_algorithm chain_algorithm",
    "NO_CERTIFICATE_CHAIN_FOUND": "signer_unknown chain_not_found time_stamp_unknown other_seal_unknown",
    "SIGNATURE_POLICY_NOT_AVAILABLE": "no_trust_list trust_list_unreachable trust_list_malformed other_seal other_dossier",
    "POLICY_PROCESSING_ERROR": (
        "trust_list_signature trust_list_signer_unknown trust_list_rollback trust_list_stale dataset_unknown dataset_version "
        "policy_kind policy_dataset policy_issuer policy_level policy_age_unknown "
        "holder_unproved holder_not_asked proof_several other_judge_missing report_version"
    ),
    "TIMESTAMP_ORDER_FAILURE": "time_stamp_order time_stamp_future issued_in_future reduced_in_future",
    "NO_POE": "time_stamp_missing time_stamp_aged",
    "TRY_LATER": (
        "no_crl crl_malformed crl_critical crl_signature crl_not_yet status_unknown status_list_malformed status_list_signer "
        "status_list_signature status_list_subject status_list_not_yet status_list_expired suspended status_other"
    ),
    "REVOCATION_OUT_OF_BOUNDS_NO_POE": "crl_stale",
    "OUT_OF_BOUNDS_NO_POE": "other_seal_ended",
    "OUT_OF_BOUNDS_NOT_REVOKED": "data_expired policy_age",
}

REASONS: Mapping[str, tuple[CheckResult, SubIndication]] = {
    code: (result, sub_indication)
    for result, table in ((CheckResult.FAIL, _RED), (CheckResult.WARN, _ORANGE))
    for sub_indication, codes in table.items()
    for code in codes.split()
}


def known_reason(code: str) -> str:
    """The code itself, or the general one for a rule of the file reader that is not listed here: still red, never unnamed."""
    return code if code in REASONS else STRUCTURE_OTHER


def result_of(code: str) -> CheckResult:
    """Fail (red) or warn (orange)."""
    return REASONS[code][0]


def sub_indication_of(code: str) -> SubIndication:
    return REASONS[code][1]
