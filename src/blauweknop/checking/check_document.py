"""The one way to check a certified document: sixteen numbered steps, each with its answer, and one verdict over them.

 1 container       one PDF from its first byte to its last, not encrypted; after the seal       PROTOCOL 7.5 items 1 and 3, 7.6
                   only proofs about it
 2 structure       every byte belongs to one object, every page once                            7.5 items 4 and 6
 3 active_content  nothing that acts, hides or comes from elsewhere                             7.5 item 5
 4 seal_coverage   one certification seal over the whole first revision                         7.5 item 2, ISO 32000-1 12.8
 5 seal            the seal fits these bytes                                                    EN 319 102-1 5.2.7
 6 time_stamp      a time stamp proves when                                                     RFC 3161, EN 319 102-1 5.4
 7 trust_list      there is a list of trusted organisations, of now                             5.2
 8 chain           seal and time stamp are of certificates on that list                         EN 319 102-1 5.2.6
 9 revocation      which were not taken back before the sealing                                 EN 319 102-1 5.2.5
10 issuer          the organisation may certify this, and speaks in its own name                5.2
11 content         the data are inside, as JSON that reads in one way                           7.5 item 7
12 schema          and have the published form, and agree with themselves                       7.2
13 credential      the credential inside says the same                                          4.3
14 page_text       the pages say the same                                                       7.5 item 7
15 validity        the source meant them for now                                                7.4
16 status          the source did not withdraw them                                             5.1

A PDF that somebody else made and signed gets the steps of `other_seals` instead, and is never green; so does a dossier of a receiver.
The report of a check (`verification_report`) is sealed like a document; its steps are in `report_steps`.
A document that its holder made smaller has no seal: for it steps 4 to 6, 8, 9, 12, 13 and 15 are those of `reduced_steps`.

No network, no clock: what is trusted and what time it is are arguments. A step that cannot run is skipped, and a skipped step is never
green. One step that condemns makes the verdict red; one that leaves something open makes it orange.
"""

from collections.abc import Callable
from datetime import datetime

from blauweknop.catalogue import Catalogue
from blauweknop.checking.concluding import conclude, named_in
from blauweknop.checking.content_steps import check_content, check_schema, check_status, check_validity
from blauweknop.checking.credential_step import check_credential
from blauweknop.checking.file_steps import check_active_content, check_container, check_seal, check_seal_coverage, check_structure
from blauweknop.checking.other_seals import check_other_seal, has_dossier
from blauweknop.checking.page_step import check_page_text
from blauweknop.checking.reduced_steps import (
    check_no_seal,
    check_no_time_stamp,
    check_reduced_chain,
    check_reduced_credential,
    check_reduced_schema,
    check_reduced_validity,
    check_signature_of_credential,
    says_it_is_reduced,
)
from blauweknop.checking.report_steps import check_sealed_report, reported_check, says_it_is_report
from blauweknop.checking.steps import Evidence, Steps, run_step
from blauweknop.checking.trust import Trust
from blauweknop.checking.trust_steps import check_chain, check_issuer, check_revocation_of_chain, check_time_stamp, check_trust_list
from blauweknop.domain.representation import REPRESENTATIVE
from blauweknop.domain.verdict import CheckedKind, Verdict, VerdictFacts

__all__ = ["check_document"]


def check_document(pdf: bytes, *, trust: Trust, at: datetime, catalogue: Catalogue) -> Verdict:
    """The verdict on a document at the aware moment `at`; only `Verified` holds its data.

    Hostile bytes give a verdict, never an exception; how much time and memory they may cost is bounded for the file's size, and an
    upload of a stranger is checked in a process of its own (`adapters.sandbox`).
    """
    evidence = Evidence(pdf, trust, at, catalogue)
    steps = Steps()
    _check_file(evidence, steps)
    run_step("trust_list", check_trust_list, evidence, steps)
    if steps.passed("seal"):
        _steps_for(evidence, steps)(evidence, steps)
    # A file that has our form up to its seal is judged as ours; any other, and a dossier, may have the seal of somebody else.
    ours = steps.passed("seal_coverage") and not _is_dossier(evidence)
    other = None if ours else check_other_seal(pdf, trust=trust, at=at)
    return other or verdict_of(evidence, steps)


def _steps_for(evidence: Evidence, steps: Steps) -> Callable[[Evidence, Steps], None]:
    if steps.kind is CheckedKind.REPORT:
        return check_sealed_report
    return _check_reduced if evidence.reduced else _check_sealed


def _check_file(evidence: Evidence, steps: Steps) -> None:
    # 1 and 2 are one reading of the file.
    reader_code: str | None = None

    def container(given: Evidence) -> None:
        nonlocal reader_code
        reader_code = check_container(given)

    run_step("container", container, evidence, steps)
    if steps.passed("container"):
        run_step("structure", lambda given: check_structure(given, reader_code), evidence, steps)
    # 3 and 4 do not stand on each other: both reasons are told.
    if steps.passed("structure"):
        run_step("active_content", check_active_content, evidence, steps)
        evidence.reduced = steps.passed("active_content") and says_it_is_reduced(evidence)
        steps.kind = CheckedKind.REPORT if steps.passed("active_content") and says_it_is_report(evidence) else CheckedKind.DOCUMENT
        run_step("seal_coverage", check_no_seal if evidence.reduced else check_seal_coverage, evidence, steps)
    if steps.passed("seal_coverage"):
        run_step("seal", check_signature_of_credential if evidence.reduced else check_seal, evidence, steps)


def _is_dossier(evidence: Evidence) -> bool:
    return evidence.file is not None and has_dossier(evidence.file.objects.values())


def _check_sealed(evidence: Evidence, steps: Steps) -> None:
    run_step("time_stamp", check_time_stamp, evidence, steps)  # 6
    if steps.not_failed("time_stamp"):
        run_step("chain", check_chain, evidence, steps)  # 8
    if steps.passed("chain"):
        run_step("revocation", check_revocation_of_chain, evidence, steps)  # 9
    if steps.passed("active_content"):
        run_step("content", check_content, evidence, steps)  # 11
    if steps.passed("content"):
        run_step("schema", check_schema, evidence, steps)  # 12
    run_step("issuer", check_issuer, evidence, steps)  # 10, which looks at the content too
    run_step("credential", check_credential, evidence, steps)  # 13
    run_step("page_text", check_page_text, evidence, steps)  # 14
    run_step("validity", check_validity, evidence, steps)  # 15
    run_step("status", check_status, evidence, steps)  # 16


def _check_reduced(evidence: Evidence, steps: Steps) -> None:
    """The same steps for a document that its holder made smaller, see `reduced_steps`."""
    run_step("time_stamp", check_no_time_stamp, evidence, steps)  # 6
    run_step("chain", check_reduced_chain, evidence, steps)  # 8
    if steps.passed("chain"):
        run_step("revocation", check_revocation_of_chain, evidence, steps)  # 9
    run_step("content", check_content, evidence, steps)  # 11
    if steps.passed("content"):
        run_step("schema", check_reduced_schema, evidence, steps)  # 12
    run_step("issuer", check_issuer, evidence, steps)  # 10
    run_step("credential", check_reduced_credential, evidence, steps)  # 13
    run_step("page_text", check_page_text, evidence, steps)  # 14
    if steps.passed("schema"):
        run_step("validity", check_reduced_validity, evidence, steps)  # 15
    run_step("status", check_status, evidence, steps)  # 16


def verdict_of(evidence: Evidence, steps: Steps) -> Verdict:
    return conclude(_facts(evidence, steps), evidence.content)


def _facts(evidence: Evidence, steps: Steps) -> VerdictFacts:
    content = evidence.content if evidence.dataset and evidence.content else {}
    recognised = evidence.entity if steps.passed("chain") else None
    stamp, trust_list = evidence.time_stamp, evidence.trust.trust_list
    return VerdictFacts(
        steps.as_list(),
        issuer_oin=recognised.oin.digits if recognised else None,
        issuer_name=recognised.name.nl if recognised else None,
        dataset=_text(content.get("type")),
        reference_date=_text(content.get("reference_date")),
        valid_until=_text(content.get("valid_until")),
        status=evidence.status,
        status_uri=evidence.status_uri,
        status_index=evidence.status_index,
        seal_time=_claimed_time(evidence),
        best_signature_time=stamp.moment if stamp and steps.passed("chain") else None,
        trust_list_sequence=trust_list.sequence if trust_list else None,
        sealed_by=named_in(evidence.verified_seal.certificate) if evidence.verified_seal else None,
        kind=steps.kind,
        reported=reported_check(evidence),
        represented=REPRESENTATIVE in content,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _claimed_time(evidence: Evidence) -> datetime | None:
    """/M of the seal, `D:YYYYMMDDHHMMSS+00'00'` as we write it; what the seal says itself, beside what the time stamp proves."""
    if evidence.verified_seal is None or evidence.seal is None or evidence.seal.moment is None:
        return None
    try:
        return datetime.strptime(evidence.seal.moment.replace("'", ""), "D:%Y%m%d%H%M%S%z")
    except ValueError:
        return None
